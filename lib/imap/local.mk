# lib/imap
