# lib/dns
