/*-------------------------------------------------------------------------
 *
 * slopes.c
 *	  The median of all slopes by brute force: what theil_sen() is up against.
 *
 *	  slopes N
 *
 * The series is that of bench/run.  Prints milliseconds and the slope.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>

#include "tape.h"

/* The k-th smallest of n values, which are moved about (Hoare's find). */
static double
kth(double *v, long n, long k)
{
	long lo = 0;
	long hi = n - 1;

	while (lo < hi)
	{
		double pivot = v[lo + (hi - lo) / 2];
		long i = lo;
		long j = hi;

		while (i <= j)
		{
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i <= j)
			{
				double t = v[i];

				v[i++] = v[j];
				v[j--] = t;
			}
		}
		if (k <= j)
			hi = j;
		else if (k >= i)
			lo = i;
		else
			break;
	}
	return v[k];
}

int
main(int argc, char **argv)
{
	int n = argc == 2 ? atoi(argv[1]) : 0;
	long pairs = (long) n * (n - 1) / 2;
	double *y = calloc(n, sizeof(double));
	double *slope = calloc(pairs, sizeof(double));
	long at = 0;
	double began, median;

	if (n < 2 || y == NULL || slope == NULL)
		die("usage: slopes N");
	for (int i = 0; i < n; i++)
		y[i] = i * 0.01 + (i * 7919L % 1009) / 100.0;
	began = now_ms();
	for (int i = 0; i < n; i++)
	{
		for (int j = i + 1; j < n; j++)
			slope[at++] = (y[j] - y[i]) / (j - i);
	}
	median = kth(slope, pairs, pairs / 2);
	if (pairs % 2 == 0)
		median = (median + kth(slope, pairs, pairs / 2 - 1)) / 2;
	printf("%.3f %.17g\n", now_ms() - began, median);
	return 0;
}
