/*-------------------------------------------------------------------------
 *
 * ledger.c
 *	  Any bytes as the erasure ledger: what is taken for an entry is one that
 *	  could have been written, word by word.
 *
 * fuzzes: src/hub/ledger_line.c
 *
 *-------------------------------------------------------------------------
 */
#include "hub/ledger_line.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_line(const char *line, size_t size)
{
	char *copy = malloc(size + 1);
	char *again = malloc(size + 1);
	char *words[4];

	memcpy(copy, line, size);
	copy[size] = '\0';
	if (mo_ledger_split(copy, words))
	{
		long long seconds = strtoll(words[3], NULL, 10);

		if (seconds < 0 || seconds > MO_LEDGER_MAX_SECONDS)
			abort();
		snprintf(again, size + 1, "%s %s %s %s", words[0], words[1], words[2], words[3]);
		/* what is behind a zero byte is not the line's */
		if (strncmp(again, line, size) != 0 || !mo_ledger_is_entry(words[0], words[1], words[2]))
			abort();
	}
	free(again);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1); /* one byte more: an address that can be freed */

	memcpy(text, data, size);
	if (mo_ledger_is_header(text, size) &&
		(size < MO_LEDGER_HEADER_LEN || text[MO_LEDGER_HEADER_LEN - 1] != '\n'))
		abort();
	for (size_t at = 0, end; at < size; at = end + 1)
	{
		const char *stop = memchr(text + at, '\n', size - at);

		end = stop != NULL ? (size_t) (stop - text) : size;
		check_line(text + at, end - at);
	}
	free(text);
	return 0;
}
