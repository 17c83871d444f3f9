/*-------------------------------------------------------------------------
 *
 * triage.c
 *	  What a message is about and how urgent it is: momentum.triage(subject,
 *	  body).
 *
 * The category: words, and pairs of words, speak for categories by their
 * weights (log odds, fitted by scripts/fit-triage), rules by theirs; the
 * softmax of the sums is the confidence.  A rule with a priority decides
 * alone.  The urgency: of the rules that hold, those of the highest priority,
 * and of these the most urgent.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "tsearch/ts_utils.h"
#include "utils/builtins.h"

#include "hub/sentiment.h"

/* Up to so many words speak with their full weight; of more, each with less. */
#define FULL_EVIDENCE 12
/* What a rule that decides is believed at least. */
#define DECIDED 0.5
/* Rules and words that are named in the result. */
#define NAMED_RULES 2
#define NAMED_WORDS 3
/* Weight from which a word is worth naming. */
#define WORTH_NAMING 0.2
/* Words between subject and body, as phrases count. */
#define SUBJECT_GAP 10

PG_FUNCTION_INFO_V1(mo_triage);

typedef struct Place
{
	const char *stem;
	WordEntryPos pos;
} Place;

/* The words of a message in the order of the alphabet, for patterns. */
typedef struct WordList
{
	Place *places;
	int n;
	const Rule *rule; /* whose pattern is tried */
} WordList;

typedef struct Verdict
{
	int category; /* -1: nothing is known */
	double confidence;
	const Rule *decided; /* or NULL */
	bool *holds;         /* per rule: its pattern is in the message */
	const Evidence **evidence;
	int nevidence;
	const Rule *urgency; /* or NULL */
} Verdict;

static int
compare_places(const void *a, const void *b)
{
	const Place *x = a;
	const Place *y = b;
	int order = strcmp(x->stem, y->stem);

	return order != 0 ? order : (int) x->pos - (int) y->pos;
}

/*
 * The places of all words.  A sentence's end counts as a word between, so
 * that no phrase runs over it.
 */
static void
list_words(const Message *m, int subject_pieces, WordList *words)
{
	int pos = 1;

	words->places = palloc((m->nwords + 1) * sizeof(Place));
	words->n = 0;
	for (int i = 0; i < m->npieces && pos < MAXENTRYPOS - SUBJECT_GAP; i++)
	{
		const Piece *piece = &m->pieces[i];

		if (i == subject_pieces && i > 0)
			pos += SUBJECT_GAP;
		if (piece->kind == PIECE_STOP && strchr(".!?", piece->mark) != NULL)
			pos++;
		if (piece->kind != PIECE_WORD)
			continue;
		words->places[words->n].stem = piece->stem;
		words->places[words->n++].pos = pos++;
	}
	qsort(words->places, words->n, sizeof(Place), compare_places);
}

static int
compare_pos(const void *a, const void *b)
{
	return (int) *(const WordEntryPos *) a - (int) *(const WordEntryPos *) b;
}

/*
 * TSExecuteCallback: is this word of the pattern in the message, and where?
 */
static TSTernaryValue
find_word(void *arg, QueryOperand *val, ExecPhraseData *data)
{
	const WordList *words = arg;
	const char *stem = words->rule->stems[(QueryItem *) val - GETQUERY(words->rule->pattern)];
	int len = strlen(stem);
	int low = 0;
	int high = words->n;
	int end;

	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (strcmp(words->places[middle].stem, stem) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < words->n; end++)
	{
		if (val->prefix ? strncmp(words->places[end].stem, stem, len) != 0
						: strcmp(words->places[end].stem, stem) != 0)
			break;
	}
	if (end == low)
		return TS_NO;
	if (data != NULL)
	{
		data->npos = end - low;
		data->allocated = true;
		data->pos = palloc(data->npos * sizeof(WordEntryPos));
		for (int i = low; i < end; i++)
			data->pos[i - low] = words->places[i].pos;
		if (val->prefix)
			qsort(data->pos, data->npos, sizeof(WordEntryPos), compare_pos);
	}
	return TS_YES;
}

/*
 * Which rules' patterns are in the message?
 */
static bool *
try_patterns(const Lexicon *lex, WordList *words)
{
	bool *holds = palloc0((lex->nrules + 1) * sizeof(bool));

	for (int i = 0; i < lex->nrules; i++)
	{
		const Rule *rule = &lex->rules[i];

		CHECK_FOR_INTERRUPTS();
		if (!rule->active)
			continue;
		if (rule->pattern == NULL)
			holds[i] = true;
		else if (rule->pattern->size > 0)
		{
			words->rule = rule;
			holds[i] = TS_execute(GETQUERY(rule->pattern), words, TS_EXEC_EMPTY, find_word);
		}
	}
	return holds;
}

static int
compare_evidence(const void *a, const void *b)
{
	const Evidence *x = *(const Evidence *const *) a;
	const Evidence *y = *(const Evidence *const *) b;

	return strcmp(x->term, y->term);
}

/*
 * The words, and pairs of words in a row, that speak for categories; each
 * once, in the order of the alphabet, which also fixes the order of sums.
 */
static void
find_evidence(const Lexicon *lex, const Message *m, Verdict *v)
{
	StringInfoData pair;
	int n = 0;
	int kept = 0;

	initStringInfo(&pair);
	v->evidence = palloc((2 * m->nwords + 1) * sizeof(Evidence *));
	for (int i = 0; i < m->npieces; i++)
	{
		const Evidence *found;

		if (m->pieces[i].kind != PIECE_WORD)
			continue;
		if ((found = mo_lexicon_evidence(lex, m->pieces[i].stem)) != NULL)
			v->evidence[n++] = found;
		if (i + 1 >= m->npieces || m->pieces[i + 1].kind != PIECE_WORD)
			continue;
		resetStringInfo(&pair);
		appendStringInfo(&pair, "%s %s", m->pieces[i].stem, m->pieces[i + 1].stem);
		if ((found = mo_lexicon_evidence(lex, pair.data)) != NULL)
			v->evidence[n++] = found;
	}
	pfree(pair.data);
	qsort(v->evidence, n, sizeof(Evidence *), compare_evidence);
	for (int i = 0; i < n; i++)
	{
		if (kept == 0 || v->evidence[kept - 1] != v->evidence[i])
			v->evidence[kept++] = v->evidence[i];
	}
	v->nevidence = kept;
}

/*
 * Does a rule of the category that decides alone come before another?
 */
static bool
decides_before(const Rule *rule, const Rule *other)
{
	if (other == NULL || rule->priority != other->priority)
		return other == NULL || rule->priority > other->priority;
	return rule->weight > other->weight;
}

/*
 * The category, and how sure it is.
 */
static void
judge_category(const Lexicon *lex, Verdict *v)
{
	const Evidence *always = mo_lexicon_evidence(lex, "");
	double *sum = palloc0((lex->ncategories + 1) * sizeof(double));
	double scale = v->nevidence > FULL_EVIDENCE ? sqrt((double) FULL_EVIDENCE / v->nevidence) : 1;
	double total = 0;
	double top;
	bool known = v->nevidence > 0;

	for (int c = 0; c < lex->ncategories; c++)
	{
		for (int i = 0; i < v->nevidence; i++)
			sum[c] += v->evidence[i]->weight[c];
		sum[c] = sum[c] * scale + (always ? always->weight[c] : 0);
	}
	for (int i = 0; i < lex->nrules; i++)
	{
		const Rule *rule = &lex->rules[i];

		if (!v->holds[i] || rule->category < 0)
			continue;
		known = true;
		sum[rule->category] += rule->weight;
		if (rule->priority > 0 && decides_before(rule, v->decided))
			v->decided = rule;
	}
	v->category = -1;
	v->confidence = lex->ncategories > 0 ? 1.0 / lex->ncategories : 0;
	if (!known || lex->ncategories == 0)
		return;
	v->category = 0;
	for (int c = 1; c < lex->ncategories; c++)
	{
		if (sum[c] > sum[v->category])
			v->category = c;
	}
	top = sum[v->category];
	for (int c = 0; c < lex->ncategories; c++)
		total += exp(sum[c] - top);
	if (v->decided != NULL)
	{
		v->category = v->decided->category;
		v->confidence = Max(DECIDED, exp(sum[v->category] - top) / total);
	}
	else
		v->confidence = 1 / total;
}

/*
 * The rule that says how urgent it is, or NULL.
 */
static const Rule *
judge_urgency(const Lexicon *lex, const bool *holds, const char *category, bool felt,
			  double sentiment)
{
	const Rule *best = NULL;

	for (int i = 0; i < lex->nrules; i++)
	{
		const Rule *rule = &lex->rules[i];

		if (!holds[i] || rule->urgency == NULL)
			continue;
		if (rule->when_category != NULL && strcmp(rule->when_category, category) != 0)
			continue;
		if (!isnan(rule->sentiment_below) && !(felt && sentiment < rule->sentiment_below))
			continue;
		if (!isnan(rule->sentiment_above) && !(felt && sentiment > rule->sentiment_above))
			continue;
		if (best == NULL || rule->priority > best->priority ||
			(rule->priority == best->priority && rule->urgency_position > best->urgency_position))
			best = rule;
	}
	return best;
}

/*
 * The next rule that speaks for the category after those named; the weightiest.
 */
static const Rule *
next_rule(const Lexicon *lex, const Verdict *v, const bool *named)
{
	const Rule *best = NULL;

	for (int i = 0; i < lex->nrules; i++)
	{
		const Rule *rule = &lex->rules[i];

		if (v->holds[i] && !named[i] && rule->category == v->category && rule->weight > 0 &&
			(best == NULL || rule->weight > best->weight))
			best = rule;
	}
	return best;
}

/*
 * The next word that speaks for the category after those used; -1 if none is
 * worth it.
 */
static int
next_word(const Verdict *v, const bool *used)
{
	int best = -1;
	double most = WORTH_NAMING;

	for (int i = 0; i < v->nevidence; i++)
	{
		double weight = v->evidence[i]->weight[v->category];

		if (used[i] || weight < most || (best >= 0 && weight == most))
			continue;
		best = i;
		most = weight;
	}
	return best;
}

/*
 * What decided, in words: "where_is_my_order; words arrived, order; urgency
 * waiting".
 */
static char *
tell(const Lexicon *lex, const Verdict *v)
{
	StringInfoData said;
	bool *named = palloc0((lex->nrules + 1) * sizeof(bool));
	bool *used = palloc0((v->nevidence + 1) * sizeof(bool));

	initStringInfo(&said);
	if (v->decided != NULL)
	{
		named[v->decided - lex->rules] = true;
		appendStringInfoString(&said, v->decided->name);
	}
	for (int n = 0; v->category >= 0 && v->decided == NULL && n < NAMED_RULES; n++)
	{
		const Rule *rule = next_rule(lex, v, named);

		if (rule == NULL)
			break;
		named[rule - lex->rules] = true;
		appendStringInfo(&said, "%s%s", n > 0 ? ", " : "", rule->name);
	}
	for (int n = 0; v->category >= 0 && v->decided == NULL && n < NAMED_WORDS; n++)
	{
		int best = next_word(v, used);

		if (best < 0)
			break;
		used[best] = true;
		appendStringInfo(&said, "%s%s", n > 0 ? ", " : said.len > 0 ? "; words "
																	: "words ",
						 v->evidence[best]->term);
	}
	if (said.len == 0)
		appendStringInfoString(&said, v->category < 0 ? "nothing known" : "all words together");
	if (v->urgency != NULL)
		appendStringInfo(&said, "; urgency %s", v->urgency->name);
	return said.data;
}

/*
 * Append a text's pieces; nothing for NULL.
 */
static void
cut_argument(FunctionCallInfo fcinfo, int arg, const Lexicon *lex, Message *m)
{
	char *raw;
	int len;

	if (PG_ARGISNULL(arg))
		return;
	raw = mo_message_read(PG_GETARG_DATUM(arg), &len);
	raw = mo_message_own(raw, len, &len);
	mo_message_cut(m, lex->config, raw, len, mo_lexicon_emoticon, lex);
}

/*
 * triage(subject, body, brand)
 */
Datum
mo_triage(PG_FUNCTION_ARGS)
{
	const Lexicon *lex;
	TupleDesc desc;
	Message m = {0};
	WordList words;
	Verdict v = {0};
	Datum values[5];
	bool nulls[5] = {false};
	const char *category;
	double sentiment = 0;
	bool felt;
	int subject_pieces;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	lex = mo_lexicon(PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2)));
	cut_argument(fcinfo, 0, lex, &m);
	if (m.npieces > 0)
		mo_message_cut(&m, lex->config, ".", 1, mo_lexicon_emoticon, lex);
	subject_pieces = m.npieces;
	cut_argument(fcinfo, 1, lex, &m);

	felt = mo_sentiment_score(lex, &m, &sentiment);
	list_words(&m, subject_pieces, &words);
	v.holds = try_patterns(lex, &words);
	find_evidence(lex, &m, &v);
	judge_category(lex, &v);
	if (m.nwords == 0)
		v.confidence = 0;
	category = v.category < 0 ? lex->default_category : lex->categories[v.category];
	v.urgency = judge_urgency(lex, v.holds, category, felt, sentiment);

	values[0] = CStringGetTextDatum(category);
	values[1] = CStringGetTextDatum(v.urgency ? v.urgency->urgency : lex->default_urgency);
	values[2] = Float8GetDatum(sentiment);
	nulls[2] = !felt;
	values[3] = Float8GetDatum(v.confidence);
	values[4] = CStringGetTextDatum(tell(lex, &v));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
