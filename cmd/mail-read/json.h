/*
 * json.h - the JSON values that several commands share.
 */
#ifndef MAIL_READ_JSON_H
#define MAIL_READ_JSON_H

#include "read.h"
#include "report/report.h"

/* ["seen","flagged"] */
json_t *json_flags(unsigned flags);
/* [{"name","address"}...] of a raw field, whose bytes are UTF-8, else of the charset ("" none declared); a group's members have "group". What is no address is left out. */
json_t *json_addresses(struct span raw, struct span charset);
/* A raw field's decoded text. */
json_t *json_decoded(struct span raw, struct span charset);
/* Puts key: decoded text, and the bytes under "raw" where they are not valid. */
void json_set_field(json_t *object, const char *key, struct span raw, struct span charset);

/* One object in a line; takes it over. */
int out_json(struct out *o, json_t *value, struct err *e);
/* report/'s own failures are of standard output too. */
int out_row(struct report *report, struct err *e);

#endif
