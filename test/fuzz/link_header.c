/*-------------------------------------------------------------------------
 *
 * link_header.c
 *	  A Link header of any shape: what is found stands in it between "<" and
 *	  ">", and is not found where nothing says "next".
 *
 * fuzzes: fdw/api/link.c test/fuzz/server/server.c
 *
 *-------------------------------------------------------------------------
 */
#include "server/server.h"

#include "api/internal.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (mo_fuzz_try())
	{
		char *header = pnstrdup((const char *) data, size);
		char *link = mo_paging_header_link(header);

		if (link != NULL)
		{
			CHECK(strstr(header, psprintf("<%s>", link)) != NULL);
			CHECK(strchr(link, '>') == NULL);
			CHECK(strcasestr(header, "next") != NULL && strcasestr(header, "rel") != NULL);
		}
	}
	mo_fuzz_reset();
	return 0;
}
