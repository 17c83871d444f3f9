/*-------------------------------------------------------------------------
 *
 * split.h
 *	  What the two halves of the splitter share: its state, and the buffers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_JSON_SPLIT_H
#define MOMENTUM_JSON_SPLIT_H

#include "json/json.h"

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

/* Where in a scalar: see scalar.c */
typedef enum ScalarState
{
	SCALAR_WORD, /* true, false, null */
	SCALAR_MINUS,
	SCALAR_ZERO,
	SCALAR_INTEGER,
	SCALAR_POINT,
	SCALAR_FRACTION,
	SCALAR_E,
	SCALAR_E_SIGN,
	SCALAR_EXPONENT
} ScalarState;

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
	ScalarState scalar;
	const char *word;  /* SCALAR_WORD: what has to follow of it */
	int mark;          /* bytes of a byte order mark passed; 3 = past where one may stand */
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
	bool record_done;
	Buffer record;

	int capturing; /* path whose value is being kept, or -1 */
	int capture_depth;

	char error[160];
	bool too_large; /* what is wrong is only that it is over a limit of ours */
};

/*
 * Both set the error, unless there is one already, and return false; the
 * second says that only a limit of ours was met.
 */
extern bool mo_json_split_fail(JsonSplit *s, const char *message);
extern bool mo_json_split_fail_limit(JsonSplit *s, const char *message);

/* Appends, always leaving a NUL behind; false, and the error, when it is too much. */
extern bool mo_json_split_append(JsonSplit *s, Buffer *b, const char *data, size_t len,
								 const char *what);

/* The bytes of a scalar, one after the other: false when they make none. */
extern bool mo_json_scalar_begin(JsonSplit *s, char c);
extern bool mo_json_scalar_next(JsonSplit *s, char c);
extern bool mo_json_scalar_end(const JsonSplit *s);

/*
 * Takes the bytes of the current record from a chunk: returns how many were
 * used, sets record_done at its end.
 */
extern size_t mo_json_split_copy(JsonSplit *s, const char *in, size_t len, bool *ok);

#endif /* MOMENTUM_JSON_SPLIT_H */
