#include "mime/decode.h"

#include "../tap.h"
#include "base/alloc.h"
#include "events.h"

#include <stdlib.h>

/* The body of a message, decoded at several cuts: text, and what was tolerated. */
static void decodes(const char *message, size_t len, int flags, const char *want, size_t want_len,
    const char *bits, const char *what)
{
	static const size_t chunks[] = {0, 1, 3, 7};
	for (size_t i = 0; i < ARRAY_LEN(chunks); i++) {
		struct source_mem in;
		struct mime_parser p;
		struct mime_event ev;
		struct mime_decoder d;
		struct buf out = BUF_INIT(1 << 20), tolerated = BUF_INIT(4096);
		struct sink_buf to;
		source_mem_init(&in, span_make(message, len));
		in.chunk = chunks[i];
		sink_buf_init(&to, &out);
		mime_parser_init(&p, &in.source, NULL);
		while (mime_next(&p, &ev, NULL) > 0) {
			if (ev.type == MIME_HEADERS_END)
				mime_decoder_init(&d, ev.part, flags, &to.sink);
			for (size_t k = 0; ev.type == MIME_BODY && k < ev.body.len; k++)
				sink_put(
				    mime_decoder_sink(&d), span_make(ev.body.ptr + k, 1), NULL);
			if (ev.type == MIME_PART_END) {
				mime_decoder_end(&d, ev.part, NULL);
				events_bits(&tolerated, ev.part->tolerated, ev.part->ambiguous);
			}
		}
		mime_parser_release(&p);
		if (i == 0 || !span_eq(buf_span(&out), span_make(want, want_len)))
			is_mem(out.ptr, out.len, want, want_len, what);
		if (i == 0 || strcmp(buf_cstr(&tolerated), bits) != 0)
			is_str(buf_cstr(&tolerated), bits, what);
		buf_release(&out);
		buf_release(&tolerated);
	}
}

#define TEXT(message, want, bits, what)                                                            \
	decodes(message, sizeof(message) - 1, MIME_DECODE_TEXT, want, sizeof(want) - 1, bits, what)
#define BYTES(message, want, bits, what)                                                           \
	decodes(message, sizeof(message) - 1, 0, want, sizeof(want) - 1, bits, what)
#define B64 "Content-Transfer-Encoding: base64\n\n"
#define QP "Content-Transfer-Encoding: quoted-printable\n\n"

static void test_encodings(void)
{
	BYTES("\n\na\r\nb", "\na\r\nb", "", "7bit bytes stay");
	BYTES(B64 "SGkK\r\nSGk=\n", "Hi\nHi", "", "base64");
	BYTES(B64 "SGk", "Hi", " base64-truncated", "base64 without its end");
	BYTES(B64 "S!G*k=\n", "Hi", " base64-junk", "base64 with junk");
	BYTES(B64 "SGk=SGk=", "HiHi", " !data-after-padding", "base64 that goes on");
	BYTES(QP "a=20=\nb=3d\n", "a b=\n", "", "quoted-printable");
	BYTES(QP "a=zz=", "a=zz", " qp-escape", "quoted-printable with a bad escape");
	BYTES("Content-Transfer-Encoding: x-unknown\n\n=41", "=41", " bad-encoding",
	    "an unknown encoding");
	BYTES("Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n$2&D*\"@\n`\nend\n", "Hi\n\n",
	    "", "uuencode");
	BYTES("Content-Transfer-Encoding: x-uuencode\n\nno beginning\n", "", " bad-encoding",
	    "uuencode that is none");
}

static void test_texts(void)
{
	TEXT("\na\r\nb\r\n", "a\nb\n", "", "line ends become LF");
	TEXT("\n\xc3\xb6\n", "\xc3\xb6\n", "", "8-bit without a charset: UTF-8 first");
	TEXT("\n\xf6\n", "\xc3\xb6\n", "", "else windows-1252");
	TEXT("Content-Type: text/plain; charset=iso-8859-1\n\n\xf6\n", "\xc3\xb6\n", "",
	    "a charset");
	TEXT("Content-Type: text/plain; charset=utf-8\n\nx\xf6y\n", "x\xef\xbf\xbdy\n",
	    " charset-bytes", "bytes that are not of it");
	TEXT("Content-Type: text/plain; charset=no-such\n\nx\xf6y\n", "x\xef\xbf\xbdy\n",
	    " charset-unknown charset-bytes", "a charset nobody knows");
	TEXT("Content-Type: text/plain; charset=iso-2022-jp\n" B64 "GyRCRnxLXBsoQg==",
	    "\xe6\x97\xa5\xe6\x9c\xac", "", "ISO-2022-JP in base64");
	TEXT("Content-Type: text/plain; charset=koi8-r\n" QP "=F0=F2\n", "\xd0\x9f\xd0\xa0\n", "",
	    "KOI8-R");
	TEXT("Content-Type: text/plain; charset=gb2312\n\n\xc4\xe3\n", "\xe4\xbd\xa0\n", "",
	    "GB2312 as GB18030");
	TEXT("Content-Type: text/plain; charset=utf-7\n\n+AOk-\n", "\xc3\xa9\n", "", "UTF-7");
	TEXT("Content-Type: text/plain; charset=utf-16le\n" B64 "SABpAA0ACgA=", "Hi\n", "",
	    "UTF-16: line ends come after the charset");
	TEXT("Content-Type: text/plain; charset=utf-8\n" QP "=C3=\n=B6\n", "\xc3\xb6\n", "",
	    "a character cut by a soft line end");
}

#define SHOWN(message, want, what)                                                                 \
	decodes((message), sizeof(message) - 1, MIME_DECODE_SHOWN, (want), sizeof(want) - 1, "",   \
	    (what))
#define LEGACY "Content-Type: text/plain; hp-legacy-display=1; hp=cipher\n"
/* RFC 9788 4.5.3.2 */
static void test_legacy_display(void)
{
	SHOWN(LEGACY "\nSubject: x\nCc: y\n\nHello\n\nBob\n", "Hello\n\nBob\n", "left out");
	SHOWN(LEGACY "\nSubject: x\r\n \r\nHello\r\n", "Hello\n", "CRLF, and blanks");
	SHOWN(LEGACY QP "Subject: =C3=\n=BC=0A=0AHello\n", "Hello\n", "behind the encoding");
	SHOWN(LEGACY "\nSubject: x\nHello", "Subject: x\nHello", "without a blank line nothing is");
	SHOWN("Content-Type: text/plain; hp-legacy-display=1\n\nSubject: x\n\nHello\n",
	    "Subject: x\n\nHello\n", "nor without hp=cipher");
	SHOWN("Content-Type: text/plain; hp=cipher\n\nSubject: x\n\nHello\n",
	    "Subject: x\n\nHello\n", "nor where it is not said");
	TEXT(LEGACY "\nSubject: x\n\nHello\n", "Subject: x\n\nHello\n", "",
	    "nor for who wants the text as it is");
}

int main(void)
{
	test_legacy_display();
	test_encodings();
	test_texts();
	return tap_done();
}
