# cmd/mail-deliver
