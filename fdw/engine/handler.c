/*-------------------------------------------------------------------------
 *
 * handler.c
 *	  The callbacks a foreign data wrapper gives PostgreSQL.
 *
 * All services share them: which one a table belongs to is found through its
 * server, for PostgreSQL copies the routine node and nothing behind it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "foreign/fdwapi.h"

#include "engine/engine.h"

/* Nothing here writes: tools are told so. */
static int
is_rel_updatable(Relation rel)
{
	return 0;
}

/* The routine of any service's wrapper. */
Datum
mo_engine_handler(const Connector *connector)
{
	FdwRoutine *routine = makeNode(FdwRoutine);

	routine->GetForeignRelSize = mo_plan_size;
	routine->GetForeignPaths = mo_plan_paths;
	routine->GetForeignPlan = mo_plan_scan;
	routine->GetForeignUpperPaths = mo_plan_upper_paths;
	routine->BeginForeignScan = mo_scan_begin;
	routine->IterateForeignScan = mo_scan_iterate;
	routine->ReScanForeignScan = mo_scan_rescan;
	routine->EndForeignScan = mo_scan_end;
	routine->ExplainForeignScan = mo_explain_scan;
	routine->AnalyzeForeignTable = mo_analyze_table;
	routine->ImportForeignSchema = mo_import_schema;
	routine->IsForeignPathAsyncCapable = mo_async_capable;
	routine->ForeignAsyncRequest = mo_async_request;
	routine->ForeignAsyncConfigureWait = mo_async_configure;
	routine->ForeignAsyncNotify = mo_async_notify;
	routine->IsForeignRelUpdatable = is_rel_updatable;
	return PointerGetDatum(routine);
}
