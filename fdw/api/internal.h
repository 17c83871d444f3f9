/*-------------------------------------------------------------------------
 *
 * internal.h
 *	  What the files of fdw/api share among themselves.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_API_INTERNAL_H
#define MOMENTUM_API_INTERNAL_H

#include "lib/stringinfo.h"
#include "portability/instr_time.h"
#include "utils/palloc.h"

#include "api/api.h"
#include "compat.h"
#include "shmem/limit.h"

#define MAX_UP 2 /* levels of nesting above a row */

/* How many records the pages of a window say there are in all of it */
typedef struct Receipt
{
	bool declared;
	bool shorter; /* one said fewer than the page before it */
	int64 least;
	int64 most;
	int64 last;
} Receipt;

/* Where the next request of a scan stands */
typedef struct Position
{
	int part; /* of a list of values that is too long for one request */
	int pass;
	DateADT since; /* the window of days; meaningless without a range */
	DateADT until;
	TimestampTz from; /* the part of a sliced span */
	TimestampTz to;
	char *cursor;    /* NULL: first page */
	char *link;      /* PAGE_LINK, PAGE_HEADER: the URL itself */
	int page;        /* from 1, over the whole scan */
	int number;      /* pages of the same window and pass before this one ... */
	int64 before;    /* ... and their records */
	int size;        /* counted pages: records asked for a page, the same for all of a window */
	uint64 print;    /* counted pages: of the page before */
	Receipt receipt; /* of the pages before, meaningless of the first */
} Position;

/* How a request stands with the limits; throttle.c's */
typedef struct Throttle
{
	LimitTicket ticket;
	bool made;
	double cost;        /* as an answer told, 0 = none did */
	int attempts;       /* sent so far */
	int refused;        /* of those, refused for being too fast */
	int64 wait_from_us; /* 0 = not waiting */
	int64 needed_us;    /* since when a row waits for it, 0 = none does */
	int64 allowed_us;   /* so long it may wait */
	int64 waited_us;
} Throttle;

/* One page: its request, its transfer, what was read of it so far */
typedef struct Fetch
{
	MemoryContext cxt;
	MemoryContextCallback callback;
	Position at;
	bool follow;         /* the rest of a nested list */
	bool page;           /* of the resource itself */
	const char *accept;  /* the media type, unlike the connector's; or NULL */
	bool text;           /* the body is no JSON: it is taken as it comes */
	bool job_page;       /* of the result of a job */
	bool form;           /* what is sent is no JSON but a form */
	bool bare;           /* to a host of others: no credential, and no limit of the service's */
	bool lines;          /* the body is JSON lines, each a record ... */
	bool in_line;        /* ... of which one is being cut ... */
	int64 lines_begun;   /* ... and so many have begun */
	const char *records; /* path of its records */
	const char *cursor;  /* path of the cursor of the next page, or NULL */
	const char *more;    /* path that is true or there when a page follows, or NULL */
	const char **capture;
	int asked; /* records a page, of the request */
	char *method;
	char *url;
	char *body;
	HttpTransfer *http;
	JsonSplit *split;
	JsonValue *whole;    /* records = "": the answer, for captured paths */
	JsonValue *envelope; /* of the last captured path that was looked at */
	Throttle throttle;
	int attempt;
	int64 due_us;         /* the request may go then (mo_http_now_us), 0 = now */
	int64 paused_us;      /* waits since then, 0 = does not */
	bool limited;         /* waits for the limiter, not after trouble */
	bool renewed;         /* the token, after a 401 */
	int token;            /* which of the scan's tokens it was sent with */
	bool complete;        /* received, checked, and not found wanting */
	StringInfoData queue; /* records cut out: length, bytes, NUL */
	int64 got;            /* records of the page that have arrived ... */
	uint64 print;         /* ... and their fingerprint */
	int64 queued;         /* records put into the queue, of the whole page */
	int64 taken;          /* records handed out */
	uint64 hash;          /* of the records handed out ... */
	int64 skip;           /* ... that many come again after a retry ... */
	uint64 again;         /* ... and must be the same */
} Fetch;

/* A page's answer as the connector's hooks see it */
typedef struct FetchAnswer
{
	ErrorAnswer answer;
	ApiScan *scan;
	Fetch *fetch;
	JsonValue *body; /* of an error status; NULL: what is kept of a good one */
} FetchAnswer;

/* A span of instants that is read in parts, slices.c */
typedef struct Slicing
{
	const char *column; /* NULL: it is not */
	const Filter *lower;
	const Filter *upper;
	TimestampTz lo;
	TimestampTz hi;
	int64 width; /* of the parts to come */
	bool known;  /* the first page has told how dense they are */
} Slicing;

typedef struct BulkRun BulkRun;

/* A row that a hook made */
typedef struct SinkRow
{
	int64 at;                          /* for place() */
	char *text[FLEXIBLE_ARRAY_MEMBER]; /* one per column */
} SinkRow;

typedef struct RowSink
{
	ApiScan *scan;
	MemoryContext cxt; /* of the rows of one record */
	List *rows;        /* of SinkRow * */
	SinkRow *current;
} RowSink;

struct ApiScan
{
	const ApiSpec *spec;
	const Resource *res;
	MemoryContext cxt;
	MemoryContext tmp; /* of one outermost record */
	MemoryContextCallback callback;

	List *variables;   /* of DefElem, from hooks */
	const char *query; /* {filter}, for the current pass */
	char *document;
	char *fields;
	int parts;   /* of the longest list of values */
	int nlevels; /* of nesting */
	int size;    /* records a page */
	int days;    /* longest window, 0 = any */

	bool admitted; /* the user may read, and has logged in where that is needed */
	char *token;   /* wiped at the end */
	int tokens;    /* how often it was replaced */
	List *hosts;   /* of char *: those that the secret is bound to, if any */

	bool started;
	bool finished;
	instr_time began; /* of the first request */
	Fetch *current;   /* the page whose records are used */
	Fetch *failing;   /* the page that is dealt with, when that raises */
	List *lanes;      /* of Lane *, lanes.c: the first one's first page is the current one */
	Slicing slicing;
	Position edge;     /* the last window that was opened */
	int most_lanes;    /* at the same time */
	int pages;         /* asked for so far */
	struct HTAB *seen; /* what led to pages, for paging.c */
	List *kept;        /* of JsonValue *, from hooks' requests */
	void *state;       /* of the hooks */
	Position last;     /* of the page being read */

	JsonValue *record;            /* the outermost, owned */
	JsonValue *level[MAX_UP + 1]; /* [0] outermost; borrowed from record or row */
	size_t index[MAX_UP + 1];     /* of level[i] in its list */
	Fetch *rest;                  /* of a nested list */
	JsonValue *rest_record;       /* owned */
	bool in_record;

	RowSink sink;
	int row; /* of the sink's rows, the current one */

	BulkRun *bulk; /* NULL: it is read by pages */

	double cost[2]; /* of a request, and of one for the rest of a list; 0 = not told yet */

	ApiStats stats;
};

/* request.c */
extern char *mo_day_text(DateADT day);
extern const char *mo_api_lookup(void *arg, const char *name);
extern void mo_request_prepare(ApiScan *scan);
extern void mo_request_page(ApiScan *scan, Fetch *fetch);
extern void mo_request_make_job(ApiScan *scan, Fetch *fetch, const Position *at);
extern void mo_request_job(ApiScan *scan, Fetch *fetch, const char *body);
extern bool mo_request_less(ApiScan *scan, Fetch *fetch);
extern void mo_request_follow(ApiScan *scan, Fetch *fetch, const char *id, const char *cursor);
extern List *mo_request_headers(ApiScan *scan, bool with_body, const char *accept);
extern const char *mo_request_base(ApiScan *scan, const char *option);

/* fetch.c */
extern Fetch *mo_fetch_new(ApiScan *scan);
extern void mo_fetch_start(ApiScan *scan, Fetch *fetch);
extern ApiProgress mo_fetch_poll(ApiScan *scan, Fetch *fetch, JsonValue **record);
extern bool mo_fetch_ready(const Fetch *fetch);
extern bool mo_fetch_stirs(const Fetch *fetch);
extern bool mo_fetch_advance(ApiScan *scan, Fetch *fetch);
extern int64 mo_fetch_held(const Fetch *fetch);
extern int64 mo_fetch_until(const Fetch *fetch);
extern void mo_fetch_pause(Fetch *fetch, int64 wait_us);
extern const char *mo_fetch_text(ApiScan *scan, Fetch *fetch, size_t *len);
extern void mo_fetch_close(ApiScan *scan, Fetch *fetch);

extern void mo_fetch_count(ApiScan *scan, Fetch *fetch);

/* page.c */
extern void mo_fetch_check(ApiScan *scan, Fetch *fetch);
extern bool mo_fetch_more(ApiScan *scan, Fetch *fetch, char **cursor);
extern JsonValue *mo_fetch_envelope(ApiScan *scan, Fetch *fetch, const char *path);
extern const ErrorAnswer *mo_fetch_answer(ApiScan *scan, Fetch *fetch, int status, JsonValue *body,
										  FetchAnswer *seen);

/* trouble.c */
extern void mo_trouble_answer(ApiScan *scan, Fetch *fetch, int status, JsonValue *body,
							  const char *trouble);
extern void mo_trouble_transfer(ApiScan *scan, Fetch *fetch, HttpFailureKind kind,
								const char *message);
extern bool mo_trouble_known(const Fetch *fetch);
extern JsonValue *mo_trouble_body(Fetch *fetch);
extern void mo_trouble_not_json(ApiScan *scan, Fetch *fetch, const char *why)
	pg_attribute_noreturn();
extern size_t mo_trouble_path_len(const char *trouble);
extern char *mo_trouble_find(ApiScan *scan, Fetch *fetch);

/* throttle.c */
extern int64 mo_throttle_due(ApiScan *scan, Fetch *fetch);
extern uint32 mo_throttle_event(const Fetch *fetch);
extern bool mo_throttle_again(ApiScan *scan, Fetch *fetch, int64 told_ms);
extern void mo_throttle_answer(ApiScan *scan, Fetch *fetch, ErrorClass class, int64 told_ms,
							   const ErrorAnswer *answer);
extern void mo_throttle_given_up(ApiScan *scan, ErrorClass class, int sqlstate, const char *error);
extern void mo_throttle_forget(Fetch *fetch);

/* paging.c */
extern bool mo_paging_counted(const Resource *res);
extern void mo_paging_first(Position *at);
extern int64 mo_paging_number(const Resource *res, const Position *at);
extern bool mo_paging_total(ApiScan *scan, Fetch *fetch, int64 *total);
extern bool mo_paging_next(ApiScan *scan, Fetch *fetch, Position *next);

/* receipt.c */
extern void mo_receipt_page(ApiScan *scan, Fetch *fetch, Position *next);

/* bounds.c */
extern int64 mo_bounds_answer(ApiScan *scan);
extern void mo_bounds_page(ApiScan *scan, int page);
extern void mo_bounds_time(ApiScan *scan);

/* slices.c */
extern void mo_slices_begin(ApiScan *scan);
extern void mo_slices_first(ApiScan *scan, Position *at);
extern bool mo_slices_next(ApiScan *scan, Position *at);
extern bool mo_slices_known(const ApiScan *scan);
extern void mo_slices_learn(ApiScan *scan, const Fetch *fetch, bool more);
extern List *mo_slices_conditions(ApiScan *scan, const Position *at);

/* lanes.c */
extern bool mo_lanes_begin(ApiScan *scan);
extern void mo_lanes_start(ApiScan *scan);
extern bool mo_lanes_next(ApiScan *scan);
extern void mo_lanes_push(ApiScan *scan);
extern bool mo_lanes_ready(ApiScan *scan, int64 *until_us);
extern void mo_lanes_end(ApiScan *scan);
extern void mo_lanes_window_first(ApiScan *scan, Position *at);
extern bool mo_lanes_window_after(ApiScan *scan, Position *at);

/* lines.c */
extern void mo_lines_begin(Fetch *fetch);
extern JsonSplitResult mo_lines_feed(ApiScan *scan, Fetch *fetch, const char **data, size_t *len);
extern void mo_lines_finish(ApiScan *scan, Fetch *fetch);

/* bulk.c, bulk_read.c */
extern void mo_bulk_begin(ApiScan *scan);
extern bool mo_bulk_reads(const ApiScan *scan);
extern bool mo_bulk_groups(const ApiScan *scan);
extern void mo_bulk_start(ApiScan *scan);
extern ApiProgress mo_bulk_grouped(ApiScan *scan);
extern ApiProgress mo_bulk_plain(ApiScan *scan);
extern uint32 mo_bulk_event(const ApiScan *scan);
extern const char *mo_bulk_document(const ApiScan *scan);
extern void mo_bulk_check_host(ApiScan *scan, const char *url);
extern void mo_bulk_gone(ApiScan *scan, int status, const char *message) pg_attribute_noreturn();
extern void mo_bulk_end(ApiScan *scan);

/* rows.c */
extern void mo_rows_make(ApiScan *scan, JsonValue *record);

#endif /* MOMENTUM_API_INTERNAL_H */
