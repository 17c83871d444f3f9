/*-------------------------------------------------------------------------
 *
 * words.c
 *	  Cuts a message into words, emoji and marks.
 *
 * Words and stems come from PostgreSQL's full text search: the parser and the
 * dictionaries of a configuration.  The parser is handed runs of letters,
 * digits and blanks only.  Marks, emoji, addresses and links are taken out
 * here, because the parser does not know emoji and tries every "<" and "/"
 * as the start of something long.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "catalog/pg_collation.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "tsearch/ts_cache.h"
#include "tsearch/ts_public.h"
#include "utils/formatting.h"

#include "hub/message.h"

/* A run of characters without a blank is cut after so many bytes. */
#define LONGEST_CHUNK 200
/* No address or link is looked for beyond. */
#define LONGEST_ADDRESS 256
/* Letters from which capitals are a voice raised. */
#define SHORTEST_SHOUT 3

/* pg_catalog.default, and its kinds of tokens that are words (wparser_def.c). */
#define DEFAULT_PARSER 3722
static const int word_types[] = {1, 2, 3, 9, 10, 11};
#define DEFAULT_PARSER_WORD 2

typedef struct Run
{
	StringInfoData text;
	int since_blank; /* bytes since the last blank */
} Run;

char *
mo_message_lower(const char *word, int len)
{
	char *lower;

	for (int i = 0; i < len; i++)
	{
		if (IS_HIGHBIT_SET(word[i]))
			return str_tolower(word, len, DEFAULT_COLLATION_OID);
	}
	lower = pnstrdup(word, len);
	for (int i = 0; i < len; i++)
		lower[i] = pg_ascii_tolower((unsigned char) lower[i]);
	return lower;
}

/*
 * A word's stem by the first dictionary of the list that knows it.
 */
static char *
stem_by(const ListDictionary *list, char *word)
{
	for (int i = 0; i < list->len; i++)
	{
		TSDictionaryCacheEntry *dict = lookup_ts_dictionary_cache(list->dictIds[i]);
		DictSubState state = {false, false, NULL};
		TSLexeme *found = (TSLexeme *)
			DatumGetPointer(FunctionCall4(&dict->lexize, PointerGetDatum(dict->dictData),
										  PointerGetDatum(word), Int32GetDatum(strlen(word)),
										  PointerGetDatum(&state)));

		/* a dictionary of phrases wants to see more: it has no say in one word */
		if (found == NULL || state.getnext)
			continue;
		if (found->lexeme == NULL)
			return word;
		if (found->flags & TSL_FILTER)
		{
			word = found->lexeme;
			continue;
		}
		return found->lexeme;
	}
	return word;
}

static bool
is_word_type(const TSConfigCacheEntry *cfg, int type)
{
	if (type <= 0 || type >= cfg->lenmap || cfg->map[type].len == 0)
		return false;
	/* another parser: every token that has a dictionary is a word */
	if (cfg->prsId != DEFAULT_PARSER)
		return true;
	for (int i = 0; i < (int) lengthof(word_types); i++)
	{
		if (word_types[i] == type)
			return true;
	}
	return false;
}

char *
mo_message_stem(Oid config, const char *word)
{
	TSConfigCacheEntry *cfg = lookup_ts_config_cache(config);

	if (cfg->prsId == DEFAULT_PARSER)
		return is_word_type(cfg, DEFAULT_PARSER_WORD)
				   ? stem_by(&cfg->map[DEFAULT_PARSER_WORD], pstrdup(word))
				   : pstrdup(word);
	for (int type = 1; type < cfg->lenmap; type++)
	{
		if (is_word_type(cfg, type))
			return stem_by(&cfg->map[type], pstrdup(word));
	}
	return pstrdup(word);
}

static Piece *
add_piece(Message *m, PieceKind kind)
{
	if (m->npieces == m->room)
	{
		m->room = m->room ? 2 * m->room : 64;
		m->pieces = m->pieces ? repalloc(m->pieces, m->room * sizeof(Piece))
							  : palloc(m->room * sizeof(Piece));
	}
	memset(&m->pieces[m->npieces], 0, sizeof(Piece));
	m->pieces[m->npieces].kind = kind;
	return &m->pieces[m->npieces++];
}

/*
 * Is the word in capitals?  Notes when it has a small letter.
 */
static bool
is_shouted(Message *m, const char *word, int len)
{
	int letters = 0;

	for (int i = 0; i < len; i++)
	{
		if (islower((unsigned char) word[i]) && !IS_HIGHBIT_SET(word[i]))
		{
			m->has_lower = true;
			return false;
		}
		if (!IS_HIGHBIT_SET(word[i]) && isupper((unsigned char) word[i]))
			letters++;
	}
	return letters >= SHORTEST_SHOUT;
}

/*
 * Takes the end of a contraction into the word before it: "don" and "t" are
 * "don't", of "it's" the "it" remains.  True if the word is no word of its own.
 */
static bool
joins_before(Message *m, const char *word, int len)
{
	static const char *const tails[] = {"s", "re", "ll", "ve", "d", "m"};
	Piece *before = m->npieces == 0 ? NULL : &m->pieces[m->npieces - 1];
	int n;

	if (before == NULL || before->kind != PIECE_WORD)
		return false;
	n = strlen(before->surface);
	if (len == 1 && (*word == 't' || *word == 'T') && n > 1 && before->surface[n - 1] == 'n')
	{
		before->surface = psprintf("%s't", before->surface);
		before->stem = before->surface;
		return true;
	}
	for (int i = 0; i < (int) lengthof(tails); i++)
	{
		if (len == (int) strlen(tails[i]) && pg_strncasecmp(word, tails[i], len) == 0)
			return true;
	}
	return false;
}

/*
 * Hand the run to the parser, and take its words over.
 */
static void
end_run(Message *m, Run *run, const TSConfigCacheEntry *cfg)
{
	TSParserCacheEntry *parser;
	void *state;
	bool joined = false;

	run->since_blank = 0;
	if (run->text.len == 0)
		return;
	parser = lookup_ts_parser_cache(cfg->prsId);
	state = DatumGetPointer(FunctionCall2(&parser->prsstart, PointerGetDatum(run->text.data),
										  Int32GetDatum(run->text.len)));
	for (;;)
	{
		char *token = NULL;
		int len = 0;
		int type = DatumGetInt32(FunctionCall3(&parser->prstoken, PointerGetDatum(state),
											   PointerGetDatum(&token), PointerGetDatum(&len)));

		CHECK_FOR_INTERRUPTS();
		if (type <= 0)
			break;
		if (!is_word_type(cfg, type))
		{
			joined = len == 1 && *token == '\'';
			continue;
		}
		if (!joined || !joins_before(m, token, len))
		{
			Piece *piece = add_piece(m, PIECE_WORD);

			piece->surface = mo_message_lower(token, len);
			piece->stem = stem_by(&cfg->map[type], pstrdup(piece->surface));
			piece->caps = is_shouted(m, token, len);
			m->nwords++;
		}
		joined = false;
	}
	FunctionCall1(&parser->prsend, PointerGetDatum(state));
	resetStringInfo(&run->text);
}

static void
put_blank(Run *run)
{
	if (run->since_blank > 0)
		appendStringInfoChar(&run->text, ' ');
	run->since_blank = 0;
}

static void
put_mark(Message *m, Run *run, const TSConfigCacheEntry *cfg, char mark)
{
	end_run(m, run, cfg);
	add_piece(m, PIECE_STOP)->mark = mark;
}

static void
put_emoji(Message *m, Run *run, const TSConfigCacheEntry *cfg, const char *at, int len)
{
	end_run(m, run, cfg);
	add_piece(m, PIECE_EMOJI)->surface = pnstrdup(at, len);
	m->nemoji++;
}

/*
 * The bytes of a link or an e-mail address that begins here; 0 if none does.
 * Of one that is too long, whole characters only.
 */
static int
address_at(const char *at, const char *end)
{
	int len = 0;
	bool is_mail = false;

	while (at + len < end && len < LONGEST_ADDRESS && !isspace((unsigned char) at[len]))
	{
		if (at[len] == '@' && len > 0 && isalnum((unsigned char) at[len - 1]) &&
			at + len + 1 < end && isalnum((unsigned char) at[len + 1]))
			is_mail = true;
		len += Min(pg_mblen(at + len), end - at - len);
	}
	if (is_mail || (len > 4 && pg_strncasecmp(at, "www.", 4) == 0) ||
		(len > 7 && pg_strncasecmp(at, "http://", 7) == 0) ||
		(len > 8 && pg_strncasecmp(at, "https://", 8) == 0))
		return len;
	return 0;
}

/*
 * An emoticon that ends where it should: before a blank or a mark.
 */
static int
emoticon_at(const char *at, const char *end, EmoticonTest is_emoticon, const void *arg)
{
	for (int len = Min(4, (int) (end - at)); len >= 2; len--)
	{
		if (at + len < end && !isspace((unsigned char) at[len]) && strchr(".,!?", at[len]) == NULL)
			continue;
		if (is_emoticon(arg, at, len) > 0)
			return len;
	}
	return 0;
}

/*
 * Marks of other scripts, as ours; 0 for what is none.
 */
static char
foreign_mark(pg_wchar c)
{
	switch (c)
	{
		case 0x3002: /* 。 */
		case 0xFF0E:
		case 0x06D4: /* Arabic full stop */
		case 0x0964: /* danda */
		case 0x2026: /* … */
			return '.';
		case 0xFF01:
			return '!';
		case 0xFF1F:
		case 0x061F: /* Arabic question mark */
			return '?';
		case 0xFF0C:
		case 0x3001:
		case 0x060C: /* Arabic comma */
		case 0x2013: /* dashes */
		case 0x2014:
			return ',';
		default:
			return 0;
	}
}

/* Joiners, directions, variations and skin tones: no characters of their own. */
static bool
is_invisible(pg_wchar c)
{
	return c == 0x00AD || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
		   (c >= 0x2060 && c <= 0x2069) || c == 0xFEFF || (c >= 0xFE00 && c <= 0xFE0F) ||
		   c == 0x20E3 || (c >= 0x1F3FB && c <= 0x1F3FF) || (c >= 0xE0020 && c <= 0xE007F);
}

static bool
is_emoji(pg_wchar c)
{
	return (c >= 0x2600 && c <= 0x27BF) || (c >= 0x1F000 && c <= 0x1FAFF) || c == 0x2B50;
}

/*
 * One character beyond ASCII.
 */
static void
put_wide(Message *m, Run *run, const TSConfigCacheEntry *cfg, const char *at, int len)
{
	if (GetDatabaseEncoding() == PG_UTF8)
	{
		pg_wchar c = utf8_to_unicode((const unsigned char *) at);
		char mark = foreign_mark(c);

		if (is_invisible(c))
			return;
		if (mark != 0)
		{
			put_mark(m, run, cfg, mark);
			return;
		}
		if (is_emoji(c))
		{
			put_emoji(m, run, cfg, at, len);
			return;
		}
	}
	appendBinaryStringInfo(&run->text, at, len);
	run->since_blank += len;
}

void
mo_message_cut(Message *m, Oid config, const char *text, int len, EmoticonTest is_emoticon,
			   const void *arg)
{
	const TSConfigCacheEntry *cfg = lookup_ts_config_cache(config);
	const char *end = text + len;
	Run run = {0};
	bool begins = true; /* a chunk between blanks begins here */
	int size;

	initStringInfo(&run.text);
	for (const char *at = text; at < end; at += size)
	{
		unsigned char c = *at;

		CHECK_FOR_INTERRUPTS();
		size = 1;
		if (begins && !isspace(c) && (size = address_at(at, end)) > 0)
		{
			put_blank(&run);
			continue;
		}
		begins = false;
		size = Min(pg_mblen(at), end - at);
		if (run.since_blank >= LONGEST_CHUNK)
			put_blank(&run);
		if (size > 1 || IS_HIGHBIT_SET(c))
		{
			if (size == 3 && memcmp(at, "\xE2\x80\x99", 3) == 0 && GetDatabaseEncoding() == PG_UTF8)
				c = '\'';
			else
			{
				put_wide(m, &run, cfg, at, size);
				continue;
			}
		}
		if (isalnum(c))
		{
			appendStringInfoChar(&run.text, c);
			run.since_blank++;
		}
		else if (strchr(":;=<", c) != NULL && c != '\0' &&
				 emoticon_at(at, end, is_emoticon, arg) > 0)
		{
			size = emoticon_at(at, end, is_emoticon, arg);
			put_emoji(m, &run, cfg, at, size);
		}
		else if (c == '\'' && at > text && at + size < end &&
				 (isalpha((unsigned char) at[-1]) || IS_HIGHBIT_SET(at[-1])) &&
				 (isalpha((unsigned char) at[size]) || IS_HIGHBIT_SET(at[size])))
		{
			appendStringInfoChar(&run.text, '\'');
			run.since_blank++;
		}
		else if ((c == '.' || c == ',') && at > text && at + 1 < end &&
				 isdigit((unsigned char) at[-1]) && isdigit((unsigned char) at[1]))
			continue;
		else if (strchr(".!?,;:", c) != NULL && c != '\0')
			put_mark(m, &run, cfg, c);
		else if (c == '\n' && at + 1 < end && at[1] == '\n')
		{
			put_mark(m, &run, cfg, '.');
			begins = true;
		}
		else
		{
			put_blank(&run);
			begins = isspace(c) != 0;
		}
	}
	end_run(m, &run, cfg);
	pfree(run.text.data);
}
