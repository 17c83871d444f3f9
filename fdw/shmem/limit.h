/*-------------------------------------------------------------------------
 *
 * limit.h
 *	  The rate limits of all servers, and who may ask when.
 *
 * A request brings the limits that apply to it and gets a turn with all of
 * them at once: the time at which it may go.  Until it is answered what it
 * costs is outstanding.  A ticket that is let go before, by an error or a
 * cancel, gives back what it has not used.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_LIMIT_H
#define MOMENTUM_LIMIT_H

#include "datatype/timestamp.h"
#include "shmem/table.h"

#define MO_LIMITS_MOST 4 /* of one request */

typedef struct LimitUse
{
	char name[MO_TABLE_NAME];
	double capacity; /* as declared */
	double rate;     /* a second; 0 = of a window */
	int64 window_us;
	double cost;
	uint32 epoch; /* of the turn */
	double place; /* in the queue of a leaking bucket */
	double taken; /* what it was charged in the end; the cost, until that is told */
	double spent; /* by all whose answers had come when it was sent */
} LimitUse;

typedef enum LimitTicketState
{
	TICKET_NONE,
	TICKET_WAITING, /* has a turn, or found none yet */
	TICKET_SENT
} LimitTicketState;

typedef struct LimitTicket
{
	LimitTicketState state;
	Oid server;
	int n;
	LimitUse use[MO_LIMITS_MOST];
	int64 turn_us;
	bool counted; /* among the waiters */
} LimitTicket;

/* What a service says of a limit; below 0 = it does not */
typedef struct LimitTold
{
	double capacity;
	double rate;
	double available;
	double charged; /* for the request, which was to have its cost */
} LimitTold;

/* For the view */
typedef struct LimitRow
{
	Oid server;
	char name[MO_TABLE_NAME];
	double capacity;
	double available;
	double rate;
	int64 window_us;
	int64 paused_us; /* still, 0 = not */
	int waiters;
	int64 refusals;
} LimitRow;

/*
 * How many microseconds until the request may go; 0 = now, and its cost is
 * taken.  To be called again after the wait.  Where the queue is so long that
 * there is no turn to be had, turn_us is 0, the wait is at least so long, and
 * who looks first gets the next place.  Never blocks.
 */
extern int64 mo_limit_due(LimitTicket *ticket);

/* The request was answered; a second call does nothing. */
extern void mo_limit_answered(LimitTicket *ticket, bool good);

/* What the answer said of limit "i" of the ticket; before mo_limit_answered. */
extern void mo_limit_told(LimitTicket *ticket, int i, const LimitTold *told);

/*
 * The service refused the request: nobody asks for "ms"; -1 = it did not say
 * how long.  "told" where it did say what is left.  Before mo_limit_answered.
 */
extern void mo_limit_refused(LimitTicket *ticket, int64 ms, bool told);

/* Nobody asks for "ms", though nothing was refused. */
extern void mo_limit_pause(LimitTicket *ticket, int64 ms);

/* Lets go of the ticket, answered or not.  Must not raise; may come in an abort. */
extern void mo_limit_release(LimitTicket *ticket);

/* The limits of this database's servers; List of LimitRow *. */
extern struct List *mo_limit_rows(void);

/* Counts begin anew; and what is spent and paused is forgotten.  InvalidOid = of every server. */
extern void mo_limit_reset(Oid server);
extern void mo_limit_forget(Oid server);

/* From _PG_init. */
extern void mo_limit_init(void);

extern int mo_limit_most; /* momentum.max_tracked_limits */

#endif /* MOMENTUM_LIMIT_H */
