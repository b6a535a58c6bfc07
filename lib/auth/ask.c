#include "auth/ask.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <stdlib.h>

enum {
	SLOTS = 1024,
	KEPT_MAX = 4096,
	FRESH_MIN_S = 10, /* a failure too is not asked for again at once */
	FRESH_MAX_S = 3600
};

struct entry {
	struct entry *next;
	char *name;
	unsigned type;
	bool there;
	struct dns_answer answer;
	int64_t until_ms;
	void *kept;
	void (*release)(void *p);
};
struct auth_ask {
	struct dns *dns;
	int64_t timeout_ms, end_ms, deadline_ms;
	struct entry *slots[SLOTS];
	size_t n;
};

struct auth_ask *auth_ask_new(struct dns *d, int64_t timeout_ms, int64_t end_ms)
{
	struct auth_ask *a = mem_new(1, sizeof(*a));
	*a = (struct auth_ask){.dns = d, .timeout_ms = timeout_ms, .end_ms = end_ms};
	auth_ask_begin(a);
	return a;
}

static void entry_free(struct entry *t)
{
	if (t->release)
		t->release(t->kept);
	dns_answer_release(&t->answer);
	free(t->name);
	free(t);
}

/* What is still under way belongs to its question, and stays. */
static void forget(struct auth_ask *a, int64_t before_ms)
{
	for (size_t i = 0; i < SLOTS; i++)
		for (struct entry **at = &a->slots[i]; *at;) {
			struct entry *t = *at;
			if (!t->there || t->until_ms > before_ms) {
				at = &t->next;
				continue;
			}
			*at = t->next;
			entry_free(t);
			a->n--;
		}
}

void auth_ask_free(struct auth_ask *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		while (a->slots[i]) {
			struct entry *t = a->slots[i];
			a->slots[i] = t->next;
			entry_free(t);
		}
	free(a);
}

void auth_ask_resume(struct auth_ask *a)
{
	a->deadline_ms = clock_mono_ms() + a->timeout_ms;
	if (a->end_ms && a->end_ms < a->deadline_ms)
		a->deadline_ms = a->end_ms;
}

void auth_ask_begin(struct auth_ask *a)
{
	auth_ask_resume(a);
	forget(a, a->n > KEPT_MAX ? INT64_MAX : clock_mono_ms());
}

static struct entry **find(struct auth_ask *a, const char *name, unsigned type)
{
	uint32_t h = 2166136261u ^ type;
	for (const char *p = name; *p; p++)
		h = (h ^ (unsigned char)to_lower(*p)) * 16777619u;
	struct entry **at = &a->slots[(h ^ h >> 10 ^ h >> 20) % SLOTS];
	while (*at && ((*at)->type != type || !span_eq_nocase(span_of((*at)->name), span_of(name))))
		at = &(*at)->next;
	return at;
}

static struct entry *begin(struct auth_ask *a, const char *name, unsigned type)
{
	struct entry **at = find(a, name, type);
	if (*at)
		return *at;
	struct entry *t = mem_new(1, sizeof(*t));
	*t = (struct entry){.name = str_dup(name), .type = type};
	*at = t;
	a->n++;
	if (dns_is_name(span_of(name))) {
		dns_batch_add(a->dns, name, type, a->deadline_ms, t);
	} else {
		t->answer.status = DNS_NO_NAME;
		t->there = true;
		t->until_ms = INT64_MAX;
	}
	return t;
}

void auth_ask_expect(struct auth_ask *a, const char *name, unsigned type)
{
	begin(a, name, type);
}

/* The answer moves from the question to its entry. */
static void take(struct dns_question *q)
{
	struct entry *t = q->owner;
	int64_t ttl = q->answer.ttl > FRESH_MAX_S ? FRESH_MAX_S : q->answer.ttl;
	t->answer = q->answer;
	q->answer = (struct dns_answer){0};
	t->there = true;
	t->until_ms = clock_mono_ms() + (ttl < FRESH_MIN_S ? FRESH_MIN_S : ttl) * 1000;
	dns_question_free(q);
}

int auth_ask_start(struct auth_ask *a, struct err *e)
{
	for (;;) {
		struct dns_watch at_once = {.fds = {-1, -1}, .until_ms = clock_mono_ms()};
		struct dns_question *q;
		int r = dns_batch_wait(a->dns, &at_once, &q, e);
		if (r != DNS_ANSWERED)
			return r < 0 ? -1 : 0;
		take(q);
	}
}

const struct dns_answer *auth_ask(
    struct auth_ask *a, const char *name, unsigned type, struct err *e)
{
	struct entry *t = begin(a, name, type);
	struct dns_question *q;
	while (!t->there) {
		int r = dns_batch_wait(a->dns, NULL, &q, e);
		if (r < 0)
			return NULL;
		ENSURE(r == DNS_ANSWERED);
		take(q);
	}
	return &t->answer;
}

/* Every answer that was handed out is one of an entry. */
static struct entry *entry_of(const struct dns_answer *a)
{
	return (struct entry *)(uintptr_t)((const char *)a - offsetof(struct entry, answer));
}

void *auth_ask_kept(const struct dns_answer *a)
{
	return entry_of(a)->kept;
}

void auth_ask_keep(const struct dns_answer *a, void *p, void (*release)(void *p))
{
	struct entry *t = entry_of(a);
	ENSURE(!t->release);
	t->kept = p;
	t->release = release;
}
