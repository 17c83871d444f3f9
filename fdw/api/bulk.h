/*-------------------------------------------------------------------------
 *
 * bulk.h
 *	  What the files about jobs of the service's own share: bulk.c makes
 *	  them, bulk_read.c reads what they leave, bulk_end.c ends them early.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_API_BULK_H
#define MOMENTUM_API_BULK_H

#include "api/internal.h"

/* What it takes to cancel a job, ready for when nothing can be made any more */
typedef struct BulkCancel
{
	char *url;
	char *body;
	List *headers; /* with the credential: wiped at the end */
	const char *ca_file;
	bool allow_insecure;
} BulkCancel;

typedef enum BulkPhase
{
	BULK_MAKE,
	BULK_LOOK,
	BULK_READ,
	BULK_END
} BulkPhase;

struct BulkRun
{
	const Bulk *bulk;
	double pages; /* there would be, as far as is known */
	int most;
	BulkPhase phase;
	Position at;    /* of the job: its pass and days */
	char *document; /* GraphQL */
	char *key;      /* of the job's note */
	bool noted;     /* the note is ours */
	bool resumed;
	bool going; /* as far as is known the service is at work on it */
	char *id;
	TimestampTz made;
	int64 since_us;  /* when it was made, or first refused */
	int64 lines;     /* there are, as the service says */
	int64 outermost; /* of them; -1 = it does not say */
	int64 got;
	int64 got_outermost;
	BulkCancel cancel;
	MemoryContextCallback callback;
};

/* bulk.c */
extern Fetch *mo_bulk_fetch(ApiScan *scan);
extern void mo_bulk_make(ApiScan *scan, int64 pause_us);
extern void mo_bulk_let_go(BulkRun *run);
extern void mo_bulk_answer(ApiScan *scan, JsonValue *answer);

/* bulk_read.c */
extern void mo_bulk_read(ApiScan *scan, JsonValue *answer);

/* bulk_end.c */
extern bool mo_bulk_cancel(const BulkCancel *cancel);
extern char *mo_note_key(ApiScan *scan, const char *request);
extern char *mo_note_find(const char *key, TimestampTz *made, bool *taken);
extern void mo_note_write(const char *key, const char *id, TimestampTz made);
extern void mo_note_drop(const char *key);

#endif /* MOMENTUM_API_BULK_H */
