/*
 * message.h - all of a message looked at: each leaf of it, under each reading of it, by our own checks and by a scanner.
 *
 *	struct inspect_options o = {.limits = &inspect_limits_default, .own = true};
 *	inspect_result_init(&result);
 *	inspect_message(&result, &o, &input, e);
 *	verdict = inspect_result_verdict(&result, &policy, NULL);
 *
 * Where the parser reports that programs disagree about a message (mime/parse.h), it is read once more for each way, 16 at most. A message that cannot be read to its end is a finding:
 * only a failing input is an error.
 */
#ifndef SURAT_INSPECT_MESSAGE_H
#define SURAT_INSPECT_MESSAGE_H

#include "inspect/helper.h"

enum { INSPECT_READINGS_MAX = 16 };

/* A message that can be read as often as wanted. */
struct inspect_input {
	struct source *(*rewind)(struct inspect_input *in); /* from its start */
};
/* Who knows malware. One piece at a time: begin gives a sink for its bytes (NULL: it has been told why there is none), end asks for the verdict and adds the findings. The
 * sink never fails and is not ended by who writes to it. */
struct inspect_scanner {
	struct sink *(*begin)(struct inspect_scanner *s, const struct inspect_place *place);
	void (*end)(struct inspect_scanner *s, const struct inspect_place *place);
};
struct inspect_options {
	const struct inspect_limits *limits;
	bool own;                        /* our own checks, archives among them */
	struct inspect_scanner *scanner; /* or NULL */
};
int inspect_message(struct inspect_result *r, const struct inspect_options *o,
    struct inspect_input *in, struct err *e);

#endif
