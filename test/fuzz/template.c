/*-------------------------------------------------------------------------
 *
 * template.c
 *	  Values in templates: none breaks out of its place, and each can be read
 *	  back; filters put their values between quotes that hold.
 *
 * fuzzes: fdw/api/template.c fdw/api/filter.c fdw/json/value.c test/fuzz/server/server.c
 *
 *-------------------------------------------------------------------------
 */
#include "server/server.h"

#include <ctype.h>

#include "api/api.h"
#include "mb/pg_wchar.h"

/* TemplateLookup: {a} is the value, nothing else has one. */
static const char *
lookup(void *arg, const char *name)
{
	return strcmp(name, "a") == 0 ? arg : NULL;
}

static void
check_url(const char *value)
{
	char *query = mo_template_query("x=1&a={a}&b={none}", lookup, (void *) value);
	char *path = mo_template_expand("/p/{a}/q", PLACE_URL, lookup, (void *) value, NULL);
	char *back;

	for (const char *p = query; *p != '\0'; p++)
		CHECK(isalnum(*p) || strchr("-._~%=&", *p) != NULL);
	for (const char *p = path + 3; p < path + strlen(path) - 2; p++)
		CHECK(isalnum(*p) || strchr("-._~%", *p) != NULL);
	back = mo_template_param(psprintf("https://x.example/y?%s", query), "a");
	if (value[0] == '\0')
		CHECK(back == NULL);
	else
		CHECK(back != NULL && strcmp(back, value) == 0);
}

static void
check_json(const char *value)
{
	bool empty;
	char *text = mo_template_expand("{\"k\": \"{a}\", \"l\": {a[]}[[, \"m\": \"{none}\"]]}",
									PLACE_JSON, lookup, (void *) value, &empty);
	const char *error;
	JsonValue *json;
	size_t len;
	const char *back;

	if (value[0] == '\0' ||
		pg_encoding_verifymbstr(PG_UTF8, value, (int) strlen(value)) != (int) strlen(value))
		return;
	json = mo_json_parse(text, strlen(text), &error);
	CHECK(error == NULL);
	back = mo_json_text(mo_json_member(json, "k"), &len);
	CHECK(back != NULL && strlen(value) == len && memcmp(back, value, len) == 0);
	CHECK(mo_json_is_array(mo_json_member(json, "l")));
	CHECK(mo_json_member(json, "m") == NULL);
	mo_json_free(json);
}

/* Is all between the first and the last quote one quoted string? */
static void
check_quoted(const char *term, char quote, const char *value)
{
	const char *p = term;
	char *back = palloc(strlen(term) + 1);
	char *to = back;

	CHECK(*p++ == quote);
	while (*p != quote)
	{
		CHECK(*p != '\0');
		if (*p == '\\')
			p++;
		*to++ = *p++;
	}
	*to = '\0';
	CHECK(p[1] == '\0');
	CHECK(strcmp(back, value) == 0);
}

static void
check_filter(const char *value)
{
	static const Filter quoted = {"c", "=", "%q", EXACT};
	static const Filter apostrophes = {"c", "=", "%a", EXACT};
	static const Filter json = {"c", "=", "%j", EXACT};
	ApiCondition condition = {.filter = &quoted, .text = value};
	const char *error;
	JsonValue *back;
	char *term;
	size_t len;

	check_quoted(mo_filter_term(&condition, 0), '"', value);
	condition.filter = &apostrophes;
	check_quoted(mo_filter_term(&condition, 0), '\'', value);
	condition.filter = &json;
	term = psprintf("[%s]", mo_filter_term(&condition, 0));
	if (pg_encoding_verifymbstr(PG_UTF8, value, (int) strlen(value)) != (int) strlen(value))
		return;
	back = mo_json_parse(term, strlen(term), &error);
	CHECK(error == NULL && mo_json_length(back) == 1);
	CHECK(strcmp(mo_json_text(mo_json_element(back, 0), &len), value) == 0);
	mo_json_free(back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (mo_fuzz_try())
	{
		char *value = pnstrdup((const char *) data, size);
		size_t n = strcspn(value, "\n");
		char *template = pnstrdup(value, n);

		check_url(value);
		check_json(value);
		check_filter(value);
		(void) mo_template_param(value, "a");
		/* a template of any shape */
		(void) mo_template_expand(template, PLACE_JSON, lookup, value + n, NULL);
		(void) mo_template_query(template, lookup, value + n);
	}
	mo_fuzz_reset();
	return 0;
}
