#include "auth/auth.h"

/* DMARC rests on the others: they are looked at for it too, and reported where they were asked for. */
static bool wants_dkim(const struct auth_options *o)
{
	return o->dkim || o->dmarc;
}

static int header_done(struct auth_message *m, struct err *e)
{
	struct auth_check *c = m->owner;
	if (wants_dkim(c->options)) {
		dkim_read(&c->dkim, m);
		dkim_expect(&c->dkim, c->ask);
	}
	return auth_ask_start(c->ask, e);
}

void auth_check_init(struct auth_check *c, struct auth_ask *ask, const struct auth_options *o)
{
	c->options = o;
	c->ask = ask;
	c->results = (struct auth_results){.explain = o->explain};
	c->dkim.n = c->dkim.more = 0;
	auth_message_init(&c->message);
	c->message.header_done = header_done;
	c->message.owner = c;
	auth_ask_begin(ask);
}

int auth_check_end(struct auth_check *c, struct err *e)
{
	const struct auth_options *o = c->options;
	if (sink_end(&c->message.sink, e) < 0)
		return -1;
	if (wants_dkim(o) && dkim_check(&c->dkim, c->ask, &o->key, &c->results, e) < 0)
		return -1;
	return 0;
}

void auth_check_release(struct auth_check *c)
{
	dkim_release(&c->dkim);
	auth_results_release(&c->results);
	auth_message_release(&c->message);
}
