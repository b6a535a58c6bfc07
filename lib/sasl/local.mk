# lib/sasl
