#include "inspect/pdf.h"

#include "base/alloc.h"

enum { BETWEEN, IN_NAME, IN_WORD, IN_STREAM, IN_OBJECT_STREAM };

static const char end_mark[] = "endstream";
enum { END_LEN = sizeof(end_mark) - 1 };

static const struct {
	const char *name;
	enum inspect_rule rule;
	bool anywhere; /* long enough never to stand in other data by chance */
} names[] = {
    {"JavaScript", INSPECT_PDF_SCRIPT, true},
    {"JS", INSPECT_PDF_SCRIPT, false},
    {"Launch", INSPECT_PDF_LAUNCH, true},
    {"OpenAction", INSPECT_PDF_ACTION, true},
    {"AA", INSPECT_PDF_ACTION, false},
    {"XFA", INSPECT_PDF_ACTION, false},
    {"SubmitForm", INSPECT_PDF_ACTION, true},
    {"ImportData", INSPECT_PDF_ACTION, true},
    {"GoToE", INSPECT_PDF_ACTION, false},
    {"RichMedia", INSPECT_PDF_ACTION, true},
    {"EmbeddedFile", INSPECT_PDF_ATTACHMENT, true},
    {"EmbeddedFiles", INSPECT_PDF_ATTACHMENT, true},
};

static struct span word_of(const struct inspect_pdf *p)
{
	return span_make(p->word, p->len);
}

static void found(struct inspect_pdf *p, enum inspect_rule rule, const char *detail)
{
	inspect_found(p->place, rule, span_of(detail));
}

/* --- names and keywords -------------------------------------------------------------- */

static void on_filter(struct inspect_pdf *p, struct span name)
{
	if (span_is(name, "FlateDecode") || span_is(name, "Fl"))
		p->flate = true;
	p->filtered |= span_is(name, "Filter");
	p->parameters |= span_is(name, "DecodeParms") || span_is(name, "DP");
	if (span_ends_nocase(name, "Decode") || span_is(name, "Crypt") || span_is(name, "Fl"))
		p->filters++;
}

static void on_name(struct inspect_pdf *p, bool in_stream)
{
	struct span name = word_of(p);
	char detail[sizeof(p->word) + 2];
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (span_is(name, names[i].name) && (!in_stream || names[i].anywhere)) {
			detail[0] = '/';
			memcpy(detail + 1, name.ptr, name.len);
			detail[1 + name.len] = '\0';
			found(p, names[i].rule, detail);
		}
	if (in_stream)
		return;
	p->object_stream |= span_is(name, "ObjStm");
	if (span_is(name, "Encrypt"))
		p->encrypted = true;
	on_filter(p, name);
}

static void new_object(struct inspect_pdf *p)
{
	p->object_stream = p->flate = p->filtered = p->parameters = false;
	p->filters = 0;
}

/* How it may be opened: not packed, its names stand there; packed once with Flate, through the one who can. */
static void begin_stream(struct inspect_pdf *p)
{
	p->matched = 0;
	p->line_end = true;
	p->state = IN_STREAM;
	if (!p->object_stream || p->names_only)
		return;
	if (!p->filtered)
		p->state = BETWEEN;
	else if (p->filters == 1 && p->flate && !p->parameters && p->unpack)
		p->state = IN_OBJECT_STREAM;
	else
		found(p, INSPECT_UNKNOWN_FORMAT, "a PDF's object stream");
}

static void on_word(struct inspect_pdf *p)
{
	struct span word = word_of(p);
	p->state = BETWEEN;
	if (span_is(word, "obj") || span_is(word, "endobj"))
		new_object(p);
	else if (span_is(word, "stream"))
		begin_stream(p);
}

/* --- bytes ------------------------------------------------------------------------------ */

static bool is_delimiter(char c)
{
	return is_space(c) || c == '\0' || strchr("()<>[]{}/%", c);
}

static void add(struct inspect_pdf *p, char c)
{
	if (p->len < sizeof(p->word))
		p->word[p->len++] = c;
}

/* #4a is J */
static void add_to_name(struct inspect_pdf *p, char c)
{
	if (p->escape && hex_value(c) >= 0) {
		if (p->escape-- == 2) {
			p->digit = c;
			return;
		}
		c = (char)(hex_value(p->digit) << 4 | hex_value(c));
	} else if (c == '#' && !p->escape) {
		p->escape = 2;
		return;
	}
	p->escape = 0;
	add(p, c);
}

/* Runs of blanks and NULs, of which whole megabytes pack into little, are over at once. */
static struct span skip_blanks(struct span s)
{
	size_t n = 0;
	while (n < s.len && (s.ptr[n] == '\0' || is_space(s.ptr[n])))
		n++;
	return span_skip(s, n);
}

static void begin(struct inspect_pdf *p, char c)
{
	p->len = 0;
	p->escape = 0;
	p->state = c == '/' ? IN_NAME : is_delimiter(c) ? BETWEEN : IN_WORD;
	if (p->state == IN_WORD)
		add(p, c);
}

static void put_char(struct inspect_pdf *p, char c)
{
	if (p->state == IN_NAME || p->state == IN_WORD) {
		if (!is_delimiter(c)) {
			p->state == IN_NAME ? add_to_name(p, c) : add(p, c);
			return;
		}
		if (p->state == IN_NAME)
			on_name(p, false);
		else
			on_word(p);
		if (p->state >= IN_STREAM) {
			p->line_end = c != '\n';
			p->len = 0;
			return;
		}
	}
	begin(p, c);
}

/* Readers that follow a wrong /Length see objects where we see a stream: the long names count in there too. */
static void look_in_stream(struct inspect_pdf *p, char c)
{
	if (c == '/') {
		p->len = 1;
		p->word[0] = c;
	} else if (p->len && is_delimiter(c)) {
		struct span name = span_skip(word_of(p), 1);
		memmove(p->word, name.ptr, name.len);
		p->len = name.len;
		on_name(p, true);
		p->len = 0;
	} else if (p->len && p->len < sizeof(p->word)) {
		p->word[p->len++] = c;
	}
}

static size_t match_end(struct inspect_pdf *p, struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != end_mark[p->matched])
			p->matched = s.ptr[i] == *end_mark;
		else if (++p->matched == END_LEN)
			return i + 1;
		if (p->state == IN_STREAM)
			look_in_stream(p, s.ptr[i]);
	}
	return 0;
}

/* Nothing in there begins anything: the next byte that may. */
static struct span jump(struct inspect_pdf *p, struct span s)
{
	while (!p->matched && !p->len && s.len) {
		const char *slash = memchr(s.ptr, '/', s.len),
			   *mark = memchr(s.ptr, 'e', slash ? (size_t)(slash - s.ptr) : s.len);
		const char *next = mark ? mark : slash;
		if (!next)
			return span_skip(s, s.len);
		return span_skip(s, (size_t)(next - s.ptr));
	}
	return s;
}

static int to_unpack(struct inspect_pdf *p, struct span s, struct err *e)
{
	/* the line end behind "stream": LF, or CR and LF */
	while (p->line_end && s.len) {
		p->line_end = *s.ptr == '\r';
		if (*s.ptr != '\r' && *s.ptr != '\n')
			break;
		s = span_skip(s, 1);
	}
	return sink_put(p->unpack, s, e);
}

static int put_stream(struct inspect_pdf *p, struct span *s, struct err *e)
{
	if (p->state == IN_STREAM)
		*s = jump(p, *s);
	size_t end = match_end(p, *s);
	struct span mine = end ? span_take(*s, end) : *s;
	if (p->state == IN_OBJECT_STREAM && to_unpack(p, mine, e) < 0)
		return -1;
	*s = span_skip(*s, mine.len);
	if (!end)
		return 0;
	if (p->state == IN_OBJECT_STREAM && sink_end(p->unpack, e) < 0)
		return -1;
	p->state = BETWEEN;
	p->len = 0;
	new_object(p);
	return 0;
}

static int pdf_put(struct sink *sink, struct span s, struct err *e)
{
	struct inspect_pdf *p = (struct inspect_pdf *)sink;
	while (s.len) {
		if (p->state >= IN_STREAM) {
			if (put_stream(p, &s, e) < 0)
				return -1;
			continue;
		}
		if (p->state == BETWEEN)
			s = skip_blanks(s);
		if (!s.len)
			break;
		put_char(p, *s.ptr);
		s = span_skip(s, 1);
	}
	return 0;
}

static int pdf_end(struct sink *sink, struct err *e)
{
	struct inspect_pdf *p = (struct inspect_pdf *)sink;
	int r = 0;
	if (p->state == IN_OBJECT_STREAM)
		r = sink_end(p->unpack, e);
	else
		put_char(p, ' ');
	if (p->encrypted && !p->names_only)
		found(p, INSPECT_ENCRYPTED, "a PDF with /Encrypt");
	p->state = BETWEEN;
	return r;
}

void inspect_pdf_init(struct inspect_pdf *p, const struct inspect_place *place, struct sink *unpack)
{
	*p = (struct inspect_pdf){.sink = {pdf_put, pdf_end}, .place = place, .unpack = unpack};
}

void inspect_pdf_names(struct inspect_pdf *p, const struct inspect_place *place)
{
	inspect_pdf_init(p, place, NULL);
	p->names_only = true;
}
