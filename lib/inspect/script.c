/* Scripts have no magic number: words that only they have, at the beginning of a file that is text. */
#include "base/alloc.h"
#include "base/buf.h"
#include "inspect/kind.h"

enum { LOOK = 8192 };

static const struct {
	const char *word, *reason;
} words[] = {
    {"@echo off", "a batch file"},
    {"<hta:application", "an HTML application"},
    {"wscript.createobject", "a Windows script"},
    {"wscript.shell", "a Windows script"},
    {"wscript.sleep", "a Windows script"},
    {"wscript.scriptfullname", "a Windows script"},
    {"scripting.filesystemobject", "a Windows script"},
    {"new activexobject", "a Windows script"},
    {"msxml2.xmlhttp", "a Windows script"},
    {"<job id=", "a Windows script"},
    {"<job>", "a Windows script"},
    {"<scriptlet", "a Windows scriptlet"},
    {"invoke-expression", "a PowerShell script"},
    {"invoke-webrequest", "a PowerShell script"},
    {"new-object net.webclient", "a PowerShell script"},
    {"new-object system.net.webclient", "a PowerShell script"},
    {"frombase64string(", "a PowerShell script"},
    {"set-executionpolicy", "a PowerShell script"},
    {"powershell -", "starts PowerShell"},
    {"powershell.exe", "starts PowerShell"},
    {"windows registry editor version", "changes the registry"},
    {"regedit4", "changes the registry"},
    {"mshta http", "starts an HTML application"},
};

/* Lower case, without the NULs of UTF-16. */
static void flatten(struct buf *b, struct span head)
{
	head = span_take(head, LOOK);
	for (size_t i = 0; i < head.len; i++)
		if (head.ptr[i])
			buf_addc(b, to_lower(head.ptr[i]));
}

const char *inspect_script_mark(struct span head)
{
	const char *reason = NULL;
	struct buf flat = BUF_INIT(LOOK);
	flatten(&flat, head);
	for (size_t i = 0; !reason && i < ARRAY_LEN(words); i++)
		if (span_find(buf_span(&flat), span_of(words[i].word)) >= 0)
			reason = words[i].reason;
	buf_release(&flat);
	return reason;
}

/* The 68 bytes, each one more than it is, so that this file is not taken for them. */
bool inspect_is_eicar(struct span head)
{
	static const char shifted[] = "Y6P\"Q&ABQ\\5]Q[Y65)Q_*8DD*8~%FJDBS.TUBOEBSE.BOUJWJSVT.UFTU."
				      "GJMF\"%I,I+";
	size_t n = sizeof(shifted) - 1;
	if (head.len < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (head.ptr[i] != shifted[i] - 1)
			return false;
	/* the definition allows blanks behind it, 128 bytes in all */
	for (size_t i = n; i < head.len && i < 128; i++)
		if (!is_space(head.ptr[i]) && head.ptr[i] != 26)
			return false;
	return head.len <= 128;
}
