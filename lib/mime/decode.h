/*
 * decode.h - a leaf's bytes decoded: transfer encoding, then, for text, charset to UTF-8 and CRLF to LF. The one decoder of all programs.
 *
 *	struct mime_decoder d;
 *	mime_decoder_init(&d, part, MIME_DECODE_TEXT, &out.sink);	// at HEADERS_END
 *	sink_put(mime_decoder_sink(&d), ev.body, e);			// each BODY
 *	mime_decoder_end(&d, part, e);					// at PART_END: flags go into part->tolerated
 */
#ifndef SURAT_MIME_DECODE_H
#define SURAT_MIME_DECODE_H

#include "codec/base64.h"
#include "codec/charset.h"
#include "codec/qp.h"
#include "codec/uu.h"
#include "mime/html_charset.h"
#include "mime/legacy.h"
#include "mime/parse.h"

enum {
	MIME_DECODE_BYTES = 0,
	MIME_DECODE_TEXT = 1,
	MIME_DECODE_SHOWN = 3
}; /* TEXT: charset and line ends too, whatever the type is. SHOWN: and without what readers leave out (legacy.h) */
struct mime_decoder {
	struct sink *first;
	struct base64_decoder base64;
	struct qp_decoder qp;
	struct uu_decoder uu;
	struct filter_tee tee;
	struct html_charset html;
	struct charset_filter charset;
	struct filter_crlf crlf;
	struct filter_legacy legacy;
	enum mime_encoding encoding;
	int flags;
	bool drops_legacy;
	bool asks_html; /* the charset is the HTML's own matter */
};
void mime_decoder_init(
    struct mime_decoder *d, const struct mime_part *part, int flags, struct sink *out);
/* The bytes go to tap too (not NULL), as the transfer encoding gives them. It is ended with out. */
void mime_decoder_init_tap(struct mime_decoder *d, const struct mime_part *part, int flags,
    struct sink *out, struct sink *tap);
struct sink *mime_decoder_sink(struct mime_decoder *d);
/* Ends the chain (and out) and notes in part what was tolerated. Releases. */
int mime_decoder_end(struct mime_decoder *d, struct mime_part *part, struct err *e);

#endif
