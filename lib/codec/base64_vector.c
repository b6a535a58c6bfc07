/*
 * The methods are Wojciech Mula's: six-bit values by two multiplications, letters by a table of sixteen offsets; and back with a check of both nibbles of each
 * character. A line of 57 bytes is 24 + 24 + 9.
 */
#include "codec/base64_vector.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

/* The C library knows already. The compiler's own __builtin_cpu_supports asks the processor at every start, which in a virtual machine costs more than a
 * small message. */
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
bool base64_has_vectors(void)
{
	return CPU_FEATURE_ACTIVE(AVX2);
}
#else
bool base64_has_vectors(void)
{
	return __builtin_cpu_supports("avx2");
}
#endif

/* --- encoding: 12 bytes at the start of each half become 16 characters ------------------------ */

AVX2 static inline __m256i load_halves(const unsigned char *p)
{
	__m128i low = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i high = _mm_loadu_si128((const __m128i *)(const void *)(p + 12));
	return _mm256_set_m128i(high, low);
}

AVX2 static inline __m256i six_bits(__m256i in)
{
	const __m256i order = _mm256_set_epi8(10, 11, 9, 10, 7, 8, 6, 7, 4, 5, 3, 4, 1, 2, 0, 1, 10,
	    11, 9, 10, 7, 8, 6, 7, 4, 5, 3, 4, 1, 2, 0, 1);
	in = _mm256_shuffle_epi8(in, order);
	__m256i ac = _mm256_and_si256(in, _mm256_set1_epi32(0x0fc0fc00));
	__m256i bd = _mm256_and_si256(in, _mm256_set1_epi32(0x003f03f0));
	ac = _mm256_mulhi_epu16(ac, _mm256_set1_epi32(0x04000040));
	bd = _mm256_mullo_epi16(bd, _mm256_set1_epi32(0x01000010));
	return _mm256_or_si256(ac, bd);
}

AVX2 static inline __m256i letters(__m256i v)
{
	const __m256i offsets = _mm256_setr_epi8(65, 71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4,
	    -19, -16, 0, 0, 65, 71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 0, 0);
	/* 0: A-Z, 1: a-z, 2..11: digits, 12: +, 13: / */
	__m256i which = _mm256_subs_epu8(v, _mm256_set1_epi8(51));
	which = _mm256_sub_epi8(which, _mm256_cmpgt_epi8(v, _mm256_set1_epi8(25)));
	return _mm256_add_epi8(v, _mm256_shuffle_epi8(offsets, which));
}

AVX2 static void encode_line(char *to, const unsigned char *p)
{
	__m256i a = letters(six_bits(load_halves(p)));
	__m256i b = letters(six_bits(load_halves(p + 24)));
	__m256i c = letters(six_bits(
	    _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)(p + 48)))));
	_mm256_storeu_si256((__m256i *)(void *)to, a);
	_mm256_storeu_si256((__m256i *)(void *)(to + 32), b);
	_mm_storeu_si128((__m128i *)(void *)(to + 64), _mm256_castsi256_si128(c));
	to[76] = '\n';
}

AVX2 static size_t encode_lines(char *to, const unsigned char *p, size_t n, size_t lines)
{
	size_t done = 0;
	for (; done < lines && n >= 64; done++) { /* 64 are read */
		encode_line(to, p);
		to += BASE64_LINE_TEXT;
		p += BASE64_LINE_BYTES;
		n -= BASE64_LINE_BYTES;
	}
	return done;
}

size_t base64_encode_lines(char *to, const unsigned char *p, size_t n, size_t lines)
{
	return base64_has_vectors() ? encode_lines(to, p, n, lines) : 0;
}

/* --- decoding: 16 characters in each half become 12 bytes ------------------------------------- */

AVX2 static inline __m256i both(__m128i half)
{
	return _mm256_broadcastsi128_si256(half);
}

/* Values of the characters; *bad collects bits where one is not of the alphabet. */
AVX2 static inline __m256i values_of(__m256i in, __m256i *bad)
{
	const __m256i by_low = both(_mm_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
	    0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a));
	const __m256i by_high = both(_mm_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08,
	    0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10));
	const __m256i offsets =
	    both(_mm_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0));
	const __m256i slash = _mm256_set1_epi8(0x2f);
	__m256i high = _mm256_and_si256(_mm256_srli_epi32(in, 4), slash);
	__m256i low = _mm256_and_si256(in, slash);
	__m256i fault =
	    _mm256_and_si256(_mm256_shuffle_epi8(by_low, low), _mm256_shuffle_epi8(by_high, high));
	*bad = _mm256_or_si256(*bad, fault);
	__m256i which = _mm256_add_epi8(_mm256_cmpeq_epi8(in, slash), high);
	return _mm256_add_epi8(in, _mm256_shuffle_epi8(offsets, which));
}

/* 24 bytes at the start of the vector, 8 of nothing. */
AVX2 static inline __m256i packed(__m256i v)
{
	const __m256i order =
	    both(_mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
	v = _mm256_maddubs_epi16(v, _mm256_set1_epi32(0x01400140));
	v = _mm256_madd_epi16(v, _mm256_set1_epi32(0x00011000));
	v = _mm256_shuffle_epi8(v, order);
	return _mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
}

AVX2 static bool decode_line(char *to, const unsigned char *p)
{
	__m256i bad = _mm256_setzero_si256();
	__m256i a = values_of(_mm256_loadu_si256((const __m256i *)(const void *)p), &bad);
	__m256i b = values_of(_mm256_loadu_si256((const __m256i *)(const void *)(p + 32)), &bad);
	/* the last twelve: the line end behind them becomes letters */
	__m128i end = _mm_loadu_si128((const __m128i *)(const void *)(p + 64));
	end = _mm_blend_epi32(end, _mm_set1_epi8('A'), 8);
	__m256i c = values_of(both(end), &bad);
	if (!_mm256_testz_si256(bad, bad))
		return false;
	_mm256_storeu_si256((__m256i *)(void *)to, packed(a));
	_mm256_storeu_si256((__m256i *)(void *)(to + 24), packed(b));
	_mm256_storeu_si256((__m256i *)(void *)(to + 48), packed(c));
	return true;
}

AVX2 static size_t decode_lines(
    char *to, const unsigned char *p, size_t n, size_t lines, size_t *used)
{
	size_t done = 0, at = 0;
	for (; done < lines && n - at >= 80; done++) { /* 80 are read */
		const unsigned char *line = p + at;
		size_t end = line[76] == '\r';
		if (line[76 + end] != '\n' || !decode_line(to, line))
			break;
		to += BASE64_LINE_BYTES;
		at += BASE64_LINE_TEXT + end;
	}
	*used = at;
	return done;
}

size_t base64_decode_lines(char *to, const unsigned char *p, size_t n, size_t lines, size_t *used)
{
	*used = 0;
	return base64_has_vectors() ? decode_lines(to, p, n, lines, used) : 0;
}

#else

bool base64_has_vectors(void)
{
	return false;
}

size_t base64_encode_lines(char *to, const unsigned char *p, size_t n, size_t lines)
{
	(void)to, (void)p, (void)n, (void)lines;
	return 0;
}

size_t base64_decode_lines(char *to, const unsigned char *p, size_t n, size_t lines, size_t *used)
{
	(void)to, (void)p, (void)n, (void)lines;
	*used = 0;
	return 0;
}

#endif
