# What every program does the same way, since it comes from one table and one main().
. "${SURAT_SRC:?}/tests/lib.sh"
printf 'a = 1\n' >"$T/unknown"
printf '[account work]\nfrom = ana@example.org\nserver = smtp://mail.example.org\n' >"$T/good"

wants_usage_error() { # PROGRAM OPTION
  run "$1" "$2"
  code_is 64 "$1 $2 is a usage error"
  one_line "in one line"
  is "$out" "" "and nothing on stdout"
  like "$err" "^$1: " "that says who"
}
completes() { # PROGRAM SCRIPT WORD...: what is offered for the last word
  bash -c 'eval "$1"; f=_${2//-/_}; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); "$f"; echo "${COMPREPLY[*]}"' - "$2" "$1" "${@:3}"
}
direct() { # COMMAND: run by the shell as it stands, with its redirections
  code=0
  eval "$1" || code=$?
  err=$(cat "$T/.err")
}

for prog in $(programs); do
  [ -x "$SURAT_BUILD/$prog" ] || { fail "$prog is built"; continue; }

  run "$prog" --help
  code_is 0 "$prog --help"
  like "$out" "^Usage: $prog " "starts with the usage"
  is "$err" "" "and says nothing else"
  run "$prog" --version
  code_is 0 "$prog --version"
  like "$out" "^$prog \(surat\) [0-9]+\.[0-9]+" "name and version"
  for option in --nonsense --color=blue --color --now=soon --verbose=1 '-\' --json=perhaps; do wants_usage_error "$prog" "$option"; done
  run "$prog" $'--nons\eense\n'
  one_line "a control character in an option is shown in one line"
  unlike "$err" $'\e' "and not sent to the terminal"

  # the configuration
  run "$prog" --config "$T/unknown" --show-config
  code_is 78 "$prog: an unknown key"
  is "$err" "$prog: $T/unknown:1: unknown key \"a\"" "with file and line"
  run "$prog" --config "$T/none" --show-config
  code_is 78 "$prog: a configuration that is not there"
  one_line "in one line"
  run "$prog" --config "$T/good" --show-config -A home
  code_is 78 "$prog: an account that is not there"
  is "$err" "$prog: $T/good: there is no [account home]" "said so"
  run "$prog" --config "$T/good" --show-config -A work --color=never
  code_is 0 "$prog --show-config"
  like "$out" "^color	command line	never$" "says where a setting came from"
  like "$out" "^account	command line	work$" "and which account"
  run "$prog" --config "$T/good" --show-config --json
  is "$(printf '%s\n' "$out" | python3 -c 'import json, sys; print({tuple(json.loads(l)) for l in sys.stdin})')" "{('name', 'origin', 'value')}" \
    "$prog --show-config --json: an object a line"
  run env SOURCE_DATE_EPOCH=yesterday "$prog" --show-config
  code_is 64 "$prog: SOURCE_DATE_EPOCH that is no number"
  one_line "in one line"

  # where output goes
  for what in --help --version --show-config; do
    direct "$prog $what >/dev/full 2>'$T/.err'"
    code_is 74 "$prog $what on a full disk"
    one_line "in one line"
    direct "$prog $what >&- 2>'$T/.err'"
    code_is 74 "$prog $what with stdout closed"
    one_line "in one line"
    direct "{ while [ ! -e '$T/.gone' ]; do sleep 0.01; done; $prog $what 2>'$T/.err'; echo \$? >'$T/.code'; } | { exec <&-; : >'$T/.gone'; while [ ! -s '$T/.code' ]; do sleep 0.01; done; }"
    is "$(cat "$T/.code")" 74 "$prog $what: a reader that goes away is a write error"
    rm "$T/.code" "$T/.gone"
  done
  direct "$prog --version >/dev/null 2>&- <&-; r=\$?; : >'$T/.err'; (exit \$r)"
  code_is 0 "$prog: stdin and stderr closed do not matter to --version"

  # completion
  run "$prog" --completion bash
  code_is 0 "$prog --completion bash"
  is "$(bash -n <<<"$out" 2>&1)" "" "is a script"
  is "$(completes "$prog" "$out" --color a)" "auto always" "that completes the words of a choice"
  is "$(completes "$prog" "$out" --color = n)" "never" "behind a = too"
  is "$(completes "$prog" "$out" --show-c)" "--show-config" "and options"
  run "$prog" --completion tcsh
  code_is 64 "$prog --completion for a shell it does not know"
done
done_testing
