/*-------------------------------------------------------------------------
 *
 * statistics.c
 *	  What SQL sees of the statistics, the limits and the breakers.
 *
 * Shown are servers of this database that the caller may use; a member of
 * pg_read_all_stats sees all.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_authid.h"
#include "catalog/pg_foreign_server.h"
#include "foreign/foreign.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "shmem/breaker.h"
#include "shmem/limit.h"
#include "shmem/stat.h"

PG_FUNCTION_INFO_V1(mo_stat_scan_rows);
PG_FUNCTION_INFO_V1(mo_stat_limit_rows);
PG_FUNCTION_INFO_V1(mo_stat_breaker_rows);
PG_FUNCTION_INFO_V1(mo_stat_reset_sql);
PG_FUNCTION_INFO_V1(mo_limit_reset_sql);

/* May the caller see what concerns the server?  One that was dropped nobody may. */
static bool
may_see(Oid server)
{
	if (GetForeignServerExtended(server, FSV_MISSING_OK) == NULL)
		return false;
	return has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS) ||
		   mo_server_aclcheck(server, GetUserId(), ACL_USAGE) == ACLCHECK_OK;
}

static Datum
time_ahead(int64 us)
{
	return TimestampTzGetDatum(GetCurrentTimestamp() + us);
}

/* stat_scan: one row per server and resource */
Datum
mo_stat_scan_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach (lc, mo_stat_rows())
	{
		const StatRow *row = lfirst(lc);
		Datum values[STAT_COUNTERS + 9];
		bool nulls[STAT_COUNTERS + 9] = {0};
		int n = 0;

		if (!may_see(row->server))
			continue;
		values[n++] = ObjectIdGetDatum(row->server);
		values[n++] = CStringGetTextDatum(row->name);
		for (int i = 0; i < STAT_COUNTERS; i++)
			values[n++] = i == STAT_WAIT_US ? Float8GetDatum(row->counters[i] / 1000.0)
											: Int64GetDatum(row->counters[i]);
		nulls[n] = nulls[n + 1] = nulls[n + 2] = row->last_error[0] == '\0';
		values[n++] = CStringGetTextDatum(row->last_error);
		values[n++] = CStringGetTextDatum(unpack_sql_state(row->last_sqlstate));
		values[n++] = TimestampTzGetDatum(row->last_error_at);
		nulls[n] = row->quota_left < 0;
		values[n++] = Float8GetDatum(row->quota_left);
		nulls[n] = nulls[n + 1] = row->rows < 0;
		values[n++] = Float8GetDatum(row->rows);
		values[n++] = Float8GetDatum(row->width);
		values[n++] = TimestampTzGetDatum(row->reset_at);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* one row per limit of a server */
Datum
mo_stat_limit_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach (lc, mo_limit_rows())
	{
		const LimitRow *row = lfirst(lc);
		Datum values[9];
		bool nulls[9] = {0};

		if (!may_see(row->server))
			continue;
		values[0] = ObjectIdGetDatum(row->server);
		values[1] = CStringGetTextDatum(row->name);
		values[2] = Float8GetDatum(row->capacity);
		values[3] = Float8GetDatum(row->available);
		values[4] = Float8GetDatum(row->window_us > 0 ? row->capacity * 1e6 / row->window_us
													  : row->rate);
		values[5] = Float8GetDatum(row->window_us / 1e6);
		nulls[5] = row->window_us == 0;
		values[6] = time_ahead(row->paused_us);
		nulls[6] = row->paused_us == 0;
		values[7] = Int32GetDatum(row->waiters);
		values[8] = Int64GetDatum(row->refusals);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* one row per breaker with failures */
Datum
mo_stat_breaker_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach (lc, mo_breaker_reports())
	{
		const BreakerReport *report = lfirst(lc);
		Datum values[7];
		bool nulls[7] = {0};

		if (!may_see(report->server))
			continue;
		values[0] = ObjectIdGetDatum(report->server);
		values[1] = ObjectIdGetDatum(report->user);
		nulls[1] = !OidIsValid(report->user);
		values[2] = CStringGetTextDatum(mo_breaker_state_name(report->state));
		values[3] = Int32GetDatum(report->failures);
		values[4] = TimestampTzGetDatum(report->since);
		values[5] = time_ahead(report->again_ms * 1000);
		nulls[5] = report->state != BREAKER_OPEN;
		values[6] = CStringGetTextDatum(report->error);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* The server of a name argument; InvalidOid where it is NULL. */
static Oid
server_argument(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		return InvalidOid;
	return GetForeignServerByName(NameStr(*PG_GETARG_NAME(0)), false)->serverid;
}

/* stat_reset(server name) */
Datum
mo_stat_reset_sql(PG_FUNCTION_ARGS)
{
	Oid server = server_argument(fcinfo);

	mo_stat_reset(server);
	mo_limit_reset(server);
	PG_RETURN_VOID();
}

/* reset_limits(server name) */
Datum
mo_limit_reset_sql(PG_FUNCTION_ARGS)
{
	Oid server = server_argument(fcinfo);

	mo_limit_forget(server);
	mo_breaker_reset(server);
	PG_RETURN_VOID();
}
