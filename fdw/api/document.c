/*-------------------------------------------------------------------------
 *
 * document.c
 *	  The GraphQL document that asks for the wanted columns and no others.
 *
 * Paths become a tree of selections, one tree per level of nesting: the
 * record of the root connection, and the lists within it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "api/api.h"

#define MAX_LEVELS 3

typedef struct Selection
{
	char *name;     /* field, or the whole text of an "ask" */
	List *children; /* of Selection * */
} Selection;

static Selection *
select_field(List **list, const char *name, size_t len)
{
	ListCell *lc;
	Selection *sel;

	foreach (lc, *list)
	{
		sel = lfirst(lc);
		if (strlen(sel->name) == len && strncmp(sel->name, name, len) == 0)
			return sel;
	}
	sel = palloc0(sizeof(Selection));
	sel->name = pnstrdup(name, len);
	*list = lappend(*list, sel);
	return sel;
}

/* "a.b[x=y].c" selects a { b { x c } } */
static void
select_path(List **list, const char *path)
{
	while (*path == '^')
		path++;
	while (*path != '\0')
	{
		size_t n = strcspn(path, ".[");
		Selection *sel = select_field(list, path, n);

		path += n;
		while (*path == '[')
		{
			size_t close = strcspn(path, "]");
			size_t eq = strcspn(path, "=");

			if (eq < close)
				select_field(&sel->children, path + 1, eq - 1);
			path += close + (path[close] == ']');
		}
		if (*path == '.')
			path++;
		list = &sel->children;
	}
}

static void
print_selections(StringInfo out, List *list)
{
	ListCell *lc;

	foreach (lc, list)
	{
		Selection *sel = lfirst(lc);

		appendStringInfo(out, " %s", sel->name);
		if (sel->children != NIL)
		{
			appendStringInfoString(out, " {");
			print_selections(out, sel->children);
			appendStringInfoString(out, " }");
		}
	}
}

/* Does the list hang on a connection ("x.nodes")?  Then "len" is x's length. */
static bool
is_connection(const char *list, size_t *len)
{
	const char *dot = strrchr(list, '.');

	*len = strlen(list);
	if (dot == NULL || strcmp(dot, ".nodes") != 0)
		return false;
	*len = dot - list;
	return true;
}

/* The selections of each level; level 0 is the outermost record. */
static void
collect(const Resource *res, const ApiColumn *columns, int ncolumns, List **levels, int nlevels)
{
	for (int i = 0; i < ncolumns; i++)
	{
		const ApiColumn *c = &columns[i];
		int up = strspn(c->path, "^");

		if (!c->wanted || up > nlevels)
			continue;
		if (c->declared != NULL && (c->declared->flags & COL_PARAM))
			continue;
		if (c->declared != NULL && c->declared->ask != NULL && c->path == c->declared->path)
			select_field(&levels[nlevels - up], c->declared->ask, strlen(c->declared->ask));
		else
			select_path(&levels[nlevels - up], c->path);
	}
	/* what follows a list needs its holder's id */
	for (int i = 0; i < nlevels; i++)
		select_path(&levels[i], "id");
	if (levels[nlevels] == NIL)
		select_path(&levels[nlevels], res->scalar ? "__typename" : "id");
}

/* The list of one level with everything within it. */
static void
print_nest(StringInfo out, const Resource *res, List **levels, int level, int nlevels)
{
	const Nest *nest;
	size_t len;
	bool connection;

	print_selections(out, levels[level]);
	if (level == nlevels)
		return;
	nest = &res->nest[level];
	connection = is_connection(nest->list, &len);
	appendStringInfo(out, " %.*s(first: %d%s%s) {", (int) len, nest->list, nest->first,
					 nest->args ? ", " : "", nest->args ? nest->args : "");
	if (connection)
		appendStringInfoString(out, " pageInfo { hasNextPage endCursor } nodes {");
	print_nest(out, res, levels, level + 1, nlevels);
	appendStringInfoString(out, connection ? " } }" : " }");
}

/*
 * The document for a resource with a GraphQL root.  Variables: $first and
 * $after of a connection, $q where there is a filter.  "order" replaces the
 * root's further arguments unless it is NULL.
 */
char *
mo_document_build(const Resource *res, const char *order, const ApiColumn *columns, int ncolumns,
				  bool has_filter)
{
	StringInfoData out;
	List *levels[MAX_LEVELS] = {NIL, NIL, NIL};
	int nlevels = mo_api_levels(res);
	const char *args = order ? order : res->args;

	collect(res, columns, ncolumns, levels, nlevels);
	initStringInfo(&out);
	if (res->scalar)
	{
		appendStringInfo(&out, "query { %s%s%s%s {", res->root, args ? "(" : "", args ? args : "",
						 args ? ")" : "");
		print_nest(&out, res, levels, 0, nlevels);
		appendStringInfoString(&out, " } }");
		return out.data;
	}
	appendStringInfo(
		&out,
		"query($first: Int!, $after: String%s) { %s(first: $first, after: $after%s%s%s) {"
		" pageInfo { hasNextPage endCursor } nodes {",
		has_filter ? ", $q: String" : "", res->root, has_filter ? ", query: $q" : "",
		args ? ", " : "", args ? args : "");
	print_nest(&out, res, levels, 0, nlevels);
	appendStringInfoString(&out, " } } }");
	return out.data;
}

/*
 * The document for the rest of the innermost list, and the path of its
 * records in the answer.  Variables: $id of the holder, $after.
 */
char *
mo_document_follow(const Resource *res, const ApiColumn *columns, int ncolumns,
				   const char **records)
{
	StringInfoData out;
	List *levels[MAX_LEVELS] = {NIL, NIL, NIL};
	int nlevels = mo_api_levels(res);
	const Nest *nest = &res->nest[nlevels - 1];
	size_t len;

	is_connection(nest->list, &len);
	collect(res, columns, ncolumns, levels, nlevels);
	initStringInfo(&out);
	appendStringInfo(
		&out,
		"query($id: ID!, $after: String) { %s(id: $id) { %.*s(first: %d, after: $after%s%s) {"
		" pageInfo { hasNextPage endCursor } nodes {",
		nest->follow, (int) len, nest->list, nest->follow_first, nest->args ? ", " : "",
		nest->args ? nest->args : "");
	print_selections(&out, levels[nlevels]);
	appendStringInfoString(&out, " } } } }");
	*records = psprintf("data.%s.%.*s.nodes", nest->follow, (int) len, nest->list);
	return out.data;
}

/*
 * The document for a job that reads the whole list, in edges and without
 * variables.  "query" is the search text, NULL = none.
 */
char *
mo_document_bulk(const Resource *res, const ApiColumn *columns, int ncolumns, const char *query)
{
	StringInfoData out;
	List *levels[MAX_LEVELS] = {NIL, NIL, NIL};
	int nlevels = mo_api_levels(res);
	const char *comma = "";
	bool arguments = query != NULL || res->args != NULL;

	collect(res, columns, ncolumns, levels, nlevels);
	select_path(&levels[0], "id");
	initStringInfo(&out);
	appendStringInfo(&out, "query { %s%s", res->root, arguments ? "(" : "");
	if (query != NULL)
	{
		appendStringInfoString(&out, "query: \"");
		mo_template_json(&out, query);
		appendStringInfoChar(&out, '"');
		comma = ", ";
	}
	if (res->args != NULL)
		appendStringInfo(&out, "%s%s", comma, res->args);
	appendStringInfo(&out, "%s { edges { node {", arguments ? ")" : "");
	print_selections(&out, levels[0]);
	if (nlevels > 0)
	{
		const Nest *nest = &res->nest[0];
		size_t len;
		bool connection = is_connection(nest->list, &len);

		appendStringInfo(&out, " %.*s", (int) len, nest->list);
		if (!connection)
			appendStringInfo(&out, "(first: %d%s%s)", nest->first, nest->args ? ", " : "",
							 nest->args ? nest->args : "");
		else if (nest->args != NULL)
			appendStringInfo(&out, "(%s)", nest->args);
		appendStringInfoString(&out, connection ? " { edges { node {" : " {");
		print_selections(&out, levels[1]);
		appendStringInfoString(&out, connection ? " } } }" : " }");
	}
	appendStringInfoString(&out, " } } } }");
	return out.data;
}
