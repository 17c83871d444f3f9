/*-------------------------------------------------------------------------
 *
 * disk.c
 *	  The file systems of the server: what is free, and are they encrypted?
 *
 * Asked are the data directory, the write-ahead log, which may be a link, and
 * each tablespace.  What the system refuses to tell is a row with the reason.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include "commands/tablespace.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/builtins.h"

#include "health/crypt.h"

PG_FUNCTION_INFO_V1(mo_disk_rows);

/* "encrypted", "plain", "hidden"; NULL: could not be told */
static const char *const encryption_names[] = {
	[ENCRYPTION_ON] = "encrypted",
	[ENCRYPTION_OFF] = "plain",
	[ENCRYPTION_HIDDEN] = "hidden",
	[ENCRYPTION_ERROR] = NULL,
};

static void
put_row(ReturnSetInfo *rsinfo, const char *object, const char *path)
{
	Datum values[6] = {0};
	bool nulls[6] = {false, true, true, true, true, true};
	struct statvfs space;
	struct stat st;
	char why[256] = "";

	values[0] = CStringGetTextDatum(object);
	if (statvfs(path, &space) != 0 || stat(path, &st) != 0)
	{
		nulls[5] = false;
		values[5] = CStringGetTextDatum(psprintf("could not look at its file system: %m"));
	}
	else
	{
		const char *encryption = encryption_names[mo_crypt_device(
			&mo_crypt_host, major(st.st_dev), minor(st.st_dev), why, sizeof(why))];

		memset(nulls, false, 3);
		values[1] = Float8GetDatum((double) space.f_bavail * space.f_frsize);
		values[2] = Float8GetDatum((double) space.f_blocks * space.f_frsize);
		nulls[3] = encryption == NULL;
		if (!nulls[3])
			values[3] = CStringGetTextDatum(encryption);
		nulls[4] = false;
		values[4] = CStringGetTextDatum(why);
	}
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/*
 * momentum._disk(): one row for each place where the server stores
 */
Datum
mo_disk_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	DIR *dir;
	struct dirent *entry;

	InitMaterializedSRF(fcinfo, 0);
	put_row(rsinfo, "data directory", DataDir);
	put_row(rsinfo, "write-ahead log", psprintf("%s/pg_wal", DataDir));
	dir = AllocateDir("pg_tblspc");
	while ((entry = ReadDir(dir, "pg_tblspc")) != NULL)
	{
		Oid oid = (Oid) strtoul(entry->d_name, NULL, 10);
		char *name = OidIsValid(oid) ? get_tablespace_name(oid) : NULL;

		if (name != NULL)
			put_row(rsinfo, psprintf("tablespace %s", name),
					psprintf("%s/pg_tblspc/%s", DataDir, entry->d_name));
	}
	FreeDir(dir);
	return (Datum) 0;
}
