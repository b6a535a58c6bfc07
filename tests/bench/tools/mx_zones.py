#!/usr/bin/env python3
"""mx_zones.py - FOLDER COUNT: the zones bench.test and signed.test with COUNT domains each (two exchanges with both addresses and a TLSA record),
and what is to be asked of them: ZONE.domains, and ZONE.full with the seven questions of each domain."""
import sys

folder, count = sys.argv[1], int(sys.argv[2])
for zone in ("bench.test", "signed.test"):
    with open("%s/%s.zone" % (folder, zone), "w") as z, open("%s/%s.domains" % (folder, zone), "w") as d, open("%s/%s.full" % (folder, zone), "w") as f:
        z.write("$ORIGIN %s.\n$TTL 3600\n@ SOA ns h 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\n" % zone)
        for i in range(count):
            name = "d%06d" % i
            d.write("%s.%s\n" % (name, zone))
            f.write("%s.%s MX\n" % (name, zone))
            for k in (1, 2):
                mx = "mx%d.%s" % (k, name)
                z.write("%s MX %d0 %s\n%s A 192.0.2.%d\n%s AAAA 2001:db8::%x:%x\n_25._tcp.%s TLSA 3 1 1 %064x\n" % (name, k, mx, mx, i % 254 + 1, mx, (i + 1) >> 16, (i + 1) & 0xffff, mx, i * 7919 + 1))
                f.write("%s.%s A\n%s.%s AAAA\n_25._tcp.%s.%s TLSA\n" % (mx, zone, mx, zone, mx, zone))
