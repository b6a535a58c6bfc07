# mail-mx --probe against Postfix with one chain, with two, with other ones on its other address; posttls-finger beside us.
. "${SURAT_SRC:?}/tests/lib.sh" || exit 99
S=$LAB_STATE
mx() { run mail-mx --resolver "$RES4" --trust-anchor "$S/dns/anchor.ds" --ca-file "$S/pki/ca.pem" --timeout 20 --probe "$@"; }
cell() { printf '%s\n' "$out" | awk -F'\t' -v a="$1" -v c="$2" -v f="$3" '$4 == a && $5 == c { print $f }'; } # ADDRESS CLIENT COLUMN

mx dual.test
code_is 0 "two addresses, two kinds of keys"
like "$(cell "$DUAL4" any 6)" '^TLSv1.3 TLS_' "TLS 1.3 for who can"
like "$(cell "$DUAL4" rsa 6)|$(cell "$DUAL4" rsa 7)" '^TLSv1.2 .*RSA.*\|RSA 2048$' "the RSA chain for who knows RSA only"
like "$(cell "$DUAL4" ecdsa 6)|$(cell "$DUAL4" ecdsa 7)" '^TLSv1.2 .*ECDSA.*\|EC prime256v1 256$' "the ECDSA chain for who knows ECDSA only"
is "$(cell "$DUAL4" any 13) $(cell "$DUAL4" rsa 13) $(cell "$DUAL4" ecdsa 13)" "dane dane dane" "the authority is pinned: all chains will do"
like "$(cell "$DUALB4" rsa 13)" '^none: ' "the other address has no RSA chain"
is "$(cell "$DUALB4" ecdsa 13)" "dane" "but an ECDSA chain"
is "$(cell "$DUAL4" any 11)" "mx.plain.test (not confirmed)" "the address's name leads elsewhere"
mx half.test
code_is 0 "one key is pinned: who takes any chain is served by one address"
is "$(cell "$DUAL4" ecdsa 13)|$(cell "$DUAL4" rsa 13)|$(cell "$DUALB4" any 13)" "dane|deferred: matches no TLSA record|deferred: matches no TLSA record" "each chain is judged for itself"
mx dane.test
is "$(cell "$DANE4" any 11)" "mx.dane.test" "a name that leads back"
mx plain.test
is "$(cell "$PLAIN4" - 13)" "plain" "no STARTTLS"
mx sts.test sts-name.test
code_is 75 "a certificate for another host, where a policy wants one: nobody can be used"
is "$(cell "$STS4" any 10 | tr '\n' ' ')" "match no match " "the policy's match"
mx backup.test
code_is 0 "one of two servers is down"
like "$(cell "$DEAD4" - 13)" '^deferred: .*refused' "and said to be"
run mail-mx --resolver "$RES4" --trust-anchor "$S/dns/anchor.ds" --timeout 2 --probe hole.test
code_is 0 "a black hole and a server"
like "$(cell "$HOLE4" - 13)" '^deferred: ' "within the time allowed"

mx --expires-within 10 dual.test dane.test
is "$code $out$err" "0 " "silent where nothing ends within ten days"
mx --expires-within 30 dual.test dane.test
code_is 1 "one that ends within thirty"
is "$(printf '%s\n' "$out" | cut -f1,4,5 | tr '\t' ' ')" "dual.test $DUALB4 any
dual.test $DUALB4 ecdsa" "is named"

mx --json dual.test plain.test backup.test
fits mail-mx "JSON as the schema says"
mx --json dual.test
run python3 -c '
import json, sys
o = json.loads(sys.argv[1])
p = {a["address"]: a for a in o["hosts"][0]["probes"]}[sys.argv[2]]
assert "STARTTLS" in p["extensions"] and p["size"] == 10240000 and p["ptr"] == ["mx.plain.test"] and p["ptr_confirmed"] is False
c = {c["client"]: c for c in p["cells"]}
assert c["rsa"]["tlsa"] == {"match": True, "usage": 2, "selector": 1, "matching": 1, "depth": 1}, c["rsa"]["tlsa"]
assert c["any"]["pkix"] == {"match": True} and c["any"]["group"] and c["any"]["handshake_ms"] >= 0
assert "mx2.dual.test" in c["ecdsa"]["chain"][0]["names"]
' "$out" "$DUAL4"
is "$code$err" "0" "all of it as JSON"

# nothing but EHLO, STARTTLS, EHLO, QUIT
sleep 0.3
is "$(grep 'lost connection\|improper command\|timeout after' "$S/log/postfix.log" | grep -F "$CLIENT4" | grep -vc 'after STARTTLS')" 0 "Postfix saw nobody rude"
unlike "$(grep 'disconnect from client' "$S/log/postfix.log" | tail -50)" 'mail=|rcpt=|data=|unknown=' "nor curious"

# posttls-finger, where DANE decides: what it calls verified is what we call dane
mkdir "$T/postfix"
printf 'compatibility_level = 3.6\ninet_interfaces = loopback-only\nmyhostname = client.dane.test\nsmtp_dns_support_level = dnssec\n' >"$T/postfix/main.cf"
finger() { MAIL_CONFIG=$T/postfix posttls-finger -c -l dane -L summary -t 10 "$1" 2>&1; }
for d in dane danebad dual ta-name sts-dane pkix nsec rolled h1.bulk plain; do
  theirs=$(finger $d.test)
  mx $d.test
  ours=$(printf '%s\n' "$out" | awk -F'\t' '$5 == "any" || $5 == "-" { print $13 }' | sort -u)
  case $theirs in
    *Verified*) is "$ours" dane "$d: as posttls-finger says" ;;
    *Anonymous* | *Untrusted* | *Trusted*)
      case $ours in
        encrypt | deferred:*) pass "$d: as posttls-finger says: not verified" ;;
        *) fail "$d: as posttls-finger says" "$theirs
$ours" ;;
      esac ;;
    *) is "$ours" plain "$d: as posttls-finger says: no TLS" ;;
  esac
done
done_testing
