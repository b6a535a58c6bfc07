# cmd/mail-fetch
