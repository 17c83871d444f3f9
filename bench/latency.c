/*-------------------------------------------------------------------------
 *
 * latency.c
 *	  One row, asked for again and again: by us, by libcurl, by Python.
 *
 *	  latency ROUNDS BASE-URL TAPE QUERY PYTHON-PROGRAM
 *
 * Each round runs each of them once, so that all see the same noise.  Ours is
 * a query over libpq in one session, planned each time; "SELECT 1" beside it
 * shows what of that is PostgreSQL's own.  Prints for each its name, the
 * median and the middle four fifths, in ms.
 *
 *-------------------------------------------------------------------------
 */
#include <curl/curl.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tape.h"

#define WARM_UP 20

static FILE *to_python;
static FILE *from_python;

static void
run_query(PGconn *conn, const char *query)
{
	PGresult *result = PQexec(conn, query);

	if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1)
		die("%s gave %d rows: %s", query, PQntuples(result), PQerrorMessage(conn));
	PQclear(result);
}

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	*(size_t *) arg += size * n;
	return size * n;
}

/* A kept handle with the tape's request. */
static CURL *
make_easy(const char *base, const Exchange *e, size_t *got)
{
	CURL *easy;

	curl_global_init(CURL_GLOBAL_DEFAULT);
	easy = curl_easy_init();
	curl_easy_setopt(easy, CURLOPT_URL, tape_url(base, e));
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, tape_headers(e));
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, e->body);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long) e->body_len);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, got);
	return easy;
}

static void
run_curl(CURL *easy, size_t *got)
{
	CURLcode rc;
	long status = 0;

	*got = 0;
	rc = curl_easy_perform(easy);
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (rc != CURLE_OK || status != 200 || *got == 0)
		die("%s, status %ld", curl_easy_strerror(rc), status);
}

/* Python takes its own time: a line in, a line with milliseconds out. */
static void
start_python(const char *program, const char *base, const char *tape)
{
	int in[2];
	int out[2];

	if (pipe(in) != 0 || pipe(out) != 0)
		die("could not make a pipe");
	switch (fork())
	{
		case -1:
			die("could not fork");
		case 0:
			dup2(in[0], STDIN_FILENO);
			dup2(out[1], STDOUT_FILENO);
			close(in[1]);
			close(out[0]);
			execl("/usr/bin/python3", "python3", "-B", program, base, tape, (char *) NULL);
			die("could not start python3");
		default:
			close(in[0]);
			close(out[1]);
			to_python = fdopen(in[1], "w");
			from_python = fdopen(out[0], "r");
	}
}

static double
run_python(void)
{
	char line[64];

	fputs("go\n", to_python);
	fflush(to_python);
	if (fgets(line, sizeof(line), from_python) == NULL)
		die("the Python program ended");
	return strtod(line, NULL);
}

static void
report(const char *name, double *ms, int n)
{
	qsort(ms, n, sizeof(double), by_size);
	printf("%s %.4f %.4f %.4f\n", name, ms[n / 2], ms[n / 10], ms[n - 1 - n / 10]);
}

int
main(int argc, char **argv)
{
	int rounds = argc == 6 || argc == 7 ? atoi(argv[1]) : 0;
	const char *other = argc == 7 ? argv[6] : NULL;
	Tape tape;
	PGconn *conn;
	CURL *easy;
	size_t got;
	double *ours, *nothing, *curl, *python, *peer;

	if (rounds <= 0)
		die("usage: latency ROUNDS BASE-URL TAPE QUERY PYTHON-PROGRAM [OTHER-QUERY]");
	tape = tape_read(argv[3]);
	conn = PQconnectdb("");
	if (PQstatus(conn) != CONNECTION_OK)
		die("%s", PQerrorMessage(conn));
	easy = make_easy(argv[2], &tape.exchange[0], &got);
	start_python(argv[5], argv[2], argv[3]);
	ours = calloc(rounds, sizeof(double));
	nothing = calloc(rounds, sizeof(double));
	curl = calloc(rounds, sizeof(double));
	python = calloc(rounds, sizeof(double));
	peer = calloc(rounds, sizeof(double));
	if (ours == NULL || nothing == NULL || curl == NULL || python == NULL || peer == NULL)
		die("out of memory");

	for (int i = -WARM_UP; i < rounds; i++)
	{
		double t[5];
		double py;

		t[0] = now_ms();
		run_query(conn, argv[4]);
		t[1] = now_ms();
		run_query(conn, "SELECT 1");
		t[2] = now_ms();
		run_curl(easy, &got);
		t[3] = now_ms();
		py = run_python();
		t[4] = now_ms();
		if (other != NULL)
			run_query(conn, other);
		if (i < 0)
			continue;
		ours[i] = t[1] - t[0];
		nothing[i] = t[2] - t[1];
		curl[i] = t[3] - t[2];
		python[i] = py;
		peer[i] = now_ms() - t[4];
	}
	report("ours", ours, rounds);
	report("select_1", nothing, rounds);
	report("libcurl", curl, rounds);
	report("python", python, rounds);
	if (other != NULL)
		report("peer", peer, rounds);
	return 0;
}
