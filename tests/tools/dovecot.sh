# dovecot.sh - a private Dovecot on loopback ports, for tests and the demonstration.  Source it.
#
#	dovecot_start DIR USER PASSWORD [MAILDIR]	# an own CA and certificate for localhost, one user
#	... $DOVECOT_IMAP $DOVECOT_IMAPS $DOVECOT_POP3 $DOVECOT_POP3S: ports; $DOVECOT_CA: the CA's certificate ...
#	dovecot_stop DIR
#
# Works for an ordinary user, as whom all of it runs then.  Dovecot refuses to touch mail as root: started by root it runs as nobody
# (DOVECOT_AS), and DIR and the Maildir are given to nobody.
DOVECOT_AS=${DOVECOT_AS:-nobody}

dovecot_free_ports() { # [N]: ports that are free now (4), below those the kernel gives to connections that go out
  local n=${1:-4} p list=" "
  while [ "$n" -gt 0 ]; do
    p=$((10000 + SRANDOM % 22000))
    case $list in *" $p "*) continue ;; esac
    (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null && continue
    list="$list$p " n=$((n - 1))
  done
  echo $list
}

dovecot_as() { # runs a command as the user Dovecot runs as
  if [ "$(id -u)" = 0 ]; then setpriv --reuid="$DOVECOT_AS" --regid="$(id -g "$DOVECOT_AS")" --clear-groups --inh-caps=-all "$@"; else "$@"; fi
}
dovecot_run() { # the same in place of this shell, so that the process in the background is Dovecot itself and can be stopped
  if [ "$(id -u)" = 0 ]; then exec setpriv --reuid="$DOVECOT_AS" --regid="$(id -g "$DOVECOT_AS")" --clear-groups --inh-caps=-all "$@"; else exec "$@"; fi
}

dovecot_pki() { # DIR: a CA, and a certificate for localhost, 127.0.0.1 and ::1
  local d=$1
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$d/ca.key" -out "$d/ca.pem" -days 2 -subj '/CN=Surat test CA' \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign' &&
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$d/key.pem" -out "$d/req.pem" -subj '/CN=localhost' &&
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\nextendedKeyUsage=serverAuth\n' >"$d/ext" &&
  openssl x509 -req -in "$d/req.pem" -CA "$d/ca.pem" -CAkey "$d/ca.key" -CAcreateserial -days 2 -extfile "$d/ext" -out "$d/cert.pem"
}

dovecot_config() { # DIR USER PASSWORD MAILDIR
  local d=$1 me group
  me=$(dovecot_as id -un) group=$(dovecot_as id -gn)
  printf '%s:{PLAIN}%s\n' "$2" "$3" >"$d/users"
  cat <<C
base_dir = $d/run
state_dir = $d/run
log_path = $d/log
protocols = imap pop3
listen = 127.0.0.1, ::1
default_internal_user = $me
default_internal_group = $group
default_login_user = $me
mail_location = maildir:$4
mail_uid = $(dovecot_as id -u)
mail_gid = $(dovecot_as id -g)
first_valid_uid = 0
first_valid_gid = 0
ssl = yes
ssl_cert = <$d/cert.pem
ssl_key = <$d/key.pem
ssl_min_protocol = TLSv1.2
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
auth_failure_delay = 0
mail_max_userip_connections = 100
passdb {
  driver = passwd-file
  args = scheme=PLAIN $d/users
}
userdb {
  driver = static
  args = uid=$(dovecot_as id -u) gid=$(dovecot_as id -g) home=$d/home allow_all_users=yes
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $DOVECOT_IMAP
  }
  inet_listener imaps {
    port = $DOVECOT_IMAPS
    ssl = yes
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = $DOVECOT_POP3
  }
  inet_listener pop3s {
    port = $DOVECOT_POP3S
    ssl = yes
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty { # or a wrong password makes all that follow wait
    mode = 0
  }
}
namespace inbox {
  inbox = yes
  separator = /
}
C
}

dovecot_start() {
  local d=$1 maildir=${4:-$1/Maildir} i
  PATH=$PATH:/usr/sbin:/sbin
  mkdir -p "$d/run" "$d/home" "$maildir"/cur "$maildir"/new "$maildir"/tmp || return 1
  [ -f "$d/cert.pem" ] || dovecot_pki "$d" >"$d/openssl.log" 2>&1 || return 1
  read -r DOVECOT_IMAP DOVECOT_IMAPS DOVECOT_POP3 DOVECOT_POP3S <<<"$(dovecot_free_ports)"
  DOVECOT_CA=$d/ca.pem
  dovecot_config "$d" "$2" "$3" "$maildir" >"$d/dovecot.conf" || return 1
  if [ "$(id -u)" = 0 ]; then
    chmod 755 "$d"
    chown -R "$DOVECOT_AS" "$d" "$maildir"
  fi
  dovecot_run dovecot -F -c "$d/dovecot.conf" >"$d/out" 2>&1 &
  echo $! >"$d/pid"
  for i in $(seq 200); do
    (exec 3<>"/dev/tcp/127.0.0.1/$DOVECOT_IMAPS") 2>/dev/null && return 0
    kill -0 "$(cat "$d/pid")" 2>/dev/null || break
    sleep 0.05
  done
  cat "$d/out" "$d/log" >&2 2>/dev/null
  return 1
}

dovecot_stop() {
  [ -f "$1/pid" ] || return 0
  kill "$(cat "$1/pid")" 2>/dev/null
  wait "$(cat "$1/pid")" 2>/dev/null
  rm -f "$1/pid"
}
