/*-------------------------------------------------------------------------
 *
 * responder.c
 *	  A service that costs nothing: says again what is on the tape.
 *
 *	  responder PORT-FILE TAPE...
 *
 * Answers a request whose target and body are on a tape with the recorded
 * bytes, one thread per connection.  A request that is on no tape is
 * answered with 404 and told to stderr: a figure would mean nothing then.
 *
 *-------------------------------------------------------------------------
 */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tape.h"

#define MAX_REQUEST (1 << 20)

static Tape *tapes;
static int ntapes;

static const Exchange *
find(const char *target, size_t target_len, const char *body, size_t body_len)
{
	for (int t = 0; t < ntapes; t++)
	{
		for (int i = 0; i < tapes[t].len; i++)
		{
			const Exchange *e = &tapes[t].exchange[i];

			if (e->body_len == body_len && memcmp(e->body, body, body_len) == 0 &&
				strlen(e->target) == target_len && memcmp(e->target, target, target_len) == 0)
				return e;
		}
	}
	return NULL;
}

static int
send_all(int fd, const char *data, size_t len)
{
	while (len > 0)
	{
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		data += n;
		len -= n;
	}
	return 1;
}

/* Length of the body that a head announces. */
static size_t
content_length(const char *head)
{
	const char *line = strcasestr(head, "\r\nContent-Length:");

	return line == NULL ? 0 : strtoul(line + strlen("\r\nContent-Length:"), NULL, 10);
}

/* One request within buf, its head ended by "end"; false to hang up. */
static int
answer(int fd, const char *buf, const char *body, size_t body_len)
{
	static const char none[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
	const char *target = strchr(buf, ' ');
	const char *end = target ? strchr(target + 1, ' ') : NULL;
	const Exchange *e;

	if (end == NULL)
		return 0;
	target++;
	e = find(target, end - target, body, body_len);
	if (e == NULL)
	{
		fprintf(stderr, "not on the tape: %.*s\n", (int) (end - buf), buf);
		return send_all(fd, none, sizeof(none) - 1);
	}
	return send_all(fd, e->answer, e->answer_len);
}

static void *
serve(void *arg)
{
	int fd = (int) (intptr_t) arg;
	int one = 1;
	char *buf = malloc(MAX_REQUEST + 1);
	size_t len = 0;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	while (buf != NULL)
	{
		ssize_t n = recv(fd, buf + len, MAX_REQUEST - len, 0);
		char *end;

		if (n <= 0)
			break;
		len += n;
		buf[len] = '\0';
		while ((end = memmem(buf, len, "\r\n\r\n", 4)) != NULL)
		{
			size_t body_len;
			size_t all;
			char kept = end[2];

			end[2] = '\0'; /* the head alone is searched for its lines */
			body_len = content_length(buf);
			end[2] = kept;
			all = end + 4 - buf + body_len;
			if (all > len)
				break;
			if (!answer(fd, buf, end + 4, body_len))
				goto done;
			memmove(buf, buf + all, len - all);
			len -= all;
			buf[len] = '\0';
		}
		if (len == MAX_REQUEST)
			break;
	}
done:
	close(fd);
	free(buf);
	return NULL;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	FILE *port;

	if (argc < 3)
		die("usage: responder PORT-FILE TAPE...");
	ntapes = argc - 2;
	tapes = calloc(ntapes, sizeof(Tape));
	if (tapes == NULL)
		die("out of memory");
	for (int i = 0; i < ntapes; i++)
		tapes[i] = tape_read(argv[i + 2]);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (listener < 0 || bind(listener, (struct sockaddr *) &address, sizeof(address)) != 0 ||
		listen(listener, 64) != 0 ||
		getsockname(listener, (struct sockaddr *) &address, &size) != 0)
		die("could not listen: %s", strerror(errno));
	port = fopen(argv[1], "w");
	if (port == NULL)
		die("could not write \"%s\"", argv[1]);
	fprintf(port, "%d\n", ntohs(address.sin_port));
	fclose(port);

	for (;;)
	{
		int fd = accept(listener, NULL, NULL);
		pthread_t thread;

		if (fd < 0)
			continue;
		if (pthread_create(&thread, NULL, serve, (void *) (intptr_t) fd) != 0)
			close(fd);
		else
			pthread_detach(thread);
	}
}
