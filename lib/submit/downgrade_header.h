/*
 * downgrade_header.h - one header field in ASCII. Private to this room.
 */
#ifndef SURAT_SUBMIT_DOWNGRADE_HEADER_H
#define SURAT_SUBMIT_DOWNGRADE_HEADER_H

#include "base/buf.h"
#include "base/err.h"

/* Appends "Name: value" and LF: addresses keep their structure, parameters go by RFC 2231, all else becomes encoded words. EX_UNAVAILABLE 5.6.7
 * where an address itself is not ASCII. */
int submit_field_ascii(struct buf *b, struct span name, struct span value, struct err *e);

#endif
