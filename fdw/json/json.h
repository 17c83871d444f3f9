/*-------------------------------------------------------------------------
 *
 * json.h
 *	  A stream of JSON becomes records, a record becomes values.
 *
 * Everything here is plain C and knows nothing of PostgreSQL or HTTP; memory
 * is malloc'd and owned by the object it hangs on.  json-c is used below this
 * header and nowhere else, so a value is an opaque pointer to its callers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_JSON_H
#define MOMENTUM_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Limits, with their reasons */
#define MO_JSON_MAX_DEPTH 64          /* no service nests deeper; json-c recurses */
#define MO_JSON_MAX_RECORD (16 << 20) /* one record; PostgreSQL's own row limit is 1 GB */
#define MO_JSON_MAX_CAPTURE (1 << 16) /* a cursor, an error list, a cost object */
#define MO_JSON_MAX_KEY 256           /* a longer key matches no path of ours */
#define MO_JSON_MAX_PATHS 16
#define MO_JSON_LONG_INTEGER 19 /* digits from which on an integer may not fit json-c's */

/*
 * Splitter: cuts the elements of one array out of a byte stream.
 *
 * "records" is the dotted path of the array ("data.orders.nodes"); the empty
 * path means that the whole answer is the record, or the array of them.
 * Values at the "capture" paths are kept as raw text wherever they appear,
 * before or after the array.
 */
typedef struct JsonSplit JsonSplit;

typedef enum JsonSplitResult
{
	JSON_SPLIT_MORE,   /* all input used: feed more, or finish */
	JSON_SPLIT_RECORD, /* mo_json_split_record() holds one */
	JSON_SPLIT_ERROR   /* mo_json_split_error() says what */
} JsonSplitResult;

extern JsonSplit *mo_json_split_new(const char *records, const char *const *capture);
extern void mo_json_split_free(JsonSplit *split);
extern JsonSplitResult mo_json_split_feed(JsonSplit *split, const char **input, size_t *len);
extern bool mo_json_split_finish(JsonSplit *split);
extern const char *mo_json_split_record(const JsonSplit *split, size_t *len);
extern const char *mo_json_split_captured(const JsonSplit *split, int capture, size_t *len);
extern bool mo_json_split_found(const JsonSplit *split);
extern const char *mo_json_split_error(const JsonSplit *split);
extern bool mo_json_split_too_large(const JsonSplit *split);

/* Values */
typedef struct JsonValue JsonValue;

extern JsonValue *mo_json_parse(const char *text, size_t len, const char **error);
extern void mo_json_free(JsonValue *value);
extern bool mo_json_is_array(const JsonValue *value);
extern bool mo_json_is_object(const JsonValue *value);
extern bool mo_json_is_string(const JsonValue *value);
extern bool mo_json_is_bool(const JsonValue *value, bool *is);
extern size_t mo_json_length(const JsonValue *value);
extern JsonValue *mo_json_element(const JsonValue *value, size_t i);
extern JsonValue *mo_json_member(const JsonValue *value, const char *key);
extern size_t mo_json_keys(const JsonValue *object, const char **keys, size_t max);
extern const char *mo_json_text(JsonValue *value, size_t *len);
extern const char *mo_json_dump(JsonValue *value);

/*
 * Paths: "a.b[0].c", "list[key=value].x", where "key=v1|v2" takes the first
 * of the alternatives that is there.  A leading "^" climbs to the record that
 * holds the list the row came from; mo_json_path_up() counts them.  A dot or
 * bracket within a name comes after a backslash: "@odata\.nextLink".
 */
typedef struct JsonPath JsonPath;

extern JsonPath *mo_json_path_compile(const char *text, const char **error);
extern void mo_json_path_free(JsonPath *path);
extern int mo_json_path_up(const JsonPath *path);
extern JsonValue *mo_json_path_get(const JsonPath *path, JsonValue *value);
extern JsonValue *mo_json_at(JsonValue *value, const char *dotted);

/* The length of the name that a path begins with, backslashes included. */
static inline size_t
mo_json_name_len(const char *path)
{
	size_t n = strcspn(path, ".[\\");

	while (path[n] == '\\' && path[n + 1] != '\0')
		n += 2 + strcspn(path + n + 2, ".[\\");
	return n;
}

/* That name without its backslashes, malloc'd; NULL = no memory. */
static inline char *
mo_json_name(const char *path, size_t len)
{
	char *name = strndup(path, len);
	char *to = name;

	for (const char *from = name; from != NULL && *from != '\0'; from++)
	{
		if (*from == '\\' && from[1] != '\0')
			from++;
		*to++ = *from;
	}
	if (name != NULL)
		*to = '\0';
	return name;
}

#endif /* MOMENTUM_JSON_H */
