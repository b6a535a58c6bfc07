# lib/deliver
