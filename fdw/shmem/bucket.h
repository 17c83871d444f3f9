/*-------------------------------------------------------------------------
 *
 * bucket.h
 *	  How fast may be asked: the arithmetic of one rate limit.
 *
 * Plain C without the server.  Times are microseconds of one clock.  Whoever
 * asks takes a turn: a time, perhaps in the future, that is his.  So callers
 * are served in the order in which they came, each sleeps once, and nobody
 * has to try again in a race.
 *
 * Two kinds.  A leaking bucket holds "capacity" and fills by "rate" a second.
 * A window lets through "capacity" in any span of "window_us": it counts by
 * parts of the span, and a part is over only when all of it is; one more keeps
 * us clear of requests that arrive late.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_BUCKET_H
#define MOMENTUM_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#define BUCKET_PARTS 24 /* of a window */
#define BUCKET_RING 96  /* parts remembered: the last window, and almost three to come */
#define BUCKET_NEVER INT64_MAX

typedef struct Bucket
{
	double capacity;
	double rate;       /* a second; of a leaking bucket */
	int64_t window_us; /* 0 = a leaking bucket */
	double level;      /* leaking: at at_us */
	int64_t at_us;     /* leaking: may lie ahead, when all until then is promised */
	double taken;      /* leaking: all that was ever taken: where the queue ends */
	int64_t newest;    /* window: the latest part in use */
	float used[BUCKET_RING];
	int64_t paused_until_us;
	uint32_t epoch; /* grows when turns that were given become void */
	int strikes;    /* refusals since the last good answer */
} Bucket;

/* A full bucket. */
extern void mo_bucket_init(Bucket *b, double capacity, double rate, int64_t window_us, int64_t now);

/* The first time from "from" on at which "cost" may be spent; BUCKET_NEVER: too far ahead. */
extern int64_t mo_bucket_turn(const Bucket *b, double cost, int64_t from, int64_t now);

/* A time before which mo_bucket_turn cannot give another turn where it gave none. */
extern int64_t mo_bucket_horizon(const Bucket *b, int64_t now);

/* Was the turn so long ago that what it took counts no more, or soon will not? */
extern bool mo_bucket_late(const Bucket *b, int64_t turn, int64_t now);

/* Spend it at "turn", which mo_bucket_turn gave, or later. */
extern void mo_bucket_take(Bucket *b, double cost, int64_t turn, int64_t now);

/*
 * A leaking bucket: the turn of whom "place" was bucket's "taken" after his
 * cost.  It comes sooner when others give back, later when less is left.
 */
extern int64_t mo_bucket_moved(const Bucket *b, double place, int64_t now);

/* Give back what was taken for "turn", all or a part. */
extern void mo_bucket_give(Bucket *b, double cost, int64_t turn, int64_t now);

/* The same of a turn that was never used: who stands behind it moves up. */
extern void mo_bucket_leave(Bucket *b, double cost, int64_t turn, int64_t now);

/* What could be spent at once; below 0 when turns are promised ahead. */
extern double mo_bucket_level(const Bucket *b, int64_t now);

/* The service allows something else than was believed; what is spent stays spent. */
extern void mo_bucket_resize(Bucket *b, double capacity, double rate, int64_t now);

/*
 * The service says what is left.  Of that "waiting" is promised but not asked
 * for yet; "unsure", which includes it, is all that may or may not be taken
 * off already.  The truth lies between the two.
 */
extern void mo_bucket_told(Bucket *b, double available, double waiting, double unsure, int64_t now);

/*
 * Nothing before "until"; then "cost" may go at once, and turns given before
 * are void.  With a cost below 0 nothing is lost: turns that lie before
 * "until" have to be given back, and taken anew.
 */
extern void mo_bucket_pause(Bucket *b, int64_t until, double cost, int64_t now);

/*
 * The service refused, and there was nothing to wait for: if "empty", nothing
 * is left.  From the fourth refusal in a row on the pauses double.
 */
extern void mo_bucket_strike(Bucket *b, double cost, bool empty, int64_t now);

#endif /* MOMENTUM_BUCKET_H */
