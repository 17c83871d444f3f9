/*-------------------------------------------------------------------------
 *
 * connector.h
 *	  The vocabulary in which a service is described.
 *
 * A service is one file of constant tables that ends in its Connector.  The
 * engine reads them; nothing in a connector is called unless it set one of
 * the few function pointers, and none of those may touch libcurl, json-c or
 * PostgreSQL's executor.
 *
 * Templates: "{name}" stands for a server or table option, or for a variable
 * of the request: {since} {until} (first and last day of the window),
 * {until_next} (the day after), {size} {cursor} {page} {offset} (paging),
 * {filter} (all terms joined), {fields} (the wanted ones), {pass} (the pass's
 * value), {<column>} (value of a parameter column); in "auth_header" also
 * {token}, and {basic}: a credential "user:password" as Basic has it.  Values
 * are escaped for the place they stand in: URL-encoded in paths and queries,
 * JSON-escaped in bodies.
 * "{name[]}" is a value such as "a,b" as a JSON list: ["a","b"]; in a query
 * too: "metrics={fields[]}".
 * "[[...]]" is left out when a name within it has no value, as in
 * "query=select * from Bill[[{filter}]] startposition {offset} maxresults {size}".
 *
 * Paths into a record: see json.h.  "^x" is field x of the record that holds
 * the list the row comes from.  {name} in the path of a column is an option.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_CONNECTOR_H
#define MOMENTUM_CONNECTOR_H

#include "json/json.h"

/* Where a value comes from, if not simply from its path */
typedef enum ColumnFlags
{
	COL_KEY = 1 << 0,      /* identifies the row at the service */
	COL_PARAM = 1 << 1,    /* not in the answer: the value the request was made with */
	COL_TAIL = 1 << 2,     /* the number at the end of "gid://shop/Order/123?x=y" */
	COL_REQUIRED = 1 << 3, /* a parameter the query has to set with "=" */
	COL_ZERO = 1 << 4,     /* the service leaves zeros out: absent is 0 here */
	COL_DASH = 1 << 5,     /* the service writes "-" for no value */
	COL_UTC = 1 << 6       /* an instant the service writes without its zone, UTC */
} ColumnFlags;

typedef struct Column
{
	const char *name;
	const char *type;    /* SQL type, as format_type() spells it */
	const char *path;    /* NULL: the name */
	const char *comment; /* for analysts, on import */
	int flags;
	const char *ask; /* what asks the service for it, if not the path's first part */
} Column;

/* Does the service return just the rows asked for, or more of them? */
typedef enum Exactness
{
	SUPERSET,
	EXACT
} Exactness;

/*
 * A condition the service understands.  In "term", %q is the value between
 * double quotes, %a between apostrophes (both escaped), %s bare (numbers,
 * booleans and words only), %j as a JSON string, %J as one that stands within
 * another JSON string (\"a\"), %t an instant in UTC to the second, %d its UTC
 * day (or that of a date), %u its Unix seconds; bounds are rounded outwards, so
 * that rounding never loses a row.  %-t and %+t, %-u and %+u are a second
 * earlier and later: for a ">=" where the service only has ">".  %-d and %+d
 * are a day earlier and later: for days of a zone that nobody tells.
 */
typedef struct Filter
{
	const char *column;
	const char *op; /* = < <= > >=, or "= ANY": one of several values, serves "=" too */
	const char *term;
	Exactness exact;
	const char *param; /* a query parameter of its own; it replaces the same one in "query" */

	/* "= ANY": %l in "term" is the list; of more values than "most" each part is asked for */
	const char *each; /* one value of the list, written as a term is */
	const char *join; /* between two of them */
	int most;         /* values in one request */
} Filter;

/* How terms become a parameter */
typedef struct FilterStyle
{
	const char *param; /* query parameter, or variable {filter} only when NULL */
	const char *open;  /* before the first term */
	const char *join;
	const char *close;
	bool once; /* it has a place for each column: of two conditions one can be asked */
} FilterStyle;

/*
 * A span of days the service wants to be told: becomes {since} and {until}.
 * Where the rows do not tell their day the column is also a parameter: it is
 * the first day that was asked for.
 */
typedef struct Range
{
	const char *column; /* a date column */
	int back;           /* days back from today when the query sets no lower bound */
	int ahead;          /* days past today when it sets no upper bound */
	int max_days;       /* longest span one request may ask, 0 = any */
	bool required;      /* the query has to set both bounds */
	const char *zone;   /* option that names the zone of its days; NULL: nobody tells */
} Range;

/*
 * A column of instants by which a long span may be read in parts, side by
 * side: it has exact filters ">=" and "<", and whole seconds.  Where a change
 * of a record "moves" it to a later instant only a span of the past is: what
 * leaves that is in no part, as it would be in no page of the whole.
 */
typedef struct Slice
{
	const char *column;
	bool moves;
} Slice;

/*
 * A service that answers for one value at a time (a channel, archived or not)
 * is asked once for each.  "values" are "column=value" for parameter columns;
 * a condition of the query, or an option of the column's name, chooses.
 */
typedef struct Pass
{
	const char *term;      /* a term of the filter, or NULL */
	const char *value;     /* {pass} */
	const char *values[3]; /* NULL-terminated */
} Pass;

/*
 * An order in which the service returns records when it is asked for: as GraphQL
 * arguments in place of the resource's own.  Only for columns that are never
 * NULL, and that the service orders as their type does here: numbers and
 * instants, no texts.  A row out of order is an error.
 */
typedef struct Order
{
	const char *column;
	const char *up;
	const char *down;
} Order;

/*
 * What the service adds up by itself.  Under an aggregate fewer records, asked
 * of "resource", stand for those of the table: each for as many as its "count"
 * says, or with sums over rows that have all "keep" columns in common.  They
 * are asked for with the table's own conditions, if every one of them is EXACT
 * or of a kept column: what is added up cannot be checked again.  A month that
 * two requests divide comes twice, which is no harm: sums are added up here.
 *
 *	 {&order_count, "count(*)", .count = "data.ordersCount.count",
 *	  .sure = "data.ordersCount.precision=EXACT"}
 *	 {&insights_monthly, "sums by month", .sums = added, .keep = ids, .unit = "month"}
 */
struct Resource;

typedef struct Summary
{
	const struct Resource *resource; /* its name is the table's resource's */
	const char *shown;               /* in EXPLAIN */
	const char *count;               /* path of the number of rows, of which nothing is told */
	const char *sure;                /* a path and its text where that number is no estimate */
	bool all;                        /* the count heeds no condition */
	const char *const *sums;         /* columns that are sums; they are named as in the table */
	const char *const *keep;         /* columns that are as in each of the rows */
	const char *unit;                /* the range's days are told by "month", "week" or "year" */
} Summary;

/*
 * How the pages of a list follow each other:
 *
 *	 {PAGE_CURSOR, "meta.next", .param = "after", .size_param = "limit", .size = 100}
 *	 {PAGE_LINK, "@odata\\.nextLink", .size_param = "$top", .size = 1000}
 *	 {PAGE_HEADER, .size_param = "per_page", .size = 100}
 *	 {PAGE_NUMBER, .param = "page", .first = 1, .pages = "page_info.total_page",
 *	  .size_param = "page_size", .size = 1000}
 *	 {PAGE_OFFSET, .first = 1, .size = 1000}, with {offset} and {size} in the query
 *
 * Pages with numbers and offsets begin anew in each window of days and each
 * pass.  They end where "more" says so; else after so many "pages"; else after
 * "total" records; else, or where the answer does not tell, with a page that
 * has fewer records than "size" (or none: "until_empty", or no size).  A link
 * or cursor that comes again, and a page that equals the one before, are
 * errors: the service would be read for ever.
 */
typedef enum PageStyle
{
	PAGE_NONE,   /* one answer is all */
	PAGE_CURSOR, /* the answer holds a cursor for the next request */
	PAGE_LINK,   /* the answer holds the next URL, whole or relative; of the same origin */
	PAGE_HEADER, /* the same in its header "Link", with rel="next" (RFC 8288) */
	PAGE_NUMBER, /* pages are numbered: {page}, and "param" */
	PAGE_OFFSET  /* the number of the page's first record: {offset}, and "param" */
} PageStyle;

typedef struct Paging
{
	PageStyle style;
	const char *cursor; /* path of the cursor or link in the answer */
	const char *more;   /* path that is true, or there, when a page follows; NULL = the cursor's */
	const char *param;  /* query parameter that takes the cursor or number (REST) */
	const char *within; /* the cursor is this query parameter of a link found at its path */
	const char *size_param;
	int size;          /* records a page: fewer by option "fetch_size", or where that is too much */
	int first;         /* number of the first page, or of the first record */
	const char *pages; /* path of the number of pages */
	const char *total; /* path of the number of records in all pages: more or fewer is an error */
	bool until_empty;  /* a page with fewer records than asked for need not be the last */
} Paging;

/*
 * Rows from a list within a record ("lineItems.nodes", "refunds").  A list
 * that ends in ".nodes" is a GraphQL connection: when it says there is more,
 * the rest is asked from "follow", a root field that takes the holder's id.
 * A plain list has no second page: one that is full is an error.
 */
typedef struct Nest
{
	const char *list;
	const char *args; /* further GraphQL arguments, or NULL */
	int first;
	const char *follow;
	int follow_first;
} Nest;

/*
 * How fast the service lets itself be asked: a bucket of "capacity" that fills
 * by "rate" a second, or "capacity" in any span of "window_s" seconds.  It is
 * what holds until an answer says otherwise.
 */
typedef struct RateLimit
{
	const char *name;
	double capacity;
	double rate;
	int window_s; /* 0 = a bucket */
	double cost;  /* of a request, as long as no answer told; 0 = 1 */
	bool each;    /* every resource has its own */
} RateLimit;

/*
 * A job of the service's own that reads a long list as a whole, at its own
 * pace: it is made, looked at until it is done, and its result is read.  Used
 * instead of pages where there would be more of them than option "bulk_pages".
 *
 * Of a GraphQL resource the job's query is {document}, which has edges instead
 * of pages; {grouped} says whether lists within records are wanted, right
 * behind their record.  The result is a file of JSON lines; a record of a list
 * names its holder as __parentId.  Not for lists within lists.
 *
 * Elsewhere a job is made by a POST of what would be the query of a page, and
 * its result has pages as the resource has.
 *
 * {job} is the job's id.
 */
typedef struct Bulk
{
	const char *make;          /* body that makes it; NULL = the page's query, as a form */
	const char *id;            /* path of its id in the answer */
	const char *refused;       /* path that is filled when none was made, and of the code ... */
	const char *code;          /* ... of the reason ... */
	const char *busy;          /* ... "A|B": there are too many jobs just now */
	const char *path;          /* where to look how it stands; NULL = the resource's */
	const char *look;          /* body of that; NULL = it is a GET */
	const char *status;        /* path of its state in the answer: */
	const char *going;         /* "A|B" = it is under way */
	const char *done;          /* it is complete; anything else is a failure */
	const char *percent;       /* path of a number that has to be 100 then, or NULL */
	const char *const *errors; /* paths of why it failed */
	const char *cancel;        /* body that ends it early; NULL = it cannot be */
	const char *lines;         /* paths of the numbers of lines, and of those ... */
	const char *outermost;     /* ... that belong to no other; texts */
	const char *url;           /* path of the file's address, absent when there are no lines */
	const char *hosts;         /* where that may lead: no credential goes there */
	const char *pages;         /* where the result's pages are */
	int look_ms;               /* before the first look; later ones take their time */
	int max_days;              /* of one job, where the resource has a range; 0 = any */
} Bulk;

/* What an answer tells of a limit; what it does not tell is left at -1 */
typedef struct Quota
{
	double cost;      /* what the request had to find */
	double charged;   /* what it took in the end */
	double available; /* what is left */
	double capacity;
	double rate;
	int64_t wait_ms; /* for so long nobody should ask */
} Quota;

struct RowSink;
struct ApiScan;
struct ImportSink;
struct TableSource;

typedef struct Resource
{
	const char *name;
	const char *comment;

	/* the request */
	const char *method;       /* NULL = GET; POSTs here only read, and may be repeated */
	const char *path;         /* after the base URL */
	const char *query;        /* "a=b&c={x}"; a parameter whose value ends up empty is left out */
	const char *body;         /* JSON text of a POST */
	const char *base;         /* name of the option with the base URL; NULL = base_url */
	const char *root;         /* GraphQL: root field; its document is made from the columns */
	const char *args;         /* GraphQL: further arguments of the root field */
	bool scalar;              /* GraphQL: root is one object, not a connection */
	const char *fields_param; /* REST: parameter that lists the wanted fields */
	const char *fields_skip;  /* REST: leading part of the paths that is not a field name */

	/* the answer */
	const char *records;        /* path of the array of records; "" = the whole answer */
	bool records_optional;      /* its absence means none ... */
	const char *sign;           /* ... in an answer that has something at this path */
	const char *const *trouble; /* paths, empty unless the answer is bad; [*] = any element;
								 * "code!=0|20001" = bad if it is none of these, or absent */
	Paging paging;
	Nest nest[2];

	/* the table */
	const Column *columns;
	const Filter *filters;
	FilterStyle filter; /* if not the connector's: its "join" is set */
	Range range;
	const Pass *passes;
	Slice slices[3];          /* the first that the query bounds is used */
	bool serial;              /* windows and passes in turn: the rate leaves no room for more */
	const Order *orders;      /* of no use with passes, or with a range */
	const Summary *summaries; /* those of the fewest records first */
	const RateLimit *limits;  /* besides the connector's; not more than four of both */
	const Bulk *bulk;         /* how a long list is had as a whole; not with "rows" */

	/*
	 * Turn one record into rows of the table through mo_sink_*(); NULL = the
	 * record is the row.  "before" runs once before the first request and may
	 * fetch what is needed to make it (mo_api_get, mo_api_set); what it
	 * allocates lives as long as the scan.
	 */
	void (*rows)(struct RowSink *sink, JsonValue *record);
	void (*before)(struct ApiScan *scan);

	/*
	 * Say for an error where the value of a column stands at the service
	 * ("cell C4"), or NULL; "at" is what mo_sink_at() told of its row.  Must
	 * not raise.
	 */
	const char *(*place)(struct ApiScan *scan, int column, int64_t at);

	/* paging by variables: set those of the next request, or return false */
	bool (*next)(struct ApiScan *scan);
} Resource;

/*
 * Options beyond those every service has; one may redefine one of those.  One
 * with the name of a parameter column is its default and checks its values.
 */
typedef enum OptionPlace
{
	ON_SERVER = 1 << 0,
	ON_MAPPING = 1 << 1,
	ON_TABLE = 1 << 2,
	ON_COLUMN = 1 << 3
} OptionPlace;

typedef struct Option
{
	const char *name;
	int places;
	const char *value;                /* default, or NULL */
	bool required;                    /* on a server, when the server is made */
	bool superuser;                   /* only a superuser may set it */
	bool (*check)(const char *value); /* NULL = any */
	const char *expects;              /* says what check wants: "a version such as 2026-07" */
	const char *prefix;               /* may be written before the value: {name} is without it */
} Option;

/* What an error of the service means to us */
typedef enum ErrorClass
{
	ERROR_END,
	ERROR_RETRY,    /* trouble that passes: again, after a pause */
	ERROR_THROTTLE, /* too fast: again, after the pause we are told */
	ERROR_LOGIN,    /* the credential: once more with a fresh token */
	ERROR_DENIED,   /* a right is missing */
	ERROR_MISSING,  /* no such thing */
	ERROR_REQUEST,  /* what we asked does not make sense to the service */
	ERROR_CURSOR,   /* the page cursor has gone stale */
	ERROR_TOO_BIG   /* more than the service gives at once: again, for half of it */
} ErrorClass;

typedef struct ErrorRule
{
	int status;       /* HTTP status, 0 = any */
	const char *code; /* text at one of the code paths, "200-299" = a number; NULL = any */
	ErrorClass class;
	const char *hint; /* what to do about it, NULL = the usual of the class */
} ErrorRule;

/* An answer as throttle_wait() sees it, which gets errors, and quota(), which gets all */
typedef struct ErrorAnswer
{
	int status;
	JsonValue *(*get)(const struct ErrorAnswer *answer, const char *path); /* of the body */
	const char *(*header)(const struct ErrorAnswer *answer, const char *name);
	void *private;
} ErrorAnswer;

typedef struct Connector
{
	const char *name; /* the file's name */
	const char *comment;
	const char *base_url; /* template; option base_url of a superuser overrides it */
	const char *hosts;    /* a credential goes to these hosts only: "*.x.com y.com" */

	/* the login */
	const char *auth_header; /* "Authorization: Bearer {token}", "Authorization: Basic {basic}" */
	const char *token_url;   /* template: where a grant is made; NULL = credentials are tokens */
	const char *token_scope;
	bool token_basic;       /* a grant's client id and secret go into a Basic header */
	const char *headers[4]; /* templates, sent with every request */
	const char *body_type;  /* media type of bodies; NULL = application/json */

	const Option *options;
	const Resource *resources;
	FilterStyle filter;

	/*
	 * how fast it may be asked; quota() reads what an answer says of the first
	 * limit, where that is not in the usual headers, of the body only what is
	 * at "quota_path"
	 */
	const RateLimit *limits; /* that all requests share */
	void (*quota)(const ErrorAnswer *answer, Quota *quota);
	const char *quota_path;

	/* errors */
	const char *const *error_codes;                      /* paths, tried in order */
	const char *const *error_messages;                   /* paths, tried in order */
	const ErrorRule *errors;                             /* first match decides, else the status */
	int64_t (*throttle_wait)(const ErrorAnswer *answer); /* ms, or -1 */
	const char *request_id;                              /* answer header that names the request;
														  * NULL = x-request-id */
	const char *version_header;                          /* answer header that has to equal ... */
	const char *version_option;                          /* ... this option */

	/* tables that the service itself defines (the tabs of a spreadsheet) */
	const Resource *dynamic;
	void (*import)(struct ApiScan *scan, struct ImportSink *sink);

	/*
	 * Tables that their own options describe (rest.c): "describe" makes the
	 * facts of one table, palloc'd, with the resource as the only one of
	 * "resources"; "check" raises when options of a server or table do not fit
	 * together.  Both see mo_source_*() only.  Without "import" the columns are
	 * learned from records.
	 */
	const struct Connector *(*describe)(struct TableSource *source);
	void (*check)(struct TableSource *source, int place);
} Connector;

/* For "check" of options */
extern bool mo_option_is_url(const char *value);
extern bool mo_option_is_bool(const char *value);

/*
 * What the function pointers may call.
 */

/* rows: begin, set columns by name or number, end; text is copied, NULL leaves NULL */
extern void mo_sink_begin(struct RowSink *sink);
extern void mo_sink_set(struct RowSink *sink, const char *column, const char *text);
extern void mo_sink_set_json(struct RowSink *sink, const char *column, JsonValue *value);
extern void mo_sink_put(struct RowSink *sink, int column, const char *text);
extern void mo_sink_at(struct RowSink *sink, int64_t at); /* for place() */
extern void mo_sink_end(struct RowSink *sink);
extern struct ApiScan *mo_sink_scan(struct RowSink *sink);

/* rows: the day of an instant in a time zone; an answer that makes no sense (raises) */
extern const char *mo_sink_day(struct RowSink *sink, JsonValue *instant, const char *zone);
extern void mo_sink_refuse(struct RowSink *sink, const char *why) __attribute__((noreturn));

/* the table's columns, for tables that follow the service's headers; dropped ones have name "" */
extern const char *mo_api_table(struct ApiScan *scan);
extern int mo_api_columns(struct ApiScan *scan);
extern const char *mo_api_column_name(struct ApiScan *scan, int i);
extern const char *mo_api_column_path(struct ApiScan *scan, int i);
extern const char *mo_api_column_type(struct ApiScan *scan, int i); /* as format_type() spells it */
extern bool mo_api_column_wanted(struct ApiScan *scan, int i);

/* memory of the hooks' own: zeroed when first asked for, then the same, as long as the scan */
extern void *mo_api_state(struct ApiScan *scan, size_t size);

/* scans: options and variables (NULL when not set), and a small request */
extern const char *mo_api_option(struct ApiScan *scan, const char *name);
extern const char *mo_api_get(struct ApiScan *scan, const char *name);
extern void mo_api_set(struct ApiScan *scan, const char *name, const char *value);
extern JsonValue *mo_api_fetch(struct ApiScan *scan, const char *base, const char *path,
							   const char *query);

/*
 * The same for an answer that is no JSON: its bytes, with a NUL behind them,
 * as long as the scan.  "accept" is the media type to ask for.  XML is read
 * with xml/xml.h.
 */
extern const char *mo_api_fetch_text(struct ApiScan *scan, const char *base, const char *path,
									 const char *query, const char *accept, size_t *len);

/* an answer to such a request that makes no sense (raises): "why" is half a sentence */
extern void mo_api_refuse(struct ApiScan *scan, const char *why) __attribute__((noreturn));

/* described tables: options with their defaults, and columns (a dropped one has name "") */
extern const char *mo_source_table(struct TableSource *source); /* NULL in "check" */
extern const char *mo_source_option(struct TableSource *source, const char *name);
extern int mo_source_columns(struct TableSource *source);
extern const char *mo_source_column(struct TableSource *source, int i);
extern const char *mo_source_column_type(struct TableSource *source, int i);
extern const char *mo_source_column_option(struct TableSource *source, int i, const char *name);

/* import: tables, and their columns; is the table of that name asked for? */
extern bool mo_import_wants(struct ImportSink *sink, const char *name);
extern void mo_import_table(struct ImportSink *sink, const char *name, const char *comment);
extern void mo_import_option(struct ImportSink *sink, const char *name, const char *value);
extern void mo_import_column(struct ImportSink *sink, const char *name, const char *type,
							 const char *path);

#endif /* MOMENTUM_CONNECTOR_H */
