/*-------------------------------------------------------------------------
 *
 * tape.c
 *	  Read a tape, and what else the programs here have in common.
 *
 *-------------------------------------------------------------------------
 */
#include "tape.h"

#include <curl/curl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Say why, and stop. */
void
die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* A clock that nobody sets. */
double
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000.0 + now.tv_nsec / 1e6;
}

/* For qsort: doubles, smallest first. */
int
by_size(const void *a, const void *b)
{
	double x = *(const double *) a;
	double y = *(const double *) b;

	return (x > y) - (x < y);
}

static char *
take(FILE *in, size_t len)
{
	char *bytes = malloc(len + 1);

	if (bytes == NULL || fread(bytes, 1, len, in) != len)
		die("the tape is cut off");
	bytes[len] = '\0';
	return bytes;
}

/* All of a tape; kept until the program ends. */
Tape
tape_read(const char *file)
{
	Tape tape = {0};
	FILE *in = fopen(file, "rb");
	char method[16];
	char target[4096];
	size_t headers_len, body_len, answer_len;

	if (in == NULL)
		die("could not open \"%s\"", file);
	while (fscanf(in, "%15s %4095s %zu %zu %zu", method, target, &headers_len, &body_len,
				  &answer_len) == 5)
	{
		Exchange *e;

		if (fgetc(in) != '\n')
			die("\"%s\" is no tape", file);
		tape.exchange = realloc(tape.exchange, (tape.len + 1) * sizeof(Exchange));
		if (tape.exchange == NULL)
			die("out of memory");
		e = &tape.exchange[tape.len++];
		e->method = strdup(method);
		e->target = strdup(target);
		e->headers = take(in, headers_len);
		e->body = take(in, body_len);
		e->body_len = body_len;
		e->answer = take(in, answer_len);
		e->answer_len = answer_len;
	}
	fclose(in);
	if (tape.len == 0)
		die("\"%s\" holds nothing", file);
	return tape;
}

/* The headers of an exchange as libcurl wants them. */
struct curl_slist *
tape_headers(const Exchange *exchange)
{
	struct curl_slist *list = NULL;
	char *copy = strdup(exchange->headers);
	char *rest;

	for (char *line = strtok_r(copy, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		list = curl_slist_append(list, line);
	free(copy);
	return curl_slist_append(list, "Expect:");
}

/* Where to send it: "base" is scheme, host and port. */
char *
tape_url(const char *base, const Exchange *exchange)
{
	size_t len = strlen(base) + strlen(exchange->target) + 1;
	char *url = malloc(len);

	if (url == NULL)
		die("out of memory");
	snprintf(url, len, "%s%s", base, exchange->target);
	return url;
}
