/*-------------------------------------------------------------------------
 *
 * receipt.c
 *	  Did we get as many records as the service says there are?
 *
 * The counts that its pages declare are compared with what came, when a
 * window of days (or the whole list) has been read to its end.  Lists change
 * while they are read, so the pages may not agree among themselves:
 *
 *  - A list that grew may have given the new records or not: any number
 *    between the smallest and the largest count will do.
 *  - One that became shorter may have moved a record onto a page that was read
 *    already.  Where pages are numbered this cannot be told from a complete
 *    reading, so it counts as incomplete; a cursor or link does not move.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "api/internal.h"

/* What an incomplete reading is: an error, unless the server's option says otherwise. */
static int
level_of(ApiScan *scan)
{
	const char *value = mo_api_option(scan, "on_mismatch");

	return value != NULL && strcmp(value, "warning") == 0 ? WARNING : ERROR;
}

static void
complain(ApiScan *scan, int64 got, const Receipt *said)
{
	ereport(level_of(scan),
			(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
			 errmsg("the service of server \"%s\" gave " INT64_FORMAT
					" records of foreign table \"%s\" and says there are " INT64_FORMAT,
					scan->spec->server_name, got, scan->spec->table_name, said->last),
			 said->least < said->most
				 ? errdetail("Its pages say there are " INT64_FORMAT " to " INT64_FORMAT ".",
							 said->least, said->most)
				 : 0,
			 errhint("Run the query again; option \"on_mismatch\" of the server makes it a "
					 "warning.")));
}

static void
complain_shorter(ApiScan *scan, const Receipt *said)
{
	ereport(level_of(scan),
			(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
			 errmsg("the list of foreign table \"%s\" became shorter while it was read",
					scan->spec->table_name),
			 errdetail("Its pages say there are " INT64_FORMAT " records, then " INT64_FORMAT
					   ": some may have moved to a page that was read before.",
					   said->most, said->last),
			 errhint("Run the query again; option \"on_mismatch\" of the server makes it a "
					 "warning.")));
}

/*
 * A page is complete: note what it says, and compare if it was the last of
 * its window.  "next" is the position of the page that follows, or NULL.
 * Raises, or warns, when records are missing or too many.
 */
void
mo_receipt_page(ApiScan *scan, Fetch *fetch, Position *next)
{
	Receipt said = {0};
	int64 total;
	int64 got = fetch->at.before + fetch->got;

	if (fetch->at.number > 0)
		said = fetch->at.receipt;
	if (mo_paging_total(scan, fetch, &total))
	{
		said.shorter = said.shorter || (said.declared && total < said.last);
		said.least = said.declared ? Min(said.least, total) : total;
		said.most = said.declared ? Max(said.most, total) : total;
		said.last = total;
		said.declared = true;
	}
	if (next != NULL)
		next->receipt = said;
	else if (said.declared && (got < said.least || got > said.most))
		complain(scan, got, &said);
	else if (said.shorter && mo_paging_counted(scan->res))
		complain_shorter(scan, &said);
}
