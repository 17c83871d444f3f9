/*-------------------------------------------------------------------------
 *
 * bounds.c
 *	  How much of a service one scan puts up with.
 *
 * Each bound has a default that no honest service meets, and an option of the
 * server for the one that does.  The other bounds are not a matter of taste:
 * a record and its depth (json.h), the head of an answer and how small it may
 * be packed (http/internal.h).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "portability/instr_time.h"

#include "api/internal.h"

static int64
number_option(ApiScan *scan, const char *name, int64 usual)
{
	const char *value = mo_api_option(scan, name);

	return value ? atoll(value) : usual;
}

/* Bytes of one answer, as received and as unpacked. */
int64
mo_bounds_answer(ApiScan *scan)
{
	return number_option(scan, "max_answer", MO_API_MAX_ANSWER) * 1024 * 1024;
}

/* Raises when the scan would read one page too many. */
void
mo_bounds_page(ApiScan *scan, int page)
{
	int64 most = number_option(scan, "max_pages", MO_API_MAX_PAGES);

	if (page > most)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("foreign table \"%s\" has too many pages", scan->spec->table_name),
				 errdetail("The limit is " INT64_FORMAT " of them.", most),
				 errhint("Ask for less at once, or raise option \"max_pages\" of server \"%s\".",
						 scan->spec->server_name)));
}

/*
 * Raises when the scan takes too long: each wait has an end of its own, but
 * a service that gives a byte in each never comes to one.  The time counts
 * from the first request.
 */
void
mo_bounds_time(ApiScan *scan)
{
	int64 most = number_option(scan, "scan_timeout", MO_API_SCAN_TIMEOUT_S);
	instr_time now;

	INSTR_TIME_SET_CURRENT(now);
	if (INSTR_TIME_IS_ZERO(scan->began))
		scan->began = now;
	INSTR_TIME_SUBTRACT(now, scan->began);
	if (INSTR_TIME_GET_DOUBLE(now) > (double) most)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("reading foreign table \"%s\" takes too long", scan->spec->table_name),
				 errdetail("The limit is " INT64_FORMAT " s from the first request on.", most),
				 errhint("Ask for less at once, or raise option \"scan_timeout\" of server \"%s\".",
						 scan->spec->server_name)));
}
