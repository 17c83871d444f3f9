/*-------------------------------------------------------------------------
 *
 * url.c
 *	  What URLs and dates say: their small grammar, without any I/O.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "http/internal.h"
#include "lib/stringinfo.h"

/*
 * The parts of a URL that say where it leads; NULL if it is none.  Free with
 * curl_url_cleanup.
 */
static CURLU *
parse_url(const char *url)
{
	CURLU *u = curl_url();

	if (u == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	if (curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
	{
		curl_url_cleanup(u);
		return NULL;
	}
	return u;
}

/*
 * Does host match pattern?  "*." stands for one label or more.
 */
static bool
host_matches(const char *host, const char *pattern)
{
	size_t host_len = strlen(host);
	size_t tail_len;

	if (strncmp(pattern, "*.", 2) != 0)
		return pg_strcasecmp(host, pattern) == 0;
	tail_len = strlen(pattern) - 1;
	return host_len > tail_len && pg_strcasecmp(host + host_len - tail_len, pattern + 1) == 0;
}

bool
mo_http_host_matches(const char *url, const char *const *patterns)
{
	CURLU *u = parse_url(url);
	char *host = NULL;
	bool found = false;

	if (u == NULL)
		return false;
	if (curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK)
	{
		for (; !found && *patterns != NULL; patterns++)
			found = host_matches(host, *patterns);
	}
	curl_free(host);
	curl_url_cleanup(u);
	return found;
}

static bool
same_part(CURLU *a, CURLU *b, CURLUPart part)
{
	char *x = NULL;
	char *y = NULL;
	bool same = curl_url_get(a, part, &x, CURLU_DEFAULT_PORT) == CURLUE_OK &&
				curl_url_get(b, part, &y, CURLU_DEFAULT_PORT) == CURLUE_OK &&
				pg_strcasecmp(x, y) == 0;

	curl_free(x);
	curl_free(y);
	return same;
}

bool
mo_http_same_origin(const char *a, const char *b)
{
	CURLU *x = parse_url(a);
	CURLU *y = parse_url(b);
	bool same = x != NULL && y != NULL && same_part(x, y, CURLUPART_SCHEME) &&
				same_part(x, y, CURLUPART_HOST) && same_part(x, y, CURLUPART_PORT);

	curl_url_cleanup(x);
	curl_url_cleanup(y);
	return same;
}

/*
 * Services write links as browsers forgive them: with blanks and letters that
 * no URL may have.
 */
static char *
without_blanks(const char *link)
{
	StringInfoData out;

	initStringInfo(&out);
	for (; *link != '\0'; link++)
	{
		if ((unsigned char) *link <= ' ' || IS_HIGHBIT_SET(*link))
			appendStringInfo(&out, "%%%02X", (unsigned char) *link);
		else
			appendStringInfoChar(&out, *link);
	}
	return out.data;
}

char *
mo_http_resolve(const char *url, const char *link)
{
	char *clean = without_blanks(link); /* first, for it may raise */
	CURLU *u = parse_url(url);
	char *whole = NULL;
	char *copy = NULL;

	if (u == NULL)
		return NULL;
	if (link[0] != '\0' && curl_url_set(u, CURLUPART_URL, clean, 0) == CURLUE_OK &&
		curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK &&
		curl_url_get(u, CURLUPART_URL, &whole, 0) == CURLUE_OK)
		copy = MemoryContextAllocExtended(CurrentMemoryContext, strlen(whole) + 1,
										  MCXT_ALLOC_NO_OOM);
	if (copy != NULL)
		strcpy(copy, whole);
	curl_free(whole);
	curl_url_cleanup(u);
	return copy;
}

char *
mo_http_encode(const char *s)
{
	StringInfoData out;

	initStringInfo(&out);
	for (; *s != '\0'; s++)
	{
		unsigned char c = *s;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			strchr("-._~", c) != NULL)
			appendStringInfoChar(&out, c);
		else
			appendStringInfo(&out, "%%%02X", c);
	}
	return out.data;
}

int64
mo_http_date(const char *value)
{
	int64 seconds = value == NULL ? -1 : (int64) curl_getdate(value, NULL);

	return seconds < 0 ? -1 : seconds; /* no answer is older than 1970 */
}
