# lib/codec
