#include "fetch/trace.h"
#include "../tap.h"

static void on_line(void *ctx, bool ours, struct span line)
{
	struct buf *b = ctx;
	buf_addf(b, "%s%.*s|", ours ? ">" : "<", SPAN_ARG(line));
}

struct piece {
	char who; /* '>' ours, '!' ours and secret, '<' theirs */
	const char *bytes;
};

static void check(
    bool pop3, const struct piece *pieces, size_t n, const char *want, const char *what)
{
	for (size_t chunk = 1; chunk < 40; chunk += 6) {
		struct buf b = BUF_INIT(8192);
		struct fetch_trace *t = fetch_trace_new(pop3, on_line, &b);
		for (size_t i = 0; i < n; i++) {
			struct span s = span_of(pieces[i].bytes);
			for (; s.len; s = span_skip(s, chunk))
				fetch_trace_put(t, pieces[i].who != '<', pieces[i].who == '!',
				    span_take(s, chunk));
		}
		is_str(buf_cstr(&b), want, what);
		fetch_trace_free(t);
		buf_release(&b);
	}
}

int main(void)
{
	static const struct piece imap[] = {{'<', "* OK hi\r\n"},
	    {'!', "a1 AUTHENTICATE PLAIN AGFuYQByYWhhc2lh\r\n"}, {'<', "+ \r\n"},
	    {'!', "cmFoYXNpYQ==\r\n"}, {'<', "a1 OK\r\n"},
	    {'!', "a2 LOGIN \"ana\" \"rahasia\"\r\n"}, {'>', "a3 UID FETCH 1 BODY.PEEK[]\r\n"},
	    {'<', "* 1 FETCH (UID 1 BODY[] {10}\r\nA: b\r\n{5}\n)\r\na3 OK {0}\r\n"}};
	static const struct piece pop3[] = {{'<', "+OK hi\r\n"}, {'>', "CAPA\r\n"},
	    {'<', "+OK\r\nUSER\r\n.\r\n"}, {'!', "USER ana\r\n"}, {'<', "+OK\r\n"},
	    {'!', "PASS rahasia\r\n"}, {'<', "+OK\r\n"}, {'!', "AUTH PLAIN\r\n"}, {'<', "+ \r\n"},
	    {'!', "cmFoYXNpYQ==\r\n"}, {'<', "-ERR no\r\n"},
	    {'>', "RETR 1\r\nRETR 2\r\nLIST 3\r\n"},
	    {'<', "+OK\r\nSubject: x\r\n\r\n+OK\r\n.\r\n-ERR gone\r\n+OK 3 7\r\n"}};
	check(false, imap, 8,
	    "<* OK hi|>a1 AUTHENTICATE PLAIN (secret)|<+ |>(secret)|<a1 OK|>a2 LOGIN (secret)|>a3 "
	    "UID FETCH 1 "
	    "BODY.PEEK[]|<* 1 FETCH (UID 1 BODY[] {10}|<(10 bytes)|<)|<a3 OK {0}|",
	    "IMAP");
	check(true, pop3, 13,
	    "<+OK hi|>CAPA|<+OK|<USER|<.|>USER (secret)|<+OK|>PASS (secret)|<+OK|>AUTH PLAIN|<+ "
	    "|>(secret)|<-ERR no|"
	    ">RETR 1|>RETR 2|>LIST 3|<+OK|<(19 bytes)|<.|<-ERR gone|<+OK 3 7|",
	    "POP3");
	return tap_done();
}
