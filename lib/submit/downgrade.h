/*
 * downgrade.h - a message in 7 bits and short lines, for a server without 8BITMIME or a text that no server need take: bodies become
 * quoted-printable, headers encoded words (RFC 6152 3). Private to this room.
 */
#ifndef SURAT_SUBMIT_DOWNGRADE_H
#define SURAT_SUBMIT_DOWNGRADE_H

#include "submit/message.h"

/* out is a message of its own, ready. EX_UNAVAILABLE 5.6.3 where the message is signed: not one octet may change. */
int submit_downgrade(const struct submit_message *m, struct submit_message *out, struct err *e);

#endif
