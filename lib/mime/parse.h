/*
 * parse.h - the one pull parser of messages: streaming, iterative, bounded, forgiving, and it says what it forgave.
 *
 *	struct mime_parser p;
 *	mime_parser_init(&p, &in.source, NULL);
 *	while ((r = mime_next(&p, &ev, e)) > 0)
 *		switch (ev.type) {
 *		case MIME_FIELD: ...		// one header field of ev.part: ev.name, ev.value (raw, folded)
 *		case MIME_HEADERS_END: ...	// ev.part is complete: type, encoding, charset, filename, disposition
 *		case MIME_BODY: ...		// ev.body: raw bytes of a leaf or of preamble/epilogue (ev.where)
 *		case MIME_PART_END: ...
 *		}
 *	mime_parser_release(&p);
 *
 * Bytes come raw; decode with mime/decode.h. Events are the same however the source cuts its bytes. LF and CRLF are both line ends (RFC 5322
 * 2.3 wants CRLF; files have LF). Only passing a limit, or the source, fails; all else is an event with a tolerance.
 * Errors: EX_DATAERR a limit (which one is named), EX_IOERR the source.
 */
#ifndef SURAT_MIME_PARSE_H
#define SURAT_MIME_PARSE_H

#include "base/arena.h"
#include "base/err.h"
#include "io/sink.h"
#include "mime/param.h"

struct mime_limits {
	unsigned depth;      /* nested parts: 100 */
	unsigned parts;      /* all parts of a message: 10,000 */
	size_t header_bytes; /* one part's header: 4 MiB */
	size_t field_bytes;  /* one field with its folds: 1 MiB (a To of 10,000 people is real) */
	unsigned fields;     /* fields of one part: 10,000 */
	size_t
	    line_bytes; /* longest line looked at as a whole (a longer one is passed on in pieces): 64 KiB */
	size_t total_header_bytes; /* all headers of the message together: 16 MiB */
};
extern const struct mime_limits mime_limits_default;

/* What was forgiven (names for people and JSON: mime_tolerance_name). Add at the end. */
enum mime_tolerance {
	MIME_T_FROM_LINE,     /* a leading "From " or ">From " line, dropped */
	MIME_T_NO_HEADER_END, /* the message ended inside its header */
	MIME_T_BAD_FIELD, /* a header line that is no field: kept as the start of the body or skipped */
	MIME_T_BLANK_BEFORE_COLON, /* "Subject : x" */
	MIME_T_EIGHT_BIT_HEADER,
	MIME_T_NUL,
	MIME_T_BARE_CR,
	MIME_T_LONG_LINE,        /* over 998 */
	MIME_T_MISSING_BOUNDARY, /* multipart without a boundary parameter: read as text */
	MIME_T_NO_CLOSING_BOUNDARY,
	MIME_T_BAD_ENCODING, /* unknown Content-Transfer-Encoding */
	MIME_T_BAD_TYPE,     /* Content-Type that cannot be read: text/plain */
	MIME_T_ENCODED_MULTIPART,
	MIME_T_BAD_PARAMETER,
	MIME_T_BASE64_JUNK,
	MIME_T_BASE64_TRUNCATED,
	MIME_T_QP_ESCAPE,
	MIME_T_CHARSET_UNKNOWN,
	MIME_T_CHARSET_BYTES, /* bytes not of the declared charset */
	MIME_T_NOT_OPENED,    /* encoded messages in encoded messages, too many to open: a leaf */
	MIME_T_UUENCODED,     /* files uuencoded within a text, or this is one (mime/embedded.h) */
	MIME_T_UUENCODE_CUT,  /* one without its end */
	MIME_T_TNEF,          /* winmail.dat: its files are listed as parts of it */
	MIME_T_TNEF_DAMAGED,  /* and it is not whole */
	MIME_T_HTML_CHARSET,  /* no charset was declared: the one that the HTML itself names */
	MIME_T_COUNT
};
/* Where parsers are known to disagree: policy can act on these. */
enum mime_ambiguity {
	MIME_A_DUPLICATE_TYPE,     /* two Content-Type fields: the first counts */
	MIME_A_DUPLICATE_BOUNDARY, /* two boundary parameters: the first counts */
	MIME_A_DUPLICATE_ENCODING,
	MIME_A_BLANK_BEFORE_COLON, /* "Content-Type :" */
	MIME_A_DATA_AFTER_PADDING, /* base64 that goes on after = */
	MIME_A_BOUNDARY_PREFIX,    /* one open boundary begins with another */
	MIME_A_EMPTY_BOUNDARY,
	MIME_A_DUPLICATE_DISPOSITION,
	MIME_A_BOUNDARY_TEXT, /* "--boundary" and more on the line: a boundary where a blank is between, else none */
	MIME_A_BOUNDARY_AFTER_CLOSE, /* a boundary after the closing one: epilogue here */
	MIME_A_COUNT
};
const char *mime_tolerance_name(enum mime_tolerance t); /* "no-closing-boundary" */
const char *mime_ambiguity_name(enum mime_ambiguity a);

enum mime_encoding {
	MIME_7BIT,
	MIME_8BIT,
	MIME_BINARY,
	MIME_QP,
	MIME_BASE64,
	MIME_UUENCODE,
	MIME_UNKNOWN_ENCODING
};
enum mime_disposition { MIME_INLINE, MIME_ATTACHMENT, MIME_NO_DISPOSITION };

struct mime_part {
	struct mime_part *parent;
	unsigned index;  /* 1.. among its siblings; 0 for the top */
	unsigned serial; /* 0.. in the order of the message */
	unsigned depth;  /* 0 the top */
	const char *
	    number; /* IMAP's part number, RFC 9051 6.4.5: "1", "2.1"; "" for a multipart that is a whole
		       message and before HEADERS_END; a message's only part has ".1" (at the top: "1") */
	char type[64];             /* lower case: "text"; "multipart"; "message" */
	char subtype[128];         /* lower case: "plain" */
	struct mime_params params; /* of Content-Type, decoded (arena) */
	struct span charset;       /* "" unless declared */
	struct span filename; /* decoded UTF-8; "" unless given (Content-Disposition, else name=) */
	struct span content_id; /* without <> */
	enum mime_encoding encoding;
	enum mime_disposition disposition;
	bool leaf; /* has a body of its own: not a multipart, not an opened message/rfc822 */
	bool
	    is_message; /* message/rfc822 or message/global that is opened: its one child is the message */
	bool
	    decoded; /* inside a message that was base64 or quoted-printable: offsets count its decoded bytes */
	bool ends_at_padding; /* a reading in which base64 does (mime_parser_read_as) */
	uint64_t start, body,
	    end; /* byte offsets in the source: first byte of header, of body, one past the last byte of the body (known at PART_END) */
	uint32_t tolerated, ambiguous; /* bits 1 << enum */
};

enum mime_event_type { MIME_FIELD, MIME_HEADERS_END, MIME_BODY, MIME_PART_END };
enum mime_where { MIME_IN_BODY, MIME_IN_PREAMBLE, MIME_IN_EPILOGUE };
struct mime_event {
	enum mime_event_type type;
	struct mime_part *part; /* lives until mime_parser_release */
	struct span name,
	    value; /* FIELD: name as written; value raw from behind the colon, folds in it, without the final line end. Until the next call */
	uint64_t offset; /* FIELD and BODY: where it begins in the source */
	enum mime_where where;
	struct span
	    body; /* BODY: until the next call. The line end before a boundary belongs to the boundary and is not here */
};

/* Ambiguities of which there is another reading. */
#define MIME_A_READABLE                                                                            \
	(1u << MIME_A_DUPLICATE_TYPE | 1u << MIME_A_DUPLICATE_BOUNDARY |                           \
	    1u << MIME_A_DUPLICATE_ENCODING | 1u << MIME_A_BLANK_BEFORE_COLON |                    \
	    1u << MIME_A_DATA_AFTER_PADDING | 1u << MIME_A_DUPLICATE_DISPOSITION |                 \
	    1u << MIME_A_BOUNDARY_TEXT | 1u << MIME_A_BOUNDARY_AFTER_CLOSE)

struct mime_parser {
	struct mime_state *state; /* parse.c's own */
};

/* limits NULL: the default. The source must stay. */
void mime_parser_init(struct mime_parser *p, struct source *in, const struct mime_limits *limits);
/* Reads a message as those do who disagree about the ambiguities of these bits (1 << enum; others are ignored): of two fields or parameters the last counts, a field
 * with a blank before its colon is none, base64 ends with its padding, letters behind a boundary leave it one and text behind a blank does not, a part may follow the
 * closing boundary. To be called before the first mime_next. Whoever looks for what is hidden looks under every reading. */
void mime_parser_read_as(struct mime_parser *p, uint32_t other);
void mime_parser_release(struct mime_parser *p);
/* 1 an event, 0 the end, -1. */
int mime_next(struct mime_parser *p, struct mime_event *ev, struct err *e);
/* All parts' bits together. */
uint32_t mime_parser_tolerated(const struct mime_parser *p);
uint32_t mime_parser_ambiguous(const struct mime_parser *p);

#endif
