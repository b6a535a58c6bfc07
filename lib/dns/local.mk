# lib/dns: libunbound asks, ldns reads; only mail-mx links this room's engine
ROOMS_3 += lib/dns/libdns.a
noinst_LIBRARIES += lib/dns/libdns.a
lib_dns_libdns_a_SOURCES = lib/dns/data.c lib/dns/data.h lib/dns/dns.c lib/dns/dns.h lib/dns/engine.c lib/dns/engine.h \
	lib/dns/kept.c lib/dns/kept.h lib/dns/name.c lib/dns/name.h lib/dns/packet.c lib/dns/packet.h \
	lib/dns/record.c lib/dns/record.h lib/dns/stub.c lib/dns/stub.h lib/dns/stub_net.c lib/dns/stub_net.h \
	lib/dns/system.c lib/dns/system.h lib/dns/verify.c lib/dns/verify.h lib/dns/zones.c lib/dns/zones.h

UNIT += tests/unit/dns/packet
tests_unit_dns_packet_SOURCES = tests/unit/dns/packet.c tests/unit/tap.h
tests_unit_dns_packet_LDADD = lib/dns/libdns.a $(FLOOR_2) $(LIBS_3)

UNIT += tests/unit/dns/zones
tests_unit_dns_zones_SOURCES = tests/unit/dns/zones.c tests/unit/tap.h
tests_unit_dns_zones_LDADD = lib/dns/libdns.a $(FLOOR_2) $(LIBS_3)

UNIT += tests/unit/dns/data
tests_unit_dns_data_SOURCES = tests/unit/dns/data.c tests/unit/tap.h
tests_unit_dns_data_LDADD = lib/dns/libdns.a $(FLOOR_2) $(LIBS_3)
