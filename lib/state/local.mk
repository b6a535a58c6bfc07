# lib/state
