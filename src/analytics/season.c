/*-------------------------------------------------------------------------
 *
 * season.c
 *	  The weekly pattern of a daily series.
 *
 * A factor is the median, over the last 8 weeks, of the day's value over the
 * mean of the seven days centred on it.  Only complete windows count.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "analytics/analytics.h"
#include "analytics/numerics.h"

#define SEASON_DAYS (8 * 7)

PG_FUNCTION_INFO_V1(mo_weekday_factors);

/*
 * Weekday factors (Monday first, mean 1) of an arranged series; false when
 * some weekday has no complete window or a factor below zero, or the factors
 * have no positive mean.
 */
bool
mo_season_factors(const Series *series, double factor[7])
{
	const Point *p = series->point;
	double ratio[7][SEASON_DAYS];
	int n_ratios[7] = {0};
	double sum = 0;

	for (int i = 3; i < series->n - 3; i++)
	{
		int k = mo_weekday(p[i].day);
		double mean = 0;

		if (p[i].day <= p[series->n - 1].day - SEASON_DAYS ||
			p[i].day - p[i - 3].day != 3 || p[i + 3].day - p[i].day != 3)
			continue;
		for (int j = i - 3; j <= i + 3; j++)
			mean += p[j].y / 7;
		if (mean > 0 && isfinite(p[i].y / mean))
			ratio[k][n_ratios[k]++] = p[i].y / mean;
	}
	for (int k = 0; k < 7; k++)
	{
		if (n_ratios[k] == 0)
			return false;
		factor[k] = mo_num_median(ratio[k], n_ratios[k]);
		if (factor[k] < 0)
			return false;
		sum += factor[k];
	}
	if (!(sum > 0) || !isfinite(sum))
		return false;
	for (int k = 0; k < 7; k++)
		factor[k] *= 7 / sum;
	return true;
}

/*
 * weekday_factors(days, y)
 */
Datum
mo_weekday_factors(PG_FUNCTION_ARGS)
{
	Series series = mo_series_read(fcinfo, 0, 1, -1);
	double factor[7];

	if (!mo_season_factors(&series, factor))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(mo_floats_to_array(factor, 7));
}
