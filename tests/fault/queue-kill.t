# A run that is killed instead of each of its system calls in turn.
. "$SURAT_SRC/tests/lib.sh"
. "$SURAT_SRC/tests/fault/queue.sh"

prepare
twice=0
for ((k = 1; k < 2000; k++)); do
  one_run "any:$k:KILL"
  [ "$code" = 137 ] || break
done
verdict "run, killed at each of $((k - 1)) calls ($twice recipients were sent it twice, and that was told)"
done_testing
