#include "compose/pictures.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "compose/file.h"
#include "compose/html.h"

#include <limits.h>
#include <stdlib.h>

enum { HTML_MAX = 32 << 20 /* a larger one is left as it is */ };

struct pictures {
	struct draft *d;
	const char *folder;
	char *root; /* its real path */
	struct buf out;
};

/* --- what a src says ---------------------------------------------------------------- */

/* "https:", "cid:", "data:", "//host/..." name no file; nor does an empty one, or one within a page. */
static bool is_file(struct span src)
{
	size_t n = 0;
	if (!src.len || span_starts(src, "//") || *src.ptr == '#')
		return false;
	while (n < src.len &&
	       (is_alpha(src.ptr[n]) || is_digit(src.ptr[n]) || strchr("+-.", src.ptr[n])))
		n++;
	return !(n && n < src.len && src.ptr[n] == ':');
}

/* The name of the file: HTML's &amp; and the address's %20 undone. False: no name of a file. */
static bool name_of(struct buf *name, struct span src)
{
	for (size_t i = 0; i < src.len; i++) {
		struct span rest = span_skip(src, i);
		char c = src.ptr[i];
		if (span_starts(rest, "&amp;")) {
			i += 4;
		} else if (c == '%' && rest.len > 2 && hex_value(rest.ptr[1]) >= 0 &&
			   hex_value(rest.ptr[2]) >= 0) {
			c = (char)(hex_value(rest.ptr[1]) * 16 + hex_value(rest.ptr[2]));
			i += 2;
		}
		if ((unsigned char)c < 32 || c == 127)
			return false;
		buf_addc(name, c);
	}
	return !name->over;
}

/* --- files -------------------------------------------------------------------------- */

static struct compose_file *find(struct draft *d, const char *name, const char *path)
{
	for (struct compose_file *f = d->files; f; f = f->next) {
		if (f->use != FILE_INLINE)
			continue;
		if (strcmp(f->path, name) == 0 || strcmp(f->name, name) == 0 ||
		    (path && strcmp(f->path, path) == 0))
			return f;
	}
	return NULL;
}

static bool has_cid(const struct draft *d, const char *cid)
{
	for (const struct compose_file *f = d->files; f; f = f->next)
		if (f->use == FILE_INLINE && strcmp(f->cid ? f->cid : f->name, cid) == 0)
			return true;
	return false;
}

/* The file's name where that is a good identifier and free, else "name-2". */
static void new_cid(const struct draft *d, const char *path, struct buf *cid)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	for (const char *p = base; *p; p++)
		buf_addc(cid, is_alpha(*p) || is_digit(*p) || strchr("._-", *p) ? *p : '_');
	size_t len = cid->len;
	for (unsigned n = 2; has_cid(d, buf_cstr(cid)); n++) {
		buf_cut(cid, len);
		buf_addf(cid, "-%u", n);
	}
}

static bool is_inside(const char *path, const char *root)
{
	size_t n = strlen(root);
	return strncmp(path, root, n) == 0 && (path[n] == '/' || (n && root[n - 1] == '/'));
}

static int check_inside(struct pictures *p, const char *name, const char *path, struct err *e)
{
	char real[PATH_MAX];
	if (*name != '/' && !realpath(path, real))
		return err_sys(e, EX_NOINPUT, "%s", path);
	if (*name != '/' && is_inside(real, p->root))
		return 0;
	return err_set(e, EX_DATAERR,
	    _("%s: a picture outside the folder of the HTML; --inline %s takes it"), name, name);
}

static struct compose_file *take(
    struct pictures *p, const char *name, const char *path, struct err *e)
{
	struct buf cid = BUF_INIT(PATH_MAX);
	if (check_inside(p, name, path, e) < 0)
		return NULL;
	new_cid(p->d, path, &cid);
	char *spec = str_printf("%s\x1f"
				"cid=%s",
	    path, buf_cstr(&cid));
	int r = file_add(p->d, FILE_INLINE, spec, e);
	free(spec);
	buf_release(&cid);
	return r < 0 ? NULL : find(p->d, path, NULL);
}

/* *cid: of the file the src names; NULL where it is left as it is. */
static int cid_of(struct pictures *p, struct span src, const char **cid, struct err *e)
{
	struct buf name = BUF_INIT(PATH_MAX);
	struct compose_file *f = NULL;
	int r = 0;
	if (is_file(src) && name_of(&name, src)) {
		const char *slash = p->folder && strcmp(p->folder, "/") != 0 ? "/" : "";
		char *path =
		    p->folder ? str_printf("%s%s%s", p->folder, slash, buf_cstr(&name)) : NULL;
		f = find(p->d, buf_cstr(&name), path);
		if (!f && path) {
			f = take(p, buf_cstr(&name), path, e);
			r = f ? 0 : -1;
		}
		free(path);
	}
	*cid = !f ? NULL : f->cid ? f->cid : f->name;
	buf_release(&name);
	return r;
}

/* --- the HTML ----------------------------------------------------------------------- */

/* An address of its own for all that is relative: no file is meant. */
static bool has_base(struct span html)
{
	struct span name, tag;
	while (html_next_tag(&html, &name, &tag))
		if (span_is_nocase(name, "base") && html_attribute(tag, "href").ptr)
			return true;
	return false;
}

/* The same escaping as in the Content-ID (compose/file.c). */
static void add_cid(struct buf *out, const char *cid)
{
	buf_adds(out, "cid:");
	for (; *cid; cid++) {
		bool plain = *cid > 32 && *cid < 127 && !strchr("<>\"\\()", *cid);
		char c = plain ? *cid : '_';
		if (strchr("%&#?'", c))
			buf_addf(out, "%%%02X", (unsigned)c);
		else
			buf_addc(out, c);
	}
}

static int rewrite(struct pictures *p, struct span html, struct err *e)
{
	struct span rest = html, name, tag;
	const char *done = html.ptr;
	while (html_next_tag(&rest, &name, &tag)) {
		struct span src =
		    span_is_nocase(name, "img") ? span_trim(html_attribute(tag, "src")) : SPAN("");
		const char *cid = NULL;
		if (src.len && cid_of(p, src, &cid, e) < 0)
			return -1;
		if (!cid)
			continue;
		buf_addn(&p->out, done, (size_t)(src.ptr - done));
		add_cid(&p->out, cid);
		done = src.ptr + src.len;
	}
	buf_addn(&p->out, done, (size_t)(html.ptr + html.len - done));
	return 0;
}

static int replace(struct spool *html, struct span by, struct err *e)
{
	return spool_reset(html, e) < 0 ? -1 : sink_put(&html->sink, by, e);
}

static int read_all(struct buf *to, const struct spool *from, struct err *e)
{
	struct source_spool in;
	struct sink_buf sink;
	source_spool_init(&in, from);
	sink_buf_init(&sink, to);
	return sink_pump(&sink.sink, &in.source, e);
}

int pictures_take(struct draft *d, const char *folder, struct err *e)
{
	struct pictures p = {.d = d, .folder = folder, .out = BUF_INIT(2 * HTML_MAX)};
	struct buf html = BUF_INIT(HTML_MAX);
	if (d->html.size > HTML_MAX)
		return 0;
	int r = read_all(&html, &d->html, e);
	if (r == 0 && folder && !(p.root = realpath(folder, NULL)))
		r = err_sys(e, EX_NOINPUT, "%s", folder);
	if (r == 0 && !has_base(buf_span(&html))) {
		r = rewrite(&p, buf_span(&html), e);
		if (r == 0 && !span_eq(buf_span(&html), buf_span(&p.out)))
			r = replace(&d->html, buf_span(&p.out), e);
	}
	free(p.root);
	buf_release(&html);
	buf_release(&p.out);
	return r;
}
