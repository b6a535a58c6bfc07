#include "base/intl.h"
#include "io/sink.h"

/* RFC 5321 4.5.2, both ways. Lines end in CRLF and in nothing else: a receiver that takes a bare LF or CR for a line end would see another end of
 * the message than the sender (SMTP smuggling, CVE-2023-51764 to 51766). */

/* --- sending --- */

enum { LINE_START, IN_LINE, AFTER_CR };

static int bare(struct err *e)
{
	return err_set(e, EX_DATAERR, _("a line end that is not CRLF cannot be sent"));
}

static int dot_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct filter_dot *f = (struct filter_dot *)sink;
	size_t start = 0;
	for (size_t i = 0; i < bytes.len; i++) {
		char c = bytes.ptr[i];
		if ((f->state == AFTER_CR) != (c == '\n'))
			return bare(e);
		if (f->state == LINE_START && c == '.') {
			/* what came before, and the dot; it stays at the front of what is left, and so is sent twice */
			if (sink_put(f->next, span_make(bytes.ptr + start, i + 1 - start), e) < 0)
				return -1;
			start = i;
		}
		f->state = c == '\n' ? LINE_START : c == '\r' ? AFTER_CR : IN_LINE;
	}
	return sink_put(f->next, span_make(bytes.ptr + start, bytes.len - start), e);
}

static int dot_end(struct sink *sink, struct err *e)
{
	struct filter_dot *f = (struct filter_dot *)sink;
	if (f->state == AFTER_CR)
		return bare(e);
	const char *last = f->state == LINE_START ? ".\r\n" : "\r\n.\r\n";
	f->state = LINE_START;
	return sink_puts(f->next, last, e) < 0 ? -1 : sink_end(f->next, e);
}

void filter_dot_init(struct filter_dot *f, struct sink *next)
{
	*f = (struct filter_dot){.sink = {dot_put, dot_end}, .next = next, .state = LINE_START};
}

/* --- receiving --- */

enum {
	START,    /* behind CRLF, or at the beginning */
	INSIDE,   /* in a line */
	CR,       /* a CR came, and was handed on */
	BARE_LF,  /* an LF without CR came */
	DOT,      /* CRLF and a dot, held back */
	DOT_CR,   /* CRLF, dot, CR */
	BARE_DOT, /* a bare LF or CR and a dot */
	END
};

static int smuggled(struct err *e)
{
	return err_set(
	    e, EX_PROTOCOL, _("a line end that is not CRLF next to a lone dot: message refused"));
}

static int next_state(struct undot *u, char c)
{
	bool bare_cr = u->state == CR && c != '\n', bare_lf = c == '\n' && u->state != CR;
	u->bare |= bare_cr || bare_lf;
	if (c == '.' && (bare_cr || u->state == BARE_LF))
		return BARE_DOT;
	return c == '\r' ? CR : bare_lf ? BARE_LF : c == '\n' ? START : INSIDE;
}

/* One byte: the new state; -1 refused. *keep: whether the byte belongs to the message. */
static int undot_step(struct undot *u, char c, bool *keep)
{
	*keep = true;
	switch (u->state) {
	case START: *keep = c != '.'; return c == '.' ? DOT : next_state(u, c);
	case DOT: *keep = c != '\r'; return c == '\r' ? DOT_CR : c == '\n' ? -1 : INSIDE;
	case DOT_CR: *keep = false; return c == '\n' ? END : -1;
	case BARE_DOT: return c == '\r' || c == '\n' ? -1 : INSIDE;
	default: return next_state(u, c);
	}
}

int undot_put(struct undot *u, struct span bytes, size_t *used, struct err *e)
{
	size_t start = 0, i = 0;
	while (i < bytes.len && u->state != END) {
		bool keep;
		int state = undot_step(u, bytes.ptr[i], &keep);
		if (state < 0)
			return smuggled(e);
		u->state = state;
		if (!keep) {
			if (sink_put(u->next, span_make(bytes.ptr + start, i - start), e) < 0)
				return -1;
			start = i + 1;
		}
		i++;
	}
	if (start < i && sink_put(u->next, span_make(bytes.ptr + start, i - start), e) < 0)
		return -1;
	*used = i;
	return u->state == END;
}

void undot_init(struct undot *u, struct sink *next)
{
	*u = (struct undot){.next = next, .state = START};
}
