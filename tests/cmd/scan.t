# mail-verify --scan: what is found in messages, and that nothing which was not looked at is called clean.
. "${SURAT_SRC:?}/tests/lib.sh"
cd "$T" || exit 99
python3 "$SURAT_SRC/tests/tools/malware.py" set || exit 99
verdict() { run mail-verify --scan archives "$@"; }
while read -r name want finding; do
  [ -n "$name" ] || continue
  verdict <"set/$name"
  got=$(head -1 <<<"$out" | cut -f2)
  case $want in clean) want_code=0 ;; *) want_code=1 ;; esac
  if [ "$got" = "$want" ] && [ "$code" = "$want_code" ] && { [ -z "$finding" ] || cut -f1,2 <<<"$out" | grep -qx "finding	$finding"; }; then
    pass "$name: $want ${finding:-}"
  else
    fail "$name: $want ${finding:-}" "exit $code: $out $err"
  fi
done <<'E2'
clean                    clean
eicar                    infected              eicar
eicar-body               infected              eicar
eicar-zip                infected              eicar
eicar-tgz                infected              eicar
eicar-tbz                infected              eicar
eicar-txz                infected              eicar
eicar-iso                infected              eicar
eicar-nested-10          infected              eicar
eicar-nested-25          not-fully-inspected   depth
eicar-among-12000        not-fully-inspected   entries
eicar-padded             not-fully-inspected   ratio
eicar-encrypted          not-fully-inspected   encrypted
eicar-split              infected              eicar
eicar-padding            infected              eicar
eicar-duplicate-boundary infected              eicar
eicar-duplicate-type     infected              eicar
eicar-duplicate-encoding infected              eicar
eicar-blank-colon        infected              ambiguous
eicar-colon-hides        infected              eicar
eicar-after-close        infected              eicar
eicar-in-message         infected              eicar
eicar-in-eml             not-fully-inspected   unknown-format
eicar-in-eml-in-zip      not-fully-inspected   unknown-format
eicar-uuencode           infected              eicar
uuencode-part            infected              eicar
uuencode-second          not-fully-inspected   encoding
uuencode-before          not-fully-inspected   encoding
uuencode-none            not-fully-inspected   encoding
executable               policy                executable
executable-elf           policy                executable
executable-lnk           policy                executable
executable-msi           policy                executable
executable-class         policy                executable
script                   policy                script
script-js                policy                script
script-utf16             policy                script
script-name              policy                script
program-name             policy                program-name
double-extension         policy                double-extension
double-extension-blanks  policy                double-extension
hidden-name              policy                hidden-name
disk-image               policy                disk-image
disk-image-vhd           not-fully-inspected   disk-image
polyglot                 not-fully-inspected   polyglot
polyglot-junk            not-fully-inspected   polyglot
polyglot-comment         not-fully-inspected   polyglot
tar-of-zip               clean                 nested-archive
polyglot-tar             not-fully-inspected   polyglot
polyglot-gzip            not-fully-inspected   polyglot
polyglot-ole             not-fully-inspected   polyglot
polyglot-pdf-in-zip      not-fully-inspected   polyglot
polyglot-gzip-in-zip     not-fully-inspected   polyglot
eicar-rar4               infected              eicar
rar4-of-text             clean
eicar-rar5               infected              eicar
rar5-of-text             clean
eicar-7z                 infected              eicar
7z-of-text               clean
eicar-cab                infected              eicar
cab-of-text              clean
eicar-lha                infected              eicar
lha-of-text              clean
eicar-bsdtar-zip         infected              eicar
eicar-bsdtar-7zip        infected              eicar
eicar-bsdtar-xar         infected              eicar
eicar-bsdtar-iso9660     infected              eicar
eicar-bsdtar-cpio        infected              eicar
eicar-bsdtar-newc        infected              eicar
eicar-bsdtar-ustar       infected              eicar
eicar-bsdtar-pax         infected              eicar
eicar-bsdtar-gnutar      infected              eicar
eicar-bsdtar-v7tar       infected              eicar
eicar-bsdtar-arbsd       infected              eicar
eicar-bsdtar-argnu       infected              eicar
eicar-bsdtar-gzip        infected              eicar
eicar-bsdtar-bzip2       infected              eicar
eicar-bsdtar-xz          infected              eicar
eicar-bsdtar-lzma        infected              eicar
eicar-bsdtar-lzip        infected              eicar
eicar-bsdtar-zstd        infected              eicar
eicar-bsdtar-lz4         infected              eicar
eicar-bsdtar-compress    infected              eicar
eicar-zip64              infected              eicar
zip64-of-text            clean
zip-streamed             clean
zip-in-zip               clean                 nested-archive
zip-appended             not-fully-inspected   polyglot
zip-concatenated         not-fully-inspected   polyglot
zip-concatenated-in-zip  not-fully-inspected   polyglot
zip-unnamed              not-fully-inspected   unknown-format
zip-two-names            not-fully-inspected   program-name
zip-two-names-back       not-fully-inspected   program-name
zip-two-ends             not-fully-inspected   polyglot
volume-rar5              not-fully-inspected   unknown-format
volume-rar4              not-fully-inspected   unknown-format
volume-cab               not-fully-inspected   unknown-format
volume-zip               not-fully-inspected   unknown-format
volume-zip-last          not-fully-inspected   unknown-format
zip-two-sizes            not-fully-inspected   polyglot
behind-rar4              not-fully-inspected   polyglot
behind-rar4-in-zip       not-fully-inspected   polyglot
behind-rar5              not-fully-inspected   polyglot
behind-rar5-in-zip       not-fully-inspected   polyglot
behind-7z                not-fully-inspected   polyglot
behind-7z-in-zip         not-fully-inspected   polyglot
behind-cab               not-fully-inspected   polyglot
behind-cab-in-zip        not-fully-inspected   polyglot
behind-pdf               not-fully-inspected   polyglot
behind-text              not-fully-inspected   polyglot
rar-in-tar               clean                 nested-archive
marks-in-text            clean
uuencode-file            not-fully-inspected   unknown-format
uuencode-file-name       not-fully-inspected   unknown-format
uuencode-in-zip          not-fully-inspected   unknown-format
uuencode-html            clean
tnef-as-text             not-fully-inspected   unknown-format
large-beside             policy                executable
mode-folder              not-fully-inspected   unknown-format
mode-device              not-fully-inspected   unknown-format
mode-link                not-fully-inspected   unknown-format
macro                    policy                macro
macro-ooxml              policy                macro
macro-xlm                policy                macro
macro-odf                policy                macro
external-link            policy                external-link
external-link-rtf        policy                external-link
hyperlink                clean
embedded-object          policy                executable
embedded-object-rtf      policy                embedded-object
encrypted-ooxml          not-fully-inspected   encrypted
encrypted-doc            not-fully-inspected   encrypted
pdf-launch               policy                pdf-launch
pdf-script               policy                pdf-script
pdf-attachment           clean                 pdf-attachment
pdf-filter               not-fully-inspected   unknown-format
html                     clean
html-script              policy                html-script
html-event               policy                html-script
html-javascript          policy                html-script
html-search              policy                html-script
html-program             policy                html-script
html-share               policy                html-script
html-share-backslash     policy                html-script
html-of-word             clean
html-form                policy                html-form
lookalike-link           policy                lookalike-link
lookalike-user           policy                lookalike-link
lookalike-letters        policy                lookalike-link
E2

# where it lies, and in JSON
verdict <set/eicar-zip
like "$out" $'^scan\tinfected\t\t\tEICAR test file: part 2 a.zip > eicar.com' "the verdict says which part, and which file in it"
verdict --json <set/eicar-nested-25
like "$out" '"method":"scan","result":"not-fully-inspected".*"reason":"archives in archives, too deep: part 2 a.zip > 23.zip.*"part":"2"' "JSON: the limit, the part"
like "$out" '"method":"finding","result":"depth".*"detail":"12"' "and each finding with its evidence"
fits mail-verify "as the schema says"
# bytes from a pipe, a file with a name, an mbox
cat set/eicar-zip | { verdict; is "$(head -1 <<<"$out" | cut -f2)" infected "from a pipe"; exit 0; }
tap_n=$((tap_n + 1))
verdict set/eicar-zip
is "$(head -1 <<<"$out" | cut -f2)" infected "by its name"
{ echo 'From x Thu Jan  1 00:00:00 2026'; cat set/clean; echo; echo 'From x Thu Jan  1 00:00:00 2026'; cat set/macro; echo; } >box
verdict --mbox box
is "$(grep ^scan <<<"$out" | cut -f2 | tr '\n' ' ')" "clean policy " "each message of an mbox"
run mail-verify --scan archives </dev/null
code_is 65 "no message is no clean message"
run mail-verify --dns-data /dev/null set/clean
like "$out" $'^scan\tclean' "whoever asks for everything is told of it too"
run mail-verify --scan off --dkim --dns-data /dev/null set/eicar
unlike "$out" '^scan' "off"

# the verdict in front of the message, and nobody else's
{ printf 'X-Virus-Status: Clean\nX-Virus-Scanned: by nobody\n'; cat set/eicar-zip; } >forged
verdict --add-header <forged
code_is 1 "--add-header: the same exit status"
is "$(grep -i '^x-virus' <<<"$out")" 'X-Virus-Scanned: surat (archives)
X-Virus-Status: Infected (EICAR test file; part 2' "fields of ours, and those that came are gone"
verdict --add-header --authserv-id a.test <set/clean
is "$(sed -n '/^X-Virus-Status/,$p' <<<"$out" | tail -n +2)" "$(cat set/clean)" "and the message is as it was"
like "$out" $'X-Virus-Status: Clean\n' "a clean one"

# the configuration decides
verdict --scan-policy html-form=pass <set/html-form
code_is 0 "a rule that passes does not count"
like "$out" $'^finding\thtml-form' "and is told"
verdict --scan-policy policy=pass,macro=tag <set/macro
code_is 1 "a later word wins"
verdict --scan-policy incomplete=pass <set/eicar-encrypted
code_is 1 "what was not looked at is not clean, whatever is done about it"
verdict --scan-limits depth=30 <set/eicar-nested-25
is "$(head -1 <<<"$out" | cut -f2)" infected "limits can be raised"
verdict --scan-limits entries=20000 <set/eicar-among-12000
is "$(head -1 <<<"$out" | cut -f2)" infected "all of them"
verdict --scan-limits bytes=10k <set/eicar-tbz
is "$(head -1 <<<"$out" | cut -f2)" not-fully-inspected "and lowered"
verdict --scan-limits memory=4M <set/large-beside
like "$out" $'finding\tmemory' "a file that does not fit into memory"
like "$out" $'finding\texecutable' "and what lies beside it is looked at"
unlike "$out" $'finding\thelper' "to the end"
for bad in "--scan nonsense" "--scan clamd:nowhere" "--scan-policy macro" "--scan-policy macro=burn" "--scan-policy nothing=tag" "--scan-limits depth=0" "--scan-limits width=3"; do
  run mail-verify --scan archives $bad <set/clean
  code_is 64 "$bad is told"
  one_line "in one line"
done
mkdir -p "$XDG_CONFIG_HOME/surat"
printf '[verify]\nscan = archives\nscan-policy = macro=pass\n' >"$XDG_CONFIG_HOME/surat/config"
run mail-verify --dns-data /dev/null set/macro
like "$out" $'^scan\tclean' "the configuration's policy"
rm "$XDG_CONFIG_HOME/surat/config"

# what is in an archive, through the same helper
run mail-read parts --json set/eicar-nested-10
like "$out" '"archive":\[\{"size":[0-9]+,"type":"file","time":"2020-01-01T00:00:00Z","depth":1,"name":"8.zip"\},' "mail-read parts lists an archive"
like "$out" '"depth":10,"name":"8.zip > .* > eicar.com"\}\]' "and those in it"
fits mail-read "as the schema says"
unlike "$out" 'archive_incomplete' "all of it"
run mail-read parts --json set/eicar-encrypted
like "$out" '"encrypted":true.*"name":"eicar.com"\}\],"archive_incomplete":true' "what is encrypted in it is said"
fits mail-read "as the schema says"
run mail-read parts --json set/eicar
unlike "$out" '"archive"' "what is none has no list"

run mail-verify --scan archives set/eicar-among-12000
unlike "$out" 'polyglot' "of a directory that is not read to its end it is not said that it leaves files out"

# what unpacks to more than it is, or for ever
python3 "$SURAT_SRC/tests/tools/malware.py" --bombs bombs || exit 99
for bomb in bombs/*; do
  run timeout 60 "$SURAT_BUILD/surat-unpack" <"$bomb"
  code_is 0 "$bomb ends"
  [ "$bomb" = bombs/xar-double-link ] || like "$out" '"rule":"(ratio|bytes|entry-bytes|depth|entries|memory|damaged)"' "and is not fully inspected"
done
# the helper's own death is no verdict
mkdir fake && printf '#!/bin/sh\ncat >/dev/null\n%s\n' 'echo "{\"rule\":\"macro\",\"path\":\"x\"}"; kill -XCPU $$' >fake/surat-unpack && chmod +x fake/surat-unpack
cp "$SURAT_BUILD/mail-verify" fake/
for what in 'kill -XCPU $$=time' 'kill -KILL $$=time' 'exit 71=memory' 'exit 3=helper' 'kill -SEGV $$=helper' 'echo "{}"=helper' 'echo "["=helper' 'exec cat /dev/zero=helper' ':=helper'; do
  printf '#!/bin/sh\ncat >/dev/null\n%s\n' "${what%=*}" >fake/surat-unpack
  run fake/mail-verify --scan archives set/eicar-zip
  like "$out" $'^scan\tnot-fully-inspected' "a helper that does ${what%=*}: not fully inspected"
  like "$out" $'\nfinding\t'"${what##*=}" "because of ${what##*=}"
done
printf '#!/bin/sh\nexec sleep 1000\n' >fake/surat-unpack
run fake/mail-verify --scan archives --scan-limits time=1 set/eicar-padded
like "$out" $'\nfinding\ttime' "one that takes nothing and says nothing is ended"
done_testing
