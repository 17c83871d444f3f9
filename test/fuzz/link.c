/*-------------------------------------------------------------------------
 *
 * link.c
 *	  Any bytes as a Link header.
 *
 * fuzzes: fdw/http/link.c
 *
 *-------------------------------------------------------------------------
 */
#include "http/link.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	size_t len;
	const char *link;

	memcpy(text, data, size);
	text[size] = '\0';
	link = mo_http_next_link(text, &len);
	if (link != NULL && (link < text + 1 || link[-1] != '<' || link[len] != '>'))
		abort();
	free(text);
	return 0;
}
