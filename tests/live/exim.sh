#!/bin/bash
# exim.sh - Exim as a second peer. Its package and Postfix's exclude each other, so only its program is taken out of it, and run with a configuration of ours.
#
#	tests/live/exim.sh download FOLDER	fetches the package and unpacks it (check does that; the laboratory has no network)
#	. tests/live/exim.sh; exim_start	in the laboratory: on $EXIM4, port 25 with CHUNKING and 26 without; mail for exim.test goes to Dovecot
exim_find() { # the program, where check or a person unpacked it
  local f
  for f in "${LAB_EXIM:-}" "$SURAT_BUILD/exim" "$SURAT_BUILD/../exim"; do
    [ -n "$f" ] && [ -x "$f/usr/sbin/exim4" ] && { echo "$f/usr/sbin/exim4"; return 0; }
  done
  return 1
}
exim_conf() {
  cat <<C
exim_path = $1
primary_hostname = mx.exim.test
spool_directory = $S/exim
log_file_path = $S/log/exim-%s.log
pid_file_path = $S/exim/pid
local_interfaces = $EXIM4
daemon_smtp_ports = 25 : 26
tls_advertise_hosts = *
tls_certificate = $S/pki/exim.pem
chunking_advertise_hosts = \${if eq{\$received_port}{26}{:}{*}}
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
message_size_limit = 300K
recipients_max = 5
# who delivers is who received: without a set-uid program Exim cannot become root again
deliver_drop_privilege = true
queue_run_in_order
keep_environment =
rfc1413_query_timeout = 0s
host_lookup =
acl_smtp_rcpt = to
acl_smtp_data = whole
begin acl
to:
  deny local_parts = nobody
    message = no such user
  defer local_parts = later
    message = come again
  accept domains = exim.test
  deny message = relay not permitted
whole:
  accept
begin routers
local:
  driver = accept
  domains = exim.test
  transport = lmtp
begin transports
lmtp:
  driver = lmtp
  socket = $S/run/dovecot/lmtp
C
}
exim_start() {
  local exim=$S/exim4
  # it starts itself anew as its user, who may not reach the folder of the sources
  install -m 755 "$1" "$exim"
  # its user, for this namespace only
  { cat /etc/passwd; echo "Debian-exim:x:65110:65110::$S/exim:/bin/false"; } >"$S/conf/passwd"
  { cat /etc/group; echo 'Debian-exim:x:65110:'; } >"$S/conf/group"
  mount --bind "$S/conf/passwd" /etc/passwd
  mount --bind "$S/conf/group" /etc/group
  mkdir -p "$S/exim"
  cp "$S/pki/mx.dane.test.pem" "$S/pki/exim.pem"
  touch "$S"/log/exim-{main,reject,panic}.log
  chown 65110:65110 "$S/exim" "$S/pki/exim.pem" "$S"/log/exim-*.log
  exim_conf "$exim" >"$S/conf/exim.conf"
  chmod 644 "$S/conf/exim.conf"
  setsid ip netns exec lab "$exim" -C "$S/conf/exim.conf" -bdf -q10m >"$S/log/exim.out" 2>&1 </dev/null &
  disown
  for _ in $(seq 200); do
    (exec 3<>"/dev/tcp/$EXIM4/26") 2>/dev/null && return 0
    sleep 0.05
  done
  return 1
}
if [ "${1:-}" = download ]; then
  set -e
  mkdir -p "$2/deb"
  cd "$2/deb"
  # a busy mirror is asked again; so is one whose lists are old or not there
  for _ in 1 2 3; do
    apt-get -qq -o APT::Sandbox::User=root download exim4-daemon-light && break
    sleep 2
    apt-get -qq -o DPkg::Lock::Timeout=900 update || true
  done
  dpkg -x exim4-daemon-light_*.deb ..
  missing=$(ldd ../usr/sbin/exim4 | sed -n 's/ => not found//p')
  [ -z "$missing" ] || { echo "missing for exim:" $missing >&2; exit 1; }
fi
