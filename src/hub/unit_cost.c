/*-------------------------------------------------------------------------
 *
 * unit_cost.c
 *	  What a unit of a product cost on a day: momentum._unit_cost().
 *
 * The views of orders ask it for every line.  The rows of a product are read
 * from hub.product_costs when it is first asked for, and kept as long as the
 * statement runs: a brand's orders read whole ask for the same few thousand
 * products again and again, and a search in an index for each line is most of
 * what they would take.  A single order still costs a search per line.
 *
 * The table is read as its owner, for callers who may see the brand; everybody
 * else is told that nothing is known.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/nodeHash.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/snapmgr.h"

#include "access.h"

/* A cost, and the first day on which it holds. */
typedef struct CostStep
{
	DateADT from;
	Numeric cost;
	text *currency;
} CostStep;

/* Whose costs: the bytes of the brand and of the product key, one behind the other. */
typedef struct ProductKey
{
	const char *bytes;
	int brand_length;
	int length; /* of both */
} ProductKey;

typedef struct ProductCosts
{
	ProductKey key;
	int nsteps;
	CostStep *steps; /* by day */
	uint32 hash;
	char status; /* of the hash table */
} ProductCosts;

static inline uint32
hash_of_key(ProductKey key)
{
	return hash_bytes((const unsigned char *) key.bytes, key.length);
}

static inline bool
keys_equal(ProductKey a, ProductKey b)
{
	return a.length == b.length && a.brand_length == b.brand_length &&
		   memcmp(a.bytes, b.bytes, a.length) == 0;
}

#define SH_PREFIX costs
#define SH_ELEMENT_TYPE ProductCosts
#define SH_KEY_TYPE ProductKey
#define SH_KEY key
#define SH_HASH_KEY(tb, key) hash_of_key(key)
#define SH_EQUAL(tb, a, b) keys_equal(a, b)
#define SH_SCOPE static inline
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a) (a)->hash
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/*
 * What one caller was told so far.  It holds for one view of the database and
 * one user: an expression of a function may outlive both.
 */
typedef struct CostCache
{
	MemoryContext context; /* all of the following */
	costs_hash *products;
	char *scratch; /* for the key that is looked for */
	int scratch_size;
	Oid outer_user;
	Oid user;
	TransactionId xmin;
	TransactionId xmax;
	uint32 xcnt;
	int32 subxcnt;
	CommandId curcid;
	uint64 rollbacks;
} CostCache;

static SPIPlanPtr read_plan = NULL;
static uint64 rollbacks = 0; /* of subtransactions, in this session */

PG_FUNCTION_INFO_V1(mo_unit_cost);

/*
 * What a subtransaction wrote is gone, and a snapshot need not tell: the count
 * of commands goes on from where it was.
 */
static void
count_rollback(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		rollbacks++;
}

static bool
cache_holds(const CostCache *cache, Snapshot snapshot)
{
	return cache->outer_user == GetOuterUserId() && cache->user == GetUserId() &&
		   cache->xmin == snapshot->xmin && cache->xmax == snapshot->xmax &&
		   cache->xcnt == snapshot->xcnt && cache->subxcnt == snapshot->subxcnt &&
		   cache->curcid == snapshot->curcid && cache->rollbacks == rollbacks;
}

static void
empty_cache(CostCache *cache, Snapshot snapshot)
{
	MemoryContextReset(cache->context);
	cache->products = costs_create(cache->context, 64, NULL);
	cache->scratch_size = 128;
	cache->scratch = MemoryContextAlloc(cache->context, cache->scratch_size);
	cache->outer_user = GetOuterUserId();
	cache->user = GetUserId();
	cache->xmin = snapshot->xmin;
	cache->xmax = snapshot->xmax;
	cache->xcnt = snapshot->xcnt;
	cache->subxcnt = snapshot->subxcnt;
	cache->curcid = snapshot->curcid;
	cache->rollbacks = rollbacks;
}

/*
 * The cache of this call's place in the statement.
 */
static CostCache *
get_cache(FmgrInfo *flinfo)
{
	static bool callback_set = false;
	CostCache *cache = flinfo->fn_extra;
	Snapshot snapshot = GetActiveSnapshot();

	if (!callback_set)
	{
		RegisterSubXactCallback(count_rollback, NULL);
		callback_set = true;
	}
	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(CostCache));
		cache->context =
			AllocSetContextCreate(flinfo->fn_mcxt, "momentum unit costs", ALLOCSET_DEFAULT_SIZES);
		empty_cache(cache, snapshot);
		flinfo->fn_extra = cache;
	}
	else if (!cache_holds(cache, snapshot))
		empty_cache(cache, snapshot);
	return cache;
}

/*
 * The steps of one product, read as the table's owner; they live in "context".
 * Names and operators are spelled out: the caller's search path is not the
 * owner's.
 */
static CostStep *
read_steps(text *brand, text *product_key, MemoryContext context, int *nsteps)
{
	Oid types[] = {TEXTOID, TEXTOID};
	Datum args[] = {PointerGetDatum(brand), PointerGetDatum(product_key)};
	Oid schema = get_namespace_oid("hub", true);
	Oid relation = OidIsValid(schema) ? get_relname_relid("product_costs", schema) : InvalidOid;
	CostStep *steps;
	Oid caller;
	int security;

	if (!OidIsValid(relation))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("table \"hub.product_costs\" does not exist"),
						errhint("Run SELECT momentum.setup() first.")));
	GetUserIdAndSecContext(&caller, &security);
	SetUserIdAndSecContext(mo_access_relation_owner(relation),
						   security | SECURITY_LOCAL_USERID_CHANGE |
							   SECURITY_RESTRICTED_OPERATION);
	SPI_connect();
	if (read_plan == NULL)
	{
		SPIPlanPtr plan = SPI_prepare_cursor(
			"SELECT t.valid_from, t.unit_cost, t.currency FROM hub.product_costs t"
			" WHERE t.brand OPERATOR(pg_catalog.=) $1 AND t.product_key OPERATOR(pg_catalog.=) $2"
			" ORDER BY t.valid_from",
			2, types, CURSOR_OPT_GENERIC_PLAN);

		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "could not prepare to read hub.product_costs");
		read_plan = plan;
	}
	if (SPI_execute_plan(read_plan, args, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read hub.product_costs");

	*nsteps = (int) SPI_processed;
	steps = MemoryContextAlloc(context, Max(*nsteps, 1) * sizeof(CostStep));
	for (int i = 0; i < *nsteps; i++)
	{
		HeapTuple tuple = SPI_tuptable->vals[i];
		TupleDesc desc = SPI_tuptable->tupdesc;
		bool is_null[3];
		Datum from = SPI_getbinval(tuple, desc, 1, &is_null[0]);
		Datum cost = SPI_getbinval(tuple, desc, 2, &is_null[1]);
		Datum currency = SPI_getbinval(tuple, desc, 3, &is_null[2]);
		MemoryContext old;

		if (is_null[0] || is_null[1] || is_null[2])
			elog(ERROR, "hub.product_costs has a row without day, cost or currency");
		old = MemoryContextSwitchTo(context);
		steps[i].from = DatumGetDateADT(from);
		steps[i].cost = DatumGetNumericCopy(cost);
		steps[i].currency = DatumGetTextPCopy(currency);
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
	SetUserIdAndSecContext(caller, security);
	return steps;
}

/*
 * The costs of a product, read if they were not.  The pointer is good until
 * the next call.
 */
static ProductCosts *
get_costs(CostCache *cache, text *brand, text *product_key)
{
	int brand_length = VARSIZE_ANY_EXHDR(brand);
	int length = brand_length + VARSIZE_ANY_EXHDR(product_key);
	ProductKey key = {.brand_length = brand_length, .length = length};
	ProductCosts *found;
	CostStep *steps = NULL;
	int nsteps = 0;
	char *bytes;
	bool is_there;

	if (length > cache->scratch_size)
	{
		cache->scratch = repalloc(cache->scratch, length);
		cache->scratch_size = length;
	}
	memcpy(cache->scratch, VARDATA_ANY(brand), brand_length);
	memcpy(cache->scratch + brand_length, VARDATA_ANY(product_key), length - brand_length);
	key.bytes = cache->scratch;
	found = costs_lookup(cache->products, key);
	if (found != NULL)
		return found;

	/* as much memory as a hash join may have; then it begins anew */
	if (MemoryContextMemAllocated(cache->context, true) > get_hash_memory_limit())
		empty_cache(cache, GetActiveSnapshot());
	if (mo_access_may_see(brand))
		steps = read_steps(brand, product_key, cache->context, &nsteps);
	bytes = MemoryContextAlloc(cache->context, Max(length, 1));
	memcpy(bytes, VARDATA_ANY(brand), brand_length);
	memcpy(bytes + brand_length, VARDATA_ANY(product_key), length - brand_length);
	key.bytes = bytes;
	found = costs_insert(cache->products, key, &is_there);
	found->nsteps = nsteps;
	found->steps = steps;
	return found;
}

/*
 * momentum._unit_cost(brand, product_key, day, currency): the cost that holds
 * on the day, the one of the newest row that is not younger; NULL when there is
 * none, or it is in another currency, or the caller may not see the brand.
 */
Datum
mo_unit_cost(PG_FUNCTION_ARGS)
{
	text *brand = PG_GETARG_TEXT_PP(0);
	text *product_key = PG_GETARG_TEXT_PP(1);
	DateADT day = PG_GETARG_DATEADT(2);
	text *currency = PG_GETARG_TEXT_PP(3);
	ProductCosts *costs = get_costs(get_cache(fcinfo->flinfo), brand, product_key);
	const CostStep *step;
	int lo = 0; /* as many steps are not younger than the day, */
	int hi = costs->nsteps;

	while (lo < hi)
	{
		int middle = lo + (hi - lo) / 2;

		if (costs->steps[middle].from <= day)
			lo = middle + 1;
		else
			hi = middle;
	}
	if (lo == 0)
		PG_RETURN_NULL();
	step = &costs->steps[lo - 1];
	if (VARSIZE_ANY_EXHDR(step->currency) != VARSIZE_ANY_EXHDR(currency) ||
		memcmp(VARDATA_ANY(step->currency), VARDATA_ANY(currency), VARSIZE_ANY_EXHDR(currency)) !=
			0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(datumCopy(NumericGetDatum(step->cost), false, -1));
}
