/*-------------------------------------------------------------------------
 *
 * split.c
 *	  Cut the records of an answer out of its byte stream.
 *
 * A state machine walks the answer once.  Outside of the records it checks
 * the grammar and keeps the values at the captured paths; inside a record it
 * only follows strings and brackets and copies, for json-c will look at each
 * record closely.  So memory is that of one record, however long the answer.
 *
 * Two things are mended while copying, both in ways json-c cannot:
 *  - an integer of 19 digits or more gets the mark "e0": json-c saturates
 *    integers silently but keeps the source text of other numbers
 *    (mo_json_parse() takes the mark off again);
 *  - an escaped NUL, which no PostgreSQL text can hold, becomes U+FFFD.
 *
 *-------------------------------------------------------------------------
 */
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SEGMENTS 8

/* What the grammar expects next, outside of records */
typedef enum Expect
{
	EXPECT_VALUE,
	EXPECT_FIRST_VALUE, /* or the end of an empty array */
	EXPECT_KEY,
	EXPECT_FIRST_KEY, /* or the end of an empty object */
	EXPECT_COLON,
	EXPECT_COMMA,
	EXPECT_END
} Expect;

/* Where in a token we are; tokens may be cut anywhere between two chunks */
typedef enum Token
{
	TOKEN_NONE,
	TOKEN_STRING,
	TOKEN_SCALAR /* number, true, false, null */
} Token;

typedef struct Buffer
{
	char *data;
	size_t len;
	size_t size;
	size_t max;
} Buffer;

typedef struct SplitPath
{
	char *segment[MAX_SEGMENTS];
	int nsegments;
	int matched; /* leading segments that the open containers match */
	bool wanted; /* for captures: keep the value */
	bool found;
	Buffer text;
} SplitPath;

struct JsonSplit
{
	SplitPath path[MO_JSON_MAX_PATHS]; /* [0] is the record array */
	int npaths;

	Expect expect;
	Token token;
	int escape; /* 0 none, 1 after the backslash, 2..5 hex digits of \u */
	int zeros;  /* of those, how many are zero */
	bool string_is_key;
	char scalar[48]; /* outside of records: the token, to be checked */
	size_t scalar_len;
	bool number_plain; /* in a record: an integer so far */
	int number_digits;

	char open[MO_JSON_MAX_DEPTH]; /* kinds of the open containers */
	int depth;
	char key[MO_JSON_MAX_KEY];
	size_t key_len;
	bool key_long;

	int records_depth; /* depth inside the record array, or -1 */
	bool whole;        /* the root value is the record */
	bool in_record;
	int record_depth; /* containers open within the record */
	bool record_scalar;
	bool record_done;
	Buffer record;
	uint64_t nuls;

	int capturing; /* path whose value is being kept, or -1 */
	int capture_depth;

	char error[160];
	bool too_large; /* what is wrong is only that it is over a limit of ours */
};

static bool
fail(JsonSplit *s, const char *message)
{
	if (s->error[0] == '\0')
		snprintf(s->error, sizeof(s->error), "%s", message);
	return false;
}

static bool
fail_limit(JsonSplit *s, const char *message)
{
	s->too_large = s->error[0] == '\0';
	return fail(s, message);
}

static bool
append(JsonSplit *s, Buffer *b, const char *data, size_t len, const char *what)
{
	if (b->len + len > b->max)
	{
		char message[100];

		snprintf(message, sizeof(message), "%s is longer than %zu bytes", what, b->max);
		return fail_limit(s, message);
	}
	if (b->len + len + 1 > b->size)
	{
		size_t size = b->size ? b->size : 1024;
		char *grown;

		while (size < b->len + len + 1)
			size *= 2;
		grown = realloc(b->data, size);
		if (grown == NULL)
			return fail(s, "out of memory");
		b->data = grown;
		b->size = size;
	}
	memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
	return true;
}

static bool
add_path(JsonSplit *s, const char *text, size_t max)
{
	SplitPath *p = &s->path[s->npaths++];

	p->text.max = max;
	while (*text != '\0')
	{
		size_t n = strcspn(text, ".");

		if (p->nsegments == MAX_SEGMENTS)
			return false;
		p->segment[p->nsegments] = strndup(text, n);
		if (p->segment[p->nsegments++] == NULL)
			return false;
		text += n;
		if (*text == '.')
			text++;
	}
	return true;
}

/*
 * A splitter for one answer.  "capture" is a NULL-terminated list of dotted
 * object paths, or NULL.  Returns NULL when memory is short or a path is too
 * deep.  Freed by mo_json_split_free().
 */
JsonSplit *
mo_json_split_new(const char *records, const char *const *capture)
{
	JsonSplit *s = calloc(1, sizeof(JsonSplit));

	if (s == NULL)
		return NULL;
	s->records_depth = -1;
	s->capturing = -1;
	s->expect = EXPECT_VALUE;
	s->record.max = MO_JSON_MAX_RECORD;
	s->whole = records[0] == '\0';
	if (!add_path(s, records, 0))
		goto failed;
	for (; capture != NULL && *capture != NULL; capture++)
	{
		if (s->npaths == MO_JSON_MAX_PATHS || !add_path(s, *capture, MO_JSON_MAX_CAPTURE))
			goto failed;
	}
	return s;
failed:
	mo_json_split_free(s);
	return NULL;
}

/* Frees the splitter and everything it handed out; NULL is fine. */
void
mo_json_split_free(JsonSplit *s)
{
	if (s == NULL)
		return;
	for (int i = 0; i < s->npaths; i++)
	{
		for (int j = 0; j < s->path[i].nsegments; j++)
			free(s->path[i].segment[j]);
		free(s->path[i].text.data);
	}
	free(s->record.data);
	free(s);
}

/* The key just read (or none, in an array) stands before a value: match it. */
static void
match_key(JsonSplit *s)
{
	bool in_object = s->depth > 0 && s->open[s->depth - 1] == '{';

	for (int i = 0; i < s->npaths; i++)
	{
		SplitPath *p = &s->path[i];

		if (p->matched >= s->depth && s->depth > 0)
			p->matched = s->depth - 1;
		if (in_object && !s->key_long && p->matched == s->depth - 1 && p->nsegments >= s->depth &&
			strlen(p->segment[s->depth - 1]) == s->key_len &&
			memcmp(p->segment[s->depth - 1], s->key, s->key_len) == 0)
			p->matched = s->depth;
	}
}

/* A value begins with "c": is it the record array, or one to capture? */
static bool
begin_value(JsonSplit *s, char c)
{
	match_key(s);
	if (!s->whole && s->path[0].matched == s->depth && s->path[0].nsegments == s->depth &&
		s->depth > 0)
	{
		if (s->path[0].found)
			return fail(s, "the array of records is there twice");
		if (c == '[')
		{
			s->path[0].found = true;
			s->records_depth = s->depth + 1;
		}
		else if (c != 'n')
			return fail(s, "the value where the array of records belongs is not an array");
	}
	if (s->capturing < 0)
	{
		for (int i = 1; i < s->npaths; i++)
		{
			SplitPath *p = &s->path[i];

			if (s->depth > 0 && p->nsegments == s->depth && p->matched == s->depth)
			{
				s->capturing = i;
				s->capture_depth = s->depth;
				p->found = true;
				p->text.len = 0;
				return append(s, &p->text, &c, 1, "a value of the answer");
			}
		}
	}
	return true;
}

static void
end_value(JsonSplit *s)
{
	if (s->capturing >= 0 && s->depth == s->capture_depth)
		s->capturing = -1;
	s->expect = s->depth == 0 ? EXPECT_END : EXPECT_COMMA;
}

static bool
check_scalar(JsonSplit *s)
{
	const char *t = s->scalar;

	s->scalar[s->scalar_len] = '\0';
	if (strcmp(t, "true") == 0 || strcmp(t, "false") == 0 || strcmp(t, "null") == 0)
		return true;
	if (*t == '-')
		t++;
	if (*t < '0' || *t > '9' || strspn(t, "0123456789.eE+-") != strlen(t))
		return fail(s, "the answer is not JSON");
	return true;
}

/* One byte outside of records.  Returns false on an error. */
static bool
outside(JsonSplit *s, char c)
{
	if (s->capturing >= 0 &&
		!append(s, &s->path[s->capturing].text, &c, 1, "a value of the answer"))
		return false;

	if (s->token == TOKEN_STRING)
	{
		if (s->escape)
			s->escape = 0;
		else if (c == '\\')
			s->escape = 1;
		else if (c == '"')
		{
			s->token = TOKEN_NONE;
			if (s->string_is_key)
				s->expect = EXPECT_COLON;
			else
				end_value(s);
			return true;
		}
		else if ((unsigned char) c < 0x20)
			return fail(s, "a string of the answer holds a control character");
		if (s->string_is_key)
		{
			if (s->key_len < MO_JSON_MAX_KEY)
				s->key[s->key_len++] = c;
			else
				s->key_long = true;
		}
		return true;
	}
	if (s->token == TOKEN_SCALAR)
	{
		if (strchr(",]} \t\r\n", c) == NULL || c == '\0')
		{
			if (s->scalar_len + 1 >= sizeof(s->scalar))
			{
				/* a number too long to matter to us: keep its tail's grammar */
				if (strchr("0123456789.eE+-", c) == NULL || c == '\0')
					return fail(s, "the answer is not JSON");
				return true;
			}
			s->scalar[s->scalar_len++] = c;
			return true;
		}
		s->token = TOKEN_NONE;
		if (!check_scalar(s))
			return false;
		if (s->capturing >= 0 && s->depth == s->capture_depth)
		{
			/* the delimiter does not belong to the value */
			Buffer *b = &s->path[s->capturing].text;

			b->data[--b->len] = '\0';
		}
		end_value(s);
		/* fall through: the delimiter itself */
	}

	switch (c)
	{
		case ' ':
		case '\t':
		case '\r':
		case '\n':
			return true;
		case '"':
			if (s->expect == EXPECT_KEY || s->expect == EXPECT_FIRST_KEY)
			{
				s->string_is_key = true;
				s->key_len = 0;
				s->key_long = false;
			}
			else if (s->expect == EXPECT_VALUE || s->expect == EXPECT_FIRST_VALUE)
			{
				s->string_is_key = false;
				if (!begin_value(s, c))
					return false;
			}
			else
				return fail(s, "the answer is not JSON");
			s->token = TOKEN_STRING;
			s->escape = 0;
			return true;
		case '{':
		case '[':
			if (s->expect != EXPECT_VALUE && s->expect != EXPECT_FIRST_VALUE)
				return fail(s, "the answer is not JSON");
			if (s->depth == MO_JSON_MAX_DEPTH)
				return fail_limit(s, "values are nested too deeply");
			if (!begin_value(s, c))
				return false;
			s->open[s->depth++] = c;
			s->expect = c == '{' ? EXPECT_FIRST_KEY : EXPECT_FIRST_VALUE;
			return true;
		case '}':
		case ']':
			if (s->depth == 0 || s->open[s->depth - 1] != (c == '}' ? '{' : '[') ||
				(s->expect != EXPECT_COMMA &&
				 s->expect != (c == '}' ? EXPECT_FIRST_KEY : EXPECT_FIRST_VALUE)))
				return fail(s, "the answer is not JSON");
			if (s->records_depth == s->depth)
				s->records_depth = -1;
			s->depth--;
			for (int i = 0; i < s->npaths; i++)
			{
				if (s->path[i].matched > s->depth)
					s->path[i].matched = s->depth;
			}
			end_value(s);
			return true;
		case ':':
			if (s->expect != EXPECT_COLON)
				return fail(s, "the answer is not JSON");
			s->expect = EXPECT_VALUE;
			return true;
		case ',':
			if (s->expect != EXPECT_COMMA)
				return fail(s, "the answer is not JSON");
			s->expect = s->open[s->depth - 1] == '{' ? EXPECT_KEY : EXPECT_VALUE;
			return true;
		default:
			if (s->expect != EXPECT_VALUE && s->expect != EXPECT_FIRST_VALUE)
				return fail(s, "the answer is not JSON");
			if (strchr("-0123456789tfn", c) == NULL || c == '\0')
				return fail(s, "the answer is not JSON");
			if (!begin_value(s, c))
				return false;
			s->token = TOKEN_SCALAR;
			s->scalar[0] = c;
			s->scalar_len = 1;
			return true;
	}
}

/* What a byte of a record is, outside of strings */
enum
{
	OF_SCALAR,
	BETWEEN,
	QUOTE,
	OPENING,
	CLOSING
};

static const unsigned char kind_of[256] = {
	[' '] = BETWEEN, ['\t'] = BETWEEN, ['\r'] = BETWEEN, ['\n'] = BETWEEN, [','] = BETWEEN, [':'] = BETWEEN, ['"'] = QUOTE, ['{'] = OPENING, ['['] = OPENING, ['}'] = CLOSING, [']'] = CLOSING};

/*
 * Bytes of a record that has come in a chunk; they are copied in long runs.
 */
typedef struct Chunk
{
	const char *in;
	size_t len;
	size_t at;     /* the next byte to look at */
	size_t copied; /* how many are in the record's buffer */
} Chunk;

static bool
copy_seen(JsonSplit *s, Chunk *c)
{
	size_t from = c->copied;

	c->copied = c->at;
	return append(s, &s->record, c->in + from, c->at - from, "a record");
}

/* Up to the end of a string, its quote included. */
static bool
pass_string(JsonSplit *s, Chunk *c)
{
	while (c->at < c->len)
	{
		char byte = c->in[c->at++];

		if (s->escape == 0)
		{
			while (byte != '"' && byte != '\\' && c->at < c->len)
				byte = c->in[c->at++];
			if (byte == '"')
			{
				s->token = TOKEN_NONE;
				s->record_done = s->record_depth == 0;
				return true;
			}
			s->escape = byte == '\\';
		}
		else if (s->escape == 1)
		{
			s->escape = byte == 'u' ? 2 : 0;
			s->zeros = 0;
		}
		else
		{
			s->zeros += byte == '0';
			if (++s->escape < 6)
				continue;
			s->escape = 0;
			if (s->zeros == 4)
			{
				if (!copy_seen(s, c))
					return false;
				memcpy(s->record.data + s->record.len - 4, "fffd", 4);
				s->nuls++;
			}
		}
	}
	return true;
}

/*
 * Up to the end of a scalar; what follows it is not ours.  An integer that
 * json-c would saturate is marked.
 */
static bool
pass_scalar(JsonSplit *s, Chunk *c)
{
	for (; c->at < c->len; c->at++)
	{
		char byte = c->in[c->at];
		int kind = kind_of[(unsigned char) byte];

		if (byte >= '0' && byte <= '9')
			s->number_digits++;
		else if (kind == BETWEEN || kind == CLOSING)
		{
			s->token = TOKEN_NONE;
			s->record_done = s->record_depth == 0;
			return s->number_digits < MO_JSON_LONG_INTEGER || !s->number_plain ||
				   (copy_seen(s, c) && append(s, &s->record, "e0", 2, "a record"));
		}
		else if (byte != '-')
			s->number_plain = false;
	}
	return true;
}

/* Brackets and what stands between values, up to a string or a scalar. */
static bool
pass_structure(JsonSplit *s, Chunk *c)
{
	while (c->at < c->len)
	{
		char byte = c->in[c->at++];

		switch (kind_of[(unsigned char) byte])
		{
			case BETWEEN:
				break;
			case QUOTE:
				s->token = TOKEN_STRING;
				s->escape = 0;
				return true;
			case OPENING:
				if (s->depth + s->record_depth >= MO_JSON_MAX_DEPTH)
					return fail_limit(s, "a record is nested too deeply");
				s->record_depth++;
				break;
			case CLOSING:
				if (--s->record_depth < 0)
					return fail(s, "the answer is not JSON");
				if (s->record_depth == 0)
				{
					s->record_done = true;
					return true;
				}
				break;
			default:
				s->token = TOKEN_SCALAR;
				s->number_plain = true;
				s->number_digits = byte >= '0' && byte <= '9';
				return true;
		}
	}
	return true;
}

/* Bytes of the current record; returns how many were used. */
static size_t
record_bytes(JsonSplit *s, const char *in, size_t len, bool *ok)
{
	Chunk c = {in, len, 0, 0};

	*ok = true;
	while (*ok && c.at < len && !s->record_done)
	{
		if (s->token == TOKEN_STRING)
			*ok = pass_string(s, &c);
		else if (s->token == TOKEN_SCALAR)
			*ok = pass_scalar(s, &c);
		else
			*ok = pass_structure(s, &c);
	}
	*ok = *ok && copy_seen(s, &c);
	return c.at;
}

/* Are we just before a record: an element of the array, or a lone object? */
static bool
record_begins(JsonSplit *s, char c)
{
	if (s->token != TOKEN_NONE || (s->expect != EXPECT_VALUE && s->expect != EXPECT_FIRST_VALUE))
		return false;
	if (strchr(" \t\r\n", c) != NULL)
		return false;
	if (s->whole)
	{
		if (s->depth == 0)
			return c != '[';
		return s->depth == 1 && s->open[0] == '[' && c != ']';
	}
	if (c == '{' && s->records_depth < 0 && s->depth > 0 && s->depth == s->path[0].nsegments)
	{
		match_key(s);
		if (s->path[0].matched == s->depth)
		{
			if (s->path[0].found)
				return false;
			s->path[0].found = true;
			return true;
		}
	}
	return s->records_depth == s->depth && s->depth > 0 && c != ']';
}

/*
 * Feed bytes; "input" and "len" are moved past what was used.  After
 * JSON_SPLIT_RECORD call again with the rest.
 */
JsonSplitResult
mo_json_split_feed(JsonSplit *s, const char **input, size_t *len)
{
	if (s->error[0] != '\0')
		return JSON_SPLIT_ERROR;
	if (s->record_done)
	{
		s->record_done = false;
		s->in_record = false;
		end_value(s);
	}
	while (*len > 0)
	{
		if (!s->in_record && record_begins(s, **input))
		{
			if (strchr("{[\"-0123456789tfn", **input) == NULL)
			{
				fail(s, "the answer is not JSON");
				return JSON_SPLIT_ERROR;
			}
			if (s->whole)
				s->path[0].found = true;
			s->in_record = true;
			s->record_depth = 0;
			s->record.len = 0;
			s->token = TOKEN_NONE;
		}
		if (s->in_record)
		{
			bool ok;
			size_t used = record_bytes(s, *input, *len, &ok);

			*input += used;
			*len -= used;
			if (!ok)
				return JSON_SPLIT_ERROR;
			if (s->record_done)
				return JSON_SPLIT_RECORD;
		}
		else
		{
			if (s->whole && s->depth == 0 && **input == '[')
				s->path[0].found = true;
			if (!outside(s, **input))
				return JSON_SPLIT_ERROR;
			(*input)++;
			(*len)--;
		}
	}
	return JSON_SPLIT_MORE;
}

/*
 * The stream has ended.  False when it was cut off, or was not JSON at all:
 * mo_json_split_error() then says which.
 */
bool
mo_json_split_finish(JsonSplit *s)
{
	if (s->error[0] != '\0')
		return false;
	if (s->record_done)
	{
		s->record_done = false;
		s->in_record = false;
		end_value(s);
	}
	if (s->token == TOKEN_SCALAR && s->depth == 0 && !s->in_record)
	{
		s->token = TOKEN_NONE;
		if (!check_scalar(s))
			return false;
		end_value(s);
	}
	if (s->expect != EXPECT_END || s->in_record || s->token != TOKEN_NONE)
		return fail(s, "the answer is cut off");
	return true;
}

/* The record just cut out: valid until the next call to feed. */
const char *
mo_json_split_record(const JsonSplit *s, size_t *len)
{
	*len = s->record.len;
	return s->record.data;
}

/* Raw text of the value at the n-th captured path, or NULL when not seen. */
const char *
mo_json_split_captured(const JsonSplit *s, int capture, size_t *len)
{
	const SplitPath *p = &s->path[capture + 1];

	if (!p->found || s->capturing == capture + 1)
		return NULL;
	if (len != NULL)
		*len = p->text.len;
	return p->text.data;
}

/* Was the array of records there (even if empty)? */
bool
mo_json_split_found(const JsonSplit *s)
{
	return s->path[0].found;
}

/* How many escaped NULs were replaced. */
uint64_t
mo_json_split_nuls(const JsonSplit *s)
{
	return s->nuls;
}

/* Was it well as far as it was read, but over one of the limits in json.h? */
bool
mo_json_split_too_large(const JsonSplit *s)
{
	return s->too_large;
}

/* What was wrong, in words that fit after "The answer of ... ": never NULL. */
const char *
mo_json_split_error(const JsonSplit *s)
{
	return s->error;
}
