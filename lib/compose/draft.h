/*
 * draft.h - a message in the making: who, what, with which files; then its fields and its structure.
 *
 *	struct draft d;
 *	draft_init(&d);
 *	draft_add_address(&d, DRAFT_TO, "Bob <bob@example.org>", e);
 *	draft_set_subject(&d, span_of("Hi"));
 *	text_read(&d.text, &in.source, ...); d.has_text = true;		// compose/text.h
 *	file_add(&d, FILE_ATTACH, "report.pdf", e);			// compose/file.h
 *	if (draft_settle(&d, e) == 0) draft_write(&d, &out.sink, e);
 *	draft_release(&d);
 *
 * Structure: mixed(alternative(text, related(html, inline...)), forwarded..., attachments...), no level that is not needed. All inputs are
 * opened, and as far as they can be read twice read, before draft_write writes a byte. No newline of any input reaches a header.
 */
#ifndef SURAT_COMPOSE_DRAFT_H
#define SURAT_COMPOSE_DRAFT_H

#include "base/strv.h"
#include "mime/build.h"

enum draft_field {
	DRAFT_FROM,
	DRAFT_SENDER,
	DRAFT_REPLY_TO,
	DRAFT_TO,
	DRAFT_CC,
	DRAFT_BCC,
	DRAFT_ADDRESS_FIELDS
};
struct draft_addresses {
	struct address *v;
	size_t n, cap;
};
struct draft_message { /* one that is included whole */
	struct draft_message *next;
	struct spool spool;
	const char *type;
};
struct compose_file;
struct draft {
	struct arena arena; /* all that is text */
	struct draft_addresses addresses[DRAFT_ADDRESS_FIELDS];
	struct span *known; /* the recipients' addresses, by hash */
	size_t known_n, known_cap;
	struct span subject;
	struct header_out extra; /* fields of --header, and of a reply */
	struct strv references;  /* "<id>"; the last is what is answered */
	bool answers;            /* In-Reply-To: the last of them */
	const char *message_id;  /* "<id>", or NULL: made */
	int64_t date_s;
	int date_offset_min;
	bool has_text, has_html;
	struct spool text, html; /* UTF-8, LF */
	bool flowed;             /* text is format=flowed already */
	const char *charset;     /* of the texts as they are written; NULL: UTF-8 */
	int flags;               /* BUILD_... */
	/* a domain in another script to A-labels: codec/idna.h, or NULL where that is not loaded */
	int (*to_ascii)(struct buf *out, struct span domain, struct err *e);
	struct compose_file *files, **files_end;
	struct draft_message *messages, **messages_end;
	const char *draft_path; /* of the file it was edited in, or NULL */
	struct build build;
	bool building;
};
void draft_init(struct draft *d);
void draft_release(struct draft *d);
/* Any list of mailboxes and groups; each must be good for an envelope. EX_DATAERR names what is none. */
int draft_add_address(struct draft *d, enum draft_field field, const char *text, struct err *e);
/* Known addresses, copied; one that is in To, Cc or Bcc already is not added again. */
void draft_add_known(struct draft *d, enum draft_field field, const struct address *a);
bool draft_has_recipient(const struct draft *d, struct span spec);
void draft_forget_addresses(struct draft *d);
void draft_set_subject(struct draft *d, struct span text);
/* "Name: value". A field that has an option of its own does what the option does; those the message's structure decides are refused (EX_USAGE). */
int draft_add_header(struct draft *d, const char *line, struct err *e);
int draft_set_message_id(struct draft *d, const char *id, struct err *e);
/* The one that was set, or one made now from the date and the From. */
const char *draft_message_id(struct draft *d);
/* Takes the spool over (it is empty then). */
void draft_add_message(struct draft *d, const char *type, struct spool *message);
int draft_settle(struct draft *d, struct err *e);
int draft_write(struct draft *d, struct sink *out, struct err *e);

#endif
