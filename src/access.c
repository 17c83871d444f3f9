/*-------------------------------------------------------------------------
 *
 * access.c
 *	  Who may see which brand: momentum.may_see(brand).
 *
 * Every reading view is a security barrier that filters by this function.
 * Row security does not pass through the views of an owner, so the function
 * judges the caller itself: the outer user, who follows SET ROLE but not a
 * SECURITY DEFINER function in between.
 *
 * An owner of the model (a superuser, or whoever has the privileges of the
 * owner of schema momentum_state) sees all brands.  Everybody else sees what
 * momentum_state.access grants to a role whose privileges they have, at a
 * level that reads these views: "owner" and "reader".  An "agent" works on
 * inquiries and sees no figures.
 *
 * The answer is read once per transaction and user: a grant shows from the
 * next transaction on.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "access.h"

#define STATE_SCHEMA "momentum_state"
#define ALL_BRANDS "*"

/* What one user may see, for the rest of the transaction. */
typedef struct Sight
{
	Oid user;
	bool all;
	bool owner; /* may work on everything, not just see it */
	int nbrands;
	char **brands; /* sorted; lives in TopTransactionContext */
} Sight;

static Sight *sight = NULL;
static bool callbacks_set = false;

PG_FUNCTION_INFO_V1(mo_may_see);

/*
 * End of transaction: the memory goes, so the answer goes.
 */
static void
forget_at_xact_end(XactEvent event, void *arg)
{
	sight = NULL;
}

/*
 * A subtransaction that is rolled back may have written the rows we read.
 */
static void
forget_at_subxact_abort(SubXactEvent event, SubTransactionId mine, SubTransactionId parent,
						void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		sight = NULL;
}

static int
compare_brands(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

/*
 * The owner of a schema, or InvalidOid.
 */
static Oid
schema_owner(Oid schema)
{
	HeapTuple tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
	Oid owner = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
		ReleaseSysCache(tuple);
	}
	return owner;
}

/*
 * The owner of a relation, or InvalidOid.
 */
static Oid
relation_owner(Oid relation)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Oid owner = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
		ReleaseSysCache(tuple);
	}
	return owner;
}

/*
 * Take over one row of momentum_state.access, if it speaks of the user.
 */
static void
look_at_grant(Sight *s, const char *role, const char *level, const char *brand)
{
	Oid role_oid;

	if (strcmp(level, "owner") != 0 && strcmp(level, "reader") != 0)
		return;
	/* a dump may be restored where the role does not exist */
	role_oid = get_role_oid(role, true);
	if (!OidIsValid(role_oid) || !has_privs_of_role(s->user, role_oid))
		return;
	if (strcmp(level, "owner") == 0)
		s->owner = true;
	if (strcmp(brand, ALL_BRANDS) == 0)
		s->all = true;
	else
		s->brands[s->nbrands++] = MemoryContextStrdup(TopTransactionContext, brand);
}

/*
 * Read the grants, as the owner of their table: readers have no right to
 * look into momentum_state.  No operator or function is called in the query,
 * so the caller's search path cannot matter.
 */
static void
read_grants(Sight *s, Oid relation)
{
	Oid caller;
	int security;

	GetUserIdAndSecContext(&caller, &security);
	SetUserIdAndSecContext(relation_owner(relation), security | SECURITY_LOCAL_USERID_CHANGE);
	SPI_connect();
	if (SPI_execute("SELECT role, level, brand FROM " STATE_SCHEMA ".access", true, 0) !=
		SPI_OK_SELECT)
		elog(ERROR, "could not read " STATE_SCHEMA ".access");

	s->brands = MemoryContextAlloc(TopTransactionContext,
								   sizeof(char *) * Max(SPI_processed, 1));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple tuple = SPI_tuptable->vals[i];
		TupleDesc desc = SPI_tuptable->tupdesc;
		char *role = SPI_getvalue(tuple, desc, 1);
		char *level = SPI_getvalue(tuple, desc, 2);
		char *brand = SPI_getvalue(tuple, desc, 3);

		if (role != NULL && level != NULL && brand != NULL)
			look_at_grant(s, role, level, brand);
	}
	SPI_finish();
	SetUserIdAndSecContext(caller, security);
	qsort(s->brands, s->nbrands, sizeof(char *), compare_brands);
}

/*
 * What "user" may see.  Raises if momentum.setup() has not been run.
 */
static Sight *
look_around(Oid user)
{
	Oid schema = get_namespace_oid(STATE_SCHEMA, true);
	Oid relation = OidIsValid(schema) ? get_relname_relid("access", schema) : InvalidOid;
	Sight *s;

	if (!OidIsValid(relation))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s.access\" does not exist", STATE_SCHEMA),
				 errhint("Run SELECT momentum.setup() first.")));
	s = MemoryContextAllocZero(TopTransactionContext, sizeof(Sight));
	s->user = user;
	if (has_privs_of_role(user, schema_owner(schema)))
		s->all = s->owner = true;
	else
		read_grants(s, relation);
	return s;
}

bool
mo_access_is_owner(Oid user)
{
	Oid schema = get_namespace_oid(STATE_SCHEMA, true);

	return OidIsValid(schema) && OidIsValid(get_relname_relid("access", schema)) &&
		   look_around(user)->owner;
}

/*
 * may_see(brand): true if the caller may see the figures of this brand.
 */
Datum
mo_may_see(PG_FUNCTION_ARGS)
{
	Oid user = GetOuterUserId();
	char *brand;
	bool seen;

	if (!callbacks_set)
	{
		RegisterXactCallback(forget_at_xact_end, NULL);
		RegisterSubXactCallback(forget_at_subxact_abort, NULL);
		callbacks_set = true;
	}
	if (sight == NULL || sight->user != user)
		sight = look_around(user);
	if (sight->all)
		PG_RETURN_BOOL(true);

	brand = text_to_cstring(PG_GETARG_TEXT_PP(0));
	seen = bsearch(&brand, sight->brands, sight->nbrands, sizeof(char *), compare_brands) != NULL;
	pfree(brand);
	PG_RETURN_BOOL(seen);
}
