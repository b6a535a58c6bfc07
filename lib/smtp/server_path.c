#include "smtp/server_room.h"

/* RFC 5321 4.1.2: a ">" inside a quoted local part does not end the path. -1: it never ends. */
static ptrdiff_t path_end(struct span s)
{
	bool quoted = false;
	for (size_t i = 1; i < s.len; i++) {
		if (quoted && s.ptr[i] == '\\')
			i++;
		else if (s.ptr[i] == '"')
			quoted = !quoted;
		else if (s.ptr[i] == '>' && !quoted)
			return (ptrdiff_t)i;
	}
	return -1;
}

/* "@relay,@other:" in front of an address is history, to be ignored (RFC 5321 appendix C). */
static struct span without_route(struct span path)
{
	ptrdiff_t colon = span_index(path, ':');
	return span_starts(path, "@") && colon >= 0 ? span_skip(path, (size_t)colon + 1) : path;
}

bool smtp_path_cut(struct span *args, const char *keyword, struct span *path)
{
	struct span s = *args;
	if (!span_starts_nocase(s, keyword))
		return false;
	/* "MAIL FROM: <a>" is wrong and common */
	s = span_skip(s, strlen(keyword));
	while (s.len && s.ptr[0] == ' ')
		s = span_skip(s, 1);
	ptrdiff_t end = span_starts(s, "<") ? path_end(s) : -1;
	if (end < 0)
		return false;
	struct span rest = span_skip(s, (size_t)end + 1);
	if (rest.len && rest.ptr[0] != ' ')
		return false;
	*path = without_route(span_make(s.ptr + 1, (size_t)end - 1));
	*args = rest;
	return true;
}

bool smtp_param_next(struct span *params, struct span *key, struct span *value)
{
	struct span word;
	if (!span_word(params, &word))
		return false;
	*key = word;
	*value = SPAN("");
	ptrdiff_t eq = span_index(word, '=');
	if (eq >= 0) {
		*key = span_take(word, (size_t)eq);
		*value = span_skip(word, (size_t)eq + 1);
	}
	return true;
}
