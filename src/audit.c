/*-------------------------------------------------------------------------
 *
 * audit.c
 *	  The only way into momentum_state.audit.
 *
 * Nobody but the owner of the table has the right to write it, so the row is
 * written as that owner, whoever calls; and because the owner of a table may
 * hang code of its own on it, in a restricted operation that cannot reach
 * back for the caller's rights.  Who it was is not an argument: it is the
 * session user, and the outer user that SET ROLE made of it.
 *
 * A row written before an ERROR rolls back with it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"

#include "access.h"
#include "audit.h"

#define NARGS 5

PG_FUNCTION_INFO_V1(mo_audit_sql);

/*
 * The table, or InvalidOid.
 */
static Oid
audit_table(void)
{
	Oid schema = get_namespace_oid("momentum_state", true);

	return OidIsValid(schema) ? get_relname_relid("audit", schema) : InvalidOid;
}

/*
 * Write one row, as the owner of the table.  No operator is called, and every
 * name is qualified, so the caller's search path cannot matter.
 */
static void
write_row(Oid relation, const char *brand, const char *action, const char *detail)
{
	static const char *const insert =
		"INSERT INTO momentum_state.audit (brand, who, as_role, action, detail)"
		" VALUES ($1, $2, $3, $4, $5::pg_catalog.jsonb)";
	Oid types[NARGS] = {TEXTOID, NAMEOID, NAMEOID, TEXTOID, TEXTOID};
	Datum values[NARGS] = {0};
	char nulls[NARGS + 1] = "     ";
	NameData who, as_role;
	Oid caller;
	int security;

	namestrcpy(&who, GetUserNameFromId(GetSessionUserId(), false));
	namestrcpy(&as_role, GetUserNameFromId(GetOuterUserId(), false));
	if (brand == NULL)
		nulls[0] = 'n';
	else
		values[0] = CStringGetTextDatum(brand);
	values[1] = NameGetDatum(&who);
	values[2] = NameGetDatum(&as_role);
	values[3] = CStringGetTextDatum(action);
	values[4] = CStringGetTextDatum(detail);

	GetUserIdAndSecContext(&caller, &security);
	SetUserIdAndSecContext(mo_access_relation_owner(relation),
						   security | SECURITY_LOCAL_USERID_CHANGE |
							   SECURITY_RESTRICTED_OPERATION);
	SPI_connect();
	if (SPI_execute_with_args(insert, NARGS, types, values, nulls, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not write momentum_state.audit");
	SPI_finish();
	SetUserIdAndSecContext(caller, security);
}

void
mo_audit(const char *brand, const char *action, const char *detail)
{
	Oid relation;

	if (RecoveryInProgress())
		return;
	relation = audit_table();
	if (OidIsValid(relation))
		write_row(relation, brand, action, detail);
}

/*
 * Append "key": "value" to an object that has been begun.
 */
static void
append_pair(StringInfo object, const char *key, const char *value)
{
	if (value == NULL)
		return;
	if (object->len > 1)
		appendStringInfoChar(object, ',');
	escape_json(object, key);
	appendStringInfoChar(object, ':');
	escape_json(object, value);
}

void
mo_audit_pairs(const char *action, const char *key1, const char *value1, const char *key2,
			   const char *value2)
{
	StringInfoData object;

	initStringInfo(&object);
	appendStringInfoChar(&object, '{');
	append_pair(&object, key1, value1);
	append_pair(&object, key2, value2);
	appendStringInfoChar(&object, '}');
	mo_audit(NULL, action, object.data);
}

/*
 * momentum._audit(brand, action, detail): for functions of ours, which run as
 * an owner: one by level, or the model's own in a function that is SECURITY
 * DEFINER.
 */
Datum
mo_audit_sql(PG_FUNCTION_ARGS)
{
	Oid relation = audit_table();
	Jsonb *detail;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the audit needs an action and its detail")));
	if (!OidIsValid(relation))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"momentum_state.audit\" does not exist"),
				 errhint("Run SELECT momentum.setup() first.")));
	if (!mo_access_is_owner(GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\" may not write the audit",
						GetUserNameFromId(GetUserId(), false)),
				 errdetail("It is written by the functions that change something.")));
	detail = PG_GETARG_JSONB_P(2);
	write_row(relation, PG_ARGISNULL(0) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(0)),
			  text_to_cstring(PG_GETARG_TEXT_PP(1)),
			  JsonbToCString(NULL, &detail->root, VARSIZE(detail)));
	PG_RETURN_VOID();
}
