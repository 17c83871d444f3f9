/*-------------------------------------------------------------------------
 *
 * trend_moments_fit.c
 *	  From the sums of trend_moments() to its answer.
 *
 * The same line as that of trend_fit() with robust off.  The points are gone
 * and their order with them, so nothing is said about autocorrelation.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "analytics/trend_moments.h"

/* Squares below this have lost digits. */
#define LEAST_SQUARE (DBL_MIN / DBL_EPSILON)

PG_FUNCTION_INFO_V1(mo_trend_moments_final);

/* What the aggregate answers; NaN = undefined. */
typedef struct MomentsTrend
{
	int64 n;
	int groups;
	int64 df;
	double sxx; /* with weights of mean 1 */
	double slope;
	double se_iid;
	double level;
	double g;
	const char *reason;
} MomentsTrend;

/*
 * Weighted mean of the means.  A second pass takes the rounding out: the
 * level of a constant is that constant.
 */
static double
mean_level(const Weekday *weekday, double w)
{
	double level = 0;
	double remainder = 0;

	for (int k = 0; k < MO_WEEKDAYS; k++)
		level += weekday[k].w / w * weekday[k].y;
	for (int k = 0; k < MO_WEEKDAYS; k++)
		remainder += weekday[k].w / w * (weekday[k].y - level);
	return level + remainder;
}

/*
 * Steps 4 and 6 of the trend.
 *
 * What trend_fit() takes for rounding noise counts as 0 here, too; a sum of
 * squared residuals is a difference of sums here, and noise already beside
 * the sum of squares.
 */
static MomentsTrend
fit(const MomentsState *state)
{
	MomentsTrend trend = {.sxx = NAN, .slope = NAN, .se_iid = NAN, .level = NAN, .g = NAN};
	double w = 0, xx = 0, xy = 0, yy = 0, square = 0;
	double sse, level;

	for (int k = 0; k < MO_WEEKDAYS; k++)
	{
		const Weekday *day = &state->weekday[k];

		if (day->n == 0)
			continue;
		trend.groups++;
		trend.n += day->n;
		w += day->w;
		xx += day->xx;
		xy += day->xy;
		yy += day->yy;
		square += day->yy + day->w * day->y * day->y;
	}
	trend.df = trend.n - trend.groups - 1;
	if (trend.df < MO_MIN_DF || xx == 0)
	{
		trend.reason = "too_few_points";
		return trend;
	}
	level = mean_level(state->weekday, w);
	if (!isfinite(w) || !isfinite(xx) || !isfinite(square) || !isfinite(level) ||
		xx < LEAST_SQUARE || (square < LEAST_SQUARE && (level != 0 || xy != 0)))
	{
		trend.reason = "out_of_range";
		return trend;
	}
	if (yy <= MO_NOISE * MO_NOISE * square)
		xy = yy = 0;
	trend.sxx = xx * (trend.n / w);
	trend.slope = xy / xx;
	sse = yy - trend.slope * xy;
	if (sse <= fmax(MO_NOISE * yy, MO_NOISE * MO_NOISE * square))
		sse = 0;
	trend.se_iid = sqrt(sse / trend.df / xx);
	trend.level = level;
	if (level > MO_NOISE * sqrt(square / w))
		trend.g = MO_HORIZON_DAYS * trend.slope / level;
	else
		trend.reason = "nonpositive_level";
	return trend;
}

/*
 * The answer.  Leaves the state as it is: a window moves on with it.
 */
Datum
mo_trend_moments_final(PG_FUNCTION_ARGS)
{
	static const MomentsState empty = {0};
	const MomentsState *state = PG_ARGISNULL(0) ? &empty : (MomentsState *) PG_GETARG_POINTER(0);
	MomentsTrend trend;
	ResultRow row;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "aggregate support function called in non-aggregate context");
	mo_moments_check(state);
	trend = fit(state);
	mo_row_begin(&row, fcinfo);
	mo_row_datum(&row, Int64GetDatum(trend.n), false);
	mo_row_int(&row, trend.groups);
	mo_row_datum(&row, Int64GetDatum(Max(trend.df, 0)), false);
	mo_row_float(&row, trend.sxx);
	mo_row_float(&row, trend.slope);
	mo_row_float(&row, trend.se_iid);
	mo_row_float(&row, trend.level);
	mo_row_float(&row, trend.g);
	mo_row_datum(&row, Int64GetDatum(state->n_bad), false);
	mo_row_text(&row, trend.reason);
	PG_RETURN_DATUM(mo_row_end(&row));
}
