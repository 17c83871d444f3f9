/*-------------------------------------------------------------------------
 *
 * lexicon_read.h
 *	  Rows of the tables behind the lexicon, and a sign of their change.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_LEXICON_READ_H
#define MOMENTUM_LEXICON_READ_H

#include "executor/tuptable.h"

/* The tables the lexicon is made of. */
typedef enum LexiconTable
{
	TABLE_LEXICON,
	TABLE_WEIGHT,
	TABLE_RULE,
	TABLE_SETTING,
	TABLE_BRAND,
	TABLE_URGENCY,
	LEXICON_TABLES
} LexiconTable;

/* Most columns that are read of one of them. */
#define MO_LEXICON_COLUMNS 11

/*
 * A row: the columns in the order that lexicon_read.c names them.  Values by
 * reference live until the next row.
 */
typedef void (*LexiconRow)(void *arg, const Datum *values, const bool *nulls);

/*
 * Calls "take" for each row that the active snapshot sees.  Raises if the
 * table is not there, a column is not of its type, or one is NULL that the
 * model does not let be so.
 */
extern void mo_lexicon_read(LexiconTable table, LexiconRow take, void *arg);

/*
 * A number that differs when the rows that the active snapshot sees differ
 * from those it stood for before: made of their places and writers.
 */
extern uint64 mo_lexicon_fingerprint(void);

#endif /* MOMENTUM_LEXICON_READ_H */
