#include "inspect/name.h"

#include "base/alloc.h"
#include "codec/utf8.h"

#include <stdlib.h>

/* --- extensions ---------------------------------------------------------------- */

/* What Windows, or a Unix desktop, starts or hands to an interpreter when it is opened. Sorted. */
static const char *const programs[] = {"action", "air", "apk", "app", "appimage", "application",
    "appref-ms", "appx", "appxbundle", "chm", "class", "com", "command", "cpl", "crx", "deb", "dex",
    "diagcab", "dll", "drv", "dylib", "elf", "exe", "gadget", "grp", "hlp", "inf", "ins", "inx",
    "ipa", "isp", "jar", "jnlp", "job", "lnk", "mcf", "msc", "msi", "msix", "msp", "mst", "ocx",
    "osx", "paf", "pif", "pkg", "prf", "rgs", "rpm", "run", "scf", "scr", "search-ms",
    "searchconnector-ms", "settingcontent-ms", "shb", "shs", "so", "sys", "theme", "themepack",
    "u3p", "vb", "vxd", "workflow", "xbap", "xll", "xpi"};
static const char *const scripts[] = {"ade", "adp", "ahk", "applescript", "asp", "aspx", "au3",
    "bas", "bash", "bat", "btm", "cmd", "csh", "desktop", "fxp", "hta", "iim", "js", "jse", "ksh",
    "library-ms", "mam", "mde", "pl", "prg", "ps1", "ps1xml", "ps2", "ps2xml", "psc1", "psc2",
    "psd1", "psm1", "py", "pyc", "pyw", "pyz", "pyzw", "rb", "reg", "scpt", "sct", "sh", "slk",
    "tcl", "url", "vbe", "vbp", "vbs", "vbscript", "webloc", "website", "workbook", "ws", "wsc",
    "wsf", "wsh", "zsh"};
static const char *const images[] = {
    "cue", "dmg", "hfs", "img", "iso", "mdf", "nrg", "udf", "vdi", "vhd", "vhdx", "vmdk", "wim"};
/* What a person takes for harmless. */
static const char *const documents[] = {"avi", "bmp", "csv", "doc", "docm", "docx", "eml", "gif",
    "htm", "html", "ics", "jpeg", "jpg", "mov", "mp3", "mp4", "mpeg", "odp", "ods", "odt", "pdf",
    "png", "pps", "ppsx", "ppt", "pptx", "rar", "rtf", "svg", "tif", "tiff", "txt", "vcf", "wav",
    "webp", "xls", "xlsb", "xlsm", "xlsx", "xml", "zip"};
static const char *const texts[] = {"asc", "c", "conf", "css", "csv", "diff", "h", "ics", "ini",
    "java", "json", "log", "md", "patch", "rst", "tex", "text", "tsv", "txt", "vcf", "yaml", "yml"};

static int compare(const void *key, const void *word)
{
	return strcmp(key, *(const char *const *)word);
}

static bool is_one_of(struct span extension, const char *const *words, size_t n)
{
	char lower[32];
	if (!extension.len || extension.len >= sizeof(lower))
		return false;
	for (size_t i = 0; i < extension.len; i++)
		lower[i] = to_lower(extension.ptr[i]);
	lower[extension.len] = '\0';
	return bsearch(lower, words, n, sizeof(*words), compare) != NULL;
}
#define IS_ONE_OF(extension, words) is_one_of(extension, words, ARRAY_LEN(words))

struct span inspect_name_base(struct span path)
{
	size_t at = path.len;
	while (at && path.ptr[at - 1] != '/' && path.ptr[at - 1] != '\\')
		at--;
	return span_skip(path, at);
}

static struct span without_end(struct span name)
{
	while (name.len && strchr(". \t", name.ptr[name.len - 1]) && name.ptr[name.len - 1])
		name.len--;
	return name;
}

/* "a.b" -> "a" and "b" */
static struct span split(struct span *name)
{
	*name = without_end(*name);
	size_t at = name->len;
	while (at && name->ptr[at - 1] != '.')
		at--;
	struct span extension = at ? span_skip(*name, at) : SPAN("");
	*name = at ? span_take(*name, at - 1) : SPAN("");
	return extension;
}

struct span inspect_name_extension(struct span name)
{
	return split(&name);
}

bool inspect_name_has_extension(struct span name, const char *extension)
{
	return span_is_nocase(inspect_name_extension(name), extension);
}

bool inspect_name_is_text(struct span name)
{
	return IS_ONE_OF(inspect_name_extension(name), texts);
}

/* --- what cannot be seen -------------------------------------------------------- */

static bool turns_around(int32_t c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Joiners belong into emoji and into some scripts; between ASCII they only hide. */
static bool is_invisible(int32_t c, int32_t before, struct span rest)
{
	if (c == 0x200c || c == 0x200d)
		return before < 0x80 && (!rest.len || (unsigned char)*rest.ptr < 0x80);
	return c == 0x200b || c == 0x2060 || c == 0xfeff || c == 0xad || c == 0x180e ||
	       c == 0x115f || c == 0x1160 || c == 0x3164 || c == 0xffa0 || (c >= 0 && c < ' ') ||
	       c == 127 || (c >= 0x80 && c < 0xa0);
}

static bool is_gap(int32_t c)
{
	return c == ' ' || c == '\t' || c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f ||
	       c == 0x205f || c == 0x2800 || c == 0x3000;
}

static bool is_false_dot(int32_t c)
{
	return c == 0x2024 || c == 0xff0e || c == 0xfe52 || c == 0x0701 || c == 0x0702 ||
	       c == 0xa4f8 || c == 0x10a50;
}

static const char *hidden(struct span name)
{
	enum { GAP_MAX = 8 };
	int32_t before = 'a';
	unsigned gap = 0;
	for (int32_t c; (c = utf8_next(&name)) != -2; before = c) {
		if (turns_around(c))
			return "its characters are turned around";
		if (is_invisible(c, before, name))
			return "characters that are not shown";
		if (is_false_dot(c))
			return "a dot that is none";
		gap = is_gap(c) ? gap + 1 : 0;
		if (gap == GAP_MAX)
			return "blanks before its end";
	}
	return NULL;
}

/* --- */

static void add_extension(
    const struct inspect_place *at, enum inspect_rule rule, struct span extension)
{
	struct buf detail = BUF_INIT(64);
	buf_addc(&detail, '.');
	buf_add(&detail, extension);
	inspect_found(at, rule, buf_span(&detail));
	buf_release(&detail);
}

/* "invoice.pdf.exe" and "photo.jpg      .scr" */
static void look_for_second(const struct inspect_place *at, struct span rest)
{
	struct span second = span_trim(split(&rest));
	if (IS_ONE_OF(second, documents))
		add_extension(at, INSPECT_DOUBLE_EXTENSION, second);
}

void inspect_name(const struct inspect_place *at, struct span file_name)
{
	struct span rest = file_name;
	ptrdiff_t colon = span_index(rest, ':'); /* "a.exe:stream" is a.exe */
	if (colon > 1)
		rest = span_take(rest, (size_t)colon);
	struct span extension = split(&rest);
	bool program = IS_ONE_OF(extension, programs), script = IS_ONE_OF(extension, scripts),
	     image = IS_ONE_OF(extension, images);
	const char *trick = hidden(file_name);
	if (trick)
		inspect_found(at, INSPECT_HIDDEN_NAME, span_of(trick));
	if (program)
		add_extension(at, INSPECT_PROGRAM_NAME, extension);
	if (script)
		add_extension(at, INSPECT_SCRIPT, extension);
	if (image)
		add_extension(at, INSPECT_DISK_IMAGE, extension);
	if (program || script || image)
		look_for_second(at, rest);
}
