/*-------------------------------------------------------------------------
 *
 * link.c
 *	  Link headers, good and bad.
 *
 *-------------------------------------------------------------------------
 */
#include "../../fdw/http/link.c"

#include <stdio.h>

#include "tap.h"

static void
check(const char *header, const char *expected, const char *what)
{
	size_t len = 0;
	const char *link = mo_http_next_link(header, &len);
	bool good = expected == NULL ? link == NULL
								 : link != NULL && len == strlen(expected) &&
									   memcmp(link, expected, len) == 0;

	ok(good, what);
	if (!good)
		printf("# got %.*s\n", (int) len, link != NULL ? link : "");
}

int
main(void)
{
	check("<https://x/y?page=2>; rel=\"next\"", "https://x/y?page=2", "the usual");
	check("<a>; rel=\"first\", <b>; rel=\"next\", <c>; rel=\"last\"", "b", "one of several");
	check("<a>;rel=next", "a", "without quotes");
	check("<a> ; REL = \"Next\"", "a", "blanks, upper case");
	check("<a>; rel=\"prev next\"", "a", "two relations at once");
	check("<a>; title=\"x, <z>; rel=\\\"next\\\"\", <b>; rel=next", "b", "quotes within quotes");
	check("<?page=2>; rel=\"next\"; type=\"text/html\"", "?page=2", "a relative one");
	check("<a,b>; rel=next", "a,b", "a comma within a link");
	check("<a>; rel=\"nextish\"", NULL, "another relation");
	check("<a>; rel=\"\"", NULL, "no relation");
	check("<a>; next", NULL, "a parameter without a value");
	check("<a>, <b>", NULL, "no parameters");
	check("", NULL, "nothing");
	check("<a; rel=next", NULL, "never closed");
	check("<a>; rel=\"next", "a", "a quote never closed");
	check("rel=next", NULL, "no link");
	check("<>; rel=next", "", "an empty link");
	check("<a>;;; , ;<b>;rel=next", "b", "odd punctuation");
	return done_testing();
}
