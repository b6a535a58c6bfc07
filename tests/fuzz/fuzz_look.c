/* Any file under any name: HTML, RTF, scripts, marks, in pieces and as a whole alike. The first byte says how it is cut, the name ends with the first line end. */
#include "base/alloc.h"
#include "codec/utf8.h"
#include "inspect/look.h"
#include "inspect/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t look(struct span name, struct span s, size_t cut)
{
	static const char *const types[] = {"text/html", "text/plain", "application/octet-stream"};
	struct inspect_result found;
	struct inspect_place place = {&found, SPAN("1"), name};
	struct inspect_look l;
	struct buf text = BUF_INIT(1 << 20);
	inspect_result_init(&found);
	inspect_name(&place, inspect_name_base(name));
	inspect_look_init(&l, &place, name, span_of(types[s.len % 3]));
	for (struct span rest = s; rest.len; rest = span_skip(rest, cut))
		ENSURE(sink_put(&l.sink, span_take(rest, cut), NULL) == 0);
	ENSURE(sink_end(&l.sink, NULL) == 0);
	inspect_look_release(&l);
	for (size_t i = 0; i < found.n; i++) {
		buf_reset(&text);
		inspect_finding_text(&text, &found.v[i]);
		ENSURE(text.len && utf8_valid(buf_span(&text)) &&
		       span_index(buf_span(&text), '\n') < 0);
	}
	size_t n = found.n;
	buf_release(&text);
	inspect_result_release(&found);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span name, rest = span_make((const char *)data + (size > 0), size - (size > 0));
	if (!size)
		return 0;
	span_cut(&rest, '\n', &name);
	inspect_is_volume(inspect_format_of(rest), rest);
	ENSURE(look(name, rest, size) == look(name, rest, data[0] % 61 + 1));
	return 0;
}
