/*
 * message.h - the message to be sent: read once, looked at before anybody is connected to, and given out as it must go.
 *
 *	struct submit_message m;
 *	submit_message_fd(&m, 0, e);		// a file is read in place, a pipe goes to a spool
 *	submit_message_ready(&m, e);		// Bcc cut, facts known, or EX_DATAERR with what is wrong
 *	struct submit_source src;
 *	submit_source_init(&src, &m);		// from the start, as often as wanted: LF or CRLF lines as they came
 *	submit_message_release(&m);
 *
 * Refused (EX_DATAERR): nothing at all, no empty line behind the header, a header line that is no field, a multipart whose closing boundary is missing (it
 * was cut on its way), a NUL, a CR that ends no line (SMTP smuggling). A leading "From " line is dropped.
 */
#ifndef SURAT_SUBMIT_MESSAGE_H
#define SURAT_SUBMIT_MESSAGE_H

#include "base/strv.h"
#include "io/spool.h"
#include "mime/header.h"
#include "smtp/client.h"

enum { SUBMIT_LINE_MAX = 998 }; /* RFC 5321 4.5.3.1.6, without CRLF */

struct submit_piece { /* of the input, or a literal text */
	uint64_t from, len;
	const char *literal;
};
struct submit_message {
	int fd; /* a file read in place (not owned), or -1: all is in the spool */
	int64_t base;
	struct spool spool;
	bool piped; /* it came through a pipe: nobody else has it */
	uint64_t size;
	struct header header;
	struct buf front; /* fields to be put in front: submit_message_ready cuts nothing of it */
	struct strv replaced; /* names of fields that are not to go out, as others stand in front */
	struct submit_piece *pieces;
	size_t piece_count;
	struct smtp_range *ranges; /* of the file, where it goes out exactly as it lies there */
	size_t range_count;        /* 0: it does not */
	uint64_t header_size;      /* of what goes out, without the empty line */
	/* facts about what goes out */
	uint64_t wire_size;    /* with CRLF lines, the last one ended */
	bool eight_bit;        /* anywhere */
	bool eight_bit_header; /* in the message's header */
	bool utf8_header;      /* and that is UTF-8 throughout: RFC 6532 */
	bool is_signed;        /* DKIM, ARC, multipart/signed, S/MIME: not one octet may change */
	uint64_t longest_line; /* without its line end */
};
/* Standard input, or any descriptor: EX_IOERR when it cannot be read to its end. */
int submit_message_fd(struct submit_message *m, int fd, struct err *e);
/* One of several in a stream. */
int submit_message_source(struct submit_message *m, struct source *from, struct err *e);
/* A byte range of a file. */
int submit_message_range(
    struct submit_message *m, int fd, int64_t offset, uint64_t size, struct err *e);
int submit_message_ready(struct submit_message *m, struct err *e);
void submit_message_release(struct submit_message *m);

struct submit_source {
	struct source source;
	const struct submit_message *message;
	size_t piece;
	uint64_t at; /* in the piece */
};
void submit_source_init(struct submit_source *s, const struct submit_message *m);
/* To an octet of what goes out. */
void submit_source_seek(struct submit_source *s, uint64_t at);
/* How many go out, line ends as they are. */
uint64_t submit_message_octets(const struct submit_message *m);

#endif
