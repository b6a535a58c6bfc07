# lib/account
