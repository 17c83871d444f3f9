/*-------------------------------------------------------------------------
 *
 * denied.c
 *	  Refusals, counted by role in shared memory.
 *
 * A row written before an ERROR rolls back with it, so refusals are counted
 * where they are logged: 42501 (a privilege is missing), 28P01 and 28000 (a
 * login failed).  Counted is who was refused, how often and when; no text of a
 * statement or message is kept.
 *
 * A refusal is "guarded" when a single one matters: of the schema
 * momentum_state, of a secret, of another brand's row, or by a function of ours
 * that judges its caller.  The server's message of a table names no schema, and
 * is translated; so what decides is the untranslated message, names, which no
 * language translates, the statement and the search path it ran under.
 *
 * Not seen: what an exception block caught, and what log_min_messages keeps
 * from the log.  A parallel worker's error comes up again in its leader and is
 * counted there.
 *
 * The hook allocates nothing, raises nothing and takes one spinlock for some
 * hundred instructions; it looks at the SQLSTATE first, so that what a signal
 * handler reports never comes to the lock.  When all slots are in use by
 * newer ones, what is new is counted in a common one: whoever tries ten
 * thousand names fills that.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

/* The port's layout is the same without; its headers need not be there. */
#undef ENABLE_GSS

#include "access/parallel.h"
#include "catalog/namespace.h"
#include "common/hashfn.h"
#include "funcapi.h"
#include "libpq/libpq-be.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "shmem/shmem.h"
#include "storage/spin.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "health/denied.h"

#define SLOTS 1024 /* roles, times the kinds of refusal they meet */
#define PROBES 16
#define MINUTES 60 /* that are kept one by one */
#define WINDOW 5   /* minutes in which refusals add up */
#define STATE_SCHEMA "momentum_state"
#define OUR_SCHEMA "momentum."

/* Who was refused what: compared as bytes. */
typedef struct DeniedKey
{
	Oid database; /* 0: at login */
	Oid role;     /* 0: at login, where only a name is known */
	int sqlstate;
	char login[NAMEDATALEN]; /* of a failed login, else empty */
} DeniedKey;

typedef struct DeniedSlot
{
	DeniedKey key;
	bool used;
	char name[NAMEDATALEN]; /* the role's, as it was called then */
	int64 total;
	int64 guarded;
	TimestampTz first_at;
	TimestampTz last_at;
	TimestampTz last_guarded_at;
	int64 minute;           /* of the newest count, since 2000 */
	uint32 counts[MINUTES]; /* ring: at minute % MINUTES */
} DeniedSlot;

/* The common slots, one for each SQLSTATE, and the slots of roles */
typedef struct DeniedTable
{
	slock_t mutex;
	TimestampTz reset_at;
	DeniedSlot others[3];
	DeniedSlot slots[SLOTS];
} DeniedTable;

static emit_log_hook_type next_hook = NULL;
static bool counting = false;

PG_FUNCTION_INFO_V1(mo_stat_denied_rows);
PG_FUNCTION_INFO_V1(mo_reset_denied);
PG_FUNCTION_INFO_V1(mo_is_preloaded);

static Size
denied_size(const ShmemArea *self, bool shared)
{
	return shared ? sizeof(DeniedTable) : 0;
}

static void
denied_start(const ShmemArea *self, void *memory, bool shared)
{
	DeniedTable *table = memory;

	if (!shared)
		return;
	SpinLockInit(&table->mutex);
	table->reset_at = GetCurrentTimestamp();
}

static ShmemArea area = {.name = "momentum_denied", .size = denied_size, .init = denied_start};

/* Which common slot an SQLSTATE has; -1: it is no refusal. */
static int
kind_of(int sqlstate)
{
	switch (sqlstate)
	{
		case ERRCODE_INSUFFICIENT_PRIVILEGE:
			return 0;
		case ERRCODE_INVALID_PASSWORD:
			return 1;
		case ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION:
			return 2;
		default:
			return -1;
	}
}

/* strcasestr() for names in ASCII, on text of any encoding. */
static bool
names(const char *text, const char *word)
{
	size_t len = strlen(word);

	if (text == NULL)
		return false;
	for (; *text != '\0'; text++)
	{
		if (pg_ascii_tolower((unsigned char) *text) == (unsigned char) word[0] &&
			pg_strncasecmp(text, word, len) == 0)
			return true;
	}
	return false;
}

/* Does the first line of a context name a function of ours? */
static bool
raised_by_us(const char *context)
{
	const char *end = context == NULL ? NULL : strchrnul(context, '\n');

	for (const char *p = context; p != NULL && p < end; p++)
	{
		if (strncmp(p, OUR_SCHEMA, strlen(OUR_SCHEMA)) == 0 &&
			(p == context || (!isalnum((unsigned char) p[-1]) && strchr("_.\"", p[-1]) == NULL)))
			return true;
	}
	return false;
}

static bool
begins(const char *text, const char *word)
{
	return text != NULL && strncmp(text, word, strlen(word)) == 0;
}

/*
 * Is a single one of these enough?
 *
 * What PL/pgSQL raises has no message of its own to go by; its context names
 * the function, which is one of ours or not.
 */
static bool
is_guarded(const ErrorData *error)
{
	const char *id = error->message_id;

	if (error->sqlerrcode != ERRCODE_INSUFFICIENT_PRIVILEGE)
		return false;
	if (error->schema_name != NULL && strcmp(error->schema_name, STATE_SCHEMA) == 0)
		return true;
	if (begins(id, "permission denied for secret") || begins(id, "must be owner of secret") ||
		begins(id, "new row violates row-level security policy"))
		return true;
	if (error->funcname != NULL && strcmp(error->funcname, "exec_stmt_raise") == 0)
		return raised_by_us(error->context);
	return names(error->message, STATE_SCHEMA) || names(debug_query_string, STATE_SCHEMA) ||
		   names(namespace_search_path, STATE_SCHEMA);
}

/* The name of the role whose rights count: who SET ROLE and the session say. */
static const char *
role_name(Oid role)
{
	const char *name;

	if (MyProcPort != NULL && MyProcPort->user_name != NULL && role == GetAuthenticatedUserId())
		return MyProcPort->user_name;
	name = GetConfigOption("role", true, false);
	if (name != NULL && strcmp(name, "none") != 0)
		return name;
	name = GetConfigOption("session_authorization", true, false);
	return name != NULL ? name : "";
}

/*
 * Who is refused.  False: nobody that could be named, or not here.
 *
 * Before a database is chosen there is no role yet, only the name that the
 * client gave.
 */
static bool
find_culprit(const ErrorData *error, DeniedKey *key, const char **name)
{
	memset(key, 0, sizeof(*key));
	key->sqlstate = error->sqlerrcode;
	if (!OidIsValid(MyDatabaseId))
	{
		if (error->elevel < FATAL || MyProcPort == NULL || MyProcPort->user_name == NULL)
			return false;
		*name = MyProcPort->user_name;
		strlcpy(key->login, *name, sizeof(key->login));
		return true;
	}
	if (error->sqlerrcode != ERRCODE_INSUFFICIENT_PRIVILEGE || error->elevel < ERROR)
		return false; /* a service refused our credential */
	key->database = MyDatabaseId;
	key->role = GetOuterUserId();
	*name = role_name(key->role);
	return true;
}

/* The slot of a key, taken if need be; under the lock. */
static DeniedSlot *
find_slot(DeniedTable *table, const DeniedKey *key, TimestampTz now)
{
	uint32 hash = hash_bytes((const unsigned char *) key, sizeof(*key));
	DeniedSlot *spare = NULL;

	for (int i = 0; i < PROBES; i++)
	{
		DeniedSlot *slot = &table->slots[(hash + i) % SLOTS];

		if (slot->used && memcmp(&slot->key, key, sizeof(*key)) == 0)
			return slot;
		if (slot->used &&
			slot->last_at > now - (slot->guarded > 0 ? 24 : 1) * USECS_PER_HOUR)
			continue; /* still of interest */
		if (spare == NULL || (spare->used && (!slot->used || slot->last_at < spare->last_at)))
			spare = slot;
	}
	if (spare == NULL)
	{
		spare = &table->others[kind_of(key->sqlstate)];
		spare->key.sqlstate = key->sqlstate;
		spare->used = true;
		return spare;
	}
	memset(spare, 0, sizeof(*spare));
	spare->key = *key;
	spare->used = true;
	return spare;
}

static void
count_in(DeniedSlot *slot, const char *name, bool guarded, TimestampTz now)
{
	int64 minute = now / USECS_PER_MINUTE;

	if (minute > slot->minute)
	{
		int64 passed = Min(minute - slot->minute, MINUTES);

		for (int64 m = minute - passed + 1; m <= minute; m++)
			slot->counts[m % MINUTES] = 0;
		slot->minute = minute;
	}
	/* a clock set back counts in the newest minute */
	if (slot->counts[slot->minute % MINUTES] < PG_UINT32_MAX)
		slot->counts[slot->minute % MINUTES]++;
	if (slot->total++ == 0)
		slot->first_at = now;
	slot->last_at = now;
	if (guarded)
	{
		slot->guarded++;
		slot->last_guarded_at = now;
	}
	if (slot->key.role != 0 || slot->key.login[0] != '\0')
		strlcpy(slot->name, name, sizeof(slot->name));
}

/* emit_log_hook */
static void
count_refusal(ErrorData *error)
{
	DeniedTable *table = area.shared;

	if (table != NULL && !counting && kind_of(error->sqlerrcode) >= 0 && IsUnderPostmaster &&
		!IsParallelWorker())
	{
		DeniedKey key;
		const char *name;

		counting = true;
		if (find_culprit(error, &key, &name))
		{
			bool guarded = is_guarded(error);
			TimestampTz now = GetCurrentTimestamp();

			SpinLockAcquire(&table->mutex);
			count_in(find_slot(table, &key, now), name, guarded, now);
			SpinLockRelease(&table->mutex);
		}
		counting = false;
	}
	if (next_hook != NULL)
		next_hook(error);
}

void
mo_denied_init(void)
{
	if (!process_shared_preload_libraries_in_progress)
		return;
	mo_shmem_register(&area);
	next_hook = emit_log_hook;
	emit_log_hook = count_refusal;
}

/* A name as text of this database: a login names itself in what encoding it likes. */
static Datum
name_datum(const char *name)
{
	char *text = pstrdup(name);
	bool valid = pg_verify_mbstr(GetDatabaseEncoding(), text, strlen(text), true);

	for (char *p = text; !valid && *p != '\0'; p++)
	{
		if (IS_HIGHBIT_SET(*p))
			*p = '?';
	}
	return CStringGetTextDatum(text);
}

/* Refusals of the minutes (from, to], of which the newest may still go on. */
static int64
count_between(const DeniedSlot *slot, int64 from, int64 to)
{
	int64 n = 0;

	for (int64 m = Max(from + 1, slot->minute - MINUTES + 1); m <= Min(to, slot->minute); m++)
	{
		if (m >= 0)
			n += slot->counts[m % MINUTES];
	}
	return n;
}

/* The most refusals within WINDOW minutes of the last hour. */
static int64
peak_of(const DeniedSlot *slot, int64 minute)
{
	int64 peak = 0;

	for (int64 m = minute - MINUTES + 1; m <= minute; m++)
		peak = Max(peak, count_between(slot, Max(m - WINDOW, minute - MINUTES), m));
	return peak;
}

static void
put_slot(ReturnSetInfo *rsinfo, const DeniedSlot *slot, TimestampTz reset_at)
{
	Datum values[11];
	bool nulls[11] = {false};
	int64 minute = GetCurrentTimestamp() / USECS_PER_MINUTE;

	nulls[0] = !OidIsValid(slot->key.role);
	values[0] = ObjectIdGetDatum(slot->key.role);
	nulls[1] = slot->name[0] == '\0';
	values[1] = nulls[1] ? (Datum) 0 : name_datum(slot->name);
	values[2] = CStringGetTextDatum(unpack_sql_state(slot->key.sqlstate));
	values[3] = BoolGetDatum(!OidIsValid(slot->key.database));
	values[4] = Int64GetDatum(slot->total);
	values[5] = Int64GetDatum(slot->guarded);
	values[6] = Int64GetDatum(count_between(slot, minute - WINDOW, minute));
	values[7] = Int64GetDatum(peak_of(slot, minute));
	values[8] = TimestampTzGetDatum(slot->last_at);
	nulls[9] = slot->guarded == 0;
	values[9] = TimestampTzGetDatum(slot->last_guarded_at);
	values[10] = TimestampTzGetDatum(Max(reset_at, 0));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* Copies one slot out; false: it is empty, or of another database. */
static bool
copy_slot(DeniedTable *table, const DeniedSlot *slot, DeniedSlot *copy)
{
	SpinLockAcquire(&table->mutex);
	*copy = *slot;
	SpinLockRelease(&table->mutex);
	return copy->used && (copy->key.database == MyDatabaseId || !OidIsValid(copy->key.database));
}

/*
 * momentum._stat_denied(): the refusals of this database, and failed logins of
 * the server; no rows where momentum is not preloaded.
 */
Datum
mo_stat_denied_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	DeniedTable *table = area.shared;
	DeniedSlot copy;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; table != NULL && i < (int) lengthof(table->others); i++)
	{
		if (copy_slot(table, &table->others[i], &copy))
			put_slot(rsinfo, &copy, table->reset_at);
	}
	for (int i = 0; table != NULL && i < SLOTS; i++)
	{
		if (copy_slot(table, &table->slots[i], &copy))
			put_slot(rsinfo, &copy, table->reset_at);
	}
	return (Datum) 0;
}

/*
 * momentum.reset_denied(): counts from zero, in all databases.
 */
Datum
mo_reset_denied(PG_FUNCTION_ARGS)
{
	DeniedTable *table = area.shared;

	if (table != NULL)
	{
		TimestampTz now = GetCurrentTimestamp();

		SpinLockAcquire(&table->mutex);
		memset(table->others, 0, sizeof(table->others));
		memset(table->slots, 0, sizeof(table->slots));
		table->reset_at = now;
		SpinLockRelease(&table->mutex);
	}
	PG_RETURN_VOID();
}

/*
 * momentum._is_preloaded(): is there shared memory of ours?
 */
Datum
mo_is_preloaded(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(area.shared != NULL);
}
