/*-------------------------------------------------------------------------
 *
 * statistics.c
 *	  What the planner's statistics remember of persons.
 *
 * ANALYZE keeps the commonest values of a column and the bounds of its
 * histogram, addresses among them.  Of a table, or of a partial index, without
 * rows it changes nothing: there the values of those who were erased would
 * stay for good, and autovacuum never analyzes a foreign table.  So what is
 * known is thrown away; whoever calls has the table analyzed anew.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/xact.h"
#include "catalog/heap.h"
#include "catalog/pg_class.h"
#include "fmgr.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"

PG_FUNCTION_INFO_V1(mo_forget_statistics);

/* Is it a table of the hub or of the engine room, or a foreign one? */
static bool
is_ours(Relation relation)
{
	const char *schema = get_namespace_name(RelationGetNamespace(relation));

	switch (relation->rd_rel->relkind)
	{
		case RELKIND_FOREIGN_TABLE:
			return true;
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
		case RELKIND_MATVIEW:
			return schema != NULL &&
				   (strcmp(schema, "hub") == 0 || strcmp(schema, "momentum_state") == 0);
		default:
			return false;
	}
}

/*
 * momentum._forget_statistics(table): throws away the statistics of a table
 * and of its indexes.  Waits for an ANALYZE that is under way, and keeps
 * others off until the end of the transaction.
 */
Datum
mo_forget_statistics(PG_FUNCTION_ARGS)
{
	Relation relation = relation_open(PG_GETARG_OID(0), ShareUpdateExclusiveLock);
	List *indexes;
	ListCell *lc;

	if (!is_ours(relation))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is no table of the hub", RelationGetRelationName(relation))));
	RemoveStatistics(RelationGetRelid(relation), 0);
	indexes = RelationGetIndexList(relation);
	foreach (lc, indexes)
		RemoveStatistics(lfirst_oid(lc), 0);
	list_free(indexes);
	relation_close(relation, NoLock);
	CommandCounterIncrement();
	PG_RETURN_VOID();
}
