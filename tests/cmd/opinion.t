# mail-sign and mail-verify beside OpenDKIM, rspamd, dkimpy and pyspf: what each says of the same messages, half of them changed on their way.
. "${SURAT_SRC:?}/tests/lib.sh"
why=
[ "$(id -u)" = 0 ] || why="needs root, for a network of its own"
for p in unshare ip unbound opendkim rspamd; do command -v $p >/dev/null || why="no $p"; done
/usr/bin/python3 -c 'import dkim, nacl, spf' 2>/dev/null || why="no dkimpy, PyNaCl or pyspf"
if [ -n "$why" ]; then
  skip "second opinions" "$why"
  done_testing
  exit
fi
# the resolver is port 53 of a loopback that nobody else has, and of which all of them know from resolv.conf
cat >"$T/inside" <<'X'
set -e
ip link set lo up
echo "nameserver 127.0.0.1" >"$T/resolv.conf"
mount --bind "$T/resolv.conf" "$(readlink -f /etc/resolv.conf)"
exec /usr/bin/python3 "$SURAT_SRC/tests/tools/opinions.py" 20261126 200 "$T"
X
export T
timeout 600 unshare -nmpf --mount-proc --kill-child bash "$T/inside"
