/*-------------------------------------------------------------------------
 *
 * limit.c
 *	  The rate limits of all servers, and who may ask when.
 *
 * Everything of one server lies under one lock, which is held for a look and
 * a few sums; nobody sleeps with it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/pg_list.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "shmem/bucket.h"
#include "shmem/limit.h"

#define STALE_US (INT64CONST(15) * 60 * 1000000) /* a limit unused so long is full again */
#define GUARD_S 0.005
#define MAX_ROUNDS 16 /* of seeking a time that all limits allow */

typedef struct LimitEntry
{
	TableEntry entry;
	bool known; /* the bucket is made */
	Bucket bucket;
	double outstanding; /* cost of what has a turn and no answer */
	double waiting;     /* of that, what was not sent yet */
	int tickets;        /* how many have a turn and no answer */
	int waiters;
	double spent; /* by all that were answered */
	int64 refusals;
} LimitEntry;

int mo_limit_most = 5000;

static bool is_busy(const TableEntry *entry);

static SharedTable limits = {.area.name = "momentum_limits",
							 .entry_size = sizeof(LimitEntry),
							 .most = &mo_limit_most,
							 .guc = "momentum.max_tracked_limits",
							 .stale_us = STALE_US,
							 .busy = is_busy};

static bool
is_busy(const TableEntry *entry)
{
	return ((const LimitEntry *) entry)->tickets > 0;
}

void
mo_limit_init(void)
{
	DefineCustomIntVariable("momentum.max_tracked_limits",
							"The number of rate limits kept in shared memory.",
							"A server of a service has one to five of them.",
							&mo_limit_most, 5000, 16, 1000000,
							mo_shmem_setting_context(), 0, NULL, NULL, NULL);
	mo_table_register(&limits);
}

/* The entries of a ticket's limits, under the server's lock; false: some have no room. */
static bool
find_entries(const LimitTicket *ticket, LimitEntry **entries, bool create, int64 now)
{
	for (int i = 0; i < ticket->n; i++)
	{
		const LimitUse *use = &ticket->use[i];
		LimitEntry *e = mo_table_find(&limits, ticket->server, use->name, create);

		entries[i] = e;
		if (e == NULL)
			return false;
		if (!e->known)
		{
			mo_bucket_init(&e->bucket, use->capacity, use->rate, use->window_us, now);
			e->known = true;
		}
	}
	return true;
}

/*
 * The first time that suits all limits; BUCKET_NEVER: none that is near, and
 * none before "horizon".
 */
static int64
common_turn(const LimitTicket *ticket, LimitEntry **entries, int64 now, int64 *horizon)
{
	int64 turn = now;

	for (int round = 0; round < MAX_ROUNDS; round++)
	{
		int64 before = turn;

		for (int i = 0; i < ticket->n && turn != BUCKET_NEVER; i++)
		{
			*horizon = mo_bucket_horizon(&entries[i]->bucket, now);
			turn = mo_bucket_turn(&entries[i]->bucket, ticket->use[i].cost, turn, now);
		}
		if (turn == before || turn == BUCKET_NEVER)
			return turn;
	}
	return turn;
}

/*
 * Has a pause come over the turn, or was it missed?  Others were let go in the
 * meantime: those who come late might all go together.
 */
static bool
is_void(const LimitTicket *ticket, LimitEntry **entries, int64 now)
{
	for (int i = 0; i < ticket->n; i++)
	{
		if (entries[i]->bucket.epoch != ticket->use[i].epoch ||
			entries[i]->bucket.paused_until_us > ticket->turn_us ||
			mo_bucket_late(&entries[i]->bucket, ticket->turn_us, now))
			return true;
	}
	return false;
}

/* Gives back the costs of a turn that was not used; of void ones there is nothing to give. */
static void
give_turn(LimitTicket *ticket, LimitEntry **entries, int64 now)
{
	for (int i = 0; i < ticket->n; i++)
	{
		LimitEntry *e = entries[i];

		e->outstanding = Max(e->outstanding - ticket->use[i].cost, 0);
		e->waiting = Max(e->waiting - ticket->use[i].cost, 0);
		e->tickets--;
		if (e->bucket.epoch == ticket->use[i].epoch)
			mo_bucket_leave(&e->bucket, ticket->use[i].cost, ticket->turn_us, now);
	}
	ticket->turn_us = 0;
}

/* Takes a turn, or leaves turn_us 0; returns it, or the time before which there is none. */
static int64
take_turn(LimitTicket *ticket, LimitEntry **entries, int64 now)
{
	int64 horizon = now;
	int64 turn = common_turn(ticket, entries, now, &horizon);

	if (turn == BUCKET_NEVER)
		return horizon;
	ticket->turn_us = turn;
	for (int i = 0; i < ticket->n; i++)
	{
		LimitEntry *e = entries[i];

		mo_bucket_take(&e->bucket, ticket->use[i].cost, turn, now);
		ticket->use[i].epoch = e->bucket.epoch;
		ticket->use[i].place = e->bucket.taken;
		e->outstanding += ticket->use[i].cost;
		e->waiting += ticket->use[i].cost;
		e->tickets++;
	}
	return turn;
}

static void
use_turn(LimitTicket *ticket, LimitEntry **entries)
{
	for (int i = 0; i < ticket->n; i++)
	{
		LimitUse *use = &ticket->use[i];

		entries[i]->waiting = Max(entries[i]->waiting - use->cost, 0);
		use->taken = use->cost;
		use->spent = entries[i]->spent;
	}
}

static void
count_waiter(LimitTicket *ticket, LimitEntry **entries, bool waits)
{
	if (ticket->counted == waits)
		return;
	ticket->counted = waits;
	for (int i = 0; i < ticket->n; i++)
		entries[i]->waiters = Max(entries[i]->waiters + (waits ? 1 : -1), 0);
}

/* Is the turn one that moves: of one leaking bucket? */
static bool
may_move(const LimitTicket *ticket)
{
	return ticket->n == 1 && ticket->use[0].window_us == 0;
}

int64
mo_limit_due(LimitTicket *ticket)
{
	LimitEntry *entries[MO_LIMITS_MOST];
	int64 now = mo_table_now_us();
	int64 wait = 0;

	if (ticket->n == 0)
		return 0;
	mo_table_lock(&limits, ticket->server, LW_EXCLUSIVE);
	if (find_entries(ticket, entries, true, now))
	{
		int64 turn = ticket->turn_us;

		if (turn != 0 && may_move(ticket) &&
			entries[0]->bucket.epoch == ticket->use[0].epoch &&
			!mo_bucket_late(&entries[0]->bucket, turn, now))
		{
			Bucket *b = &entries[0]->bucket;

			/* our clock is not the service's */
			turn = mo_bucket_moved(b, ticket->use[0].place + b->rate * GUARD_S, now);
			ticket->turn_us = turn;
		}
		else if (turn != 0 && is_void(ticket, entries, now))
			give_turn(ticket, entries, now);
		if (ticket->turn_us == 0)
			turn = take_turn(ticket, entries, now);
		wait = Max(turn - now, 0);
		if (wait == 0)
			use_turn(ticket, entries);
		count_waiter(ticket, entries, wait > 0);
		ticket->state = wait > 0 ? TICKET_WAITING : TICKET_SENT;
	}
	mo_table_unlock(&limits, ticket->server);
	return wait;
}

void
mo_limit_answered(LimitTicket *ticket, bool good)
{
	LimitEntry *entries[MO_LIMITS_MOST];

	if (ticket->state != TICKET_SENT)
		return;
	mo_table_lock(&limits, ticket->server, LW_EXCLUSIVE);
	if (find_entries(ticket, entries, false, 0))
	{
		for (int i = 0; i < ticket->n; i++)
		{
			entries[i]->outstanding = Max(entries[i]->outstanding - ticket->use[i].cost, 0);
			entries[i]->tickets--;
			entries[i]->spent += ticket->use[i].taken;
			if (good)
				entries[i]->bucket.strikes = 0;
		}
	}
	mo_table_unlock(&limits, ticket->server);
	ticket->state = TICKET_NONE;
	ticket->turn_us = 0;
}

void
mo_limit_told(LimitTicket *ticket, int i, const LimitTold *told)
{
	LimitEntry *entries[MO_LIMITS_MOST];
	int64 now = mo_table_now_us();

	if (ticket->state != TICKET_SENT)
		return;
	mo_table_lock(&limits, ticket->server, LW_EXCLUSIVE);
	if (find_entries(ticket, entries, false, now))
	{
		LimitEntry *e = entries[i];
		Bucket *b = &e->bucket;
		LimitUse *use = &ticket->use[i];
		double capacity = told->capacity > 0 ? told->capacity : b->capacity;
		double rate = told->rate > 0 ? told->rate : b->rate;

		if (capacity != b->capacity || rate != b->rate)
			mo_bucket_resize(b, capacity, rate, now);
		/* it may also have taken more than it was expected to */
		if (told->charged >= 0 && use->epoch == b->epoch)
			mo_bucket_give(b, use->cost - told->charged, ticket->turn_us, now);
		if (told->charged >= 0)
			use->taken = told->charged;
		if (told->available >= 0)
			mo_bucket_told(b, told->available, e->waiting,
						   Max(e->outstanding - use->cost, 0) + e->spent - use->spent, now);
	}
	mo_table_unlock(&limits, ticket->server);
}

void
mo_limit_refused(LimitTicket *ticket, int64 ms, bool told)
{
	LimitEntry *entries[MO_LIMITS_MOST];
	int64 now = mo_table_now_us();

	if (ticket->n == 0)
		return;
	mo_table_lock(&limits, ticket->server, LW_EXCLUSIVE);
	if (find_entries(ticket, entries, false, now))
	{
		for (int i = 0; i < ticket->n; i++)
		{
			Bucket *b = &entries[i]->bucket;
			double cost = ticket->use[i].cost;

			entries[i]->refusals++;
			if (ms > 0)
				mo_bucket_pause(b, now + ms * 1000, told && i == 0 ? -1 : cost, now);
			else
				mo_bucket_strike(b, cost, !told, now);
		}
	}
	mo_table_unlock(&limits, ticket->server);
}

void
mo_limit_pause(LimitTicket *ticket, int64 ms)
{
	LimitEntry *entries[MO_LIMITS_MOST];
	int64 now = mo_table_now_us();

	if (ticket->n == 0)
		return;
	mo_table_lock(&limits, ticket->server, LW_EXCLUSIVE);
	if (find_entries(ticket, entries, false, now))
	{
		for (int i = 0; i < ticket->n; i++)
			mo_bucket_pause(&entries[i]->bucket, now + ms * 1000, -1, now);
	}
	mo_table_unlock(&limits, ticket->server);
}

/* A request that was sent has cost what it costs: only what waited is given back. */
void
mo_limit_release(LimitTicket *ticket)
{
	LimitEntry *entries[MO_LIMITS_MOST];

	if (ticket->state == TICKET_SENT)
		mo_limit_answered(ticket, false);
	if (ticket->state != TICKET_WAITING)
		return;
	mo_table_lock(&limits, ticket->server, LW_EXCLUSIVE);
	if (find_entries(ticket, entries, false, 0))
	{
		count_waiter(ticket, entries, false);
		if (ticket->turn_us != 0)
			give_turn(ticket, entries, mo_table_now_us());
	}
	mo_table_unlock(&limits, ticket->server);
	ticket->state = TICKET_NONE;
	ticket->turn_us = 0;
}

typedef struct RowList
{
	LimitRow *rows;
	int n;
	int most;
} RowList;

/* Under the lock: no memory may be asked for. */
static void
add_row(void *entry, void *arg)
{
	const LimitEntry *e = entry;
	RowList *list = arg;
	int64 now = mo_table_now_us();
	LimitRow *row;

	if (list->n == list->most || !e->known)
		return;
	row = &list->rows[list->n++];
	row->server = e->entry.key.server;
	strlcpy(row->name, e->entry.key.name, sizeof(row->name));
	row->capacity = e->bucket.capacity;
	row->available = Max(mo_bucket_level(&e->bucket, now), 0);
	row->rate = e->bucket.rate;
	row->window_us = e->bucket.window_us;
	row->paused_us = Max(e->bucket.paused_until_us - now, 0);
	row->waiters = e->waiters;
	row->refusals = e->refusals;
	if (row->paused_us > 0)
		row->available = 0;
}

List *
mo_limit_rows(void)
{
	RowList list = {.most = mo_table_count(&limits)};
	List *rows = NIL;

	if (!mo_table_exists(&limits))
		return NIL;
	list.rows = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(LimitRow) * Max(list.most, 1));
	mo_table_each(&limits, LW_SHARED, add_row, &list);
	for (int i = 0; i < list.n; i++)
		rows = lappend(rows, &list.rows[i]);
	return rows;
}

/* The counts only: what the service allows has not changed. */
static void
reset_entry(void *entry, void *arg)
{
	LimitEntry *e = entry;
	const Oid *server = arg;

	if (!OidIsValid(*server) || e->entry.key.server == *server)
		e->refusals = 0;
}

/* Who has a turn takes a new one, of a full bucket with the sizes that the service told. */
static void
forget_entry(void *entry, void *arg)
{
	LimitEntry *e = entry;
	const Oid *server = arg;
	uint32 epoch = e->bucket.epoch + 1;

	if (!e->known || (OidIsValid(*server) && e->entry.key.server != *server))
		return;
	mo_bucket_init(&e->bucket, e->bucket.capacity, e->bucket.rate, e->bucket.window_us,
				   mo_table_now_us());
	e->bucket.epoch = epoch;
}

void
mo_limit_forget(Oid server)
{
	if (mo_table_exists(&limits))
		mo_table_each(&limits, LW_EXCLUSIVE, forget_entry, &server);
}

void
mo_limit_reset(Oid server)
{
	if (mo_table_exists(&limits))
		mo_table_each(&limits, LW_EXCLUSIVE, reset_entry, &server);
}
