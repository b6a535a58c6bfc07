/* Any PDF, in pieces of any size: the same findings as whole. The first byte says how it is cut. */
#include "base/alloc.h"
#include "inspect/pdf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct counter {
	struct sink sink;
	uint64_t bytes, ends;
};

static int count_put(struct sink *s, struct span bytes, struct err *e)
{
	(void)e;
	((struct counter *)s)->bytes += bytes.len;
	return 0;
}

static int count_end(struct sink *s, struct err *e)
{
	(void)e;
	((struct counter *)s)->ends++;
	return 0;
}

static size_t look(struct span s, size_t cut, struct counter *unpack)
{
	struct inspect_result found;
	struct inspect_place place = {&found, SPAN(""), SPAN("")};
	struct inspect_pdf pdf;
	inspect_result_init(&found);
	*unpack = (struct counter){.sink = {count_put, count_end}};
	inspect_pdf_init(&pdf, &place, &unpack->sink);
	for (struct span rest = s; rest.len; rest = span_skip(rest, cut))
		ENSURE(sink_put(&pdf.sink, span_take(rest, cut), NULL) == 0);
	ENSURE(sink_end(&pdf.sink, NULL) == 0);
	size_t n = found.n;
	inspect_result_release(&found);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct counter whole, cut;
	if (!size)
		return 0;
	struct span s = span_make((const char *)data + 1, size - 1);
	size_t a = look(s, size, &whole), b = look(s, data[0] % 67 + 1, &cut);
	ENSURE(a == b && whole.bytes == cut.bytes && whole.ends == cut.ends);
	return 0;
}
