#include "deliver/room.h"

/* An address came through the envelope's checks or from the command line: a line end in it would begin a field of its own. */
static void add_clean(struct buf *b, const char *s)
{
	for (; *s; s++)
		buf_addc(b, (unsigned char)*s < ' ' || *s == 127 ? '?' : *s);
}

static void field(
    struct buf *b, const char *name, const char *before, const char *value, const char *after)
{
	buf_addf(b, "%s: %s", name, before);
	add_clean(b, value);
	buf_addf(b, "%s\n", after);
}

/* In this order from the top: RFC 5321 4.4 wants the Return-Path first. */
void deliver_fields(struct buf *b, const struct deliver_to *to)
{
	if (to->sender)
		field(b, "Return-Path", "<", to->sender, ">");
	if (to->recipient)
		field(b, "Delivered-To", "", to->recipient, "");
	buf_add(b, to->received);
}
