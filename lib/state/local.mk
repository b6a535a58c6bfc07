# lib/state
ROOMS_3 += lib/state/libstate.a
noinst_LIBRARIES += lib/state/libstate.a
lib_state_libstate_a_SOURCES = lib/state/state.c lib/state/state.h


UNIT += tests/unit/state/state
tests_unit_state_state_SOURCES = tests/unit/state/state.c tests/unit/tap.h
tests_unit_state_state_LDADD = lib/state/libstate.a $(FLOOR_2) $(LIBS_3)
