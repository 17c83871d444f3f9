/*-------------------------------------------------------------------------
 *
 * internal.h
 *	  What the files of fdw/http share; nobody else includes it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_HTTP_INTERNAL_H
#define MOMENTUM_HTTP_INTERNAL_H

#include <curl/curl.h>

#include "http/http.h"
#include "lib/ilist.h"

/* QUICK_EXIT (7.87) is what lets a cancel end a stalled name resolution. */
#if LIBCURL_VERSION_NUM < 0x075700
#error "momentum needs libcurl 7.87 or later"
#endif

#define MO_HTTP_MAX_HEADERS (64 * 1024)  /* real answers have 2 to 8 kB */
#define MO_HTTP_HIGH_WATER (1024 * 1024) /* unread bytes that pause a transfer */
#define MO_HTTP_LOW_WATER (256 * 1024)   /* and those at which it goes on */

/*
 * Packed answers: real ones grow five- to fiftyfold, reports full of zeros
 * perhaps a hundredfold; gzip can do 1032.  Small ones harm nobody.
 */
#define MO_HTTP_MAX_RATIO 250
#define MO_HTTP_RATIO_FROM (8 * 1024 * 1024) /* bytes unpacked */

/* Bytes in malloc'd memory: libcurl's callbacks must not raise. */
typedef struct Buffer
{
	char *data;
	size_t start; /* first unread byte */
	size_t end;   /* after the last one */
	size_t size;
} Buffer;

typedef struct Unpacker Unpacker;

struct HttpTransfer
{
	MemoryContextCallback cleanup; /* of the owner */
	dlist_node node;               /* in the list of running transfers */
	CURL *easy;                    /* NULL when ended */
	struct curl_slist *headers;
	char *body; /* of the request, malloc'd */
	size_t body_len;
	Buffer unread;      /* decoded bytes of the answer */
	Unpacker *unpacker; /* malloc'd; NULL: the answer is not packed */
	Buffer packed;      /* what could not be decoded yet for want of room */

	/* the answer's head: name, NUL, value, NUL, and so on */
	Buffer head;
	int status;       /* of the head as far as read */
	bool head_done;   /* past its empty line: trailers are ignored */
	int64 head_bytes; /* of all heads and trailers: interim answers may come without end */

	bool allow_insecure;
	int64 max_wire;
	int64 max_body;
	int first_byte_timeout_ms;
	int stall_timeout_ms;

	bool ended;
	bool connected;
	bool paused;         /* full: the reader has to catch up */
	bool too_large;      /* a cap was passed */
	bool bomb;           /* the packed answer was far smaller than its content */
	const char *packing; /* what is wrong with how it is packed, or NULL */
	bool no_memory;      /* malloc failed in a callback */
	bool expired;        /* our deadline passed */
	bool refused;        /* an address was refused */
	int64 deadline_us;   /* our own; 0 = none, libcurl's connect timeout holds */
	bool got_first_byte; /* which of the timeouts the deadline stands for */
	HttpFailureKind failure;
	char message[CURL_ERROR_SIZE]; /* libcurl writes here */
	char refused_address[64];

	int64 wire;
	int64 body_bytes;
	int64 first_byte_us;
	int64 total_us;
	int64 started_us;
};

/* transfer.c */
extern void mo_http_finish(HttpTransfer *t, CURLcode result);
extern void mo_http_expire(HttpTransfer *t);
extern void mo_http_resume(HttpTransfer *t);

/* loop.c */
extern void mo_http_enter(HttpTransfer *t);
extern void mo_http_leave(HttpTransfer *t);
extern CURL *mo_http_take_easy(void);
extern void mo_http_give_easy(CURL *easy, bool clean);
extern void mo_http_socket_opened(int n);

/* address.c */
extern bool mo_http_address_public(const struct sockaddr *sa, char *text, size_t text_len);

/* unpack.c */
extern bool mo_http_unpack_begin(HttpTransfer *t);
extern bool mo_http_unpack_add(HttpTransfer *t, const char *in, size_t len);
extern bool mo_http_unpack_rest(HttpTransfer *t);
extern bool mo_http_unpack_whole(const HttpTransfer *t);
extern void mo_http_unpack_end(HttpTransfer *t);

/* buffer.c */
extern bool mo_http_buffer_room(Buffer *b, size_t len);
extern bool mo_http_buffer_add(Buffer *b, const char *data, size_t len);
extern void mo_http_buffer_free(Buffer *b);

#endif /* MOMENTUM_HTTP_INTERNAL_H */
