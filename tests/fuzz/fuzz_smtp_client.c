/*
 * fuzz_smtp_client.c - any bytes as all that a server says, from its greeting on: EHLO and what it claims to know, a message to two recipients, and two
 * more that ride behind one another. The first byte cuts what comes, and says whether it is LMTP. Whatever it says, everybody is settled, nobody is
 * said to have been sent to before the end of the message was out, and what we say are lines that end in CRLF.
 */
#include "../unit/script.h"
#include "smtp/client.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool good)
{
	if (!good)
		abort();
}

#define TEXT "Subject: x\n\nhi\n.\nbye\n"
#define WIRE "Subject: x\r\n\r\nhi\r\n.\r\nbye\r\n"

struct letter {
	struct smtp_rcpt to[2];
	struct source_mem text;
	struct smtp_mail mail;
};

static struct smtp_mail *letter(struct letter *l)
{
	*l = (struct letter){.to = {{.address = "one@x"}, {.address = "two@y"}}};
	source_mem_init(&l->text, SPAN(TEXT));
	l->mail = (struct smtp_mail){.sender = "a@z",
	    .rcpts = l->to,
	    .rcpt_count = 2,
	    .message = &l->text.source,
	    .wire_size = strlen(WIRE),
	    .hold_until_s = 0,
	    .deliver_by = "120;N",
	    .priority = "3",
	    .envid = "id+1"};
	return &l->mail;
}

static void settled(const struct letter *l, bool out)
{
	for (size_t i = 0; i < 2; i++) {
		enum smtp_status s = l->to[i].answer.status;
		need(
		    s == SMTP_SENT || s == SMTP_DEFERRED || s == SMTP_REFUSED || s == SMTP_UNKNOWN);
		need(out || (s != SMTP_SENT && s != SMTP_UNKNOWN));
	}
}

static bool is_out(const struct script *sc)
{
	return span_find(buf_span(&sc->heard), SPAN("bye\r\n")) >= 0;
}

static void rides(struct smtp_client *c, const struct script *sc)
{
	struct letter v[2];
	int under_way = 0;
	for (int i = 0; i < 2 && under_way == i; i++) {
		int r = smtp_client_start(c, letter(&v[i]), NULL);
		if (r < 0) {
			settled(&v[i], is_out(sc));
			need(!c->in_flight);
		}
		under_way += r > 0;
	}
	for (int i = 0; i < under_way; i++)
		smtp_client_settle(c, NULL);
	for (int i = 0; i < under_way; i++)
		settled(&v[i], is_out(sc));
}

static void lines_only(const struct script *sc)
{
	struct span rest = buf_span(&sc->heard);
	need(!rest.len || rest.ptr[rest.len - 1] == '\n');
	for (size_t i = 0; i < rest.len; i++)
		need(rest.ptr[i] != '\n' || (i && rest.ptr[i - 1] == '\r'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct letter first;
	struct stream s;
	struct smtp_client c;
	if (size < 2)
		return 0;
	struct script sc = {
	    .says = (const char *)data + 1, .len = size - 1, .chunk = data[0] & 0x7f};
	script_open(&sc, &s);
	smtp_client_init(&c, &s, data[0] & 0x80 ? LMTP : SMTP, 5000);
	if (smtp_client_greeting(&c, NULL) == 0 && smtp_client_hello(&c, "me", NULL) == 0) {
		int r = smtp_client_send(&c, letter(&first), NULL);
		settled(&first, is_out(&sc));
		if (r == 0)
			rides(&c, &sc);
	}
	lines_only(&sc);
	smtp_client_release(&c);
	stream_release(&s);
	buf_release(&sc.heard);
	return 0;
}
