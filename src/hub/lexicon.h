/*-------------------------------------------------------------------------
 *
 * lexicon.h
 *	  What momentum_state.lexicon, triage_weight and triage_rule say, ready
 *	  to be looked up.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_LEXICON_H
#define MOMENTUM_LEXICON_H

#include "tsearch/ts_type.h"

#include "hub/message.h"

/* Words of the longest phrase. */
#define MO_PHRASE_WORDS 5

typedef enum TermKind
{
	TERM_SCORE,
	TERM_THANKS,
	TERM_SETTLED,
	TERM_NEGATION,
	TERM_INTENSIFIER,
	TERM_CONTRAST,
	TERM_REQUEST
} TermKind;

typedef struct Term
{
	const char *term; /* as its row writes it */
	TermKind kind;
	double weight;
	bool own; /* the brand's row, not a default */
} Term;

/* How much a word, or two, speak for each category. */
typedef struct Evidence
{
	const char *term;
	double *weight; /* one per category of the lexicon */
	bool *own;
} Evidence;

typedef struct Rule
{
	const char *name;
	int category;              /* index into the lexicon's categories, or -1 */
	const char *urgency;       /* or NULL */
	int urgency_position;      /* the higher, the more urgent */
	TSQuery pattern;           /* or NULL */
	char **stems;              /* of the pattern's items; NULL for operators */
	const char *when_category; /* or NULL */
	double sentiment_below;    /* NaN: whatever it is */
	double sentiment_above;    /* the same */
	double weight;
	int priority;
	bool own;
	bool active;
} Rule;

typedef struct TermTable TermTable; /* strings to pointers */

typedef struct Lexicon
{
	MemoryContext context;
	const char *brand; /* "" for the defaults */
	Oid config;
	TermTable *words;
	TermTable *stems;
	TermTable *phrases; /* stems with a blank between them */
	TermTable *emoji;
	int longest_phrase;
	TermTable *evidence; /* stems, or two with a blank between them */
	int ncategories;
	const char **categories; /* in alphabetical order */
	Rule *rules;             /* by name */
	int nrules;
	const char *default_category;
	const char *default_urgency;
} Lexicon;

/*
 * The lexicon of a brand (NULL: the defaults), as the active snapshot sees it.
 * Lives until the next call.  Raises if there is no model, or no such brand.
 * Reads the tables whoever calls: the right to execute is the right to know.
 */
extern const Lexicon *mo_lexicon(const char *brand);

/* The entry of a word: the brand's before the default, the word's before the stem's; or NULL. */
extern const Term *mo_lexicon_word(const Lexicon *lex, const char *surface, const char *stem);
extern const Term *mo_lexicon_phrase(const Lexicon *lex, const char *stems);
extern const Term *mo_lexicon_emoji(const Lexicon *lex, const char *emoji);
extern const Evidence *mo_lexicon_evidence(const Lexicon *lex, const char *stems);

/* An EmoticonTest over a lexicon. */
extern int mo_lexicon_emoticon(const void *lex, const char *at, int len);

#endif /* MOMENTUM_LEXICON_H */
