/*-------------------------------------------------------------------------
 *
 * api.h
 *	  A service's facts become requests, its answers become records.
 *
 * An ApiScan reads one resource once: passes, windows of days, pages, and the
 * nested lists within a record, each followed to its end.  It knows columns
 * and conditions by name and text; tables and Datums are the engine's.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_API_H
#define MOMENTUM_API_H

#include "nodes/pg_list.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "connector.h"
#include "http/http.h"

#define MO_API_MAX_PAGES 100000     /* of one scan: a service that never ends is broken */
#define MO_API_MAX_ANSWER 2048      /* MB of one answer: it is streamed, so this bounds time */
#define MO_API_SCAN_TIMEOUT_S 21600 /* of one scan: longer than a year's orders take */
#define MO_API_RETRIES 3            /* of one request */
#define MO_API_MAX_WINDOWS 64       /* of days, read side by side */
#define MO_API_MAX_MESSAGE 512      /* of the service's own words */
#define MO_API_MAX_ERROR_BODY 65536 /* more of an error is not read */
#define MO_API_MAX_TEXT (16 << 20)  /* of an answer that is no JSON: it is kept whole */
#define MO_API_HOLD (4 << 20)       /* of a page: a usual one is checked before it is used */

/* A column of the table as the service's side sees it */
typedef struct ApiColumn
{
	const char *name;
	const char *path;       /* the table's option, else the declared one */
	const char *type;       /* of the table's column, domains resolved */
	const Column *declared; /* NULL: the analyst's own */
	bool wanted;
	JsonPath *compiled; /* NULL: a parameter, or filled by the rows hook */
} ApiColumn;

/* A condition that goes to the service */
typedef struct ApiCondition
{
	const Filter *filter;
	const char *text; /* the value as its type prints it */
	bool is_instant;
	TimestampTz instant; /* of a date: its midnight in UTC */
	char **values;       /* of "= ANY": all of them, each once */
	int nvalues;
} ApiCondition;

/* What to read; everything lives at least as long as the scan */
typedef struct ApiSpec
{
	const Connector *connector;
	const Resource *resource;
	Oid server;
	const char *server_name;
	const char *table_name;
	Oid user;      /* whose mapping is used */
	List *options; /* of DefElem: the table's before the server's */
	ApiColumn *columns;
	int ncolumns;
	List *conditions; /* of ApiCondition * */
	List *params;     /* of DefElem: parameter column and its value */
	bool has_lo;
	bool has_hi;
	DateADT lo;        /* first day wanted */
	DateADT hi;        /* last day wanted */
	int64 limit;       /* rows that will do, 0 = all */
	const char *order; /* what asks for the records in the wanted order, or NULL */
	bool eager;        /* all rows will be read: fetch ahead at once */
	double expected;   /* rows that the service will send, as far as is known; -1 = a few */
} ApiSpec;

typedef struct ApiStats
{
	int64 requests;
	int64 pages;
	int64 records;
	int64 retries;
	int64 wait_us;     /* pauses before retries */
	int64 throttle_us; /* waits for the service's limits */
	int64 runs;        /* scans these are the numbers of */
	int64 windows;
	int64 most_lanes; /* windows under way at the same time */
	int64 held_bytes; /* of pages ahead, at most */
	int64 wire_bytes;
	int64 body_bytes;
	int64 first_byte_us; /* of the first request */
	int64 jobs;          /* of the service's own, see Bulk */
	int64 jobs_resumed;
	int64 jobs_refused; /* there were too many: pages were read instead */
	int64 looks;        /* at how they stand */
	int64 lines;
	int64 line_bytes;
} ApiStats;

typedef struct ApiScan ApiScan;

/* How far a scan has come without waiting */
typedef enum ApiProgress
{
	API_ROW,
	API_END,
	API_WAIT /* nothing to be had yet */
} ApiProgress;

extern int mo_api_levels(const Resource *res);
extern ApiScan *mo_api_begin(const ApiSpec *spec);
extern ApiProgress mo_api_poll(ApiScan *scan, int64 *until_us);
extern bool mo_api_next(ApiScan *scan);
extern bool mo_api_ready(ApiScan *scan, int64 *until_us);
extern JsonValue *mo_api_record(ApiScan *scan, int up);
extern const char *mo_api_row_text(ApiScan *scan, int column);
extern void mo_api_finish(ApiScan *scan);
extern void mo_api_end(ApiScan *scan);
extern const ApiStats *mo_api_stats(const ApiScan *scan);
extern void mo_api_where(const ApiScan *scan, int *page, int64 *record);
extern bool mo_api_is_secret(const ApiScan *scan, const char *text);
extern const char *mo_api_place(ApiScan *scan, int column);
extern int mo_api_part(const ApiScan *scan);
extern char *mo_api_request_text(ApiScan *scan, const char **method, char **document, char **body);

/* template.c */
typedef enum TemplatePlace
{
	PLACE_PLAIN,
	PLACE_URL,
	PLACE_JSON
} TemplatePlace;

typedef const char *(*TemplateLookup)(void *arg, const char *name);
extern char *mo_template_expand(const char *template, TemplatePlace place, TemplateLookup lookup,
								void *arg, bool *empty);
extern char *mo_template_query(const char *template, TemplateLookup lookup, void *arg);
extern void mo_template_url(struct StringInfoData *out, const char *text, bool keep_slash);
extern bool mo_template_climbs(const char *path);
extern char *mo_template_param(const char *url, const char *name);
extern void mo_template_json(struct StringInfoData *out, const char *text);

/* filter.c */
extern char *mo_filter_text(const FilterStyle *style, List *conditions, const char *pass_term,
							int part);
extern char *mo_filter_term(const ApiCondition *condition, int part);
extern int mo_filter_parts(List *conditions);

/* document.c */
extern char *mo_document_build(const Resource *res, const char *order, const ApiColumn *columns,
							   int ncolumns, bool has_filter);
extern char *mo_document_bulk(const Resource *res, const ApiColumn *columns, int ncolumns,
							  const char *query);
extern char *mo_document_follow(const Resource *res, const ApiColumn *columns, int ncolumns,
								const char **records);

/* options.c of the engine: how an option is found, in any place */
extern const char *mo_option_get(const Connector *connector, List *options, const char *name);

/* bulk.c: why the scan is read by jobs of the service's, or NULL: by pages */
extern char *mo_bulk_reason(const ApiScan *scan);

/* login.c */
extern void mo_login(ApiScan *scan);
extern char *mo_login_renew(ApiScan *scan);
extern void mo_login_check_host(ApiScan *scan, const char *url);
extern void mo_login_init(void);
extern const char *mo_login_basic(ApiScan *scan);

/* answer.c */
extern ErrorClass mo_answer_class(const Connector *connector, const ErrorAnswer *answer);
extern const char *mo_answer_hint(const Connector *connector, const ErrorAnswer *answer);
extern char *mo_answer_message(const Connector *connector, const ErrorAnswer *answer,
							   const char *secret);
extern char *mo_answer_cut(char *text, const char *secret);
extern char *mo_answer_legible(char *text);
extern char *mo_answer_word(const char *header, const char *secret);
extern bool mo_answer_filled(JsonValue *value);
extern char *mo_answer_text(JsonValue *answer, const char *path);
extern bool mo_answer_is_one_of(const char *text, size_t len, const char *list);

/* lanes.c: defines its setting; from _PG_init */
extern void mo_lanes_init(void);

/* backend-wide: pages since the last look, and the service's clock */
extern int64 mo_api_pages_taken(void);
extern bool mo_api_server_time(Oid server, TimestampTz *time);

#endif /* MOMENTUM_API_H */
