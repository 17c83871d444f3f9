/*-------------------------------------------------------------------------
 *
 * tape.h
 *	  Requests and their answers, recorded by bench/record.
 *
 * A tape is one file of exchanges: a line "method target header-bytes
 * body-bytes answer-bytes", then those bytes.  Headers are lines "Name: value"
 * ended by newlines; an answer is all that came over the wire, head included.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_TAPE_H
#define BENCH_TAPE_H

#include <stddef.h>

typedef struct Exchange
{
	char *method;
	char *target;
	char *headers; /* ended by a NUL, as body and answer are */
	char *body;
	size_t body_len;
	char *answer;
	size_t answer_len;
} Exchange;

typedef struct Tape
{
	int len;
	Exchange *exchange;
} Tape;

extern Tape tape_read(const char *file);
extern void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
extern double now_ms(void);
extern int by_size(const void *a, const void *b);

/* Handles of libcurl: asked with the tape's own bytes. */
struct curl_slist;
extern struct curl_slist *tape_headers(const Exchange *exchange);
extern char *tape_url(const char *base, const Exchange *exchange);

#endif /* BENCH_TAPE_H */
