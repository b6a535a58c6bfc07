/*
 * lex.h - the tokens of an IMAP server's responses (RFC 9051 section 9, RFC 3501), pulled from a stream one at a time.
 *
 * Nothing is held but the current token: a literal's bytes go straight to a sink, a search result of a million numbers is a million
 * small tokens. Limits: an atom or quoted string 64 KiB, response text 8 KiB, a literal literal_max bytes, lists LEX_DEPTH deep. Past a limit:
 * EX_PROTOCOL.
 *
 *	struct imap_lex l;
 *	imap_lex_init(&l, &stream);
 *	while ((r = imap_lex_next(&l, &t, e)) == 0 && t.kind != IMAP_END) ...
 *
 * What is tolerated: several blanks for one, a missing CR at a line's end, 8-bit bytes in atoms and strings.
 */
#ifndef SURAT_IMAP_LEX_H
#define SURAT_IMAP_LEX_H

#include "io/sink.h"
#include "io/stream.h"

enum imap_token_kind {
	IMAP_ATOM,   /* also numbers, flags, and BODY[...]<0> in one piece */
	IMAP_QUOTED, /* without its quotes and backslashes */
	IMAP_LITERAL, /* number says how long; its bytes come by imap_lex_literal, or are skipped by the next call */
	IMAP_OPEN,
	IMAP_CLOSE,
	IMAP_END, /* the end of the response */
};
struct imap_token {
	enum imap_token_kind kind;
	struct span text; /* valid until the next call */
	uint64_t number;  /* of a literal: its length */
};
struct imap_lex {
	struct stream *stream;
	struct buf text;
	uint64_t literal_left, literal_max;
	int depth;
	int64_t
	    timeout_ms; /* a literal that is wanted gets this much more for every 64 KiB that came; 0: as it is */
};
enum { LEX_DEPTH = 32, LEX_STRING = 64 << 10, LEX_TEXT = 8 << 10 };

void imap_lex_init(struct imap_lex *l, struct stream *s);
void imap_lex_release(struct imap_lex *l);
int imap_lex_next(struct imap_lex *l, struct imap_token *t, struct err *e);
/* The literal that was just announced, into the sink (not ended). A failure of the sink does not stop the reading: the rest is
 * skipped, the stream stays in step, and the result is 1 with the sink's error; -1 is a failure of the stream. */
int imap_lex_literal(struct imap_lex *l, struct sink *to, struct err *e);
/* The same into memory, at most max bytes (else EX_PROTOCOL). Any string token: a literal is read, the others are copied. */
int imap_lex_string(
    struct imap_lex *l, const struct imap_token *t, struct buf *out, size_t max, struct err *e);
/* The rest of the line as it is, without its line end, valid until the next call: for human readable text. Too much is EX_PROTOCOL. */
int imap_lex_line(struct imap_lex *l, struct span *line, struct err *e);
/* Goes past the end of this response, lists and literals included. */
int imap_lex_skip(struct imap_lex *l, struct err *e);
/* After IMAP_OPEN (depth already counted): past the matching IMAP_CLOSE. After any other token but IMAP_END: nothing more than the literal. */
int imap_lex_skip_value(struct imap_lex *l, const struct imap_token *t, struct err *e);

bool imap_token_is(const struct imap_token *t, const char *word); /* an atom, ASCII case aside */
bool imap_token_number(const struct imap_token *t, uint64_t max, uint64_t *out);
/* NIL, quoted, literal or atom. */
bool imap_token_is_string(const struct imap_token *t);
/* Expects this kind. EX_PROTOCOL with what came instead. */
int imap_lex_expect(
    struct imap_lex *l, enum imap_token_kind kind, struct imap_token *t, struct err *e);

#endif
