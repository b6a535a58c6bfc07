#include "inspect/leaf.h"

#include "base/clock.h"
#include "inspect/name.h"

#include <stdio.h>

#define BIT(t) (UINT32_C(1) << (t))

/* --- a file ------------------------------------------------------------------------- */

static int null_put(struct sink *s, struct span bytes, struct err *e)
{
	(void)s;
	(void)bytes;
	(void)e;
	return 0;
}

static struct sink *open_container(void *ctx, const struct inspect_look *look, struct err *e)
{
	struct piece *p = ctx;
	struct walk *w = p->w;
	struct err why = ERR_INIT;
	(void)e;
	if (clock_mono_ms() >= w->deadline_ms) {
		inspect_found(look->place, INSPECT_LIMIT_TIME, SPAN(""));
		return &p->nowhere;
	}
	struct sink *s =
	    inspect_helper_open(&p->helper, look->place, w->o->limits, w->deadline_ms, &why);
	if (!s)
		inspect_found(look->place, INSPECT_HELPER, span_of(why.text));
	return s ? s : &p->nowhere;
}

static void piece_begin(
    struct piece *p, struct walk *w, struct span part, struct span name, struct span type)
{
	*p = (struct piece){.w = w, .place = {w->result, part, name}, .nowhere = {.put = null_put}};
	inspect_name(&p->place, inspect_name_base(name));
	inspect_look_init(&p->look, &p->place, name, type);
	p->look.open = open_container;
	p->look.ctx = p;
}

static void piece_release(struct piece *p)
{
	p->w->result->bytes += p->look.bytes;
	inspect_look_release(&p->look);
}

/* --- files in a leaf ----------------------------------------------------------------- */

static int file_begin(struct embedded_handler *h, struct mime_part *file, struct err *e)
{
	struct leaf *l = (struct leaf *)h;
	(void)e;
	piece_begin(&l->file, l->w, span_of(file->number), file->filename, SPAN(""));
	l->w->result->files++;
	return 0;
}

static int file_put(
    struct embedded_handler *h, struct mime_part *file, struct span bytes, struct err *e)
{
	(void)file;
	return sink_put(&((struct leaf *)h)->file.look.sink, bytes, e);
}

static int file_end(struct embedded_handler *h, struct mime_part *file, struct err *e)
{
	struct leaf *l = (struct leaf *)h;
	(void)file;
	int r = sink_end(&l->file.look.sink, e);
	piece_release(&l->file);
	return r;
}

/* --- what its header says --------------------------------------------------------------- */

/* Both names count: one program shows the one, another saves under the other. */
static void look_at_other_name(const struct leaf *l)
{
	struct span other = mime_params_get(&l->part->params, "name");
	if (other.len && !span_eq(other, l->part->filename))
		inspect_name(&l->whole.place, inspect_name_base(other));
}

/* S/MIME that is no signature beside its text holds what nobody sees without opening it (RFC 8551 3.2.2); certificates are no content. */
static bool is_opaque(const struct mime_part *part)
{
	struct span how = mime_params_get(&part->params, "smime-type");
	bool smime =
	    strcmp(part->subtype, "pkcs7-mime") == 0 || strcmp(part->subtype, "x-pkcs7-mime") == 0;
	return strcmp(part->type, "application") == 0 && smime &&
	       !span_is_nocase(how, "certs-only");
}

static void look_at_header(const struct leaf *l)
{
	const struct mime_part *part = l->part;
	const struct inspect_place *place = &l->whole.place;
	if (part->encoding == MIME_UNKNOWN_ENCODING)
		inspect_found(place, INSPECT_ENCODING, SPAN(""));
	if (part->tolerated & BIT(MIME_T_NOT_OPENED))
		inspect_found(place, INSPECT_LIMIT_DEPTH, SPAN("encoded messages"));
	if (is_opaque(part))
		inspect_found(place, INSPECT_ENCRYPTED, SPAN("S/MIME"));
	/* a piece of a file, or its address (RFC 2046 5.2.2 and 5.2.3) */
	if (strcmp(part->type, "message") == 0 &&
	    (strcmp(part->subtype, "partial") == 0 || strcmp(part->subtype, "external-body") == 0))
		inspect_found(place, INSPECT_UNKNOWN_FORMAT, span_of(l->type));
}

static void look_at_end(const struct leaf *l)
{
	const struct inspect_place *place = &l->whole.place;
	if (l->part->tolerated & (BIT(MIME_T_TNEF_DAMAGED) | BIT(MIME_T_UUENCODE_CUT)))
		inspect_found(place, INSPECT_DAMAGED, SPAN("a file in it"));
	/* who does not know it shows what stands there, and who does may go on behind the end */
	if (l->part->encoding == MIME_UUENCODE && (l->decoder.uu.saw_bad || l->decoder.uu.passed))
		inspect_found(place, INSPECT_ENCODING, SPAN("uuencode, and not all of it"));
	if (l->has_files && l->files.files >= EMBEDDED_MAX)
		inspect_found(place, INSPECT_LIMIT_ENTRIES, SPAN("files in a text"));
}

/* --- a leaf --------------------------------------------------------------------------------- */

static struct sink *own_checks(struct leaf *l)
{
	const struct mime_part *part = l->part;
	snprintf(l->type, sizeof(l->type), "%s/%s", part->type, part->subtype);
	piece_begin(&l->whole, l->w, span_of(part->number), part->filename, span_of(l->type));
	look_at_other_name(l);
	look_at_header(l);
	l->has_files = embedded_possible(part);
	l->whole.look.opened = l->has_files && embedded_is_tnef(part);
	l->whole.look.texts_opened = l->has_files || part->encoding == MIME_UUENCODE;
	if (l->has_files)
		embedded_init(&l->files, l->part, &l->handler, &l->w->arena);
	return &l->whole.look.sink;
}

void leaf_begin(struct leaf *l, struct walk *w, struct mime_part *part)
{
	struct inspect_scanner *s = w->o->scanner;
	*l = (struct leaf){.handler = {file_begin, file_put, file_end},
	    .w = w,
	    .part = part,
	    .whole = {.place = {w->result, span_of(part->number), part->filename},
		.nowhere = {.put = null_put}}};
	w->result->parts++;
	struct sink *to = w->o->own ? own_checks(l) : &l->whole.nowhere;
	l->scanner = s ? s->begin(s, &l->whole.place) : NULL;
	if (l->scanner) {
		filter_tee_init(&l->tee, to, l->scanner);
		to = &l->tee.sink;
	}
	if (l->has_files)
		mime_decoder_init_tap(&l->decoder, part, MIME_DECODE_BYTES, to, &l->files.sink);
	else
		mime_decoder_init(&l->decoder, part, MIME_DECODE_BYTES, to);
}

int leaf_put(struct leaf *l, struct span bytes, struct err *e)
{
	return sink_put(mime_decoder_sink(&l->decoder), bytes, e);
}

int leaf_end(struct leaf *l, struct err *e)
{
	struct walk *w = l->w;
	int r = mime_decoder_end(&l->decoder, l->part, e);
	if (l->scanner)
		w->o->scanner->end(w->o->scanner, &l->whole.place);
	if (w->o->own) {
		look_at_end(l);
		piece_release(&l->whole);
	}
	if (l->has_files)
		embedded_release(&l->files);
	l->part = NULL;
	return r;
}
