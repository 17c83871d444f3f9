/*-------------------------------------------------------------------------
 *
 * http.h
 *	  Bytes out, bytes in: one event loop for all HTTP transfers of a backend.
 *
 * A transfer is started, waited for, read piece by piece and closed.  All
 * transfers of a backend move together whenever one of them is waited for,
 * so several may be in flight.  Nothing here knows tables, JSON or secrets.
 *
 * What it refuses: schemes other than https, redirects, proxies, private
 * addresses (unless allow_insecure).
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_HTTP_H
#define MOMENTUM_HTTP_H

#include "nodes/pg_list.h"

/* Used where the request leaves a 0. */
#define MO_HTTP_CONNECT_TIMEOUT_MS 3000        /* name, TCP and TLS together */
#define MO_HTTP_FIRST_BYTE_TIMEOUT_MS 30000    /* slow reports take 10 to 20 s */
#define MO_HTTP_STALL_TIMEOUT_MS 30000         /* between two pieces of a body */
#define MO_HTTP_MAX_WIRE (INT64CONST(1) << 31) /* streamed: bounds time, not memory */
#define MO_HTTP_MAX_BODY (INT64CONST(1) << 31)

/*
 * What to ask.  Everything is copied by mo_http_start.
 */
typedef struct HttpRequest
{
	const char *method; /* GET or POST */
	const char *url;
	List *headers;             /* of char *: "Name: value" */
	const char *body;          /* or NULL */
	const char *ca_file;       /* or NULL: the system's */
	bool allow_insecure;       /* plain http and private addresses: a
								  * superuser's switch, for tests */
	bool fresh_connection;     /* never on a kept connection: libcurl repeats a
								  * request there, so for what is not safe to repeat */
	int connect_timeout_ms;    /* 0 = MO_HTTP_CONNECT_TIMEOUT_MS */
	int first_byte_timeout_ms; /* 0 = MO_HTTP_FIRST_BYTE_TIMEOUT_MS */
	int stall_timeout_ms;      /* 0 = MO_HTTP_STALL_TIMEOUT_MS; time in which
								  * the reader leaves us full does not count */
	int64 max_wire;            /* bytes received, 0 = MO_HTTP_MAX_WIRE */
	int64 max_body;            /* bytes decoded, 0 = MO_HTTP_MAX_BODY */
	bool gzip;                 /* accept gzip */
} HttpRequest;

typedef struct HttpTransfer HttpTransfer;

/* How a transfer failed; an answer with any status is HTTP_OK. */
typedef enum HttpFailureKind
{
	HTTP_OK,
	HTTP_RESOLVE,
	HTTP_CONNECT,
	HTTP_TLS,
	HTTP_TIMEOUT,
	HTTP_RESET,     /* cut off, or not HTTP */
	HTTP_TOO_LARGE, /* over max_wire, max_body or the cap on headers */
	HTTP_REFUSED    /* address or scheme not allowed */
} HttpFailureKind;

/*
 * Starts a transfer; never blocks.  The transfer lives in "owner" and ends
 * with it: its reset callback frees every foreign object.  Give each transfer
 * (or page) a context of its own, a closed transfer keeps its small struct
 * there.  Raises only for want of memory or descriptors.
 */
extern HttpTransfer *mo_http_start(MemoryContext owner, const HttpRequest *req);

/*
 * Microseconds of a clock that only goes forward; what "until" is counted in.
 */
extern int64 mo_http_now_us(void);

/*
 * Are there unread decoded bytes, or has the transfer ended?  Moves transfers
 * as far as they go, never blocks.  Raises only for want of memory.
 */
extern bool mo_http_poll(HttpTransfer *t);

/*
 * Waits until some transfer has moved or "until_us" has come (0 = no end), at
 * times for less; then look again.  Interruptible.
 */
extern void mo_http_await(int64 until_us, uint32 wait_event);

/*
 * Waits until there are unread decoded bytes (true), or the transfer ended
 * and nothing is unread (false).  Interruptible.  The status and the headers
 * are known after either, unless the transfer failed.
 */
extern bool mo_http_wait(HttpTransfer *t);

/*
 * The unread bytes.  Valid until the next call that moves transfers: wait,
 * pump, sleep, start, close.  mo_http_consume says how many were used.
 */
extern const char *mo_http_data(HttpTransfer *t, size_t *len);
extern void mo_http_consume(HttpTransfer *t, size_t len);

/* Bytes of memory that the answer takes; none once all came and was read. */
extern int64 mo_http_held(const HttpTransfer *t);

extern bool mo_http_has_data(const HttpTransfer *t);
extern bool mo_http_ended(const HttpTransfer *t);

/* The status of the answer; 0 while there is none. */
extern int mo_http_status(const HttpTransfer *t);

/*
 * The value of a header of the answer, whatever its case; NULL if absent.
 * Of repeated ones the first.  Owned by the transfer, valid until it is closed.
 */
extern const char *mo_http_header(const HttpTransfer *t, const char *name);

/* All values of a header that may be repeated, with ", " between; palloc'd, NULL if absent. */
extern char *mo_http_header_list(const HttpTransfer *t, const char *name);

/*
 * Why an ended transfer failed, or HTTP_OK.  The message (a fragment without
 * period, NULL if none) is owned by the transfer; it shows hosts and
 * addresses, never a URL's path or a header.
 */
extern HttpFailureKind mo_http_failure(const HttpTransfer *t, const char **message);

/* Moves every transfer as far as it goes without blocking. */
extern void mo_http_pump(void);

/*
 * Makes the loop's descriptor readable at "until_us", 0 = at once, if it is
 * not before.  The next pump takes that back.
 */
extern void mo_http_wake_at(int64 until_us);

/*
 * Sleeps, interruptible, while transfers go on.  "wait_event" is what
 * pg_stat_activity shows, 0 for the usual one.
 */
extern void mo_http_sleep(int64 ms, uint32 wait_event);

/*
 * Ends a transfer and frees what it holds, header values and unread bytes
 * included.  A transfer still under way is cut off.  Idempotent.
 */
extern void mo_http_close(HttpTransfer *t);

/* Bytes received, bytes decoded, times since the start; any may be NULL. */
extern void mo_http_stats(const HttpTransfer *t, int64 *wire, int64 *body,
						  int64 *first_byte_us, int64 *total_us);

/*
 * A descriptor that is readable when some transfer has something to do, its
 * timeouts included; each call gives another one, for an epoll set takes the
 * same one only once.  To be waited on, never read; mo_http_unwatch ends it.
 * Whoever finds it readable calls mo_http_pump, or what does so, and then
 * looks at all of its transfers: what has been moved is not told twice.
 */
extern int mo_http_watch(void);
extern void mo_http_unwatch(int fd);

/*
 * Does the URL lead to one of the hosts?  A pattern is a host name, or
 * "*.domain" for any name below it.  NULL ends the list.
 */
extern bool mo_http_host_matches(const char *url, const char *const *patterns);

/* Same scheme, host and port? */
extern bool mo_http_same_origin(const char *a, const char *b);

/* A link found at a URL, made whole; palloc'd, NULL if it leads nowhere. */
extern char *mo_http_resolve(const char *url, const char *link);

/* Percent-encodes everything but unreserved characters; palloc'd. */
extern char *mo_http_encode(const char *s);

/* An HTTP date in seconds since 1970; -1 if it is none or older, or NULL. */
extern int64 mo_http_date(const char *value);

#endif /* MOMENTUM_HTTP_H */
