/*
 * qp.h - quoted-printable (RFC 2045 6.7), streamed.
 */
#ifndef SURAT_CODEC_QP_H
#define SURAT_CODEC_QP_H

#include "io/sink.h"

/* Text in (LF or CRLF line ends, written as LF), quoted-printable out: lines of at most 76, blanks at line ends, "From " and a lone
 * dot at line starts encoded. With binary, CR and LF are encoded too. */
struct qp_encoder {
	struct sink sink;
	struct sink *next;
	bool binary;
	bool cr;    /* a CR that may belong to a CRLF */
	size_t len; /* of the output line in the making */
	char line[80];
};
void qp_encoder_init(struct qp_encoder *f, struct sink *next, bool binary);

/* Tolerant: bad escapes stay as they are, lower-case hex, blanks at line ends dropped; says what it met. Line ends stay as they came. */
struct qp_decoder {
	struct sink sink;
	struct sink *next;
	size_t held;   /* an escape, or blanks that may be trailing */
	bool long_run; /* in more blanks than can be held: they are passed on */
	char hold[1028];
	bool saw_bad_escape;
};
void qp_decoder_init(struct qp_decoder *f, struct sink *next);

#endif
