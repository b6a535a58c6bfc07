# mail-mx --policy, --lint, --dkim-selector: what is published, from a file of records.
. "${SURAT_SRC:?}/tests/lib.sh" || exit 99
key() { openssl genrsa "$1" 2>/dev/null | openssl rsa -pubout -outform DER 2>/dev/null | base64 -w0; }
split() { fold -w 200 | sed 's/.*/"&"/' | tr '\n' ' '; } # strings of at most 255 octets
good=$(key 2048) weak=$(key 1024) bad=$(key 512)
cat >"$T/zone" <<X
\$ORIGIN test.
good       MX 10 mx.good
mx.good    A 192.0.2.1
good       TXT "v=spf1 mx ip4:192.0.2.0/24 include:_spf.good.test -all"
_spf.good  TXT "v=spf1 ip6:2001:db8::/32 ~all"
_dmarc.good TXT "v=DMARC1; p=reject; rua=mailto:d@good.test"
k1._domainkey.good TXT $(printf 'v=DKIM1; k=rsa; p=%s' "$good" | split)
k2._domainkey.good TXT $(printf 'v=DKIM1; k=rsa; t=y; p=%s' "$weak" | split)
k3._domainkey.good TXT $(printf 'v=DKIM1; h=sha1; p=%s' "$bad" | split)
k4._domainkey.good TXT "v=DKIM1; p="
k5._domainkey.good TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
k6._domainkey.good TXT "v=DKIM1; p=AAAA"
k7._domainkey.good TXT "v=DKIM1; p=!!"
sub.good   MX 10 mx.good
sub.good   TXT "v=spf1 redirect=good.test"
bare       MX 10 mx.good
all        MX 10 mx.good
all        TXT "v=spf1 ptr ip4:10.0.0.0/6 a:gone.test a:gone2.test a:gone3.test ?all ip4:192.0.2.1"
_dmarc.all TXT "v=DMARC1; p=none; pct=50; ri=1; rua=mailto:x@reports.other.test,mailto:y@ok.other.test"
all.test._report._dmarc.ok.other TXT "v=DMARC1"
plus       MX 10 mx.good
plus       TXT "v=spf1 include:_plus.test -all"
_plus      TXT "v=spf1 +all"
_dmarc.plus TXT "v=DMARC1; p=reject; sp=none; t=y"
loop       MX 10 mx.good
loop       TXT "v=spf1 include:loop2.test -all"
loop2      TXT "v=spf1 include:loop.test include:nothing.test -all"
many       MX 10 mx.good
many       TXT "v=spf1 a:mx.good.test a:mx.good.test a:mx.good.test a:mx.good.test a:mx.good.test a:mx.good.test a:mx.good.test a:mx.good.test a:mx.good.test a:mx.good.test a:mx.good.test -all"
_dmarc.many TXT "v=DMARC1; p=nonsense"
default._bimi.many TXT "v=BIMI1; l=http://example.org/x.png"
_smtp._tls.many TXT "v=TLSRPTv1; rua=ftp://x"
two        MX 10 mx.good
two        TXT "v=spf1 -all"
two        TXT "v=spf1 mx -all"
_dmarc.two TXT "v=DMARC1; p=none"
_dmarc.two TXT "v=DMARC1; p=reject"
wrong      MX 10 mx.good
wrong      TXT "v=spf1 mxx -all"
deep       MX 10 mx.good
deep       TXT "v=spf1 include:d1.test -all"
$(for i in $(seq 60); do echo "d$i TXT \"v=spf1 include:d$((i + 1)).test include:e$i.test -all\""; done)
null       MX 0 .
macro      MX 10 mx.good
macro      TXT "v=spf1 include:_spf.%{d} exists:%{i}._x.%{o2} a:%{d2r}.gone.test -all"
_spf.macro TXT "v=spf1 exists:%{o}.exists.test -all"
macro.test.exists A 127.0.0.2
open       MX 10 mx.good
open       TXT "v=spf1 mx"
_dmarc.open TXT "v=DMARC1; p=reject; t=y"
; security: fail
_dmarc.wrong TXT "v=DMARC1; p=none"
X
mx() { run mail-mx --dns-data "$T/zone" "$@"; }
has() { if printf '%s\n' "$out" | grep -qE -- "$1"; then pass "$2"; else fail "$2" "no /$1/ in:
$out"; fi; }

mx --lint good.test
is "$code$out$err" "0" "nothing to complain about: not a word"
mx --policy good.test
code_is 0 "--policy"
has '^good.test	10	mx.good.test' "the servers"
has '	fact	SPF	v=spf1 mx ip4:192.0.2.0/24 include:_spf.good.test -all	-	-$' "the SPF record"
has '	fact	SPF	2 look-ups of 10, 0 of them found nothing' "its look-ups"
has '	fact	DMARC	at good.test: v=DMARC1; p=reject' "the DMARC record"
mx --policy sub.good.test
has '	fact	SPF	3 look-ups of 10' "a redirect counts, and what it leads to"
has '	fact	DMARC	at good.test: ' "DMARC: the walk up the tree"
mx --lint bare.test
code_is 0 "warnings are no errors"
has '	warning	SPF	no SPF record	.*	bare.test. TXT "v=spf1 mx -all"$' "no SPF record, and what to publish"
has '	warning	DMARC	no DMARC record	.*	_dmarc.bare.test. TXT "v=DMARC1; p=none; rua=mailto:dmarc@bare.test"$' "no DMARC record"
mx --lint all.test
code_is 65 "errors are told by the exit code"
has '	warning	SPF	all.test: "ptr"' "ptr"
has '	error	SPF	all.test: "ip4:10.0.0.0/6"' "a network that is too large"
has '	warning	SPF	all.test: "a:gone.test" finds nothing' "a void look-up"
has '	error	SPF	3 look-ups find nothing' "three of them"
has '	warning	SPF	all.test: "\?all"' "?all"
has '	warning	SPF	all.test: "ip4:192.0.2.1"	what stands behind "all"' "behind all"
has '	warning	DMARC	the policy is none' "p=none"
has '	warning	DMARC	pct=	RFC 9989' "pct is gone"
has '	warning	DMARC	ri=	RFC 9989' "ri is gone"
has '	warning	DMARC	mailto:x@reports.other.test gets no reports	.*	all.test._report._dmarc.reports.other.test. TXT' "a receiver of reports that does not want them"
unlike "$out" 'y@ok.other.test gets' "one that does"
mx --lint plus.test
has '	error	SPF	_plus.test: "\+all"' "+all, in an include"
has '	warning	DMARC	subdomains have the weaker policy none' "sp"
has '	warning	DMARC	t=y' "t=y"
has '	warning	DMARC	no rua=' "no rua"
mx --lint loop.test
has '	error	SPF	loop2.test: "include:loop.test" leads back' "a loop"
has '	error	SPF	nothing.test has no SPF record' "an include without a record"
mx --lint many.test
has '	error	SPF	11 look-ups of 10' "eleven look-ups"
has '	error	DMARC	v=DMARC1; p=nonsense: ' "a DMARC record that is none"
has '	error	BIMI	l= must be' "BIMI's form"
has '	warning	BIMI	there is no such policy' "BIMI without DMARC"
has '	error	TLSRPT	rua= has no' "TLSRPT"
mx --lint two.test
has '	error	SPF	two.test has 2 SPF records' "two SPF records"
has '	error	DMARC	2 records at _dmarc.two.test' "two DMARC records"
mx --lint wrong.test
has '	error	SPF	wrong.test: "mxx": ' "a record that cannot be read"
has '	error	DMARC	the question failed' "no answer"
mx --lint deep.test
code_is 65 "a tree without end"
[ "$(printf '%s\n' "$out" | wc -l)" -lt 60 ] && pass "is left in time" || fail "is left in time" "$out"
mx --policy macro.test
has '	fact	SPF	4 look-ups of 10, 1 of them found nothing' "macros of the domain are expanded, those of the client counted"
has '	fact	SPF	macro.test: "exists:%\{i\}._x.%\{o2\}" depends on who sends' "and said to be"
has '	warning	SPF	macro.test: "a:%\{d2r\}.gone.test" finds nothing	.*	macro.test. TXT "v=spf1 include:_spf.%\{d\} exists:%\{i\}._x.%\{o2\} -all"$' "the record without the term that finds nothing"
mx --lint open.test
has '	warning	SPF	the record does not end in "all"	.*	open.test. TXT "v=spf1 mx ~all"$' "the record with an end"
has '	warning	DMARC	t=y	.*	_dmarc.open.test. TXT "v=DMARC1; p=reject"$' "the record without t=y"
has '	warning	DMARC	no rua=	.*	_dmarc.open.test. TXT "v=DMARC1; p=reject; t=y; rua=mailto:dmarc@open.test"$' "and with an address for reports"
mx --lint null.test
code_is 69 "a domain that takes no mail"
has '	null.test. TXT "v=spf1 -all"$' "should say that it sends none"
k() { mx --lint --dkim-selector "$1" good.test; }
k k1
is "$code$out" 0 "a good DKIM key"
k k2
has '	warning	DKIM	k2._domainkey: a key of 1024 bits' "a short key"
has '	warning	DKIM	k2._domainkey: t=y' "in testing"
k k3
has '	error	DKIM	k3._domainkey: a key of 512 bits' "a key that is too short"
has '	error	DKIM	k3._domainkey: h=sha1' "SHA-1"
k k4
has '	error	DKIM	k4._domainkey: the key was revoked' "revoked"
k k5
is "$code$out" 0 "Ed25519"
k k6
has '	error	DKIM	k6._domainkey: p=: not an RSA key' "a key that is none"
k k7
has '	error	DKIM	k7._domainkey: ' "not base64"
k none
has '	error	DKIM	none._domainkey: no key' "no key"
mx --dkim-selector k1 good.test
has '	fact	DKIM	k1._domainkey: RSA, 2048 bits' "without --lint: told"
mx --json --lint all.test
run python3 -c '
import json, sys
p = json.loads(sys.argv[1])["policy"]
assert p["spf_lookups"] == 4 and p["spf_void_lookups"] == 3, p
assert all(f["level"] in ("warning", "error") and f["why"] for f in p["findings"])
' "$out"
is "$code$err" 0 "as JSON"
mx --json --policy --dkim-selector k1 good.test all.test loop.test many.test two.test wrong.test deep.test null.test sub.good.test
fits mail-mx "as the schema says"
# side by side, and each as alone
names='good.test all.test loop.test many.test two.test wrong.test null.test sub.good.test plus.test'
for n in $names; do mx --policy --json "$n"; printf '%s\n' "$out"; done >"$T/alone"
mx --policy --json $names
is "$out" "$(cat "$T/alone")" "many domains: in their order, each as alone"
mx --lint -s good.test
code_is 64 "--lint with -s"
mx --lint no.such.test
code_is 68 "no such domain"
done_testing
