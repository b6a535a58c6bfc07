#include "base/random.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>

static bool fixed; /* the seam: process-wide, see random.h */
static uint64_t state;

/* splitmix64: tiny, even, and nobody's secret depends on it */
static uint64_t next_fixed(void)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

void random_fix(uint64_t seed)
{
	fixed = true;
	state = seed;
}

static void from_kernel(unsigned char *p, size_t n)
{
	while (n) {
		ssize_t got = getrandom(p, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			BUG("the kernel gives no random bytes");
		p += got;
		n -= (size_t)got;
	}
}

void random_bytes(void *p, size_t n)
{
	unsigned char *to = p;
	if (!fixed) {
		from_kernel(to, n);
		return;
	}
	while (n) {
		uint64_t v = next_fixed();
		size_t k = n < sizeof(v) ? n : sizeof(v);
		memcpy(to, &v, k);
		to += k;
		n -= k;
	}
}

uint32_t random_below(uint32_t below)
{
	uint32_t v, limit = below ? UINT32_MAX - UINT32_MAX % below : 0;
	if (!below)
		return 0;
	do
		random_bytes(&v, sizeof(v));
	while (v >= limit);
	return v % below;
}

void random_name(char *out, size_t n)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	enum { EVEN = 252 }; /* 36 * 7: bytes below are even */
	unsigned char pool[32];
	for (size_t i = 0, at = sizeof(pool); i < n; at++) {
		if (at == sizeof(pool)) {
			random_bytes(pool, sizeof(pool));
			at = 0;
		}
		if (pool[at] < EVEN)
			out[i++] = letters[pool[at] % 36];
	}
	out[n] = '\0';
}
