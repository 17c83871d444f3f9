/*-------------------------------------------------------------------------
 *
 * lanes.c
 *	  Which pages a scan reads, and which of them at the same time.
 *
 * A scan is a row of windows: for each pass the days wanted, in spans as long
 * as the service allows, or the slices of slices.c; all of it for each part of
 * a long list of values.  Within a window a page leads to the next one, so
 * they come in turn; windows know nothing of each other.  A lane reads one
 * window.  Several lanes are under way where all rows will be read; their rows
 * are used lane by lane and page by page, so they come in the same order as
 * they would in turn.
 *
 * What has come and is not used yet is held within momentum.prefetch_memory.
 * A query that may stop early asks for one page ahead, no sooner than it has
 * used half of the one before.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include "nodes/parsenodes.h"
#include "nodes/value.h"
#include "utils/guc.h"

#include "api/internal.h"

/* One window, and those of its pages that are not used up */
typedef struct Lane
{
	DateADT until; /* its last day, however few a page was made to ask for */
	List *pages;   /* of Fetch *, in the order of their rows */
	bool ended;    /* its last page is among them */
} Lane;

static int prefetch_memory = 4 * 1024;

void
mo_lanes_init(void)
{
	DefineCustomIntVariable("momentum.prefetch_memory",
							"How much a scan may hold of pages that it has not come to yet.",
							"Scans that may end early ask for one page ahead at most.",
							&prefetch_memory, 4 * 1024, 0, MAX_KILOBYTES, PGC_USERSET,
							GUC_UNIT_KB, NULL, NULL, NULL);
}

/* As many days from the first one as one request may ask for. */
static DateADT
window_end(ApiScan *scan, DateADT since, DateADT until)
{
	return scan->days > 0 ? Min(until, since + scan->days - 1) : until;
}

/* First window of a pass. */
void
mo_lanes_window_first(ApiScan *scan, Position *at)
{
	mo_slices_first(scan, at);
	if (scan->res->range.column == NULL)
		return;
	at->since = scan->spec->lo;
	at->until = window_end(scan, scan->spec->lo, scan->spec->hi);
}

/* Is the pass ruled out by what the query, or else an option, says of its columns? */
static bool
pass_applies(ApiScan *scan, int pass)
{
	const Pass *p = &scan->res->passes[pass];
	ListCell *lc;

	for (int i = 0; p->values[i] != NULL; i++)
	{
		const char *value = strchr(p->values[i], '=') + 1;
		char *column = pnstrdup(p->values[i], value - p->values[i] - 1);
		bool asked = false;

		foreach (lc, scan->spec->params)
		{
			DefElem *def = lfirst(lc);

			if (strcmp(def->defname, column) != 0)
				continue;
			asked = true;
			if (strcmp(strVal(def->arg), value) != 0)
				return false;
		}
		if (!asked && mo_api_option(scan, column) != NULL &&
			strcmp(mo_api_option(scan, column), value) != 0)
			return false;
	}
	return true;
}

static bool
pass_exists(ApiScan *scan, int pass)
{
	const Pass *p = scan->res->passes;

	return p != NULL &&
		   (p[pass].term != NULL || p[pass].value != NULL || p[pass].values[0] != NULL);
}

/* Moves to the first pass at or after the given one that applies. */
static bool
next_pass(ApiScan *scan, Position *at, int pass)
{
	if (scan->res->passes == NULL)
		return pass == 0;
	while (pass_exists(scan, pass) && !pass_applies(scan, pass))
		pass++;
	at->pass = pass;
	return pass_exists(scan, pass);
}

/* Moves to the window after this one; false = it was the last. */
bool
mo_lanes_window_after(ApiScan *scan, Position *at)
{
	const Resource *res = scan->res;

	mo_paging_first(at);
	if (res->range.column != NULL && at->until < scan->spec->hi)
	{
		at->since = at->until + 1;
		at->until = window_end(scan, at->since, scan->spec->hi);
		return true;
	}
	if (mo_slices_next(scan, at))
		return true;
	mo_lanes_window_first(scan, at);
	if (res->passes != NULL && next_pass(scan, at, at->pass + 1))
		return true;
	at->part++;
	return at->part < scan->parts && next_pass(scan, at, 0);
}

/* Where the scan starts, scan->last; false = there is nothing to ask for. */
bool
mo_lanes_begin(ApiScan *scan)
{
	const char *most = mo_api_option(scan, "parallel_windows");

	scan->most_lanes = scan->spec->eager && !scan->res->serial && most ? atoi(most) : 1;
	mo_slices_begin(scan);
	scan->last.page = 1;
	if (!next_pass(scan, &scan->last, 0))
		return false;
	mo_lanes_window_first(scan, &scan->last);
	return scan->res->range.column == NULL || scan->spec->lo <= scan->spec->hi;
}

/* A page, asked for as soon as it may be, at the end of a lane. */
static void
add_page(ApiScan *scan, Lane *lane, const Position *at)
{
	MemoryContext old = MemoryContextSwitchTo(scan->cxt);
	Fetch *fetch = mo_fetch_new(scan);

	lane->pages = lappend(lane->pages, fetch);
	fetch->at = *at;
	fetch->at.page = ++scan->pages;
	mo_bounds_page(scan, fetch->at.page);
	MemoryContextSwitchTo(fetch->cxt);
	mo_request_page(scan, fetch);
	MemoryContextSwitchTo(old);
	mo_fetch_start(scan, fetch);
}

static void
open_lane(ApiScan *scan, const Position *at)
{
	MemoryContext old = MemoryContextSwitchTo(scan->cxt);
	Lane *lane = palloc0(sizeof(Lane));

	lane->until = at->until;
	scan->edge = *at;
	scan->lanes = lappend(scan->lanes, lane);
	scan->stats.windows++;
	MemoryContextSwitchTo(old);
	add_page(scan, lane, at);
}

/* Start the window after those that were; false = there is none. */
static bool
open_next(ApiScan *scan)
{
	Position at = scan->edge;

	if (scan->finished || scan->res->next != NULL)
		return false;
	if (!mo_lanes_window_after(scan, &at))
	{
		scan->finished = true;
		return false;
	}
	open_lane(scan, &at);
	return true;
}

/* Its last page is complete: start the one after it, or note that it ended. */
static void
go_on(ApiScan *scan, Lane *lane)
{
	Fetch *fetch = llast(lane->pages);
	Position next = fetch->at;
	bool more;

	if (scan->res->next != NULL)
		more = scan->res->next(scan);
	else
	{
		more = mo_paging_next(scan, fetch, &next);
		mo_receipt_page(scan, fetch, more ? &next : NULL);
	}
	mo_slices_learn(scan, fetch, more);
	if (!more && scan->res->range.column != NULL && fetch->at.until < lane->until)
	{
		/* the service had found the window too long */
		mo_paging_first(&next);
		next.since = fetch->at.until + 1;
		next.until = window_end(scan, next.since, lane->until);
		more = true;
	}
	if (more)
		add_page(scan, lane, &next);
	else
		lane->ended = true;
}

static bool
is_whole(const Lane *lane)
{
	const Fetch *last = llast(lane->pages);

	return last->complete;
}

/* Bytes of the pages that are not being used yet. */
static int64
held(ApiScan *scan)
{
	int64 bytes = 0;
	ListCell *lc, *page;

	foreach (lc, scan->lanes)
	{
		foreach (page, ((Lane *) lfirst(lc))->pages)
		{
			if (lfirst(page) != scan->current)
				bytes += mo_fetch_held(lfirst(page));
		}
	}
	scan->stats.held_bytes = Max(scan->stats.held_bytes, bytes);
	return bytes;
}

static bool
has_room(ApiScan *scan)
{
	return held(scan) < prefetch_memory * INT64CONST(1024);
}

/* Take the pages of a lane that are ahead as far as they go. */
static void
push_lane(ApiScan *scan, Lane *lane)
{
	for (int i = 0; i < list_length(lane->pages); i++)
	{
		Fetch *page = list_nth(lane->pages, i);

		if (page == scan->current)
			continue;
		while (!page->complete && has_room(scan) && mo_fetch_advance(scan, page))
			;
	}
	if (!lane->ended && is_whole(lane) && has_room(scan))
		go_on(scan, lane);
}

/* All rows will be used: keep as much under way as may be. */
static void
push_all(ApiScan *scan)
{
	int under_way = 0;
	ListCell *lc;

	foreach (lc, scan->lanes)
	{
		Lane *lane = lfirst(lc);

		push_lane(scan, lane);
		under_way += !lane->ended || !is_whole(lane);
	}
	/* the first page goes alone: what is wrong with all is told once, what they cost is learned */
	while (scan->stats.pages > 0 && under_way < scan->most_lanes && mo_slices_known(scan) &&
		   has_room(scan) && open_next(scan))
		under_way++;
	scan->stats.most_lanes = Max(scan->stats.most_lanes, under_way);
}

/* The current page is complete: is it time to ask for the next one? */
static void
look_ahead(ApiScan *scan)
{
	Lane *lane = linitial(scan->lanes);
	Fetch *fetch = scan->current;
	const ApiSpec *spec = scan->spec;

	if (!fetch->complete || fetch->taken * 2 < fetch->queued)
		return;
	if (spec->limit > 0 && scan->nlevels == 0 &&
		scan->stats.records + (fetch->queued - fetch->taken) >= spec->limit)
		return;
	if (!lane->ended)
		go_on(scan, lane);
	if (lane->ended)
		(void) open_next(scan);
}

/* The page after the current one, if it is asked for already. */
static Fetch *
page_ahead(const ApiScan *scan)
{
	const Lane *lane = linitial(scan->lanes);

	if (list_length(lane->pages) > 1)
		return lsecond(lane->pages);
	return list_length(scan->lanes) > 1 ? linitial(((Lane *) lsecond(scan->lanes))->pages) : NULL;
}

/*
 * Have the pages ahead of the current one move on, and ask for more of them
 * where that is of use.  Does not block.
 */
void
mo_lanes_push(ApiScan *scan)
{
	Fetch *ahead;

	if (scan->current == NULL || scan->res->next != NULL || mo_bulk_reads(scan))
		return;
	if (scan->spec->eager)
	{
		push_all(scan);
		return;
	}
	ahead = page_ahead(scan);
	if (ahead == NULL)
		look_ahead(scan);
	else if (ahead->http == NULL && !ahead->complete)
		mo_fetch_start(scan, ahead); /* it had been put off */
}

/* Would a push move something?  If not, "until_us" is brought forward to when it may. */
bool
mo_lanes_ready(ApiScan *scan, int64 *until_us)
{
	bool eager = scan->spec->eager;
	bool room = !eager || has_room(scan);
	ListCell *lc, *page;

	foreach (lc, scan->lanes)
	{
		foreach (page, ((Lane *) lfirst(lc))->pages)
		{
			const Fetch *fetch = lfirst(page);

			if (fetch == scan->current || fetch->complete || !room)
				continue;
			if (fetch->http == NULL)
			{
				int64 due = mo_fetch_until(fetch);

				if (due <= mo_http_now_us())
					return true;
				*until_us = *until_us == 0 ? due : Min(*until_us, due);
			}
			else if (eager && mo_fetch_stirs(fetch))
				return true;
		}
	}
	return false;
}

/* Start with the first page, scan->current. */
void
mo_lanes_start(ApiScan *scan)
{
	scan->stats.runs = 1;
	open_lane(scan, &scan->last);
	scan->current = linitial(((Lane *) linitial(scan->lanes))->pages);
	scan->last = scan->current->at;
}

/* The current page is used up: make the next one current; false = that was the last. */
bool
mo_lanes_next(ApiScan *scan)
{
	Lane *lane = linitial(scan->lanes);

	if (list_length(lane->pages) == 1 && !lane->ended)
		go_on(scan, lane);
	if (list_length(lane->pages) == 1 && list_length(scan->lanes) == 1)
		(void) open_next(scan);
	mo_fetch_close(scan, scan->current);
	scan->current = NULL;
	lane->pages = list_delete_first(lane->pages);
	if (lane->pages == NIL)
	{
		scan->lanes = list_delete_first(scan->lanes);
		pfree(lane);
	}
	if (scan->lanes == NIL)
		return false;
	lane = linitial(scan->lanes);
	scan->current = linitial(lane->pages);
	scan->last = scan->current->at;
	if (scan->current->limited)
		scan->current->due_us = 0; /* now that it is needed: may it wait so long? */
	return true;
}

/* Cut everything off. */
void
mo_lanes_end(ApiScan *scan)
{
	ListCell *lc, *page;

	foreach (lc, scan->lanes)
	{
		foreach (page, ((Lane *) lfirst(lc))->pages)
			mo_fetch_close(scan, lfirst(page));
	}
	scan->lanes = NIL;
	scan->current = NULL;
	scan->finished = true;
}
