# cmd/mail-read
