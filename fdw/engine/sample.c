/*-------------------------------------------------------------------------
 *
 * sample.c
 *	  IMPORT FOREIGN SCHEMA of a table that its options describe: the columns
 *	  are learned from a few records.
 *
 * What is learned is what those records show: a field none of them has gets no
 * column, and a type is only taken where every value is of it.  Numbers are
 * numeric, for the next one may have decimals; what is null in all of them, or
 * now this and now that, is jsonb.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "commands/defrem.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "engine/engine.h"

#define SAMPLE_RECORDS 100
#define SAMPLE_FIELDS 400 /* of a record, with those of the objects in it */
#define SAMPLE_DEPTH 3    /* names in a path; what lies deeper is jsonb */

/* What the values of a field have been */
#define SEEN_BOOLEAN 1
#define SEEN_NUMBER 2
#define SEEN_INSTANT 4
#define SEEN_DAY 8
#define SEEN_TEXT 16
#define SEEN_LIST 32
#define SEEN_OBJECT 64
#define SEEN_DEEP 128 /* an object that is not looked into */

typedef struct Field
{
	char *path;
	int seen;
} Field;

/* A name as part of a path */
static char *
escaped(const char *name)
{
	StringInfoData out;

	initStringInfo(&out);
	for (; *name != '\0'; name++)
	{
		if (strchr(".[\\", *name) != NULL)
			appendStringInfoChar(&out, '\\');
		appendStringInfoChar(&out, *name);
	}
	return out.data;
}

/* Does the text look like "dddd-dd-dd" ('d' a digit), at least at its start? */
static bool
looks_like(const char *text, const char *shape)
{
	for (; *shape != '\0'; shape++, text++)
	{
		if (*shape == 'd' ? !isdigit((unsigned char) *text) : *shape != *text)
			return false;
	}
	return true;
}

static int
kind_of_text(const char *text, size_t len)
{
	if (len == strlen("2026-01-31") && looks_like(text, "dddd-dd-dd"))
		return SEEN_DAY;
	if (len < strlen("2026-01-31T00:00:00Z") || len > 40 ||
		!looks_like(text, "dddd-dd-ddTdd:dd:dd"))
		return SEEN_TEXT;
	/* without its zone it would be taken for one of the session's */
	text += strlen("2026-01-31T00:00:00");
	if (*text == '.')
		text += 1 + strspn(text + 1, "0123456789");
	return strcmp(text, "Z") == 0 || looks_like(text, "+dd:dd") || looks_like(text, "-dd:dd")
			   ? SEEN_INSTANT
			   : SEEN_TEXT;
}

static int
kind_of(JsonValue *value, int depth)
{
	bool is;
	size_t len;
	const char *text;

	if (value == NULL)
		return 0;
	if (mo_json_is_object(value))
		return depth < SAMPLE_DEPTH ? SEEN_OBJECT : SEEN_DEEP;
	if (mo_json_is_array(value))
		return SEEN_LIST;
	if (mo_json_is_bool(value, &is))
		return SEEN_BOOLEAN;
	text = mo_json_text(value, &len);
	if (mo_json_is_string(value))
		return len == 0 ? 0 : kind_of_text(text, len);
	return SEEN_NUMBER;
}

static Field *
find_field(List **fields, const char *path)
{
	ListCell *lc;
	Field *field;

	foreach (lc, *fields)
	{
		field = lfirst(lc);
		if (strcmp(field->path, path) == 0)
			return field;
	}
	field = palloc0(sizeof(Field));
	field->path = pstrdup(path);
	*fields = lappend(*fields, field);
	return field;
}

/* Look at the members of an object; "prefix" is "" or ends in a dot. */
static void
look_at(List **fields, JsonValue *object, const char *prefix, int depth)
{
	const char *keys[SAMPLE_FIELDS];
	size_t n = mo_json_keys(object, keys, lengthof(keys));

	for (size_t i = 0; i < n; i++)
	{
		char *path;
		JsonValue *value = mo_json_member(object, keys[i]);
		int kind = kind_of(value, depth);

		/* what cannot be written as a path is no column */
		if (keys[i][0] == '\0' || strpbrk(keys[i], "{}^") != NULL || strlen(keys[i]) > 200)
			continue;
		path = psprintf("%s%s", prefix, escaped(keys[i]));
		find_field(fields, path)->seen |= kind;
		if (list_length(*fields) > SAMPLE_FIELDS)
			ereport(ERROR, (errcode(ERRCODE_TOO_MANY_COLUMNS),
							errmsg("the records have more than %d fields", SAMPLE_FIELDS),
							errhint("Create the foreign table with those you need.")));
		if (kind == SEEN_OBJECT)
			look_at(fields, value, psprintf("%s.", path), depth + 1);
	}
}

static const char *
type_of(int seen)
{
	switch (seen)
	{
		case SEEN_BOOLEAN:
			return "boolean";
		case SEEN_NUMBER:
			return "numeric";
		case SEEN_INSTANT:
			return "timestamp with time zone";
		case SEEN_DAY:
			return "date";
		case SEEN_TEXT:
		case SEEN_TEXT | SEEN_INSTANT:
		case SEEN_TEXT | SEEN_DAY:
		case SEEN_INSTANT | SEEN_DAY:
		case SEEN_TEXT | SEEN_INSTANT | SEEN_DAY:
			return "text";
		default:
			return "jsonb";
	}
}

/* Has the field become columns of its own members? */
static bool
is_opened(const Field *field)
{
	return field->seen == SEEN_OBJECT;
}

/* Is the field within one that is a jsonb column as a whole? */
static bool
is_within_other(List *fields, const Field *field)
{
	ListCell *lc;

	foreach (lc, fields)
	{
		const Field *other = lfirst(lc);
		size_t len = strlen(other->path);

		if ((other->seen & SEEN_OBJECT) && !is_opened(other) &&
			strncmp(field->path, other->path, len) == 0 && field->path[len] == '.')
			return true;
	}
	return false;
}

/* A column's name for a path: "customer.firstName" is customer_first_name. */
static char *
column_name(const char *path, List *taken)
{
	StringInfoData out;
	char *name;

	initStringInfo(&out);
	for (const char *p = path; *p != '\0'; p++)
	{
		bool begins = isupper((unsigned char) *p) && p > path &&
					  (islower((unsigned char) p[-1]) || isdigit((unsigned char) p[-1]));

		if (begins)
			appendStringInfoChar(&out, '_');
		if (IS_HIGHBIT_SET(*p) || isalnum((unsigned char) *p))
			appendStringInfoChar(&out, (char) (isupper((unsigned char) *p) ? tolower(*p) : *p));
		else if (out.len > 0 && out.data[out.len - 1] != '_')
			appendStringInfoChar(&out, '_');
	}
	name = pg_any_to_server(out.len > 0 ? out.data : "field",
							out.len > 0 ? out.len : (int) strlen("field"), PG_UTF8);
	out.data = pnstrdup(name, pg_mbcliplen(name, (int) strlen(name), NAMEDATALEN - 8));
	name = out.data;
	for (int n = 2; list_member(taken, makeString(name)); n++)
		name = psprintf("%s_%d", out.data, n);
	return name;
}

/* Read a few records; how many there were. */
static int
read_sample(const Connector *connector, ForeignServer *server, List *options, const char *table,
			List **fields)
{
	const Resource *res = connector->resources;
	ApiSpec spec = {0};
	ApiScan *scan;
	int n = 0;

	spec.connector = connector;
	spec.resource = res;
	spec.server = server->serverid;
	spec.server_name = server->servername;
	spec.table_name = table;
	spec.user = GetUserId();
	spec.options = options;
	spec.limit = SAMPLE_RECORDS;
	spec.hi = DatumGetDateADT(
		DirectFunctionCall1(timestamptz_date, TimestampTzGetDatum(GetCurrentTimestamp())));
	spec.lo = spec.hi - res->range.back;
	scan = mo_api_begin(&spec);
	while (n < SAMPLE_RECORDS && mo_api_next(scan))
	{
		look_at(fields, mo_api_record(scan, 0), "", 1);
		n++;
	}
	mo_api_end(scan);
	return n;
}

/* The table that the statement names and its options describe. */
static const char *
table_to_make(ImportForeignSchemaStmt *stmt, const Connector *connector)
{
	if (stmt->list_type != FDW_IMPORT_SCHEMA_LIMIT_TO || list_length(stmt->table_list) != 1 ||
		stmt->options == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s_fdw imports one described table at a time", connector->name),
				 errhint("Name it with LIMIT TO, and describe it with OPTIONS as CREATE FOREIGN "
						 "TABLE has them, such as (path '/items', records 'data').")));
	return ((RangeVar *) linitial(stmt->table_list))->relname;
}

/* The command that creates the described table, with the columns its records show. */
List *
mo_sample_import(ImportForeignSchemaStmt *stmt, ForeignServer *server, const Connector *connector)
{
	const char *table = table_to_make(stmt, connector);
	List *options = list_concat_copy(stmt->options, server->options);
	const Connector *described;
	List *fields = NIL;
	List *taken = NIL;
	int records;
	StringInfoData sql;
	ListCell *lc;

	mo_engine_check(connector, stmt->options, ON_TABLE);
	described = mo_describe_table(connector, options, table, InvalidOid);
	records = read_sample(described, server, options, table, &fields);
	if (fields == NIL)
		ereport(ERROR, (errcode(ERRCODE_FDW_NO_SCHEMAS),
						errmsg("there are no records to learn the columns of \"%s\" from", table),
						errhint("Create the foreign table with the columns you know of.")));
	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE FOREIGN TABLE %s (", quote_identifier(table));
	foreach (lc, fields)
	{
		const Field *field = lfirst(lc);
		char *name;

		if (is_opened(field) || is_within_other(fields, field))
			continue;
		name = column_name(field->path, taken);
		appendStringInfo(&sql, "%s%s %s", taken != NIL ? ", " : "", quote_identifier(name),
						 type_of(field->seen));
		if (strcmp(name, field->path) != 0)
			appendStringInfo(&sql, " OPTIONS (path %s)",
							 quote_literal_cstr(pg_any_to_server(
								 field->path, (int) strlen(field->path), PG_UTF8)));
		taken = lappend(taken, makeString(name));
	}
	appendStringInfo(&sql, ") SERVER %s OPTIONS (", quote_identifier(server->servername));
	foreach (lc, stmt->options)
	{
		DefElem *def = lfirst(lc);

		appendStringInfo(&sql, "%s%s %s", lc == list_head(stmt->options) ? "" : ", ",
						 quote_identifier(def->defname), quote_literal_cstr(defGetString(def)));
	}
	appendStringInfoChar(&sql, ')');
	ereport(NOTICE, (errmsg("columns of foreign table \"%s\" are those that %d records show", table,
							records),
					 errhint("Change a type with ALTER FOREIGN TABLE where you know better.")));
	return list_make1(sql.data);
}
