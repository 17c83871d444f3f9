/*-------------------------------------------------------------------------
 *
 * describe.c
 *	  Tables that their own options describe: what a connector may ask of them.
 *
 * The connector makes its facts anew from the catalogs wherever a table is
 * looked at.  Plans keep numbers into them and nothing else; whatever changes
 * the options makes PostgreSQL plan again.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "commands/defrem.h"
#include "foreign/foreign.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "engine/engine.h"

struct TableSource
{
	const Connector *connector;
	const char *table_name; /* NULL: options of one object alone are checked */
	List *options;          /* of DefElem: the table's before the server's */
	int ncolumns;
	const char **names; /* "" = dropped */
	const char **types;
	List **column_options;
};

/* An option of the table or its server, or its default, or NULL. */
const char *
mo_source_option(TableSource *source, const char *name)
{
	return mo_option_get(source->connector, source->options, name);
}

/* The table's name, or NULL when only options are checked. */
const char *
mo_source_table(TableSource *source)
{
	return source->table_name;
}

int
mo_source_columns(TableSource *source)
{
	return source->ncolumns;
}

/* Name of a column, from 0; that of a dropped one is "". */
const char *
mo_source_column(TableSource *source, int i)
{
	return source->names[i];
}

/* Its type as format_type() spells it, domains kept. */
const char *
mo_source_column_type(TableSource *source, int i)
{
	return source->types[i];
}

/* An option of a column, or NULL. */
const char *
mo_source_column_option(TableSource *source, int i, const char *name)
{
	ListCell *lc;

	foreach (lc, source->column_options[i])
	{
		DefElem *def = lfirst(lc);

		if (strcmp(def->defname, name) == 0)
			return defGetString(def);
	}
	return NULL;
}

/* Do the options of one object fit together?  The connector raises if not. */
void
mo_describe_check(const Connector *connector, List *options, int place)
{
	TableSource source = {.connector = connector, .options = options};

	connector->check(&source, place);
}

/* The connector, and its one resource, that a table's options make. */
const Connector *
mo_describe_table(const Connector *connector, List *options, const char *name, Oid relid)
{
	TableSource *source = palloc0(sizeof(TableSource));

	source->connector = connector;
	source->table_name = name;
	source->options = options;
	if (OidIsValid(relid))
	{
		Relation rel = relation_open(relid, NoLock); /* the query has one */
		TupleDesc desc = RelationGetDescr(rel);

		source->ncolumns = desc->natts;
		source->names = palloc(sizeof(char *) * Max(desc->natts, 1));
		source->types = palloc(sizeof(char *) * Max(desc->natts, 1));
		source->column_options = palloc0(sizeof(List *) * Max(desc->natts, 1));
		for (int i = 0; i < desc->natts; i++)
		{
			Form_pg_attribute att = TupleDescAttr(desc, i);

			source->names[i] = att->attisdropped ? "" : pstrdup(NameStr(att->attname));
			source->types[i] = att->attisdropped ? "" : format_type_be(att->atttypid);
			if (!att->attisdropped)
				source->column_options[i] = GetForeignColumnOptions(relid, att->attnum);
		}
		relation_close(rel, NoLock);
	}
	return connector->describe(source);
}
