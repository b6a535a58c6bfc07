# addr.sh - who lives where (documentation prefixes, RFC 5737 and 3849; never routed outside the namespaces)
N=203.0.113 N6=2001:db8:25:
ROOT4=$N.1  ROOT6=$N6:1          # nsd: "." and the reverse zone's parent
AUTH4=$N.2  AUTH6=$N6:2          # nsd: test. and all domains below it
RES4=$N.53  RES6=$N6:53          # unbound, validating
DANE4=$N.25 DANE6=$N6:25         # mx.dane.test: postfix, certificate pinned by TLSA
STS4=$N.26  STS6=$N6:26          # mx.sts.test: postfix, certificate of the laboratory's CA
PLAIN4=$N.27                     # mx.plain.test: postfix without TLS
MX2=$N.28                        # mx2.backup.test: smtp-sink
V6ONLY=$N6:29                    # mx.v6.test: smtp-sink, IPv6 only
GREY4=$N.30                      # mx.grey.test: postfix, greylisting for three seconds
DUAL4=$N.31                      # mx.dual.test: postfix with an ECDSA and an RSA certificate
DUALB4=$N.32                     # and its other address, with one more ECDSA certificate only
EXIM4=$N.33                      # mx.exim.test: exim, for tests/live/exim.t
KNOT4=$N.34                      # knotd: live.test, signed anew while it is served, for tests/live/knot.t
WEB4=$N.80                       # nginx: MTA-STS policies
DEAD4=$N.66                      # nothing listens: connection refused
HOLE4=$N.67                      # packets are dropped: connection times out
IMAP4=$N.143 IMAP6=$N6:143       # dovecot: imap, pop3, lmtp
CLIENT4=$N.200 CLIENT6=$N6:200   # where the programs under test run
LAB_JWT_KEY=laboratory-key-laboratory-key-00   # signs the tokens that Dovecot believes
ALL4="$EXIM4 $KNOT4 $DUAL4 $DUALB4 $ROOT4 $AUTH4 $RES4 $DANE4 $STS4 $PLAIN4 $MX2 $GREY4 $WEB4 $DEAD4 $HOLE4 $IMAP4"
ALL6="$ROOT6 $AUTH6 $RES6 $DANE6 $STS6 $V6ONLY $IMAP6"
