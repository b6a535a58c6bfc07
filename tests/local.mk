# What is not a unit test of one room: the house itself, what all programs do alike, fuzz corpora.  A program's tests are listed in its
# own local.mk; the laboratory (tests/live) is run by ./check.
TESTS += tests/house/floors.t tests/house/headers.t tests/house/format.t tests/house/man.t tests/house/ldd.t tests/house/keys.t \
	tests/house/install.t tests/house/dist.t tests/cmd/common.t tests/cmd/badinput.t tests/cmd/examples.t tests/cmd/json.t tests/cmd/prompt.t
# scripted servers (format: tests/tools/dialog.py)
TESTS += tests/dialog/run.t
EXTRA_DIST += tests/unit/tap.h tests/lib.sh tests/certs.sh tests/house/ldd.list tests/live tests/dialog tests/tools tests/fuzz/corpus tests/bench $(filter %.t,$(TESTS))

# speed and memory beside the peers', on a quiet machine (tests/bench/run says how)
bench: all
	SURAT_BUILD='$(abs_top_builddir)' $(srcdir)/tests/bench/run
.PHONY: bench

include tests/fuzz/local.mk
