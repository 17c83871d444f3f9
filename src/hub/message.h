/*-------------------------------------------------------------------------
 *
 * message.h
 *	  A message of a customer: its own text, and the pieces of that.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_MESSAGE_H
#define MOMENTUM_MESSAGE_H

#include "fmgr.h"

/*
 * What is read of a message, in bytes.  People write a few hundred; what is
 * longer is a pasted log, a mail's history or an attack.
 */
#define MO_MESSAGE_BYTES 65536

typedef enum PieceKind
{
	PIECE_WORD,
	PIECE_EMOJI, /* or an emoticon */
	PIECE_STOP   /* a mark that ends a clause or a sentence */
} PieceKind;

typedef struct Piece
{
	PieceKind kind;
	char mark;     /* PIECE_STOP: one of . ! ? , ; : */
	bool caps;     /* PIECE_WORD: three letters or more, all capitals */
	char *surface; /* the word in lower case, or the emoji */
	char *stem;    /* the word's stem; a stop word is its own */
} Piece;

typedef struct Message
{
	Piece *pieces;
	int npieces;
	int room;
	int nwords;
	int nemoji;
	bool has_lower; /* some word is not in capitals */
} Message;

/* Is this emoticon known?  Tells how many bytes at "at" it takes, or 0. */
typedef int (*EmoticonTest)(const void *arg, const char *at, int len);

/*
 * The text argument, at most MO_MESSAGE_BYTES of it, whole characters only.
 * A longer value is not read in full.  Allocated here, ends in a zero byte.
 */
extern char *mo_message_read(Datum value, int *len);

/*
 * What the writer wrote: without HTML, quoted replies and signature.  "raw"
 * has "len" bytes; the result is allocated here and not longer.
 */
extern char *mo_message_own(const char *raw, int len, int *own_len);

/*
 * Cuts a text into pieces, appended to "m".  Words and stems are those of the
 * text search configuration "config".
 */
extern void mo_message_cut(Message *m, Oid config, const char *text, int len,
						   EmoticonTest is_emoticon, const void *arg);

/*
 * The stem of one word in lower case by the configuration's dictionaries for
 * words; a stop word, or a word no dictionary knows, is returned as it is.
 */
extern char *mo_message_stem(Oid config, const char *word);

/* "len" bytes in lower case; allocated here. */
extern char *mo_message_lower(const char *word, int len);

#endif /* MOMENTUM_MESSAGE_H */
