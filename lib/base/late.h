/*
 * late.h - libraries that most runs do not need are loaded when one first does: linked means loaded, and a library of tables costs a start
 * more than all the work on a small message.
 *
 *	return LATE(SURAT_UNISTRING, uc_width)(c, "UTF-8");
 *
 * The first argument is a soname, which configure found where it looked for the library; the second a function that the library's header
 * declares, so the compiler checks the call as any other. Where the library is not there, or has no such function, the process ends with
 * EX_OSERR and one line, as the loader would have ended it at its start: the installation is broken, and no answer of ours would be right.
 * What was loaded stays. Threads may call.
 */
#ifndef SURAT_BASE_LATE_H
#define SURAT_BASE_LATE_H

/* Found once for each place that asks. */
#define LATE(soname, symbol)                                                                       \
	(*({                                                                                       \
		static void *late_kept;                                                            \
		(__typeof__(&(symbol)))late_symbol(&late_kept, soname, #symbol);                   \
	}))

/* Never NULL. POSIX demands that a function's address fits a pointer to an object (dlsym). */
void *late_symbol(void **kept, const char *soname, const char *symbol);

#endif
