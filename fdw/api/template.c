/*-------------------------------------------------------------------------
 *
 * template.c
 *	  "{name}" in a path, a query or a body becomes a value.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "api/api.h"

/* Append text percent-encoded as RFC 3986 has it. */
void
mo_template_url(StringInfo out, const char *text, bool keep_slash)
{
	static const char unreserved[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *text != '\0'; text++)
	{
		if (strchr(unreserved, *text) != NULL || (keep_slash && *text == '/'))
			appendStringInfoChar(out, *text);
		else
			appendStringInfo(out, "%%%02X", (unsigned char) *text);
	}
}

/* A segment's next dot, plain or percent-encoded; returns its length, 0 = there is none. */
static size_t
dot_len(const char *p)
{
	if (*p == '.')
		return 1;
	return p[0] == '%' && p[1] == '2' && (p[2] == 'e' || p[2] == 'E') ? 3 : 0;
}

/*
 * Has the path of a URL a segment "." or ".."?  Whoever resolves the URL would
 * drop it, and the segment before: the request would be another one.
 */
bool
mo_template_climbs(const char *path)
{
	for (const char *p = path; p != NULL; p = strchr(p, '/'))
	{
		p += *p == '/';
		for (int dots = 0; dots < 2 && dot_len(p) > 0; dots++)
		{
			p += dot_len(p);
			if (*p == '/' || *p == '\0')
				return true;
		}
	}
	return false;
}

/* Percent-decode the first "len" bytes. */
static char *
decoded(const char *text, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	char *result = pnstrdup(text, len);
	char *to = result;

	for (const char *from = result; *from != '\0'; from++)
	{
		const char *high = *from == '%' ? strchr(hex, pg_tolower(from[1])) : NULL;
		const char *low = high && *high ? strchr(hex, pg_tolower(from[2])) : NULL;

		if (low != NULL && *low != '\0')
		{
			*to++ = (char) ((high - hex) * 16 + (low - hex));
			from += 2;
		}
		else
			*to++ = *from == '+' ? ' ' : *from;
	}
	*to = '\0';
	return result;
}

/* The value of a parameter in the query of a URL, or NULL. */
char *
mo_template_param(const char *url, const char *name)
{
	const char *part = strchr(url, '?');

	while (part != NULL)
	{
		size_t n = strcspn(++part, "&#");
		size_t key = strcspn(part, "=&#");

		if (part[key] == '=' && strcmp(decoded(part, key), name) == 0)
			return decoded(part + key + 1, n - key - 1);
		part = part[n] == '&' ? part + n : NULL;
	}
	return NULL;
}

/* Append text as the inside of a JSON string. */
void
mo_template_json(StringInfo out, const char *text)
{
	for (; *text != '\0'; text++)
	{
		unsigned char c = (unsigned char) *text;

		if (c == '"' || c == '\\')
			appendStringInfo(out, "\\%c", c);
		else if (c < 0x20)
			appendStringInfo(out, "\\u%04x", c);
		else
			appendStringInfoChar(out, c);
	}
}

/* "a,b" as ["a","b"] */
static char *
json_list(const char *words)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoChar(&out, '[');
	while (*words != '\0')
	{
		size_t n = strcspn(words, ",");
		char *word = pnstrdup(words, n);

		appendStringInfoString(&out, out.len > 1 ? ",\"" : "\"");
		mo_template_json(&out, word);
		appendStringInfoChar(&out, '"');
		pfree(word);
		words += n + (words[n] == ',');
	}
	appendStringInfoChar(&out, ']');
	return out.data;
}

/* The length of "{name}" or "{name[]}" at the text's start; 0 = it is neither. */
static size_t
variable_len(const char *text, char **name, bool *is_list)
{
	size_t n = *text == '{' ? strspn(text + 1, "abcdefghijklmnopqrstuvwxyz_0123456789") : 0;
	const char *end = text + 1 + n;

	if (n == 0)
		return 0;
	*is_list = strncmp(end, "[]}", 3) == 0;
	if (!*is_list && *end != '}')
		return 0;
	*name = pnstrdup(text + 1, n);
	return n + (*is_list ? 4 : 2);
}

/* "[[...]]": the part, unless it lacks a value.  Gives the length of it all, or 0. */
static size_t
expand_part(StringInfo out, const char *text, TemplatePlace place, TemplateLookup lookup, void *arg)
{
	const char *end = strncmp(text, "[[", 2) == 0 ? strstr(text, "]]") : NULL;
	bool empty;
	char *part;

	if (end == NULL)
		return 0;
	part = mo_template_expand(pnstrdup(text + 2, end - text - 2), place, lookup, arg, &empty);
	if (!empty)
		appendStringInfoString(out, part);
	return end + 2 - text;
}

/*
 * Replace each "{name}" by what lookup says, escaped for the place.  "{" not
 * followed by a name and "}" stands for itself, as in JSON.  If "empty" is
 * given it says whether some name had no value.
 */
char *
mo_template_expand(const char *template, TemplatePlace place, TemplateLookup lookup, void *arg,
				   bool *empty)
{
	StringInfoData out;

	initStringInfo(&out);
	if (empty != NULL)
		*empty = false;
	while (*template != '\0')
	{
		char *name;
		bool is_list;
		size_t n = variable_len(template, &name, &is_list);

		if (n > 0)
		{
			const char *value = lookup(arg, name);

			if (is_list && value != NULL && value[0] != '\0')
				value = json_list(value);

			if (value == NULL || value[0] == '\0')
			{
				if (empty != NULL)
					*empty = true;
			}
			else if (place == PLACE_URL)
				mo_template_url(&out, value, false);
			else if (place == PLACE_JSON && !is_list)
				mo_template_json(&out, value);
			else
				appendStringInfoString(&out, value);
			pfree(name);
			template += n;
		}
		else if ((n = expand_part(&out, template, place, lookup, arg)) > 0)
			template += n;
		else
			appendStringInfoChar(&out, *template ++);
	}
	return out.data;
}

/*
 * "a=b&c={x}" with names and values encoded; a parameter with a variable that
 * has no value is left out.  No leading "?".
 */
char *
mo_template_query(const char *template, TemplateLookup lookup, void *arg)
{
	StringInfoData out;

	initStringInfo(&out);
	while (template != NULL && *template != '\0')
	{
		size_t n = strcspn(template, "&");
		char *part = pnstrdup(template, n);
		char *value = strchr(part, '=');
		bool empty = false;

		if (value != NULL)
		{
			*value++ = '\0';
			value = mo_template_expand(value, PLACE_PLAIN, lookup, arg, &empty);
		}
		if (!empty)
		{
			if (out.len > 0)
				appendStringInfoChar(&out, '&');
			mo_template_url(&out, part, false);
			if (value != NULL)
			{
				appendStringInfoChar(&out, '=');
				mo_template_url(&out, value, false);
			}
		}
		pfree(part);
		template += n;
		if (*template == '&')
			template ++;
	}
	return out.data;
}
