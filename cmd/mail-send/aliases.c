/*
 * aliases.c - names without a domain, which only this machine knows: root's and cron's mail goes where /etc/aliases says.
 *
 *	root: ana
 *	ana: ana@example.org, "ana w"@example.net
 *
 * Commands, files and included lists of a real sendmail are not followed. A name that is not there is a user of this machine.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"
#include "send.h"

#include <stdlib.h>

enum { FILE_MAX = 4 << 20, DEPTH = 10 };

/* The value of `name:`, with the lines that continue it. ptr NULL: it is not there. */
static struct span find(struct span text, struct span name)
{
	struct span line, key;
	while (text.len) {
		const char *begin = text.ptr;
		span_cut(&text, '\n', &line);
		while (text.len && is_wsp(*text.ptr))
			span_cut(&text, '\n', &line);
		struct span entry = span_make(begin, (size_t)(line.ptr + line.len - begin));
		if (*begin != '#' && span_cut(&entry, ':', &key) &&
		    span_eq_nocase(span_trim(key), name))
			return entry;
	}
	return span_make(NULL, 0);
}

static int stranger(struct submit_recipients *to, struct span name, struct err *e)
{
	char *copy = span_dup(name), *address = send_local_address(copy);
	int r = submit_recipients_put(to, span_of(address), e);
	free(address);
	free(copy);
	return r;
}

static bool is_followed(struct span target)
{
	return target.len && !strchr("|/:\"", target.ptr[0]);
}

static int local(void *ctx, struct submit_recipients *to, struct span name, struct err *e)
{
	struct send *s = ctx;
	struct span value = find(buf_span(&s->aliases), name), target;
	if (!value.ptr)
		return stranger(to, name, e);
	if (s->alias_depth == DEPTH)
		return err_set(e, EX_CONFIG, _("%.*s: an alias of itself"), SPAN_ARG(name));
	s->alias_depth++;
	int r = 0;
	size_t meant = 0;
	for (bool more = true; more && r == 0;) {
		more = span_cut(&value, ',', &target);
		target = span_trim(target);
		meant += is_followed(target) || span_is(target, "/dev/null");
		if (span_eq_nocase(target, name)) /* "ana: ana, bob": that ana is the user */
			r = stranger(to, name, e);
		else if (is_followed(target))
			r = submit_recipients_add(to, target, e);
	}
	s->alias_depth--;
	if (r == 0 && !meant) /* mail for nobody would be lost without a word */
		return err_set(e, EX_UNAVAILABLE,
		    _("%.*s: its aliases are commands and files only, which are not followed"),
		    SPAN_ARG(name));
	return r;
}

int send_aliases_read(struct send *s, struct err *e)
{
	const char *path = s->o->aliases;
	buf_init(&s->aliases, FILE_MAX);
	if (!path && !s->o->sendmail)
		return 0;
	if (file_read(path ? path : "/etc/aliases", &s->aliases, path ? e : NULL) < 0 && path)
		return err_prefix(e, "--aliases: ");
	s->know_locals = true;
	return 0;
}

void send_know_locals(struct send *s, struct submit_recipients *to)
{
	to->local = s->know_locals ? local : NULL;
	to->ctx = s;
}
