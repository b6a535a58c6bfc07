# lib/dsn
