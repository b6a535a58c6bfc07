/* names.c - messages on a server: "work:INBOX#17.4711", "imaps://ana@mail.example.org:993/INBOX#17.4711". */
#include "fetch.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "io/stream.h"
#include "report/report.h"

#include <stdlib.h>
#include <unistd.h>

enum { NAME_MAX_BYTES = 16 << 10 };

/* A name is a line: what would break one, or a URL, is percent-encoded. */
static void add_folder(struct buf *b, const char *folder, const char *encode)
{
	for (const char *p = folder; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127 || strchr(encode, *p))
			buf_addf(b, "%%%02X", (unsigned char)*p);
		else
			buf_addc(b, *p);
}

static char *decode_folder(struct span text)
{
	struct buf b = BUF_INIT(NAME_MAX_BYTES);
	for (size_t i = 0; i < text.len; i++) {
		bool coded = text.ptr[i] == '%' && i + 2 < text.len;
		int high = coded ? hex_value(text.ptr[i + 1]) : -1;
		int low = coded ? hex_value(text.ptr[i + 2]) : -1;
		bool good = high >= 0 && low >= 0 && (high || low);
		buf_addc(&b, good ? (char)(high << 4 | low) : text.ptr[i]);
		i += good ? 2 : 0;
	}
	return buf_detach(&b);
}

void name_write(
    struct buf *b, const struct remote *r, const char *folder, uint32_t uidvalidity, uint32_t uid)
{
	buf_adds(b, r->place);
	if (span_find(span_of(r->place), SPAN("://")) >= 0)
		add_folder(b, folder, " %?");
	else
		add_folder(b, folder, "%");
	buf_addf(b, "#%u.%u", uidvalidity, uid);
}

/* As a line (NUL with -0), or an object. */
int name_print(const struct opts *o, const struct remote *r, const char *folder,
    uint32_t uidvalidity, uint32_t uid, struct sink *out, struct err *e)
{
	struct buf b = BUF_INIT(NAME_MAX_BYTES);
	name_write(&b, r, folder, uidvalidity, uid);
	if (o->common.json) {
		json_t *object = json_pack("{s:o}", "name", report_json_text(buf_span(&b)));
		char *text = json_dumps(object, report_json_flags());
		buf_reset(&b);
		buf_addf(&b, "%s\n", text);
		free(text);
		json_decref(object);
	} else {
		buf_addc(&b, o->nul ? '\0' : '\n');
	}
	int done = sink_put(out, buf_span(&b), e);
	buf_release(&b);
	return done < 0 ? err_prefix(e, _("standard output: ")) : 0;
}

/* --- reading --- */

struct name {
	struct span where;
	char *folder;
	uint32_t uidvalidity, uid;
};

static int no_name(struct span text, struct err *e)
{
	return err_set(e, EX_DATAERR, _("%.*s: no message's name (ACCOUNT:FOLDER#UIDVALIDITY.UID)"),
	    SPAN_ARG(span_take(text, 300)));
}

static bool parse_numbers(struct span text, struct name *n)
{
	struct span validity;
	uint64_t a, b;
	if (!span_cut(&text, '.', &validity) || !span_to_u64(validity, UINT32_MAX, &a) ||
	    !span_to_u64(text, UINT32_MAX, &b) || !a || !b)
		return false;
	n->uidvalidity = (uint32_t)a;
	n->uid = (uint32_t)b;
	return true;
}

/* scheme://user@host:port/ and the folder behind it, percent-encoded. */
static int split_url(struct span text, struct name *n, struct err *e)
{
	struct net_url u;
	ptrdiff_t authority = span_find(text, SPAN("://"));
	ptrdiff_t slash = span_index(span_skip(text, (size_t)authority + 3), '/');
	if (slash < 0 || net_url_parse(&u, text, NULL, e) < 0)
		return no_name(text, e);
	n->where = span_take(text, (size_t)authority + 3 + (size_t)slash + 1);
	n->folder = str_dup(u.path && *u.path ? u.path : "INBOX");
	net_url_release(&u);
	return 0;
}

static int parse_name(struct span text, struct name *n, struct err *e)
{
	const char *hash = text.len ? memrchr(text.ptr, '#', text.len) : NULL;
	if (!hash)
		return no_name(text, e);
	struct span front = span_make(text.ptr, (size_t)(hash - text.ptr)), account;
	if (!parse_numbers(span_skip(text, front.len + 1), n))
		return no_name(text, e);
	if (span_find(front, SPAN("://")) >= 0)
		return split_url(front, n, e);
	if (!span_cut(&front, ':', &account) || !account.len || !front.len)
		return no_name(text, e);
	n->where = account;
	n->folder = decode_folder(front);
	return 0;
}

/* --- sets --- */

static struct name_group *group_for(struct name_set *s, struct name *n)
{
	for (size_t i = s->n; i-- > 0;)
		if (s->v[i].uidvalidity == n->uidvalidity && strcmp(s->v[i].folder, n->folder) == 0)
			return &s->v[i];
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 4;
		s->v = mem_resize(s->v, s->cap, sizeof(*s->v));
	}
	s->v[s->n] =
	    (struct name_group){.folder = str_dup(n->folder), .uidvalidity = n->uidvalidity};
	return &s->v[s->n++];
}

static int set_add(struct name_set *s, struct span text, struct err *e)
{
	struct name n = {0};
	if (parse_name(text, &n, e) < 0)
		return -1;
	int r = 0;
	if (!s->where)
		s->where = span_dup(n.where);
	else if (!span_is(n.where, s->where))
		r = err_set(e, EX_USAGE,
		    _("messages of two accounts (%s, %.*s): one run for each, please"), s->where,
		    SPAN_ARG(n.where));
	if (r == 0)
		imap_uids_add(&group_for(s, &n)->uids, n.uid);
	free(n.folder);
	return r;
}

static int read_stream(struct name_set *s, struct stream *in, bool nul, struct err *e)
{
	struct span line;
	int r;
	if (!nul) {
		while ((r = stream_line(in, &line, NAME_MAX_BYTES, e)) > 0)
			if (line.len && set_add(s, line, e) < 0)
				return -1;
		return r;
	}
	struct buf one = BUF_INIT(NAME_MAX_BYTES);
	char c;
	while ((r = (int)stream_read(in, &c, 1, e)) > 0 && !one.over) {
		if (c) {
			buf_addc(&one, c);
			continue;
		}
		if (one.len && set_add(s, buf_span(&one), e) < 0)
			break;
		buf_reset(&one);
	}
	bool broken = r != 0 || one.over;
	if (r == 0 && one.len && !one.over)
		broken = set_add(s, buf_span(&one), e) < 0;
	if (one.over)
		no_name(buf_span(&one), e);
	buf_release(&one);
	return broken ? -1 : 0;
}

static int read_names(struct name_set *s, const struct opts *o, struct err *e)
{
	struct stream in;
	int fd = STDIN_FILENO, r;
	bool own = strcmp(o->names, "-") != 0;
	if (own && (fd = file_open(o->names, e)) < 0)
		return err_prefix(e, "--names: ");
	stream_init_fd(&in, fd, -1);
	in.own_fds = own;
	r = read_stream(s, &in, o->nul, e);
	stream_release(&in);
	return r < 0 ? err_prefix(e, "--names: ") : 0;
}

int name_set_read(
    struct name_set *s, const struct opts *o, const struct strv *operands, struct err *e)
{
	for (size_t i = 0; i < operands->n; i++)
		if (set_add(s, span_of(operands->v[i]), e) < 0)
			return -1;
	if (o->names && read_names(s, o, e) < 0)
		return -1;
	if (!o->names && !operands->n)
		return err_set(e, EX_USAGE, _("no messages are named"));
	for (size_t i = 0; i < s->n; i++)
		imap_uids_sort(&s->v[i].uids);
	return 0;
}

void name_set_release(struct name_set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].folder);
		imap_uids_release(&s->v[i].uids);
	}
	free(s->v);
	free(s->where);
	*s = (struct name_set){0};
}

int name_group_select(
    struct fetch_session *s, const struct name_group *g, bool read_only, struct err *e)
{
	if (imap_client_select(&s->imap, g->folder, read_only, e) < 0)
		return -1;
	if (s->imap.mailbox.uidvalidity == g->uidvalidity)
		return 0;
	return err_set(e, EX_NOINPUT,
	    _("%s: the server has numbered its messages anew; these names are of no use any more"),
	    g->folder);
}
