/*-------------------------------------------------------------------------
 *
 * server.h
 *	  The little of a server that our parsers stand on, for fuzzing them.
 *
 * Memory is malloc's, each piece on its own so that the sanitizers see its
 * ends, and is freed after each input.  An error ends the input: what is
 * between "if (mo_fuzz_try())" and the next input is skipped.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_FUZZ_SERVER_H
#define MOMENTUM_FUZZ_SERVER_H

#include "postgres.h"

#include <setjmp.h>

#include "lib/stringinfo.h"

/* assert() that no build option takes away */
#define CHECK(condition)                                                              \
	do                                                                                \
	{                                                                                 \
		if (!(condition))                                                             \
		{                                                                             \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                  \
		}                                                                             \
	} while (0)

#define mo_fuzz_try() (mo_fuzz_reset(), sigsetjmp(mo_fuzz_error, 0) == 0)

extern sigjmp_buf mo_fuzz_error;
extern void mo_fuzz_reset(void);

/* The next line of the input (without its end) as a string; NULL after the last. */
extern char *mo_fuzz_line(const uint8_t **data, size_t *size);

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* MOMENTUM_FUZZ_SERVER_H */
