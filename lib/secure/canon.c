#include "secure/canon.h"

#include <string.h>

static int more(struct source_canon *c, struct err *e)
{
	ssize_t n = c->in->read(c->in, c->bytes, sizeof(c->bytes), e);
	c->at = 0;
	c->end = n > 0 ? (size_t)n : 0;
	return n < 0 ? -1 : n > 0;
}

/* What is before the next LF, at once. */
static size_t run(struct source_canon *c, char *p, size_t room)
{
	size_t n = c->end - c->at < room ? c->end - c->at : room;
	const char *lf = memchr(c->bytes + c->at, '\n', n);
	if (lf)
		n = (size_t)(lf - (c->bytes + c->at));
	memcpy(p, c->bytes + c->at, n);
	c->at += n;
	if (n)
		c->cr = p[n - 1] == '\r';
	return n;
}

static ssize_t canon_read(struct source *s, char *p, size_t n, struct err *e)
{
	struct source_canon *c = (struct source_canon *)s;
	size_t done = 0;
	while (done < n) {
		int r = c->at < c->end || c->lf ? 1 : done ? 0 : more(c, e);
		if (r <= 0)
			return r < 0 ? -1 : (ssize_t)done;
		if (!c->lf)
			done += run(c, p + done, n - done);
		if (done == n || (!c->lf && c->at == c->end))
			continue;
		/* at an LF */
		if (!c->cr && !c->lf) {
			p[done++] = '\r';
			c->lf = true;
			continue;
		}
		p[done++] = '\n';
		c->at++;
		c->lf = c->cr = false;
	}
	return (ssize_t)done;
}

void source_canon_init(struct source_canon *c, struct source *in)
{
	c->source = (struct source){canon_read};
	c->in = in;
	c->cr = c->lf = false;
	c->at = c->end = 0;
}
