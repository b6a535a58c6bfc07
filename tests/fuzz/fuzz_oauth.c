/* What a provider, a browser or a damaged file says to who signs in: the first byte tells which, the rest is the text. */
#include "base/alloc.h"
#include "login/redirect.h"
#include "login/token.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void token(struct span text)
{
	struct login_token t;
	if (login_token_parse(&t, text, 1000, NULL) < 0)
		return;
	ENSURE(login_is_token(t.access) && (!t.refresh || login_is_token(t.refresh)));
	ENSURE(t.expires_s == 0 || t.expires_s >= 1000);
	login_token_release(&t);
}

static void device(struct span text)
{
	struct login_device d;
	if (login_device_parse(&d, text, 1000, NULL) < 0)
		return;
	ENSURE(login_is_url(d.verification_uri) && d.interval_s > 0 && d.interval_s <= 300);
	ENSURE(d.expires_s >= 1000 && d.expires_s <= 1000 + 86400);
	login_device_release(&d);
}

static void metadata(struct span text)
{
	struct login_provider p, again;
	if (login_provider_metadata(&p, text, "https://id.test", NULL) < 0)
		return;
	ENSURE(login_is_url(p.token) && (!p.authorize || login_is_url(p.authorize)));
	ENSURE((!p.device || login_is_url(p.device)) && (!p.revoke || login_is_url(p.revoke)));
	json_t *o = login_provider_json(&p);
	ENSURE(login_provider_read(&again, o, NULL) == 0 && strcmp(again.token, p.token) == 0);
	login_provider_release(&again);
	json_decref(o);
	login_provider_release(&p);
}

static void redirect(struct span text)
{
	struct err e = ERR_INIT;
	char *code = NULL;
	int r = login_redirect_parse(
	    text, "STATE", (struct login_issuer){"https://id.test", false}, &code, &e);
	/* nothing comes through without our state */
	ENSURE(r <= 0 || (code && span_find(text, SPAN("state=")) >= 0) || strchr(text.ptr, '%'));
	ENSURE((r > 0) == (code != NULL));
	str_wipe_free(code);
}

static void record(struct span text)
{
	struct login_record r, again;
	struct buf b = BUF_INIT(1 << 20);
	if (login_record_parse(&r, text, NULL) < 0)
		return;
	login_record_write(&r, &b);
	ENSURE(login_record_parse(&again, buf_span(&b), NULL) == 0);
	ENSURE(strcmp(again.token.access, r.token.access) == 0);
	login_record_release(&again);
	login_record_release(&r);
	buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	char *copy = mem_dup(data + 1, size - 1);
	struct span text = span_make(copy, size - 1);
	switch (data[0]) {
	case 't': token(text); break;
	case 'd': device(text); break;
	case 'm': metadata(text); break;
	case 'b': redirect(text); break;
	case 'r': record(text); break;
	default: {
		struct err e = ERR_INIT;
		enum login_refusal r = login_refusal_parse(400 + data[0], text, &e);
		ENSURE(e.code && *e.text && r <= LOGIN_SLOW_DOWN);
	}
	}
	free(copy);
	return 0;
}
