/*
 * surat-probe: the helper that talks to one address of a mail server and tells what it saw (probe.h).
 *
 *	surat-probe <question >answer
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "cli/cli.h"
#include "io/confine.h"
#include "io/stream.h"
#include "probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { QUESTION_MAX = 4 << 20 };

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
	int r = target_read(&to, question, e);
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
	target_release(&to);
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
		r = json_is_object(question)
			? answer(question, o, e)
			: err_set(e, EX_DATAERR, _("a line that is no question"));
	json_decref(question);
	stream_release(&s);
	return r;
}

int main(int argc, char **argv)
{
	struct options o = {.ca_file = NULL};
	return cli_main(&program, argc, argv, &o, run);
}
