/*-------------------------------------------------------------------------
 *
 * bucket.c
 *	  The arithmetic of rate limits, on a clock of our own.
 *
 *-------------------------------------------------------------------------
 */
#include "../../fdw/shmem/bucket.c"

#include <stdlib.h>

#include "tap.h"

#define SECOND INT64_C(1000000)
#define START (100000 * SECOND)
#define MANY 3000

/* Take the next turn. */
static int64_t
take(Bucket *b, double cost, int64_t now)
{
	int64_t turn = mo_bucket_turn(b, cost, now, now);

	if (turn != BUCKET_NEVER)
		mo_bucket_take(b, cost, turn, now);
	return turn;
}

static void
test_leaking(void)
{
	Bucket b;
	int64_t turn = 0;
	double place;
	bool in_order = true;

	mo_bucket_init(&b, 10, 2, 0, START);
	for (int i = 0; i < 10; i++)
		in_order = in_order && take(&b, 1, START) == START;
	ok(in_order, "a full bucket is spent at once");
	ok(take(&b, 1, START) == START + SECOND / 2, "then one comes every half second");
	ok(take(&b, 1, START) == START + SECOND, "and the next waits behind it");
	ok(mo_bucket_level(&b, START) == -2, "two are promised ahead");
	mo_bucket_give(&b, 1, START + SECOND, START);
	ok(mo_bucket_level(&b, START) == -1, "what is given back is there again");
	ok(take(&b, 1, START) == START + SECOND, "for the next one");
	ok(mo_bucket_level(&b, START + 60 * SECOND) == 10, "it is never fuller than full");
	ok(take(&b, 500, START + 60 * SECOND) == START + 60 * SECOND,
	   "more than it holds goes when it is full");
	mo_bucket_init(&b, 10, 2, 0, START);
	(void) take(&b, 10, START);
	turn = take(&b, 4, START);
	place = b.taken;
	(void) take(&b, 6, START);
	ok(turn == START + 2 * SECOND && mo_bucket_moved(&b, place, START) == turn,
	   "a place in the queue stands for a turn");
	mo_bucket_give(&b, 2, START, START);
	ok(mo_bucket_moved(&b, place, START) == START + SECOND,
	   "it comes sooner when others take less");
	mo_bucket_leave(&b, 6, START + 5 * SECOND, START);
	ok(mo_bucket_moved(&b, place, START) == START + SECOND, "not when who is behind leaves");
	ok(take(&b, 2, START) == START + 2 * SECOND, "whose place is taken by the next");
	mo_bucket_init(&b, 1, 0, 0, START);
	(void) take(&b, 1, START);
	turn = take(&b, 1, START);
	ok(turn == BUCKET_NEVER, "what does not fill again is never free again");
}

static void
test_window(void)
{
	Bucket b;
	static int64_t at[MANY];
	int64_t now = START;
	bool within = true;
	int64_t turn = 0;

	mo_bucket_init(&b, 60, 0, 60 * SECOND, START);
	for (int i = 0; i < 60; i++)
		turn = most(turn, take(&b, 1, START));
	ok(turn == START, "a window is spent at once");
	turn = take(&b, 1, START);
	ok(turn >= START + 60 * SECOND && turn <= START + 66 * SECOND, "and is whole again after it");
	mo_bucket_give(&b, 1, turn, START);
	ok(take(&b, 1, START) == turn, "what is given back can be taken");

	srandom(7);
	mo_bucket_init(&b, 60, 0, 60 * SECOND, START);
	for (int i = 0; i < MANY; i++)
	{
		now += random() % (SECOND / 5);
		at[i] = take(&b, 1, now);
		if (at[i] == BUCKET_NEVER)
		{
			now += 60 * SECOND;
			i--;
			continue;
		}
		now = most(now, at[i] - 5 * SECOND);
		if (i >= 60 && at[i] - at[i - 60] < 60 * SECOND)
			within = false;
		if (i > 0 && at[i] < at[i - 1])
			within = false;
	}
	ok(within, "no span of a minute has more than sixty, and all are in order");
	ok((at[MANY - 1] - at[0]) < MANY * SECOND * 110 / 100, "at hardly less than the full rate");
	turn = 0;
	for (int i = 0; i < 500 && turn != BUCKET_NEVER; i++)
		turn = take(&b, 1, now);
	ok(turn == BUCKET_NEVER, "a turn too far ahead is not given");
	turn = mo_bucket_horizon(&b, now);
	ok(turn >= now + 2 * b.window_us && turn <= now + 4 * b.window_us, "nor before the horizon");
	ok(take(&b, 1, turn - b.window_us) < BUCKET_NEVER, "but when that comes near");
	ok(!mo_bucket_late(&b, now, now + b.window_us / 100), "who comes at his turn is not late");
	ok(mo_bucket_late(&b, now, now + b.window_us), "who comes a window after it is");
}

static void
test_told(void)
{
	Bucket b;

	mo_bucket_init(&b, 2000, 100, 0, START);
	(void) take(&b, 300, START);
	mo_bucket_told(&b, 1600, 100, 300, START);
	ok(mo_bucket_level(&b, START) == 1500, "less is left than believed: others ask too");
	mo_bucket_told(&b, 1700, 100, 300, START);
	ok(mo_bucket_level(&b, START) == 1500, "what is outstanding may explain the difference");
	mo_bucket_told(&b, 1900, 100, 300, START);
	ok(mo_bucket_level(&b, START) == 1600, "but no more than that");
	mo_bucket_resize(&b, 4000, 200, START);
	ok(b.capacity == 4000 && mo_bucket_level(&b, START) == 3600, "a larger plan");
	mo_bucket_resize(&b, 100, 10, START);
	ok(mo_bucket_level(&b, START) == -300, "a smaller one: what is spent stays spent");
	ok(take(&b, 50, START) == START + 35 * SECOND, "and has to be earned first");
	mo_bucket_init(&b, 10, 0, SECOND, START);
	mo_bucket_told(&b, 0, 0, 0, START);
	ok(take(&b, 1, START) >= START + SECOND, "a window that is spent elsewhere");
}

static void
test_pause(void)
{
	Bucket b;
	uint32_t epoch;

	mo_bucket_init(&b, 10, 2, 0, START);
	epoch = b.epoch;
	mo_bucket_pause(&b, START + 5 * SECOND, 1, START);
	ok(b.epoch != epoch, "a pause makes turns void");
	ok(take(&b, 1, START) == START + 5 * SECOND, "nothing goes before its end");
	ok(take(&b, 1, START) == START + 5 * SECOND + SECOND / 2, "and then one after the other");
	mo_bucket_pause(&b, START + 3 * SECOND, 1, START);
	ok(b.paused_until_us == START + 5 * SECOND, "a shorter one changes nothing");

	mo_bucket_init(&b, 10, 2, 0, START);
	epoch = b.epoch;
	mo_bucket_pause(&b, START + 5 * SECOND, -1, START);
	ok(b.epoch == epoch && take(&b, 10, START) == START + 5 * SECOND,
	   "a pause for another reason leaves the bucket full");

	mo_bucket_init(&b, 10, 0, SECOND, START);
	for (int i = 0; i < 25; i++)
		(void) take(&b, 1, START);
	mo_bucket_pause(&b, START + 5 * SECOND, 1, START);
	ok(take(&b, 1, START) == START + 5 * SECOND, "a window is paused too");

	mo_bucket_init(&b, 10, 2, 0, START);
	mo_bucket_strike(&b, 1, false, START);
	ok(take(&b, 1, START) == START, "a refusal that says what is left does not");
	mo_bucket_init(&b, 10, 2, 0, START);
	mo_bucket_strike(&b, 1, true, START);
	ok(take(&b, 1, START) == START + SECOND / 2, "a refusal empties the bucket");
	for (int i = 0; i < 2; i++)
		mo_bucket_strike(&b, 1, true, START);
	ok(b.paused_until_us == 0, "three in a row do no more");
	mo_bucket_strike(&b, 1, true, START);
	ok(b.paused_until_us == START + SECOND, "the fourth pauses");
	for (int i = 0; i < 40; i++)
		mo_bucket_strike(&b, 1, true, START);
	ok(b.paused_until_us == START + 60 * SECOND, "up to a minute");
}

int
main(void)
{
	test_leaking();
	test_window();
	test_told();
	test_pause();
	return done_testing();
}
