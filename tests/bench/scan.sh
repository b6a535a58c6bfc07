# mail-verify --scan: a large attachment through our own checks, a corpus of messages, archives, and the helper's start.
. "$(dirname "$0")/lib.sh"
need_corpus --big
MD=$CORPUS/Maildir BIG=$CORPUS/big
export MD BIG
bench scan-100M -b 1e8
ours -a 'mail-verify --scan archives <"$BIG/msg-100M.eml" | head -1 | cut -f2' 'mail-verify --scan archives <"$BIG/msg-100M.eml" >/dev/null'
peer -N clamscan clamscan 'clamscan --no-summary -d "$W/test.ndb" "$BIG/msg-100M.eml" >/dev/null'
floor -N base64 'base64 -d' 'sed -e 1,18d -e /^--/d "$BIG/msg-100M.eml" | base64 -di >/dev/null'
floor -N mail-read 'parse and decode only' 'mail-read parts --quiet - <"$BIG/msg-100M.eml"'
bar wall 0.2
bar rss 16384
measure

zip=$W/zip.eml
# texts: messages in it would be said not to be looked into
[ -e "$zip" ] || { mkdir -p "$W/files" && (cd "$W/files" && sed 1,18d "$BIG/msg-100M.eml" | head -c 72000000 | split -a 4 -b 36000 - text. && bsdtar -acf "$W/a.zip" text.*) &&
  rm -rf "$W/files" && mail-compose -f a@b.test -t b@b.test -a "$W/a.zip" </dev/null >"$zip"; }
export zip
bench scan-zip-2000 -i 2000
ours -a 'mail-verify --scan archives <"$zip" | head -1 | cut -f2' 'mail-verify --scan archives <"$zip" >/dev/null'
floor -N bsdtar 'bsdtar to nowhere' 'bsdtar -xOf "$W/a.zip" >/dev/null'
measure
