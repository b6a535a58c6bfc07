/* question.c - what is asked, read from its JSON: it comes from another process, so everything is checked. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "crypto/digest.h"
#include "probe.h"

#include <stdlib.h>

enum { PINS_MAX = 256, PIN_MAX = 65535, TIMEOUT_MAX_MS = 86400000 };

static int bad(struct err *e, const char *key)
{
	return err_set(e, EX_DATAERR, _("a question with a bad \"%s\""), key);
}

static int take_pin(const json_t *o, struct tls_pin *pin, struct err *e)
{
	const char *data = json_string_value(json_object_get(o, "data"));
	size_t n = data ? strlen(data) / 2 : 0;
	if (!n || n > PIN_MAX)
		return bad(e, "data");
	unsigned char *bytes = mem_new(n, 1);
	*pin = (struct tls_pin){
	    .usage = (unsigned char)json_integer_value(json_object_get(o, "usage")),
	    .selector = (unsigned char)json_integer_value(json_object_get(o, "selector")),
	    .matching = (unsigned char)json_integer_value(json_object_get(o, "matching")),
	    .data = span_make((const char *)bytes, n)};
	return digest_unhex(span_of(data), bytes, n) == (ptrdiff_t)n ? 0 : bad(e, "data");
}

int target_read(struct target *t, const json_t *o, struct err *e)
{
	const char *address = json_string_value(json_object_get(o, "address"));
	const json_t *names = json_object_get(o, "names"), *pins = json_object_get(o, "pins");
	json_int_t port = json_integer_value(json_object_get(o, "port"));
	t->host = json_string_value(json_object_get(o, "host"));
	json_int_t timeout_ms = json_integer_value(json_object_get(o, "timeout_ms"));
	if (timeout_ms < 0 || timeout_ms > TIMEOUT_MAX_MS)
		return bad(e, "timeout_ms");
	t->deadline_ms = clock_mono_ms() + timeout_ms;
	if (json_integer_value(json_object_get(o, "v")) != 1 || !t->host)
		return bad(e, "v");
	if (!address || port < 1 || port > 65535 ||
	    !net_addr_parse(span_of(address), (unsigned)port, &t->address))
		return bad(e, "address");
	for (size_t i = 0; i < json_array_size(names); i++)
		if (json_is_string(json_array_get(names, i)))
			strv_add(&t->names, json_string_value(json_array_get(names, i)));
	if (json_array_size(pins) > PINS_MAX)
		return bad(e, "pins");
	t->pins = mem_new(json_array_size(pins) + 1, sizeof(*t->pins));
	for (size_t i = 0; i < json_array_size(pins); i++)
		if (take_pin(json_array_get(pins, i), &t->pins[t->pin_count++], e) < 0)
			return -1;
	return 0;
}

void target_release(struct target *t)
{
	for (size_t i = 0; i < t->pin_count; i++)
		free((void *)(uintptr_t)t->pins[i].data.ptr);
	free(t->pins);
	strv_release(&t->names);
}
