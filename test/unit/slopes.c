/*-------------------------------------------------------------------------
 *
 * slopes.c
 *	  Slopes found by counting are those of all pairs, sorted.
 *
 *-------------------------------------------------------------------------
 */
/* Small, so that series of a hundred points are narrowed down repeatedly. */
#define DIRECT_PAIRS 300
#define MAX_HELD 900
#define SAMPLE 128

#include "../../src/analytics/numerics.c"
#include "../../src/analytics/slopes.c"

#include "tap.h"

#define SERIES 2000
#define MAX_POINTS 220

typedef enum Kind
{
	NOISE_ONLY,
	RISING,
	WHOLE_NUMBERS, /* ties in y */
	SHARED_X,      /* ties in x */
	BOTH_TIED,
	CONSTANT,
	ONE_STEP, /* half the slopes are 0 */
	EXACT_LINE,
	ROUNDED_LINE, /* slopes differ in the last place */
	ONE_WILD,
	MANY_SIZES, /* from 1e-150 to 1e150 */
	TWO_LINES,
	ALMOST_ONE_X,
	DAYS, /* whole x, in weekday groups */
	KINDS
} Kind;

static const char *const kind_name[KINDS] = {
	"noise", "a rising series", "whole numbers", "shared x", "few x and few y", "a constant",
	"one step", "an exact line", "a line with rounding", "one wild point", "values of many sizes",
	"two lines", "all at one x but one", "days in weekdays"};

static uint64_t state = 0;

static double
uniform(void)
{
	return (mo_splitmix64(7, ++state) >> 11) * 0x1p-53;
}

static int
below(int n)
{
	return (int) (uniform() * n);
}

static double
y_of(Kind kind, int i, double x, int n)
{
	switch (kind)
	{
		case RISING:
		case DAYS:
			return 0.3 * x + uniform();
		case WHOLE_NUMBERS:
			return below(8);
		case BOTH_TIED:
			return below(3);
		case CONSTANT:
			return 0.7;
		case ONE_STEP:
			return i < n / 2 ? 0 : 1;
		case EXACT_LINE:
			return 0.75 * x;
		case ROUNDED_LINE:
			return 0.1 * x;
		case ONE_WILD:
			return i == n / 3 ? 1 : uniform() * 1e-9;
		case MANY_SIZES:
			return (uniform() - 0.5) * pow(10, below(300) - 150);
		case TWO_LINES:
			return i % 2 == 0 ? 0.5 * x : -0.5 * x + 0.25;
		default:
			return uniform() - 0.5;
	}
}

static double
x_of(Kind kind, int i, int n)
{
	switch (kind)
	{
		case SHARED_X:
			return below(n / 4 + 1) / 1024.0;
		case BOTH_TIED:
			return below(3);
		case ALMOST_ONE_X:
			return i == 0 ? 0.25 : 0.5;
		case DAYS:
			return i - n;
		case NOISE_ONLY:
			return uniform();
		default:
			return i / 1024.0;
	}
}

static int
compare(const void *a, const void *b)
{
	double left = *(const double *) a;
	double right = *(const double *) b;

	return left < right ? -1 : left > right;
}

static int
all_slopes(const SlopePoint *point, int n, double *slope)
{
	int pairs = 0;

	for (int i = 0; i < n; i++)
	{
		for (int j = i + 1; j < n; j++)
		{
			if (point[i].x != point[j].x && point[i].group == point[j].group)
				slope[pairs++] = (point[j].y - point[i].y) / (point[j].x - point[i].x);
		}
	}
	qsort(slope, pairs, sizeof(double), compare);
	return pairs;
}

/* What went wrong with the series of one kind. */
static int wrong_count[KINDS];
static int inexact[KINDS];
static int far_off[KINDS];

static void
try_one(Kind kind, double y_scale)
{
	static SlopePoint point[MAX_POINTS];
	static double slope[MAX_POINTS * MAX_POINTS / 2];
	int n = 2 + below(MAX_POINTS - 2);
	void *room = malloc(mo_slopes_room(n));
	Slopes slopes;
	int64_t rank[4];
	double value[4];
	int pairs;

	for (int i = 0; i < n; i++)
	{
		point[i].x = x_of(kind, i, n);
		point[i].y = y_of(kind, i, point[i].x, n) * y_scale;
		point[i].group = kind == DAYS ? i % 7 : 0;
	}
	for (int i = n - 1; i > 0; i--)
	{
		int j = below(i + 1);
		SlopePoint held = point[i];

		point[i] = point[j];
		point[j] = held;
	}
	pairs = all_slopes(point, n, slope);
	mo_slopes_open(&slopes, point, n, room, NULL);
	if (slopes.pairs != pairs)
		wrong_count[kind]++;
	else if (pairs > 0)
	{
		rank[0] = below(pairs);
		rank[1] = rank[0] + below(pairs - (int) rank[0]) / (1 + below(40));
		rank[2] = rank[1] + 1 < pairs ? rank[1] + 1 : rank[1];
		rank[3] = rank[2] + below(pairs - (int) rank[2]);
		mo_slopes_select(&slopes, rank, 4, value);
		for (int i = 0; i < 4; i++)
		{
			double expected = slope[rank[i]];

			inexact[kind] += value[i] != expected;
			far_off[kind] += !(fabs(value[i] - expected) <= 1e-12 * fabs(expected));
		}
	}
	free(room);
}

static void
test_series(void)
{
	static const double scales[] = {1, 1, 1, 1e9, 1e-9};
	char what[100];

	for (int i = 0; i < SERIES; i++)
	{
		/* Scales other than powers of two make lines inexact. */
		Kind kind = i % KINDS;

		try_one(kind, kind == EXACT_LINE || kind == TWO_LINES ? 1 : scales[below(5)]);
	}
	for (Kind kind = 0; kind < KINDS; kind++)
	{
		snprintf(what, sizeof(what), "%s: all pairs are counted", kind_name[kind]);
		ok(wrong_count[kind] == 0, what);
		snprintf(what, sizeof(what), "%s: the slopes of all pairs, sorted", kind_name[kind]);
		if (kind == ROUNDED_LINE)
			ok(far_off[kind] == 0, what);
		else
			ok(inexact[kind] == 0, what);
	}
}

/*
 * Selection by itself, which the slopes rest on: n values with many ties or
 * none, in order, reversed or mixed.
 */
static void
test_select(void)
{
	static double value[5000];
	static double sorted[5000];
	bool right = true;
	bool parted = true;

	for (int round = 0; round < 400; round++)
	{
		int n = 1 + below(round % 10 == 0 ? 5000 : 700);
		int k = below(n);
		int different = 1 + below(round % 3 == 0 ? 4 : 100000);

		for (int i = 0; i < n; i++)
			value[i] = round % 4 == 1 ? i : round % 4 == 2 ? -i
														   : below(different);
		memcpy(sorted, value, sizeof(double) * n);
		qsort(sorted, n, sizeof(double), compare);
		right = right && mo_num_select(value, n, k) == sorted[k] && value[k] == sorted[k];
		for (int i = 0; i < n; i++)
			parted = parted && (i < k ? value[i] <= value[k] : value[i] >= value[k]);
		qsort(value, n, sizeof(double), compare);
		right = right && memcmp(value, sorted, sizeof(double) * n) == 0;
	}
	ok(right, "the k-th smallest of values, none of which is lost");
	ok(parted, "the smaller ones before it, the larger ones behind");
}

static int breaths = 0;

static void
count_breath(void)
{
	breaths++;
}

static void
test_few(void)
{
	SlopePoint point[3] = {{1, 2, 0}, {1, 3, 0}, {2, 5, 0}};
	char room[2000];
	int64_t rank[2] = {0, 1};
	double value[2];
	Slopes slopes;

	mo_slopes_open(&slopes, point, 0, room, NULL);
	ok(slopes.pairs == 0, "no points, no pairs");
	mo_slopes_open(&slopes, point, 2, room, NULL);
	ok(slopes.pairs == 0, "no pairs of one x");
	mo_slopes_open(&slopes, point, 3, room, count_breath);
	ok(slopes.pairs == 2, "of three points two share an x: two pairs");
	mo_slopes_select(&slopes, rank, 2, value);
	ok(value[0] == 2 && value[1] == 3, "and their slopes");
	ok(breaths > 0, "the caller may look up meanwhile");
}

int
main(void)
{
	test_select();
	test_few();
	test_series();
	return done_testing();
}
