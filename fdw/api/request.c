/*-------------------------------------------------------------------------
 *
 * request.c
 *	  Make the request for a page.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/defrem.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "nodes/makefuncs.h"
#include "utils/datetime.h"

#include "api/internal.h"

/* What an option says, for the service: requests are in UTF-8. */
static const char *
in_utf8(const char *text)
{
	return text ? pg_server_to_any(text, (int) strlen(text), PG_UTF8) : NULL;
}

static const char *
find_elem(List *list, const char *name)
{
	ListCell *lc;

	foreach (lc, list)
	{
		DefElem *def = lfirst(lc);

		if (strcmp(def->defname, name) == 0)
			return defGetString(def);
	}
	return NULL;
}

static const Pass *
current_pass(ApiScan *scan)
{
	return scan->res->passes ? &scan->res->passes[scan->last.pass] : NULL;
}

static const char *
pass_value(const Pass *pass, const char *name)
{
	size_t len = strlen(name);

	for (int i = 0; pass != NULL && pass->values[i] != NULL; i++)
	{
		if (strncmp(pass->values[i], name, len) == 0 && pass->values[i][len] == '=')
			return pass->values[i] + len + 1;
	}
	return NULL;
}

/* A day as "2026-01-31" */
char *
mo_day_text(DateADT day)
{
	int y, m, d;

	j2date(day + POSTGRES_EPOCH_JDATE, &y, &m, &d);
	return psprintf("%04d-%02d-%02d", y, m, d);
}

/*
 * The value of a template's name: variables of hooks, the request's own,
 * parameters of the query, the pass, then options and their defaults.
 */
const char *
mo_api_lookup(void *arg, const char *name)
{
	ApiScan *scan = arg;
	const char *value = find_elem(scan->variables, name);
	const Position *at = &scan->last;

	if (value != NULL)
		return value;
	if (scan->res->range.column != NULL)
	{
		if (strcmp(name, "since") == 0)
			return mo_day_text(at->since);
		if (strcmp(name, "until") == 0)
			return mo_day_text(at->until);
		if (strcmp(name, "until_next") == 0)
			return mo_day_text(at->until + 1);
	}
	if (scan->res->range.column != NULL && strcmp(name, scan->res->range.column) == 0)
		return mo_day_text(at->since);
	if (strcmp(name, "size") == 0)
		return psprintf("%d", at->size > 0 ? at->size : scan->size);
	if ((strcmp(name, "page") == 0 && scan->res->paging.style == PAGE_NUMBER) ||
		(strcmp(name, "offset") == 0 && scan->res->paging.style == PAGE_OFFSET))
		return psprintf(INT64_FORMAT, mo_paging_number(scan->res, at));
	if (strcmp(name, "cursor") == 0)
		return at->cursor;
	if (strcmp(name, "filter") == 0)
		return scan->query;
	if (strcmp(name, "fields") == 0)
		return scan->fields;
	if (strcmp(name, "pass") == 0)
		return current_pass(scan) ? current_pass(scan)->value : NULL;
	value = find_elem(scan->spec->params, name);
	if (value == NULL)
		value = pass_value(current_pass(scan), name);
	if (value == NULL)
		value = in_utf8(mo_option_get(scan->spec->connector, scan->spec->options, name));
	return value;
}

/* For hooks: an option of table or server, or its default, or NULL. */
const char *
mo_api_option(ApiScan *scan, const char *name)
{
	return mo_option_get(scan->spec->connector, scan->spec->options, name);
}

/* For hooks: any name a template could use, or NULL. */
const char *
mo_api_get(ApiScan *scan, const char *name)
{
	return mo_api_lookup(scan, name);
}

/* For hooks: set a variable for the requests to come; the value is copied. */
void
mo_api_set(ApiScan *scan, const char *name, const char *value)
{
	MemoryContext old = MemoryContextSwitchTo(scan->cxt);
	ListCell *lc;

	foreach (lc, scan->variables)
	{
		DefElem *def = lfirst(lc);

		if (strcmp(def->defname, name) == 0)
		{
			scan->variables = foreach_delete_current (scan->variables, lc);
			break;
		}
	}
	if (value != NULL)
		scan->variables =
			lappend(scan->variables,
					makeDefElem(pstrdup(name), (Node *) makeString(pstrdup(value)), -1));
	MemoryContextSwitchTo(old);
}

/*
 * What the service calls the field at a path: its first part, or what the
 * column says.  NULL: nothing it could be asked for.
 */
static char *
field_name(const Resource *res, const Column *declared, const char *path)
{
	size_t skip = res->fields_skip ? strlen(res->fields_skip) : 0;

	if (declared != NULL && (declared->flags & COL_PARAM))
		return NULL;
	if (declared != NULL && declared->ask != NULL && path == declared->path)
		return pstrdup(declared->ask);
	if (skip > 0 && strncmp(path, res->fields_skip, skip) != 0)
		return NULL; /* the id of a JSON:API object, say */
	path += skip;
	return path[0] != '\0' ? pnstrdup(path, strcspn(path, ".[")) : NULL;
}

/* Add the field to the list, if there is one and it is not among them yet. */
static List *
add_field(List *fields, char *field)
{
	ListCell *lc;

	foreach (lc, fields)
	{
		if (field != NULL && strcmp(lfirst(lc), field) == 0)
			return fields;
	}
	return field != NULL ? lappend(fields, field) : fields;
}

/*
 * The fields of the wanted columns.  When rows are only counted the first key
 * is wanted, for an empty list would mean them all.  Pages that are counted
 * are told apart by the keys of their records, in the table or not; where no
 * key is known by all there is, so then the list is empty.
 */
static char *
field_list(ApiScan *scan)
{
	const Resource *res = scan->res;
	bool counted = mo_paging_counted(res);
	bool has_key = false;
	List *fields = NIL;
	ListCell *lc;
	StringInfoData out;

	for (int i = 0; i < scan->spec->ncolumns; i++)
	{
		const ApiColumn *c = &scan->spec->columns[i];

		if (c->wanted)
			fields = add_field(fields, field_name(res, c->declared, c->path));
	}
	for (const Column *c = res->columns; c != NULL && c->name != NULL; c++)
	{
		char *field = (c->flags & COL_KEY) ? field_name(res, c, c->path ? c->path : c->name) : NULL;

		has_key = has_key || (c->flags & COL_KEY);
		if (counted || fields == NIL)
			fields = add_field(fields, field);
	}
	if (counted && !has_key)
		fields = NIL;
	initStringInfo(&out);
	foreach (lc, fields)
		appendStringInfo(&out, "%s%s", out.len > 0 ? "," : "", (char *) lfirst(lc));
	return out.data;
}

/*
 * A base URL without its trailing slash: the option's value where a superuser
 * set it, else the connector's template.  "option" NULL = base_url.
 */
const char *
mo_request_base(ApiScan *scan, const char *option)
{
	const char *base = mo_api_option(scan, option ? option : "base_url");
	char *text;
	size_t len;
	bool missing = false;

	if (base == NULL)
		base = scan->spec->connector->base_url;
	text = mo_template_expand(base, PLACE_PLAIN, mo_api_lookup, scan, &missing);
	if (missing)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
				 errmsg("server \"%s\" lacks an option", scan->spec->server_name),
				 errdetail("Its address is \"%s\".", base)));
	len = strlen(text);
	while (len > 0 && text[len - 1] == '/')
		text[--len] = '\0';
	return text;
}

/* What is the same for all requests of the scan.  No I/O. */
void
mo_request_prepare(ApiScan *scan)
{
	const ApiSpec *spec = scan->spec;
	const Resource *res = scan->res;
	const char *fewer = mo_api_option(scan, "fetch_size");

	scan->nlevels = mo_api_levels(res);
	scan->size = res->paging.size;
	if (fewer != NULL && atoi(fewer) < scan->size)
		scan->size = atoi(fewer);
	scan->days = res->range.max_days;
	if (spec->limit > 0 && spec->limit < scan->size && scan->nlevels == 0)
		scan->size = (int) spec->limit;
	scan->fields = field_list(scan);
	if (res->root != NULL)
		scan->document = mo_document_build(res, spec->order, spec->columns, spec->ncolumns,
										   res->filters != NULL);
}

static char *
json_string(const char *text)
{
	StringInfoData out;

	if (text == NULL)
		return "null";
	initStringInfo(&out);
	appendStringInfoChar(&out, '"');
	mo_template_json(&out, text);
	appendStringInfoChar(&out, '"');
	return out.data;
}

static void
graphql_body(ApiScan *scan, Fetch *fetch)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"query\": %s", json_string(scan->document));
	if (!scan->res->scalar)
	{
		appendStringInfo(&out, ", \"variables\": {\"first\": %d, \"after\": %s", scan->size,
						 json_string(fetch->at.cursor));
		if (scan->res->filters != NULL)
			appendStringInfo(&out, ", \"q\": %s", json_string(scan->query));
		appendStringInfoChar(&out, '}');
	}
	appendStringInfoChar(&out, '}');
	fetch->body = out.data;
}

/* A parameter of the query string, encoded. */
static void
add_param(StringInfo url, const char *name, const char *value)
{
	if (name == NULL || value == NULL || value[0] == '\0')
		return;
	appendStringInfoChar(url, strchr(url->data, '?') ? '&' : '?');
	mo_template_url(url, name, false);
	appendStringInfoChar(url, '=');
	mo_template_url(url, value, false);
}

/* The first condition that is a parameter of its own with this name, or NULL. */
static const ApiCondition *
own_condition(ApiScan *scan, const char *param, size_t len)
{
	ListCell *lc;

	foreach (lc, scan->spec->conditions)
	{
		const ApiCondition *condition = lfirst(lc);
		const char *own = condition->filter->param;

		if (own != NULL && strlen(own) == len && strncmp(own, param, len) == 0)
			return condition;
	}
	return NULL;
}

/* The resource's query without what conditions replace. */
static char *
rest_of_query(ApiScan *scan)
{
	StringInfoData out;
	const char *part = scan->res->query;

	initStringInfo(&out);
	while (part != NULL && *part != '\0')
	{
		size_t n = strcspn(part, "&");

		if (own_condition(scan, part, strcspn(part, "=&")) == NULL)
			appendStringInfo(&out, "%s%.*s", out.len > 0 ? "&" : "", (int) n, part);
		part += n + (part[n] == '&');
	}
	return out.data;
}

/* Conditions with a parameter of their own; of two for the same one, the first. */
static void
add_own_conditions(StringInfo url, ApiScan *scan)
{
	ListCell *lc;

	foreach (lc, scan->spec->conditions)
	{
		const ApiCondition *condition = lfirst(lc);
		const char *own = condition->filter->param;

		if (own != NULL && own_condition(scan, own, strlen(own)) == condition)
			add_param(url, own, mo_filter_term(condition, scan->last.part));
	}
}

static const FilterStyle *
filter_style(ApiScan *scan)
{
	return scan->res->filter.join != NULL ? &scan->res->filter : &scan->spec->connector->filter;
}

/* Is the service told how many records a page may have? */
static bool
asks_size(const Resource *res)
{
	return res->paging.size_param != NULL || res->root != NULL ||
		   (res->query != NULL && strstr(res->query, "{size}") != NULL) ||
		   (res->body != NULL && strstr(res->body, "{size}") != NULL);
}

/*
 * Fill in method, URL and body for the page at fetch->at.  Makes no use of
 * the token, so that EXPLAIN may show the result.
 */
void
mo_request_page(ApiScan *scan, Fetch *fetch)
{
	const Resource *res = scan->res;
	const char *path = fetch->job_page ? res->bulk->pages : res->path;
	const Pass *pass;
	StringInfoData url;
	char *query;
	bool missing;
	Position saved = scan->last;

	scan->last = fetch->at;
	pass = current_pass(scan);
	if (mo_paging_counted(res) && fetch->at.number == 0)
		scan->last.size = fetch->at.size = scan->size;
	scan->query = mo_filter_text(filter_style(scan), mo_slices_conditions(scan, &fetch->at),
								 pass ? pass->term : NULL, fetch->at.part);
	fetch->page = true;
	fetch->asked = scan->size;
	fetch->records = res->records;
	fetch->cursor = res->paging.cursor;
	fetch->more = res->paging.more;
	if (res->root != NULL)
	{
		fetch->records = psprintf(res->scalar ? "data.%s" : "data.%s.nodes", res->root);
		fetch->cursor = res->scalar ? NULL : psprintf("data.%s.pageInfo.endCursor", res->root);
		fetch->more = res->scalar ? NULL : psprintf("data.%s.pageInfo.hasNextPage", res->root);
	}
	fetch->method = res->method ? (char *) res->method : (res->root || res->body ? "POST" : "GET");

	initStringInfo(&url);
	if (fetch->at.link != NULL)
		appendStringInfoString(&url, fetch->at.link);
	else
	{
		appendStringInfoString(&url, mo_request_base(scan, res->base));
		path = mo_template_expand(in_utf8(path), PLACE_URL, mo_api_lookup, scan, &missing);
		if (mo_template_climbs(path))
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
					 errmsg("foreign table \"%s\" cannot be asked for path \"%s\"",
							scan->spec->table_name, path),
					 errdetail("A part of it is \".\" or \"..\", which would lead elsewhere.")));
		appendStringInfoString(&url, path);
		if (missing)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
					 errmsg("foreign table \"%s\" lacks an option", scan->spec->table_name),
					 errdetail("Its address is \"%s\".", res->path)));
		query = mo_template_query(in_utf8(rest_of_query(scan)), mo_api_lookup, scan);
		if (query[0] != '\0' && !fetch->job_page)
			appendStringInfo(&url, "?%s", query);
		if (res->root == NULL)
		{
			if (!fetch->job_page)
			{
				add_own_conditions(&url, scan);
				add_param(&url, res->fields_param, scan->fields);
				if (res->filters != NULL || res->passes != NULL)
					add_param(&url, filter_style(scan)->param, scan->query);
			}
			if (res->paging.size_param != NULL)
				add_param(&url, res->paging.size_param, mo_api_lookup(scan, "size"));
			if (mo_paging_counted(res))
				add_param(&url, res->paging.param,
						  psprintf(INT64_FORMAT, mo_paging_number(res, &fetch->at)));
			else
				add_param(&url, res->paging.param, fetch->at.cursor);
		}
	}
	fetch->url = url.data;
	if (res->root != NULL)
		graphql_body(scan, fetch);
	else if (res->body != NULL)
		fetch->body = mo_template_expand(in_utf8(res->body), PLACE_JSON, mo_api_lookup, scan, NULL);
	scan->last = saved;
}

/* What belongs to a page, and not to what it is a page of, is taken out of the query. */
static char *
without_param(const char *query, const char *name)
{
	StringInfoData out;

	initStringInfo(&out);
	while (*query != '\0')
	{
		size_t n = strcspn(query, "&");

		if (name == NULL || strcspn(query, "=&") != strlen(name) ||
			strncmp(query, name, strlen(name)) != 0)
			appendStringInfo(&out, "%s%.*s", out.len > 0 ? "&" : "", (int) n, query);
		query += n + (query[n] == '&');
	}
	return out.data;
}

/* The request that makes a job for the pass and the days of "at". */
void
mo_request_make_job(ApiScan *scan, Fetch *fetch, const Position *at)
{
	const Bulk *bulk = scan->res->bulk;
	char *query;

	if (bulk->make != NULL)
	{
		mo_request_job(scan, fetch, bulk->make);
		return;
	}
	fetch->at = *at;
	mo_request_page(scan, fetch);
	fetch->page = false;
	fetch->cursor = fetch->more = NULL;
	fetch->records = "";
	fetch->method = "POST";
	fetch->form = true;
	query = strchr(fetch->url, '?');
	fetch->body = query ? without_param(query + 1, scan->res->paging.size_param) : pstrdup("");
	if (query != NULL)
		*query = '\0';
}

/* A request about the job {job}: a POST of the body, or a GET if it is NULL. */
void
mo_request_job(ApiScan *scan, Fetch *fetch, const char *body)
{
	const Bulk *bulk = scan->res->bulk;
	const char *path = bulk->path ? bulk->path : scan->res->path;

	fetch->records = "";
	fetch->method = body ? "POST" : "GET";
	fetch->url = psprintf("%s%s", mo_request_base(scan, scan->res->base),
						  mo_template_expand(path, PLACE_URL, mo_api_lookup, scan, NULL));
	fetch->body = body ? mo_template_expand(body, PLACE_JSON, mo_api_lookup, scan, NULL) : NULL;
}

/*
 * The service found it too much: make the request for half the days, if it is
 * a window's first, and half the records.  The scan keeps to that.  Returns
 * false when there is nothing left to halve, or rows of the page are out.
 */
bool
mo_request_less(ApiScan *scan, Fetch *fetch)
{
	int days = fetch->at.until - fetch->at.since + 1;
	bool less = false;

	if (!fetch->page || fetch->taken > 0 || fetch->at.link != NULL ||
		(mo_paging_counted(scan->res) && fetch->at.number > 0))
		return false;
	if (scan->days > 0 && days > 1 && fetch->at.cursor == NULL && !fetch->job_page)
	{
		scan->days = Min(scan->days, days / 2);
		fetch->at.until = fetch->at.since + scan->days - 1;
		less = true;
	}
	/* another window may have found that out already */
	if (fetch->asked > 1 && asks_size(scan->res))
	{
		scan->size = Min(scan->size, fetch->asked / 2);
		less = true;
	}
	if (less)
		mo_request_page(scan, fetch);
	return less;
}

/* The request for the rest of a nested list of the object "id". */
void
mo_request_follow(ApiScan *scan, Fetch *fetch, const char *id, const char *cursor)
{
	const ApiSpec *spec = scan->spec;
	StringInfoData out;
	const char *document =
		mo_document_follow(scan->res, spec->columns, spec->ncolumns, &fetch->records);
	size_t list = strlen(fetch->records) - strlen(".nodes");

	fetch->follow = true;
	fetch->cursor = psprintf("%.*s.pageInfo.endCursor", (int) list, fetch->records);
	fetch->more = psprintf("%.*s.pageInfo.hasNextPage", (int) list, fetch->records);
	fetch->method = "POST";
	fetch->url =
		psprintf("%s%s", mo_request_base(scan, scan->res->base),
				 mo_template_expand(scan->res->path, PLACE_URL, mo_api_lookup, scan, NULL));
	initStringInfo(&out);
	appendStringInfo(&out, "{\"query\": %s, \"variables\": {\"id\": %s, \"after\": %s}}",
					 json_string(document), json_string(id), json_string(cursor));
	fetch->body = out.data;
}

/* In the header of the login, and only there, the credential has a name. */
static const char *
login_lookup(void *arg, const char *name)
{
	ApiScan *scan = arg;

	if (strcmp(name, "token") == 0)
		return scan->token;
	if (strcmp(name, "basic") == 0)
		return mo_login_basic(scan);
	return mo_api_lookup(scan, name);
}

/*
 * The headers of a request; they hold the token, so nothing prints them.
 * "accept" is a media type unlike the usual, or NULL.
 */
List *
mo_request_headers(ApiScan *scan, bool with_body, const char *accept)
{
	const Connector *connector = scan->spec->connector;
	List *headers = NIL;

	if (connector->auth_header != NULL && scan->token != NULL)
		headers = lappend(headers, mo_template_expand(connector->auth_header, PLACE_PLAIN,
													  login_lookup, scan, NULL));
	for (size_t i = 0; i < lengthof(connector->headers) && connector->headers[i] != NULL; i++)
	{
		if (accept == NULL || strncmp(connector->headers[i], "Accept:", 7) != 0)
			headers = lappend(headers, mo_template_expand(connector->headers[i], PLACE_PLAIN,
														  mo_api_lookup, scan, NULL));
	}
	if (accept != NULL)
		headers = lappend(headers, psprintf("Accept: %s", accept));
	if (with_body)
		headers = lappend(headers,
						  psprintf("Content-Type: %s", connector->body_type ? connector->body_type
																			: "application/json"));
	return headers;
}

/*
 * The first request as EXPLAIN shows it: no I/O, no secret.  "document" is a
 * GraphQL document, "body" what is sent beside it or instead; NULL = none.
 * Returns NULL when nothing would be asked for.
 */
char *
mo_api_request_text(ApiScan *scan, const char **method, char **document, char **body)
{
	Fetch fetch = {0};
	char *variables;

	if (scan->finished)
		return NULL;
	fetch.at = scan->last;
	mo_request_page(scan, &fetch);
	*method = fetch.method;
	*document = scan->document;
	*body = fetch.body;
	if (mo_bulk_document(scan) != NULL)
	{
		*document = pstrdup(mo_bulk_document(scan));
		*body = NULL;
	}
	else if (scan->document != NULL)
	{
		variables = strstr(fetch.body + strlen(json_string(scan->document)), "\"variables\": ");
		*body = variables ? pnstrdup(variables + 13, strlen(variables + 13) - 1) : NULL;
	}
	return fetch.url;
}
