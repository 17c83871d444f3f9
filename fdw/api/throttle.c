/*-------------------------------------------------------------------------
 *
 * throttle.c
 *	  Whether a request may go now, and what an answer means for the next.
 *
 * This is where a scan meets what all backends share: the limits, the
 * breaker, the counters.  A request that the limits hold back waits for its
 * turn; one that would wait longer than the budget allows is refused at once,
 * with the time at which it could go.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "api/internal.h"
#include "compat.h"
#include "http/retry.h"
#include "shmem/stat.h"

#define MAX_REFUSALS 20 /* of one request: a service that goes on so is broken */
#define LOOK_AGAIN_US INT64CONST(1000000)
#define LOOK_UP_US INT64CONST(50000)
#define PROLONGED_US INT64CONST(100000) /* less is what looking takes */
#define UNLIMITED 1e9                   /* of a service that declares no limit: only pauses count */

static uint32 throttle_wait_event = 0;

/*
 * The size of a limit that option "rate_limits" of the server sets, or what is
 * declared: an account may have been given more, or less.
 */
static double
limit_capacity(ApiScan *scan, const RateLimit *limit)
{
	const char *option = mo_api_option(scan, "rate_limits");
	size_t len = strlen(limit->name);

	while (option != NULL && *option != '\0')
	{
		if (strncmp(option, limit->name, len) == 0 && option[len] == '=')
			return strtod(option + len + 1, NULL);
		option += strcspn(option, ",");
		option += *option == ',';
	}
	return limit->capacity;
}

/* Takes over the limits of a request. */
static void
add_limits(ApiScan *scan, LimitTicket *ticket, const RateLimit *limits)
{
	for (const RateLimit *limit = limits; limit != NULL && limit->name != NULL; limit++)
	{
		LimitUse *use = &ticket->use[ticket->n];

		if (ticket->n == MO_LIMITS_MOST)
			elog(ERROR, "too many limits of resource \"%s\"", scan->res->name);
		snprintf(use->name, sizeof(use->name), "%s%s%s", limit->name, limit->each ? "/" : "",
				 limit->each ? scan->res->name : "");
		use->capacity = limit_capacity(scan, limit);
		use->rate = limit->rate * use->capacity / limit->capacity;
		use->window_us = limit->window_s * INT64CONST(1000000);
		use->cost = limit->cost > 0 ? limit->cost : 1;
		ticket->n++;
	}
}

static void
make_ticket(ApiScan *scan, Fetch *fetch)
{
	LimitTicket *ticket = &fetch->throttle.ticket;
	const Connector *connector = scan->spec->connector;
	double cost;

	ticket->server = scan->spec->server;
	add_limits(scan, ticket, connector->limits);
	add_limits(scan, ticket, scan->res->limits);
	if (ticket->n == 0)
	{
		static const RateLimit none[] = {{"requests", UNLIMITED, UNLIMITED}, {0}};

		add_limits(scan, ticket, none);
	}
	cost = scan->cost[fetch->follow];
	if (cost == 0 && connector->quota != NULL)
		cost = mo_stat_cost(scan->spec->server, scan->res->name);
	if (cost > 0)
		ticket->use[0].cost = cost;
	fetch->throttle.made = true;
}

/* Is the request one for later: of a page ahead, whose rows nobody waits for yet? */
static bool
is_ahead(const ApiScan *scan, const Fetch *fetch)
{
	return fetch->page && scan->current != NULL && scan->current != fetch;
}

static void
pg_attribute_noreturn()
	refuse_broken(ApiScan *scan, const BreakerReport *report)
{
	TimestampTz since = report->since;
	long seconds;
	int micros;

	TimestampDifference(since, GetCurrentTimestamp(), &seconds, &micros);
	ereport(ERROR,
			(errcode(report->sqlstate == ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION
						 ? ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION
						 : ERRCODE_SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION),
			 errmsg("server \"%s\" is left alone for now: %d requests in a row have failed",
					scan->spec->server_name, report->failures),
			 errdetail("Since %s (%ld s); asked again in %.1f s.  Last error: %s",
					   timestamptz_to_str(since), seconds, report->again_ms / 1000.0,
					   report->error)));
}

/*
 * May the request wait so long, beside what it has waited already?  Raises if
 * not.  A wait that was allowed is looked at again only when it is prolonged.
 */
static void
check_budget(ApiScan *scan, Fetch *fetch, int64 wait_us)
{
	Throttle *throttle = &fetch->throttle;
	int64 now = mo_table_now_us();
	TimestampTz when;

	if (throttle->needed_us == 0)
		throttle->needed_us = now;
	if (now + wait_us <= throttle->allowed_us + PROLONGED_US)
		return;
	throttle->allowed_us = now + wait_us;
	if (mo_retry_in_budget((throttle->waited_us + now - throttle->needed_us) / 1000,
						   wait_us / 1000))
		return;
	when = GetCurrentTimestamp() + wait_us;
	ereport(ERROR,
			(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
			 errmsg("the service of server \"%s\" cannot be asked in time",
					scan->spec->server_name),
			 errdetail("Its rate limit lets the next request go at %s, in %.1f s.",
					   timestamptz_to_str(when), wait_us / 1e6),
			 errhint("Ask again then, or raise \"momentum.wait_budget\" or statement_timeout.")));
}

/* A request goes: count it, and how long it waited. */
static void
count_request(ApiScan *scan, Fetch *fetch)
{
	Throttle *throttle = &fetch->throttle;
	int64 counts[STAT_COUNTERS] = {0};

	counts[STAT_REQUESTS] = 1;
	if (throttle->attempts++ > 0)
		counts[STAT_RETRIES] = 1;
	if (scan->stats.requests == 0)
		counts[STAT_SCANS] = 1;
	mo_stat_add(scan->spec->server, scan->res->name, counts);
}

/* A wait is over, or given up. */
static void
end_wait(ApiScan *scan, Fetch *fetch)
{
	Throttle *throttle = &fetch->throttle;
	int64 counts[STAT_COUNTERS] = {0};
	int64 waited;

	if (throttle->wait_from_us == 0)
		return;
	waited = mo_table_now_us() - throttle->wait_from_us;
	throttle->wait_from_us = 0;
	throttle->needed_us = 0;
	throttle->allowed_us = 0;
	throttle->waited_us += waited;
	scan->stats.throttle_us += waited;
	counts[STAT_WAITS] = 1;
	counts[STAT_WAIT_US] = waited;
	mo_stat_add(scan->spec->server, scan->res->name, counts);
}

/*
 * In how many microseconds the request may go; 0 = now, and it counts as sent.
 * Raises if that is too long to wait, or if the server is left alone; of a
 * page ahead only when it is needed.
 */
int64
mo_throttle_due(ApiScan *scan, Fetch *fetch)
{
	Throttle *throttle = &fetch->throttle;
	BreakerReport report;
	int64 wait;

	if (!throttle->made)
		make_ticket(scan, fetch);
	if (!mo_breaker_allows(scan->spec->server, scan->spec->user, &report))
	{
		if (is_ahead(scan, fetch))
			return LOOK_AGAIN_US;
		refuse_broken(scan, &report);
	}
	wait = mo_limit_due(&throttle->ticket);
	if (wait > 0)
	{
		if (!is_ahead(scan, fetch))
			check_budget(scan, fetch, wait);
		if (throttle->wait_from_us == 0)
			throttle->wait_from_us = mo_table_now_us();
		/* where answers tell what is left the turn may come sooner, and so may a place */
		if (scan->spec->connector->quota != NULL)
			return Min(wait, LOOK_UP_US);
		return throttle->ticket.turn_us != 0 ? wait : Min(wait, Max(wait / 64, LOOK_UP_US));
	}
	end_wait(scan, fetch);
	count_request(scan, fetch);
	return 0;
}

/* What pg_stat_activity shows of a wait for the fetch; 0 = the usual. */
uint32
mo_throttle_event(const Fetch *fetch)
{
	if (throttle_wait_event == 0)
		throttle_wait_event = mo_wait_event_new("MomentumThrottle");
	return fetch->http == NULL && fetch->limited ? throttle_wait_event : 0;
}

/*
 * The service asked to slow down: may the request be made again?  It will
 * wait for its turn then.
 */
bool
mo_throttle_again(ApiScan *scan, Fetch *fetch, int64 told_ms)
{
	int64 wait_ms = Max(told_ms, 0);

	return ++fetch->throttle.refused <= MAX_REFUSALS &&
		   mo_retry_in_budget(fetch->throttle.waited_us / 1000, wait_ms);
}

/* For a fetch that ends, in whatever way: must not raise. */
void
mo_throttle_forget(Fetch *fetch)
{
	mo_limit_release(&fetch->throttle.ticket);
}

/* Passes on what the service says of one limit. */
static void
pass_on(ApiScan *scan, Fetch *fetch, int i, const Quota *quota)
{
	LimitTold told = {quota->capacity, quota->rate, quota->available, quota->charged};

	mo_limit_told(&fetch->throttle.ticket, i, &told);
	if (quota->available >= 0)
		mo_stat_quota(scan->spec->server, scan->res->name, quota->available);
}

/* What the connector reads of the answer; did that say what is left? */
static bool
read_quota(ApiScan *scan, Fetch *fetch, const ErrorAnswer *answer)
{
	const Connector *connector = scan->spec->connector;
	FetchAnswer good;
	Quota quota = {-1, -1, -1, -1, -1, -1};

	if (connector->quota == NULL)
		return false;
	if (answer == NULL)
		answer = mo_fetch_answer(scan, fetch, 200, NULL, &good);
	connector->quota(answer, &quota);
	pass_on(scan, fetch, 0, &quota);
	/* what a page costs is not learned from a request about a job */
	if (quota.cost > 0 && (fetch->page || fetch->follow))
	{
		fetch->throttle.cost = quota.cost;
		scan->cost[fetch->follow] = quota.cost;
		mo_stat_set_cost(scan->spec->server, scan->res->name, quota.cost);
	}
	if (quota.wait_ms > 0)
		mo_limit_pause(&fetch->throttle.ticket, quota.wait_ms);
	return quota.available >= 0;
}

/* Which limit of the request has a window of so many seconds; -1 = none. */
static int
limit_of_window(const LimitTicket *ticket, int seconds)
{
	for (int i = 0; i < ticket->n; i++)
	{
		if (ticket->use[i].window_us == seconds * INT64CONST(1000000))
			return i;
	}
	return -1;
}

/*
 * The usual headers: "RateLimit-Limit: 10, 10;w=1, 150;w=60" beside
 * RateLimit-Remaining, which is of the limit named first, and SP-API's
 * "x-amzn-RateLimit-Limit: 0.5", requests a second.
 */
static void
read_headers(ApiScan *scan, Fetch *fetch)
{
	LimitTicket *ticket = &fetch->throttle.ticket;
	const char *limits = mo_http_header(fetch->http, "RateLimit-Limit");
	const char *left = mo_http_header(fetch->http, "RateLimit-Remaining");
	const char *rate = mo_http_header(fetch->http, "x-amzn-RateLimit-Limit");
	double first = limits != NULL ? strtod(limits, NULL) : 0;
	bool left_told = left == NULL;

	while (limits != NULL && *limits != '\0')
	{
		char *end;
		double number = strtod(limits, &end);
		const char *window = strstr(end, ";w=");
		const char *comma = strchr(end, ',');

		if (number > 0 && window != NULL && (comma == NULL || window < comma))
		{
			int i = limit_of_window(ticket, atoi(window + 3));
			Quota quota = {-1, -1, -1, number, -1, -1};

			if (i >= 0 && number == first && !left_told)
			{
				quota.available = strtod(left, NULL);
				left_told = true;
			}
			if (i >= 0)
				pass_on(scan, fetch, i, &quota);
		}
		limits = comma != NULL ? comma + 1 : NULL;
	}
	if (rate != NULL && strtod(rate, NULL) > 0 && ticket->n > 0 && ticket->use[0].window_us == 0)
	{
		Quota quota = {-1, -1, -1, -1, strtod(rate, NULL), -1};

		pass_on(scan, fetch, 0, &quota);
	}
}

/* Counts an answer by its status, and what came with it. */
static void
count_answer(ApiScan *scan, Fetch *fetch, ErrorClass class)
{
	int64 counts[STAT_COUNTERS] = {0};
	int status = mo_http_status(fetch->http);

	mo_http_stats(fetch->http, &counts[STAT_BYTES], NULL, NULL, NULL);
	if (mo_http_failure(fetch->http, NULL) != HTTP_OK || status == 0)
		counts[STAT_FAILURES] = 1;
	else if (status == 429)
		counts[STAT_429] = 1;
	else if (status < 300)
		counts[STAT_2XX] = 1;
	else if (status < 400)
		counts[STAT_3XX] = 1;
	else if (status < 500)
		counts[STAT_4XX] = 1;
	else
		counts[STAT_5XX] = 1;
	if (class == ERROR_THROTTLE)
		counts[STAT_THROTTLED] = 1;
	if (class == ERROR_END)
		counts[STAT_ROWS] = fetch->got;
	mo_stat_add(scan->spec->server, scan->res->name, counts);
}

/*
 * A request has its answer, whose transfer is still there: feeds limits,
 * breaker and counters.  "class" is ERROR_END for a good one; ERROR_RETRY with
 * no "answer" is a transfer that failed.  "told_ms" is how long the service
 * asks to wait, or -1.
 */
void
mo_throttle_answer(ApiScan *scan, Fetch *fetch, ErrorClass class, int64 told_ms,
				   const ErrorAnswer *answer)
{
	LimitTicket *ticket = &fetch->throttle.ticket;
	bool told_left = false;

	count_answer(scan, fetch, class);
	if (fetch->bare)
		return;
	if (class == ERROR_END || answer != NULL)
	{
		read_headers(scan, fetch);
		told_left = read_quota(scan, fetch, answer);
	}
	if (class == ERROR_THROTTLE)
	{
		/* where a request takes next to nothing the limit's pace says nothing: the usual backoff */
		if (told_ms < 0 && ticket->use[0].cost * 10000 <= ticket->use[0].capacity)
			told_ms = mo_retry_delay(fetch->throttle.refused + 1, -1);
		mo_limit_refused(ticket, told_ms, told_left);
	}
	else if (told_ms > 0)
		mo_limit_pause(ticket, told_ms); /* 503 with Retry-After */
	mo_limit_answered(ticket, class == ERROR_END);
	if (fetch->throttle.cost > 0)
		ticket->use[0].cost = fetch->throttle.cost;
	/* who refuses a credential is there for others */
	if (class != ERROR_RETRY)
		mo_breaker_good(scan->spec->server,
						class == ERROR_LOGIN ? InvalidOid : scan->spec->user);
}

/*
 * A request was given up with this error, which is about to be raised and
 * holds no secret.
 */
void
mo_throttle_given_up(ApiScan *scan, ErrorClass class, int sqlstate, const char *error)
{
	int64 counts[STAT_COUNTERS] = {0};

	counts[STAT_ERRORS] = 1;
	mo_stat_add(scan->spec->server, scan->res->name, counts);
	mo_stat_error(scan->spec->server, scan->res->name, sqlstate, error);
	if (class == ERROR_LOGIN || class == ERROR_RETRY)
		mo_breaker_bad(scan->spec->server, scan->spec->user, class == ERROR_LOGIN, sqlstate, error);
}
