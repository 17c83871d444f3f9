/*-------------------------------------------------------------------------
 *
 * sentiment.c
 *	  What a message feels like: momentum.sentiment(text).
 *
 * The weights of words, phrases and emoji are summed up, sentence by sentence:
 *
 *	- a negation turns what follows in its clause, an intensifier strengthens
 *	  or weakens it, capitals and exclamation marks strengthen;
 *	- what is asked counts less than what is said, and behind "but" counts
 *	  more than what is before it;
 *	- a trouble counts little once it is said to be settled ("but you replaced
 *	  it"), unless that is only wished for ("please have it replaced");
 *	- thanks count once, and not at all behind an open complaint.
 *
 * The numbers below were fitted together with the lexicon (scripts/fit-triage),
 * whose own model of this file the tests compare with it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "hub/sentiment.h"

/* How many words before it a negation, an intensifier, a wish is looked for. */
#define NEGATION_REACH 4
#define INTENSIFIER_REACH 3
#define REQUEST_REACH 6
/* An intensifier loses this share with each word between. */
#define REACH_LOSS 0.1
/* A word in capitals among others that are not. */
#define CAPITALS 1.2
/* Each exclamation mark, up to three. */
#define EXCLAMATION 0.1
#define EXCLAMATIONS 3
/* What a question says. */
#define QUESTION 0.6
/* What stands before "but". */
#define BEFORE_CONTRAST 0.6
/* A trouble that is settled. */
#define SETTLED 0.2
/* Thanks of one who wants something. */
#define THANKS_ASKING 0.3
/* Sum of the rest below which thanks are no more than manners. */
#define COMPLAINT -0.5
/* Where the sum is worth 3.5 of 5: bends sums into the scale. */
#define BEND 3.0
#define LIMIT 5.0

PG_FUNCTION_INFO_V1(mo_sentiment);

/* A word, a phrase or an emoji, in the order of the message. */
typedef struct Item
{
	const Term *term; /* or NULL */
	int first;        /* number of its first word */
	int last;         /* and of its last */
	int clause;
	int sentence;
	bool emoji;
	bool caps;
	double value;
} Item;

typedef struct Sentence
{
	int items;
	int exclamations;
	bool question;
	double contrast; /* factor of the whole, from a "but" that opens this or the next */
} Sentence;

typedef struct Reading
{
	Item *items;
	int nitems;
	Sentence *sentences;
	int nsentences;
	bool asks;
} Reading;

/*
 * The longest phrase of the lexicon that begins at a word; tells how many
 * words it has.
 */
static const Term *
phrase_at(const Lexicon *lex, const Message *m, int at, StringInfo key, int *nwords)
{
	int longest = 0;

	while (longest < lex->longest_phrase && at + longest < m->npieces &&
		   m->pieces[at + longest].kind == PIECE_WORD)
		longest++;
	for (int n = longest; n >= 2; n--)
	{
		const Term *term;

		resetStringInfo(key);
		for (int i = 0; i < n; i++)
		{
			if (i > 0)
				appendStringInfoChar(key, ' ');
			appendStringInfoString(key, m->pieces[at + i].stem);
		}
		term = mo_lexicon_phrase(lex, key->data);
		if (term != NULL)
		{
			*nwords = n;
			return term;
		}
	}
	return NULL;
}

/*
 * Find the items and the sentences.
 */
static void
read_message(const Lexicon *lex, const Message *m, Reading *r)
{
	StringInfoData key;
	int word = 0;
	int clause = 0;
	int sentence = 0;

	initStringInfo(&key);
	r->items = palloc((m->npieces + 1) * sizeof(Item));
	r->sentences = palloc0((m->npieces + 2) * sizeof(Sentence));
	r->nitems = 0;
	r->asks = false;
	for (int i = 0; i < m->npieces; i++)
	{
		const Piece *piece = &m->pieces[i];
		Item *item = &r->items[r->nitems];
		int nwords = 1;

		CHECK_FOR_INTERRUPTS();
		if (piece->kind == PIECE_STOP)
		{
			clause++;
			if (strchr(".!?", piece->mark) == NULL)
				continue;
			if (r->sentences[sentence].items > 0)
				sentence++;
			if (sentence > 0 && piece->mark == '!')
				r->sentences[sentence - 1].exclamations++;
			if (piece->mark == '?')
			{
				r->asks = true;
				if (sentence > 0)
					r->sentences[sentence - 1].question = true;
			}
			continue;
		}
		memset(item, 0, sizeof(Item));
		item->emoji = piece->kind == PIECE_EMOJI;
		item->first = item->last = word;
		item->clause = clause;
		item->sentence = sentence;
		item->caps = piece->caps;
		if (item->emoji)
			item->term = mo_lexicon_emoji(lex, piece->surface);
		else
		{
			item->term = phrase_at(lex, m, i, &key, &nwords);
			if (item->term == NULL)
				item->term = mo_lexicon_word(lex, piece->surface, piece->stem);
			item->last = word + nwords - 1;
			word += nwords;
			i += nwords - 1;
		}
		if (item->term != NULL && item->term->kind == TERM_REQUEST)
			r->asks = true;
		r->sentences[sentence].items++;
		r->nitems++;
	}
	r->nsentences = sentence + 1;
	pfree(key.data);
}

static bool
is_kind(const Item *item, TermKind kind)
{
	return item->term != NULL && item->term->kind == kind;
}

static bool
has_value(const Item *item)
{
	return is_kind(item, TERM_SCORE) || is_kind(item, TERM_THANKS) || is_kind(item, TERM_SETTLED);
}

/*
 * Is it asked for in the same sentence?
 */
static bool
is_wished(const Reading *r, int at)
{
	for (int i = at - 1; i >= 0 && r->items[i].sentence == r->items[at].sentence &&
						 r->items[at].first - r->items[i].last <= REQUEST_REACH;
		 i--)
	{
		if (is_kind(&r->items[i], TERM_REQUEST))
			return true;
	}
	return false;
}

/*
 * Weigh an item by what stands before it in its clause.  Tells whether it was
 * negated.
 */
static bool
weigh(const Reading *r, const Message *m, int at)
{
	Item *item = &r->items[at];
	bool negated = false;

	item->value = item->term->weight;
	if (item->emoji)
	{
		/* the same again says less each time */
		for (int i = at - 1; i >= 0 && r->items[i].emoji && r->items[i].term == item->term; i--)
		{
			item->value /= 2;
			if (fabs(item->value) < 0.01)
				break;
		}
		return false;
	}
	if (item->caps && m->has_lower)
		item->value *= CAPITALS;
	for (int i = at - 1; i >= 0; i--)
	{
		const Item *before = &r->items[i];
		int distance = item->first - before->last;

		if (before->clause != item->clause || distance > NEGATION_REACH ||
			is_kind(before, TERM_CONTRAST))
			break;
		if (is_kind(before, TERM_NEGATION) && !negated)
		{
			item->value *= before->term->weight;
			negated = true;
		}
		if (is_kind(before, TERM_INTENSIFIER) && distance <= INTENSIFIER_REACH)
			item->value *= 1 + before->term->weight * (1 - REACH_LOSS * (distance - 1));
	}
	return negated;
}

/*
 * "But": what is before it in the sentence counts less, what follows more.
 * One that opens a sentence speaks of the sentence before.
 */
static void
weigh_contrasts(Reading *r)
{
	int *last = palloc(r->nsentences * sizeof(int));

	for (int i = 0; i < r->nsentences; i++)
	{
		r->sentences[i].contrast = 1;
		last[i] = -1;
	}
	for (int i = 0; i < r->nitems; i++)
	{
		const Item *item = &r->items[i];

		if (!is_kind(item, TERM_CONTRAST))
			continue;
		last[item->sentence] = i;
		if ((i == 0 || r->items[i - 1].sentence != item->sentence) && item->sentence > 0)
			r->sentences[item->sentence - 1].contrast = BEFORE_CONTRAST;
	}
	for (int i = 0; i < r->nitems; i++)
	{
		Item *item = &r->items[i];
		int contrast = last[item->sentence];

		if (contrast >= 0)
			item->value *= i < contrast ? BEFORE_CONTRAST : r->items[contrast].term->weight;
	}
	pfree(last);
}

static double
sentence_factor(const Sentence *s)
{
	double factor = s->contrast * (1 + EXCLAMATION * Min(s->exclamations, EXCLAMATIONS));

	return s->question ? factor * QUESTION : factor;
}

bool
mo_sentiment_score(const Lexicon *lex, const Message *m, double *score)
{
	Reading r;
	double rest = 0;
	double thanks = 0;
	int settled = -1;
	int felt = 0; /* sentences that say something */
	int last_felt = -1;

	if (m->nwords == 0 && m->nemoji == 0)
		return false;
	read_message(lex, m, &r);
	for (int i = 0; i < r.nitems; i++)
	{
		bool negated;

		if (!has_value(&r.items[i]))
			continue;
		negated = weigh(&r, m, i);
		if (!is_kind(&r.items[i], TERM_SETTLED))
			continue;
		if (is_wished(&r, i))
			r.items[i].value = 0;
		else if (!negated)
			settled = i;
	}
	weigh_contrasts(&r);
	for (int i = 0; i < r.nitems; i++)
	{
		Item *item = &r.items[i];
		double value = item->value * sentence_factor(&r.sentences[item->sentence]);

		if (value == 0)
			continue;
		if (is_kind(item, TERM_THANKS) && value > 0)
		{
			thanks = Max(thanks, value);
			continue;
		}
		if (i < settled && value < 0)
			value *= SETTLED;
		rest += value;
		if (item->sentence != last_felt)
			felt++;
		last_felt = item->sentence;
	}
	if (rest < COMPLAINT)
		thanks = 0;
	else if (r.asks && settled < 0)
		thanks *= THANKS_ASKING;
	rest = rest / sqrt(Max(felt, 1)) + thanks;
	*score = LIMIT * rest / sqrt(rest * rest + BEND * BEND);
	pfree(r.items);
	pfree(r.sentences);
	return true;
}

/*
 * sentiment(message, brand)
 */
Datum
mo_sentiment(PG_FUNCTION_ARGS)
{
	const Lexicon *lex;
	Message m = {0};
	char *raw;
	char *own;
	int len;
	double score;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	lex = mo_lexicon(PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1)));
	raw = mo_message_read(PG_GETARG_DATUM(0), &len);
	own = mo_message_own(raw, len, &len);
	mo_message_cut(&m, lex->config, own, len, mo_lexicon_emoticon, lex);
	if (!mo_sentiment_score(lex, &m, &score))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(score);
}
