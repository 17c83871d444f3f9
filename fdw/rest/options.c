/*-------------------------------------------------------------------------
 *
 * options.c
 *	  The options of rest_fdw, one by one: what each value has to look like.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "rest/rest.h"

#define MAX_TROUBLE 4 /* an answer's envelope has room for so many paths */
#define MAX_HEADERS 4

/* Conditions a column can have: its option, and what it stands for */
const RestComparison mo_rest_comparisons[REST_COMPARISONS] = {{"filter_eq", "=", "eq"},
															  {"filter_lt", "<", "lt"},
															  {"filter_le", "<=", "le"},
															  {"filter_ge", ">=", "ge"},
															  {"filter_gt", ">", "gt"}};

const char *const mo_rest_styles[REST_STYLES] = {
	[PAGE_NONE] = "none",
	[PAGE_CURSOR] = "cursor",
	[PAGE_LINK] = "link",
	[PAGE_HEADER] = "link_header",
	[PAGE_NUMBER] = "page",
	[PAGE_OFFSET] = "offset"};

static bool
is_word_of(const char *value, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		if (strcmp(value, words[i]) == 0)
			return true;
	}
	return false;
}

static bool
is_style(const char *value)
{
	return is_word_of(value, mo_rest_styles, lengthof(mo_rest_styles));
}

static bool
is_last_page(const char *value)
{
	static const char *const words[] = {"empty", "short"};

	return is_word_of(value, words, lengthof(words));
}

static bool
is_param_use(const char *value)
{
	static const char *const words[] = {"optional", "required"};

	return is_word_of(value, words, lengthof(words));
}

/* A URL without names: a query's values do not choose where the credential goes */
static bool
is_base(const char *value)
{
	return mo_option_is_url(value) && strpbrk(value, "{}") == NULL;
}

/* "/v1/orders/{id}": on no other host, and nothing behind it */
static bool
is_request_path(const char *value)
{
	return value[0] == '/' && value[1] != '/' && strpbrk(value, " \t\r\n\"<>\\^`|#?") == NULL;
}

static bool
is_query(const char *value)
{
	return strpbrk(value, "\r\n#") == NULL && value[0] != '?';
}

/* Names joined by dots */
static bool
is_plain_path(const char *value)
{
	const char *error;
	JsonPath *path = mo_json_path_compile(value, &error);
	bool ok = path != NULL && strpbrk(value, "[]^{}\" \t\r\n") == NULL;

	mo_json_path_free(path);
	return ok;
}

static bool
is_path(const char *value)
{
	const char *error;
	JsonPath *path = mo_json_path_compile(value, &error);
	bool ok = path != NULL && strpbrk(value, "^{}\r\n") == NULL;

	mo_json_path_free(path);
	return ok;
}

/* A query parameter: "page", "page[size]", "$top" */
bool
mo_rest_is_param(const char *value)
{
	return strpbrk(value, " \t\r\n&=#?{}\"<>") == NULL;
}

static bool
is_size(const char *value)
{
	return strlen(value) < 6 && strspn(value, "0123456789") == strlen(value) && value[0] != '0';
}

static bool
is_number(const char *value)
{
	return strlen(value) < 6 && strspn(value, "0123456789") == strlen(value);
}

/* Is it "Name: value"?  Gives the length of the name. */
static bool
is_header(const char *line, size_t len, size_t *name_len)
{
	size_t n = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

	*name_len = n;
	return n > 0 && n + 2 < len && line[n] == ':' && line[n + 1] == ' ';
}

/* bearer, basic, none, or a header with {token} or {basic} in it */
static bool
is_auth(const char *value)
{
	static const char *const words[] = {"bearer", "basic", "none"};
	size_t name_len;

	if (is_word_of(value, words, lengthof(words)))
		return true;
	return is_header(value, strlen(value), &name_len) && strpbrk(value, "\r\n") == NULL &&
		   (strstr(value, "{token}") != NULL || strstr(value, "{basic}") != NULL);
}

/* Would the header carry a credential, or frame the request anew? */
static bool
is_reserved(const char *name, size_t len)
{
	static const char *const words[] = {"auth", "token", "key", "secret", "cookie", "password",
										"host", "proxy", "length", "encoding"};
	char *lower = pnstrdup(name, len);
	bool found = false;

	for (char *p = lower; *p != '\0'; p++)
		*p = (char) tolower((unsigned char) *p);
	for (size_t i = 0; i < lengthof(words); i++)
		found = found || strstr(lower, words[i]) != NULL;
	return found || strcmp(lower, "connection") == 0 || strcmp(lower, "content-type") == 0;
}

/* Lines of headers that are no secret */
static bool
is_header_list(const char *value)
{
	int n = 0;

	while (*value != '\0')
	{
		size_t len = strcspn(value, "\n");
		size_t name_len;

		if (++n > MAX_HEADERS || !is_header(value, len, &name_len) ||
			is_reserved(value, name_len) || memchr(value, '\r', len) != NULL ||
			memchr(value, '{', len) != NULL)
			return false;
		value += len + (value[len] == '\n');
	}
	return true;
}

/* A term with one value in it: %q %a %s %j %J %t %d %u, these three also %-t or %+t */
static bool
is_term(const char *value)
{
	int values = 0;

	for (const char *p = strchr(value, '%'); p != NULL; p = strchr(p + 1, '%'))
	{
		p++;
		if (*p == '-' || *p == '+')
		{
			p++;
			if (*p == '\0' || strchr("tdu", *p) == NULL)
				return false;
		}
		else if (*p == '\0' || strchr("qasjJtdu", *p) == NULL)
			return false;
		values++;
	}
	return values == 1;
}

/* Words with commas between; each of them one of "words", unless that is NULL */
const char **
mo_rest_list(const char *value, size_t *n)
{
	const char **list = palloc0(sizeof(char *) * (strlen(value) / 2 + 2));

	*n = 0;
	while (*value != '\0')
	{
		size_t len = strcspn(value, ",");
		size_t trimmed = len;

		while (trimmed > 0 && value[trimmed - 1] == ' ')
			trimmed--;
		list[(*n)++] = pnstrdup(value, trimmed);
		value += len + (value[len] == ',');
		value += strspn(value, " ");
	}
	return list;
}

static bool
is_exact_list(const char *value)
{
	size_t n;
	const char **list = mo_rest_list(value, &n);

	for (size_t i = 0; i < n; i++)
	{
		bool known = false;

		for (size_t j = 0; j < lengthof(mo_rest_comparisons); j++)
			known = known || strcmp(list[i], mo_rest_comparisons[j].word) == 0;
		if (!known)
			return false;
	}
	return n > 0;
}

/* "errors, code!=0|200": paths, the last with the values that are good */
static bool
is_trouble(const char *value)
{
	size_t n;
	const char **list = mo_rest_list(value, &n);

	for (size_t i = 0; i < n; i++)
	{
		const char *condition = strstr(list[i], "!=");

		if (!is_plain_path(condition ? pnstrdup(list[i], condition - list[i]) : list[i]) ||
			(condition != NULL && condition[2] == '\0'))
			return false;
	}
	return n > 0 && n <= MAX_TROUBLE;
}

const RateLimit *
mo_rest_limits(const char *value)
{
	static const struct
	{
		const char *name;
		int seconds;
	} units[] = {{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}};
	size_t n;
	const char **list = mo_rest_list(value, &n);
	RateLimit *limits = palloc0(sizeof(RateLimit) * (n + 1));

	if (n == 0 || n > lengthof(units))
		return NULL;
	for (size_t i = 0; i < n; i++)
	{
		size_t digits = strspn(list[i], "0123456789");

		if (digits == 0 || digits > 9 || list[i][digits] != '/' || atoi(list[i]) == 0)
			return NULL;
		for (size_t u = 0; u < lengthof(units); u++)
		{
			if (strcmp(list[i] + digits + 1, units[u].name) == 0)
			{
				limits[i].name = units[u].name;
				limits[i].capacity = atoi(list[i]);
				limits[i].window_s = units[u].seconds;
			}
		}
		for (size_t j = 0; j <= i; j++)
		{
			if (limits[i].name == NULL || (j < i && limits[j].name == limits[i].name))
				return NULL;
		}
	}
	return limits;
}

static bool
is_rate(const char *value)
{
	return mo_rest_limits(value) != NULL;
}

ErrorClass
mo_rest_error_class(const char *word)
{
	static const struct
	{
		const char *word;
		ErrorClass class;
	} known[] = {
		{"retry", ERROR_RETRY},
		{"throttle", ERROR_THROTTLE},
		{"login", ERROR_LOGIN},
		{"denied", ERROR_DENIED},
		{"missing", ERROR_MISSING},
		{"request", ERROR_REQUEST},
		{"cursor", ERROR_CURSOR}};

	for (size_t i = 0; i < lengthof(known); i++)
	{
		if (strcmp(known[i].word, word) == 0)
			return known[i].class;
	}
	return ERROR_END;
}

/* "40100=throttle, 500-599=retry" */
static bool
is_error_list(const char *value)
{
	size_t n;
	const char **list = mo_rest_list(value, &n);

	for (size_t i = 0; i < n; i++)
	{
		const char *word = strrchr(list[i], '=');

		if (word == NULL || word == list[i] || mo_rest_error_class(word + 1) == ERROR_END)
			return false;
	}
	return n > 0;
}

const Option mo_rest_options[] = {
	{"base_url", ON_SERVER, NULL, true, true, is_base,
	 "the part of a URL that all tables share, such as https://api.example.com/v1"},
	{"auth", ON_SERVER, "bearer", false, true, is_auth,
	 "bearer, basic, none, or a header such as \"X-Api-Key: {token}\""},
	{"scope", ON_SERVER, NULL, false, true, NULL, NULL},
	{"token_basic", ON_SERVER, NULL, false, true, mo_option_is_bool, "a Boolean value"},
	{"headers", ON_SERVER, NULL, false, false, is_header_list,
	 "at most four lines such as \"Accept: application/json\", without any credential"},
	{"rate", ON_SERVER, NULL, false, false, is_rate,
	 "requests in spans of time, such as \"10/second, 600/minute\""},
	{"error_message", ON_SERVER, NULL, false, false, is_path, "a path such as error.message"},
	{"error_code", ON_SERVER, NULL, false, false, is_path, "a path such as error.code"},
	{"errors", ON_SERVER, NULL, false, false, is_error_list,
	 "codes such as \"40100=throttle, 500-599=retry\"; also login, denied, missing, request, "
	 "cursor"},

	{"path", ON_TABLE, NULL, false, false, is_request_path, "a path such as /orders"},
	{"query", ON_TABLE, NULL, false, false, is_query, "parameters such as status=any&sort=id"},
	{"body", ON_TABLE, NULL, false, true, NULL, NULL},
	{"records", ON_TABLE, "", false, false, is_plain_path, "a path such as data.orders"},
	{"records_optional", ON_TABLE, NULL, false, false, mo_option_is_bool, "a Boolean value"},
	{"sign", ON_TABLE, NULL, false, false, is_path, "a path such as meta"},
	{"trouble", ON_TABLE, NULL, false, false, is_trouble,
	 "up to four paths such as \"errors, code!=0\""},
	{"fields_param", ON_TABLE, NULL, false, false, mo_rest_is_param,
	 "the name of a query parameter"},
	{"paging", ON_TABLE, "none", false, false, is_style,
	 "none, cursor, link, link_header, page or offset"},
	{"cursor", ON_TABLE, NULL, false, false, is_path, "a path such as meta.next"},
	{"cursor_within", ON_TABLE, NULL, false, false, mo_rest_is_param,
	 "the name of a query parameter"},
	{"more", ON_TABLE, NULL, false, false, is_path, "a path such as meta.has_more"},
	{"page_count", ON_TABLE, NULL, false, false, is_path, "a path such as meta.pages"},
	{"total", ON_TABLE, NULL, false, false, is_path, "a path such as meta.total"},
	{"page_param", ON_TABLE, NULL, false, false, mo_rest_is_param, "the name of a query parameter"},
	{"first_page", ON_TABLE, NULL, false, false, is_number, "a number, usually 0 or 1"},
	{"last_page", ON_TABLE, "empty", false, false, is_last_page, "empty or short"},
	{"size_param", ON_TABLE, NULL, false, false, mo_rest_is_param, "the name of a query parameter"},
	{"page_size", ON_TABLE, NULL, false, false, is_size, "a number of records"},
	{"range_column", ON_TABLE, NULL, false, false, NULL, NULL},
	{"range_back", ON_TABLE, "30", false, false, is_number, "a number of days"},
	{"range_ahead", ON_TABLE, "0", false, false, is_number, "a number of days"},
	{"range_days", ON_TABLE, NULL, false, false, is_size, "the most days of one request"},
	{"range_required", ON_TABLE, NULL, false, false, mo_option_is_bool, "a Boolean value"},
	{"filter_param", ON_TABLE, NULL, false, false, mo_rest_is_param,
	 "the name of a query parameter"},
	{"filter_open", ON_TABLE, NULL, false, false, NULL, NULL},
	{"filter_join", ON_TABLE, NULL, false, false, NULL, NULL},
	{"filter_close", ON_TABLE, NULL, false, false, NULL, NULL},

	{"path", ON_COLUMN, NULL, false, false, is_path, "a path such as customer.email"},
	{"key", ON_COLUMN, NULL, false, false, mo_option_is_bool, "a Boolean value"},
	{"param", ON_COLUMN, NULL, false, false, is_param_use, "optional or required"},
	{"exact", ON_COLUMN, NULL, false, false, is_exact_list, "some of eq, lt, le, ge, gt"},
#define FILTER(name)                                                         \
	{                                                                        \
		name, ON_COLUMN, NULL, false, false, is_term,                        \
			"a parameter or term with one value in it, such as \"since=%t\"" \
	}
	FILTER("filter_eq"),
	FILTER("filter_lt"),
	FILTER("filter_le"),
	FILTER("filter_ge"),
	FILTER("filter_gt"),
	{0}};
