/*-------------------------------------------------------------------------
 *
 * kendall.c
 *	  S by merge sort is S by its definition.
 *
 *-------------------------------------------------------------------------
 */
#include "../../src/analytics/kendall.c"

#include <stdlib.h>

#include "tap.h"

#define SERIES 500
#define MAX_VALUES 300

static int64_t
s_by_definition(const double *value, int n)
{
	int64_t s = 0;

	for (int i = 0; i < n; i++)
	{
		for (int j = i + 1; j < n; j++)
			s += (value[j] > value[i]) - (value[j] < value[i]);
	}
	return s;
}

static double
variance_by_definition(const double *value, int n)
{
	double sum = (double) n * (n - 1) * (2.0 * n + 5);

	for (int i = 0; i < n; i++)
	{
		double equal = 0;

		for (int j = 0; j < n; j++)
			equal += value[j] == value[i];
		/* Each of t equal values adds its share of t (t-1) (2t+5). */
		sum -= (equal - 1) * (2 * equal + 5);
	}
	return sum / 18;
}

static void
test_series(void)
{
	static double value[MAX_VALUES];
	static double scratch[MAX_VALUES];
	bool s_is_right = true;
	bool variance_is_right = true;
	bool is_sorted = true;

	srandom(11);
	for (int round = 0; round < SERIES; round++)
	{
		static const int different[] = {1, 2, 7, 1000000};
		int n = random() % MAX_VALUES;
		int64_t s;
		double variance;
		Kendall one = {0};

		for (int i = 0; i < n; i++)
			value[i] = random() % different[round % 4] - (round % 3) * i;
		s = s_by_definition(value, n);
		variance = variance_by_definition(value, n);
		mo_kendall_add(&one, value, n, scratch);
		s_is_right = s_is_right && one.s == s && one.n == n;
		variance_is_right = variance_is_right && fabs(one.variance - variance) <= 1e-12 * variance;
		for (int i = 1; i < n; i++)
			is_sorted = is_sorted && value[i - 1] <= value[i];
	}
	ok(s_is_right, "S counts every pair, ties for nothing");
	ok(variance_is_right, "its variance knows every tie");
	ok(is_sorted, "the values are sorted afterwards");
}

static void
test_sums(void)
{
	double rising[] = {1, 2, 3};
	double falling[] = {5, 4, 3, 2};
	double scratch[4];
	Kendall sum = {0};

	mo_kendall_add(&sum, rising, 3, scratch);
	mo_kendall_add(&sum, falling, 4, scratch);
	mo_kendall_add(&sum, NULL, 0, NULL);
	ok(sum.n == 7 && sum.pairs == 9 && sum.s == 3 - 6,
	   "several series add up, not across; an empty one adds nothing");
	ok(fabs(sum.variance - (66 + 156) / 18.0) < 1e-12, "and so do their variances");
	ok(mo_kendall_z(5, 4) == 2 && mo_kendall_z(-5, 4) == -2, "z is one pair nearer to 0");
	ok(mo_kendall_z(0, 4) == 0 && mo_kendall_z(3, 0) == 0, "and 0 without S or variance");
}

int
main(void)
{
	test_series();
	test_sums();
	return done_testing();
}
