/*-------------------------------------------------------------------------
 *
 * rest.c
 *	  Any service that answers with JSON, described by options.
 *
 * For the long tail: what other connectors say in tables of constants, here a
 * server and its foreign tables say in options, for the same engine.  What
 * could lead a credential astray is a superuser's to set: where the service
 * is, how it is logged in, and POSTs, for only they could write.
 *
 * A list is read until an empty page unless the answer itself tells its end:
 * who describes a service from its manual cannot know how many records a page
 * really has, and a short page taken for the last one would lose rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "compat.h"
#include "rest/rest.h"

static pg_attribute_printf(2, 3) pg_attribute_noreturn() void refuse(struct TableSource *source,
																	 const char *format, ...)
{
	char detail[512];
	va_list args;

	va_start(args, format);
	vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	if (mo_source_table(source) != NULL)
		ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
						errmsg("the options of foreign table \"%s\" do not fit together",
							   mo_source_table(source)),
						errdetail("%s", detail)));
	ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
					errmsg("the options do not fit together"), errdetail("%s", detail)));
}

static const char *
option(struct TableSource *source, const char *name)
{
	return mo_source_option(source, name);
}

static int
number(struct TableSource *source, const char *name)
{
	const char *value = option(source, name);

	return value ? atoi(value) : 0;
}

static bool
truth(struct TableSource *source, const char *name)
{
	const char *value = option(source, name);

	return value != NULL && strcmp(value, "true") == 0;
}

static PageStyle
style_of(struct TableSource *source)
{
	PageStyle style = PAGE_NONE;

	for (size_t i = 0; i < lengthof(mo_rest_styles); i++)
	{
		if (strcmp(mo_rest_styles[i], option(source, "paging")) == 0)
			style = (PageStyle) i;
	}
	return style;
}

/* Does a template of the request use the name? */
static bool
uses(struct TableSource *source, const char *variable)
{
	static const char *const templates[] = {"path", "query", "body"};
	char *name = psprintf("{%s}", variable);

	for (size_t i = 0; i < lengthof(templates); i++)
	{
		const char *text = option(source, templates[i]);

		if (text != NULL && strstr(text, name) != NULL)
			return true;
	}
	return false;
}

static void
need(struct TableSource *source, bool there, const char *what)
{
	if (!there)
		refuse(source, "Paging \"%s\" needs %s.", option(source, "paging"), what);
}

/* Options that would go unheeded are mistakes. */
static void
only_with(struct TableSource *source, const char *name, bool used, const char *what)
{
	if (option(source, name) != NULL && !used)
		refuse(source, "Option \"%s\" only makes sense with %s.", name, what);
}

static void
check_paging(struct TableSource *source)
{
	PageStyle style = style_of(source);
	bool counted = style == PAGE_NUMBER || style == PAGE_OFFSET;
	bool led = style == PAGE_CURSOR || style == PAGE_LINK;

	if (style == PAGE_CURSOR)
		need(source, option(source, "page_param") != NULL || uses(source, "cursor"),
			 "option \"page_param\", or {cursor} in the query or body");
	if (led)
		need(source, option(source, "cursor") != NULL,
			 "option \"cursor\": where in the answer stands what leads to the next page");
	if (style == PAGE_NUMBER)
		need(source, option(source, "page_param") != NULL || uses(source, "page"),
			 "option \"page_param\", or {page} in the query or body");
	if (style == PAGE_OFFSET)
		need(source, option(source, "page_param") != NULL || uses(source, "offset"),
			 "option \"page_param\", or {offset} in the query or body");
	if (counted && strcmp(option(source, "last_page"), "short") == 0)
		need(source, option(source, "page_size") != NULL,
			 "option \"page_size\" to know a short page");
	only_with(source, "cursor", led, "paging \"cursor\" or \"link\"");
	only_with(source, "cursor_within", style == PAGE_CURSOR, "paging \"cursor\"");
	only_with(source, "more", led || counted,
			  "paging \"cursor\", \"link\", \"page\" or \"offset\"");
	only_with(source, "page_count", style == PAGE_NUMBER, "paging \"page\"");
	only_with(source, "page_param", counted || style == PAGE_CURSOR,
			  "paging \"cursor\", \"page\" or \"offset\"");
	only_with(source, "first_page", counted, "paging \"page\" or \"offset\"");
	if (option(source, "page_size") != NULL && option(source, "size_param") == NULL &&
		!uses(source, "size") && strcmp(option(source, "last_page"), "short") != 0)
		refuse(source,
			   "Option \"page_size\" needs \"size_param\", or {size} in the query or body.");
	only_with(source, "size_param", option(source, "page_size") != NULL, "option \"page_size\"");
}

/* Options of one object: all that can be said before there are columns. */
static void
check(struct TableSource *source, int place)
{
	if (place == ON_SERVER)
		only_with(source, "errors", option(source, "error_code") != NULL, "\"error_code\"");
	if (place != ON_TABLE)
		return;
	if (option(source, "path") == NULL)
		ereport(ERROR, (errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
						errmsg("a foreign table of rest_fdw needs option \"path\""),
						errhint("It is what follows the server's base_url, such as /orders.")));
	check_paging(source);
	if (truth(source, "records_optional") != (option(source, "sign") != NULL))
		refuse(source, "Options \"records_optional\" and \"sign\" go together: an answer without "
					   "records is only believed when it has something else.");
	only_with(source, "filter_open", option(source, "filter_join") != NULL, "\"filter_join\"");
	only_with(source, "filter_close", option(source, "filter_join") != NULL, "\"filter_join\"");
	only_with(source, "filter_param", option(source, "filter_join") != NULL, "\"filter_join\"");
	only_with(source, "filter_join",
			  option(source, "filter_param") != NULL || uses(source, "filter"),
			  "\"filter_param\", or {filter} in the query or body");
	only_with(source, "range_days", option(source, "range_column") != NULL, "\"range_column\"");
	only_with(source, "range_required", option(source, "range_column") != NULL, "\"range_column\"");
	if (option(source, "range_column") != NULL && !uses(source, "since"))
		refuse(source, "Option \"range_column\" needs {since} in the query or body.");
}

static int
find_column(struct TableSource *source, const char *name, size_t len)
{
	for (int i = 0; i < mo_source_columns(source); i++)
	{
		if (strlen(mo_source_column(source, i)) == len &&
			strncmp(mo_source_column(source, i), name, len) == 0)
			return i;
	}
	return -1;
}

/* Does a name of a template mean something?  One that does not would be left out silently. */
static bool
is_known_name(struct TableSource *source, const char *name, size_t len)
{
	static const struct
	{
		const char *name;
		PageStyle style;
		const char *option;
	} known[] = {{"since", PAGE_NONE, "range_column"},
				 {"until", PAGE_NONE, "range_column"},
				 {"until_next", PAGE_NONE, "range_column"},
				 {"size", PAGE_NONE, "page_size"},
				 {"filter", PAGE_NONE, "filter_join"},
				 {"fields", PAGE_NONE, NULL},
				 {"cursor", PAGE_CURSOR, NULL},
				 {"page", PAGE_NUMBER, NULL},
				 {"offset", PAGE_OFFSET, NULL}};
	int column = find_column(source, name, len);

	for (size_t i = 0; i < lengthof(known); i++)
	{
		if (strlen(known[i].name) == len && strncmp(known[i].name, name, len) == 0)
			return (known[i].style == PAGE_NONE || known[i].style == style_of(source)) &&
				   (known[i].option == NULL || option(source, known[i].option) != NULL);
	}
	return column >= 0 && mo_source_column_option(source, column, "param") != NULL;
}

static void
check_names(struct TableSource *source, const char *which)
{
	const char *text = option(source, which);

	for (const char *p = text ? strchr(text, '{') : NULL; p != NULL; p = strchr(p + 1, '{'))
	{
		size_t len = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz_0123456789");
		const char *end = p + 1 + len;

		if (len > 0 && (*end == '}' || strncmp(end, "[]}", 3) == 0) &&
			!is_known_name(source, p + 1, len))
			refuse(source,
				   "In option \"%s\" the name {%.*s} means nothing: it is none of the names that "
				   "the other options give a value, and no column with option \"param\".",
				   which, (int) len, p + 1);
	}
}

static bool
column_truth(struct TableSource *source, int i, const char *name)
{
	const char *value = mo_source_column_option(source, i, name);
	bool is;

	return value != NULL && parse_bool(value, &is) && is;
}

/* Is the condition one the service is exact about? */
static bool
is_exact(struct TableSource *source, int i, const char *word)
{
	const char *value = mo_source_column_option(source, i, "exact");
	size_t n = 0;
	const char **list = value ? mo_rest_list(value, &n) : NULL;

	for (size_t k = 0; k < n; k++)
	{
		if (strcmp(list[k], word) == 0)
			return true;
	}
	return false;
}

/*
 * One condition: a parameter of its own ("since=%t"), or a term of the filter
 * where the table has one.  A value is only written in a way that fits it.
 */
static void
make_filter(struct TableSource *source, int i, size_t which, Filter *filter)
{
	const char *term = mo_source_column_option(source, i, mo_rest_comparisons[which].option);
	const char *type = mo_source_column_type(source, i);
	const char *column = mo_source_column(source, i);
	bool joined = option(source, "filter_join") != NULL;
	const char *use = strchr(term, '%') + 1;
	size_t name = strcspn(term, "=%");

	use += *use == '-' || *use == '+';
	if (strchr("tdu", *use) != NULL && strcmp(type, "timestamp with time zone") != 0)
		refuse(source, "Column \"%s\" is no instant, so its %s cannot write %%%c.", column,
			   mo_rest_comparisons[which].option, *use);
	if (joined && *use == 's' && (strcmp(type, "text") == 0 || strstr(type, "char") != NULL))
		refuse(source,
			   "Column \"%s\" is a text: within a filter it needs quotes (%%q, %%a or %%j).",
			   column);
	filter->column = column;
	filter->op = mo_rest_comparisons[which].op;
	filter->exact = is_exact(source, i, mo_rest_comparisons[which].word) ? EXACT : SUPERSET;
	filter->term = term;
	if (joined)
		return;
	if (name == 0 || term[name] != '=' || !mo_rest_is_param(pnstrdup(term, name)))
		refuse(source,
			   "The %s of column \"%s\" is no parameter such as \"since=%%t\", and the table has "
			   "no \"filter_join\".",
			   mo_rest_comparisons[which].option, column);
	filter->param = pnstrdup(term, name);
	filter->term = term + name + 1;
}

static void
make_columns(struct TableSource *source, Resource *res)
{
	int n = mo_source_columns(source);
	Column *columns = palloc0(sizeof(Column) * (n + 1));
	Filter *filters = palloc0(sizeof(Filter) * (n * lengthof(mo_rest_comparisons) + 1));
	Column *c = columns;
	Filter *f = filters;

	for (int i = 0; i < n; i++)
	{
		const char *use = mo_source_column_option(source, i, "param");

		if (mo_source_column(source, i)[0] == '\0')
			continue;
		c->name = mo_source_column(source, i);
		c->type = mo_source_column_type(source, i);
		c->path = mo_source_column_option(source, i, "path");
		if (column_truth(source, i, "key"))
			c->flags |= COL_KEY;
		if (use != NULL)
			c->flags |= COL_PARAM | (strcmp(use, "required") == 0 ? COL_REQUIRED : 0);
		if (use != NULL && c->path != NULL)
			refuse(source, "Column \"%s\" is a parameter, so it has no \"path\" in the answer.",
				   c->name);
		c++;
		for (size_t k = 0; k < lengthof(mo_rest_comparisons); k++)
		{
			if (mo_source_column_option(source, i, mo_rest_comparisons[k].option) != NULL)
				make_filter(source, i, k, f++);
		}
	}
	res->columns = columns;
	res->filters = f > filters ? filters : NULL;
}

static void
make_paging(struct TableSource *source, Paging *paging)
{
	paging->style = style_of(source);
	paging->cursor = option(source, "cursor");
	paging->within = option(source, "cursor_within");
	paging->more = option(source, "more");
	paging->param = option(source, "page_param");
	paging->pages = option(source, "page_count");
	paging->total = option(source, "total");
	paging->size_param = option(source, "size_param");
	paging->size = number(source, "page_size");
	paging->until_empty = strcmp(option(source, "last_page"), "empty") == 0;
	paging->first = option(source, "first_page") != NULL ? number(source, "first_page")
														 : paging->style == PAGE_NUMBER;
}

static void
make_range(struct TableSource *source, Range *range)
{
	const char *column = option(source, "range_column");
	int i = column ? find_column(source, column, strlen(column)) : -1;

	if (column == NULL)
		return;
	if (mo_source_columns(source) > 0 && i < 0)
		refuse(source, "There is no column \"%s\", which \"range_column\" names.", column);
	if (i >= 0 && strcmp(mo_source_column_type(source, i), "date") != 0)
		refuse(source, "Column \"%s\", which \"range_column\" names, has to be a date.", column);
	range->column = column;
	range->back = number(source, "range_back");
	range->ahead = number(source, "range_ahead");
	range->max_days = number(source, "range_days");
	range->required = truth(source, "range_required");
}

static const Resource *
make_resource(struct TableSource *source)
{
	Resource *res = palloc0(sizeof(Resource) * 2);
	const char *trouble = option(source, "trouble");
	size_t n;

	res->name = mo_source_table(source);
	res->path = option(source, "path");
	res->query = option(source, "query");
	res->body = option(source, "body");
	res->fields_param = option(source, "fields_param");
	res->records = option(source, "records");
	res->records_optional = truth(source, "records_optional");
	res->sign = option(source, "sign");
	if (trouble != NULL)
		res->trouble = mo_rest_list(trouble, &n);
	make_paging(source, &res->paging);
	make_columns(source, res);
	make_range(source, &res->range);
	res->filter = (FilterStyle){option(source, "filter_param"), option(source, "filter_open"),
								option(source, "filter_join"), option(source, "filter_close")};
	check_names(source, "path");
	check_names(source, "query");
	check_names(source, "body");
	return res;
}

static const char *
auth_header(const char *auth)
{
	if (strcmp(auth, "none") == 0)
		return NULL;
	if (strcmp(auth, "bearer") == 0)
		return "Authorization: Bearer {token}";
	return strcmp(auth, "basic") == 0 ? "Authorization: Basic {basic}" : auth;
}

/* A list of one path, or the usual ones. */
static const char *const *
paths(const char *own, const char *const *usual)
{
	const char **list = palloc0(sizeof(char *) * 2);

	list[0] = own;
	return own ? list : usual;
}

/* What the codes of its errors mean, or NULL. */
static const ErrorRule *
make_errors(struct TableSource *source)
{
	const char *value = option(source, "errors");
	size_t n;
	const char **list = value ? mo_rest_list(value, &n) : NULL;
	ErrorRule *rules = list ? palloc0(sizeof(ErrorRule) * (n + 1)) : NULL;

	for (size_t i = 0; list != NULL && i < n; i++)
	{
		const char *word = strrchr(list[i], '=');

		rules[i].code = pnstrdup(list[i], word - list[i]);
		rules[i].class = mo_rest_error_class(word + 1);
	}
	return rules;
}

extern const Connector mo_rest_connector;

static const Connector *
describe(struct TableSource *source)
{
	static const char *const messages[] = {"error.message", "message", "error_description",
										   "errors[0].message", "detail", NULL};
	static const char *const codes[] = {NULL};
	Connector *c = palloc(sizeof(Connector));
	const char *headers = option(source, "headers");

	*c = mo_rest_connector;
	c->auth_header = auth_header(option(source, "auth"));
	c->token_scope = option(source, "scope");
	c->token_basic = truth(source, "token_basic");
	for (int i = 0; headers != NULL && *headers != '\0'; i++)
	{
		size_t len = strcspn(headers, "\n");

		c->headers[i] = pnstrdup(headers, len);
		headers += len + (headers[len] == '\n');
	}
	c->error_messages = paths(option(source, "error_message"), messages);
	c->error_codes = paths(option(source, "error_code"), codes);
	c->errors = make_errors(source);
	if (option(source, "rate") != NULL)
		c->limits = mo_rest_limits(option(source, "rate"));
	c->resources = make_resource(source);
	return c;
}

static const Resource no_resources[] = {{0}};

const Connector mo_rest_connector = {
	.name = "rest",
	.comment = "Any service that answers with JSON, described by options",
	.hosts = "",
	.options = mo_rest_options,
	.resources = no_resources,
	.describe = describe,
	.check = check,
};
