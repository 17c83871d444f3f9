/*-------------------------------------------------------------------------
 *
 * scan.h
 *	  What the files that run a scan share among themselves.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_SCAN_H
#define MOMENTUM_SCAN_H

#include "engine/engine.h"

typedef struct Kept Kept;

struct ScanState_
{
	Oid relation;
	Target *target;
	TupleDesc desc;
	int ncolumns;
	ApiColumn *columns; /* one per attribute */
	DatumReader *readers;
	List *wanted; /* of attribute numbers */
	List *pushed; /* PLAN_PUSHED */
	List *values; /* of ExprState * */
	List *value_exprs;
	int limit;
	double fetched; /* PLAN_FETCHED */
	bool eager;
	List *order;  /* PLAN_ORDER */
	List *lookup; /* PLAN_LOOKUP */
	char **keys;  /* of the lookup: what the next run asks for */
	int nkeys;
	Oid user;

	MemoryContext cxt; /* of one run of the scan */
	MemoryContext row; /* of one row's values */
	ApiSpec spec;
	ApiScan *api;
	Recheck *recheck; /* NULL: no exact filter */
	bool nothing;     /* a pushed value is NULL: no row can match */
	int list_attno;   /* of the list that is asked for in parts, 0 = none */
	ApiCondition *list;
	Kept *kept;   /* rows of earlier runs, or NULL */
	int64 rows;   /* of this run, before conditions are checked here */
	bool bounded; /* the scan leaves out rows, and ends, by itself */
	int64 skip;
	int64 left;
	bool has_last; /* value of the order's column in the row before */
	int64 last;
	const Summary *summary; /* what the plan wants instead of rows, or NULL ... */
	bool loose;             /* ... which does not do for values that cannot be asked exactly */
	int64 same;             /* rows still to return for the record that counted them */
	int64 counted;          /* rows of all such records of this run */
	ApiStats done;          /* of earlier runs */

	bool async;   /* iterate does not wait ... */
	bool waiting; /* ... and gave no row for that reason */
	int fd;       /* of an asynchronous wait, or -1 */

	int column; /* being converted, for the error context */
	const char *shown;
};

/* scan.c */
extern Datum mo_scan_value(MoScan *scan, int i, bool *isnull);
extern void mo_scan_fill(MoScan *scan, TupleTableSlot *slot);

/* unread.c */
extern bool mo_unread_leaving(void);
extern bool mo_unread_fill(MoScan *scan, TupleTableSlot *slot);
extern void mo_unread_note(MoScan *scan, int sqlstate);

/* kept.c */
extern void mo_kept_start(MoScan *scan);
extern void mo_kept_begin(MoScan *scan);
extern bool mo_kept_replays(const MoScan *scan);
extern bool mo_kept_next(MoScan *scan, TupleTableSlot *slot);
extern void mo_kept_add(MoScan *scan, TupleTableSlot *slot);
extern void mo_kept_complete(MoScan *scan);
extern void mo_kept_end(MoScan *scan);

/* spec.c */
extern void mo_spec_make(MoScan *scan, ExprContext *econtext, bool explain);

/* summary.c */
extern void mo_summary_spec(MoScan *scan);
extern bool mo_summary_row(MoScan *scan, TupleTableSlot *slot);
extern bool mo_summary_take(MoScan *scan);
extern bool mo_summary_counted(const MoScan *scan, double *rows);
extern bool mo_summary_qual(MoScan *scan, ForeignScanState *node);

/* async.c */
extern void mo_async_end(MoScan *scan);

/* claims.c */
extern bool mo_claim_part(MoScan *scan, TupleTableSlot *slot);
extern void mo_claim_order(MoScan *scan, TupleTableSlot *slot);
extern bool mo_claim_bounds(MoScan *scan, ForeignScanState *node);
extern void mo_claim_learn(const MoScan *scan);

#endif /* MOMENTUM_SCAN_H */
