/*
 * random.h - the one source of randomness.
 *
 * From the kernel, unless random_fix gave a seed (--boundary-seed, tests): then the same seed gives the same bytes, which are
 * good for names and boundaries only. Keys never come from here.
 */
#ifndef SURAT_BASE_RANDOM_H
#define SURAT_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Fills n bytes; ends the process (EX_OSERR) where the kernel has none. */
void random_bytes(void *p, size_t n);
/* 0 <= value < below, evenly. */
uint32_t random_below(uint32_t below);
/* n characters of a-z0-9 and a NUL (n + 1 bytes at out). */
void random_name(char *out, size_t n);
void random_fix(uint64_t seed);

#endif
