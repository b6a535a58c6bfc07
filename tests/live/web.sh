# web.sh - nginx with the MTA-STS policies of $STS_NAMES (dns.sh), good ones and bad ones
policy() { printf 'version: STSv1\\r\\nmode: %s\\r\\nmx: %s\\r\\nmax_age: 86400\\r\\n' "$@"; }
web_site() { # NAME CERTIFICATE WHAT-IT-ANSWERS
  cat <<C
  server {
    listen $WEB4:443 ssl;
    server_name mta-sts.$1.test;
    ssl_certificate $S/pki/$2.crt;
    ssl_certificate_key $S/pki/$2.key;
    location = /.well-known/mta-sts.txt { $3 }
  }
C
}
web_sites() {
  local n
  web_site sts web "return 200 \"$(policy enforce mx.sts.test)\";"
  web_site sts-testing web "return 200 \"$(policy testing mx.elsewhere.test)\";"
  web_site sts-none web "return 200 \"$(policy none mx.sts.test)\";"
  web_site sts-miss web "return 200 \"$(policy enforce '*.sts-miss.test')\";"
  web_site sts-name web "return 200 \"$(policy enforce '*.sts-name.test')\";" # the server has a certificate for mx.sts.test only
  web_site sts-plain web "return 200 \"$(policy enforce mx.plain.test)\";"
  web_site sts-dane web "return 200 \"$(policy enforce mx.elsewhere.test)\";"
  web_site sts-redirect web "return 301 https://mta-sts.sts.test/.well-known/mta-sts.txt;"
  web_site sts-big web "alias $S/www/big;"
  web_site sts-slow web "limit_rate 1; alias $S/www/slow;"
  web_site sts-type web "default_type text/html; return 200 \"$(policy enforce mx.sts.test)\";"
  web_site sts-junk web "return 200 \"no policy at all\";"
  web_site sts-gone web "return 404;"
  web_site sts-expired expired "return 200 \"$(policy enforce mx.sts.test)\";"
  web_site sts-cert elsewhere "return 200 \"$(policy enforce mx.sts.test)\";"
}
web_make() {
  mkdir -p "$S/www" "$S/tmp"
  printf 'version: STSv1\nmode: enforce\nmx: mx.sts.test\nmax_age: 86400\n' >"$S/www/slow"
  { cat "$S/www/slow"; printf 'mx: mx%d.sts.test\n' $(seq 5000); } >"$S/www/big"
  cat >"$S/conf/nginx.conf" <<C
daemon off;
master_process off;
pid $S/tmp/nginx.pid;
error_log $S/log/nginx.log warn;
events { worker_connections 256; }
http {
  access_log $S/log/nginx.access;
  client_body_temp_path $S/tmp/b;
  proxy_temp_path $S/tmp/p;
  fastcgi_temp_path $S/tmp/f;
  uwsgi_temp_path $S/tmp/u;
  scgi_temp_path $S/tmp/s;
  default_type text/plain;
$(web_sites)
}
C
}
web_start() { start nginx nginx -e "$S/log/nginx.log" -p "$S/tmp" -c "$S/conf/nginx.conf"; }
web_wait() { wait_for nginx "HTTPS" port_open "$WEB4" 443; }
