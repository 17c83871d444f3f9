/*-------------------------------------------------------------------------
 *
 * http_url.c
 *	  Two URLs and a text: where they lead is judged the same way round, a
 *	  host is only one of ours if it stands in the URL, and encoding loses
 *	  nothing.
 *
 * fuzzes: fdw/http/url.c test/fuzz/server/server.c
 *
 *-------------------------------------------------------------------------
 */
#include "server/server.h"

#include <ctype.h>

#include "http/http.h"

/* Percent signs resolved, all in lower case. */
static char *
plain(const char *s)
{
	char *out = pstrdup(s);
	char *to = out;

	for (; *s != '\0'; s++)
	{
		unsigned int c;

		if (*s == '%' && isxdigit((unsigned char) s[1]) && isxdigit((unsigned char) s[2]) &&
			sscanf(s + 1, "%2x", &c) == 1)
			s += 2;
		else
			c = (unsigned char) *s;
		*to++ = (char) tolower((int) c);
	}
	*to = '\0';
	return out;
}

static void
check_encoding(const char *text)
{
	const char *encoded = mo_http_encode(text);
	char *back = pstrdup(encoded);
	char *to = back;

	for (const char *p = encoded; *p != '\0'; p++)
	{
		unsigned int c = (unsigned char) *p;

		CHECK(isalnum(*p) || strchr("-._~%", *p) != NULL);
		if (*p == '%')
		{
			CHECK(sscanf(p + 1, "%2x", &c) == 1);
			p += 2;
		}
		*to++ = (char) c;
	}
	*to = '\0';
	CHECK(strcmp(back, text) == 0);
}

static void
check_urls(const char *a, const char *b)
{
	static const char *const ours[] = {"api.example.com", "*.example.org", NULL};
	const char *resolved;

	CHECK(mo_http_same_origin(a, b) == mo_http_same_origin(b, a));
	if (mo_http_host_matches(a, ours))
	{
		CHECK(strstr(plain(a), "api.example.com") != NULL ||
			  strstr(plain(a), ".example.org") != NULL);
		if (pg_strncasecmp(a, "https://", 8) == 0) /* of others the port is not known */
			CHECK(mo_http_same_origin(a, a));
	}
	if (mo_http_same_origin(a, b))
		CHECK(mo_http_host_matches(a, ours) == mo_http_host_matches(b, ours));
	resolved = mo_http_resolve(a, b);
	if (resolved != NULL && pg_strncasecmp(a, "https://", 8) == 0 && b[0] == '/' && b[1] != '/' &&
		b[1] != '\\')
		CHECK(mo_http_same_origin(a, resolved));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (mo_fuzz_try())
	{
		char *a = mo_fuzz_line(&data, &size);
		char *b = mo_fuzz_line(&data, &size);

		if (a != NULL)
		{
			check_encoding(a);
			CHECK(mo_http_date(a) >= -1);
		}
		if (b != NULL)
			check_urls(a, b);
	}
	mo_fuzz_reset();
	return 0;
}
