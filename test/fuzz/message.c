/*-------------------------------------------------------------------------
 *
 * message.c
 *	  Any text as a customer's message: what is left of it is text and not
 *	  longer, and its pieces are whole.
 *
 * The text search of the server is played: its parser tells letters and
 * digits from the rest, its dictionary knows words of four letters.
 *
 * fuzzes: src/hub/message.c src/hub/words.c test/fuzz/server/server.c
 *
 *-------------------------------------------------------------------------
 */
#include "server/server.h"

#include "catalog/pg_collation.h"
#include "hub/message.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "tsearch/ts_cache.h"
#include "tsearch/ts_public.h"
#include "utils/formatting.h"

#define TYPES 24
#define WORD 2
#define BLANK 12

volatile sig_atomic_t InterruptPending = false;

typedef struct Parsing
{
	char *at;
	char *end;
} Parsing;

void
ProcessInterrupts(void)
{
}

struct varlena *
pg_detoast_datum_slice(struct varlena *datum, int32 first, int32 count)
{
	return datum;
}

static bool
is_part(unsigned char c)
{
	return isalnum(c) || IS_HIGHBIT_SET(c);
}

Datum
FunctionCall1Coll(FmgrInfo *f, Oid collation, Datum state)
{
	return (Datum) 0;
}

/* begins to parse */
Datum
FunctionCall2Coll(FmgrInfo *f, Oid collation, Datum text, Datum len)
{
	Parsing *p = palloc(sizeof(Parsing));

	p->at = DatumGetPointer(text);
	p->end = p->at + DatumGetInt32(len);
	return PointerGetDatum(p);
}

/* the next token */
Datum
FunctionCall3Coll(FmgrInfo *f, Oid collation, Datum state, Datum token, Datum len)
{
	Parsing *p = (Parsing *) DatumGetPointer(state);
	char *from = p->at;
	bool part;

	if (p->at >= p->end)
		return Int32GetDatum(0);
	part = is_part(*p->at);
	while (p->at < p->end && is_part(*p->at) == part)
		p->at++;
	if (!part)
		p->at = from + 1;
	*(char **) DatumGetPointer(token) = from;
	*(int *) DatumGetPointer(len) = p->at - from;
	return Int32GetDatum(part ? WORD : BLANK);
}

/* a word's stem */
Datum
FunctionCall4Coll(FmgrInfo *f, Oid collation, Datum dict, Datum word, Datum len, Datum state)
{
	TSLexeme *found = palloc0(2 * sizeof(TSLexeme));

	CHECK(strlen(DatumGetPointer(word)) == (size_t) DatumGetInt32(len));
	if (DatumGetInt32(len) != 4)
		return (Datum) 0;
	found->lexeme = pnstrdup(DatumGetPointer(word), 3);
	return PointerGetDatum(found);
}

TSConfigCacheEntry *
lookup_ts_config_cache(Oid config)
{
	static Oid dictionaries[1] = {1};
	static ListDictionary map[TYPES] = {[WORD] = {1, dictionaries}};
	static TSConfigCacheEntry entry = {.prsId = 3722, .lenmap = TYPES, .map = map};

	return &entry;
}

TSParserCacheEntry *
lookup_ts_parser_cache(Oid parser)
{
	static TSParserCacheEntry entry;

	return &entry;
}

TSDictionaryCacheEntry *
lookup_ts_dictionary_cache(Oid dictionary)
{
	static TSDictionaryCacheEntry entry;

	return &entry;
}

char *
str_tolower(const char *text, size_t len, Oid collation)
{
	return pnstrdup(text, len);
}

static int
is_emoticon(const void *arg, const char *at, int len)
{
	return len == 2 && at[1] == ')' ? len : 0;
}

static bool
is_utf8(const char *text, int len)
{
	return memchr(text, '\0', len) == NULL && pg_encoding_verifymbstr(PG_UTF8, text, len) == len;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (is_utf8((const char *) data, (int) size) && mo_fuzz_try())
	{
		Message m = {0};
		int words = 0;
		int emoji = 0;
		int len;
		char *own = mo_message_own(pnstrdup((const char *) data, size), (int) size, &len);

		CHECK(len >= 0 && (size_t) len <= size + 1 && strlen(own) == (size_t) len);
		CHECK(is_utf8(own, len));
		mo_message_cut(&m, InvalidOid, pnstrdup(own, len), len, is_emoticon, NULL);
		for (int i = 0; i < m.npieces; i++)
		{
			const Piece *piece = &m.pieces[i];

			words += piece->kind == PIECE_WORD;
			emoji += piece->kind == PIECE_EMOJI;
			if (piece->kind == PIECE_STOP)
				CHECK(strchr(".!?,;:", piece->mark) != NULL);
			else
				CHECK(is_utf8(piece->surface, (int) strlen(piece->surface)));
			if (piece->kind == PIECE_WORD)
				CHECK(piece->surface[0] != '\0' && piece->stem != NULL);
		}
		CHECK(words == m.nwords && emoji == m.nemoji);
	}
	mo_fuzz_reset();
	return 0;
}
