# lib/submit
