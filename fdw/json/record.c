/*-------------------------------------------------------------------------
 *
 * record.c
 *	  Copy one record out of the stream.
 *
 * Within a record only strings and brackets are followed; the bytes between
 * them are copied in long runs.  Here long integers are marked and escaped
 * NULs replaced, as the head of split.c says.
 *
 *-------------------------------------------------------------------------
 */
#include "json/split.h"

#include <string.h>

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
	[' '] = BETWEEN,
	['\t'] = BETWEEN,
	['\r'] = BETWEEN,
	['\n'] = BETWEEN,
	[','] = BETWEEN,
	[':'] = BETWEEN,
	['"'] = QUOTE,
	['{'] = OPENING,
	['['] = OPENING,
	['}'] = CLOSING,
	[']'] = CLOSING,
};

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
	return mo_json_split_append(s, &s->record, c->in + from, c->at - from, "a record");
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

		if (kind == BETWEEN || kind == CLOSING)
		{
			s->token = TOKEN_NONE;
			s->record_done = s->record_depth == 0;
			if (!mo_json_scalar_end(s))
				return mo_json_split_fail(s, "the answer is not JSON");
			return s->number_digits < MO_JSON_LONG_INTEGER || !s->number_plain ||
				   (copy_seen(s, c) && mo_json_split_append(s, &s->record, "e0", 2, "a record"));
		}
		if (!mo_json_scalar_next(s, byte))
			return mo_json_split_fail(s, "the answer is not JSON");
		if (byte >= '0' && byte <= '9')
			s->number_digits++;
		else
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
					return mo_json_split_fail_limit(s, "a record is nested too deeply");
				s->record_depth++;
				break;
			case CLOSING:
				if (--s->record_depth < 0)
					return mo_json_split_fail(s, "the answer is not JSON");
				if (s->record_depth == 0)
				{
					s->record_done = true;
					return true;
				}
				break;
			default:
				if (!mo_json_scalar_begin(s, byte))
					return mo_json_split_fail(s, "the answer is not JSON");
				s->token = TOKEN_SCALAR;
				s->number_plain = true;
				s->number_digits = byte >= '0' && byte <= '9';
				return true;
		}
	}
	return true;
}

/* Bytes of the current record; returns how many were used. */
size_t
mo_json_split_copy(JsonSplit *s, const char *in, size_t len, bool *ok)
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
