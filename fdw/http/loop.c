/*-------------------------------------------------------------------------
 *
 * loop.c
 *	  The event loop: curl_multi on one epoll descriptor per backend.
 *
 * libcurl says which sockets it waits for; they go into one epoll set, with a
 * timer for its timeouts and ours.  The set's own descriptor is what the
 * backend waits for, beside its latch, so cancel works in every state.
 *
 * Made when first used, kept for the life of the backend: connections are
 * kept open in it for the next request.  Never torn down: the end of the
 * process does it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "http/internal.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "storage/latch.h"

#define MAX_KEPT_CONNECTIONS 16L /* a brand has half a dozen sources */
#define MAX_KEPT_HANDLES 8
#define MAX_EVENTS 16
#define MAX_ROUNDS 8 /* of one pump, before the reader has a look */

static struct
{
	int owner_pid; /* after a fork all of this is somebody else's */
	int epoll_fd;
	int timer_fd;
	CURLM *multi;
	CURL *kept[MAX_KEPT_HANDLES]; /* ended well, to be used again */
	int kept_len;
	dlist_head running;
	int64 timer_us;        /* when the timer fires, 0 = not set */
	int open_sockets;      /* counted by callbacks */
	int accounted_sockets; /* known to fd.c */
	int epoll_errno;       /* noted by a callback */
} loop;

static uint32 http_wait_event = 0;

int64
mo_http_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64CONST(1000000) + now.tv_nsec / 1000;
}

/*
 * Counts sockets for account_sockets(); called from callbacks.
 */
void
mo_http_socket_opened(int n)
{
	loop.open_sockets += n;
}

/*
 * Tells fd.c how many descriptors libcurl holds.  Not done in the callbacks,
 * since fd.c may have to close files of its own and to log that.
 */
static void
account_sockets(void)
{
	for (; loop.accounted_sockets < loop.open_sockets; loop.accounted_sockets++)
		ReserveExternalFD();
	for (; loop.accounted_sockets > loop.open_sockets; loop.accounted_sockets--)
		ReleaseExternalFD();
}

static void
too_many_files(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
			 errmsg("could not open a connection: too many files are open"),
			 errhint("Raise max_files_per_process, or read from fewer foreign tables at once.")));
}

/*
 * libcurl's wish to watch a socket, or to watch it no more.
 */
static int
on_watch(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct epoll_event event = {.data.fd = fd};

	if (what == CURL_POLL_REMOVE)
	{
		(void) epoll_ctl(loop.epoll_fd, EPOLL_CTL_DEL, fd, NULL); /* may be closed */
		return 0;
	}
	if (what & CURL_POLL_IN)
		event.events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		event.events |= EPOLLOUT;
	if (epoll_ctl(loop.epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0 &&
		(errno != EEXIST || epoll_ctl(loop.epoll_fd, EPOLL_CTL_MOD, fd, &event) != 0))
		loop.epoll_errno = errno;
	return 0;
}

/*
 * Makes a descriptor known to fd.c, and to us; "what" for the message.
 */
static int
keep_descriptor(int fd, const char *what)
{
	if (fd < 0)
	{
		int save_errno = errno;

		ReleaseExternalFD();
		errno = save_errno;
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not create %s: %m", what)));
	}
	return fd;
}

static void
open_epoll(void)
{
	if (!AcquireExternalFD())
		too_many_files();
	loop.epoll_fd = keep_descriptor(epoll_create1(EPOLL_CLOEXEC), "an epoll descriptor");
}

static void
open_timer(void)
{
	struct epoll_event event = {.events = EPOLLIN};

	if (!AcquireExternalFD())
		too_many_files();
	loop.timer_fd = keep_descriptor(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
									"a timer");
	event.data.fd = loop.timer_fd;
	if (epoll_ctl(loop.epoll_fd, EPOLL_CTL_ADD, loop.timer_fd, &event) != 0)
	{
		int save_errno = errno;

		close(loop.timer_fd);
		loop.timer_fd = -1;
		ReleaseExternalFD();
		errno = save_errno;
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not watch a timer: %m")));
	}
}

static void
open_multi(void)
{
	CURLM *multi;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || (multi = curl_multi_init()) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("could not initialize libcurl")));
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_watch);
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, MAX_KEPT_CONNECTIONS);
	loop.multi = multi;
}

/*
 * Makes the loop if there is none; each step can be tried again.
 */
static void
ensure_loop(void)
{
	if (loop.owner_pid != MyProcPid)
	{
		if (IsPostmasterEnvironment && !IsUnderPostmaster)
			elog(ERROR, "the postmaster must not use the network");
		memset(&loop, 0, sizeof(loop));
		loop.epoll_fd = -1;
		loop.timer_fd = -1;
		dlist_init(&loop.running);
		loop.owner_pid = MyProcPid;
	}
	if (loop.epoll_fd < 0)
		open_epoll();
	if (loop.timer_fd < 0)
		open_timer();
	if (loop.multi == NULL)
		open_multi();
}

int
mo_http_watch(void)
{
	ensure_loop();
	if (!AcquireExternalFD())
		too_many_files();
	return keep_descriptor(fcntl(loop.epoll_fd, F_DUPFD_CLOEXEC, 0), "a descriptor to wait for");
}

void
mo_http_unwatch(int fd)
{
	close(fd);
	ReleaseExternalFD();
}

/*
 * A handle with no options set; a used one saves its making.
 */
CURL *
mo_http_take_easy(void)
{
	CURL *easy;

	ensure_loop();
	if (loop.kept_len > 0)
		return loop.kept[--loop.kept_len];
	easy = curl_easy_init();
	if (easy == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return easy;
}

/*
 * Takes a handle back.  One whose transfer was aborted is destroyed: what
 * state it is in is anyone's guess.  Never raises.
 */
void
mo_http_give_easy(CURL *easy, bool clean)
{
	if (clean && loop.kept_len < MAX_KEPT_HANDLES)
	{
		curl_easy_reset(easy);
		loop.kept[loop.kept_len++] = easy;
	}
	else
		curl_easy_cleanup(easy);
}

/*
 * Puts a transfer among the running ones.
 */
void
mo_http_enter(HttpTransfer *t)
{
	CURLMcode rc;

	/* room for one socket now, while we may raise; libcurl opens it later */
	if (!AcquireExternalFD())
		too_many_files();
	loop.accounted_sockets++;
	rc = curl_multi_add_handle(loop.multi, t->easy);
	if (rc != CURLM_OK)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("could not start an HTTP request: %s", curl_multi_strerror(rc))));
	dlist_push_tail(&loop.running, &t->node);
}

/*
 * Takes it away from them; not being among them is fine.  Never raises.
 */
void
mo_http_leave(HttpTransfer *t)
{
	if (t->node.next == NULL)
		return;
	(void) curl_multi_remove_handle(loop.multi, t->easy);
	dlist_delete(&t->node);
	t->node.next = NULL;
}

/*
 * Lets libcurl act.  It may start a thread to resolve a name, and threads
 * inherit the mask: our signals are for the main thread alone.
 */
static void
act(curl_socket_t fd, int mask)
{
	sigset_t all;
	sigset_t saved;
	int running;
	CURLMcode rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &saved);
	rc = curl_multi_socket_action(loop.multi, fd, mask, &running);
	pthread_sigmask(SIG_SETMASK, &saved, NULL);
	if (rc != CURLM_OK)
		elog(ERROR, "libcurl failed: %s", curl_multi_strerror(rc));
	if (loop.epoll_errno != 0)
	{
		errno = loop.epoll_errno;
		loop.epoll_errno = 0;
		ereport(ERROR, (errcode_for_socket_access(), errmsg("could not watch a socket: %m")));
	}
}

/*
 * Serves the sockets that are ready; returns how many.
 */
static int
serve_sockets(void)
{
	struct epoll_event events[MAX_EVENTS];
	int n = epoll_wait(loop.epoll_fd, events, MAX_EVENTS, 0);
	int served = 0;

	for (int i = 0; i < n; i++)
	{
		int mask = 0;

		if (events[i].data.fd == loop.timer_fd)
		{
			uint64 times;

			(void) !read(loop.timer_fd, &times, sizeof(times));
			loop.timer_us = 0;
			continue;
		}
		if (events[i].events & EPOLLIN)
			mask |= CURL_CSELECT_IN;
		if (events[i].events & EPOLLOUT)
			mask |= CURL_CSELECT_OUT;
		if (events[i].events & (EPOLLERR | EPOLLHUP))
			mask |= CURL_CSELECT_ERR;
		act(events[i].data.fd, mask);
		served++;
	}
	return served;
}

/*
 * In how many ms libcurl wants to be called; -1 = not at all.
 */
static long
libcurl_due_ms(void)
{
	long ms = -1;

	(void) curl_multi_timeout(loop.multi, &ms);
	return ms;
}

static void
finish_ended(void)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(loop.multi, &left)) != NULL)
	{
		char *t = NULL;
		CURLcode result = msg->data.result;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &t);
		mo_http_finish((HttpTransfer *) t, result);
	}
}

/*
 * Ends the transfers whose time is over; returns when the next one's is, or 0.
 */
static int64
expire_late(void)
{
	dlist_mutable_iter it;
	int64 now = mo_http_now_us();
	int64 next = 0;

	dlist_foreach_modify(it, &loop.running)
	{
		HttpTransfer *t = dlist_container(HttpTransfer, node, it.cur);

		if (t->deadline_us == 0)
			continue;
		if (t->deadline_us <= now)
			mo_http_expire(t);
		else if (next == 0 || t->deadline_us < next)
			next = t->deadline_us;
	}
	return next;
}

/*
 * Sees to it that the timer fires at "due" or before.  A transfer that moves
 * puts its deadline off with each piece; the timer is not set anew for that,
 * it fires once too early and finds nothing to do.
 */
static void
set_timer(int64 due)
{
	struct itimerspec when = {0};

	if (due == 0 || (loop.timer_us != 0 && loop.timer_us <= due))
		return;
	when.it_value.tv_sec = due / 1000000;
	when.it_value.tv_nsec = due % 1000000 * 1000;
	if (timerfd_settime(loop.timer_fd, TFD_TIMER_ABSTIME, &when, NULL) != 0)
		elog(ERROR, "could not set a timer: %m");
	loop.timer_us = due;
}

void
mo_http_pump(void)
{
	dlist_mutable_iter it;
	int64 due;
	long ms = 0;

	if (loop.owner_pid != MyProcPid || loop.multi == NULL)
		return;
	dlist_foreach_modify(it, &loop.running)
		mo_http_resume(dlist_container(HttpTransfer, node, it.cur));
	for (int round = 0; round < MAX_ROUNDS; round++)
	{
		int served = serve_sockets();

		ms = libcurl_due_ms();
		if (ms == 0)
			act(CURL_SOCKET_TIMEOUT, 0);
		else if (served == 0)
			break;
	}
	finish_ended();
	due = expire_late();
	ms = libcurl_due_ms();
	if (ms >= 0 && (due == 0 || mo_http_now_us() + ms * INT64CONST(1000) < due))
		due = mo_http_now_us() + ms * INT64CONST(1000);
	set_timer(due);
	account_sockets();
}

/*
 * Waits for the latch, for something to do, or for "ms" to pass (-1 = never);
 * then does what is to do.
 */
static void
wait_once(long ms, uint32 wait_event)
{
	int events = WL_LATCH_SET | WL_EXIT_ON_PM_DEATH | (ms >= 0 ? WL_TIMEOUT : 0);
	bool have_loop = loop.owner_pid == MyProcPid && loop.multi != NULL;

	if (http_wait_event == 0)
		http_wait_event = mo_wait_event_new("MomentumHttp");
	if (wait_event == 0)
		wait_event = http_wait_event;
	if (have_loop)
		events |= WL_SOCKET_READABLE;
	if (WaitLatchOrSocket(MyLatch, events, have_loop ? loop.epoll_fd : PGINVALID_SOCKET,
						  ms, wait_event) &
		WL_LATCH_SET)
		ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
	mo_http_pump();
}

void
mo_http_wake_at(int64 until_us)
{
	ensure_loop();
	set_timer(Max(until_us, 1));
}

bool
mo_http_poll(HttpTransfer *t)
{
	if (!mo_http_has_data(t))
		mo_http_resume(t); /* what came may be there, but packed */
	if (!mo_http_has_data(t) && !t->ended)
		mo_http_pump();
	if (t->no_memory)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return mo_http_has_data(t) || t->ended;
}

void
mo_http_await(int64 until_us, uint32 wait_event)
{
	int64 left = until_us - mo_http_now_us();

	CHECK_FOR_INTERRUPTS();
	if (until_us == 0)
		wait_once(-1, wait_event);
	else if (left > 0)
		wait_once((long) Min(left / 1000 + 1, INT_MAX), wait_event);
}

bool
mo_http_wait(HttpTransfer *t)
{
	CHECK_FOR_INTERRUPTS();
	while (!mo_http_poll(t))
		wait_once(-1, 0);
	return mo_http_has_data(t);
}

void
mo_http_sleep(int64 ms, uint32 wait_event)
{
	int64 until = mo_http_now_us() + ms * 1000;

	CHECK_FOR_INTERRUPTS();
	while (mo_http_now_us() < until)
		mo_http_await(until, wait_event);
}
