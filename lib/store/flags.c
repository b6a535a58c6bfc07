#include "base/intl.h"
#include "store/store.h"

static const struct {
	enum store_flag flag;
	char letter;
	const char *name;
} flags_known[] = {
    /* by letter: a Maildir's info is sorted */
    {STORE_DRAFT, 'D', "draft"},
    {STORE_FLAGGED, 'F', "flagged"},
    {STORE_PASSED, 'P', "passed"},
    {STORE_REPLIED, 'R', "replied"},
    {STORE_SEEN, 'S', "seen"},
    {STORE_TRASHED, 'T', "trashed"},
};
enum { FLAGS_KNOWN = sizeof(flags_known) / sizeof(flags_known[0]) };

void store_flags_letters(unsigned flags, char out[8])
{
	size_t n = 0;
	for (size_t i = 0; i < FLAGS_KNOWN; i++)
		if (flags & flags_known[i].flag)
			out[n++] = flags_known[i].letter;
	out[n] = '\0';
}

int store_flag_by_name(struct span word, unsigned *flag, struct err *e)
{
	for (size_t i = 0; i < FLAGS_KNOWN; i++)
		if (span_is_nocase(word, flags_known[i].name)) {
			*flag = flags_known[i].flag;
			return 0;
		}
	return err_set(e, EX_USAGE,
	    _("\"%.*s\" is no flag; there are seen, replied, flagged, trashed, draft, passed"),
	    SPAN_ARG(word));
}

unsigned store_flags_of_letters(struct span letters)
{
	unsigned flags = 0;
	for (size_t i = 0; i < FLAGS_KNOWN; i++)
		if (span_index(letters, flags_known[i].letter) >= 0)
			flags |= flags_known[i].flag;
	return flags;
}
