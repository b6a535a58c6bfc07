# Dialogs with a scripted server: see tests/tools/dialog.py for the format.
exec python3 "${SURAT_SRC:?}/tests/tools/dialog.py" "$SURAT_SRC"/tests/dialog/*.dlg
