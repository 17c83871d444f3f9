/*-------------------------------------------------------------------------
 *
 * engine.h
 *	  PostgreSQL's side of a foreign table: options, plans, scans, imports.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_ENGINE_H
#define MOMENTUM_ENGINE_H

#include "access/tupdesc.h"
#include "fmgr.h"
#include "foreign/fdwapi.h"
#include "foreign/foreign.h"
#include "nodes/execnodes.h"
#include "nodes/pathnodes.h"
#include "utils/array.h"
#include "utils/hsearch.h"
#include "utils/rel.h"

#include "api/api.h"

/* One line of the generated list of services */
typedef struct ConnectorEntry
{
	const Connector *connector;
	PGFunction handler;
} ConnectorEntry;

extern const ConnectorEntry mo_connectors[];

/* handler.c */
extern Datum mo_engine_handler(const Connector *connector);

/* options.c */
extern void mo_engine_validate(const Connector *connector, Datum options, Oid catalog);
extern void mo_engine_check(const Connector *connector, List *options, int place);
extern bool mo_option_true(const char *value);

/* What a foreign table stands for */
typedef struct Target
{
	const Connector *connector;
	const Resource *resource;
	Oid server;
	char *server_name;
	char *table_name;
	List *options; /* of DefElem: the table's, then the server's */
} Target;

extern Target *mo_target(Oid relid);
extern void mo_option_check_param(const Target *target, const char *name, const char *value);
extern const Connector *mo_connector_of_server(Oid server);

/* describe.c */
typedef struct TableSource TableSource;
extern void mo_describe_check(const Connector *connector, List *options, int place);
extern const Connector *mo_describe_table(const Connector *connector, List *options,
										  const char *name, Oid relid);
extern const Column *mo_target_column(const Resource *res, const char *name);
extern void mo_target_columns(const Target *target, TupleDesc desc, Oid relid, ApiColumn *columns);

/* pushdown.c */
typedef enum PushKind
{
	PUSH_NO,
	PUSH_FILTER,
	PUSH_RANGE,
	PUSH_DAYS, /* a list of days: from the first to the last of them */
	PUSH_PARAM,
	PUSH_LIST,  /* a list of values, of which the service takes many at once */
	PUSH_COUNT, /* no condition: the LIMIT, and the OFFSET */
	PUSH_OFFSET
} PushKind;

typedef struct Push
{
	PushKind kind;
	int attno;
	int strategy;       /* of btree: < <= = >= > */
	int filter;         /* index in the resource's filters */
	Expr *value;        /* of the column's type */
	bool exact;         /* the service returns no other rows; false of PUSH_NO */
	bool coarse;        /* a range bound whose value had a finer type */
	const char *reason; /* PUSH_NO: why it stays here */
} Push;

extern void mo_pushdown_check(const Target *target, Oid relid, Index varno, List *clauses);
extern void mo_pushdown_check_joins(const Target *target, Oid relid, PlannerInfo *root,
									RelOptInfo *rel, List *clauses);
extern bool mo_pushdown_is_complete(const Target *target, Oid relid, PlannerInfo *root,
									RelOptInfo *rel, List *clauses);
extern bool mo_pushdown_is_plain(const Target *target, Oid relid, AttrNumber attno);
extern bool mo_pushdown_lookup(const Target *target, Oid relid, Index varno, Expr *clause,
							   Push *push);
extern bool mo_pushdown_key(const Target *target, Oid relid, Index varno, Expr *clause, Push *push);
extern void mo_pushdown(const Target *target, Oid relid, Index varno, Expr *clause, Push *push);

/* lists.c */
extern char *mo_value_text(Datum value, Oid type);
extern ApiCondition *mo_list_condition(const Filter *filter, ArrayType *array,
									   bool *nothing);
extern ApiCondition *mo_list_of_texts(const Filter *filter, char **texts, int n, bool *nothing);
extern int mo_list_part(const ApiCondition *condition, const char *text);

/* texthash.c */
extern HTAB *mo_text_hash(const char *name, Size entry_size, MemoryContext cxt);

/* estimate.c */
extern void mo_estimate_size(PlannerInfo *root, RelOptInfo *rel, const Target *target, Oid relid);
extern double mo_estimate_fetched(PlannerInfo *root, RelOptInfo *rel, const Target *target,
								  Oid relid, List *infos);
extern void mo_estimate_cost(const Target *target, double fetched, double requests, Cost *startup,
							 Cost *total);
extern bool mo_estimate_is_key(const Target *target, const char *column);

/* paths.c: what a path's fdw_private says, as DefElems */
#define PATH_ORDER "order"     /* IntList: attno, order, descending */
#define PATH_LOOKUP "lookup"   /* IntList: attno, filter */
#define PATH_COUNT "count"     /* expression of LIMIT */
#define PATH_OFFSET "offset"   /* expression of OFFSET */
#define PATH_SUMMARY "summary" /* Integer: index in the resource's summaries */

extern void mo_plan_size(PlannerInfo *root, RelOptInfo *rel, Oid relid);
extern bool mo_plan_is_ours(RelOptInfo *rel);
extern void mo_plan_paths(PlannerInfo *root, RelOptInfo *rel, Oid relid);
extern void mo_plan_upper_paths(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input,
								RelOptInfo *output, void *extra);

/* aggregate.c */
extern void mo_aggregate_init(void);
extern void mo_aggregate_paths(PlannerInfo *root, RelOptInfo *input, RelOptInfo *output,
							   GroupPathExtraData *extra);
extern bool mo_aggregate_keeps(const Target *target, const Summary *summary, Oid relid,
							   Index varno, Node *clause);

/* analyze.c */
extern void mo_analyze_init(void);
extern bool mo_analyze_table(Relation rel, AcquireSampleRowsFunc *func, BlockNumber *pages);

/* plan.c */
#define PLAN_ATTRS 0   /* IntList: columns wanted */
#define PLAN_PUSHED 1  /* IntList: kind, attno, strategy, filter, coarse of each value */
#define PLAN_LIMIT 2   /* rows that will do, 0 = all */
#define PLAN_EAGER 3   /* boolean */
#define PLAN_ORDER 4   /* IntList as PATH_ORDER, or NIL */
#define PLAN_LOOKUP 5  /* IntList as PATH_LOOKUP, or NIL */
#define PLAN_SUMMARY 6 /* Integer as PATH_SUMMARY, or NULL */
#define PLAN_FETCHED 7 /* rows the service will send, as far as is known: Float; -1 = a few */

extern ForeignScan *mo_plan_scan(PlannerInfo *root, RelOptInfo *rel, Oid relid, ForeignPath *path,
								 List *tlist, List *clauses, Plan *outer);

/* recheck.c */
typedef struct Recheck Recheck;

extern Recheck *mo_recheck_prepare(const ApiSpec *spec, TupleDesc desc);
extern void mo_recheck_row(const Recheck *recheck, const ApiScan *api, const TupleTableSlot *slot);

/* scan.c */
typedef struct ScanState_ MoScan;

extern void mo_scan_begin(ForeignScanState *node, int eflags);
extern TupleTableSlot *mo_scan_iterate(ForeignScanState *node);
extern void mo_scan_rescan(ForeignScanState *node);
extern void mo_scan_end(ForeignScanState *node);
extern void mo_scan_lookup(ForeignScanState *node, char **texts, int n);
extern ApiScan *mo_scan_describe(ForeignScanState *node);
extern const ApiStats *mo_scan_stats(ForeignScanState *node);

/* async.c */
extern bool mo_async_capable(ForeignPath *path);
extern void mo_async_request(AsyncRequest *areq);
extern void mo_async_configure(AsyncRequest *areq);
extern void mo_async_notify(AsyncRequest *areq);

/* datum.c */
typedef struct DatumReader
{
	Oid type;
	int32 typmod;
	struct DatumReader *element; /* of an array type, else NULL */
	FmgrInfo input;
	Oid ioparam;
	bool is_text;
	bool is_number;
	bool is_json;
	size_t max_len; /* no value's text is longer; 0 = any length */
	int flags;      /* ColumnFlags */
} DatumReader;

extern void mo_datum_prepare(DatumReader *reader, Oid type, int32 typmod, int flags);
extern Datum mo_datum_from_json(DatumReader *reader, JsonValue *value, const char **shown,
								bool *isnull);
extern Datum mo_datum_from_text(DatumReader *reader, const char *text, size_t len,
								const char **shown, bool *isnull);

/* unread.c: from _PG_init */
extern void mo_unread_init(void);

/* plain.c */
extern bool mo_plain_read(Oid type, const char *text, size_t len, Datum *result);

/* explain.c, sample.c, import.c */
struct ExplainState;
extern void mo_explain_scan(ForeignScanState *node, struct ExplainState *es);
extern List *mo_sample_import(ImportForeignSchemaStmt *stmt, ForeignServer *server,
							  const Connector *connector);
extern List *mo_import_schema(ImportForeignSchemaStmt *stmt, Oid server);

#endif /* MOMENTUM_ENGINE_H */
