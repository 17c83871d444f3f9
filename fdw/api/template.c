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
		size_t n = strspn(template + 1, "abcdefghijklmnopqrstuvwxyz_0123456789");

		if (*template == '{' && n > 0 && template[n + 1] == '}')
		{
			char *name = pnstrdup(template + 1, n);
			const char *value = lookup(arg, name);

			if (value == NULL || value[0] == '\0')
			{
				if (empty != NULL)
					*empty = true;
			}
			else if (place == PLACE_URL)
				mo_template_url(&out, value, false);
			else if (place == PLACE_JSON)
				mo_template_json(&out, value);
			else
				appendStringInfoString(&out, value);
			pfree(name);
			template += n + 2;
		}
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
