/*
 * rtf.h - RTF passing by: control words that bring foreign objects in or fetch something from elsewhere.
 */
#ifndef SURAT_INSPECT_RTF_H
#define SURAT_INSPECT_RTF_H

#include "inspect/result.h"
#include "io/sink.h"

struct inspect_rtf {
	struct sink sink;
	const struct inspect_place *place;
	char word[40];
	size_t len;
	int state; /* rtf.c's own */
};
void inspect_rtf_init(struct inspect_rtf *r, const struct inspect_place *place);

#endif
