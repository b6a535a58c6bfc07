# lib/fetch
