# dns.sh - a signed root, test. and the domains below it, served by two nsd, resolved by one unbound.
#
# A signed zone has one key (ECDSAP256SHA256, flag 257). Dates are fixed so that nothing expires; not past 2038-01-19: ldns 1.8.3
# compares RRSIG times as int32 and calls later ones invalid.
INC=20240101 EXP=20371231
zkey() { (cd "$S/dns" && { ls K"$1"+*.key 2>/dev/null || ldns-keygen -a ECDSAP256SHA256 -k -r /dev/urandom "$1"; } | head -1 | sed 's/\.key$//'); }
sign() { # ZONE [INCEPTION EXPIRATION]
  local z=$1 f=${1%.}
  [ "$z" = . ] && f=root
  (cd "$S/dns" && ldns-signzone ${NSEC--n -t 0} -i "${2:-$INC}" -e "${3:-$EXP}" -o "$z" -f "$f.signed" "$f.zone" "$(zkey "$z")")
  mv "$S/dns/$f.signed" "$S/dns/$f.zone"
}
# One that changes its key: both sign, and the parent names one of them, the zone itself the other (RFC 7344).
sign_rolling() { # ZONE
  local f=${1%.} keys old new
  zkey "$1" >/dev/null
  keys=$(cd "$S/dns" && ls K"$1"+*.key)
  [ "$(wc -l <<<"$keys")" -gt 1 ] || (cd "$S/dns" && ldns-keygen -a ECDSAP256SHA256 -k -r /dev/urandom "$1" >/dev/null)
  old=$(zkey "$1") # of two the first one by name, whichever was made first
  new=$(cd "$S/dns" && ls K"$1"+*.key | sed -n 2p)
  (cd "$S/dns" && ldns-key2ds -n -2 "$new" | sed 's/\bDS\b/CDS/' >>"$f.zone" &&
    ldns-signzone -n -t 0 -i $INC -e $EXP -o "$1" -f "$f.signed" "$f.zone" "$old" "${new%.key}" && mv "$f.signed" "$f.zone")
}
ds() { (cd "$S/dns" && ldns-key2ds -n -2 "$(zkey "$1").key"); }
zone() { # NAME, its records on stdin
  { printf '$ORIGIN %s.\n$TTL 60\n@ SOA ns.test. hostmaster.test. 1 3600 600 864000 60\n' "$1"
    [ "$1" = test ] || echo "@ NS ns.test."
    cat; } >"$S/dns/$1.zone"
}
# The names below test. that have a policy on the web server (web.sh).
STS_NAMES="sts sts-testing sts-none sts-miss sts-name sts-plain sts-redirect sts-big sts-slow sts-type sts-junk sts-gone sts-dane"
sts_zone() { # NAME MX
  zone "$1.test" <<Z
@ MX 10 $2
_mta-sts TXT "v=STSv1; id=1;"
mta-sts A $WEB4
_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@$1.test"
Z
}
zones_signed() {
  local hash
  hash=$(tlsa311 "$S/pki/mx.dane.test.crt")
  zone dane.test <<Z
@ MX 10 mx
mx A $DANE4
mx AAAA $DANE6
_25._tcp.mx TLSA 3 1 1 $hash
_587._tcp.mx TLSA 3 1 1 $hash
imap A $IMAP4
imap AAAA $IMAP6
big TXT $(for i in $(seq 24); do printf '"%0200d" ' "$i"; done)
$(for i in $(seq 60); do echo "big MX $i mx$i.a-name-that-fills-the-packet"; done)
Z
  zone danebad.test <<Z
@ MX 10 mx
mx A $DANE4
_25._tcp.mx TLSA 3 1 1 $(printf '%064d' 7)
Z
  zone backup.test <<Z
@ MX 10 dead
@ MX 20 mx2
dead A $DEAD4
mx2 A $MX2
Z
  zone bogus.test <<<"@ MX 10 mx.plain.test."
  zone expired.test <<<"@ MX 10 mx.plain.test."
  zone nullmx.test <<<"@ MX 0 ."
  sts_zone sts-dane mx.dane.test.
  # usage 2: any certificate of the authority will do, if its name fits
  zone dual.test <<Z
@ MX 10 mx
mx A $DUAL4
mx A $DUALB4
_25._tcp.mx TLSA 2 1 1 $(tlsa311 "$S/pki/ca.pem")
mx2 A $DUAL4
mx2 A $DUALB4
_25._tcp.mx2 TLSA 3 1 1 $(tlsa311 "$S/pki/mx.dual.test.crt")
Z
  # many names of one zone; h7's address and h9's MX are changed after it is signed
  zone bulk.test <<Z
$(for i in $(seq 60); do printf 'h%d MX 10 mx.h%d\nmx.h%d A %s\n_25._tcp.mx.h%d TLSA 3 1 1 %s\n' "$i" "$i" "$i" "$DANE4" "$i" "$hash"; done)
*.wild MX 10 mx.h1
alias CNAME h1
Z
  # with NSEC, where the others have NSEC3; and one whose key is being changed
  zone nsec.test <<Z
@ MX 10 mx.dane.test.
*.wild MX 10 mx.dane.test.
alias CNAME plain.plain.test.
empty.below A $DANE4
Z
  zone rolled.test <<<"@ MX 10 mx.dane.test."
  zone half.test <<<"@ MX 10 mx2.dual.test."
  zone ta-name.test <<Z
@ MX 10 mx
mx A $DANE4
_25._tcp.mx TLSA 2 1 1 $(tlsa311 "$S/pki/ca.pem")
Z
  zone pkix.test <<Z
@ MX 10 mx
mx A $DANE4
_25._tcp.mx TLSA 1 1 1 $hash
Z
  SIGNED="nsec.test rolled.test bulk.test dual.test half.test ta-name.test pkix.test sts-dane.test dane.test danebad.test backup.test bogus.test expired.test nullmx.test"
}
zones_unsigned() {
  UNSIGNED=
  local n
  for n in $STS_NAMES sts-expired sts-cert; do
    case $n in
      sts) sts_zone $n mx ;;
      sts-name) sts_zone $n mail ;;
      sts-plain) sts_zone $n mx.plain.test. ;;
      sts-dane) continue ;;
      *) sts_zone $n mx.sts.test. ;;
    esac
    UNSIGNED="$UNSIGNED $n.test"
  done
  printf 'mx A %s\nmx AAAA %s\n' "$STS4" "$STS6" >>"$S/dns/sts.test.zone"
  echo "mail A $STS4" >>"$S/dns/sts-name.test.zone"
  zone plain.test <<Z
@ MX 10 mx
mx A $PLAIN4
Z
  zone hole.test <<Z
@ MX 10 hole
@ MX 20 mx2.backup.test.
hole A $HOLE4
Z
  zone v6.test <<Z
@ MX 10 mx
mx AAAA $V6ONLY
Z
  zone grey.test <<Z
@ MX 10 mx
mx A $GREY4
Z
  zone exim.test <<Z
@ MX 10 mx
mx A $EXIM4
Z
  zone nomx.test <<<"@ A $PLAIN4"
  # who may send, and with which keys (verify.t); one record needs TCP, one stands behind two aliases
  openssl genrsa -out "$S/dns/dkim-rsa.pem" 2048 2>/dev/null
  openssl genpkey -algorithm ed25519 -out "$S/dns/dkim-ed.pem"
  zone auth.test <<Z
@ TXT "v=spf1 a mx include:_spf.auth.test -all"
@ MX 10 mx.plain.test.
@ A $PLAIN4
@ AAAA $STS6
_dmarc TXT "v=DMARC1; p=reject"
_spf TXT "v=spf1 ip4:192.0.2.0/24 ?all"
rsa._domainkey TXT $(printf 'p=%s' "$(openssl pkey -in "$S/dns/dkim-rsa.pem" -pubout -outform DER | base64 -w0)" | fold -w 200 | sed 's/.*/"&"/' | tr '\n' ' ')
ed._domainkey TXT "k=ed25519; p=$(openssl pkey -in "$S/dns/dkim-ed.pem" -pubout -outform DER | tail -c 32 | base64 -w0)"
alias._domainkey CNAME alias2._domainkey
alias2._domainkey CNAME ed._domainkey
large._domainkey TXT $(for i in $(seq 24); do printf '"n%d=%0196d;" ' "$i" "$i"; done) "k=ed25519; p=$(openssl pkey -in "$S/dns/dkim-ed.pem" -pubout -outform DER | tail -c 32 | base64 -w0)"
nodata._domainkey A 192.0.2.1
lame TXT "v=spf1 include:lame.test -all"
silent TXT "v=spf1 include:silent.test -all"
forged TXT "v=spf1 mx:bogus.test -all"
Z
  # taken in by postfix and handed on by LMTP to mail-deliver on the client
  zone lmtp.test <<<"@ MX 10 mx.plain.test."
  UNSIGNED="$UNSIGNED plain.test hole.test v6.test grey.test exim.test nomx.test lmtp.test auth.test"
}
zones_above() {
  local z
  { for z in $SIGNED; do echo "$z. NS ns.test."; ds "$z."; done
    for z in $UNSIGNED; do echo "$z. NS ns.test."; done
    # by knotd, which gets the key that is named here
    printf 'live.test. NS ns.live.test.\nns.live.test. A %s\n' "$KNOT4"
    ds live.test.
    # served by nobody: at one address nothing listens, at the other packets are dropped
    printf 'lame.test. NS ns.lame.test.\nns.lame.test. A %s\nsilent.test. NS ns.silent.test.\nns.silent.test. A %s\n' "$DEAD4" "$HOLE4"
    printf 'test. NS ns.test.\nns A %s\nns AAAA %s\n' "$AUTH4" "$AUTH6"; } | zone test
  sign test.
  zone 113.0.203.in-addr.arpa <<Z
${DANE4##*.} PTR mx.dane.test.
${PLAIN4##*.} PTR mx.plain.test.
${DUAL4##*.} PTR mx.plain.test.
${CLIENT4##*.} PTR client.dane.test.
Z
  { printf '$TTL 60\n. SOA root.test. hostmaster.test. 1 3600 600 864000 60\n. NS a.root-servers.test.\n'
    printf 'a.root-servers.test. A %s\na.root-servers.test. AAAA %s\n' "$ROOT4" "$ROOT6"
    printf 'test. NS ns.test.\nns.test. A %s\nns.test. AAAA %s\n' "$AUTH4" "$AUTH6"
    ds test.
    echo "113.0.203.in-addr.arpa. NS ns.test."; } >"$S/dns/root.zone"
  sign .
}
nsd_conf() { # NAME ADDRESS4 ADDRESS6 ZONE...
  local n=$1 a4=$2 a6=$3 z f
  shift 3
  cat <<C
server:
  username: ""
  chroot: ""
  zonesdir: "$S/dns"
  pidfile: "$S/dns/nsd-$n.pid"
  xfrdfile: "$S/dns/xfrd-$n.state"
  xfrdir: "$S/dns"
  database: ""
  zonelistfile: "$S/dns/zone-$n.list"
  cookie-secret-file: ""
  server-count: 1
  ip-address: $a4
  ip-address: $a6
remote-control:
  control-enable: no
C
  for z; do
    f=$z
    [ "$z" = . ] && f=root
    printf 'zone:\n name: "%s"\n zonefile: %s.zone\n' "$z" "$f"
  done
}
unbound_conf() {
  cat <<C
server:
  username: ""
  chroot: ""
  directory: "$S/dns"
  pidfile: ""
  use-syslog: no
  logfile: ""
  num-threads: 1
  interface: $RES4
  interface: $RES6
  access-control: 0.0.0.0/0 allow
  access-control: ::/0 allow
  root-hints: "$S/dns/hints"
  trust-anchor-file: "$S/dns/anchor.ds"
  module-config: "validator iterator"
  qname-minimisation: no
  outgoing-interface: $RES4
  outgoing-interface: $RES6
  # unbound answers these itself unless told otherwise
  local-zone: "test." nodefault
  local-zone: "113.0.203.in-addr.arpa." nodefault
  infra-host-ttl: 1
  cache-max-ttl: 60
  cache-max-negative-ttl: 1
remote-control:
  control-enable: no
C
}
dns_make() {
  local z
  mkdir -p "$S/dns"
  zones_signed
  zones_unsigned
  for z in $SIGNED; do
    case $z in
      expired.test) sign "$z." 20240101 20240201 ;;
      nsec.test) NSEC= sign "$z." ;;
      rolled.test) sign_rolling "$z." ;;
      *) sign "$z." ;;
    esac
  done
  # bogus: change data after it was signed
  sed -i 's/10 mx\.plain\.test\./11 mx.plain.test./' "$S/dns/bogus.test.zone"
  sed -i -e "s/^\(mx\.h7\.bulk\.test\..*IN[[:space:]]A[[:space:]]\).*/\1$PLAIN4/" -e 's/^\(h9\.bulk\.test\..*MX[[:space:]]*\)10/\11/' "$S/dns/bulk.test.zone"
  zones_above
  ds . >"$S/dns/anchor.ds"
  cp "$S/dns/$(zkey .).key" "$S/dns/anchor.key"
  printf '. 3600 NS a.root-servers.test.\na.root-servers.test. 3600 A %s\na.root-servers.test. 3600 AAAA %s\n' "$ROOT4" "$ROOT6" >"$S/dns/hints"
  nsd_conf root "$ROOT4" "$ROOT6" . >"$S/conf/nsd-root.conf"
  nsd_conf auth "$AUTH4" "$AUTH6" test $SIGNED $UNSIGNED 113.0.203.in-addr.arpa >"$S/conf/nsd-auth.conf"
  unbound_conf >"$S/conf/unbound.conf"
}
dns_start() {
  start nsd-root nsd -d -c "$S/conf/nsd-root.conf"
  start nsd-auth nsd -d -c "$S/conf/nsd-auth.conf"
  start unbound unbound -d -c "$S/conf/unbound.conf"
}
dns_ready() { on_servers sh -c "dig +time=1 +tries=1 @$RES4 dane.test mx +short | grep -q mx"; }
dns_wait() { wait_for unbound "DNS" dns_ready; }
