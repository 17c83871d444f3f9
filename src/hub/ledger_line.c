/*-------------------------------------------------------------------------
 *
 * ledger_line.c
 *	  The lines of the erasure ledger; ledger.c tells what they are.
 *
 *-------------------------------------------------------------------------
 */
#include "hub/ledger_line.h"

#include <string.h>

#define HEX "0123456789abcdef"
#define HASH_DIGITS 64
#define SECONDS_DIGITS 11 /* of MO_LEDGER_MAX_SECONDS */

static bool
is_word(const char *word, const char *allowed)
{
	return word[0] != '\0' && word[strspn(word, allowed)] == '\0';
}

bool
mo_ledger_is_header(const char *text, size_t len)
{
	size_t at = sizeof(MO_LEDGER_MARK) - 1;

	if (len < MO_LEDGER_HEADER_LEN || memcmp(text, MO_LEDGER_MARK, at) != 0)
		return false;
	for (; at < MO_LEDGER_HEADER_LEN - 1; at++)
	{
		if (text[at] == '\0' || strchr(HEX, text[at]) == NULL)
			return false;
	}
	return text[at] == '\n';
}

bool
mo_ledger_is_entry(const char *brand, const char *kind, const char *hash)
{
	return is_word(brand, "abcdefghijklmnopqrstuvwxyz0123456789_-") &&
		   is_word(kind, "abcdefghijklmnopqrstuvwxyz") && strlen(hash) == HASH_DIGITS &&
		   is_word(hash, HEX);
}

bool
mo_ledger_split(char *line, char *words[4])
{
	for (int n = 0; n < 4; n++)
	{
		if ((words[n] = strsep(&line, " ")) == NULL)
			return false;
	}
	return line == NULL && mo_ledger_is_entry(words[0], words[1], words[2]) &&
		   strlen(words[3]) <= SECONDS_DIGITS && is_word(words[3], "0123456789");
}
