/*-------------------------------------------------------------------------
 *
 * trend_moments.c
 *	  The aggregate trend_moments(): sums that can be joined and taken back.
 *
 * Per weekday it keeps the number of points, their weight, the means of x
 * and y and the sums of squares and products about them, and that is all a
 * line within weekdays needs.  So the state has a fixed size, workers' states
 * are joined, and a window moves on by taking points off again.
 *
 * Points are added as by Welford (1962) and West (1979), joined as by Chan,
 * Golub & LeVeque (1983).  x counts days from the first one seen.  Several
 * points of one day are points like others.
 *
 * Taking off what made up nearly all of a sum would leave rounding errors
 * for a result.  In that case, and now and then in any case, the state is
 * given up, and the executor makes it anew from the rows of the window.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "libpq/pqformat.h"

#include "analytics/trend_moments.h"

/* A window is made anew when one point was this share of a sum ... */
#define DOMINANT 0.99

/* ... when this share is left of the most that a sum has been ... */
#define REMNANT 1e-4

/* ... and after MO_MAX_REMOVALS in any case. */

PG_FUNCTION_INFO_V1(mo_trend_moments_accum);
PG_FUNCTION_INFO_V1(mo_trend_moments_remove);
PG_FUNCTION_INFO_V1(mo_trend_moments_combine);
PG_FUNCTION_INFO_V1(mo_trend_moments_serialize);
PG_FUNCTION_INFO_V1(mo_trend_moments_deserialize);

static MomentsState *
make_state(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate support function called in non-aggregate context");
	return MemoryContextAllocZero(context, sizeof(MomentsState));
}

/*
 * The point in the arguments from 1 on; false when there is none to count.
 *
 * NULL and weight 0 are absent, NaN and infinity are absent and change
 * n_bad by "bad", a negative weight and an infinite day are errors.
 */
static inline bool
read_point(FunctionCallInfo fcinfo, MomentsState *state, int bad, Point *p)
{
	bool weighted = PG_NARGS() > 3;
	Series refused = {0};

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || (weighted && PG_ARGISNULL(3)))
		return false;
	p->day = PG_GETARG_DATEADT(1);
	p->y = PG_GETARG_FLOAT8(2);
	p->w = weighted ? PG_GETARG_FLOAT8(3) : 1;
	if (likely(isfinite(p->y) && isfinite(p->w) && p->w > 0 && !DATE_NOT_FINITE(p->day)))
		return true;
	(void) mo_series_admit(&refused, p->day, p->y, p->w);
	state->n_bad += bad * refused.n_bad;
	return false;
}

/*
 * Add to a weekday a point, or with "other" that is already about its own
 * means, many.
 */
static inline void
add(Weekday *day, const Weekday *other)
{
	double dx = other->x - day->x;
	double dy = other->y - day->y;
	double w = day->w + other->w;
	double share = other->w / w;
	double factor = day->w * share;

	day->n += other->n;
	day->w = w;
	day->x += dx * share;
	day->y += dy * share;
	day->xx += other->xx + factor * dx * dx;
	day->xy += other->xy + factor * dx * dy;
	day->yy += other->yy + factor * dy * dy;
}

static inline void
add_point(MomentsState *state, const Point *p)
{
	Weekday *day = &state->weekday[mo_weekday(p->day)];
	Weekday point = {.n = 1, .w = p->w, .y = p->y};

	if (!state->has_origin)
	{
		state->has_origin = true;
		state->origin = p->day;
	}
	point.x = (double) p->day - state->origin;
	add(day, &point);
}

/*
 * Transition of trend_moments(day, y) and trend_moments(day, y, w).
 */
Datum
mo_trend_moments_accum(PG_FUNCTION_ARGS)
{
	MomentsState *state;
	Point p;

	state = PG_ARGISNULL(0) ? make_state(fcinfo) : (MomentsState *) PG_GETARG_POINTER(0);
	mo_moments_check(state);
	if (read_point(fcinfo, state, 1, &p))
		add_point(state, &p);
	mo_moments_check(state);
	PG_RETURN_POINTER(state);
}

static void
note_peak(Peak *peak, const Weekday *day)
{
	peak->w = fmax(peak->w, day->w);
	peak->xx = fmax(peak->xx, day->xx);
	peak->yy = fmax(peak->yy, day->yy);
	peak->square = fmax(peak->square, day->yy + day->w * day->y * day->y);
}

/*
 * Whether too little is left of the sums to trust its digits.
 */
static bool
is_remnant(const Peak *peak, const Weekday *day)
{
	return day->w < REMNANT * peak->w ||
		   (day->n > 1 && (day->xx < REMNANT * peak->xx || day->yy < REMNANT * peak->yy)) ||
		   day->yy + day->w * day->y * day->y < REMNANT * REMNANT * peak->square;
}

/*
 * Take a point off; false when the state cannot be trusted afterwards.
 */
static bool
remove_point(MomentsState *state, const Point *p)
{
	int k = mo_weekday(p->day);
	Weekday *day = &state->weekday[k];
	double x = (double) p->day - state->origin;
	double dx = x - day->x;
	double dy = p->y - day->y;
	double w = day->w - p->w;
	double factor = p->w * (day->w / w);
	double xx = factor * dx * dx;
	double yy = factor * dy * dy;

	if (!state->has_origin || day->n < 1 || ++state->removals >= MO_MAX_REMOVALS)
		return false;
	if (day->n == 1)
	{
		memset(day, 0, sizeof(Weekday));
		memset(&state->peak[k], 0, sizeof(Peak));
		return true;
	}
	if (!isfinite(day->yy) || p->w > DOMINANT * day->w ||
		fabs(p->w * p->y) > DOMINANT * fabs(day->w * day->y) ||
		(day->n > 2 && (xx > DOMINANT * day->xx || yy > DOMINANT * day->yy)))
		return false;

	note_peak(&state->peak[k], day);
	day->n--;
	day->x -= dx * (p->w / w);
	day->y -= dy * (p->w / w);
	day->w = w;
	if (day->n == 1)
		day->xx = day->xy = day->yy = 0;
	else
	{
		day->xx = fmax(0, day->xx - xx);
		day->xy -= factor * dx * dy;
		day->yy = fmax(0, day->yy - yy);
	}
	return !is_remnant(&state->peak[k], day);
}

/*
 * Inverse transition: NULL makes the executor start the window anew.
 *
 * A value that was not finite has never been in the sums, so that only the
 * count of such values changes.
 */
Datum
mo_trend_moments_remove(PG_FUNCTION_ARGS)
{
	MomentsState *state;
	Point p;

	if (PG_ARGISNULL(0))
		elog(ERROR, "inverse transition of the aggregate trend_moments without a state");
	state = (MomentsState *) PG_GETARG_POINTER(0);
	mo_moments_check(state);
	if (read_point(fcinfo, state, -1, &p) && !remove_point(state, &p))
		PG_RETURN_NULL();
	mo_moments_check(state);
	PG_RETURN_POINTER(state);
}

/*
 * Joins the second state to the first.
 */
Datum
mo_trend_moments_combine(PG_FUNCTION_ARGS)
{
	MomentsState *state = PG_ARGISNULL(0) ? NULL : (MomentsState *) PG_GETARG_POINTER(0);
	MomentsState *other = PG_ARGISNULL(1) ? NULL : (MomentsState *) PG_GETARG_POINTER(1);

	if (other == NULL)
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	mo_moments_check(other);
	if (state == NULL)
		state = make_state(fcinfo);
	mo_moments_check(state);
	if (!state->has_origin)
	{
		state->has_origin = other->has_origin;
		state->origin = other->origin;
	}
	state->n_bad += other->n_bad;
	for (int k = 0; k < MO_WEEKDAYS; k++)
	{
		Weekday shifted = other->weekday[k];

		if (shifted.n == 0)
			continue;
		shifted.x += (double) other->origin - state->origin;
		add(&state->weekday[k], &shifted);
	}
	mo_moments_check(state);
	PG_RETURN_POINTER(state);
}

/*
 * The state as bytes: origin, n_bad, then the seven weekdays.
 */
Datum
mo_trend_moments_serialize(PG_FUNCTION_ARGS)
{
	MomentsState *state;
	StringInfoData buf;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "aggregate support function called in non-aggregate context");
	state = (MomentsState *) PG_GETARG_POINTER(0);
	mo_moments_check(state);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, state->has_origin);
	pq_sendint32(&buf, state->origin);
	pq_sendint64(&buf, state->n_bad);
	for (int k = 0; k < MO_WEEKDAYS; k++)
	{
		const Weekday *day = &state->weekday[k];

		pq_sendint64(&buf, day->n);
		pq_sendfloat8(&buf, day->w);
		pq_sendfloat8(&buf, day->x);
		pq_sendfloat8(&buf, day->y);
		pq_sendfloat8(&buf, day->xx);
		pq_sendfloat8(&buf, day->xy);
		pq_sendfloat8(&buf, day->yy);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * The state from bytes.
 */
Datum
mo_trend_moments_deserialize(PG_FUNCTION_ARGS)
{
	bytea *bytes;
	StringInfoData buf;
	MomentsState *state;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "aggregate support function called in non-aggregate context");
	bytes = PG_GETARG_BYTEA_PP(0);
	initStringInfo(&buf);
	appendBinaryStringInfo(&buf, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	state = palloc0(sizeof(MomentsState));
	state->has_origin = pq_getmsgbyte(&buf) != 0;
	state->origin = (DateADT) pq_getmsgint(&buf, 4);
	state->n_bad = pq_getmsgint64(&buf);
	for (int k = 0; k < MO_WEEKDAYS; k++)
	{
		Weekday *day = &state->weekday[k];

		day->n = pq_getmsgint64(&buf);
		day->w = pq_getmsgfloat8(&buf);
		day->x = pq_getmsgfloat8(&buf);
		day->y = pq_getmsgfloat8(&buf);
		day->xx = pq_getmsgfloat8(&buf);
		day->xy = pq_getmsgfloat8(&buf);
		day->yy = pq_getmsgfloat8(&buf);
	}
	pq_getmsgend(&buf);
	pfree(buf.data);
	mo_moments_check(state);
	PG_RETURN_POINTER(state);
}
