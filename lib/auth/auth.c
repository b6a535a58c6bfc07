#include "auth/auth.h"

#include "base/alloc.h"

#include <stdlib.h>

/* DMARC rests on the others: they are looked at for it too, and reported. */
static bool wants_dkim(const struct auth_options *o)
{
	return o->dkim || o->dmarc;
}

static bool wants_spf(const struct auth_options *o)
{
	return o->spf || (o->dmarc && o->client.client_ip);
}

/* The walks of DMARC: for the author, and for whom what may pass belongs to. */
static void expect_dmarc(struct auth_check *c)
{
	struct err ignored = ERR_INIT;
	char *author = dmarc_author(&c->message.fields, &ignored);
	if (author)
		dmarc_walk_expect(c->ask, author);
	free(author);
}

static int header_done(struct auth_message *m, struct err *e)
{
	struct auth_check *c = m->owner;
	if (wants_spf(c->options))
		spf_expect(c->ask, &c->options->client);
	if (wants_dkim(c->options)) {
		dkim_read(&c->dkim, m);
		dkim_expect(&c->dkim, c->ask);
	}
	if (c->options->arc) {
		arc_read(&c->arc, m);
		arc_expect(&c->arc, c->ask);
	}
	if (c->options->dmarc)
		expect_dmarc(c);
	return auth_ask_start(c->ask, e);
}

void auth_check_init(struct auth_check *c, struct auth_ask *ask, const struct auth_options *o)
{
	c->options = o;
	c->ask = ask;
	c->results = (struct auth_results){.explain = o->explain};
	c->policy = DMARC_NONE;
	c->dkim.n = c->dkim.more = 0;
	c->arc.v = NULL;
	auth_message_init(&c->message);
	c->message.header_done = header_done;
	c->message.owner = c;
	auth_ask_begin(ask);
}

int auth_check_client(struct auth_check *c, struct err *e)
{
	return spf_check(c->ask, &c->options->client, auth_results_add(&c->results, "spf"), e);
}

int auth_check_end(struct auth_check *c, struct err *e)
{
	return sink_end(&c->message.sink, e);
}

int auth_check_judge(struct auth_check *c, struct err *e)
{
	const struct auth_options *o = c->options;
	auth_ask_resume(c->ask);
	if (wants_spf(o) && auth_check_client(c, e) < 0)
		return -1;
	if (wants_dkim(o) && dkim_check(&c->dkim, c->ask, &o->key, &c->results, e) < 0)
		return -1;
	if (o->dmarc && dmarc_check(c->ask, &c->message.fields, &c->results, &c->policy, e) < 0)
		return -1;
	return o->arc ? arc_check(&c->arc, c->ask, &o->key, &c->results, e) : 0;
}

void auth_check_release(struct auth_check *c)
{
	dkim_release(&c->dkim);
	arc_release(&c->arc);
	auth_results_release(&c->results);
	auth_message_release(&c->message);
}
