/*-------------------------------------------------------------------------
 *
 * link.c
 *	  Which link of a Link header leads to the next page: plain C.
 *
 *	  <https://x/y?page=2>; rel="next"; title="a, <b>", <...>; rel=last
 *
 *-------------------------------------------------------------------------
 */
#include "http/link.h"

#include <string.h>
#include <strings.h>

/* Is "next" among the words? */
static bool
names_next(const char *words, size_t len)
{
	const char *end = words + len;

	while (words < end)
	{
		const char *blank = memchr(words, ' ', end - words);
		size_t n = (blank != NULL ? blank : end) - words;

		if (n == 4 && strncasecmp(words, "next", 4) == 0)
			return true;
		words += n + (blank != NULL);
	}
	return false;
}

/* Passes over one parameter of a link; "next" becomes true when it says rel="next". */
static const char *
pass_param(const char *p, bool *next)
{
	size_t name = strcspn(p, "=;, \t");
	bool rel = name == 3 && strncasecmp(p, "rel", 3) == 0;
	const char *value = p + name + strspn(p + name, " \t");
	bool quoted;
	size_t len;

	if (*value != '=')
		return value + strcspn(value, ";,");
	value++;
	value += strspn(value, " \t");
	quoted = *value == '"';
	value += quoted;
	len = strcspn(value, quoted ? "\"\\" : ";, \t");
	while (quoted && value[len] == '\\' && value[len + 1] != '\0')
		len += 2 + strcspn(value + len + 2, "\"\\");
	if (rel && names_next(value, len))
		*next = true;
	value += len;
	return value + (*value == '"');
}

const char *
mo_http_next_link(const char *header, size_t *len)
{
	while ((header = strchr(header, '<')) != NULL)
	{
		const char *end = strchr(header, '>');
		const char *p = end != NULL ? end + 1 : NULL;
		bool next = false;

		if (p == NULL)
			return NULL;
		/* its parameters, up to the comma before the next link */
		while (*p != '\0' && *p != ',')
		{
			p += strspn(p, "; \t");
			p = pass_param(p, &next);
		}
		if (next)
		{
			*len = end - header - 1;
			return header + 1;
		}
		header = p;
	}
	return NULL;
}
