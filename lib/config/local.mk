ROOMS_3 += lib/config/libconfig.a
noinst_LIBRARIES += lib/config/libconfig.a
lib_config_libconfig_a_SOURCES = lib/config/config.c lib/config/config.h

UNIT += tests/unit/config/config
tests_unit_config_config_SOURCES = tests/unit/config/config.c tests/unit/tap.h
tests_unit_config_config_LDADD = lib/config/libconfig.a $(FLOOR_2) $(LIBS_3)
