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
#include "json/split.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Set the error, unless there is one already. */
bool
mo_json_split_fail(JsonSplit *s, const char *message)
{
	if (s->error[0] == '\0')
		snprintf(s->error, sizeof(s->error), "%s", message);
	return false;
}

/* The same where only a limit of ours was met. */
bool
mo_json_split_fail_limit(JsonSplit *s, const char *message)
{
	s->too_large = s->error[0] == '\0';
	return mo_json_split_fail(s, message);
}

/* Append to a buffer, up to its limit; there is always a NUL behind the text. */
bool
mo_json_split_append(JsonSplit *s, Buffer *b, const char *data, size_t len, const char *what)
{
	if (b->len + len > b->max)
	{
		char message[100];

		snprintf(message, sizeof(message), "%s is longer than %zu bytes", what, b->max);
		return mo_json_split_fail_limit(s, message);
	}
	if (b->len + len + 1 > b->size)
	{
		size_t size = b->size ? b->size : 1024;
		char *grown;

		while (size < b->len + len + 1)
			size *= 2;
		grown = realloc(b->data, size);
		if (grown == NULL)
			return mo_json_split_fail(s, "out of memory");
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
		size_t n = mo_json_name_len(text);

		if (p->nsegments == MAX_SEGMENTS)
			return false;
		p->segment[p->nsegments] = mo_json_name(text, n);
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
			return mo_json_split_fail(s, "the array of records is there twice");
		if (c == '[')
		{
			s->path[0].found = true;
			s->records_depth = s->depth + 1;
		}
		else if (c != 'n')
			return mo_json_split_fail(
				s, "the value where the array of records belongs is not an array");
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
				return mo_json_split_append(s, &p->text, &c, 1, "a value of the answer");
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

/* One byte outside of records.  Returns false on an error. */
static bool
outside(JsonSplit *s, char c)
{
	if (s->capturing >= 0 &&
		!mo_json_split_append(s, &s->path[s->capturing].text, &c, 1, "a value of the answer"))
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
			return mo_json_split_fail(s, "a string of the answer holds a control character");
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
			return mo_json_scalar_next(s, c) || mo_json_split_fail(s, "the answer is not JSON");
		s->token = TOKEN_NONE;
		if (!mo_json_scalar_end(s))
			return mo_json_split_fail(s, "the answer is not JSON");
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
				return mo_json_split_fail(s, "the answer is not JSON");
			s->token = TOKEN_STRING;
			s->escape = 0;
			return true;
		case '{':
		case '[':
			if (s->expect != EXPECT_VALUE && s->expect != EXPECT_FIRST_VALUE)
				return mo_json_split_fail(s, "the answer is not JSON");
			if (s->depth == MO_JSON_MAX_DEPTH)
				return mo_json_split_fail_limit(s, "values are nested too deeply");
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
				return mo_json_split_fail(s, "the answer is not JSON");
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
				return mo_json_split_fail(s, "the answer is not JSON");
			s->expect = EXPECT_VALUE;
			return true;
		case ',':
			if (s->expect != EXPECT_COMMA)
				return mo_json_split_fail(s, "the answer is not JSON");
			s->expect = s->open[s->depth - 1] == '{' ? EXPECT_KEY : EXPECT_VALUE;
			return true;
		default:
			if (s->expect != EXPECT_VALUE && s->expect != EXPECT_FIRST_VALUE)
				return mo_json_split_fail(s, "the answer is not JSON");
			if (!mo_json_scalar_begin(s, c))
				return mo_json_split_fail(s, "the answer is not JSON");
			s->token = TOKEN_SCALAR;
			return begin_value(s, c);
	}
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

/* A byte order mark at the start says what is known: JSON is UTF-8. */
static bool
skip_mark(JsonSplit *s, const char **input, size_t *len)
{
	static const char mark[] = "\xef\xbb\xbf";

	while (s->mark < 3 && *len > 0)
	{
		if (**input == mark[s->mark])
		{
			s->mark++;
			(*input)++;
			(*len)--;
		}
		else if (s->mark > 0)
			return mo_json_split_fail(s, "the answer is not JSON");
		else
			s->mark = 3;
	}
	return true;
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
	if (!skip_mark(s, input, len))
		return JSON_SPLIT_ERROR;
	while (*len > 0)
	{
		if (!s->in_record && record_begins(s, **input))
		{
			if (strchr("{[\"-0123456789tfn", **input) == NULL)
			{
				mo_json_split_fail(s, "the answer is not JSON");
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
			size_t used = mo_json_split_copy(s, *input, *len, &ok);

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
		if (!mo_json_scalar_end(s))
			return mo_json_split_fail(s, "the answer is cut off");
		end_value(s);
	}
	if (s->expect == EXPECT_VALUE && s->depth == 0 && !s->in_record)
		return mo_json_split_fail(s, "the answer is empty");
	if (s->expect != EXPECT_END || s->in_record || s->token != TOKEN_NONE)
		return mo_json_split_fail(s, "the answer is cut off");
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
