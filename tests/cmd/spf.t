# SPF beside pyspf: records made by chance come to the same result.
. "${SURAT_SRC:?}/tests/lib.sh"
if /usr/bin/python3 -c 'import spf' 2>/dev/null; then
  /usr/bin/python3 "$SURAT_SRC/tests/tools/spf_opinion.py" 20261126 60
else
  skip "pyspf" "not installed"
  done_testing
fi
