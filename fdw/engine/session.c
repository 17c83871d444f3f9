/*-------------------------------------------------------------------------
 *
 * session.c
 *	  What SQL may know of the scans of its own session.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "foreign/foreign.h"
#include "utils/builtins.h"

#include "engine/engine.h"

PG_FUNCTION_INFO_V1(mo_scan_pages);
PG_FUNCTION_INFO_V1(mo_server_time);

/* scan_pages() -> bigint: pages fetched since the last call */
Datum
mo_scan_pages(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(mo_api_pages_taken());
}

/* server_time(name) -> timestamptz: NULL before the first answer */
Datum
mo_server_time(PG_FUNCTION_ARGS)
{
	ForeignServer *server = GetForeignServerByName(NameStr(*PG_GETARG_NAME(0)), false);
	TimestampTz time;

	if (!mo_api_server_time(server->serverid, &time))
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(time);
}
