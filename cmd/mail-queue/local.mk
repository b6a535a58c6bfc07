# cmd/mail-queue
