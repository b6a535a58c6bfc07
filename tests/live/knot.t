# mail-mx and a zone that knotd signs anew while it is asked: new signatures, a new zone key, a key the parent does not know, and back.
. "${SURAT_SRC:?}/tests/lib.sh" || exit 99
. "$SURAT_SRC/tests/live/addr.sh"
anchor=$LAB_STATE/dns/anchor.ds
command -v knotd >/dev/null || { skip "knotd" "it is not here"; done_testing; }
mkdir "$T/knot"
# a second each, so that nothing old is in a cache for long and a key is changed while one watches
cat >"$T/knot/conf" <<C
server:
    rundir: "$T/knot"
    listen: $KNOT4@53
database:
    storage: "$T/knot"
policy:
  - id: quick
    algorithm: ecdsap256sha256
    dnskey-ttl: 1
    zone-max-ttl: 1
    propagation-delay: 1
    nsec3: on
zone:
  - domain: live.test
    storage: "$T/knot"
    file: zone
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
    dnssec-signing: on
    dnssec-policy: quick
C
openssl x509 -in "$LAB_STATE/pki/mx.dane.test.crt" -pubkey -noout | openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1 >"$T/hash"
cat >"$T/knot/zone" <<Z
\$ORIGIN live.test.
\$TTL 1
@ SOA ns hostmaster 1 3600 600 864000 1
@ NS ns
@ MX 10 mx
ns A $KNOT4
mx A $DANE4
_25._tcp.mx TLSA 3 1 1 $(cat "$T/hash")
Z
key=$(ls "$LAB_STATE"/dns/Klive.test.+*.key) # the parent's DS is of this one
tag=${key##*+} tag=$((10#${tag%.key}))
keys() { keymgr -c "$T/knot/conf" live.test "$@" >>"$T/knot/out" 2>&1; }
control() { knotc -s "$T/knot/knot.sock" -t 10 "$@" >>"$T/knot/out" 2>&1; }
until_true() { # COMMAND...: 10 s at most
  for _ in $(seq 100); do
    "$@" && return
    sleep 0.1
  done
  return 1
}
ask() { dig +time=1 +tries=1 +dnssec +cd +noall +answer "@$server" "$@"; }
served() { ask live.test MX | grep -q RRSIG; }
inception() { ask live.test MX | awk '$4 == "RRSIG" {print $10, $11}'; } # and the key's tag
zsks() { ask live.test DNSKEY | awk '$4 == "DNSKEY" && $5 == 256' | wc -l; }
keys import-bind "$key" && keys set $tag ksk=yes zsk=no && keys generate ksk=no
ip netns exec lab knotd -c "$T/knot/conf" >"$T/knot/log" 2>&1 &
knotd=$!
at_exit 'kill $knotd 2>/dev/null && wait $knotd'
server=$KNOT4
until_true served || { fail "knotd serves the zone" "$(cat "$T/knot/out" "$T/knot/log")"; done_testing; }
server=$RES4 # from here on what the resolver has, which is what a sender sees

mx() { run mail-mx --resolver "$RES4" --trust-anchor "$anchor" --tls=dane --timeout 20 --json live.test; }
awk '{printf "trust-anchors { \".\" static-ds %s %s %s \"%s\"; };\n", $5, $6, $7, $8}' "$anchor" >"$T/anchors.conf"
delv_says() { delv "@$RES4" -a "$T/anchors.conf" +root=. live.test MX 2>&1 | sed -n 's/^; \(fully validated\)$/\1/p'; }
secure() { # WHEN
  mx
  code_is 0 "$1: mail may be sent"
  like "$out" '"mx_security":"secure"' "$1: secure"
  like "$out" '"verdict":"dane"' "$1: by DANE"
  is "$(delv_says)" "fully validated" "$1: as delv says"
}
secure "as it was signed first"

before=$(inception)
sleep 1 # signatures are dated to the second
control zone-sign live.test
anew() { [ "$(inception)" != "$before" ] && served; }
until_true anew && pass "signed anew" || fail "signed anew" "$(inception)"
is "$(inception | cut -d' ' -f2)" "$(cut -d' ' -f2 <<<"$before")" "by the same key"
secure "with new signatures"

# the new key is there beside the old one, then it signs, then the old one goes: what we say is the same all along
old=$(inception | cut -d' ' -f2)
control zone-key-rollover live.test zsk
both() { [ "$(zsks)" = 2 ]; }
by_new() { [ "$(inception | cut -d' ' -f2)" != "$old" ] && served; }
one() { [ "$(zsks)" = 1 ]; }
until_true both && pass "a second zone key" || fail "a second zone key" "$(ask live.test DNSKEY)"
secure "with two zone keys"
until_true by_new && pass "the new one signs" || fail "the new one signs" "$(inception)"
secure "signed by the new one"
until_true one && pass "the old one is gone" || fail "the old one is gone" "$(ask live.test DNSKEY)"
secure "without the old one"

# a key-signing key that the parent knows nothing of, in the place of the one it names; and back
ksk() { ask live.test DNSKEY +multi | grep -q "KSK.*key id = $tag\$"; }
other_ksk() { ask live.test DNSKEY +multi | grep -q KSK && ! ksk; }
other=$(keymgr -c "$T/knot/conf" live.test generate ksk=yes zsk=no 2>>"$T/knot/out" | tail -1)
keys delete $tag && control zone-sign live.test
until_true other_ksk && pass "the parent's DS fits no key" || fail "the parent's DS fits no key" "$(ask live.test DNSKEY +multi)"
mx
code_is 76 "which is bogus"
like "$out" 'bogus' "and called so"
unlike "$out" '"verdict":"(dane|opportunistic)"' "and no mail is sent there"
is "$(delv_says)" "" "delv finds no proof either"
keys import-bind "$key" && keys set $tag ksk=yes zsk=no && keys delete "$other" && control zone-sign live.test
until_true ksk && pass "the key of the DS again" || fail "the key of the DS again" "$(cat "$T/knot/out")"
secure "set right"
done_testing
