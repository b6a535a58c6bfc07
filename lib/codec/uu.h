/*
 * uu.h - uuencode (POSIX), decoded from a stream: what comes before "begin" and behind "end" is passed over, damaged lines are read as far as they go.
 */
#ifndef SURAT_CODEC_UU_H
#define SURAT_CODEC_UU_H

#include "io/sink.h"

struct uu_decoder {
	struct sink sink;
	struct sink *next;
	int state;
	size_t held; /* of the line in the making */
	char line[256];
	bool saw_bad; /* no begin, no end, a line that is none */
};
void uu_decoder_init(struct uu_decoder *f, struct sink *next);

#endif
