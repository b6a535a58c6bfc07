/* ~/.netrc as ftp(1) began it: "machine HOST login USER password SECRET", words in any order, on any lines; "default" matches all. */
#include "account/internal.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"

#include <stdlib.h>

enum { MOST_BYTES = 256 * 1024 };

struct netrc {
	const char *host, *user;
	bool here; /* the machine in hand is that host */
	struct buf login, *password;
};

/* The next word: "quoted \" ones" too. A comment runs from a word that begins with # to the end of its line. */
static bool next_word(struct span *rest, struct buf *word)
{
	struct span s = *rest, comment;
	buf_reset(word);
	for (;;) {
		while (s.len && is_space(*s.ptr))
			s = span_skip(s, 1);
		if (!s.len || *s.ptr != '#')
			break;
		span_cut(&s, '\n', &comment);
	}
	bool quoted = s.len && *s.ptr == '"', any = s.len > 0;
	s = span_skip(s, quoted);
	while (s.len && (quoted ? *s.ptr != '"' : !is_space(*s.ptr))) {
		if (*s.ptr == '\\' && s.len > 1)
			s = span_skip(s, 1);
		buf_addc(word, *s.ptr);
		s = span_skip(s, 1);
	}
	*rest = span_skip(s, quoted);
	return any;
}

/* "macdef NAME" and its lines, up to an empty one. */
static void skip_macro(struct span *rest)
{
	struct span line;
	while (span_line(rest, &line) && line.len)
		;
}

/* What was read of one machine: is it an answer? */
static bool settled(const struct netrc *n)
{
	bool fits = !n->user || !n->login.len || strcmp(n->user, buf_cstr(&n->login)) == 0;
	return n->here && n->password->len && fits;
}

static void begin_machine(struct netrc *n, bool here)
{
	n->here = here;
	buf_reset(&n->login);
	buf_reset(n->password);
}

/* True when *n->password is the answer. */
static bool search(struct netrc *n, struct span text)
{
	struct buf word = BUF_INIT(MOST_BYTES);
	word.secret = true;
	bool found = false;
	while (!found && next_word(&text, &word)) {
		struct span w = buf_span(&word);
		bool machine = span_is(w, "machine"), anyone = span_is(w, "default");
		if ((machine || anyone) && (found = settled(n)))
			break;
		if (machine) {
			next_word(&text, &word);
			begin_machine(n, span_is_nocase(buf_span(&word), n->host));
		} else if (anyone) {
			begin_machine(n, true);
		} else if (span_is(w, "login")) {
			next_word(&text, &n->login);
		} else if (span_is(w, "password")) {
			next_word(&text, n->password);
		} else if (span_is(w, "account")) {
			next_word(&text, &word);
		} else if (span_is(w, "macdef")) {
			skip_macro(&text);
		}
	}
	buf_wipe(&word);
	return found || settled(n);
}

bool account_netrc_find(struct span text, const char *host, const char *user, struct buf *password)
{
	struct netrc n = {host, user, false, BUF_INIT(MOST_BYTES), password};
	n.login.secret = true;
	bool found = search(&n, text) && !memchr(password->ptr, '\0', password->len);
	buf_wipe(&n.login);
	return found;
}

static int read_netrc(const char *path, struct buf *b, struct stat *st, struct err *e)
{
	struct source_fd from;
	struct sink_buf to;
	int fd = file_open(path, NULL);
	if (fd < 0)
		return 0;
	source_fd_init(&from, fd);
	sink_buf_init(&to, b);
	int r = sys_fstat(fd, st) < 0 || sink_pump(&to.sink, &from.source, e) < 0 ? -1 : 1;
	sys_close(fd);
	return r < 0 ? err_set(e, EX_NOPERM, _("%s: cannot be read"), path) : r;
}

int account_netrc(const char *host, const char *user, char **out, struct err *e)
{
	const char *home = account_home(NULL);
	if (!home)
		return 0;
	char *path = str_printf("%s/.netrc", home);
	struct buf text = BUF_INIT(MOST_BYTES), password = BUF_INIT(MOST_BYTES);
	text.secret = password.secret = true;
	struct stat st;
	int r = read_netrc(path, &text, &st, e);
	if (r > 0)
		r = account_netrc_find(buf_span(&text), host, user, &password);
	if (r > 0 && (st.st_mode & (S_IRWXG | S_IRWXO)))
		r = err_set(e, EX_NOPERM, _("%s: others may read it: chmod go-rwx"), path);
	else if (r > 0)
		*out = span_dup(buf_span(&password));
	buf_wipe(&text);
	buf_wipe(&password);
	free(path);
	return r;
}
