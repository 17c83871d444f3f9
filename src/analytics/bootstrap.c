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
	b->sorted = b->value + draws;
	b->start = (int32_t *) (void *) (b->sorted + draws);
	b->breach_day = b->start + draws;
	b->bucket = (uint8_t *) (b->breach_day + draws);

	for (int i = 0; i < n_errors; i++)
		mean += error[i];
	mean /= n_errors;
	for (int i = 0; i < n_errors; i++)
		b->error[i] = error[i] - mean;
}

/*
 * The smallest and the largest value of the day.  Four of each, for the
 * processor need not wait for one comparison to begin the next.
 */
static void
find_range(Bootstrap *b)
{
	double low[4];
	double high[4];
	int i;

	for (int k = 0; k < 4; k++)
		low[k] = high[k] = b->value[0];
	for (i = 0; i + 4 <= b->draws; i += 4)
	{
		for (int k = 0; k < 4; k++)
		{
			double value = b->value[i + k];

			low[k] = value < low[k] ? value : low[k];
			high[k] = value > high[k] ? value : high[k];
		}
	}
	for (; i < b->draws; i++)
	{
		low[0] = fmin(low[0], b->value[i]);
		high[0] = fmax(high[0], b->value[i]);
	}
	b->low = fmin(fmin(low[0], low[1]), fmin(low[2], low[3]));
	b->high = fmax(fmax(high[0], high[1]), fmax(high[2], high[3]));
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
	find_range(b);
	for (int i = 0; i < b->draws && b->low < floor; i++)
	{
		if (b->value[i] < floor && b->breach_day[i] == 0)
		{
			b->breach_day[i] = b->day;
			b->breached++;
		}
	}
}

/*
 * Sort the values of the day into buckets of equal width, which begin at
 * begin[k] and end before begin[k + 1]; into one where their range is zero,
 * or too wide or narrow to divide.
 */
static void
fill_buckets(Bootstrap *b, int begin[MO_BUCKETS + 1])
{
	double scale = (MO_BUCKETS - 1) / (b->high - b->low);
	int next[MO_BUCKETS] = {0};
	int n = 0;

	if (!isfinite(b->high - b->low) || !isfinite(scale))
		scale = 0;
	for (int i = 0; i < b->draws; i++)
	{
		/* A width of zero or infinity times zero is no number. */
		int bucket = scale == 0 ? 0 : (int) ((b->value[i] - b->low) * scale);

		b->bucket[i] = (uint8_t) bucket;
		next[bucket]++;
	}
	for (int k = 0; k < MO_BUCKETS; k++)
	{
		begin[k] = n;
		n += next[k];
		next[k] = begin[k];
	}
	begin[MO_BUCKETS] = n;
	for (int i = 0; i < b->draws; i++)
		b->sorted[next[b->bucket[i]]++] = b->value[i];
}

/*
 * The k-th smallest value of the day (0-based).
 */
static double
order_statistic(Bootstrap *b, const int begin[MO_BUCKETS + 1], int k)
{
	int low = 0;
	int high = MO_BUCKETS;

	/* The bucket of place k: begin[low] <= k < begin[high], next to each other. */
	while (high - low > 1)
	{
		int middle = (low + high) / 2;

		if (begin[middle] <= k)
			low = middle;
		else
			high = middle;
	}
	return mo_num_select(b->sorted + begin[low], begin[high] - begin[low], k - begin[low]);
}

/*
 * Percentiles p[0..n-1], each within 0 and 1, of the values of the day, by
 * linear interpolation between the two nearest (percentile_cont).
 */
void
mo_bootstrap_percentiles(Bootstrap *b, const double *p, int n, double *result)
{
	int begin[MO_BUCKETS + 1];

	fill_buckets(b, begin);
	for (int i = 0; i < n; i++)
	{
		double place = p[i] * (b->draws - 1);
		int k = (int) place;
		double below = order_statistic(b, begin, k);

		result[i] = below;
		if (place > k)
			result[i] += (place - k) * (order_statistic(b, begin, k + 1) - below);
	}
}
