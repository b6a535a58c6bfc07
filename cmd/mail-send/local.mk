# cmd/mail-send
