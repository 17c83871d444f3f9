/*-------------------------------------------------------------------------
 *
 * compat.h
 *	  Differences between PostgreSQL 15 and 18, each with its reason.
 *
 * The rest of the code has no #if PG_VERSION_NUM.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_COMPAT_H
#define MOMENTUM_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "momentum needs PostgreSQL 15 or later"
#endif

#include "utils/wait_event.h"

/* 16 took what is inside a varlena out of postgres.h */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 18 has pg_noreturn, which stands in front */
#if PG_VERSION_NUM >= 180000
#define pg_attribute_noreturn() __attribute__((noreturn))
#endif

/* 16 moved the user of a view's scan from the range table to the plan node */
#if PG_VERSION_NUM >= 160000
#define mo_scan_user(node) (((ForeignScan *) (node)->ss.ps.plan)->checkAsUser)
#else
#define mo_scan_user(node) \
	(exec_rt_fetch(((Scan *) (node)->ss.ps.plan)->scanrelid, (node)->ss.ps.state)->checkAsUser)
#endif

/* 17 gave the path its restriction list, 18 the count of disabled nodes */
#if PG_VERSION_NUM >= 180000
#define mo_foreignscan_path(root, rel, rows, startup, total, pathkeys, outer, private)            \
	create_foreignscan_path(root, rel, NULL, rows, 0, startup, total, pathkeys, outer, NULL, NIL, \
							private)
#elif PG_VERSION_NUM >= 170000
#define mo_foreignscan_path(root, rel, rows, startup, total, pathkeys, outer, private)         \
	create_foreignscan_path(root, rel, NULL, rows, startup, total, pathkeys, outer, NULL, NIL, \
							private)
#else
#define mo_foreignscan_path(root, rel, rows, startup, total, pathkeys, outer, private) \
	create_foreignscan_path(root, rel, NULL, rows, startup, total, pathkeys, outer, NULL, private)
#endif

/* 18 made the strategy of a sort key a comparison of its own kind */
#if PG_VERSION_NUM >= 180000
#define mo_pathkey_descends(key) ((key)->pk_cmptype == COMPARE_GT)
#else
#define mo_pathkey_descends(key) ((key)->pk_strategy == BTGreaterStrategyNumber)
#endif

/* 16 drops what need not be grouped by */
#if PG_VERSION_NUM >= 160000
#define mo_group_clause(root) ((root)->processed_groupClause)
#else
#define mo_group_clause(root) ((root)->parse->groupClause)
#endif

/* 16 marks the columns that an outer join may set to NULL */
#define MO_MARKS_NULLED_COLUMNS (PG_VERSION_NUM >= 160000)

/* 18 split the EXPLAIN headers */
#if PG_VERSION_NUM >= 180000
#define MO_EXPLAIN_HEADERS "commands/explain_format.h"
#define MO_EXPLAIN_STATE_HEADER "commands/explain_state.h"
#else
#define MO_EXPLAIN_HEADERS "commands/explain.h"
#define MO_EXPLAIN_STATE_HEADER "commands/explain.h"
#endif

/* 18 asks the locale whether it orders by bytes */
#if PG_VERSION_NUM >= 180000
#define mo_orders_by_bytes(collation) (pg_newlocale_from_collation(collation)->collate_is_c)
#else
#define mo_orders_by_bytes(collation) lc_collate_is_c(collation)
#endif

/* 18 encodes unsigned bytes */
#define mo_b64_encode(bytes, len, text, room) \
	pg_b64_encode((const void *) (bytes), len, text, room)

/* 16 has one check for all kinds of objects */
#if PG_VERSION_NUM >= 160000
#define mo_server_aclcheck(server, user, mode) \
	object_aclcheck(ForeignServerRelationId, server, user, mode)
#else
#define mo_server_aclcheck(server, user, mode) pg_foreign_server_aclcheck(server, user, mode)
#endif

/* 17 lets extensions name their wait events; before, all are "Extension" */
#if PG_VERSION_NUM >= 170000
#define mo_wait_event_new(name) WaitEventExtensionNew(name)
#else
#define mo_wait_event_new(name) PG_WAIT_EXTENSION
#endif

#endif /* MOMENTUM_COMPAT_H */
