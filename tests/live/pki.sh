# pki.sh - the laboratory's own CA and server certificates (P-256)
pki_leaf() { # NAME [MORE-NAMES...]; $KEY: openssl's words for the kind of key
  local d=$S/pki n=$1 names
  names=$(printf ',DNS:%s' "$@")
  openssl req -new -newkey ${KEY:-ec -pkeyopt ec_paramgen_curve:P-256} -nodes -keyout "$d/$n.key" -subj "/CN=$n" -out "$d/$n.csr" 2>/dev/null
  openssl x509 -req -in "$d/$n.csr" -CA "$d/ca.pem" -CAkey "$d/ca.key" -days "${DAYS:-3650}" -out "$d/$n.crt" \
    -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' "${names#,}") 2>/dev/null
  cat "$d/$n.key" "$d/$n.crt" "$d/ca.pem" >"$d/$n.pem"
  chmod 600 "$d/$n.key" "$d/$n.pem"
}
tlsa311() { openssl x509 -in "$1" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1; }
pki_make() {
  local d=$S/pki
  mkdir -p "$d"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$d/ca.key" -out "$d/ca.pem" \
    -days 3650 -subj '/CN=Laboratory CA' -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
  pki_leaf mx.dane.test & pki_leaf mx.sts.test & pki_leaf imap.dane.test &
  pki_leaf web $(printf 'mta-sts.%s.test ' $STS_NAMES) &
  DAYS=-1 pki_leaf expired mta-sts.sts-expired.test &
  pki_leaf mx.dual.test mx2.dual.test &
  KEY=rsa:2048 pki_leaf rsa.dual.test mx.dual.test mx2.dual.test &
  DAYS=20 pki_leaf b.dual.test mx.dual.test mx2.dual.test &
  pki_leaf elsewhere mta-sts.elsewhere.test &
  wait
}
