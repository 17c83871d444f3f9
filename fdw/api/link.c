/*-------------------------------------------------------------------------
 *
 * link.c
 *	  The header "Link": which of its links leads to the next page.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "api/internal.h"

/* Is "next" among the words? */
static bool
names_next(const char *words, size_t len)
{
	char *rest;

	for (char *word = strtok_r(pnstrdup(words, len), " ", &rest); word != NULL;
		 word = strtok_r(NULL, " ", &rest))
	{
		if (pg_strcasecmp(word, "next") == 0)
			return true;
	}
	return false;
}

/* Pass over one parameter of a link; "next" becomes true when it says rel="next". */
static const char *
read_link_param(const char *p, bool *next)
{
	size_t name = strcspn(p, "=;, \t");
	bool rel = name == 3 && pg_strncasecmp(p, "rel", 3) == 0;
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
	while (value[len] == '\\' && value[len + 1] != '\0')
		len += 2 + strcspn(value + len + 2, "\"\\");
	if (rel && names_next(value, len))
		*next = true;
	value += len;
	return value + (*value == '"');
}

/*
 * The target of the first link with rel="next" in a Link header, palloc'd, or
 * NULL: <https://x/y?page=2>; rel="next", <...>; rel="last" (RFC 8288).
 */
char *
mo_paging_header_link(const char *header)
{
	while (header != NULL && (header = strchr(header, '<')) != NULL)
	{
		const char *end = strchr(header, '>');
		const char *p = end ? end + 1 : NULL;
		bool next = false;

		if (p == NULL)
			return NULL;
		/* its parameters, up to the comma before the next link */
		while (*p != '\0' && *p != ',')
			p = read_link_param(p + strspn(p, "; \t"), &next);
		if (next)
			return pnstrdup(header + 1, end - header - 1);
		header = p;
	}
	return NULL;
}
