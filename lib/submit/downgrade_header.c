#include "submit/downgrade_header.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "codec/utf8.h"
#include "mime/param.h"
#include "mime/word.h"
#include "mime/write.h"

#include <stdlib.h>

enum { ARENA = 64 << 20 };

static bool is_one_of(struct span name, const char *const *names)
{
	while (*names && !span_is_nocase(name, *names))
		names++;
	return *names != NULL;
}

static int addresses(struct header_out *h, const char *name, struct span value, struct err *e)
{
	struct arena arena = ARENA_INIT(ARENA);
	struct address_list list = {0};
	int r = address_list_parse(&arena, value, &list, e);
	for (size_t i = 0; r == 0 && i < list.n; i++)
		if (address_is_utf8(list.v[i].spec)) {
			err_set(e, EX_UNAVAILABLE,
			    _("%s: the server takes no address that is not ASCII"), name);
			r = err_reply(e, 0, "5.6.7");
		}
	if (r == 0)
		header_add_addresses(h, name, list.v, list.n);
	arena_release(&arena);
	return r;
}

static void text(struct header_out *h, const char *name, struct span value)
{
	struct buf plain = BUF_INIT(1 << 20);
	word_decode(&plain, value);
	header_add_text(h, name, span_trim(buf_span(&plain)));
	buf_release(&plain);
}

/* A parameter whose very name is not ASCII is none; a type that is not, is text. */
static void parameters(struct header_out *h, const char *name, struct span value)
{
	struct arena arena = ARENA_INIT(ARENA);
	struct mime_params params = {0};
	struct span main = SPAN("");
	size_t column;
	mime_params_parse(&arena, value, &main, &params);
	if (!main.len || !is_ascii(main)) {
		text(h, name, value);
		arena_release(&arena);
		return;
	}
	header_begin(h, name, main, &column);
	for (size_t i = 0; i < params.n; i++) {
		char *param = span_dup(params.v[i].name);
		if (is_ascii(params.v[i].name))
			header_add_param(h, &column, param, params.v[i].value);
		free(param);
	}
	header_end(h);
	arena_release(&arena);
}

int submit_field_ascii(struct buf *b, struct span name, struct span value, struct err *e)
{
	static const char *const address_fields[] = {"From", "Sender", "Reply-To", "To", "Cc",
	    "Resent-From", "Resent-Sender", "Resent-Reply-To", "Resent-To", "Resent-Cc",
	    "Mail-Followup-To", "Disposition-Notification-To", NULL};
	static const char *const parameter_fields[] = {"Content-Type", "Content-Disposition", NULL};
	struct header_out h = HEADER_OUT_INIT;
	char *word = span_dup(name);
	int r = 0;
	if (!header_name_valid(name))
		r = err_set(e, EX_DATAERR, _("a field's name is not ASCII"));
	else if (is_one_of(name, address_fields))
		r = addresses(&h, word, value, e);
	else if (is_one_of(name, parameter_fields))
		parameters(&h, word, value);
	else
		text(&h, word, value);
	if (r == 0)
		buf_add(b, buf_span(&h.b));
	header_out_release(&h);
	free(word);
	return r;
}
