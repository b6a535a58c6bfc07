# certs.sh - certificates for tests of S/MIME, made by openssl in $T; source it behind lib.sh.
#
#	make_ca ca "Test CA"			ca.pem ca.key
#	make_cert alice alice@example.org	alice.pem alice.key, an elliptic curve's unless KEY says else, of ca for a year unless CA, DAYS, SAN, EKU, USAGE, ISCA, EXTRA say else
EC="ec -pkeyopt ec_paramgen_curve:P-256"
make_ca() {
  openssl req -x509 -newkey $EC -nodes -keyout "$1.key" -out "$1.pem" -days 3650 -subj "/CN=$2" \
    -addext keyUsage=keyCertSign,cRLSign 2>/dev/null
}
make_cert() {
  openssl req -newkey ${KEY:-$EC} -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>/dev/null &&
    openssl x509 -req -in "$1.csr" -CA "${CA:-ca}.pem" -CAkey "${CA:-ca}.key" -CAcreateserial -days "${DAYS:-365}" -out "$1.pem" \
      -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=%s\nkeyUsage=%s\nbasicConstraints=CA:%s\n%s\n' \
        "${SAN:-email:$2}" "${EKU:-emailProtection}" "${USAGE:-digitalSignature,keyEncipherment,keyAgreement}" "${ISCA:-false}" "${EXTRA:-}") 2>/dev/null
}
