# mail.sh - postfix (three names and a greylisting one) -> dovecot by LMTP, dovecot for IMAP and POP3, smtp-sink where any server will do
PFLIB=$(postconf -dh daemon_directory)
postfix_main_cf() {
  cat <<C
compatibility_level = 3.6
command_directory = $(postconf -dh command_directory)
daemon_directory = $PFLIB
queue_directory = $S/spool/postfix
data_directory = $S/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = $S/log/postfix.log
maillog_file_prefixes = $S
syslog_name = postfix
myhostname = mx.dane.test
mydestination =
# its own addresses only: with "all" the other MX hosts would be "loops back to myself"
inet_interfaces = $DUAL4, $DUALB4, $DANE4, $DANE6, $STS4, $STS6, $PLAIN4, $GREY4
mynetworks = $IMAP4/32
alias_maps =
alias_database =
local_recipient_maps =
relay_domains = lmtp.test
transport_maps = inline:{ lmtp.test=lmtp:inet:$CLIENT4:2424 }
virtual_mailbox_domains = dane.test, danebad.test, sts.test, sts-none.test, sts-testing.test, sts-miss.test, sts-name.test, sts-plain.test, sts-dane.test, plain.test, nomx.test, bogus.test, expired.test, grey.test
virtual_mailbox_maps = static:OK
virtual_transport = lmtp:unix:$S/run/dovecot/lmtp
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_forbid_bare_newline = yes
smtputf8_enable = yes
smtpd_tls_security_level = may
smtpd_tls_chain_files = $S/pki/mx.dane.test.pem
smtpd_tls_received_header = yes
smtpd_tls_loglevel = 1
smtpd_sasl_type = dovecot
smtpd_sasl_path = $S/run/dovecot/auth-smtp
smtp_dns_support_level = dnssec
smtp_bind_address = $DANE4
smtp_bind_address6 = $DANE6
lmtp_bind_address = $DANE4
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
default_database_type = hash
C
}
postfix_master_cf() {
  local a
  for a in "$DANE4" "[$DANE6]"; do echo "$a:25 inet n - n - - smtpd"; done
  for a in "$STS4" "[$STS6]"; do
    printf '%s:25 inet n - n - - smtpd\n  -o myhostname=mx.sts.test -o smtpd_tls_chain_files=%s\n' "$a" "$S/pki/mx.sts.test.pem"
  done
  printf '%s:25 inet n - n - - smtpd\n  -o myhostname=mx.dual.test -o smtpd_tls_chain_files=%s,%s\n' "$DUAL4" "$S/pki/mx.dual.test.pem" "$S/pki/rsa.dual.test.pem"
  printf '%s:25 inet n - n - - smtpd\n  -o myhostname=mx.dual.test -o smtpd_tls_chain_files=%s\n' "$DUALB4" "$S/pki/b.dual.test.pem"
  printf '%s:587 inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n' "$DANE4"
  printf '%s:25 inet n - n - - smtpd\n  -o myhostname=mx.plain.test -o smtpd_tls_security_level=none\n' "$PLAIN4"
  printf '%s:25 inet n - n - - smtpd\n  -o myhostname=mx.grey.test -o smtpd_recipient_restrictions=check_policy_service,inet:%s:10023\n' "$GREY4" "$GREY4"
  cat <<'C'
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
virtual   unix  - n n - - virtual
lmtp      unix  - - n - - lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
C
}
dovecot_conf() {
  cat <<C
base_dir = $S/run/dovecot
state_dir = $S/run/dovecot
instance_name = lab
log_path = $S/log/dovecot.log
auth_verbose = yes
protocols = imap pop3 lmtp
listen = $IMAP4, $IMAP6
default_internal_user = dovecot
default_login_user = dovenull
mail_location = maildir:~/Maildir
mail_uid = dovecot
mail_gid = dovecot
first_valid_uid = 0
last_valid_uid = 0
first_valid_gid = 0
ssl = yes
ssl_cert = <$S/pki/imap.dane.test.crt
ssl_key = <$S/pki/imap.dane.test.key
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = yes
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 oauthbearer xoauth2
hostname = imap.dane.test
postmaster_address = postmaster@dane.test
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = $S/conf/dovecot-oauth2.ext
}
passdb {
  driver = passwd-file
  args = username_format=%u $S/conf/users
}
userdb {
  driver = static
  args = uid=dovecot gid=dovecot home=$S/mail/%u allow_all_users=yes
}
service auth {
  unix_listener auth-smtp {
    mode = 0666
  }
}
service lmtp {
  unix_listener lmtp {
    mode = 0666
  }
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
service imap-login {
  chroot =
}
service pop3-login {
  chroot =
}
service anvil {
  chroot =
  # no waiting after a wrong password: the tests have one on purpose
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Trash {
    special_use = \Trash
    auto = create
  }
}
C
}
mail_make() {
  local p=$S/conf/postfix u
  mkdir -p "$p" "$S/mail" "$S/run/dovecot" "$S/spool/postfix" "$S/lib/postfix" "$S/sink"
  chmod 1777 "$S/sink"
  chown postfix "$S/lib/postfix"
  chown dovecot "$S/mail"
  postfix_main_cf >"$p/main.cf"
  postfix_master_cf >"$p/master.cf"
  # every postfix program waits until main.cf is two seconds old: make it old
  touch -d '1 hour ago' "$p/main.cf" "$p/master.cf"
  { for u in alice bob; do echo "$u@dane.test:{PLAIN}secret-$u::::::"; done
    echo "scram@dane.test:$(doveadm pw -s SCRAM-SHA-256 -p secret-scram)::::::"; } >"$S/conf/users"
  dovecot_conf >"$S/conf/dovecot.conf"
  # tokens that are signed with this key are believed without asking anybody
  mkdir -p "$S/dict/default/HS256"
  printf %s "$LAB_JWT_KEY" | base64 -w0 >"$S/dict/default/HS256/default"
  printf '%s\n' 'introspection_mode = local' "local_validation_key_dict = fs:posix:prefix=$S/dict/" 'username_attribute = sub' 'issuers = https://id.test' \
    >"$S/conf/dovecot-oauth2.ext"
}
mail_start() {
  start dovecot dovecot -F -c "$S/conf/dovecot.conf"
  on_servers postfix -c "$S/conf/postfix" check 2>>"$S/log/postfix.out" || true # makes the queue's folders
  # master itself: "postfix start-fg" only adds shell scripts around it
  start postfix env MAIL_CONFIG="$S/conf/postfix" "$PFLIB/master" -c "$S/conf/postfix" -d
  start greylist python3 "$LAB_DIR/greylist.py" "$GREY4" 10023 3
  start sink-mx2 smtp-sink -u nobody -h mx2.backup.test -d "$S/sink/mx2.%M%S." "$MX2:25" 64
  start sink-v6 smtp-sink -u nobody -h mx.v6.test -d "$S/sink/v6.%M%S." "inet:[$V6ONLY]:25" 64
  on_servers nft -f - <<C
table inet faults {
  chain in {
    type filter hook input priority 0
    ip daddr $HOLE4 tcp dport 25 drop
  }
}
C
}
mail_wait() {
  wait_for dovecot "IMAP" port_open "$IMAP4" 993
  wait_for postfix "SMTP" port_open "$DANE4" 25
  wait_for greylist "greylisting" port_open "$GREY4" 10023
}
