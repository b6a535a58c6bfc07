# lib/route: plan.c and plan_json.c stand alone, so that mail-send reads plans without loading a resolver
ROOMS_5 += lib/route/libroute.a
noinst_LIBRARIES += lib/route/libroute.a
lib_route_libroute_a_SOURCES = lib/route/dane.c lib/route/helper.c lib/route/helper.h lib/route/host.c lib/route/job.h lib/route/mx.c lib/route/operand.c \
	lib/route/plan.c lib/route/plan.h lib/route/plan_json.c lib/route/require.c lib/route/sts_job.c lib/route/route.c lib/route/route.h lib/route/sts.c lib/route/sts.h

UNIT += tests/unit/route/route
tests_unit_route_route_SOURCES = tests/unit/route/route.c tests/unit/tap.h
tests_unit_route_route_LDADD = lib/route/libroute.a $(FLOOR_4) $(LIBS_ALL)

UNIT += tests/unit/route/sts
tests_unit_route_sts_SOURCES = tests/unit/route/sts.c tests/unit/tap.h
tests_unit_route_sts_LDADD = lib/route/libroute.a $(FLOOR_4) $(LIBS_ALL)
