/*-------------------------------------------------------------------------
 *
 * slices.c
 *	  A long span of instants, read in parts.
 *
 * Where the service filters a column exactly and to the second, a scan that
 * is bounded by it can be asked in parts that do not overlap and leave no gap:
 * they become windows, and windows are read side by side.  How many records
 * there are nobody knows before the first page: until it has come there is one
 * part only, and if that one was all of its part the next ones are made longer.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "api/internal.h"

/* A shorter part is not worth a request of its own. */
#define SHORTEST (15 * USECS_PER_DAY)

/* Clocks differ, and a change takes its time to be seen: no span is past before. */
#define PAST USECS_PER_HOUR

/* The column's filter, if the service follows it exactly; else NULL. */
static const Filter *
exact_filter(const Resource *res, const char *column, const char *op)
{
	for (const Filter *f = res->filters; f != NULL && f->column != NULL; f++)
	{
		if (strcmp(f->column, column) == 0 && strcmp(f->op, op) == 0)
			return f->exact == EXACT && f->param == NULL ? f : NULL;
	}
	return NULL;
}

static bool
is_bound(const ApiCondition *condition, const char *column, char op)
{
	return condition->is_instant && condition->filter->op[0] == op &&
		   strcmp(condition->filter->column, column) == 0;
}

/* Find the span that the query asks for; false = it has no bounds, or not for this. */
static bool
find_span(ApiScan *scan, const Slice *slice)
{
	Slicing *s = &scan->slicing;
	TimestampTz now = GetCurrentTimestamp();
	ListCell *lc;

	s->lower = exact_filter(scan->res, slice->column, ">=");
	s->upper = exact_filter(scan->res, slice->column, "<");
	if (s->lower == NULL || s->upper == NULL)
		return false;
	s->lo = DT_NOBEGIN;
	s->hi = DT_NOEND;
	foreach (lc, scan->spec->conditions)
	{
		const ApiCondition *condition = lfirst(lc);

		if (is_bound(condition, slice->column, '>'))
			s->lo = Max(s->lo, condition->instant);
		if (is_bound(condition, slice->column, '<'))
			s->hi = Min(s->hi, condition->instant);
	}
	if (slice->moves && s->hi > now - PAST)
		return false;
	s->hi = Min(s->hi, now);
	return s->lo != DT_NOBEGIN && s->hi - s->lo >= 2 * SHORTEST;
}

/* The end of a part: a whole second, or the end of the span. */
static TimestampTz
end_of(const Slicing *s, TimestampTz from)
{
	TimestampTz to = from + s->width;

	to -= to % USECS_PER_SEC;
	return s->hi - to < s->width / 2 ? s->hi : to;
}

/* The part that a position stands for; its day tells the parts' pages apart. */
static void
set_part(const Slicing *s, Position *at, TimestampTz from)
{
	at->from = from;
	at->to = end_of(s, from);
	at->since = (DateADT) (from / USECS_PER_DAY);
}

/* Decide whether the scan is read in parts.  No I/O. */
void
mo_slices_begin(ApiScan *scan)
{
	Slicing *s = &scan->slicing;

	/* an order that is promised is that of the whole span */
	if (scan->most_lanes < 2 || scan->res->range.column != NULL || scan->spec->order != NULL ||
		scan->parts > 1)
		return;
	for (size_t i = 0; i < lengthof(scan->res->slices); i++)
	{
		const Slice *slice = &scan->res->slices[i];

		if (slice->column == NULL || !find_span(scan, slice))
			continue;
		s->column = slice->column;
		s->width = Max((s->hi - s->lo) / (2 * scan->most_lanes), SHORTEST);
		return;
	}
}

/* Make it the first part. */
void
mo_slices_first(ApiScan *scan, Position *at)
{
	if (scan->slicing.column != NULL)
		set_part(&scan->slicing, at, scan->slicing.lo);
}

/* Move to the part after this one; false = it was the last, or there are none. */
bool
mo_slices_next(ApiScan *scan, Position *at)
{
	if (scan->slicing.column == NULL || at->to >= scan->slicing.hi)
		return false;
	set_part(&scan->slicing, at, at->to);
	return true;
}

/* May a part be started beside the first one? */
bool
mo_slices_known(const ApiScan *scan)
{
	return scan->slicing.column == NULL || scan->slicing.known;
}

/* The first part's first page is complete: "more" of its pages follow. */
void
mo_slices_learn(ApiScan *scan, const Fetch *fetch, bool more)
{
	Slicing *s = &scan->slicing;

	if (s->known)
		return;
	s->known = true;
	if (!more)
		s->width = Min(s->width * (1 + 2 * fetch->asked / Max(fetch->got, 1)), s->hi - s->lo);
}

static ApiCondition *
make_bound(const Filter *filter, TimestampTz instant)
{
	ApiCondition *condition = palloc0(sizeof(ApiCondition));

	condition->filter = filter;
	condition->text = "";
	condition->is_instant = true;
	condition->instant = instant;
	return condition;
}

/* The conditions of the requests of a part: its bounds in place of the span's. */
List *
mo_slices_conditions(ApiScan *scan, const Position *at)
{
	const Slicing *s = &scan->slicing;
	List *conditions = NIL;
	ListCell *lc;
	bool later = at->from > s->lo;
	bool sooner = at->to < s->hi;

	if (s->column == NULL)
		return scan->spec->conditions;
	foreach (lc, scan->spec->conditions)
	{
		if (!(later && is_bound(lfirst(lc), s->column, '>')) &&
			!(sooner && is_bound(lfirst(lc), s->column, '<')))
			conditions = lappend(conditions, lfirst(lc));
	}
	if (later)
		conditions = lappend(conditions, make_bound(s->lower, at->from));
	if (sooner)
		conditions = lappend(conditions, make_bound(s->upper, at->to));
	return conditions;
}
