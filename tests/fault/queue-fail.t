# A run each of whose system calls fails in turn.
. "$SURAT_SRC/tests/lib.sh"
. "$SURAT_SRC/tests/fault/queue.sh"

prepare
# how many calls there are differs a little from run to run
low=1 high=1024
while [ $((high - low)) -gt 1 ]; do
  k=$(((low + high) / 2))
  fresh
  cp -a "$T/prepared" "$S"
  faulty "any:$k:KILL" run --transport "$transport"
  if [ "$code" = 137 ]; then low=$k; else high=$k; fi
done
twice=0
for ((k = 1; k <= high + 3; k++)); do one_run "any:$k:EIO"; done
verdict "run, each of $((k - 1)) calls fails ($twice sent twice)"
twice=0
for call in open write fdatasync fsync rename mkdir; do for n in 1 2 3 4 5 6 $([ $call = write ] || echo 2+); do one_run "$call:$n:ENOSPC"; done; done
verdict "run, a full disk ($twice sent twice)"
twice=0
for ((k = 1; k <= high; k += 3)); do
  one_run "any:$k:EDQUOT"
  one_run "any:$((k + 1)):EROFS"
done
verdict "run, every third call fails over quota, and the next read-only ($twice sent twice)"
twice=0
for error in EDQUOT EROFS; do for call in open write fdatasync fsync rename mkdir; do for n in 1 $([ $call = write ] || echo 2+); do one_run "$call:$n:$error"; done; done; done
verdict "run, a disk over quota, read-only ($twice sent twice)"
done_testing
