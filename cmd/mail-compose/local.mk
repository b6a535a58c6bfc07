# cmd/mail-compose
