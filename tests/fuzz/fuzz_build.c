/* Any bytes as text, file and message of a message we make: they come back, and no line is too long. The first byte chooses options. */
#include "base/alloc.h"
#include "base/random.h"
#include "mime/build.h"
#include "mime/decode.h"
#include "mime/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct back {
	struct buf v[3]; /* text, file, streamed file: decoded */
	struct sink_buf to;
	struct mime_decoder d;
};

static void read_back(struct back *b, struct span message)
{
	struct mime_parser p;
	struct mime_event ev;
	struct source_mem in;
	int r;
	source_mem_init(&in, message);
	mime_parser_init(&p, &in.source, NULL);
	while ((r = mime_next(&p, &ev, NULL)) > 0) {
		/* the leaves of the top: what is in an included message is its own */
		if (!ev.part->leaf || ev.part->depth != 1 || ev.part->index > 3)
			continue;
		unsigned i = ev.part->index - 1;
		if (ev.type == MIME_HEADERS_END) {
			sink_buf_init(&b->to, &b->v[i]);
			mime_decoder_init(
			    &b->d, ev.part, i ? MIME_DECODE_BYTES : MIME_DECODE_TEXT, &b->to.sink);
		}
		if (ev.type == MIME_BODY)
			sink_put(mime_decoder_sink(&b->d), ev.body, NULL);
		if (ev.type == MIME_PART_END)
			mime_decoder_end(&b->d, ev.part, NULL);
	}
	mime_parser_release(&p);
}

static void make(struct buf *out, uint8_t options, struct span content)
{
	struct build b;
	struct spool sp;
	struct source_mem streamed;
	struct sink_buf to;
	struct err e = ERR_INIT;
	random_fix(options);
	spool_init(&sp);
	sink_put(&sp.sink, content, &e);
	source_mem_init(&streamed, content);
	build_init(&b, options & 1 ? BUILD_8BIT : 0);
	header_add_text(&b.header, "Subject", content);
	struct build_part *top = build_multipart(&b, NULL, "mixed");
	build_text(&b, top, "plain", "", &sp);
	build_disposition(build_bytes(&b, top, "text/plain", &sp), "attachment", content);
	build_stream(&b, top, "image/png", &streamed.source);
	build_message(&b, top, "message/rfc822", &sp);
	sink_buf_init(&to, out);
	ENSURE(build_settle(&b, &e) == 0 && build_write(&b, &to.sink, &e) == 0);
	build_release(&b);
	spool_release(&sp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size || size > 100000)
		return 0;
	struct span content = span_make((const char *)data + 1, size - 1), line;
	struct buf out = BUF_INIT(64u << 20), text = BUF_INIT(1 << 20);
	struct back b = {.v = {BUF_INIT(1 << 20), BUF_INIT(1 << 20), BUF_INIT(1 << 20)}};
	make(&out, data[0], content);
	for (struct span rest = buf_span(&out); span_line(&rest, &line);)
		ENSURE(line.len <= 998);
	read_back(&b, buf_span(&out));
	ENSURE(span_eq(buf_span(&b.v[1]), content) && span_eq(buf_span(&b.v[2]), content));
	/* text of another kind than UTF-8 with LF is not what build_text is for */
	if (memchr(data + 1, '\r', size - 1) == NULL &&
	    span_eq(buf_span(&b.v[0]), content) == false) {
		charset_to_utf8(&text, SPAN("utf-8"), content);
		ENSURE(span_eq(buf_span(&b.v[0]), buf_span(&text)));
	}
	for (int i = 0; i < 3; i++)
		buf_release(&b.v[i]);
	buf_release(&out);
	buf_release(&text);
	return 0;
}
