/*-------------------------------------------------------------------------
 *
 * async.c
 *	  Several scans below one Append wait for their services together.
 *
 * All transfers of a backend move when one of them is served, so each scan
 * waits for the same thing: that something can be moved.  It does so through a
 * descriptor of its own, a duplicate, for an epoll set takes one only once.
 * Whichever scan wakes first moves the transfers of all; the others may then
 * find their data come and nothing to wake them.  Therefore a scan that is to
 * wait looks first, and if there is something it makes the loop readable.
 *
 * Sets of events keep a single place for each scan, and react to what is
 * readable alone; libcurl's sockets would be neither.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/execAsync.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "storage/latch.h"

#include "engine/scan.h"

/*
 * Releases before 15.13, 16.9 and 17.5 wait without the latch: a cancel is
 * only seen when a scan is woken, so one is, that often.
 */
#define TICK_US (50 * 1000)

/* The scan does not wait any more. */
void
mo_async_end(MoScan *scan)
{
	if (scan->fd >= 0)
		mo_http_unwatch(scan->fd);
	scan->fd = -1;
}

/* IsForeignPathAsyncCapable */
bool
mo_async_capable(ForeignPath *path)
{
	const Target *target = path->path.parent->fdw_private;

	/* what is above a table, such as its LIMIT, has none */
	return target != NULL &&
		   mo_option_true(mo_option_get(target->connector, target->options, "async_capable"));
}

/* Answer with a row, the end, or that neither is there. */
static void
produce(AsyncRequest *areq)
{
	ForeignScanState *node = castNode(ForeignScanState, areq->requestee);
	MoScan *scan = node->fdw_state;
	TupleTableSlot *slot;

	scan->async = true;
	scan->waiting = false;
	slot = node->ss.ps.ExecProcNodeReal(&node->ss.ps);
	scan->async = false;
	if (TupIsNull(slot) && scan->waiting)
		ExecAsyncRequestPending(areq);
	else
		ExecAsyncRequestDone(areq, TupIsNull(slot) ? NULL : slot);
}

/* ForeignAsyncRequest: the first one makes the first request. */
void
mo_async_request(AsyncRequest *areq)
{
	produce(areq);
}

/*
 * An Append about to be run again with other parameters first waits for what
 * is pending, and drops it.  Nobody needs to wait for that.
 */
static void
give_up(AsyncRequest *areq)
{
	mo_scan_rescan(castNode(ForeignScanState, areq->requestee));
	areq->callback_pending = false;
	ExecAsyncRequestDone(areq, NULL);
	ExecAsyncResponse(areq);
}

/* ForeignAsyncConfigureWait */
void
mo_async_configure(AsyncRequest *areq)
{
	ForeignScanState *node = castNode(ForeignScanState, areq->requestee);
	AppendState *append = castNode(AppendState, areq->requestor);
	MoScan *scan = node->fdw_state;
	int64 until_us;

	Assert(areq->callback_pending);
	if (append->ps.chgParam != NULL)
	{
		give_up(areq);
		return;
	}
	if (mo_api_ready(scan->api, &until_us))
		mo_http_wake_at(0);
	else if (until_us > 0)
		mo_http_wake_at(until_us);
	mo_http_wake_at(mo_http_now_us() + TICK_US);
	if (scan->fd < 0)
		scan->fd = mo_http_watch();
	AddWaitEventToSet(append->as_eventset, WL_SOCKET_READABLE, scan->fd, NULL, areq);
}

/* ForeignAsyncNotify: something moved, for this scan or another one. */
void
mo_async_notify(AsyncRequest *areq)
{
	CHECK_FOR_INTERRUPTS();
	mo_http_pump();
	produce(areq);
}
