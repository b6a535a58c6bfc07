/*
 * kind.h - what a file is, by its bytes.
 *
 *	const struct inspect_format *f = inspect_format_of(head);	// the first INSPECT_HEAD bytes, or all
 *	f->name, f->class, f->rule
 *
 * A name, a declared type: neither is asked. What is not known is "data" or, without NUL and controls, "text".
 */
#ifndef SURAT_INSPECT_KIND_H
#define SURAT_INSPECT_KIND_H

#include "base/span.h"
#include "inspect/result.h"

enum {
	INSPECT_HEAD = 36 << 10 /* a CD's mark lies at 32 KiB + 1 and up to two sectors on */
};

enum inspect_class {
	INSPECT_DATA, /* nothing more to look at */
	INSPECT_TEXT,
	INSPECT_HTML,
	INSPECT_RTF,
	INSPECT_PDF,
	INSPECT_OLE,
	INSPECT_PROGRAM, /* its rule says all */
	INSPECT_ARCHIVE, /* files in it, each with a name */
	INSPECT_PACKED,  /* one file, compressed */
	INSPECT_CLOSED   /* an archive that cannot be opened here */
};
enum inspect_type {
	INSPECT_T_DATA,
	INSPECT_T_TEXT,
	INSPECT_T_HTML,
	INSPECT_T_RTF,
	INSPECT_T_PDF,
	INSPECT_T_OLE,
	INSPECT_T_PE,
	INSPECT_T_DOS,
	INSPECT_T_ELF,
	INSPECT_T_MACHO,
	INSPECT_T_CLASS,
	INSPECT_T_DEX,
	INSPECT_T_WASM,
	INSPECT_T_LNK,
	INSPECT_T_SWF,
	INSPECT_T_CHM,
	INSPECT_T_RPM,
	INSPECT_T_ONENOTE,
	INSPECT_T_ACTIVEMIME,
	INSPECT_T_SHEBANG,
	INSPECT_T_SCRIPT,
	INSPECT_T_ENCODED_SCRIPT,
	INSPECT_T_SHORTCUT,
	INSPECT_T_ISO,
	INSPECT_T_UDF,
	INSPECT_T_VHD,
	INSPECT_T_VHDX,
	INSPECT_T_VMDK,
	INSPECT_T_QCOW,
	INSPECT_T_WIM,
	INSPECT_T_DISK,
	INSPECT_T_SQUASHFS,
	INSPECT_T_DMG,
	INSPECT_T_ZIP,
	INSPECT_T_7Z,
	INSPECT_T_RAR,
	INSPECT_T_RAR5,
	INSPECT_T_TAR,
	INSPECT_T_CPIO,
	INSPECT_T_AR,
	INSPECT_T_CAB,
	INSPECT_T_XAR,
	INSPECT_T_LHA,
	INSPECT_T_GZIP,
	INSPECT_T_BZIP2,
	INSPECT_T_XZ,
	INSPECT_T_LZMA,
	INSPECT_T_LZIP,
	INSPECT_T_ZSTD,
	INSPECT_T_LZ4,
	INSPECT_T_COMPRESS,
	INSPECT_T_ACE,
	INSPECT_T_ARJ,
	INSPECT_T_ARC,
	INSPECT_T_ZOO,
	INSPECT_T_UDIF,
	INSPECT_T_TNEF,
	INSPECT_T_BINHEX,
	INSPECT_T_PGP,
	INSPECT_T_COUNT
};
struct inspect_format {
	enum inspect_type type;
	const char *name; /* "PE program" */
	enum inspect_class class;
	enum inspect_rule rule; /* that it breaks by being what it is; INSPECT_RULES: none */
};
const struct inspect_format *inspect_format_of(struct span head);
/* By its last bytes: what lies behind other content. At least the last 512, or all. exactly: of what may hold a zip, only one that ends where it does. */
const struct inspect_format *inspect_format_of_tail(struct span tail, bool exactly);
const struct inspect_format *inspect_format(enum inspect_type type);
/* Is an archive one volume of several, so that a file in it may begin or end elsewhere? head: its beginning. */
bool inspect_is_volume(const struct inspect_format *f, struct span head);
/* The rule that a file of this format breaks by being it, and that it cannot be opened. */
void inspect_format_found(const struct inspect_place *place, const struct inspect_format *f);
/* Does text carry a script that a desktop would run, whatever it is called? The reason, or NULL. head: its beginning. */
const char *inspect_script_mark(struct span head);
bool inspect_is_eicar(struct span head);

#endif
