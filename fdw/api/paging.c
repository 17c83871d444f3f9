/*-------------------------------------------------------------------------
 *
 * paging.c
 *	  Which page follows a complete one.
 *
 * A service whose pages never end, or that gives the same one for ever, is
 * noticed here: a link or cursor may come once within a window, and a
 * numbered page must not equal the one before it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/hsearch.h"

#include "api/internal.h"
#include "http/link.h"

/* Are its pages counted, rather than led to by what the last one said? */
bool
mo_paging_counted(const Resource *res)
{
	return res->paging.style == PAGE_NUMBER || res->paging.style == PAGE_OFFSET;
}

/* Make it the first page of its window and pass. */
void
mo_paging_first(Position *at)
{
	at->cursor = NULL;
	at->link = NULL;
	at->number = 0;
	at->before = 0;
	at->size = 0;
	at->print = 0;
}

/* {page} or {offset} of a position. */
int64
mo_paging_number(const Resource *res, const Position *at)
{
	return res->paging.first + (res->paging.style == PAGE_OFFSET ? at->before : at->number);
}

static void
pg_attribute_noreturn()
	same_twice(ApiScan *scan)
{
	ereport(ERROR, (errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
					errmsg("the service of server \"%s\" gave the same page twice",
						   scan->spec->server_name)));
}

/* What leads to the next page must not have led to one before, in the same window, pass, part. */
static void
check_new(ApiScan *scan, const Position *at, const char *text)
{
	uint64 key =
		hash_bytes_extended((const unsigned char *) text, (int) strlen(text),
							hash_combine64(((uint64) at->since << 16) + at->pass, at->part));
	bool found;

	if (scan->seen == NULL)
	{
		HASHCTL ctl = {.keysize = sizeof(uint64), .entrysize = sizeof(uint64), .hcxt = scan->cxt};

		scan->seen = hash_create("momentum pages", 64, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	(void) hash_search(scan->seen, &key, HASH_ENTER, &found);
	if (found)
		same_twice(scan);
}

/* The next link in the answer's headers, palloc'd, or NULL. */
static char *
header_link(Fetch *fetch)
{
	char *header = mo_http_header_list(fetch->http, "Link");
	size_t len;
	const char *link = header ? mo_http_next_link(header, &len) : NULL;

	return link ? pnstrdup(link, len) : NULL;
}

/* The link made whole, and of the same origin as the service. */
static char *
whole_link(ApiScan *scan, Fetch *fetch, const char *link)
{
	char *url = mo_http_resolve(fetch->url, link);

	if (url == NULL)
		mo_trouble_not_json(scan, fetch, "its link to the next page is no address");
	if (!mo_http_same_origin(url, mo_request_base(scan, scan->res->base)))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("refused to follow a link of server \"%s\" to another host",
							   scan->spec->server_name)));
	return MemoryContextStrdup(scan->cxt, url);
}

/*
 * The count at a path of the answer; false when it is not there.  Raises when
 * it is no count.
 */
static bool
declared_count(ApiScan *scan, Fetch *fetch, const char *path, int64 *count)
{
	JsonValue *value;
	const char *text;
	size_t len;

	if (path == NULL)
		return false;
	value = mo_fetch_envelope(scan, fetch, path);
	if (value == NULL)
		return false;
	text = mo_json_text(value, &len);
	if (text == NULL || len == 0 || len > 15 || strspn(text, "0123456789") != len)
		mo_trouble_not_json(scan, fetch, psprintf("its \"%s\" is no count", path));
	*count = strtoll(text, NULL, 10);
	return true;
}

/*
 * The number of records that the service says are in all pages of the window;
 * false when it does not say.  To be asked of a complete page, and compared
 * with at.before + got of the window's last one.
 */
bool
mo_paging_total(ApiScan *scan, Fetch *fetch, int64 *total)
{
	return declared_count(scan, fetch, scan->res->paging.total, total);
}

/* Does a counted page follow? */
static bool
counted_more(ApiScan *scan, Fetch *fetch)
{
	const Paging *paging = &scan->res->paging;
	int64 count;

	if (fetch->more != NULL)
	{
		JsonValue *value = mo_fetch_envelope(scan, fetch, fetch->more);
		bool there = value != NULL;
		bool more = mo_answer_filled(value);

		if (there)
			return more;
	}
	if (declared_count(scan, fetch, paging->pages, &count))
		return fetch->at.number + 1 < count;
	/* an empty page ends it all the same: whoever compares the totals will complain */
	if (mo_paging_total(scan, fetch, &count))
		return fetch->at.before + fetch->got < count && fetch->got > 0;
	if (paging->until_empty || fetch->at.size == 0)
		return fetch->got > 0;
	return fetch->got >= fetch->at.size;
}

static bool
next_counted(ApiScan *scan, Fetch *fetch, Position *next)
{
	if (fetch->at.number > 0 && fetch->got > 0 && fetch->print == fetch->at.print)
		same_twice(scan);
	if (!counted_more(scan, fetch))
		return false;
	if (scan->res->paging.style == PAGE_OFFSET && fetch->got == 0)
		mo_trouble_not_json(scan, fetch, "it says that a page follows but has no records");
	next->number = fetch->at.number + 1;
	next->before = fetch->at.before + fetch->got;
	next->size = fetch->at.size;
	next->print = fetch->print;
	return true;
}

/*
 * Where the window goes on after a complete page; false = that was its last.
 * To be asked once of each page, for it remembers the answer.
 */
bool
mo_paging_next(ApiScan *scan, Fetch *fetch, Position *next)
{
	char *lead = NULL;

	if (mo_paging_counted(scan->res))
		return next_counted(scan, fetch, next);
	if (scan->res->paging.style == PAGE_HEADER)
		lead = header_link(fetch);
	else if (!mo_fetch_more(scan, fetch, &lead))
		return false;
	if (lead == NULL)
		return false;
	if (scan->res->paging.style == PAGE_LINK || scan->res->paging.style == PAGE_HEADER)
	{
		lead = whole_link(scan, fetch, lead);
		next->link = lead;
	}
	else
		next->cursor = lead;
	check_new(scan, &fetch->at, lead);
	next->number = fetch->at.number + 1;
	next->before = fetch->at.before + fetch->got;
	return true;
}
