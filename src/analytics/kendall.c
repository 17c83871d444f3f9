/*-------------------------------------------------------------------------
 *
 * kendall.c
 *	  Kendall's S and its variance, in O(n log n), plain C.
 *
 * S counts rising minus falling pairs.  The falling ones are the inversions
 * that a merge sort undoes; ties are seen in the sorted values; the rest
 * rises.  Kendall, "Rank correlation methods" (1975); Mann (1945).
 *
 *-------------------------------------------------------------------------
 */
#include "analytics/kendall.h"

#include <math.h>
#include <string.h>

/*
 * Sort "value" and return the number of pairs that stood the wrong way
 * round; equal ones do not.  "scratch" has room for n values.
 */
static int64_t
sort_counting_inversions(double *value, double *scratch, int n)
{
	int half = n / 2;
	int i = 0;
	int j = half;
	int64_t inversions;

	if (n < 2)
		return 0;
	inversions = sort_counting_inversions(value, scratch, half) +
				 sort_counting_inversions(value + half, scratch, n - half);
	for (int k = 0; k < n; k++)
	{
		if (j == n || (i < half && value[i] <= value[j]))
			scratch[k] = value[i++];
		else
		{
			scratch[k] = value[j++];
			inversions += half - i;
		}
	}
	memcpy(value, scratch, sizeof(double) * n);
	return inversions;
}

/*
 * Pairs of equal values.
 */
static int64_t
tied_pairs(const double *sorted, int n)
{
	int64_t pairs = 0;
	int64_t equal = 0;

	for (int i = 1; i < n; i++)
	{
		equal = sorted[i] == sorted[i - 1] ? equal + 1 : 0;
		pairs += equal;
	}
	return pairs;
}

/*
 * Σ t (t-1) (2t+5) over runs of t equal values.
 */
double
mo_kendall_tie_term(const double *sorted, int n)
{
	double sum = 0;

	for (int i = 0, run; i < n; i += run)
	{
		for (run = 1; i + run < n && sorted[i + run] == sorted[i]; run++)
			;
		sum += (double) run * (run - 1) * (2.0 * run + 5);
	}
	return sum;
}

/*
 * Variance of S of n values with such a tie term.
 */
double
mo_kendall_variance(int n, double tie_term)
{
	return ((double) n * (n - 1) * (2.0 * n + 5) - tie_term) / 18;
}

/*
 * S in standard deviations, one pair nearer to 0; 0 without a variance.
 */
double
mo_kendall_z(int64_t s, double variance)
{
	if (s == 0 || !(variance > 0))
		return 0;
	return (s > 0 ? s - 1 : s + 1) / sqrt(variance);
}

/*
 * Add S, variance and pairs of a series of n values without NaN, in its
 * order, to "sum".  Sorts "value"; "scratch" has room for n values.
 */
void
mo_kendall_add(Kendall *sum, double *value, int n, double *scratch)
{
	int64_t pairs = (int64_t) n * (n - 1) / 2;
	int64_t falling = sort_counting_inversions(value, scratch, n);

	sum->n += n;
	sum->pairs += pairs;
	sum->s += pairs - 2 * falling - tied_pairs(value, n);
	sum->variance += mo_kendall_variance(n, mo_kendall_tie_term(value, n));
}
