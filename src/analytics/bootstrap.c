/*-------------------------------------------------------------------------
 *
 * bootstrap.c
 *	  Moving-block bootstrap of a daily path, plain C.
 *
 * Past daily errors, their mean removed, are laid on a path in blocks of 7
 * successive days drawn at random: what belongs together in a week stays
 * together.  Draw by draw the blocks take the next outputs of splitmix64,
 * of which any can be computed by itself.  So all draws walk side by side,
 * day by day, and memory does not grow with the days.
 *
 *-------------------------------------------------------------------------
 */
#include "analytics/bootstrap.h"

#include <math.h>
#include <string.h>

#include "analytics/numerics.h"

/*
 * Bytes that mo_bootstrap_begin() needs.
 */
size_t
mo_bootstrap_size(int n_errors, int draws)
{
	return sizeof(double) * ((size_t) n_errors + 3 * (size_t) draws) +
		   sizeof(int32_t) * 2 * (size_t) draws + (size_t) draws;
}

/*
 * Ready before day 1.
 *
 * "memory" is of mo_bootstrap_size() bytes, aligned for a double, and stays
 * the caller's.  "error" has n_errors >= MO_BLOCK_DAYS finite values, oldest
 * first; draws >= 1.  "days" is how far it will be walked: it decides which
 * outputs of the generator belong to which draw.  The caller sees to it that
 * no sum of errors over so many days is beyond a double.
 */
void
mo_bootstrap_begin(Bootstrap *b, void *memory, const double *error, int n_errors, int days,
				   int draws, uint64_t seed)
{
	double mean = 0;

	b->draws = draws;
	b->n_errors = n_errors;
	b->blocks = (days + MO_BLOCK_DAYS - 1) / MO_BLOCK_DAYS;
	b->day = 0;
	b->breached = 0;
	b->seed = seed;
	memset(memory, 0, mo_bootstrap_size(n_errors, draws));
	b->error = memory;
	b->noise = b->error + n_errors;
	b->value = b->noise + draws;
	b->chosen = b->value + draws;
	b->start = (int32_t *) (void *) (b->chosen + draws);
	b->breach_day = b->start + draws;
	b->bucket = (uint8_t *) (b->breach_day + draws);

	for (int i = 0; i < n_errors; i++)
		mean += error[i];
	mean /= n_errors;
	for (int i = 0; i < n_errors; i++)
		b->error[i] = error[i] - mean;
}

/*
 * The next day: every draw's value is "path" plus its errors so far.  A draw
 * is below the floor when its value is below "floor".
 */
void
mo_bootstrap_day(Bootstrap *b, double path, double floor)
{
	int block = b->day / MO_BLOCK_DAYS;
	const double *error = b->error + b->day % MO_BLOCK_DAYS;

	if (b->day % MO_BLOCK_DAYS == 0)
	{
		uint64_t starts = (uint64_t) (b->n_errors - MO_BLOCK_DAYS + 1);

		for (int i = 0; i < b->draws; i++)
			b->start[i] = (int32_t) (mo_splitmix64(b->seed, (uint64_t) i * b->blocks + block + 1) %
									 starts);
	}
	b->day++;
	for (int i = 0; i < b->draws; i++)
	{
		b->noise[i] += error[b->start[i]];
		b->value[i] = path + b->noise[i];
	}
	for (int i = 0; i < b->draws; i++)
	{
		if (b->value[i] < floor && b->breach_day[i] == 0)
		{
			b->breach_day[i] = b->day;
			b->breached++;
		}
	}
}

/*
 * Where the values of the day are spread evenly enough, each belongs to one
 * of MO_BUCKETS by its size alone; counts them.  False when their range is
 * zero or too wide or narrow to divide.
 */
static bool
fill_buckets(Bootstrap *b, int count[MO_BUCKETS])
{
	double low = b->value[0];
	double high = b->value[0];
	double scale;

	for (int i = 1; i < b->draws; i++)
	{
		low = b->value[i] < low ? b->value[i] : low;
		high = b->value[i] > high ? b->value[i] : high;
	}
	scale = (MO_BUCKETS - 1) / (high - low);
	if (!isfinite(high - low) || !isfinite(scale) || scale == 0)
		return false;
	memset(count, 0, sizeof(int) * MO_BUCKETS);
	for (int i = 0; i < b->draws; i++)
	{
		int bucket = (int) ((b->value[i] - low) * scale);

		b->bucket[i] = (uint8_t) bucket;
		count[bucket]++;
	}
	return true;
}

/*
 * The k-th smallest value of the day (0-based).
 */
static double
order_statistic(Bootstrap *b, const int *count, int k)
{
	int bucket = 0;
	int n = 0;

	while (k >= count[bucket])
		k -= count[bucket++];
	for (int i = 0; i < b->draws; i++)
	{
		b->chosen[n] = b->value[i];
		n += b->bucket[i] == bucket;
	}
	return mo_num_select(b->chosen, n, k);
}

/*
 * Percentiles p[0..n-1], each within 0 and 1, of the values of the day, by
 * linear interpolation between the two nearest (percentile_cont).
 */
void
mo_bootstrap_percentiles(Bootstrap *b, const double *p, int n, double *result)
{
	int count[MO_BUCKETS];
	bool spread = fill_buckets(b, count);

	if (!spread)
	{
		memset(b->bucket, 0, b->draws);
		memset(count, 0, sizeof(count));
		count[0] = b->draws;
	}
	for (int i = 0; i < n; i++)
	{
		double place = p[i] * (b->draws - 1);
		int k = (int) place;
		double below = order_statistic(b, count, k);

		result[i] = below;
		if (place > k)
			result[i] += (place - k) * (order_statistic(b, count, k + 1) - below);
	}
}
