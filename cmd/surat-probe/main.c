/*
 * surat-probe: the helper that talks to one address of a mail server and tells what it saw (probe.h).
 *
 *	surat-probe <question >answer
 */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "cli/cli.h"
#include "crypto/digest.h"
#include "io/confine.h"
#include "io/stream.h"
#include "probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { QUESTION_MAX = 4 << 20, PINS_MAX = 256, PIN_MAX = 65535 };

struct options {
	struct cli_common common;
	char *ca_file, *cert, *key, *bind;
};
static const struct cli_option own[] = {
    CLI_STRING(0, "ca-file", N_("FILE"), struct options, ca_file,
	N_("trusted certificates, instead of the system's")),
    CLI_STRING(0, "cert", N_("FILE"), struct options, cert, N_("our certificate")),
    CLI_STRING(0, "key", N_("FILE"), struct options, key, N_("and its private key")),
    CLI_STRING(0, "bind", "ADDR", struct options, bind, N_("the local address")),
};
static const struct cli_group groups[] = {{NULL, own, ARRAY_LEN(own), 0, 0}};
static const struct cli_program program = {.name = "surat-probe",
    .synopsis = N_("[options] < question"),
    .summary = N_("talks to a mail server and tells what it saw, for mail-mx"),
    .groups = groups,
    .group_count = ARRAY_LEN(groups),
    .common_offset = offsetof(struct options, common)};

static int bad(struct err *e, const char *key)
{
	return err_set(e, EX_DATAERR, _("a question with a bad \"%s\""), key);
}

static int take_pin(const json_t *o, struct tls_pin *pin, struct err *e)
{
	const char *data = json_string_value(json_object_get(o, "data"));
	size_t n = data ? strlen(data) / 2 : 0;
	if (!n || n > PIN_MAX)
		return bad(e, "data");
	unsigned char *bytes = mem_new(n, 1);
	*pin = (struct tls_pin){
	    .usage = (unsigned char)json_integer_value(json_object_get(o, "usage")),
	    .selector = (unsigned char)json_integer_value(json_object_get(o, "selector")),
	    .matching = (unsigned char)json_integer_value(json_object_get(o, "matching")),
	    .data = span_make((const char *)bytes, n)};
	return digest_unhex(span_of(data), bytes, n) == (ptrdiff_t)n ? 0 : bad(e, "data");
}

static int take_target(const json_t *o, struct target *t, struct err *e)
{
	const char *address = json_string_value(json_object_get(o, "address"));
	const json_t *names = json_object_get(o, "names"), *pins = json_object_get(o, "pins");
	json_int_t port = json_integer_value(json_object_get(o, "port"));
	t->host = json_string_value(json_object_get(o, "host"));
	t->deadline_ms = clock_mono_ms() + json_integer_value(json_object_get(o, "timeout_ms"));
	if (json_integer_value(json_object_get(o, "v")) != 1 || !t->host)
		return bad(e, "v");
	if (!address || port < 1 || port > 65535 ||
	    !net_addr_parse(span_of(address), (unsigned)port, &t->address))
		return bad(e, "address");
	for (size_t i = 0; i < json_array_size(names); i++)
		if (json_is_string(json_array_get(names, i)))
			strv_add(&t->names, json_string_value(json_array_get(names, i)));
	if (json_array_size(pins) > PINS_MAX)
		return bad(e, "pins");
	t->pins = mem_new(json_array_size(pins) + 1, sizeof(*t->pins));
	for (size_t i = 0; i < json_array_size(pins); i++)
		if (take_pin(json_array_get(pins, i), &t->pins[t->pin_count++], e) < 0)
			return -1;
	return 0;
}

/* TLS 1.2 first; a server that has 1.3 only is asked for the same kind of key there. */
static void run_cell(struct talk *t, const struct target *to)
{
	talk_run(t, to, t->algorithm == TLS_LOOK_ANY ? TLS_LOOK_1_3 : TLS_LOOK_1_2);
	if (t->algorithm == TLS_LOOK_ANY || t->secured || !t->starttls)
		return;
	struct talk again = {.algorithm = t->algorithm};
	talk_run(&again, to, TLS_LOOK_1_3);
	if (again.secured) {
		talk_release(t);
		*t = again;
	} else {
		talk_release(&again);
	}
}

static json_t *probe(const struct target *to)
{
	static const struct {
		const char *word;
		enum tls_look_algorithm algorithm;
	} cells[] = {{"any", TLS_LOOK_ANY}, {"rsa", TLS_LOOK_RSA}, {"ecdsa", TLS_LOOK_ECDSA}};
	json_t *o = json_object(), *list = json_array();
	char address[64];
	net_addr_text(&to->address, address, sizeof(address));
	json_object_set_new(o, "address", json_string(address));
	for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
		struct talk t = {.algorithm = cells[i].algorithm};
		run_cell(&t, to);
		bool more =
		    i > 0 || t.secured; /* who takes any chain sees most; where he fails all do */
		if (i == 0)
			show_address(o, &t);
		if (t.starttls)
			json_array_append_new(list, show_cell(&t, to, cells[i].word));
		talk_release(&t);
		if (!more)
			break;
	}
	json_object_set_new(o, "cells", list);
	return o;
}

static int answer(const json_t *question, const struct options *o, struct err *e)
{
	struct target to = {.ca_file = o->ca_file, .cert_file = o->cert, .key_file = o->key};
	int r = take_target(question, &to, e);
	if (r == 0 && o->bind) {
		to.has_bind = net_addr_parse(span_of(o->bind), 0, &to.bind);
		if (!to.has_bind)
			r = err_set(e, EX_USAGE, _("--bind %s: not an address"), o->bind);
	}
	if (r == 0) {
		json_t *answered = probe(&to);
		json_dumpf(answered, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(answered);
	}
	for (size_t i = 0; i < to.pin_count; i++)
		free((void *)(uintptr_t)to.pins[i].data.ptr);
	free(to.pins);
	strv_release(&to.names);
	return r;
}

static int run(void *opts, struct cli_args *args, struct err *e)
{
	const struct options *o = opts;
	struct stream s;
	struct span line;
	(void)args;
	confine(CONFINE_FILES | CONFINE_NETWORK);
	stream_init_fd(&s, STDIN_FILENO, -1);
	s.in_max = QUESTION_MAX;
	int r = stream_line(&s, &line, QUESTION_MAX, e);
	json_t *question = r > 0 ? json_loadb(line.ptr, line.len, 0, NULL) : NULL;
	if (r >= 0)
		r = json_is_object(question) ? answer(question, o, e) : bad(e, "v");
	json_decref(question);
	stream_release(&s);
	return r;
}

int main(int argc, char **argv)
{
	struct options o = {.ca_file = NULL};
	return cli_main(&program, argc, argv, &o, run);
}
