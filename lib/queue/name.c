#include "queue/name.h"

#include "base/random.h"

#include <string.h>

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
enum { RANDOM_DIGITS = 5, INODE_DIGITS = 10, ID_MIN = RANDOM_DIGITS + 1 };

void queue_id_make(char id[QUEUE_ID_SIZE], uint64_t inode)
{
	unsigned char r[RANDOM_DIGITS];
	char tail[INODE_DIGITS];
	size_t n = 0, at = 0;
	random_bytes(r, sizeof(r));
	for (size_t i = 0; i < sizeof(r); i++)
		id[at++] = digits[r[i] & 31];
	do
		tail[n++] = digits[inode & 31];
	while ((inode >>= 5) && n < sizeof(tail));
	while (n)
		id[at++] = tail[--n];
	id[at] = '\0';
}

bool queue_id_read(const char *typed, char id[QUEUE_ID_SIZE])
{
	size_t n = 0;
	for (; typed[n]; n++) {
		char c = to_upper(typed[n]);
		c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
		if (n == QUEUE_ID_SIZE - 1 || !strchr(digits, c))
			return false;
		id[n] = c;
	}
	id[n] = '\0';
	return n > 0;
}

static bool take_id(struct span s, char id[QUEUE_ID_SIZE])
{
	if (s.len < ID_MIN || s.len >= QUEUE_ID_SIZE)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!s.ptr[i] || !strchr(digits, s.ptr[i]))
			return false;
	memcpy(id, s.ptr, s.len);
	id[s.len] = '\0';
	return true;
}

static bool take_run(struct span s, char run[QUEUE_RUN_SIZE])
{
	if (s.len != QUEUE_RUN_SIZE - 1)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_digit(s.ptr[i]) && !(s.ptr[i] >= 'a' && s.ptr[i] <= 'z'))
			return false;
	memcpy(run, s.ptr, s.len);
	run[s.len] = '\0';
	return true;
}

static bool take_claim(struct span s, struct queue_name *n)
{
	if (span_starts(s, "claimed-")) {
		n->claim = QUEUE_CLAIMED;
		return take_run(span_skip(s, 8), n->run);
	}
	if (!span_starts(s, "out-"))
		return false;
	n->claim = QUEUE_OUT;
	return take_run(span_skip(s, 4), n->run);
}

static bool take_next(struct span s, struct queue_name *n)
{
	uint64_t next;
	n->held = span_is(s, "held");
	if (n->held)
		return true;
	/* no second spelling of a time: what is read is what would be written */
	if (!span_to_u64(s, UINT64_C(999999999999), &next) || (s.len > 1 && s.ptr[0] == '0'))
		return false;
	n->next_s = (int64_t)next;
	return true;
}

static enum queue_file parse_message(struct span rest, struct queue_name *n)
{
	struct span id, next;
	if (!span_cut(&rest, '.', &id) || !take_id(id, n->id))
		return QUEUE_FILE_STRANGE;
	if (span_is(rest, "log"))
		return QUEUE_FILE_JOURNAL;
	bool claimed = span_cut(&rest, '.', &next);
	if (!take_next(next, n) || (claimed && !take_claim(rest, n)))
		return QUEUE_FILE_STRANGE;
	return QUEUE_FILE_MESSAGE;
}

enum queue_file queue_name_parse(const char *file, struct queue_name *n)
{
	struct span s = span_of(file);
	struct queue_name found = {0};
	enum queue_file kind;
	if (span_starts(s, ".surat-"))
		return QUEUE_FILE_TEMPORARY;
	if (span_is(s, ".") || span_is(s, "..") || span_is(s, "quarantine") ||
	    span_is(s, "moved") || span_is(s, "destinations") || span_is(s, "rates"))
		return QUEUE_FILE_FOLDER;
	if (span_starts(s, "run-") && s.len == 4 + QUEUE_RUN_SIZE - 1 + 5 &&
	    span_is(span_skip(s, s.len - 5), ".lock"))
		kind = take_run(span_take(span_skip(s, 4), QUEUE_RUN_SIZE - 1), found.run)
			   ? QUEUE_FILE_LOCK
			   : QUEUE_FILE_STRANGE;
	else
		kind = parse_message(s, &found);
	if (kind != QUEUE_FILE_STRANGE)
		*n = found;
	return kind;
}

static char *put_text(char *end, const char *s)
{
	size_t n = strlen(s);
	memcpy(end, s, n + 1);
	return end + n;
}

/* Decimal, never negative: without printf, as a scan writes hundreds of thousands. */
static char *put_time(char *end, int64_t s)
{
	char reversed[24];
	size_t n = 0;
	uint64_t left = s > 0 ? (uint64_t)s : 0;
	do
		reversed[n++] = (char)('0' + left % 10);
	while (left /= 10);
	while (n)
		*end++ = reversed[--n];
	*end = '\0';
	return end;
}

void queue_name_write(char out[QUEUE_NAME_SIZE], const struct queue_name *n)
{
	static const char *const claims[] = {"", ".claimed-", ".out-"};
	char *end = put_text(put_text(out, n->id), ".");
	end = n->held ? put_text(end, "held") : put_time(end, n->next_s);
	if (n->claim)
		put_text(put_text(end, claims[n->claim]), n->run);
}
