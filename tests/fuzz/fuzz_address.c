/* Any field of addresses: what was read, written and read again is the same. */
#include "base/alloc.h"
#include "codec/utf8.h"
#include "mime/address.h"
#include "mime/lex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read(const struct address *a)
{
	struct arena arena = ARENA_INIT(16u << 20);
	struct buf b = BUF_INIT(16u << 20);
	struct address again;
	size_t column = 4;
	const char *why = NULL;
	enum address_level level = address_check(a->spec, &why);
	ENSURE((level == ADDRESS_SMTP) == (why == NULL));
	ENSURE(utf8_valid(a->name));
	address_write(&b, &column, a->name, a->spec, false);
	for (size_t i = 0; i < b.len; i++)
		ENSURE(b.ptr[i] != '\n' || (i + 1 < b.len && is_wsp(b.ptr[i + 1])));
	if (level == ADDRESS_SMTP) {
		struct err e = ERR_INIT;
		struct address_list l = {0};
		ENSURE(address_envelope_check(a->spec, false, &e) == 0);
		ENSURE(address_list_parse(&arena, buf_span(&b), &l, &e) == 0 && l.n == 1 && !l.bad);
		again = l.v[0];
		ENSURE(span_eq(again.spec, a->spec));
	}
	arena_release(&arena);
	buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT(64u << 20);
	struct span value = span_make((const char *)data, size);
	struct address_list l = {0};
	struct address one;
	struct err e = ERR_INIT;
	if (address_list_parse(&arena, value, &l, &e) == 0)
		for (size_t i = 0; i < l.n; i++)
			if (l.v[i].spec.len)
				write_and_read(&l.v[i]);
	if (address_parse_one(&arena, value, &one, &e) == 0) {
		ENSURE(one.spec.len);
		for (size_t i = 0; i < one.spec.len; i++)
			ENSURE(!lex_is_control(one.spec.ptr[i]));
	}
	arena_release(&arena);
	return 0;
}
