/*
 * parts_archive.h - the list of what is in an attached archive, through the helper that scanning uses (inspect/helper.h).
 */
#ifndef MAIL_READ_PARTS_ARCHIVE_H
#define MAIL_READ_PARTS_ARCHIVE_H

#include "inspect/helper.h"
#include "inspect/kind.h"

/* A leaf's bytes passing by. */
struct parts_archive {
	struct sink sink;
	struct buf head;
	bool settled;    /* whether it is an archive */
	struct sink *to; /* the helper, where it is one */
	struct inspect_helper helper;
	struct inspect_result found;
	struct inspect_place place;
	json_t *
	    entries; /* {name,size,type,time,encrypted,depth}, those of archives in it too; NULL: it is none */
	bool whole; /* the list is, too */
};
void parts_archive_init(struct parts_archive *a);
void parts_archive_release(struct parts_archive *a);

#endif
