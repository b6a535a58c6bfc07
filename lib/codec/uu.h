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
	bool passed;  /* more than blank lines before and behind: others may read that */
};
void uu_decoder_init(struct uu_decoder *f, struct sink *next);

/* The lines, without their ends, for who looks for such blocks in a text. */
enum { UU_LINE_MAX = 66 };
/* "begin 644 name"; then *name is "name". */
bool uu_is_begin(struct span line, struct span *name);
/* Is it as long as its first character says? */
bool uu_is_data(struct span line);
/* How many bytes it holds. */
size_t uu_decode_line(char out[UU_LINE_MAX], struct span line);

#endif
