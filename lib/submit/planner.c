#include "submit/planner.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"

#include <stdio.h>
#include <stdlib.h>

enum { PLAN_LINE = 8 << 20, PATIENCE_MS = 120000 };

static void option(struct strv *argv, const char *name, const char *value)
{
	if (value)
		strv_take(argv, str_printf("--%s=%s", name, value));
}

void submit_planner_options(const struct submit_planner *p, struct strv *argv)
{
	static const char *const dnssec[] = {NULL, "required", "off"};
	const struct cli_network *n = p->network;
	char number[24];
	option(argv, "config", p->config);
	option(argv, "tls", p->tls);
	for (size_t i = 0; i < n->resolvers.n; i++)
		option(argv, "resolver", n->resolvers.v[i]);
	option(argv, "trust-anchor", n->trust_anchor);
	option(argv, "dns-data", n->dns_data);
	option(argv, "ca-file", n->ca_file);
	for (size_t i = 0; i < n->connects.n; i++)
		option(argv, "connect", n->connects.v[i]);
	option(argv, "dnssec", dnssec[n->dnssec]);
	snprintf(number, sizeof(number), "%lld", (long long)n->timeout_s);
	option(argv, "timeout", number);
	snprintf(number, sizeof(number), "%lld", (long long)n->https_port);
	option(argv, "https-port", number);
	if (p->require_tls)
		strv_add(argv, "--require-tls");
	if (n->only4)
		strv_add(argv, "-4");
	if (n->only6)
		strv_add(argv, "-6");
}

static int start(struct submit_planner *p, struct err *e)
{
	struct strv argv = {0};
	strv_add(&argv, "mail-mx");
	strv_add(&argv, "--plan");
	submit_planner_options(p, &argv);
	int r = child_start(&p->child, argv.v, NULL, CHILD_STDIN | CHILD_STDOUT, e);
	strv_release(&argv);
	if (r < 0)
		return -1;
	stream_init_fd(&p->stream, p->child.out, p->child.in);
	p->stream.in_max = PLAN_LINE;
	p->running = true;
	return 0;
}

/* The child goes; a domain that it could not answer does not take the next ones along. */
static void stop(struct submit_planner *p)
{
	if (!p->running)
		return;
	p->running = false;
	stream_release(&p->stream);
	child_kill(&p->child);
	strv_release(&p->asked);
	p->answered = 0;
}

static bool is_one_line(struct span domain)
{
	for (size_t i = 0; i < domain.len; i++)
		if ((unsigned char)domain.ptr[i] <= ' ' || domain.ptr[i] == 127)
			return false;
	return domain.len > 0;
}

static const struct route_plan *recall(const struct submit_planner *p, struct span domain)
{
	for (size_t i = 0; i < p->known_count; i++)
		if (span_eq_nocase(span_of(p->known[i].domain), domain))
			return p->known[i].plan;
	return NULL;
}

static bool is_asked(const struct submit_planner *p, struct span domain)
{
	for (size_t i = p->answered; i < p->asked.n; i++)
		if (span_eq_nocase(span_of(p->asked.v[i]), domain))
			return true;
	return false;
}

static int ask(struct submit_planner *p, struct span domain, struct err *e)
{
	if (!is_one_line(domain))
		return err_set(e, EX_DATAERR, _("this is no domain"));
	if (!p->running && start(p, e) < 0)
		return -1;
	stream_write(&p->stream, domain);
	stream_puts(&p->stream, "\n");
	strv_add_span(&p->asked, domain);
	return 0;
}

void submit_plan_ahead(struct submit_planner *p, struct span domain)
{
	if (!recall(p, domain) && !is_asked(p, domain))
		ask(p, domain, NULL); /* who needs the answer will be told what is wrong */
}

/* The next answer, whoever's it is. */
static int hear(struct submit_planner *p, struct err *e)
{
	struct span line;
	struct route_plan *fresh;
	stream_timeout(&p->stream, PATIENCE_MS);
	if (p->deadline_ms && p->deadline_ms < p->stream.deadline_ms)
		p->stream.deadline_ms = p->deadline_ms;
	int r = stream_line(&p->stream, &line, PLAN_LINE, e);
	if (r <= 0)
		return r < 0 ? -1 : err_set(e, EX_TEMPFAIL, _("it ended without an answer"));
	if (route_plan_read(&fresh, line, p->port, e) < 0)
		return -1;
	p->known = mem_resize(p->known, p->known_count + 1, sizeof(*p->known));
	p->known[p->known_count++] =
	    (struct submit_planned){str_dup(p->asked.v[p->answered++]), fresh};
	return 0;
}

static int answer(struct submit_planner *p, struct span domain, struct err *e)
{
	if (!is_asked(p, domain) && ask(p, domain, e) < 0)
		return -1;
	while (!recall(p, domain))
		if (hear(p, e) < 0)
			return -1;
	return 0;
}

int submit_plan(
    struct submit_planner *p, struct span domain, const struct route_plan **plan, struct err *e)
{
	if (!recall(p, domain) && answer(p, domain, e) < 0) {
		if (e->code == EX_DATAERR)
			return -1;
		stop(p);
		e->code = EX_TEMPFAIL; /* whatever it was: the domain did not say no */
		return err_prefix(e, "mail-mx: ");
	}
	*plan = recall(p, domain);
	return 0;
}

void submit_planner_release(struct submit_planner *p)
{
	int status;
	if (p->running) {
		p->running = false;
		stream_release(&p->stream);
		child_wait(&p->child, 1000, &status, NULL);
	}
	for (size_t i = 0; i < p->known_count; i++) {
		free(p->known[i].domain);
		route_plan_free(p->known[i].plan);
	}
	free(p->known);
	strv_release(&p->asked);
	p->known = NULL;
	p->known_count = 0;
}
