# mail-compose --reply, --forward, --resend.
. "$SURAT_SRC/tests/lib.sh"
cd "$T" || exit 99
mkdir -p "$XDG_CONFIG_HOME/surat"
cat >"$XDG_CONFIG_HOME/surat/config" <<'X'
[account work]
from = Ana Wijaya <ana@work.test>
[account home]
from = ana@home.test
X
C="mail-compose --now @1700000000 --boundary-seed s -A work"
field() { sed -e '/^$/q' "$T/.out" | sed -e ':a' -e '$!N;s/\n[ \t]/ /;ta' -e 'P;D' | sed -n "s/^$1: //p"; }
message() { # FIELDS TEXT
  printf '%b\n\n%b' "$1" "${2:-Text.\n}" >m
}
answer() { run $C --reply m "$@" < <(echo Answer); }

# --- to whom ---
message 'From: Bob <bob@b.test>\nTo: ana@work.test, Carl <carl@c.test>\nCc: Dan <dan@d.test>, ANA@home.test\nSubject: Hi\nMessage-ID: <1@b.test>'
answer
code_is 0 "an answer"
is "$(field To)" "Bob <bob@b.test>" "goes to the author"
is "$(field Cc)" "" "and to nobody else"
is "$(field Subject)" "Re: Hi" "its subject"
is "$(field In-Reply-To)" "<1@b.test>" "In-Reply-To"
is "$(field References)" "<1@b.test>" "References"
answer --all
is "$(field To)|$(field Cc)" "Bob <bob@b.test>|Carl <carl@c.test>, Dan <dan@d.test>" "to all, but not to oneself"
answer -t eve@e.test -s Other
is "$(field To)|$(field Subject)" "eve@e.test, Bob <bob@b.test>|Other" "another recipient, another subject"
message 'From: bob@b.test\nReply-To: list@l.test, bob2@b.test\nTo: ana@work.test'
answer
is "$(field To)" "list@l.test, bob2@b.test" "Reply-To"
message 'From: bob@b.test\nReply-To: list@l.test\nMail-Reply-To: bob3@b.test\nTo: ana@work.test'
answer
is "$(field To)" "bob3@b.test" "Mail-Reply-To"
message 'From: bob@b.test\nTo: list@l.test\nCc: x@x.test\nMail-Followup-To: list@l.test, ana@work.test\nList-Post: <mailto:list@l.test>'
answer --all
is "$(field To)|$(field Cc)" "list@l.test|" "Mail-Followup-To"
message 'From: bob@b.test\nTo: ana@work.test\nList-Post: <mailto:list@l.test?subject=x>'
answer --all
is "$(field To)|$(field Cc)" "bob@b.test|list@l.test" "the list, when it is in no other field"
message 'From: bob@b.test\nTo: ana@work.test\nList-Post: NO'
answer --all
is "$(field Cc)" "" "a list that takes no mail"
message 'From: ana@home.test\nTo: bob@b.test\nCc: c@c.test'
answer
is "$(field To)|$(field Cc)" "bob@b.test|" "one's own message: whom it went to"
answer --all
is "$(field To)|$(field Cc)" "bob@b.test, c@c.test|" "and all of them"
message 'From: ana@home.test\nTo: ana@work.test'
answer
is "$(field To)" "ana@home.test" "from oneself to oneself"
message 'From: bob@b.test\nTo: ana@home.test'
run mail-compose --reply m < <(echo x)
is "$(field From)" "ana@home.test" "the answer comes from where the message went"
message 'From: bob@b.test\nTo: BOB@b.test, bob@b.test, "Bob" <bob@b.test>'
answer --all
is "$(field To)|$(field Cc)" "bob@b.test|" "no doubles"
message 'Subject: nobody'
answer
code_is 65 "a message from nobody"
one_line "in one line"
message 'From: "Bob, Jr." <bob@b.test>, =?utf-8?q?J=C3=B6rg?= <j@j.test>\nTo: ana@work.test'
answer
is "$(field To)" '"Bob, Jr." <bob@b.test>, =?utf-8?q?J=C3=B6rg?= <j@j.test>' "names with specials and encoded words"
message 'From: bob@bücher.test\nTo: ana@work.test'
answer
is "$(field To)" 'bob@xn--bcher-kva.test' "a domain in another script"

# --- subject and references ---
for s in 're: Hi' 'RE: Re: Hi' 'Re[3]: Hi' 'AW: Hi' 'Re : Hi'; do
  message "From: b@b.test\nSubject: $s"
  answer
  is "$(field Subject)" "Re: Hi" "subject '$s'"
done
message 'From: b@b.test\nSubject: Regards'
answer
is "$(field Subject)" "Re: Regards" "a subject that begins with Re"
message 'From: b@b.test'
answer
is "$(field Subject)" "Re:" "no subject"
message 'From: b@b.test\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?='
answer
is "$(field Subject)" "Re: =?utf-8?q?Gr=C3=BC=C3=9Fe?=" "an encoded subject"
message 'From: b@b.test\nMessage-ID: <3@b>\nReferences: <1@b>\n <2@b>'
answer
is "$(field References)|$(field In-Reply-To)" "<1@b> <2@b> <3@b>|<3@b>" "references grow"
message 'From: b@b.test\nMessage-ID: <3@b>\nIn-Reply-To: <2@b>'
answer
is "$(field References)" "<2@b> <3@b>" "In-Reply-To where there are no references"
message 'From: b@b.test\nMessage-ID: <3@b>\nIn-Reply-To: <1@b> <2@b>'
answer
is "$(field References)" "<3@b>" "two of them say nothing"
message "From: b@b.test\nMessage-ID: <new@b>\nReferences: $(seq -f '<%g@b>' 500 | tr '\n' ' ')"
answer
is "$(field References | wc -w)" 101 "of very many the first and the last stay"

# --- quoting ---
message 'From: Bob <bob@b.test>\nTo: ana@work.test\nDate: Tue, 24 Nov 2026 09:14:00 +0100' 'Hello Ana,\n\n> what you said\n>> before\nline   \n-- \nBob\nBobs Ltd\n'
answer --quote
is "$(sed '1,/^$/d' "$T/.out")" "On Tue, 24 Nov 2026 09:14:00 +0100, Bob wrote:
> Hello Ana,
>
>> what you said
>>> before
> line

Answer" "a quote"
message 'From: bob@b.test\nContent-Type: text/plain; hp=cipher; hp-legacy-display=1' 'Subject: hidden\n\nHello.\n'
answer --quote
like "$out" '^> Hello' "of what was encrypted the text is quoted"
unlike "$out" 'hidden' "and not the Subject that some put before it"
html='<div class="header-protection-legacy-display"><pre>Subject: hidden</pre></div><p>Hello.'
message 'From: bob@b.test\nContent-Type: text/html; hp=cipher; hp-legacy-display=1' "$html"
answer --quote
like "$out" '^> Hello' "of HTML too"
unlike "$out" 'hidden' "without the Subject"
message 'From: bob@b.test\nContent-Type: text/html' "$html"
answer --quote
like "$out" '^> Subject: hidden' "but of mail that nobody encrypted all is quoted"
message 'From: bob@b.test\nSurat-Protection: v=1; encrypted=pgp; signed=no' 'Hello.\n'
answer --quote
like "$err" '^mail-compose: the original was encrypted, .*mail-sign' "who answers what was encrypted is told"
message 'From: bob@b.test\nSurat-Protection: v=1; encrypted=no; signed=pgp' 'Hello.\n'
answer --quote
is "$err" "" "and who answers what was signed is not"
message 'From: bob@b.test' 'This is a long line that a person wrote without a single line end, as many programs do today, and it is wrapped.\n'
answer --quote
is "$(sed '1,/^$/d' "$T/.out" | awk 'length > 78')" "" "long lines are wrapped"
like "$out" '^bob@b.test wrote:$' "without a date and a name"
printf 'From: b@b.test\nContent-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe\n--x\nContent-Type: text/html\n\n<p>no\n--x--\n' >m
answer --quote
like "$out" '^> Gr=C3=BC=C3=9Fe$' "the text of another charset"
unlike "$out" 'no$' "and not the HTML"
printf 'From: b@b.test\nContent-Type: text/html\n\n<p>Hello<p>World <a href="https://x.test/">here</a>\n' >m
answer --quote
like "$out" '^> World here <https://x.test/>$' "of HTML its text"
printf 'From: b@b.test\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nseen\n--x\nContent-Disposition: attachment; filename=a.txt\n\nattached\n--x\nContent-Type: message/rfc822\n\nA: b\n\ninner\n--x--\n' >m
answer --quote
like "$out" '^> seen$' "the text people saw"
unlike "$out" 'attached|inner' "and nothing else"
message 'From: b@b.test' ''
answer --quote
code_is 0 "an empty message quoted"
printf '\033]52;c;x\007 <x@y>\n' >t
message "From: $(printf '\033]0;x\007') <b@b.test>\nDate: Tue, 24 Nov 2026 09:14:00 +0100"
answer --quote
unlike "$(tr -d '\n' <"$T/.out")" "$(printf '\033')" "no escape sequence of a name gets into the text"
run bash -c "$C --reply - --body t <m"
code_is 0 "the message on standard input"
run $C --reply m --quote --format-flowed < <(echo 'a line')
like "$out" 'format=flowed' "a flowed answer"

# --- forwarding ---
printf 'From: Bob <bob@b.test>\nBcc: secret@s.test\nSubject: Hi\nDate: Tue, 24 Nov 2026 09:14:00 +0100\nTo: ana@work.test\nContent-Type: multipart/mixed; boundary="=_x"\n\n--=_x\n\nthe text\n--=_x\nContent-Type: image/png\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="p \303\266.png"\n\nAAEC\n--=_x\nContent-Type: message/rfc822\n\nSubject: inner\n\ninner text\n--=_x--\n' >m
run $C --forward m -t eve@e.test < <(echo 'See below.')
code_is 0 "a forward"
is "$(field Subject)" "Fwd: Hi" "its subject"
like "$out" '^Content-Type: message/rfc822$' "the message is whole"
like "$out" '^--=_x--$' "with all in it"
unlike "$out" 'secret' "but its Bcc"
like "$out" '^See below.$' "the text is there"
cp "$T/.out" f
run $C --forward f --forward m -t eve@e.test --body /dev/null
is "$(grep -ac '^Content-Type: message/rfc822$' "$T/.out")" 5 "two messages, one with the same boundaries"
python3 -c 'import email, email.policy, sys
m = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
print([p.get_content_type() for p in m.walk()], [d for p in m.walk() for d in p.defects])' "$T/.out" >shape
like "$(cat shape)" '\[\]$' "Python reads it without a defect"
run $C --inline-forward --forward m -t eve@e.test < <(echo 'See below.')
code_is 0 "an inline forward"
is "$(sed -n '/^See/,/^the text/p' "$T/.out")" "See below.

---------- Forwarded message ----------
From: Bob <bob@b.test>
Date: Tue, 24 Nov 2026 09:14:00 +0100
Subject: Hi
To: ana@work.test

the text" "the text of it below"
python3 -c 'import email, email.policy, sys
m = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
print([(p.get_content_type(), p.get_filename()) for p in m.iter_attachments()])
print(list(m.iter_attachments())[0].get_payload(decode=True))' "$T/.out" >shape
is "$(cat shape)" "[('image/png', 'p ö.png'), ('message/rfc822', 'message-3.eml')]
b'\\x00\\x01\\x02'" "its attachments are attached"
printf 'From a@b Tue Nov 24 09:14:00 2026\nSubject: one\n\n1\n>From x\n\nFrom a@b Tue Nov 24 09:14:00 2026\nSubject: two\n\n2\n\n' >box
run bash -c "$C --forward - --mbox --body t -t eve@e.test <box"
code_is 0 "a stream of messages"
is "$(grep -ac '^Content-Type: message/rfc822$' "$T/.out")" 2 "all are there"
like "$out" '^From x$' "unquoted"
run bash -c "head -c 100 box | $C --forward - --mbox --body t -t eve@e.test"
code_is 65 "a stream that was cut"
is "$(wc -c <"$T/.out")" 0 "nothing is written"
run bash -c "$C --forward - --mbox --body t -t eve@e.test </dev/null"
code_is 66 "an empty stream"
printf 'Subject: x\n\na\rb\n' >odd
run $C --forward odd -t eve@e.test --body t
like "$out" '^Content-Type: application/octet-stream$' "what cannot travel as a message goes as a file"

# --- resending ---
printf 'Return-Path: <x@x.test>\nDelivered-To: ana@work.test\nFrom: bob@b.test\nTo: ana@work.test\nBcc: secret@s.test\nSubject: Hi\n\nText\n.\n' >m
run $C --resend m -t 'Eve <eve@e.test>' -b f@f.test
code_is 0 "a message sent on"
is "$(sed 's/<20231114221320.*@/<id@/' "$T/.out")" 'Resent-Date: Tue, 14 Nov 2023 22:13:20 +0000
Resent-From: Ana Wijaya <ana@work.test>
Resent-To: Eve <eve@e.test>
Resent-Bcc: f@f.test
Resent-Message-ID: <id@work.test>
From: bob@b.test
To: ana@work.test
Subject: Hi

Text
.' "unchanged, behind its Resent- fields"
printf 'From: bob@b.test\r\nSubject: x' >m
run $C --resend m -t eve@e.test
is "$(tail -3 "$T/.out")" 'From: bob@b.test
Subject: x' "a header without an end gets one"

# --- messages by name ---
mkdir -p md/cur md/new md/tmp
printf 'From: bob@b.test\nMessage-ID: <in@md>\nSubject: stored\n\nx\n' >md/cur/1.M1.host:2,S
run $C --reply md/cur/1.M1.host < <(echo x)
is "$(field Subject)" "Re: stored" "found by its unique part"
run $C --reply "mbox:$PWD/box#0" < <(echo x)
code_is 65 "in an mbox, but without an address"
run $C --reply 7 < <(echo x)
code_is 64 "a number, but nothing was listed"
done_testing
