/*
 * look.h - one pass over a message before it goes out: its facts, and what must not go out. Private to this room.
 */
#ifndef SURAT_SUBMIT_LOOK_H
#define SURAT_SUBMIT_LOOK_H

#include "submit/message.h"

int submit_look(struct submit_message *m, struct err *e);

#endif
