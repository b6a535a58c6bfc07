#!/bin/sh
# transport.sh - a transport in a few milliseconds: sends all, but for addresses with "defer" or "refuse" in them (once: what was deferred is sent the second time).
# What was sent goes to $SENT, a line "ID ADDRESS", before it is reported.
while IFS= read -r job; do
  id=${job#*\"id\":\"} id=${id%%\"*}
  printf '{"id":"%s","status":"sending"}\n' "$id"
  rest=${job#*\"recipients\":}
  while :; do
    case $rest in *\"address\":\"*) ;; *) break ;; esac
    rest=${rest#*\"address\":\"}
    to=${rest%%\"*}
    status=sent code=250
    case $to in
    *refuse*) status=refused code=550 ;;
    *defer*) if ! grep -qs "^$id $to\$" "$SENT.deferred"; then status=deferred code=451; printf '%s %s\n' "$id" "$to" >>"$SENT.deferred"; fi ;;
    esac
    [ $status != sent ] || printf '%s %s\n' "$id" "$to" >>"$SENT"
    printf '{"id":"%s","address":"%s","status":"%s","code":%s,"text":"said the server","host":"mx.test"}\n' "$id" "$to" $status $code
  done
  printf '{"id":"%s","status":"done"}\n' "$id"
done
