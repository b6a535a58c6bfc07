# lib/state
ROOMS_3 += lib/state/libstate.a
noinst_LIBRARIES += lib/state/libstate.a
lib_state_libstate_a_SOURCES = lib/state/state.c lib/state/state.h

