# lib/net
ROOMS_3 += lib/net/libnet.a
noinst_LIBRARIES += lib/net/libnet.a
lib_net_libnet_a_SOURCES = lib/net/addr.c lib/net/addr.h lib/net/connect.c lib/net/connect.h lib/net/connects.c lib/net/tls.c lib/net/tls.h \
	lib/net/tls_check.c lib/net/tls_check.h \
	lib/net/tls_look.c lib/net/tls_look.h lib/net/tls_look_room.h \
	lib/net/tls_session.c lib/net/tls_session.h lib/net/tls_session_room.h lib/net/url.c

UNIT += tests/unit/net/addr
tests_unit_net_addr_SOURCES = tests/unit/net/addr.c tests/unit/tap.h
tests_unit_net_addr_LDADD = lib/net/libnet.a $(FLOOR_2) $(LIBS_3)

UNIT += tests/unit/net/tls
tests_unit_net_tls_SOURCES = tests/unit/net/tls.c tests/unit/tap.h
tests_unit_net_tls_LDADD = lib/net/libnet.a $(FLOOR_2) $(LIBS_3)

UNIT += tests/unit/net/connect
tests_unit_net_connect_SOURCES = tests/unit/net/connect.c tests/unit/tap.h
tests_unit_net_connect_LDADD = lib/net/libnet.a $(FLOOR_2) $(LIBS_3)
