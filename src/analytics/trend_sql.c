/*-------------------------------------------------------------------------
 *
 * trend_sql.c
 *	  trend_fit() and the aggregate trend(): SQL's side of the trend.
 *
 * The aggregate keeps the points themselves, since a median needs them; its
 * states are joined by concatenation and sorted only at the end, so the
 * answer does not depend on who saw which row.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/memutils.h"

#include "analytics/analytics.h"

#define FIRST_CAPACITY 64

/* Lives in the aggregate's context, together with its points. */
typedef struct TrendState
{
	Series series; /* not arranged */
	int capacity;  /* of series.point */
} TrendState;

PG_FUNCTION_INFO_V1(mo_trend_fit);
PG_FUNCTION_INFO_V1(mo_trend_accum);
PG_FUNCTION_INFO_V1(mo_trend_combine);
PG_FUNCTION_INFO_V1(mo_trend_serialize);
PG_FUNCTION_INFO_V1(mo_trend_deserialize);
PG_FUNCTION_INFO_V1(mo_trend_final);

/*
 * trend_fit(days, y, w, robust): robust NULL is the default, true.
 */
Datum
mo_trend_fit(PG_FUNCTION_ARGS)
{
	Series series = mo_series_read(fcinfo, 0, 1, 2);
	Trend trend;

	mo_trend_compute(&series, PG_ARGISNULL(3) || PG_GETARG_BOOL(3), &trend);
	PG_RETURN_DATUM(mo_trend_to_datum(&trend, fcinfo));
}

static void
check_state(const TrendState *state)
{
	Assert(state->series.n >= 0 && state->series.n <= state->capacity);
	Assert(state->capacity >= FIRST_CAPACITY);
	Assert(state->series.n_bad >= 0);
	Assert(state->series.point != NULL);
}

static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate support function called in non-aggregate context");
	return context;
}

static TrendState *
make_state(MemoryContext context, int n)
{
	TrendState *state = MemoryContextAllocZero(context, sizeof(TrendState));

	state->capacity = Max(n, FIRST_CAPACITY);
	state->series.point = MemoryContextAlloc(context, sizeof(Point) * state->capacity);
	return state;
}

/*
 * Room for "extra" more points; raises beyond the longest series.
 */
static void
make_room(TrendState *state, int extra)
{
	int wanted = state->series.n + extra;

	if (wanted > MO_MAX_POINTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many points for a trend"),
				 errdetail("At most %d are allowed.", MO_MAX_POINTS),
				 errhint("Aggregate to one value per day first.")));
	if (wanted <= state->capacity)
		return;
	state->capacity = Max(wanted, state->capacity * 2);
	state->series.point = repalloc(state->series.point, sizeof(Point) * state->capacity);
}

/*
 * Transition of trend(day, y) and trend(day, y, w).
 */
Datum
mo_trend_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	TrendState *state;
	bool weighted = PG_NARGS() > 3;
	Point p;

	if (PG_ARGISNULL(0))
		state = make_state(context, 0);
	else
		state = (TrendState *) PG_GETARG_POINTER(0);
	check_state(state);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || (weighted && PG_ARGISNULL(3)))
		PG_RETURN_POINTER(state);
	p.day = PG_GETARG_DATEADT(1);
	p.y = PG_GETARG_FLOAT8(2);
	p.w = weighted ? PG_GETARG_FLOAT8(3) : 1;
	if (mo_series_admit(&state->series, p.day, p.y, p.w))
	{
		make_room(state, 1);
		state->series.point[state->series.n++] = p;
	}
	check_state(state);
	PG_RETURN_POINTER(state);
}

/*
 * Joins the second state to the first.
 */
Datum
mo_trend_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	TrendState *state = PG_ARGISNULL(0) ? NULL : (TrendState *) PG_GETARG_POINTER(0);
	TrendState *other = PG_ARGISNULL(1) ? NULL : (TrendState *) PG_GETARG_POINTER(1);

	if (other == NULL)
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	check_state(other);
	if (state == NULL)
		state = make_state(context, other->series.n);
	make_room(state, other->series.n);
	memcpy(state->series.point + state->series.n, other->series.point,
		   sizeof(Point) * other->series.n);
	state->series.n += other->series.n;
	state->series.n_bad += other->series.n_bad;
	check_state(state);
	PG_RETURN_POINTER(state);
}

/*
 * The state as bytes: n, n_bad, then day, y and w of each point.
 */
Datum
mo_trend_serialize(PG_FUNCTION_ARGS)
{
	TrendState *state;
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	state = (TrendState *) PG_GETARG_POINTER(0);
	check_state(state);
	pq_begintypsend(&buf);
	pq_sendint32(&buf, state->series.n);
	pq_sendint32(&buf, state->series.n_bad);
	for (int i = 0; i < state->series.n; i++)
	{
		pq_sendint32(&buf, state->series.point[i].day);
		pq_sendfloat8(&buf, state->series.point[i].y);
		pq_sendfloat8(&buf, state->series.point[i].w);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * The state from bytes.
 */
Datum
mo_trend_deserialize(PG_FUNCTION_ARGS)
{
	bytea *bytes;
	StringInfoData buf;
	TrendState *state;
	int n;

	(void) aggregate_context(fcinfo);
	bytes = PG_GETARG_BYTEA_PP(0);
	initStringInfo(&buf);
	appendBinaryStringInfo(&buf, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	n = pq_getmsgint(&buf, 4);
	if (n < 0 || n > MO_MAX_POINTS)
		elog(ERROR, "state of the aggregate trend has %d points", n);
	state = make_state(CurrentMemoryContext, n);
	state->series.n = n;
	state->series.n_bad = pq_getmsgint(&buf, 4);
	for (int i = 0; i < n; i++)
	{
		state->series.point[i].day = (DateADT) pq_getmsgint(&buf, 4);
		state->series.point[i].y = pq_getmsgfloat8(&buf);
		state->series.point[i].w = pq_getmsgfloat8(&buf);
	}
	pq_getmsgend(&buf);
	pfree(buf.data);
	check_state(state);
	PG_RETURN_POINTER(state);
}

/*
 * The answer.  Leaves the state as it is: a window moves on with it.
 */
Datum
mo_trend_final(PG_FUNCTION_ARGS)
{
	Series series = {0};
	Trend trend;

	(void) aggregate_context(fcinfo);
	if (!PG_ARGISNULL(0))
	{
		TrendState *state = (TrendState *) PG_GETARG_POINTER(0);

		check_state(state);
		series = state->series;
		series.point = palloc(sizeof(Point) * Max(series.n, 1));
		memcpy(series.point, state->series.point, sizeof(Point) * series.n);
		mo_series_arrange(&series);
	}
	mo_trend_compute(&series, true, &trend);
	PG_RETURN_DATUM(mo_trend_to_datum(&trend, fcinfo));
}
