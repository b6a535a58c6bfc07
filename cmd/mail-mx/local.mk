# cmd/mail-mx
