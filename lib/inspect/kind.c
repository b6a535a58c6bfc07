#include "inspect/kind.h"

#include "base/alloc.h"

#define NO INSPECT_RULES

static const struct inspect_format formats[INSPECT_T_COUNT] = {
    {INSPECT_T_DATA, "data", INSPECT_DATA, NO},
    {INSPECT_T_TEXT, "text", INSPECT_TEXT, NO},
    {INSPECT_T_HTML, "HTML", INSPECT_HTML, NO},
    {INSPECT_T_RTF, "RTF", INSPECT_RTF, NO},
    {INSPECT_T_PDF, "PDF", INSPECT_PDF, NO},
    {INSPECT_T_OLE, "OLE2 document", INSPECT_OLE, NO},
    {INSPECT_T_PE, "PE program", INSPECT_PROGRAM, INSPECT_EXECUTABLE},
    {INSPECT_T_DOS, "DOS program", INSPECT_PROGRAM, INSPECT_EXECUTABLE},
    {INSPECT_T_ELF, "ELF program", INSPECT_PROGRAM, INSPECT_EXECUTABLE},
    {INSPECT_T_MACHO, "Mach-O program", INSPECT_PROGRAM, INSPECT_EXECUTABLE},
    {INSPECT_T_CLASS, "Java class", INSPECT_PROGRAM, INSPECT_EXECUTABLE},
    {INSPECT_T_DEX, "Android program", INSPECT_PROGRAM, INSPECT_EXECUTABLE},
    {INSPECT_T_WASM, "WebAssembly", INSPECT_PROGRAM, INSPECT_EXECUTABLE},
    {INSPECT_T_LNK, "Windows shortcut", INSPECT_PROGRAM, INSPECT_EXECUTABLE},
    {INSPECT_T_SWF, "Flash film", INSPECT_PROGRAM, INSPECT_EXECUTABLE},
    {INSPECT_T_CHM, "Windows help", INSPECT_PROGRAM, INSPECT_EXECUTABLE},
    {INSPECT_T_RPM, "RPM package", INSPECT_PROGRAM, INSPECT_EXECUTABLE},
    {INSPECT_T_ONENOTE, "OneNote section", INSPECT_PROGRAM, INSPECT_EMBEDDED_OBJECT},
    {INSPECT_T_ACTIVEMIME, "ActiveMime", INSPECT_PROGRAM, INSPECT_MACRO},
    {INSPECT_T_SHEBANG, "#! script", INSPECT_PROGRAM, INSPECT_SCRIPT},
    {INSPECT_T_SCRIPT, "script", INSPECT_PROGRAM, INSPECT_SCRIPT},
    {INSPECT_T_ENCODED_SCRIPT, "encoded script", INSPECT_PROGRAM, INSPECT_SCRIPT},
    {INSPECT_T_SHORTCUT, "Internet shortcut", INSPECT_PROGRAM, INSPECT_SCRIPT},
    {INSPECT_T_ISO, "ISO 9660 image", INSPECT_ARCHIVE, INSPECT_DISK_IMAGE},
    {INSPECT_T_UDF, "UDF image", INSPECT_CLOSED, INSPECT_DISK_IMAGE},
    {INSPECT_T_VHD, "VHD disk", INSPECT_CLOSED, INSPECT_DISK_IMAGE},
    {INSPECT_T_VHDX, "VHDX disk", INSPECT_CLOSED, INSPECT_DISK_IMAGE},
    {INSPECT_T_VMDK, "VMDK disk", INSPECT_CLOSED, INSPECT_DISK_IMAGE},
    {INSPECT_T_QCOW, "QCOW disk", INSPECT_CLOSED, INSPECT_DISK_IMAGE},
    {INSPECT_T_WIM, "WIM image", INSPECT_CLOSED, INSPECT_DISK_IMAGE},
    {INSPECT_T_DISK, "disk image", INSPECT_CLOSED, INSPECT_DISK_IMAGE},
    {INSPECT_T_SQUASHFS, "SquashFS image", INSPECT_CLOSED, INSPECT_DISK_IMAGE},
    {INSPECT_T_DMG, "Apple disk image", INSPECT_CLOSED, INSPECT_DISK_IMAGE},
    {INSPECT_T_ZIP, "zip", INSPECT_ARCHIVE, NO},
    {INSPECT_T_7Z, "7z", INSPECT_ARCHIVE, NO},
    {INSPECT_T_RAR, "rar", INSPECT_ARCHIVE, NO},
    {INSPECT_T_RAR5, "rar5", INSPECT_ARCHIVE, NO},
    {INSPECT_T_TAR, "tar", INSPECT_ARCHIVE, NO},
    {INSPECT_T_CPIO, "cpio", INSPECT_ARCHIVE, NO},
    {INSPECT_T_AR, "ar", INSPECT_ARCHIVE, NO},
    {INSPECT_T_CAB, "cab", INSPECT_ARCHIVE, NO},
    {INSPECT_T_XAR, "xar", INSPECT_ARCHIVE, NO},
    {INSPECT_T_LHA, "lha", INSPECT_ARCHIVE, NO},
    {INSPECT_T_GZIP, "gzip", INSPECT_PACKED, NO},
    {INSPECT_T_BZIP2, "bzip2", INSPECT_PACKED, NO},
    {INSPECT_T_XZ, "xz", INSPECT_PACKED, NO},
    {INSPECT_T_LZMA, "lzma", INSPECT_PACKED, NO},
    {INSPECT_T_LZIP, "lzip", INSPECT_PACKED, NO},
    {INSPECT_T_ZSTD, "zstd", INSPECT_PACKED, NO},
    {INSPECT_T_LZ4, "lz4", INSPECT_PACKED, NO},
    {INSPECT_T_COMPRESS, "compress", INSPECT_PACKED, NO},
    {INSPECT_T_ACE, "ace", INSPECT_CLOSED, NO},
    {INSPECT_T_ARJ, "arj", INSPECT_CLOSED, NO},
    {INSPECT_T_ARC, "arc", INSPECT_CLOSED, NO},
    {INSPECT_T_ZOO, "zoo", INSPECT_CLOSED, NO},
    {INSPECT_T_UDIF, "Apple disk image", INSPECT_CLOSED, INSPECT_DISK_IMAGE},
    {INSPECT_T_TNEF, "winmail.dat", INSPECT_CLOSED, NO},
    {INSPECT_T_BINHEX, "BinHex", INSPECT_CLOSED, NO},
    {INSPECT_T_PGP, "OpenPGP message", INSPECT_PROGRAM, INSPECT_ENCRYPTED},
};

/* Bytes at a place that say what it is. Longer ones before shorter ones that they begin with. */
static const struct mark {
	size_t at;
	struct span bytes;
	enum inspect_type type;
} marks[] = {
    {0,
	{"\x7f"
	 "ELF",
	    4},
	INSPECT_T_ELF},
    {0, {"\xfe\xed\xfa\xce", 4}, INSPECT_T_MACHO},
    {0, {"\xfe\xed\xfa\xcf", 4}, INSPECT_T_MACHO},
    {0, {"\xce\xfa\xed\xfe", 4}, INSPECT_T_MACHO},
    {0, {"\xcf\xfa\xed\xfe", 4}, INSPECT_T_MACHO},
    {0, {"dex\n", 4}, INSPECT_T_DEX},
    {0, {"\0asm\1\0\0\0", 8}, INSPECT_T_WASM},
    {0, {"L\0\0\0\1\x14\2\0\0\0\0\0\xc0\0\0\0\0\0\0F", 20}, INSPECT_T_LNK},
    {0, {"FWS", 3}, INSPECT_T_SWF},
    {0, {"CWS", 3}, INSPECT_T_SWF},
    {0, {"ZWS", 3}, INSPECT_T_SWF},
    {0, {"ITSF\3\0\0\0", 8}, INSPECT_T_CHM},
    {0, {"\xed\xab\xee\xdb", 4}, INSPECT_T_RPM},
    {0, {"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3", 16},
	INSPECT_T_ONENOTE},
    {0, {"ActiveMime\0", 11}, INSPECT_T_ACTIVEMIME},
    {0, {"#!/", 3}, INSPECT_T_SHEBANG},
    {0, {"#! /", 4}, INSPECT_T_SHEBANG},
    {0, {"#@~^", 4}, INSPECT_T_ENCODED_SCRIPT},
    {0, {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8}, INSPECT_T_OLE},
    {0, {"PK\3\4", 4}, INSPECT_T_ZIP},
    {0, {"PK\5\6", 4}, INSPECT_T_ZIP},
    {0, {"PK00PK\3\4", 8}, INSPECT_T_ZIP},
    {0, {"PK\7\10PK\3\4", 8}, INSPECT_T_ZIP},
    {0, {"7z\xbc\xaf\x27\x1c", 6}, INSPECT_T_7Z},
    {0, {"Rar!\x1a\7\1\0", 8}, INSPECT_T_RAR5},
    {0, {"Rar!\x1a\7\0", 7}, INSPECT_T_RAR},
    {0, {"RE~^", 4}, INSPECT_T_RAR},
    {0, {"MSCF\0\0\0\0", 8}, INSPECT_T_CAB},
    {0, {"xar!", 4}, INSPECT_T_XAR},
    {0, {"!<arch>\n", 8}, INSPECT_T_AR},
    {0, {"070701", 6}, INSPECT_T_CPIO},
    {0, {"070702", 6}, INSPECT_T_CPIO},
    {0, {"070707", 6}, INSPECT_T_CPIO},
    {2, {"-lh", 3}, INSPECT_T_LHA},
    {2, {"-lz", 3}, INSPECT_T_LHA},
    {257, {"ustar", 5}, INSPECT_T_TAR},
    {0, {"\x1f\x8b\x08", 3}, INSPECT_T_GZIP},
    {0, {"BZh", 3}, INSPECT_T_BZIP2},
    {0,
	{"\xfd"
	 "7zXZ\0",
	    6},
	INSPECT_T_XZ},
    {0, {"LZIP", 4}, INSPECT_T_LZIP},
    {0, {"\x28\xb5\x2f\xfd", 4}, INSPECT_T_ZSTD},
    {0, {"\x04\x22\x4d\x18", 4}, INSPECT_T_LZ4},
    {0, {"\x1f\x9d", 2}, INSPECT_T_COMPRESS},
    {7, {"**ACE**", 7}, INSPECT_T_ACE},
    {20, {"\xdc\xa7\xc4\xfd", 4}, INSPECT_T_ZOO},
    {32769, {"CD001", 5}, INSPECT_T_ISO},
    {34817, {"CD001", 5}, INSPECT_T_ISO},
    {32769, {"BEA01", 5}, INSPECT_T_UDF},
    {34817, {"BEA01", 5}, INSPECT_T_UDF},
    {34817, {"NSR0", 4}, INSPECT_T_UDF},
    {0, {"conectix", 8}, INSPECT_T_VHD},
    {0, {"\x78\x9f\x3e\x22", 4}, INSPECT_T_TNEF},
    {0, {"-----BEGIN PGP MESSAGE-----", 27}, INSPECT_T_PGP},
    {0, {"(This file must be converted with BinHex", 40}, INSPECT_T_BINHEX},
    {0, {"vhdxfile", 8}, INSPECT_T_VHDX},
    {0, {"KDMV", 4}, INSPECT_T_VMDK},
    {0, {"QFI\xfb", 4}, INSPECT_T_QCOW},
    {0, {"MSWIM\0\0\0", 8}, INSPECT_T_WIM},
    {0, {"hsqs", 4}, INSPECT_T_SQUASHFS},
    {3, {"NTFS    ", 8}, INSPECT_T_DISK},
    {54, {"FAT1", 4}, INSPECT_T_DISK},
    {82, {"FAT32", 5}, INSPECT_T_DISK},
};

const struct inspect_format *inspect_format(enum inspect_type type)
{
	ENSURE(type < INSPECT_T_COUNT);
	return &formats[type];
}

void inspect_format_found(const struct inspect_place *place, const struct inspect_format *f)
{
	if (f->rule != INSPECT_RULES)
		inspect_found(place, f->rule, span_of(f->name));
	if (f->class == INSPECT_CLOSED)
		inspect_found(place, INSPECT_UNKNOWN_FORMAT, span_of(f->name));
}

static unsigned le16(struct span s, size_t at)
{
	const unsigned char *p = (const unsigned char *)s.ptr + at;
	return p[0] | (unsigned)p[1] << 8;
}

static bool has_at(struct span s, size_t at, struct span bytes)
{
	return s.len >= at + bytes.len && memcmp(s.ptr + at, bytes.ptr, bytes.len) == 0;
}

/* --- the ones with more than a mark ------------------------------------------------ */

static bool is_binary(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < ' ' && !is_space(s.ptr[i]) && s.ptr[i] != 27)
			return true;
	return false;
}

/* Marks that a letter may begin with. */
static bool needs_binary(enum inspect_type t)
{
	switch (t) {
	case INSPECT_T_SWF:
	case INSPECT_T_LHA:
	case INSPECT_T_BZIP2:
	case INSPECT_T_LZIP:
	case INSPECT_T_XAR:
	case INSPECT_T_CPIO:
	case INSPECT_T_ACE:
	case INSPECT_T_VMDK:
	case INSPECT_T_SQUASHFS:
	case INSPECT_T_DISK: return true;
	default: return false;
	}
}

static enum inspect_type dos_type(struct span head)
{
	if (!has_at(head, 0, SPAN("MZ")) && !has_at(head, 0, SPAN("ZM")))
		return INSPECT_T_DATA;
	if (head.len >= 64) {
		size_t at = le16(head, 60) | (size_t)le16(head, 62) << 16;
		if (at < head.len && has_at(head, at, span_make("PE\0\0", 4)))
			return INSPECT_T_PE;
	}
	/* a letter may begin with MZ */
	return is_binary(span_take(head, 512)) ? INSPECT_T_DOS : INSPECT_T_DATA;
}

/* Both begin with CAFEBABE: a class says its version there (45 and up), a universal binary how many it holds. */
static enum inspect_type cafebabe_type(struct span head)
{
	if (!has_at(head, 0, span_make("\xca\xfe\xba\xbe", 4)) || head.len < 8)
		return INSPECT_T_DATA;
	return (unsigned char)head.ptr[4] == 0 && (unsigned char)head.ptr[5] == 0 &&
		       (unsigned char)head.ptr[6] == 0 && (unsigned char)head.ptr[7] < 45
		   ? INSPECT_T_MACHO
		   : INSPECT_T_CLASS;
}

/* An old tar has no mark; its checksum is one: six octal digits over the first 512 bytes, with blanks in its own place. */
static bool is_old_tar(struct span head)
{
	unsigned long sum = 0, want = 0;
	size_t i = 148;
	if (head.len < 512 || !head.ptr[0])
		return false;
	while (i < 156 && head.ptr[i] == ' ')
		i++;
	size_t digits = i;
	for (; i < 156 && head.ptr[i] >= '0' && head.ptr[i] <= '7'; i++)
		want = want * 8 + (unsigned long)(head.ptr[i] - '0');
	for (size_t k = 0; k < 512; k++)
		sum += k >= 148 && k < 156 ? ' ' : (unsigned char)head.ptr[k];
	return i > digits && sum == want;
}

/* Properties 5D 00 00, a dictionary of 2^n bytes, and a size of -1 or a possible one. */
static bool is_lzma(struct span head)
{
	return head.len > 13 && has_at(head, 0, span_make("\x5d\0\0", 3)) &&
	       (has_at(head, 5, span_make("\xff\xff\xff\xff\xff\xff\xff\xff", 8)) ||
		   has_at(head, 10, span_make("\0\0\0", 3)));
}

static bool is_arj(struct span head)
{
	return head.len > 10 && has_at(head, 0, span_make("\x60\xea", 2)) &&
	       le16(head, 2) <= 2600 && (unsigned char)head.ptr[10] == 2;
}

static enum inspect_type special_type(struct span head)
{
	enum inspect_type t = dos_type(head);
	if (t == INSPECT_T_DATA)
		t = cafebabe_type(head);
	if (t == INSPECT_T_DATA && is_old_tar(head))
		t = INSPECT_T_TAR;
	if (t == INSPECT_T_DATA && is_lzma(head))
		t = INSPECT_T_LZMA;
	if (t == INSPECT_T_DATA && is_arj(head))
		t = INSPECT_T_ARJ;
	return t;
}

/* --- text --------------------------------------------------------------------------- */

/* Readers look for a PDF's mark in the first kilobyte, and a mark behind blanks is one for RTF and HTML. */
static bool is_pdf(struct span head)
{
	return span_find(span_take(head, 1024), SPAN("%PDF-")) >= 0;
}

static struct span text_start(struct span s)
{
	if (span_starts(s, "\xef\xbb\xbf"))
		s = span_skip(s, 3);
	while (s.len && is_space(*s.ptr))
		s = span_skip(s, 1);
	return s;
}

static bool is_html(struct span s)
{
	static const char *const tags[] = {"<!doctype html", "<html", "<head", "<body", "<script",
	    "<table", "<meta", "<form", "<iframe", "<title", "<style", "<div", "<svg", "<a href",
	    "<base ", "<center", "<img "};
	s = text_start(s);
	while (span_starts(s, "<!--") || span_starts(s, "<?")) {
		ptrdiff_t end = span_index(s, '>');
		if (end < 0)
			return false;
		s = text_start(span_skip(s, (size_t)end + 1));
	}
	for (size_t i = 0; i < ARRAY_LEN(tags); i++)
		if (span_starts_nocase(s, tags[i]))
			return true;
	return false;
}

/* UTF-16 of what is ASCII: every other byte. */
static struct span narrow(struct span head, char *out, size_t size)
{
	size_t n = 0;
	for (size_t i = 0; i < head.len && n < size; i++)
		if (head.ptr[i] && (unsigned char)head.ptr[i] < 0xfe)
			out[n++] = head.ptr[i];
	return span_make(out, n);
}

static bool is_utf16(struct span head)
{
	return span_starts(head, "\xff\xfe") || span_starts(head, "\xfe\xff") ||
	       (head.len >= 4 && *head.ptr == '<' && !head.ptr[1] && head.ptr[2] && !head.ptr[3]);
}

static enum inspect_type text_type(struct span head)
{
	char narrowed[2048];
	struct span s = text_start(head);
	if (is_pdf(head))
		return INSPECT_T_PDF;
	if (span_starts(s, "{\\rt"))
		return INSPECT_T_RTF;
	if (is_utf16(head))
		s = narrow(head, narrowed, sizeof(narrowed));
	if (is_html(s))
		return INSPECT_T_HTML;
	if (span_starts_nocase(s, "[InternetShortcut]") || span_starts_nocase(s, "[Desktop Entry]"))
		return INSPECT_T_SHORTCUT;
	return is_utf16(head) || !is_binary(span_take(head, 4096)) ? INSPECT_T_TEXT
								   : INSPECT_T_DATA;
}

const struct inspect_format *inspect_format_of(struct span head)
{
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (has_at(head, marks[i].at, marks[i].bytes) &&
		    (!needs_binary(marks[i].type) || is_binary(span_take(head, 512))))
			return &formats[marks[i].type];
	enum inspect_type t = special_type(head);
	return &formats[t != INSPECT_T_DATA ? t : text_type(head)];
}

/* The record at a zip's end with its comment up to the last byte (APPNOTE 4.3.16); or, of one disk, with anything behind, which those who open it pass over. */
static bool ends_as_zip(struct span tail, bool exactly)
{
	enum { RECORD = 22 };
	for (size_t at = tail.len; at-- > 0;)
		if (tail.ptr[at] == 'P' && has_at(tail, at, span_make("PK\5\6", 4)) &&
		    tail.len - at >= RECORD &&
		    (le16(tail, at + 20) == tail.len - at - RECORD ||
			(!exactly && has_at(tail, at + 4, span_make("\0\0\0\0", 4)))))
			return true;
	return false;
}

const struct inspect_format *inspect_format_of_tail(struct span tail, bool exactly)
{
	struct span last = tail.len > 512 ? span_skip(tail, tail.len - 512) : tail;
	if (has_at(last, 0, SPAN("conectix")))
		return &formats[INSPECT_T_VHD];
	if (has_at(last, 0, span_make("koly\0\0\0\4", 8)))
		return &formats[INSPECT_T_UDIF];
	return ends_as_zip(tail, exactly) ? &formats[INSPECT_T_ZIP] : NULL;
}

/* --- volumes -------------------------------------------------------------------------- */

/* A number of rar 5: seven bits a byte, the lowest first. */
static uint64_t rar_number(struct span *s)
{
	uint64_t v = 0;
	for (unsigned shift = 0; s->len && shift < 63; shift += 7) {
		unsigned char c = (unsigned char)*s->ptr;
		*s = span_skip(*s, 1);
		v |= (uint64_t)(c & 127) << shift;
		if (!(c & 128))
			break;
	}
	return v;
}

/* Behind the mark a sum, and the size, type and flags of the first header, which is the archive's. */
static bool is_rar5_volume(struct span head)
{
	enum { MARK = 8, SUM = 4, ARCHIVE = 1, HAS_MORE = 1, VOLUME = 1 };
	struct span s = span_skip(head, MARK + SUM);
	rar_number(&s);
	if (rar_number(&s) != ARCHIVE)
		return false;
	if (rar_number(&s) & HAS_MORE)
		rar_number(&s);
	return rar_number(&s) & VOLUME;
}

bool inspect_is_volume(const struct inspect_format *f, struct span head)
{
	switch (f->type) {
	case INSPECT_T_RAR5: return is_rar5_volume(head);
	/* the archive's header stands behind the mark: a sum, a type, flags */
	case INSPECT_T_RAR: return head.len >= 12 && head.ptr[9] == 0x73 && le16(head, 10) & 1;
	/* [MS-CAB] 2.1: there is one before, or one behind */
	case INSPECT_T_CAB: return head.len >= 32 && le16(head, 30) & 3;
	case INSPECT_T_ZIP: return has_at(head, 0, span_make("PK\7\10PK\3\4", 8));
	default: return false;
	}
}
