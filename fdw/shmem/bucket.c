/*-------------------------------------------------------------------------
 *
 * bucket.c
 *	  How fast may be asked: the arithmetic of one rate limit.
 *
 *-------------------------------------------------------------------------
 */
#include "shmem/bucket.h"

#include <math.h>
#include <string.h>

#define MARGIN 2        /* parts counted beyond a window */
#define STRIKES_FREE 3  /* refusals in a row that only empty the bucket */
#define STRIKES_MOST 10 /* doublings end here */
#define LONGEST_PAUSE_US (60 * INT64_C(1000000))
#define NO_HORIZON_US (60 * INT64_C(1000000)) /* of what does not fill again */
#define LATE_US INT64_C(250000)               /* for a turn of a leaking bucket */

static int64_t
most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The part of the window's ring that a time falls into. */
static int64_t
part_of(const Bucket *b, int64_t at)
{
	return at / (b->window_us / BUCKET_PARTS);
}

static int64_t
part_start(const Bucket *b, int64_t part)
{
	return part * (b->window_us / BUCKET_PARTS);
}

/* Spent in one part; what is not in the ring is long over, or not yet. */
static double
part_used(const Bucket *b, int64_t part)
{
	if (part > b->newest || part <= b->newest - BUCKET_RING || part < 0)
		return 0;
	return b->used[part % BUCKET_RING];
}

/*
 * Spent in the window that ends with a part: one part more than it has, for
 * the first is cut, and one for what is on its way.
 */
static double
window_used(const Bucket *b, int64_t last)
{
	double sum = 0;

	for (int i = 0; i < BUCKET_PARTS + MARGIN; i++)
		sum += part_used(b, last - i);
	return sum;
}

/* The first part that is too far ahead for a turn. */
static int64_t
part_too_far(const Bucket *b, int64_t now)
{
	return part_of(b, now) + BUCKET_RING - BUCKET_PARTS - MARGIN;
}

/* Make a part the newest one, clearing those in between. */
static void
reach_part(Bucket *b, int64_t part)
{
	if (part - b->newest >= BUCKET_RING)
	{
		memset(b->used, 0, sizeof(b->used));
		b->newest = part;
	}
	while (b->newest < part)
	{
		b->newest++;
		b->used[b->newest % BUCKET_RING] = 0;
	}
}

void
mo_bucket_init(Bucket *b, double capacity, double rate, int64_t window_us, int64_t now)
{
	memset(b, 0, sizeof(*b));
	b->capacity = capacity;
	b->rate = rate;
	b->window_us = window_us;
	b->level = capacity;
	b->at_us = now;
	if (window_us > 0)
		b->newest = part_of(b, now);
}

double
mo_bucket_level(const Bucket *b, int64_t now)
{
	double level;

	if (b->window_us > 0)
		return b->capacity - window_used(b, most(part_of(b, now), b->newest));
	level = b->level + (double) (now - b->at_us) * b->rate / 1e6;
	return level < b->capacity ? level : b->capacity;
}

/* Make the level of a leaking bucket so much: below 0 it is a time ahead. */
static void
set_level(Bucket *b, double level, int64_t now)
{
	b->at_us = now;
	b->level = level < b->capacity ? level : b->capacity;
	if (b->level < 0 && b->rate > 0)
	{
		b->at_us = now + (int64_t) ceil(-b->level * 1e6 / b->rate);
		b->level = 0;
	}
}

int64_t
mo_bucket_turn(const Bucket *b, double cost, int64_t from, int64_t now)
{
	int64_t at = most(from, b->paused_until_us);
	double level;

	if (cost > b->capacity)
		cost = b->capacity; /* it could never go else; the service will say */
	if (b->window_us > 0)
	{
		int64_t part = most(part_of(b, at), b->newest);

		while (window_used(b, part) + cost > b->capacity + 1e-6)
		{
			part++;
			if (part >= part_too_far(b, now))
				return BUCKET_NEVER;
		}
		return part == part_of(b, at) ? at : most(at, part_start(b, part));
	}
	at = most(at, b->at_us);
	level = mo_bucket_level(b, at);
	if (level >= cost)
		return at;
	if (!(b->rate > 0))
		return BUCKET_NEVER;
	return at + (int64_t) ceil((cost - level) * 1e6 / b->rate);
}

int64_t
mo_bucket_horizon(const Bucket *b, int64_t now)
{
	if (b->window_us == 0)
		return now + NO_HORIZON_US;
	return most(part_start(b, part_too_far(b, now)), b->paused_until_us);
}

bool
mo_bucket_late(const Bucket *b, int64_t turn, int64_t now)
{
	if (b->window_us == 0)
		return now - turn > LATE_US;
	return part_of(b, now) - part_of(b, turn) >= MARGIN;
}

void
mo_bucket_take(Bucket *b, double cost, int64_t turn, int64_t now)
{
	if (b->window_us > 0)
	{
		int64_t part = part_of(b, turn);

		reach_part(b, part);
		b->used[part % BUCKET_RING] += (float) cost;
		return;
	}
	b->taken += cost;
	b->level = mo_bucket_level(b, turn) - cost;
	b->at_us = turn;
	if (b->level < 0)
		set_level(b, b->level, turn);
}

int64_t
mo_bucket_moved(const Bucket *b, double place, int64_t now)
{
	int64_t at = most(now, b->paused_until_us);
	double left = mo_bucket_level(b, at) + b->taken - place;

	if (left >= -1e-6 || !(b->rate > 0))
		return at;
	return at + (int64_t) ceil(-left * 1e6 / b->rate);
}

void
mo_bucket_leave(Bucket *b, double cost, int64_t turn, int64_t now)
{
	mo_bucket_give(b, cost, turn, now);
	b->taken -= cost;
}

void
mo_bucket_give(Bucket *b, double cost, int64_t turn, int64_t now)
{
	if (b->window_us > 0)
	{
		int64_t part = part_of(b, turn);

		if (part_used(b, part) > 0)
			b->used[part % BUCKET_RING] = (float) fmax(0, part_used(b, part) - cost);
		return;
	}
	set_level(b, mo_bucket_level(b, now) + cost, now);
}

void
mo_bucket_resize(Bucket *b, double capacity, double rate, int64_t now)
{
	double level;

	if (b->window_us > 0)
	{
		b->capacity = capacity;
		return;
	}
	level = mo_bucket_level(b, now) + capacity - b->capacity;
	b->capacity = capacity;
	b->rate = rate;
	set_level(b, level, now);
}

void
mo_bucket_told(Bucket *b, double available, double waiting, double unsure, int64_t now)
{
	double level = mo_bucket_level(b, now);

	if (b->window_us > 0)
	{
		/* others ask too; that more is left than we believe is our parts' coarseness */
		if (available < level)
			mo_bucket_take(b, level - available, most(now, part_start(b, b->newest)), now);
		return;
	}
	if (level > available - waiting)
		set_level(b, available - waiting, now);
	else if (level < available - unsure)
		set_level(b, available - unsure, now);
}

void
mo_bucket_pause(Bucket *b, int64_t until, double cost, int64_t now)
{
	if (until <= b->paused_until_us)
		return;
	b->paused_until_us = until;
	if (cost < 0)
		return;
	b->epoch++;
	if (b->window_us > 0)
	{
		int64_t part = part_of(b, now);

		/* turns ahead are taken anew */
		while (b->newest > part)
		{
			b->used[b->newest % BUCKET_RING] = 0;
			b->newest--;
		}
		return;
	}
	b->at_us = until;
	b->level = cost < b->capacity ? cost : b->capacity;
}

void
mo_bucket_strike(Bucket *b, double cost, bool empty, int64_t now)
{
	double pause;

	b->strikes++;
	if (empty && b->window_us == 0 && mo_bucket_level(b, now) > 0)
		set_level(b, 0, now);
	if (b->strikes <= STRIKES_FREE)
		return;
	pause = b->window_us > 0 ? b->window_us / b->capacity * cost : cost * 1e6 / b->rate;
	pause = ldexp(pause, (b->strikes < STRIKES_MOST ? b->strikes : STRIKES_MOST) - STRIKES_FREE);
	mo_bucket_pause(b, now + (int64_t) fmin(pause, LONGEST_PAUSE_US), -1, now);
}
