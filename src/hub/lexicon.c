/*-------------------------------------------------------------------------
 *
 * lexicon.c
 *	  The words, weights and rules of a brand, kept in the backend.
 *
 * A lexicon is made of the default rows and the brand's; brands without rows
 * of their own share the default one.  All of them are thrown away when the
 * rows have changed: a statement that sees the same transactions as the last
 * one sees the same rows (SnapshotMark), any other compares fingerprints
 * (lexicon_read.c).  So an edit shows in the next statement of every session,
 * and a rollback takes it back.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/xact.h"
#include "common/hashfn.h"
#include "tsearch/ts_utils.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/regproc.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "hub/lexicon.h"
#include "hub/lexicon_read.h"

typedef struct TermSlot
{
	const char *key;
	void *value;
	uint32 hash;
	char status;
} TermSlot;

#define SH_PREFIX termhash
#define SH_ELEMENT_TYPE TermSlot
#define SH_KEY_TYPE const char *
#define SH_KEY key
#define SH_HASH_KEY(tb, key) hash_bytes((const unsigned char *) key, strlen(key))
#define SH_EQUAL(tb, a, b) (strcmp(a, b) == 0)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a) a->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct TermTable
{
	termhash_hash *hash;
};

/* What a snapshot sees, as far as it can be told without looking. */
typedef struct SnapshotMark
{
	TransactionId xmin;
	TransactionId xmax;
	uint32 xcnt;
	int32 subxcnt;
	bool suboverflowed;
	CommandId curcid;
	FullTransactionId own;
} SnapshotMark;

typedef struct Urgency
{
	char *name;
	int position;
} Urgency;

/* While a lexicon is read. */
typedef struct Building
{
	Lexicon *lex;
	const char *config;
	bool own_setting[3];
	int room; /* of rules */
	Urgency *urgencies;
	int nurgencies;
} Building;

static MemoryContext cache_context = NULL; /* of all of the below */
static Lexicon **lexicons;
static int nlexicons;
static TermTable *brands;     /* those there are */
static TermTable *own_brands; /* those with rows of their own */
static uint64 fingerprint;
static bool complete = false; /* all of it was read */
static bool stale = false;    /* the dictionaries changed */
static bool marked = false;   /* "mark" holds */
static SnapshotMark mark;

static const char *const setting_keys[] = {"triage.text_config", "triage.default_category",
										   "triage.default_urgency"};
static const char *const kind_names[] = {"score", "thanks", "settled", "negation",
										 "intensifier", "contrast", "request"};

static void
forget_mark_at_xact_end(XactEvent event, void *arg)
{
	marked = false;
}

static void
forget_mark_at_subxact_abort(SubXactEvent event, SubTransactionId mine, SubTransactionId parent,
							 void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		marked = false;
}

static void
forget_stems(Datum arg, int cacheid, uint32 hashvalue)
{
	stale = true;
}

static TermTable *
new_table(MemoryContext context, uint32 size)
{
	TermTable *table = MemoryContextAlloc(context, sizeof(TermTable));

	table->hash = termhash_create(context, size, NULL);
	return table;
}

static void *
look_up(const TermTable *table, const char *key)
{
	TermSlot *slot = termhash_lookup(table->hash, key);

	return slot ? slot->value : NULL;
}

/*
 * The place for the value of a key; NULL in it if it is new.  The key is
 * copied into the table's memory.
 */
static void **
place_of(TermTable *table, const char *key)
{
	bool found;
	TermSlot *slot = termhash_insert(table->hash, key, &found);

	if (!found)
	{
		slot->key = MemoryContextStrdup(table->hash->ctx, key);
		slot->value = NULL;
	}
	return &slot->value;
}

static char *
datum_lower(Datum value)
{
	text *t = DatumGetTextPP(value);

	return mo_message_lower(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t));
}

/*
 * Each word of a term by its stem, with one blank between them; counts them.
 */
static char *
stems_of(Oid config, const char *term, int *nwords)
{
	StringInfoData stems;
	char *words = pstrdup(term);
	char *rest;

	initStringInfo(&stems);
	*nwords = 0;
	for (char *word = strtok_r(words, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
	{
		/* "don't" is a word of its own, see words.c */
		const char *stem = strchr(word, '\'') ? word : mo_message_stem(config, word);

		if ((*nwords)++ > 0)
			appendStringInfoChar(&stems, ' ');
		appendStringInfoString(&stems, stem);
	}
	return stems.data;
}

/*
 * Is the row the brand's own, or a default?  False when it is neither.
 */
static bool
concerns(const Lexicon *lex, Datum brand, bool *own)
{
	text *t = DatumGetTextPP(brand);
	int len = VARSIZE_ANY_EXHDR(t);

	*own = len > 0;
	return len == 0 ||
		   (len == (int) strlen(lex->brand) && memcmp(VARDATA_ANY(t), lex->brand, len) == 0);
}

static void
note_owner(Datum brand)
{
	char *name = text_to_cstring(DatumGetTextPP(brand));

	if (name[0] != '\0')
		*place_of(own_brands, name) = own_brands;
	pfree(name);
}

/*
 * A row of momentum_state.lexicon: brand, term, form, kind, weight.
 */
static void
take_term(void *arg, const Datum *values, const bool *nulls)
{
	Building *b = arg;
	Lexicon *lex = b->lex;
	char *form;
	char *kind;
	char *term;
	char *key;
	TermTable *table = lex->words;
	Term *entry;
	bool own;
	void **place;
	int nwords;

	note_owner(values[0]);
	if (!concerns(lex, values[0], &own))
		return;
	form = TextDatumGetCString(values[2]);
	kind = TextDatumGetCString(values[3]);
	term = key = datum_lower(values[1]);
	if (strcmp(form, "emoji") == 0)
	{
		table = lex->emoji;
		key = TextDatumGetCString(values[1]);
	}
	else if (strcmp(form, "stem") == 0)
	{
		table = lex->stems;
		key = stems_of(lex->config, term, &nwords);
	}
	else if (strcmp(form, "phrase") == 0)
	{
		table = lex->phrases;
		key = stems_of(lex->config, term, &nwords);
		lex->longest_phrase = Max(lex->longest_phrase, Min(nwords, MO_PHRASE_WORDS));
	}
	place = place_of(table, key);
	entry = *place;
	/* the brand's own wins; of two with one stem, the first by the alphabet */
	if (entry != NULL && (entry->own > own || (entry->own == own && strcmp(entry->term, term) < 0)))
		return;
	entry = MemoryContextAlloc(lex->context, sizeof(Term));
	entry->term = MemoryContextStrdup(lex->context, term);
	entry->weight = DatumGetFloat8(values[4]);
	entry->own = own;
	entry->kind = TERM_SCORE;
	for (int i = 0; i < (int) lengthof(kind_names); i++)
	{
		if (strcmp(kind, kind_names[i]) == 0)
			entry->kind = (TermKind) i;
	}
	*place = entry;
}

static int
find_category(const Lexicon *lex, const char *name)
{
	for (int i = 0; i < lex->ncategories; i++)
	{
		if (strcmp(lex->categories[i], name) == 0)
			return i;
	}
	return -1;
}

static void
add_category(Lexicon *lex, const char *name)
{
	int at = 0;

	if (find_category(lex, name) >= 0)
		return;
	if (lex->categories == NULL)
		lex->categories = MemoryContextAlloc(lex->context, sizeof(char *));
	else
		lex->categories = repalloc(lex->categories, (lex->ncategories + 1) * sizeof(char *));
	while (at < lex->ncategories && strcmp(lex->categories[at], name) < 0)
		at++;
	memmove(&lex->categories[at + 1], &lex->categories[at],
			(lex->ncategories - at) * sizeof(char *));
	lex->categories[at] = MemoryContextStrdup(lex->context, name);
	lex->ncategories++;
}

/*
 * A first look at weights and rules: which categories are there?
 */
static void
note_weight_category(void *arg, const Datum *values, const bool *nulls)
{
	Building *b = arg;
	bool own;

	note_owner(values[0]);
	if (concerns(b->lex, values[0], &own))
		add_category(b->lex, TextDatumGetCString(values[2]));
}

static void
note_rule_category(void *arg, const Datum *values, const bool *nulls)
{
	Building *b = arg;
	bool own;

	note_owner(values[0]);
	if (concerns(b->lex, values[0], &own) && !nulls[2])
		add_category(b->lex, TextDatumGetCString(values[2]));
}

/*
 * A row of momentum_state.triage_weight: brand, term, category, weight.
 */
static void
take_weight(void *arg, const Datum *values, const bool *nulls)
{
	Building *b = arg;
	Lexicon *lex = b->lex;
	Evidence *evidence;
	void **place;
	char *term;
	bool own;
	int nwords;
	int category;

	if (!concerns(lex, values[0], &own))
		return;
	term = datum_lower(values[1]);
	place = place_of(lex->evidence, stems_of(lex->config, term, &nwords));
	evidence = *place;
	if (evidence == NULL)
	{
		evidence = MemoryContextAlloc(lex->context, sizeof(Evidence));
		evidence->term = MemoryContextStrdup(lex->context, term);
		evidence->weight = MemoryContextAllocZero(lex->context, lex->ncategories * sizeof(double));
		evidence->own = MemoryContextAllocZero(lex->context, lex->ncategories * sizeof(bool));
		*place = evidence;
	}
	category = find_category(lex, TextDatumGetCString(values[2]));
	if (category < 0 || evidence->own[category] > own)
		return;
	evidence->weight[category] = DatumGetFloat8(values[3]);
	evidence->own[category] = own;
}

static char *
copy_text(MemoryContext context, Datum value, bool isnull)
{
	return isnull ? NULL : MemoryContextStrdup(context, TextDatumGetCString(value));
}

/*
 * A pattern into the lexicon's memory, and the stem of each of its words.
 */
static void
take_pattern(Lexicon *lex, Rule *rule, Datum value)
{
	TSQuery query = DatumGetTSQuery(value);
	MemoryContext old = MemoryContextSwitchTo(lex->context);
	QueryItem *items;

	rule->pattern = palloc(VARSIZE(query));
	memcpy(rule->pattern, query, VARSIZE(query));
	rule->stems = palloc0(Max(query->size, 1) * sizeof(char *));
	items = GETQUERY(rule->pattern);
	for (int i = 0; i < rule->pattern->size; i++)
	{
		QueryOperand *word = &items[i].qoperand;
		char *lower;

		if (items[i].type != QI_VAL)
			continue;
		lower = mo_message_lower(GETOPERAND(rule->pattern) + word->distance, word->length);
		if (word->prefix || strchr(lower, '\''))
			rule->stems[i] = lower;
		else
			rule->stems[i] = mo_message_stem(lex->config, lower);
	}
	MemoryContextSwitchTo(old);
}

/*
 * A row of momentum_state.triage_rule; columns as in lexicon_read.c.
 */
static void
take_rule(void *arg, const Datum *values, const bool *nulls)
{
	Building *b = arg;
	Lexicon *lex = b->lex;
	char *name;
	Rule *rule = NULL;
	bool own;

	if (!concerns(lex, values[0], &own))
		return;
	name = TextDatumGetCString(values[1]);
	for (int i = 0; i < lex->nrules; i++)
	{
		if (strcmp(lex->rules[i].name, name) == 0)
			rule = &lex->rules[i];
	}
	if (rule != NULL && rule->own > own)
		return;
	if (rule == NULL)
	{
		if (lex->nrules == b->room)
		{
			b->room = b->room ? 2 * b->room : 64;
			lex->rules = lex->rules ? repalloc(lex->rules, b->room * sizeof(Rule))
									: MemoryContextAlloc(lex->context, b->room * sizeof(Rule));
		}
		rule = &lex->rules[lex->nrules++];
	}
	memset(rule, 0, sizeof(Rule));
	rule->name = MemoryContextStrdup(lex->context, name);
	rule->category = nulls[2] ? -1 : find_category(lex, TextDatumGetCString(values[2]));
	rule->urgency = copy_text(lex->context, values[3], nulls[3]);
	for (int i = 0; rule->urgency != NULL && i < b->nurgencies; i++)
	{
		if (strcmp(b->urgencies[i].name, rule->urgency) == 0)
			rule->urgency_position = b->urgencies[i].position;
	}
	if (!nulls[4])
		take_pattern(lex, rule, values[4]);
	rule->when_category = copy_text(lex->context, values[5], nulls[5]);
	rule->sentiment_below = nulls[6] ? NAN : DatumGetFloat8(values[6]);
	rule->sentiment_above = nulls[7] ? NAN : DatumGetFloat8(values[7]);
	rule->weight = DatumGetFloat8(values[8]);
	rule->priority = DatumGetInt32(values[9]);
	rule->active = DatumGetBool(values[10]);
	rule->own = own;
}

/*
 * A row of momentum_state.setting: brand, key, value.
 */
static void
take_setting(void *arg, const Datum *values, const bool *nulls)
{
	Building *b = arg;
	char *key = TextDatumGetCString(values[1]);
	bool own;

	for (int i = 0; i < (int) lengthof(setting_keys); i++)
	{
		char *value;

		if (strcmp(key, setting_keys[i]) != 0)
			continue;
		note_owner(values[0]);
		if (nulls[2] || !concerns(b->lex, values[0], &own) || b->own_setting[i] > own)
			continue;
		b->own_setting[i] = own;
		value = copy_text(b->lex->context, values[2], false);
		if (i == 0)
			b->config = value;
		else if (i == 1)
			b->lex->default_category = value;
		else
			b->lex->default_urgency = value;
	}
	pfree(key);
}

static void
take_brand(void *arg, const Datum *values, const bool *nulls)
{
	*place_of(brands, TextDatumGetCString(values[0])) = brands;
}

static void
take_urgency(void *arg, const Datum *values, const bool *nulls)
{
	Building *b = arg;
	int n = b->nurgencies++;

	if (n == 0)
		b->urgencies = palloc(sizeof(Urgency));
	else
		b->urgencies = repalloc(b->urgencies, (n + 1) * sizeof(Urgency));
	b->urgencies[n].name = TextDatumGetCString(values[0]);
	b->urgencies[n].position = DatumGetInt16(values[1]);
}

static int
compare_rules(const void *a, const void *b)
{
	return strcmp(((const Rule *) a)->name, ((const Rule *) b)->name);
}

/*
 * Read the lexicon of a brand ("" for the defaults) into the cache.
 */
static Lexicon *
build(const char *brand)
{
	MemoryContext work =
		AllocSetContextCreate(CurrentMemoryContext, "triage reading", ALLOCSET_DEFAULT_SIZES);
	MemoryContext context = AllocSetContextCreate(work, "triage lexicon", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(work);
	Lexicon *lex = MemoryContextAllocZero(context, sizeof(Lexicon));
	Building b = {.lex = lex, .config = "pg_catalog.english"};

	lex->context = context;
	lex->brand = MemoryContextStrdup(context, brand);
	lex->words = new_table(context, 1024);
	lex->stems = new_table(context, 4096);
	lex->phrases = new_table(context, 512);
	lex->emoji = new_table(context, 512);
	lex->evidence = new_table(context, 4096);
	lex->default_category = "General";
	lex->default_urgency = "Low";
	mo_lexicon_read(TABLE_SETTING, take_setting, &b);
	lex->config = DatumGetObjectId(DirectFunctionCall1(regconfigin, CStringGetDatum(b.config)));
	/* "-" and numbers pass that */
	if (!SearchSysCacheExists1(TSCONFIGOID, ObjectIdGetDatum(lex->config)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("text search configuration \"%s\" does not exist", b.config)));
	mo_lexicon_read(TABLE_LEXICON, take_term, &b);
	mo_lexicon_read(TABLE_WEIGHT, note_weight_category, &b);
	mo_lexicon_read(TABLE_RULE, note_rule_category, &b);
	mo_lexicon_read(TABLE_WEIGHT, take_weight, &b);
	mo_lexicon_read(TABLE_URGENCY, take_urgency, &b);
	mo_lexicon_read(TABLE_RULE, take_rule, &b);
	if (lex->nrules > 0)
		qsort(lex->rules, lex->nrules, sizeof(Rule), compare_rules);

	MemoryContextSwitchTo(old);
	MemoryContextSetParent(context, cache_context);
	MemoryContextDelete(work);
	return lex;
}

/*
 * Throw everything away, and begin with the defaults.
 */
static void
begin_anew(void)
{
	MemoryContext fresh = AllocSetContextCreate(CacheMemoryContext, "triage", ALLOCSET_SMALL_SIZES);
	MemoryContext old;

	if (cache_context != NULL)
		MemoryContextDelete(cache_context);
	cache_context = fresh;
	lexicons = NULL;
	nlexicons = 0;
	complete = false;
	stale = false; /* from here on: it may change while we read */
	brands = new_table(fresh, 16);
	own_brands = new_table(fresh, 16);
	old = MemoryContextSwitchTo(fresh);
	lexicons = palloc(sizeof(Lexicon *));
	MemoryContextSwitchTo(old);
	lexicons[0] = build("");
	nlexicons = 1;
	mo_lexicon_read(TABLE_BRAND, take_brand, NULL);
	complete = true;
}

static SnapshotMark
mark_of(Snapshot snapshot)
{
	SnapshotMark m;

	memset(&m, 0, sizeof(m)); /* compared as bytes */
	m.xmin = snapshot->xmin;
	m.xmax = snapshot->xmax;
	m.xcnt = snapshot->xcnt;
	m.subxcnt = snapshot->subxcnt;
	m.suboverflowed = snapshot->suboverflowed;
	m.curcid = snapshot->curcid;
	m.own = GetTopFullTransactionIdIfAny();
	return m;
}

static void
set_callbacks(void)
{
	static bool set = false;

	if (set)
		return;
	RegisterXactCallback(forget_mark_at_xact_end, NULL);
	RegisterSubXactCallback(forget_mark_at_subxact_abort, NULL);
	CacheRegisterSyscacheCallback(TSCONFIGOID, forget_stems, (Datum) 0);
	CacheRegisterSyscacheCallback(TSCONFIGMAP, forget_stems, (Datum) 0);
	CacheRegisterSyscacheCallback(TSDICTOID, forget_stems, (Datum) 0);
	set = true;
}

const Lexicon *
mo_lexicon(const char *brand)
{
	SnapshotMark now = mark_of(GetActiveSnapshot());

	set_callbacks();
	if (stale || !complete || !marked || memcmp(&now, &mark, sizeof(mark)) != 0)
	{
		uint64 found = mo_lexicon_fingerprint();

		marked = false;
		if (stale || !complete || found != fingerprint)
			begin_anew();
		fingerprint = found;
		mark = now;
		marked = true;
	}
	if (brand == NULL || brand[0] == '\0')
		return lexicons[0];
	if (look_up(brands, brand) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("brand \"%s\" does not exist", brand),
				 errhint("momentum_state.brand lists the brands.")));
	if (look_up(own_brands, brand) == NULL)
		return lexicons[0];
	for (int i = 1; i < nlexicons; i++)
	{
		if (strcmp(lexicons[i]->brand, brand) == 0)
			return lexicons[i];
	}
	lexicons = repalloc(lexicons, (nlexicons + 1) * sizeof(Lexicon *));
	lexicons[nlexicons] = build(brand);
	return lexicons[nlexicons++];
}

const Term *
mo_lexicon_word(const Lexicon *lex, const char *surface, const char *stem)
{
	const Term *word = look_up(lex->words, surface);
	const Term *family = look_up(lex->stems, stem);

	if (word != NULL && (word->own || family == NULL || !family->own))
		return word;
	return family;
}

const Term *
mo_lexicon_phrase(const Lexicon *lex, const char *stems)
{
	return look_up(lex->phrases, stems);
}

const Term *
mo_lexicon_emoji(const Lexicon *lex, const char *emoji)
{
	return look_up(lex->emoji, emoji);
}

const Evidence *
mo_lexicon_evidence(const Lexicon *lex, const char *stems)
{
	return look_up(lex->evidence, stems);
}

int
mo_lexicon_emoticon(const void *lex, const char *at, int len)
{
	char emoticon[8];

	if (len >= (int) sizeof(emoticon))
		return 0;
	memcpy(emoticon, at, len);
	emoticon[len] = '\0';
	return mo_lexicon_emoji(lex, emoticon) ? len : 0;
}
