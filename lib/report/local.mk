ROOMS_3 += lib/report/libreport.a
noinst_LIBRARIES += lib/report/libreport.a
lib_report_libreport_a_SOURCES = lib/report/human.c lib/report/internal.h lib/report/json.c lib/report/report.c lib/report/report.h \
	lib/report/table.c lib/report/terminal.c

UNIT += tests/unit/report/report
tests_unit_report_report_SOURCES = tests/unit/report/report.c tests/unit/tap.h
tests_unit_report_report_LDADD = lib/report/libreport.a $(FLOOR_2) $(LIBS_3)
