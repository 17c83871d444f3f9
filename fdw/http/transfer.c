/*-------------------------------------------------------------------------
 *
 * transfer.c
 *	  One request and its answer.
 *
 * The callbacks run below libcurl: they copy, count and note, and never raise
 * or palloc.  What they noted becomes a failure when the transfer ends.
 *
 * HTTP/1.1 on purpose: a reader that falls behind pauses its transfer, and
 * there that stops one socket.  On a shared HTTP/2 connection it would stop
 * the other transfers too, and two scans joined to each other could wait for
 * ever.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/internal.h"
#include "utils/memutils.h"

#define USER_AGENT "momentum/1.0"
#define RECEIVE_BUFFER (64L * 1024)

/*
 * Bytes came: from now on the stall timeout counts.
 */
static void
note_progress(HttpTransfer *t)
{
	t->got_first_byte = true;
	t->deadline_us = mo_http_now_us() + t->stall_timeout_ms * INT64CONST(1000);
}

static curl_socket_t
on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	HttpTransfer *t = arg;
	char text[INET6_ADDRSTRLEN];
	int fd;

	if (!t->allow_insecure && !mo_http_address_public(&address->addr, text, sizeof(text)))
	{
		t->refused = true;
		strlcpy(t->refused_address, text, sizeof(t->refused_address));
		return CURL_SOCKET_BAD;
	}
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	if (fd < 0)
		return CURL_SOCKET_BAD;
	mo_http_socket_opened(1);
	return fd;
}

/*
 * "arg" is of no use: a kept connection outlives the transfer that opened it.
 */
static int
on_close_socket(void *arg, curl_socket_t fd)
{
	mo_http_socket_opened(-1);
	return close(fd);
}

/*
 * Connected, on a new or a kept connection, and about to send.  A kept one
 * may come from a transfer that was allowed more, so it is judged again.
 */
static int
on_connected(void *arg, char *remote, char *local, int remote_port, int local_port)
{
	HttpTransfer *t = arg;
	struct sockaddr_in a4 = {.sin_family = AF_INET};
	struct sockaddr_in6 a6 = {.sin6_family = AF_INET6};
	char text[INET6_ADDRSTRLEN];
	bool allowed = t->allow_insecure;

	if (!allowed && inet_pton(AF_INET, remote, &a4.sin_addr) == 1)
		allowed = mo_http_address_public((struct sockaddr *) &a4, text, sizeof(text));
	else if (!allowed && inet_pton(AF_INET6, remote, &a6.sin6_addr) == 1)
		allowed = mo_http_address_public((struct sockaddr *) &a6, text, sizeof(text));
	if (!allowed)
	{
		t->refused = true;
		strlcpy(t->refused_address, remote, sizeof(t->refused_address));
		return CURL_PREREQFUNC_ABORT;
	}
	t->connected = true;
	t->got_first_byte = false;
	t->deadline_us = mo_http_now_us() + t->first_byte_timeout_ms * INT64CONST(1000);
	return CURL_PREREQFUNC_OK;
}

/*
 * Keeps "Name: value" as two strings in t->head.
 */
static bool
keep_header(HttpTransfer *t, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	const char *value;
	const char *end = line + len;

	if (colon == NULL || memchr(line, '\0', len) != NULL)
		return true;
	value = colon + 1;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && strchr(" \t\r\n", end[-1]) != NULL)
		end--;
	return mo_http_buffer_add(&t->head, line, colon - line) &&
		   mo_http_buffer_add(&t->head, "", 1) &&
		   mo_http_buffer_add(&t->head, value, end - value) &&
		   mo_http_buffer_add(&t->head, "", 1);
}

static size_t
on_header(char *line, size_t size, size_t n, void *arg)
{
	HttpTransfer *t = arg;
	size_t len = size * n;

	note_progress(t);
	t->wire += len;
	t->head_bytes += len;
	if (t->wire > t->max_wire || t->head_bytes > MO_HTTP_MAX_HEADERS)
	{
		t->too_large = true;
		return 0;
	}
	if (t->head_done)
		return len; /* a trailer */
	if (len > 5 && memcmp(line, "HTTP/", 5) == 0)
	{
		const char *space = memchr(line, ' ', len);

		t->status = space == NULL ? 0 : strtol(space + 1, NULL, 10);
		t->head.end = 0; /* what came with a 100 Continue */
	}
	else if (line[0] == '\r' || line[0] == '\n')
	{
		t->head_done = t->status >= 200;
		if (t->head_done && !mo_http_unpack_begin(t))
			return 0;
	}
	else if (!keep_header(t, line, len))
	{
		t->no_memory = true;
		return 0;
	}
	return len;
}

/*
 * Body bytes as they came over the wire, before decoding.
 */
static int64
received_body(const HttpTransfer *t)
{
	curl_off_t n = 0;

	curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &n);
	return n;
}

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	HttpTransfer *t = arg;
	size_t len = size * n;

	if (!t->head_done)
		return 0; /* of a 101: the rest is some other protocol */
	if (t->unread.end - t->unread.start >= MO_HTTP_HIGH_WATER || t->packed.start < t->packed.end)
	{
		t->paused = true;
		t->deadline_us = 0; /* it is the reader who stalls */
		return CURL_WRITEFUNC_PAUSE;
	}
	note_progress(t);
	if (t->unpacker != NULL)
		return mo_http_unpack_add(t, data, len) ? len : 0;
	if ((int64) len > t->max_body - t->body_bytes)
	{
		t->too_large = true;
		return 0;
	}
	if (!mo_http_buffer_add(&t->unread, data, len))
	{
		t->no_memory = true;
		return 0;
	}
	t->body_bytes += len;
	return len;
}

/*
 * Called by libcurl now and then, and on each piece that came, even when
 * decoding makes no bytes of it.
 */
static int
on_progress(void *arg, curl_off_t to_get, curl_off_t got, curl_off_t to_send, curl_off_t sent)
{
	HttpTransfer *t = arg;

	t->too_large = t->too_large || t->wire + got > t->max_wire;
	return t->too_large ? 1 : 0;
}

/*
 * The options that make a request; returns the first error.
 */
static CURLcode
set_options(HttpTransfer *t, const HttpRequest *req)
{
	CURL *easy = t->easy;
	CURLcode rc = CURLE_OK;
	int connect_ms =
		req->connect_timeout_ms > 0 ? req->connect_timeout_ms : MO_HTTP_CONNECT_TIMEOUT_MS;

#define SET(option, value)                              \
	do                                                  \
	{                                                   \
		if (rc == CURLE_OK)                             \
			rc = curl_easy_setopt(easy, option, value); \
	} while (0)

	SET(CURLOPT_PRIVATE, t);
	SET(CURLOPT_ERRORBUFFER, t->message);
	SET(CURLOPT_URL, req->url);
	SET(CURLOPT_HTTPHEADER, t->headers);
	SET(CURLOPT_USERAGENT, USER_AGENT);
	SET(CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
	if (strcmp(req->method, "POST") == 0)
	{
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDS, t->body);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) t->body_len);
	}
	if (req->gzip)
		SET(CURLOPT_ACCEPT_ENCODING, "gzip");
	SET(CURLOPT_HTTP_CONTENT_DECODING, 0L); /* see unpack.c */

	/* where it may go */
	SET(CURLOPT_PROTOCOLS_STR, req->allow_insecure ? "https,http" : "https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	SET(CURLOPT_OPENSOCKETDATA, t);
	SET(CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
	SET(CURLOPT_PREREQFUNCTION, on_connected);
	SET(CURLOPT_PREREQDATA, t);
	SET(CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
	if (req->ca_file != NULL)
		SET(CURLOPT_CAINFO, req->ca_file);
	if (req->fresh_connection)
		SET(CURLOPT_FRESH_CONNECT, 1L);

	/* how long and how much */
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_QUICK_EXIT, 1L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long) connect_ms);
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t) t->max_wire);
	SET(CURLOPT_BUFFERSIZE, RECEIVE_BUFFER);

	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, t);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, t);
#undef SET
	return rc;
}

/*
 * Adds a header; a line break in one would let a value write further headers.
 */
static void
add_header(HttpTransfer *t, const char *header)
{
	struct curl_slist *longer;

	if (strpbrk(header, "\r\n") != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a request header must not contain a line break"),
				 errhint("Look for one in the credential.")));
	longer = curl_slist_append(t->headers, header);
	if (longer == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	t->headers = longer;
}

/*
 * Reset callback of the owner.
 */
static void
owner_gone(void *arg)
{
	mo_http_close(arg);
}

static void
check_method(const HttpRequest *req)
{
	if (strcmp(req->method, "GET") != 0 && strcmp(req->method, "POST") != 0)
		elog(ERROR, "unexpected HTTP method \"%s\"", req->method);
	if (req->body != NULL && strcmp(req->method, "POST") != 0)
		elog(ERROR, "only a POST has a body");
}

HttpTransfer *
mo_http_start(MemoryContext owner, const HttpRequest *req)
{
	HttpTransfer *t;
	ListCell *lc;
	CURLcode rc;

	check_method(req);
	t = MemoryContextAllocZero(owner, sizeof(HttpTransfer));
	t->cleanup.func = owner_gone;
	t->cleanup.arg = t;
	MemoryContextRegisterResetCallback(owner, &t->cleanup);

	t->allow_insecure = req->allow_insecure;
	t->max_wire = req->max_wire > 0 ? req->max_wire : MO_HTTP_MAX_WIRE;
	t->max_body = req->max_body > 0 ? req->max_body : MO_HTTP_MAX_BODY;
	t->first_byte_timeout_ms = req->first_byte_timeout_ms > 0 ? req->first_byte_timeout_ms
															  : MO_HTTP_FIRST_BYTE_TIMEOUT_MS;
	t->stall_timeout_ms =
		req->stall_timeout_ms > 0 ? req->stall_timeout_ms : MO_HTTP_STALL_TIMEOUT_MS;
	if (strcmp(req->method, "POST") == 0)
	{
		t->body = MemoryContextStrdup(owner, req->body != NULL ? req->body : "");
		t->body_len = strlen(t->body);
	}
	foreach (lc, req->headers)
		add_header(t, lfirst(lc));
	add_header(t, "Expect:"); /* no round trip to ask whether to send */

	t->easy = mo_http_take_easy();
	rc = set_options(t, req);
	if (rc != CURLE_OK)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("could not prepare an HTTP request: %s", curl_easy_strerror(rc))));
	t->started_us = mo_http_now_us();
	mo_http_enter(t);
	mo_http_pump();
	return t;
}

/*
 * What a result of libcurl means to us.
 */
static HttpFailureKind
failure_of(const HttpTransfer *t, CURLcode result)
{
	if (result == CURLE_OK)
		return HTTP_OK;
	if (t->too_large)
		return HTTP_TOO_LARGE;
	if (t->refused)
		return HTTP_REFUSED;
	switch (result)
	{
		case CURLE_UNSUPPORTED_PROTOCOL: /* connected: the answer is not HTTP */
			return t->connected ? HTTP_RESET : HTTP_REFUSED;
		case CURLE_URL_MALFORMAT:
		case CURLE_LOGIN_DENIED: /* a user name in the URL */
			return HTTP_REFUSED;
		case CURLE_COULDNT_RESOLVE_HOST:
			return HTTP_RESOLVE;
		case CURLE_COULDNT_CONNECT:
			return HTTP_CONNECT;
		case CURLE_OPERATION_TIMEDOUT:
			return HTTP_TIMEOUT;
		case CURLE_FILESIZE_EXCEEDED:
#if LIBCURL_VERSION_NUM >= 0x080600
		case CURLE_TOO_LARGE:
#endif
			return HTTP_TOO_LARGE;
		case CURLE_OUT_OF_MEMORY: /* also said of a line of the head beyond libcurl's limit */
			return t->head_done ? HTTP_RESET : HTTP_TOO_LARGE;
		case CURLE_SSL_CONNECT_ERROR:
		case CURLE_SSL_ENGINE_NOTFOUND:
		case CURLE_SSL_ENGINE_SETFAILED:
		case CURLE_SSL_CERTPROBLEM:
		case CURLE_SSL_CIPHER:
		case CURLE_PEER_FAILED_VERIFICATION:
		case CURLE_SSL_CACERT_BADFILE:
		case CURLE_SSL_CRL_BADFILE:
		case CURLE_SSL_ISSUER_ERROR:
		case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
		case CURLE_SSL_INVALIDCERTSTATUS:
			return HTTP_TLS;
		default:
			return HTTP_RESET;
	}
}

/*
 * Puts a failure into words, where libcurl did not find the best ones.
 */
static void
describe_failure(HttpTransfer *t, CURLcode result)
{
	if (t->no_memory)
		strlcpy(t->message, "out of memory", sizeof(t->message));
	else if (t->expired)
		snprintf(t->message, sizeof(t->message),
				 t->got_first_byte ? "nothing more came for %d ms"
								   : "no answer came within %d ms",
				 t->got_first_byte ? t->stall_timeout_ms : t->first_byte_timeout_ms);
	else if (t->bomb)
		snprintf(t->message, sizeof(t->message),
				 "the answer is packed more than %d times smaller than it is", MO_HTTP_MAX_RATIO);
	else if (t->failure == HTTP_RESET && result == CURLE_WRITE_ERROR && !t->head_done)
		strlcpy(t->message, "an interim answer has a body", sizeof(t->message));
	else if (t->packing != NULL)
		strlcpy(t->message, t->packing, sizeof(t->message));
	else if (t->failure == HTTP_TOO_LARGE && !t->head_done)
		snprintf(t->message, sizeof(t->message),
				 "the head of the answer is longer than %d bytes", MO_HTTP_MAX_HEADERS);
	else if (t->failure == HTTP_TOO_LARGE)
		snprintf(t->message, sizeof(t->message),
				 "the answer is longer than " INT64_FORMAT " bytes",
				 Min(t->max_wire, t->max_body));
	else if (t->refused)
		snprintf(t->message, sizeof(t->message),
				 "the host's address %s is not of the public internet", t->refused_address);
	else if (result == CURLE_LOGIN_DENIED)
		strlcpy(t->message, "the URL has a user name in it", sizeof(t->message));
	else if (t->message[0] == '\0')
		strlcpy(t->message, curl_easy_strerror(result), sizeof(t->message));
	/* libcurl quotes what came, such as the names in a certificate */
	for (char *p = t->message; *p != '\0'; p++)
	{
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
}

/*
 * Takes the numbers of a transfer whose handle is about to go.
 */
static void
take_numbers(HttpTransfer *t)
{
	t->wire += received_body(t);
	t->total_us = mo_http_now_us() - t->started_us;
	if (t->got_first_byte)
	{
		curl_off_t us = 0;

		curl_easy_getinfo(t->easy, CURLINFO_STARTTRANSFER_TIME_T, &us);
		t->first_byte_us = us;
	}
}

/*
 * The request is not needed any more; it may hold a token.
 */
static void
wipe_request(HttpTransfer *t)
{
	if (t->body != NULL)
		explicit_bzero(t->body, t->body_len);
	t->body_len = 0;
	for (struct curl_slist *h = t->headers; h != NULL; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(t->headers);
	t->headers = NULL;
}

/*
 * All came: goes on unpacking it, if the reader has caught up.  Never raises.
 */
static void
unpack_ended(HttpTransfer *t)
{
	if (t->failure != HTTP_OK || t->unpacker == NULL)
		return;
	if (!mo_http_unpack_rest(t))
		t->failure = t->too_large ? HTTP_TOO_LARGE : HTTP_RESET;
	else if (t->packed.start == t->packed.end && !mo_http_unpack_whole(t))
	{
		t->packing = "the packed answer is cut off";
		t->failure = HTTP_RESET;
	}
	if (t->failure != HTTP_OK)
	{
		mo_http_unpack_end(t);
		describe_failure(t, CURLE_WRITE_ERROR);
	}
}

/*
 * All came and all was read: only the head is still of use, while the reader
 * may keep what it made of the answer for long.
 */
static void
release_read(HttpTransfer *t)
{
	if (!mo_http_ended(t) || mo_http_has_data(t))
		return;
	mo_http_unpack_end(t);
	mo_http_buffer_free(&t->unread);
}

/*
 * Ends a transfer that libcurl has done with.  Never raises.
 */
void
mo_http_finish(HttpTransfer *t, CURLcode result)
{
	take_numbers(t);
	mo_http_leave(t);
	mo_http_give_easy(t->easy, result == CURLE_OK);
	t->easy = NULL;
	t->ended = true;
	t->failure = failure_of(t, result);
	if (t->failure != HTTP_OK)
	{
		describe_failure(t, result); /* only now libcurl is done with the buffer */
		mo_http_unpack_end(t);
	}
	unpack_ended(t);
	release_read(t);
	wipe_request(t);
}

/*
 * Our own deadline has passed.  Never raises.
 */
void
mo_http_expire(HttpTransfer *t)
{
	t->expired = true;
	mo_http_finish(t, CURLE_OPERATION_TIMEDOUT);
}

/*
 * Lets a transfer go on if its reader has caught up; it may end here.  Never
 * raises.
 */
void
mo_http_resume(HttpTransfer *t)
{
	CURLcode rc;

	if (t->ended)
	{
		unpack_ended(t);
		return;
	}
	if (!mo_http_unpack_rest(t))
	{
		mo_http_finish(t, CURLE_WRITE_ERROR);
		return;
	}
	if (!t->paused || t->unread.end - t->unread.start > MO_HTTP_LOW_WATER)
		return;
	t->paused = false;
	t->deadline_us = mo_http_now_us() + t->stall_timeout_ms * INT64CONST(1000);
	rc = curl_easy_pause(t->easy, CURLPAUSE_CONT);
	if (rc != CURLE_OK) /* what was held back broke a limit */
		mo_http_finish(t, rc);
}

const char *
mo_http_data(HttpTransfer *t, size_t *len)
{
	*len = t->unread.end - t->unread.start;
	return t->unread.data + t->unread.start;
}

void
mo_http_consume(HttpTransfer *t, size_t len)
{
	Assert(len <= t->unread.end - t->unread.start);
	t->unread.start += len;
	release_read(t);
}

int64
mo_http_held(const HttpTransfer *t)
{
	return t->unread.size + t->packed.size;
}

bool
mo_http_has_data(const HttpTransfer *t)
{
	return t->unread.end > t->unread.start;
}

bool
mo_http_ended(const HttpTransfer *t)
{
	return t->ended && t->packed.start == t->packed.end;
}

int
mo_http_status(const HttpTransfer *t)
{
	return t->head_done ? t->status : 0;
}

const char *
mo_http_header(const HttpTransfer *t, const char *name)
{
	const char *p = t->head.data;
	const char *end = p + t->head.end;

	while (p != NULL && p < end)
	{
		const char *value = p + strlen(p) + 1;

		if (pg_strcasecmp(p, name) == 0)
			return value;
		p = value + strlen(value) + 1;
	}
	return NULL;
}

char *
mo_http_header_list(const HttpTransfer *t, const char *name)
{
	const char *p = t->head.data;
	const char *end = p + t->head.end;
	char *list = NULL;

	while (p != NULL && p < end)
	{
		const char *value = p + strlen(p) + 1;

		if (pg_strcasecmp(p, name) == 0)
			list = list == NULL ? pstrdup(value) : psprintf("%s, %s", list, value);
		p = value + strlen(value) + 1;
	}
	return list;
}

HttpFailureKind
mo_http_failure(const HttpTransfer *t, const char **message)
{
	if (message != NULL)
		*message = t->failure == HTTP_OK ? NULL : t->message;
	return t->failure;
}

void
mo_http_stats(const HttpTransfer *t, int64 *wire, int64 *body,
			  int64 *first_byte_us, int64 *total_us)
{
	if (wire != NULL)
		*wire = t->easy == NULL ? t->wire : t->wire + received_body(t);
	if (body != NULL)
		*body = t->body_bytes;
	if (first_byte_us != NULL)
		*first_byte_us = t->first_byte_us;
	if (total_us != NULL)
		*total_us = t->ended ? t->total_us : mo_http_now_us() - t->started_us;
}

void
mo_http_close(HttpTransfer *t)
{
	if (t->easy != NULL)
	{
		if (!t->ended)
			take_numbers(t);
		mo_http_leave(t);
		mo_http_give_easy(t->easy, false);
		t->easy = NULL;
	}
	t->ended = true;
	wipe_request(t);
	mo_http_unpack_end(t);
	mo_http_buffer_free(&t->unread);
	mo_http_buffer_free(&t->head);
}
