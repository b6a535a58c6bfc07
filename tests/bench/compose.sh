# mail-compose: attachments of 1 MB, 100 MB and 1 GB, small messages a process each, start-up, merge.
. "$(dirname "$0")/lib.sh"
need_corpus --big
need_corpus --big-1g
BIG=$CORPUS/big TEXT=$CORPUS/big/text.txt
printf '#!/bin/sh\nexec cat >/dev/null\n' >"$W/mta" && chmod 755 "$W/mta"
EMAIL_PY='import sys
from email.message import EmailMessage
m = EmailMessage(); m["From"] = "a@example.org"; m["To"] = "b@example.net"; m["Subject"] = "x"; m.set_content(open(sys.argv[2]).read())
m.add_attachment(open(sys.argv[1], "rb").read(), maintype="application", subtype="octet-stream", filename="f.bin")
sys.stdout.buffer.write(m.as_bytes())'
export BIG TEXT EMAIL_PY

for size in 1M 100M 1G; do
  RAW=$BIG/raw-$size.bin runs=$RUNS
  [ $size = 1G ] && runs=3
  export RAW
  printf 'From: a@example.org\nTo: b@example.net\nSubject: x\n\nhello\n#application/octet-stream %s>f.bin\n' "$RAW" >"$W/mmime"
  bench attach-$size -b "$(stat -c %s "$RAW")" -n "$runs"
  ours 'mail-compose -f a@example.org -t b@example.net -s x -a "$RAW" <"$TEXT" >/dev/null'
  peer mmime 'mmime <"$W/mmime" >/dev/null'
  floor -N base64 'base64 -w 76' 'base64 -w 76 "$RAW" >/dev/null'
  floor cat 'cat "$RAW" >/dev/null'
  if [ $size != 1G ]; then
    peer s-nail 's-nail -:/ -Sv15-compat -Smta="file://$W/mta" -Ssendwait -s x -a "$RAW" b@example.net <"$TEXT"'
    floor -N python3 'python3 email' 'python3 -c "$EMAIL_PY" "$RAW" "$TEXT" >/dev/null'
  fi
  [ $size = 100M ] && bar wall 0.3 s-nail
  [ $size = 1G ] && { bar wall 0.667 'base64 -w 76'; bar wall 0.2 mmime; bar rss 8192; }
  measure
done

bench small -i 500
ours '"$EACH" -n 500 "$CORPUS/small" mail-compose -f a@example.org -t b@example.net -s x'
peer mmime '"$EACH" -n 500 "$CORPUS/small" mmime'
peer -N makemime makemime '"$EACH" -n 500 "$CORPUS/small" makemime -c text/plain -a "Subject: x" -a "From: a@example.org" -a "To: b@example.net" {}'
floor 'true' '"$EACH" -n 500 "$CORPUS/small" true'
bar wall 1 mmime
measure

bench start -i 500
ours '"$EACH" -n 500 "$CORPUS/small" mail-compose --version'
peer mscan '"$EACH" -n 500 "$CORPUS/small" mscan /dev/null'
bar wall 1.5 mscan
measure

awk 'BEGIN { print "email,name,n"; for (i = 1; i <= 10000; i++) printf "user%d@example.net,Person %d,%d\n", i, i, i }' >"$W/rows.csv"
printf 'From: a@example.org\nTo: {{name}} <{{email}}>\nSubject: number {{n}}\n\nDear {{name}},\n\nyour number is {{n}}.\n' >"$W/template"
bench merge -i 10000
ours 'mail-compose --merge "$W/rows.csv" <"$W/template" | grep -c "^From "'
bar rate 20000
measure
