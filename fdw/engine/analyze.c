/*-------------------------------------------------------------------------
 *
 * analyze.c
 *	  ANALYZE of a foreign table.
 *
 * Rows are read as any query reads them: with the owner's user mapping, within
 * the service's limits, to be interrupted at any time.  But no more are read
 * than a setting allows; of a longer table the sample is of the rows that the
 * service gives first.  How many there are in all is then what the service
 * counts, or else what an earlier complete scan found, and where nobody knows
 * it is said to be at least what was read.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "executor/spi.h"
#include "foreign/fdwapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/sampling.h"

#include "engine/engine.h"
#include "shmem/stat.h"

#define FETCH_ROWS 250 /* at once: the memory they take */

static int analyze_rows = 10000;

/* Rows read so far, and those among them that the sample has */
typedef struct Sample
{
	TupleDesc desc;
	HeapTuple *rows;
	int most;
	MemoryContext cxt;
	ReservoirStateData state;
	double seen;
	double skip; /* rows to pass over; less than 0: not drawn yet */
	Datum *values;
	bool *nulls;
} Sample;

/* The place of one more row in the sample, or -1: by Vitter's algorithm, as for plain tables. */
static int
place_in_sample(Sample *sample)
{
	int place;

	if (sample->seen++ < sample->most)
		return (int) sample->seen - 1;
	if (sample->skip < 0)
		sample->skip = reservoir_get_next_S(&sample->state, sample->seen - 1, sample->most);
	if (sample->skip-- > 0)
		return -1;
	place = (int) (sample->most * sampler_random_fract(&sample->state.randstate));
	heap_freetuple(sample->rows[place]);
	return place;
}

/* Columns of the query's row are those of the table that were not dropped. */
static void
add_row(Sample *sample, HeapTuple tuple, TupleDesc desc)
{
	int place = place_in_sample(sample);
	int column = 0;
	MemoryContext old;

	if (place < 0)
		return;
	for (int i = 0; i < sample->desc->natts; i++)
	{
		sample->nulls[i] = true;
		if (!TupleDescAttr(sample->desc, i)->attisdropped)
			sample->values[i] = heap_getattr(tuple, ++column, desc, &sample->nulls[i]);
	}
	old = MemoryContextSwitchTo(sample->cxt);
	sample->rows[place] = heap_form_tuple(sample->desc, sample->values, sample->nulls);
	MemoryContextSwitchTo(old);
}

/* Read the table up to the setting; true when that was all of it. */
static bool
read_sample(const char *table, Sample *sample)
{
	Portal portal = SPI_cursor_open_with_args(NULL, psprintf("SELECT * FROM %s", table), 0, NULL,
											  NULL, NULL, true, CURSOR_OPT_NO_SCROLL);
	bool more = true;

	while (more && sample->seen < analyze_rows)
	{
		long want = Min(FETCH_ROWS, analyze_rows - (long) sample->seen);

		SPI_cursor_fetch(portal, true, want);
		more = SPI_processed == (uint64) want;
		for (uint64 i = 0; i < SPI_processed; i++)
			add_row(sample, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	}
	if (more)
	{
		/* may be it ends just there */
		SPI_cursor_fetch(portal, true, 1);
		more = SPI_processed > 0;
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_cursor_close(portal);
	return !more;
}

/* Does the service count the table's rows by itself? */
static bool
has_count(const Resource *res)
{
	for (const Summary *s = res->summaries; s != NULL && s->resource != NULL; s++)
	{
		if (s->count != NULL)
			return true;
	}
	return false;
}

/* The number of rows of a table that was not read to its end; less than 0: unknown. */
static double
rows_in_all(const char *table, const Target *target)
{
	double rows;
	double width;
	bool isnull;

	if (has_count(target->resource) &&
		SPI_execute(psprintf("SELECT count(*) FROM %s", table), true, 1) == SPI_OK_SELECT)
		return (double) DatumGetInt64(
			SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	if (mo_stat_size(target->server, target->resource->name, &rows, &width))
		return rows;
	return -1;
}

/* AcquireSampleRowsFunc */
static int
acquire_sample(Relation rel, int elevel, HeapTuple *rows, int targrows, double *totalrows,
			   double *totaldeadrows)
{
	const Target *target = mo_target(RelationGetRelid(rel));
	char *table = quote_qualified_identifier(get_namespace_name(RelationGetNamespace(rel)),
											 RelationGetRelationName(rel));
	Sample sample = {RelationGetDescr(rel), rows, targrows, CurrentMemoryContext};
	double all;
	bool whole;

	sample.skip = -1;
	sample.values = palloc0(sizeof(Datum) * sample.desc->natts);
	sample.nulls = palloc0(sizeof(bool) * sample.desc->natts);
	reservoir_init_selection_state(&sample.state, targrows);
	SPI_connect();
	whole = read_sample(table, &sample);
	all = whole ? sample.seen : rows_in_all(table, target);
	SPI_finish();
	if (all < 0)
		ereport(WARNING,
				(errmsg("the number of rows of foreign table \"%s\" is not known",
						RelationGetRelationName(rel)),
				 errdetail("The first %.0f were read, and it is taken for that.", sample.seen),
				 errhint("Increase momentum.analyze_rows, or read the table to its end once.")));
	*totalrows = Max(all, sample.seen);
	*totaldeadrows = 0;
	ereport(elevel, (errmsg("\"%s\": read %.0f of %.0f rows, %.0f in sample",
							RelationGetRelationName(rel), sample.seen, *totalrows,
							Min(sample.seen, targrows))));
	return (int) Min(sample.seen, targrows);
}

/*
 * AnalyzeForeignTable.  Tables that have to be asked for one value, or a span
 * of days, have no rows without it.
 */
bool
mo_analyze_table(Relation rel, AcquireSampleRowsFunc *func, BlockNumber *pages)
{
	const Target *target = mo_target(RelationGetRelid(rel));
	const Resource *res = target->resource;
	double rows;
	double width;

	for (const Column *c = res->columns; c != NULL && c->name != NULL; c++)
	{
		if (c->flags & COL_REQUIRED)
			return false;
	}
	if (res->range.required)
		return false;
	*func = acquire_sample;
	/* what partitioned parents divide their samples by */
	*pages = 1;
	if (mo_stat_size(target->server, res->name, &rows, &width))
		*pages = (BlockNumber) Min(
			Max(rows * width * RelationGetDescr(rel)->natts / BLCKSZ, 1), 1e9);
	return true;
}

/* Module load: the setting. */
void
mo_analyze_init(void)
{
	DefineCustomIntVariable("momentum.analyze_rows",
							"Rows that ANALYZE reads of a foreign table at most.",
							"Of more, statistics are made of those that the service gives first.",
							&analyze_rows, 10000, 1, 10000000, PGC_USERSET, 0, NULL, NULL, NULL);
}
