/*-------------------------------------------------------------------------
 *
 * admin.c
 *	  The secret store in SQL.
 *
 * An error must not carry a secret into the server log, neither by the
 * statement that is logged with it nor by COPY's context, which quotes the
 * line.  So whatever is raised while one is stored hides both from the log;
 * the client, who has typed them, sees them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "secret/secret.h"
#include "secret/store.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "audit.h"

PG_FUNCTION_INFO_V1(mo_set_secret);
PG_FUNCTION_INFO_V1(mo_drop_secret);
PG_FUNCTION_INFO_V1(mo_grant_secret);
PG_FUNCTION_INFO_V1(mo_revoke_secret);
PG_FUNCTION_INFO_V1(mo_bind_secret);
PG_FUNCTION_INFO_V1(mo_set_secret_expiry);
PG_FUNCTION_INFO_V1(mo_reseal_secrets);
PG_FUNCTION_INFO_V1(mo_secret_names);
PG_FUNCTION_INFO_V1(mo_secret_entry_insert);

/*
 * Splits "name=value" (if there is no name) and stores.  NULL is an error.
 */
static void
store_entry(const char *name, char *value)
{
	if (value == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the value of a secret must not be null")));
	if (name == NULL)
	{
		name = strsep(&value, "=");
		if (value == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a secret must be given as name=value")));
	}
	mo_audit_pairs("set_secret", "secret", name, NULL, NULL);
	mo_secret_put(name, value);
}

/*
 * store_entry, with every error kept out of the log but for its own words.
 */
static void
store_quietly(const char *name, char *value)
{
	MemoryContext context = CurrentMemoryContext;
	size_t len = value == NULL ? 0 : strlen(value);

	PG_TRY();
	{
		store_entry(name, value);
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		error->hide_stmt = true;
		error->hide_ctx = true;
		ReThrowError(error);
	}
	PG_END_TRY();
	if (value != NULL)
		explicit_bzero(value, len);
}

static char *
text_arg(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(n));
}

/*
 * momentum.set_secret(name, value)
 */
Datum
mo_set_secret(PG_FUNCTION_ARGS)
{
	char *name = text_arg(fcinfo, 0);

	store_quietly(name == NULL ? "" : name, text_arg(fcinfo, 1));
	ereport(WARNING,
			(errmsg("the statement with this secret may be in the server log"),
			 errhint("The quiet way is \\copy momentum.secret_entry (value) from pstdin "
					 "with (format csv, delimiter E'\\x01', quote E'\\x02')."),
			 errhidestmt(true),
			 errhidecontext(true)));
	PG_RETURN_VOID();
}

/*
 * momentum.drop_secret(name): was there one?
 */
Datum
mo_drop_secret(PG_FUNCTION_ARGS)
{
	char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));

	mo_audit_pairs("drop_secret", "secret", name, NULL, NULL);
	PG_RETURN_BOOL(mo_secret_drop(name));
}

/*
 * momentum.grant_secret(name, role), momentum.revoke_secret(name, role)
 */
static Datum
change_users(FunctionCallInfo fcinfo, bool grant)
{
	char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char *role = NameStr(*PG_GETARG_NAME(1));

	if (grant)
		(void) get_role_oid(role, false);
	mo_audit_pairs(grant ? "grant_secret" : "revoke_secret", "secret", name, "role", role);
	if (!mo_secret_grant(name, role, grant) && !grant)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("the secret was not granted to role \"%s\"", role)));
	PG_RETURN_VOID();
}

Datum
mo_grant_secret(PG_FUNCTION_ARGS)
{
	return change_users(fcinfo, true);
}

Datum
mo_revoke_secret(PG_FUNCTION_ARGS)
{
	return change_users(fcinfo, false);
}

/*
 * Is this a host, or "*.domain"?
 */
static bool
is_host(const char *text)
{
	size_t len;

	if (strncmp(text, "*.", 2) == 0)
		text += 2;
	len = strlen(text);
	return len > 0 && len <= 253 && text[0] != '.' && text[len - 1] != '.' &&
		   strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == len;
}

/*
 * momentum.bind_secret(name, hosts): no hosts = those of the connector
 */
Datum
mo_bind_secret(PG_FUNCTION_ARGS)
{
	char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	StringInfoData told;
	List *hosts = NIL;
	Datum *elements;
	bool *nulls;
	int n;

	initStringInfo(&told);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false, TYPALIGN_INT, &elements,
					  &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		char *host = nulls[i] ? "" : TextDatumGetCString(elements[i]);

		if (!is_host(host))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid host \"%s\"", host),
					 errdetail("It has to be a host name, or *.domain for any name below it.")));
		hosts = lappend(hosts, host);
		appendStringInfo(&told, "%s%s", i == 0 ? "" : " ", host);
	}
	mo_audit_pairs("bind_secret", "secret", name, "hosts", told.data);
	mo_secret_bind(name, hosts);
	PG_RETURN_VOID();
}

/*
 * momentum.set_secret_expiry(name, expires): NULL = it has none that is known
 */
Datum
mo_set_secret_expiry(PG_FUNCTION_ARGS)
{
	int64 expires = 0;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the name of a secret must not be null")));
	if (!PG_ARGISNULL(1))
	{
		TimestampTz at = PG_GETARG_TIMESTAMPTZ(1);

		if (TIMESTAMP_NOT_FINITE(at) || timestamptz_to_time_t(at) <= 0)
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("the expiry of a secret has to be a time after 1970")));
		expires = timestamptz_to_time_t(at);
	}
	mo_secret_set_expiry(text_to_cstring(PG_GETARG_TEXT_PP(0)), expires);
	PG_RETURN_VOID();
}

/*
 * momentum.reseal_secrets(old_key_file): how many were under the old key?
 * It reads a file of the server's, so it is for superusers, whatever is granted.
 */
Datum
mo_reseal_secrets(PG_FUNCTION_ARGS)
{
	if (!superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be superuser to seal secrets under another key")));
	mo_audit_pairs("reseal_secrets", NULL, NULL, NULL, NULL);
	PG_RETURN_INT64(mo_secret_reseal(text_to_cstring(PG_GETARG_TEXT_PP(0))));
}

/*
 * A list of char * as text[].
 */
static Datum
text_array(List *list)
{
	Datum *elements = palloc(sizeof(Datum) * Max(list_length(list), 1));
	int n = 0;
	ListCell *lc;

	foreach (lc, list)
		elements[n++] = CStringGetTextDatum(lfirst(lc));
	return PointerGetDatum(construct_array(elements, n, TEXTOID, -1, false, TYPALIGN_INT));
}

/*
 * momentum.secret_names(): those that the caller may use
 */
Datum
mo_secret_names(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach (lc, mo_secret_list())
	{
		const SecretFile *f = lfirst(lc);
		Datum values[6] = {0};
		bool nulls[6] = {false};

		if (!superuser() &&
			(f->owner == NULL || !mo_secret_is_user(GetUserId(), f->owner, f->users)))
			continue;
		values[0] = CStringGetTextDatum(f->name);
		values[1] = TimestampTzGetDatum(f->changed);
		nulls[2] = f->owner == NULL;
		if (!nulls[2])
			values[2] = CStringGetTextDatum(f->owner);
		values[3] = text_array(f->users);
		values[4] = text_array(f->hosts);
		nulls[5] = f->expires == 0;
		values[5] = TimestampTzGetDatum(time_t_to_timestamptz((pg_time_t) f->expires));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * Are the columns those of our view?  Who may call the function can make it
 * the trigger of a view of his own, with columns of any type.
 */
static bool
is_entry(TupleDesc desc)
{
	return desc->natts == 2 && TupleDescAttr(desc, 0)->atttypid == TEXTOID &&
		   TupleDescAttr(desc, 1)->atttypid == TEXTOID;
}

/*
 * A text attribute of a row, palloc'd, or NULL.
 */
static char *
text_attribute(HeapTuple row, TupleDesc desc, int number)
{
	bool isnull;
	Datum value = heap_getattr(row, number, desc, &isnull);

	return isnull ? NULL : TextDatumGetCString(value);
}

/*
 * Trigger INSTEAD OF INSERT of the view momentum.secret_entry (name, value).
 */
Datum
mo_secret_entry_insert(PG_FUNCTION_ARGS)
{
	TriggerData *data = (TriggerData *) fcinfo->context;
	TupleDesc desc;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BY_INSERT(data->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(data->tg_event) || !TRIGGER_FIRED_INSTEAD(data->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("mo_secret_entry_insert is a trigger INSTEAD OF INSERT")));
	desc = RelationGetDescr(data->tg_relation);
	if (!is_entry(desc))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("mo_secret_entry_insert is for views of two columns of type text")));
	store_quietly(text_attribute(data->tg_trigtuple, desc, 1),
				  text_attribute(data->tg_trigtuple, desc, 2));
	return PointerGetDatum(data->tg_trigtuple);
}
