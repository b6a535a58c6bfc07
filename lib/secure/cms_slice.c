#include "secure/cms_slice.h"

#include "base/intl.h"

enum { SHELL_MAX = 4 << 20, DEPTH_MAX = 32, CHUNK = 16384 };
enum {
	CONSTRUCTED = 0x20,
	OCTETS = 0x04,
	SEQUENCE = 0x30,
	SET = 0x31,
	OID = 0x06,
	CONTEXT0 = 0xa0
};

struct tlv {
	unsigned char head[10]; /* as it came */
	size_t head_len;
	unsigned tag;
	bool indefinite;
	uint64_t len;
};
struct reader {
	struct source *in;
	struct cms_slice *to;
	unsigned char bytes[CHUNK];
	size_t at, end;
	uint64_t taken; /* of the structure */
	struct err *e;
};

void cms_slice_init(struct cms_slice *s)
{
	*s = (struct cms_slice){.shell = BUF_INIT(SHELL_MAX)};
	spool_init(&s->content);
}

void cms_slice_release(struct cms_slice *s)
{
	buf_release(&s->shell);
	spool_release(&s->content);
}

/* --- bytes --- */

static int broken(struct reader *r, const char *what)
{
	return err_set(
	    r->e, EX_DATAERR, _("CMS: %s at byte %llu"), what, (unsigned long long)r->taken);
}

/* Some bytes are there, at most CHUNK. */
static int fill(struct reader *r)
{
	if (r->at < r->end)
		return 0;
	ssize_t n = r->in->read(r->in, (char *)r->bytes, sizeof(r->bytes), r->e);
	if (n < 0)
		return -1;
	if (n == 0)
		return broken(r, _("cut short"));
	r->at = 0;
	r->end = (size_t)n;
	return 0;
}

static int take_byte(struct reader *r, struct tlv *t)
{
	if (fill(r) < 0)
		return -1;
	r->taken++;
	return t->head[t->head_len++] = r->bytes[r->at++];
}

static int take(struct reader *r, uint64_t n, struct sink *to)
{
	while (n) {
		if (fill(r) < 0)
			return -1;
		size_t some = r->end - r->at;
		if (some > n)
			some = (size_t)n;
		if (sink_put(to, span_make((char *)r->bytes + r->at, some), r->e) < 0)
			return -1;
		r->at += some;
		r->taken += some;
		n -= some;
	}
	return 0;
}

/* The identifier and length octets of the next element, X.690 8.1. */
static int head(struct reader *r, struct tlv *t)
{
	*t = (struct tlv){0};
	int c = take_byte(r, t);
	if (c < 0)
		return -1;
	t->tag = (unsigned)c;
	if ((c & 0x1f) == 0x1f)
		return broken(r, _("an unknown tag"));
	if ((c = take_byte(r, t)) < 0)
		return -1;
	t->indefinite = c == 0x80;
	if (c < 0x80)
		t->len = (uint64_t)c;
	if (t->indefinite && !(t->tag & CONSTRUCTED))
		return broken(r, _("a length that cannot be"));
	for (int more = c > 0x80 ? c & 0x7f : 0; more > 0; more--) {
		if (t->head_len == sizeof(t->head) || (c = take_byte(r, t)) < 0)
			return t->head_len == sizeof(t->head) ? broken(r, _("an absurd length"))
							      : -1;
		t->len = t->len << 8 | (unsigned)c;
	}
	return t->len > INT64_MAX ? broken(r, _("an absurd length")) : 0;
}

static bool is_end(const struct tlv *t)
{
	return t->tag == 0 && t->len == 0 && !t->indefinite;
}

/* --- the shell --- */

static int shell_sink_put(struct sink *s, struct span bytes, struct err *e);
struct shell_sink {
	struct sink sink;
	struct buf *b;
};
static int shell_sink_put(struct sink *s, struct span bytes, struct err *e)
{
	struct buf *b = ((struct shell_sink *)s)->b;
	buf_add(b, bytes);
	return b->over ? err_set(e, EX_DATAERR, _("CMS: certificates and the like over 4 MiB")) : 0;
}

static int copy_bytes(struct reader *r, uint64_t n)
{
	struct shell_sink to = {{shell_sink_put, NULL}, &r->to->shell};
	return take(r, n, &to.sink);
}

/* As it came, whatever is in it. */
static int copy(struct reader *r, const struct tlv *t, unsigned depth)
{
	struct tlv inner;
	if (depth > DEPTH_MAX)
		return broken(r, _("nested too deeply"));
	buf_addn(&r->to->shell, t->head, t->head_len);
	if (!t->indefinite)
		return copy_bytes(r, t->len);
	do {
		if (head(r, &inner) < 0 || copy(r, &inner, depth + 1) < 0)
			return -1;
	} while (!is_end(&inner));
	return 0;
}

/* An element that is gone into: of indefinite length in the shell, as it becomes shorter there. */
struct inside {
	bool indefinite, over;
	uint64_t end;
};

static void enter(struct reader *r, const struct tlv *t, struct inside *in)
{
	*in = (struct inside){.indefinite = t->indefinite, .end = r->taken + t->len};
	buf_addc(&r->to->shell, (char)t->tag);
	buf_addc(&r->to->shell, (char)0x80);
}

/* The next element in it: 1; 0 at its end. */
static int next(struct reader *r, struct inside *in, struct tlv *t)
{
	if (!in->indefinite && r->taken >= in->end) {
		if (r->taken > in->end)
			return broken(r, _("an element longer than what it is in"));
		in->over = true;
	} else if (head(r, t) < 0) {
		return -1;
	} else if (in->indefinite && is_end(t)) {
		in->over = true;
	}
	if (!in->over)
		return 1;
	buf_addn(&r->to->shell, "\0\0", 2);
	return 0;
}

/* --- the content --- */

/* An octet string, perhaps in pieces, X.690 8.7. */
static int octets(struct reader *r, const struct tlv *t, unsigned depth)
{
	struct tlv inner;
	r->to->has_content = true;
	if (!(t->tag & CONSTRUCTED))
		return take(r, t->len, &r->to->content.sink);
	if (depth > DEPTH_MAX)
		return broken(r, _("nested too deeply"));
	for (uint64_t end = r->taken + t->len; t->indefinite || r->taken < end;) {
		if (head(r, &inner) < 0)
			return -1;
		if (t->indefinite && is_end(&inner))
			return 0;
		if ((inner.tag & ~(unsigned)CONSTRUCTED) != OCTETS)
			return broken(r, _("something else in an octet string"));
		if (!t->indefinite && r->taken + inner.len > end)
			return broken(r, _("an element longer than what it is in"));
		if (octets(r, &inner, depth + 1) < 0)
			return -1;
	}
	return 0;
}

/* EncapsulatedContentInfo's [0], an octet string in it. */
static int wrapped_octets(struct reader *r, const struct tlv *t)
{
	uint64_t end = r->taken + t->len;
	struct tlv inner;
	if (head(r, &inner) < 0)
		return -1;
	if ((inner.tag & ~(unsigned)CONSTRUCTED) != OCTETS)
		return broken(r, _("content that is no octet string"));
	if (octets(r, &inner, 0) < 0)
		return -1;
	if (t->indefinite && (head(r, &inner) < 0 || !is_end(&inner)))
		return broken(r, _("content that does not end"));
	return !t->indefinite && r->taken != end ? broken(r, _("more than one content")) : 0;
}

/* Of a content-info: its type, or the AlgorithmIdentifier of the encryption. */
static int algorithm(struct reader *r, const struct tlv *t)
{
	size_t at = r->to->shell.len;
	if (copy(r, t, 0) < 0)
		return -1;
	if (t->tag == SEQUENCE) {
		r->to->algorithm_at = at;
		r->to->algorithm_len = r->to->shell.len - at;
	}
	return 0;
}

/* EncapsulatedContentInfo (RFC 5652 5.2) or EncryptedContentInfo (6.1): all but what it is there for. */
static int content_info(struct reader *r, const struct tlv *t)
{
	bool enc = r->to->kind != CMS_SIGNED && r->to->kind != CMS_COMPRESSED;
	struct inside in;
	struct tlv inner;
	int n;
	enter(r, t, &in);
	while ((n = next(r, &in, &inner)) > 0) {
		int done;
		if (!enc && inner.tag == CONTEXT0)
			done = wrapped_octets(r, &inner);
		else if (enc && (inner.tag & ~(unsigned)CONSTRUCTED) == 0x80)
			done = octets(r, &inner, 0);
		else
			done = algorithm(r, &inner);
		if (done < 0)
			return -1;
	}
	return n;
}

/* SignedData, EnvelopedData, AuthEnvelopedData (RFC 5083 2.1), CompressedData: each has one content-info, a SEQUENCE. In the first the digest algorithms
 * are a SET, in the compressed the first SEQUENCE is the algorithm. */
static int structure(struct reader *r, const struct tlv *t)
{
	int skip = r->to->kind == CMS_COMPRESSED, n;
	struct inside in;
	struct tlv inner;
	enter(r, t, &in);
	while ((n = next(r, &in, &inner)) > 0) {
		bool info = inner.tag == SEQUENCE && skip-- == 0;
		if (r->to->kind == CMS_AUTH_ENVELOPED && inner.tag == OCTETS)
			r->to->tag_len = inner.len;
		if ((info ? content_info(r, &inner) : copy(r, &inner, 0)) < 0)
			return -1;
	}
	return n;
}

static enum cms_kind kind_of(struct span oid)
{
	static const char prefix7[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x07";         /* pkcs7 */
	static const char prefix9[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01"; /* id-smime-ct */
	if (oid.len == 9 && !memcmp(oid.ptr, prefix7, 8))
		return oid.ptr[8] == 2 ? CMS_SIGNED : oid.ptr[8] == 3 ? CMS_ENVELOPED : CMS_OTHER;
	if (oid.len == 11 && !memcmp(oid.ptr, prefix9, 10))
		return oid.ptr[10] == 23  ? CMS_AUTH_ENVELOPED
		       : oid.ptr[10] == 9 ? CMS_COMPRESSED
					  : CMS_OTHER;
	return CMS_OTHER;
}

/* contentType, copied and understood. */
static int content_type(struct reader *r, struct inside *in)
{
	struct tlv t;
	if (next(r, in, &t) <= 0 || t.tag != OID || t.len > 64)
		return r->e->code ? -1 : broken(r, _("no content type"));
	size_t from = r->to->shell.len + t.head_len;
	if (copy(r, &t, 0) < 0)
		return -1;
	r->to->kind = kind_of(span_skip(buf_span(&r->to->shell), from));
	return 0;
}

/* The [0] with the structure in it. */
static int explicit_structure(struct reader *r, const struct tlv *t)
{
	struct inside in;
	struct tlv inner;
	int n;
	if (r->to->kind == CMS_OTHER)
		return copy(r, t, 0);
	enter(r, t, &in);
	while ((n = next(r, &in, &inner)) > 0)
		if (inner.tag != SEQUENCE || structure(r, &inner) < 0)
			return r->e->code ? -1 : broken(r, _("no structure"));
	return n;
}

int cms_slice_read(struct cms_slice *s, struct source *in, struct err *e)
{
	struct err mine = ERR_INIT;
	struct reader r = {.in = in, .to = s, .e = &mine};
	struct inside whole;
	struct tlv t;
	int n = -1;
	if (head(&r, &t) == 0 && t.tag != SEQUENCE) {
		broken(&r, _("no CMS structure"));
	} else if (!mine.code) {
		enter(&r, &t, &whole);
		n = content_type(&r, &whole);
		while (n == 0 && (n = next(&r, &whole, &t)) > 0)
			n = explicit_structure(&r, &t);
	}
	if (n == 0 && s->shell.over)
		err_set(&mine, EX_DATAERR, _("CMS: certificates and the like over 4 MiB"));
	return mine.code ? err_copy(e, &mine) : 0;
}
