/*-------------------------------------------------------------------------
 *
 * ledger_line.h
 *	  The lines of the erasure ledger.  Plain C, no server needed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_LEDGER_LINE_H
#define MOMENTUM_LEDGER_LINE_H

#include <stdbool.h>
#include <stddef.h>

#define MO_LEDGER_MARK "momentum-erasure-ledger 1 "
/* The mark, 64 hex digits and the line's end. */
#define MO_LEDGER_HEADER_LEN (sizeof(MO_LEDGER_MARK) - 1 + 64 + 1)
/* Seconds since 1970 of the latest entry: in the year 5138. */
#define MO_LEDGER_MAX_SECONDS 99999999999LL

/* Do "len" bytes begin with the first line of a ledger? */
extern bool mo_ledger_is_header(const char *text, size_t len);

/* Are these the first three words of an entry? */
extern bool mo_ledger_is_entry(const char *brand, const char *kind, const char *hash);

/*
 * Cuts a line without its end into brand, kind, hash and seconds, in place;
 * false if it is no entry.
 */
extern bool mo_ledger_split(char *line, char *words[4]);

#endif /* MOMENTUM_LEDGER_LINE_H */
