/*-------------------------------------------------------------------------
 *
 * slopes.c
 *	  Order statistics of the slopes of all pairs of points, plain C.
 *
 * n points make n²/2 slopes; the wanted few are found without holding them
 * all (Matousek, "Randomized optimal algorithm for slope selection", 1991;
 * Dillencourt, Mount & Netanyahu, 1992).  Order the points by y - s·x: a
 * pair with x1 < x2 stands the other way round exactly when its slope is
 * below s.  So the slopes in [lo, hi) are the pairs that change places
 * between the order at lo and that at hi, and a merge sort meets them in
 * O(n log n): it counts them, draws some of them, or writes them down.  A
 * sample tells where about the wanted rank lies; a bracket around it is
 * counted, and drawn from again until what is left is few enough to be
 * written down and selected from.
 *
 * Exactness: y - s·x is computed to twice the precision of a double, so that
 * a pair is misjudged only when s is within rounding of its slope.  Brackets
 * reach some units of the last place further than needed; what is selected
 * is then the very number that brute force selects.  Only where more slopes
 * than can be held differ by less than that (a long line with rounding
 * errors), one of them stands for all.
 *
 * Chance is splitmix64 from a fixed seed: equal input, equal steps.
 *
 *-------------------------------------------------------------------------
 */
#include "analytics/slopes.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/numerics.h"

/* A unit test makes these smaller, so that short series take all the ways. */
#ifndef DIRECT_PAIRS
#define DIRECT_PAIRS 65536 /* so few pairs are written down at once */
#define MAX_HELD 393216    /* the most slopes held: 3 MB */
#define SAMPLE 16384       /* slopes drawn to see where a rank lies */
#endif

/* A bracket is so many standard deviations of the sample's rank to a side. */
#define BRACKET_SDS 3.0

/* And reaches further by so many units of the last place. */
#define MARGIN_ULPS 16

/* Runs up to this length are sorted by insertion. */
#define SHORT_RUN 6

/* Of points up to 1, slopes below this are 0 when there are too many to be held. */
#define TINY 0x1p-900

#define SEED UINT64_C(42)

/* What a walk from one order to another does with the pairs that cross. */
typedef struct Walk
{
	int64_t crossed; /* pairs so far */
	double *slope;   /* where to write slopes, or NULL */
	int64_t room;    /* of "slope" */
	int64_t written;
	int64_t next;     /* the next pair to draw */
	int64_t total;    /* of all that will cross, when drawing; else 0 */
	uint64_t *random; /* numbers drawn at random so far */
} Walk;

/*
 * Bytes of the room that mo_slopes_open() wants for n points.
 */
size_t
mo_slopes_room(int n)
{
	int64_t pairs = (int64_t) n * (n - 1) / 2;
	size_t bytes = sizeof(SlopeItem) * n * 3 + sizeof(int) * (n + 1);

	if (pairs > MAX_HELD)
		pairs = MAX_HELD;
	bytes += sizeof(double) * pairs;
	if (pairs > DIRECT_PAIRS)
		bytes += sizeof(double) * SAMPLE;
	return bytes + 64;
}

static int
compare_points(const void *a, const void *b)
{
	const SlopePoint *p = a;
	const SlopePoint *q = b;

	if (p->group != q->group)
		return p->group < q->group ? -1 : 1;
	if (p->x != q->x)
		return p->x < q->x ? -1 : 1;
	return p->y < q->y ? -1 : p->y > q->y;
}

/*
 * Take the points in: finite, x and y at most 1 in absolute value, or whole
 * days and y, so that nothing overflows.  Sorts "point", which is not needed
 * afterwards; "room" is, mo_slopes_room(n) bytes of it, as long as "slopes".
 */
void
mo_slopes_open(Slopes *slopes, SlopePoint *point, int n, void *room, void (*breathe)(void))
{
	int64_t equal = 0;

	memset(slopes, 0, sizeof(*slopes));
	slopes->n = n;
	slopes->breathe = breathe;
	slopes->lo = -INFINITY;
	slopes->at_lo = room;
	slopes->work = slopes->at_lo + n;
	slopes->scratch = slopes->work + n;
	slopes->held = (double *) (slopes->scratch + n);

	qsort(point, n, sizeof(SlopePoint), compare_points);
	for (int i = 0; i < n; i++)
	{
		equal = i > 0 && point[i].group == point[i - 1].group &&
						point[i].x == point[i - 1].x
					? equal + 1
					: 0;
		slopes->pairs -= equal;
		slopes->at_lo[i].x = point[i].x;
		slopes->at_lo[i].y = point[i].y;
	}
	for (int i = 0, size = 0; i < n; i++)
	{
		size = i > 0 && point[i].group == point[i - 1].group ? size + 1 : 0;
		slopes->pairs += size;
	}

	slopes->capacity = (int64_t) n * (n - 1) / 2;
	if (slopes->capacity > MAX_HELD)
		slopes->capacity = MAX_HELD;
	slopes->sample = slopes->held + slopes->capacity;
	slopes->group_end = (void *) (slopes->sample + (slopes->capacity > DIRECT_PAIRS ? SAMPLE : 0));
	for (int i = 0; i < n; i++)
	{
		if (i == 0 || point[i].group != point[i - 1].group)
			slopes->groups++;
		slopes->group_end[slopes->groups - 1] = i + 1;
	}
}

/*
 * The mean of the two central slopes, as mo_num_median() takes it.
 */
double
mo_slopes_median(double lower, double upper)
{
	return lower == upper ? lower : lower + (upper - lower) / 2;
}

/*
 * key + key_rest = y - s·x, with an error of 2^-104 of s·x.
 */
static void
set_keys(SlopeItem *item, int n, double s)
{
	if (isinf(s))
	{
		for (int i = 0; i < n; i++)
		{
			item[i].key = s > 0 ? -item[i].x : item[i].x;
			item[i].key_rest = item[i].y;
		}
		return;
	}
	for (int i = 0; i < n; i++)
	{
		double product = s * item[i].x;
		double product_rest = fma(s, item[i].x, -product);
		double sum = item[i].y - product;
		double back = sum - item[i].y;
		double rest = (item[i].y - (sum - back)) + (-product - back) - product_rest;

		item[i].key = sum + rest;
		item[i].key_rest = rest - (item[i].key - sum);
	}
}

static inline bool
comes_before(const SlopeItem *a, const SlopeItem *b)
{
	return a->key < b->key || (a->key == b->key && a->key_rest < b->key_rest);
}

static inline double
slope_of(const SlopeItem *left, const SlopeItem *right)
{
	return (right->y - left->y) / (right->x - left->x);
}

/*
 * The next pair to draw: one of each SAMPLE-th part of them, at random.
 */
static void
plan_draw(Walk *walk)
{
	int64_t part = walk->total / SAMPLE;
	uint64_t random = mo_splitmix64(SEED, ++*walk->random);

	walk->next = walk->written * part + (int64_t) (random % (uint64_t) part);
}

/*
 * "right" has overtaken "count" items from "left" on.
 */
static inline void
cross(Walk *walk, const SlopeItem *left, int64_t count, const SlopeItem *right)
{
	if (walk->total > 0)
	{
		while (walk->written < walk->room && walk->next < walk->crossed + count)
		{
			walk->slope[walk->written++] = slope_of(left + (walk->next - walk->crossed), right);
			plan_draw(walk);
		}
	}
	else if (walk->slope != NULL && walk->written + count <= walk->room)
	{
		for (int64_t i = 0; i < count; i++)
			walk->slope[walk->written++] = slope_of(left + i, right);
	}
	walk->crossed += count;
}

/*
 * Merge sort by the keys; equal keys stay as they are.
 */
static void
sort_items(SlopeItem *item, int n, SlopeItem *scratch, Walk *walk)
{
	int half = n / 2;
	int i = 0;
	int j = half;
	int k = 0;

	if (n <= SHORT_RUN)
	{
		for (j = 1; j < n; j++)
		{
			SlopeItem held = item[j];

			for (i = j; i > 0 && comes_before(&held, &item[i - 1]); i--)
				;
			if (i == j)
				continue;
			cross(walk, item + i, j - i, &held);
			memmove(item + i + 1, item + i, sizeof(SlopeItem) * (j - i));
			item[i] = held;
		}
		return;
	}
	sort_items(item, half, scratch, walk);
	sort_items(item + half, n - half, scratch, walk);
	if (!comes_before(&item[half], &item[half - 1]))
		return;
	memcpy(scratch, item, sizeof(SlopeItem) * half);
	while (i < half && j < n)
	{
		if (comes_before(&item[j], &scratch[i]))
		{
			cross(walk, scratch + i, half - i, &item[j]);
			item[k++] = item[j++];
		}
		else
			item[k++] = scratch[i++];
	}
	memcpy(item + k, scratch + i, sizeof(SlopeItem) * (half - i));
}

/*
 * Bring "work" from the order at slopes->lo to that at "hi".
 */
static void
walk_to(Slopes *slopes, double hi, Walk *walk)
{
	int start = 0;

	memcpy(slopes->work, slopes->at_lo, sizeof(SlopeItem) * slopes->n);
	set_keys(slopes->work, slopes->n, hi);
	for (int k = 0; k < slopes->groups; k++)
	{
		if (slopes->breathe != NULL)
			slopes->breathe();
		sort_items(slopes->work + start, slopes->group_end[k] - start, slopes->scratch, walk);
		start = slopes->group_end[k];
	}
}

/*
 * The order in "work", reached by "walk", becomes that at lo.
 */
static void
stand_at(Slopes *slopes, double lo, const Walk *walk)
{
	SlopeItem *held = slopes->at_lo;

	slopes->at_lo = slopes->work;
	slopes->work = held;
	slopes->lo = lo;
	slopes->below += walk->crossed;
}

/*
 * SAMPLE of the "total" slopes from lo to "hi".
 */
static int
draw(Slopes *slopes, double hi, int64_t total, double *sample)
{
	Walk walk = {.slope = sample, .room = SAMPLE, .total = total, .random = &slopes->random};

	plan_draw(&walk);
	walk_to(slopes, hi, &walk);
	return walk.written;
}

/*
 * "s" as a place to stand: finite, and 0 when s·x would lose digits.
 */
static double
place(double s)
{
	return fabs(s) < TINY ? 0 : mo_num_clamp(s, -DBL_MAX, DBL_MAX);
}

/*
 * The place so many units of the last digit further.
 */
static double
nudge(double s, int ulps)
{
	double to = ulps < 0 ? -INFINITY : INFINITY;

	for (int i = abs(ulps); i > 0; i--)
		s = s == 0 ? copysign(TINY, to) : nextafter(s, to);
	return s;
}

/*
 * Values of the ranks, ascending, among the n slopes held, the first of
 * which has rank "below": the middle one parts the others.
 */
static void
select_held(double *held, int64_t n, int64_t below, const int64_t *rank, int ranks,
			double *value)
{
	int middle = ranks / 2;
	int64_t k = rank[middle] - below;
	int first = middle;
	int last = middle;

	value[middle] = mo_num_select(held, n, k);
	for (; first > 0 && rank[first - 1] == rank[middle]; first--)
		value[first - 1] = value[middle];
	for (; last < ranks - 1 && rank[last + 1] == rank[middle]; last++)
		value[last + 1] = value[middle];
	if (first > 0)
		select_held(held, k, below, rank, first, value);
	if (last < ranks - 1)
		select_held(held + k + 1, n - k - 1, below + k + 1, rank + last + 1, ranks - 1 - last,
					value + last + 1);
}

/*
 * Where in a sample of "drawn" slopes a rank lies: "fraction" of them are
 * below it, give or take.
 */
static double
bracket_side(double fraction, int drawn, double sds)
{
	return fraction * drawn + sds * sqrt(fraction * (1 - fraction) * drawn + 1);
}

/* The slopes in [slopes->lo, hi), and a sample to narrow them by. */
typedef struct Bracket
{
	double hi;
	int64_t above; /* number of all slopes below hi */
	double *sample;
	int drawn;
	int64_t sample_below; /* the sample is of the slopes from this rank on */
	int64_t sample_total;
	int64_t written; /* all slopes of the bracket are held: so many; or -1 */
} Bracket;

/*
 * Narrow the bracket to [lo, hi) where the first rank is in it, else to the
 * side that it is on.
 */
static void
narrow(Slopes *slopes, Bracket *bracket, double lo, double hi, int64_t rank)
{
	Walk to_lo = {0};
	Walk to_hi = {.slope = slopes->held, .room = slopes->capacity};

	bracket->written = -1;
	if (lo > slopes->lo)
	{
		walk_to(slopes, lo, &to_lo);
		if (rank < slopes->below + to_lo.crossed)
		{
			bracket->hi = lo;
			bracket->above = slopes->below + to_lo.crossed;
			return;
		}
		stand_at(slopes, lo, &to_lo);
	}
	walk_to(slopes, hi, &to_hi);
	if (rank >= slopes->below + to_hi.crossed)
	{
		stand_at(slopes, hi, &to_hi);
		return;
	}
	bracket->hi = hi;
	bracket->above = slopes->below + to_hi.crossed;
	if (to_hi.written == to_hi.crossed)
		bracket->written = to_hi.written;
}

/*
 * The ends of a narrower bracket around the ranks from "first" to "last", by
 * the sample; the old ones where it does not reach.
 */
static void
guess(const Slopes *slopes, Bracket *bracket, int64_t first, int64_t last, double *lo, double *hi)
{
	double total = bracket->sample_total;
	double low = (first - bracket->sample_below) / total;
	double high = fmin((last - bracket->sample_below) / total, 1);
	int a = (int) floor(bracket_side(low, bracket->drawn, -BRACKET_SDS));
	int b = (int) ceil(bracket_side(high, bracket->drawn, BRACKET_SDS));

	*lo = a < 0 ? slopes->lo : place(mo_num_select(bracket->sample, bracket->drawn, a));
	*hi = b >= bracket->drawn ? bracket->hi
							  : place(mo_num_select(bracket->sample, bracket->drawn, b));
	if (*lo == *hi)
		*hi = nudge(*lo, 1);
	else
	{
		*lo = nudge(*lo, -MARGIN_ULPS);
		*hi = nudge(*hi, MARGIN_ULPS);
	}
	*lo = fmax(*lo, slopes->lo);
	*hi = fmin(*hi, bracket->hi);
	if (!(*lo < *hi))
	{
		*lo = slopes->lo;
		*hi = bracket->hi;
	}
}

/*
 * One slope of the sample, near the rank, and the next number after it.
 */
static void
guess_one(const Slopes *slopes, Bracket *bracket, int64_t rank, double *lo, double *hi)
{
	int at = (int) ((rank - bracket->sample_below) / (double) bracket->sample_total *
					bracket->drawn);

	at = at < bracket->drawn ? at : bracket->drawn - 1;
	*lo = place(mo_num_select(bracket->sample, bracket->drawn, at));
	*lo = fmax(slopes->lo, fmin(*lo, nudge(bracket->hi, -1)));
	*hi = nudge(*lo, 1);
}

/*
 * The slope for which a bracket of one number stands.
 */
static double
only_slope(double lo)
{
	return fabs(lo) < DBL_MAX ? lo : copysign(INFINITY, lo);
}

/*
 * Slopes of as many of the ranks as are found together, at least the first;
 * returns their number.
 */
static int
find(Slopes *slopes, Bracket *bracket, const int64_t *rank, int ranks, double *value)
{
	bool stuck = false;
	int found = 0;

	while (bracket->written < 0 && bracket->hi > nudge(slopes->lo, 1))
	{
		int64_t left = bracket->above - slopes->below;
		double lo = slopes->lo;
		double hi = bracket->hi;

		if (left > slopes->capacity)
		{
			if (bracket->drawn == 0)
			{
				bracket->sample = slopes->held;
				bracket->drawn = draw(slopes, bracket->hi, left, bracket->sample);
				bracket->sample_below = slopes->below;
				bracket->sample_total = left;
			}
			if (stuck)
				guess_one(slopes, bracket, rank[0], &lo, &hi);
			else
				guess(slopes, bracket, rank[0], rank[ranks - 1], &lo, &hi);
		}
		narrow(slopes, bracket, lo, hi, rank[0]);
		bracket->drawn = 0;
		stuck = bracket->above - slopes->below > left / 2;
	}
	while (found < ranks && (found == 0 || rank[found] < bracket->above))
		value[found++] = only_slope(slopes->lo);
	if (bracket->written >= 0)
		select_held(slopes->held, bracket->written, slopes->below, rank, found, value);
	return found;
}

/*
 * A bracket of all slopes from lo on, with the sample of all slopes.
 */
static Bracket
open_bracket(Slopes *slopes)
{
	Bracket bracket = {.hi = INFINITY, .above = slopes->pairs, .written = -1};

	bracket.sample = slopes->sample;
	bracket.drawn = slopes->sampled;
	bracket.sample_total = slopes->pairs;
	return bracket;
}

/*
 * The slopes of the ranks (0-based, ascending, below slopes->pairs).  To be
 * called once.
 */
void
mo_slopes_select(Slopes *slopes, const int64_t *rank, int ranks, double *value)
{
	if (slopes->pairs > DIRECT_PAIRS)
		slopes->sampled = draw(slopes, INFINITY, slopes->pairs, slopes->sample);
	for (int i = 0; i < ranks;)
	{
		Bracket bracket = open_bracket(slopes);
		int near = 1;

		while (i + near < ranks && rank[i + near] - rank[i] <= slopes->capacity / 2)
			near++;
		i += find(slopes, &bracket, rank + i, near, value + i);
	}
}
