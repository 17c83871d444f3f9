/*-------------------------------------------------------------------------
 *
 * import.c
 *	  IMPORT FOREIGN SCHEMA: the resources of a service as foreign tables.
 *
 * The name of the remote schema does not matter: a service has one.  Tables
 * that the service itself defines (tabs) are asked for; the others need no
 * request.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "foreign/fdwapi.h"
#include "foreign/foreign.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "engine/engine.h"

/* Tables a connector's import() describes */
typedef struct ImportSink
{
	ImportForeignSchemaStmt *stmt;
	const char *server;
	const char *resource; /* NULL: options describe the tables */
	List *commands;
	StringInfoData columns;
	StringInfoData options;
	char *table;
} ImportSink;

static bool
is_wanted(ImportForeignSchemaStmt *stmt, const char *table)
{
	bool named = false;
	ListCell *lc;

	foreach (lc, stmt->table_list)
		named = named || strcmp(((RangeVar *) lfirst(lc))->relname, table) == 0;
	switch (stmt->list_type)
	{
		case FDW_IMPORT_SCHEMA_LIMIT_TO:
			return named;
		case FDW_IMPORT_SCHEMA_EXCEPT:
			return !named;
		default:
			return true;
	}
}

static char *
literal(const char *text)
{
	return quote_literal_cstr(text);
}

static void
static_table(ImportForeignSchemaStmt *stmt, const char *server, const Resource *res,
			 List **commands)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE FOREIGN TABLE %s (", quote_identifier(res->name));
	for (const Column *c = res->columns; c->name != NULL; c++)
		appendStringInfo(&sql, "%s%s %s", c == res->columns ? "" : ", ", quote_identifier(c->name),
						 c->type);
	appendStringInfo(&sql, ") SERVER %s OPTIONS (resource %s)", quote_identifier(server),
					 literal(res->name));
	*commands = lappend(*commands, sql.data);
}

static void
flush_table(ImportSink *sink)
{
	if (sink->table == NULL)
		return;
	if (is_wanted(sink->stmt, sink->table))
		sink->commands = lappend(sink->commands,
								 psprintf("CREATE FOREIGN TABLE %s (%s) SERVER %s OPTIONS (%s)",
										  quote_identifier(sink->table), sink->columns.data,
										  quote_identifier(sink->server), sink->options.data));
	sink->table = NULL;
}

/* For hooks: is this table asked for?  Saves what describing it would cost. */
bool
mo_import_wants(ImportSink *sink, const char *name)
{
	CHECK_FOR_INTERRUPTS(); /* a service can name very many */
	return is_wanted(sink->stmt, name);
}

/* For hooks: a table begins. */
void
mo_import_table(ImportSink *sink, const char *name, const char *comment)
{
	flush_table(sink);
	sink->table = pstrdup(name);
	initStringInfo(&sink->columns);
	initStringInfo(&sink->options);
	if (sink->resource != NULL)
		mo_import_option(sink, "resource", sink->resource);
}

/* For hooks: an option of the table. */
void
mo_import_option(ImportSink *sink, const char *name, const char *value)
{
	appendStringInfo(&sink->options, "%s%s %s", sink->options.len > 0 ? ", " : "",
					 quote_identifier(name), literal(value));
}

/* For hooks: a column of the table; "path" NULL = its name. */
void
mo_import_column(ImportSink *sink, const char *name, const char *type, const char *path)
{
	appendStringInfo(&sink->columns, "%s%s %s", sink->columns.len > 0 ? ", " : "",
					 quote_identifier(name), type);
	if (path != NULL)
		appendStringInfo(&sink->columns, " OPTIONS (path %s)", literal(path));
}

/* Ask the service which tables it has. */
static List *
dynamic_tables(ImportForeignSchemaStmt *stmt, ForeignServer *server, const Connector *connector)
{
	ApiSpec spec = {0};
	ImportSink sink = {0};
	ApiScan *scan;

	spec.connector = connector;
	spec.resource = connector->dynamic;
	spec.server = server->serverid;
	spec.server_name = server->servername;
	spec.table_name = "";
	spec.user = GetUserId();
	spec.options = server->options;
	sink.stmt = stmt;
	sink.server = server->servername;
	if (connector->describe == NULL)
		sink.resource = connector->dynamic->name;
	scan = mo_api_begin(&spec);
	connector->import(scan, &sink);
	flush_table(&sink);
	mo_api_end(scan);
	return sink.commands;
}

/* ImportForeignSchema: the commands that create the tables. */
List *
mo_import_schema(ImportForeignSchemaStmt *stmt, Oid serverid)
{
	ForeignServer *server = GetForeignServer(serverid);
	const Connector *connector = mo_connector_of_server(serverid);
	List *commands = NIL;
	bool all = stmt->list_type != FDW_IMPORT_SCHEMA_LIMIT_TO;
	int found = 0;

	if (connector->describe != NULL && connector->import == NULL)
		return mo_sample_import(stmt, server, connector);
	if (stmt->options != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
				 errmsg("IMPORT FOREIGN SCHEMA from %s_fdw takes no options", connector->name)));
	for (const Resource *res = connector->resources; res->name != NULL; res++)
	{
		if (is_wanted(stmt, res->name))
		{
			static_table(stmt, server->servername, res, &commands);
			found++;
		}
	}
	if (connector->import != NULL && (all || found < list_length(stmt->table_list)))
		commands = list_concat(commands, dynamic_tables(stmt, server, connector));
	return commands;
}
