/*-------------------------------------------------------------------------
 *
 * access.c
 *	  Who may do what with which brand: momentum.may_see(brand), may_work,
 *	  may_see_personal.
 *
 * Every reading view is a security barrier that filters by one of these.
 * Row security does not pass through the views of an owner, so the function
 * judges the caller itself: the outer user, who follows SET ROLE but not a
 * SECURITY DEFINER function in between, and the current user as well.  Only
 * what both may do is done: the server runs what belongs to others as their
 * owner while the outer user is whoever began it, be it a superuser who
 * refreshes a materialized view, an ANALYZE, or autovacuum.
 *
 * An owner of the model (a superuser, or whoever has the privileges of the
 * owner of schema momentum_state) may do everything with all brands.  Everybody
 * else may do what momentum_state.access grants to a role whose privileges
 * they have:
 *
 *			see		work	act		personal
 *	owner	yes		yes		yes		yes
 *	reader	yes		yes		no		if granted
 *	agent	no		yes		yes		of those who ask something
 *
 * "See" is figures, "work" is what is to be done, "act" is doing it.  Grants
 * add up, with one exception: an agent who is also a reader does not see in
 * the views of figures who all the customers are, because the inquiries of an
 * agent concern some of them only.
 *
 * The answer is read once per transaction and user, and again once a grant or
 * a membership has changed: whoever keeps a transaction open does not keep
 * what was taken away.  grant_access() and revoke_access() change the rights
 * on our schemas each time, so the catalog's invalidations tell of them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "access.h"

#define STATE_SCHEMA "momentum_state"
#define ALL_BRANDS "*"

/* What a grant allows: bits that add up. */
#define MAY_SEE 1
#define MAY_WORK 2
#define MAY_ACT 4
#define MAY_SEE_PERSONAL 8
#define MAY_OWN 16
#define MAY_ALL (MAY_SEE | MAY_WORK | MAY_ACT | MAY_SEE_PERSONAL | MAY_OWN)

typedef struct BrandRights
{
	char *brand;
	int rights;
} BrandRights;

/* What one user may do, until something changes or the transaction ends. */
typedef struct Sight
{
	struct Sight *next; /* of another user */
	Oid user;
	int everywhere; /* rights for all brands */
	int nbrands;
	BrandRights *brands; /* sorted, each once; lives in TopTransactionContext */
} Sight;

static Sight *sights = NULL; /* one or two, seldom more */
static bool callbacks_set = false;

PG_FUNCTION_INFO_V1(mo_may_see);
PG_FUNCTION_INFO_V1(mo_may_work);
PG_FUNCTION_INFO_V1(mo_may_act);
PG_FUNCTION_INFO_V1(mo_may_see_personal);
PG_FUNCTION_INFO_V1(mo_may_work_personal);
PG_FUNCTION_INFO_V1(mo_may_own);
PG_FUNCTION_INFO_V1(mo_agent_rights);

/*
 * End of transaction: the memory goes, so the answer goes.
 */
static void
forget_at_xact_end(XactEvent event, void *arg)
{
	sights = NULL;
}

/*
 * A subtransaction that is rolled back may have written the rows we read.
 */
static void
forget_at_subxact_abort(SubXactEvent event, SubTransactionId mine, SubTransactionId parent,
						void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		sights = NULL;
}

/*
 * Rights on a schema or a membership changed, here or elsewhere.  Whoever is
 * using a Sight goes on with it: its memory is the transaction's.
 */
static void
forget_at_change(Datum arg, int cacheid, uint32 hashvalue)
{
	sights = NULL;
}

static int
compare_brands(const void *a, const void *b)
{
	return strcmp(((const BrandRights *) a)->brand, ((const BrandRights *) b)->brand);
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

Oid
mo_access_relation_owner(Oid relation)
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
 * What a level allows.
 */
static int
rights_of(const char *level, bool personal)
{
	if (strcmp(level, "owner") == 0)
		return MAY_ALL;
	if (strcmp(level, "reader") == 0)
		return MAY_SEE | MAY_WORK | (personal ? MAY_SEE_PERSONAL : 0);
	if (strcmp(level, "agent") == 0)
		return MAY_WORK | MAY_ACT;
	return 0;
}

/*
 * Take over one row of momentum_state.access, if it speaks of the user.
 */
static void
look_at_grant(Sight *s, const char *role, const char *level, const char *brand, bool personal)
{
	/* a dump may be restored where the role does not exist */
	Oid role_oid = get_role_oid(role, true);

	if (!OidIsValid(role_oid) || !has_privs_of_role(s->user, role_oid))
		return;
	if (strcmp(brand, ALL_BRANDS) == 0)
		s->everywhere |= rights_of(level, personal);
	else
	{
		BrandRights *next = &s->brands[s->nbrands++];

		next->brand = MemoryContextStrdup(TopTransactionContext, brand);
		next->rights = rights_of(level, personal);
	}
}

/*
 * Sort the brands, and have each of them once with all its rights.
 */
static void
add_up(Sight *s)
{
	int last = 0;

	if (s->nbrands == 0)
		return;
	qsort(s->brands, s->nbrands, sizeof(BrandRights), compare_brands);
	for (int i = 1; i < s->nbrands; i++)
	{
		if (compare_brands(&s->brands[i], &s->brands[last]) == 0)
		{
			s->brands[last].rights |= s->brands[i].rights;
			pfree(s->brands[i].brand);
		}
		else
			s->brands[++last] = s->brands[i];
	}
	s->nbrands = last + 1;
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
	SetUserIdAndSecContext(mo_access_relation_owner(relation),
						   security | SECURITY_LOCAL_USERID_CHANGE |
							   SECURITY_RESTRICTED_OPERATION);
	SPI_connect();
	if (SPI_execute("SELECT role, level, brand, personal FROM " STATE_SCHEMA ".access", true, 0) !=
		SPI_OK_SELECT)
		elog(ERROR, "could not read " STATE_SCHEMA ".access");

	s->brands = MemoryContextAlloc(TopTransactionContext,
								   sizeof(BrandRights) * Max(SPI_processed, 1));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple tuple = SPI_tuptable->vals[i];
		TupleDesc desc = SPI_tuptable->tupdesc;
		char *role = SPI_getvalue(tuple, desc, 1);
		char *level = SPI_getvalue(tuple, desc, 2);
		char *brand = SPI_getvalue(tuple, desc, 3);
		bool is_null;
		Datum personal = SPI_getbinval(tuple, desc, 4, &is_null);

		if (role != NULL && level != NULL && brand != NULL)
			look_at_grant(s, role, level, brand, !is_null && DatumGetBool(personal));
	}
	SPI_finish();
	SetUserIdAndSecContext(caller, security);
	add_up(s);
}

/*
 * What "user" may do.  Raises if momentum.setup() has not been run.
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
		s->everywhere = MAY_ALL;
	else
		read_grants(s, relation);
	return s;
}

bool
mo_access_is_owner(Oid user)
{
	Oid schema = get_namespace_oid(STATE_SCHEMA, true);
	Sight *s;
	bool is_owner;

	if (!OidIsValid(schema) || !OidIsValid(get_relname_relid("access", schema)))
		return false;
	s = look_around(user);
	is_owner = (s->everywhere & MAY_OWN) != 0;
	/* a transaction may ask a million times */
	for (int i = 0; i < s->nbrands; i++)
		pfree(s->brands[i].brand);
	if (s->brands != NULL)
		pfree(s->brands);
	pfree(s);
	return is_owner;
}

/*
 * What "user" may do.  Reads the grants when this transaction has not.
 */
static Sight *
sight_of(Oid user)
{
	Sight *s;

	if (!callbacks_set)
	{
		RegisterXactCallback(forget_at_xact_end, NULL);
		RegisterSubXactCallback(forget_at_subxact_abort, NULL);
		CacheRegisterSyscacheCallback(NAMESPACEOID, forget_at_change, (Datum) 0);
		CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, forget_at_change, (Datum) 0);
		callbacks_set = true;
	}
	for (s = sights; s != NULL; s = s->next)
	{
		if (s->user == user)
			return s;
	}
	s = look_around(user);
	s->next = sights;
	sights = s;
	return s;
}

/*
 * What the caller may do with all brands.
 */
static int
rights_everywhere(void)
{
	Oid outer = GetOuterUserId();
	Oid current = GetUserId();
	int rights = sight_of(outer)->everywhere;

	return outer == current ? rights : rights & sight_of(current)->everywhere;
}

/*
 * What "user" may do with one brand.
 */
static int
rights_of_user(Oid user, const char *brand)
{
	Sight *s = sight_of(user);
	int rights = s->everywhere;

	if (rights != MAY_ALL && s->nbrands > 0)
	{
		BrandRights key = {.brand = (char *) brand};
		BrandRights *found =
			bsearch(&key, s->brands, s->nbrands, sizeof(BrandRights), compare_brands);

		if (found != NULL)
			rights |= found->rights;
	}
	return rights;
}

/*
 * What the caller may do with one brand.
 */
static int
rights_for_name(const char *brand)
{
	Oid outer = GetOuterUserId();
	Oid current = GetUserId();
	int rights = rights_of_user(outer, brand);

	return outer == current ? rights : rights & rights_of_user(current, brand);
}

static int
rights_for(const text *brand)
{
	int rights = rights_everywhere();

	if (rights != MAY_ALL)
	{
		char *name = text_to_cstring(brand);

		rights = rights_for_name(name);
		pfree(name);
	}
	return rights;
}

bool
mo_access_may_see(const text *brand)
{
	return (rights_for(brand) & MAY_SEE) != 0;
}

/*
 * may_see(brand): true if the caller may see the figures of this brand.
 */
Datum
mo_may_see(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(mo_access_may_see(PG_GETARG_TEXT_PP(0)));
}

/*
 * may_work(brand): true if the caller may see what is to be done for it.
 */
Datum
mo_may_work(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL((rights_for(PG_GETARG_TEXT_PP(0)) & MAY_WORK) != 0);
}

/*
 * _may_act(brand): true if the caller may do it.
 */
Datum
mo_may_act(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL((rights_for(PG_GETARG_TEXT_PP(0)) & MAY_ACT) != 0);
}

/*
 * may_see_personal(brand): true if the caller may see who the customers of
 * this brand are.
 */
Datum
mo_may_see_personal(PG_FUNCTION_ARGS)
{
	int rights = rights_for(PG_GETARG_TEXT_PP(0));

	PG_RETURN_BOOL((rights & MAY_SEE_PERSONAL) != 0 ||
				   ((rights & MAY_ACT) != 0 && (rights & MAY_SEE) == 0));
}

/*
 * may_work_personal(brand): true if the caller may see who asks something.
 */
Datum
mo_may_work_personal(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL((rights_for(PG_GETARG_TEXT_PP(0)) & (MAY_SEE_PERSONAL | MAY_ACT)) != 0);
}

/*
 * _may_own(): true if the caller is of the owner level.
 */
Datum
mo_may_own(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL((rights_everywhere() & MAY_OWN) != 0);
}

/*
 * Add those of "of" whose work the caller does to brands[n]; returns how many
 * there are then.
 */
static int
add_agent_brands(const Sight *of, Datum *brands, int n)
{
	for (int i = 0; i < of->nbrands; i++)
	{
		if ((rights_for_name(of->brands[i].brand) & MAY_ACT) != 0)
			brands[n++] = CStringGetTextDatum(of->brands[i].brand);
	}
	return n;
}

/*
 * _agent_rights(): the brands whose work the caller does without being an
 * owner, "*" among them for all brands.  Empty for owners and readers.
 */
Datum
mo_agent_rights(PG_FUNCTION_ARGS)
{
	int rights = rights_everywhere();
	Sight *outer = sight_of(GetOuterUserId());
	Sight *current = sight_of(GetUserId());
	Datum *brands = palloc(sizeof(Datum) * (outer->nbrands + current->nbrands + 1));
	int n = 0;

	if ((rights & MAY_OWN) == 0)
	{
		if ((rights & MAY_ACT) != 0)
			brands[n++] = CStringGetTextDatum(ALL_BRANDS);
		n = add_agent_brands(outer, brands, n);
		if (current != outer)
			n = add_agent_brands(current, brands, n);
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(brands, n, TEXTOID, -1, false, TYPALIGN_INT));
}
