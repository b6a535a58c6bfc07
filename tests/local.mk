# what is not a unit test of one room: programs, dialogs, faults, fuzz corpora.  The laboratory (tests/live) is run by ./check.
EXTRA_DIST += tests/unit/tap.h
