/*-------------------------------------------------------------------------
 *
 * json.c
 *	  Feed the splitter and the values with any bytes at all.
 *
 * What must hold besides not crashing: an answer cut into chunks of any size
 * gives the same records, captures and verdict as the answer in one piece; a
 * record that parses can be walked and printed, and parses again.
 *
 * fuzzes: fdw/json/split.c fdw/json/value.c
 *
 *-------------------------------------------------------------------------
 */
#include "json/json.h"

#include <stdlib.h>
#include <string.h>

static const char *const places[] = {"data.orders.nodes", "data", "", NULL};
static const char *const captures[] = {"data.orders.pageInfo.endCursor", "errors", "extensions.cost", NULL};
static const char *const paths[] = {
	"a", "a.b[0].c", "list[key=value].x", "list[key=v1|v2].x", "nodes[*]", NULL};

/* All that a run over the answer gives, as one string of bytes. */
typedef struct Outcome
{
	char *bytes;
	size_t len;
	size_t size;
} Outcome;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
add(Outcome *outcome, const void *bytes, size_t len)
{
	if (outcome->len + len + 1 > outcome->size)
	{
		outcome->size = 2 * (outcome->len + len + 1);
		outcome->bytes = realloc(outcome->bytes, outcome->size);
		if (outcome->bytes == NULL)
			abort();
	}
	if (len > 0)
		memcpy(outcome->bytes + outcome->len, bytes, len);
	outcome->len += len;
	outcome->bytes[outcome->len++] = '\n';
}

/* Looks at everything a value can tell. */
static void
walk(JsonValue *value)
{
	char buf[64];
	size_t len;
	bool is;

	mo_json_text(value, buf, sizeof(buf), &len);
	mo_json_is_bool(value, &is);
	for (const char *const *path = paths; *path != NULL; path++)
	{
		const char *error = NULL;
		JsonPath *compiled = mo_json_path_compile(*path, &error);

		if (compiled != NULL)
			mo_json_path_get(compiled, value);
		mo_json_path_free(compiled);
	}
	if (mo_json_is_array(value))
		for (size_t i = 0; i < mo_json_length(value); i++)
			walk(mo_json_element(value, i));
}

static void
check_record(const char *record, size_t len)
{
	const char *error = NULL;
	JsonValue *value = mo_json_parse(record, len, &error);
	JsonValue *again;
	const char *text;

	if (value == NULL)
		return;
	walk(value);
	text = mo_json_dump(value);
	again = mo_json_parse(text, strlen(text), &error);
	if (again == NULL)
		abort();
	mo_json_free(again);
	mo_json_free(value);
}

/* Runs over the answer in chunks that "seed" decides; 0 = one piece. */
static void
run(const char *place, const uint8_t *data, size_t size, unsigned seed, Outcome *outcome)
{
	JsonSplit *split = mo_json_split_new(place, captures);
	bool good = true;
	size_t at = 0;

	while (good && at < size)
	{
		size_t chunk = size - at;
		const char *input;

		if (seed != 0)
		{
			seed = seed * 1103515245 + 12345;
			if (chunk > 1 + (seed >> 16) % 7)
				chunk = 1 + (seed >> 16) % 7;
		}
		/* a copy of exactly this size, so that a read past it is seen */
		input = malloc(chunk);
		if (input == NULL)
			abort();
		memcpy((char *) input, data + at, chunk);
		at += chunk;
		{
			const char *next = input;
			JsonSplitResult result;

			while ((result = mo_json_split_feed(split, &next, &chunk)) == JSON_SPLIT_RECORD)
			{
				size_t len;
				const char *record = mo_json_split_record(split, &len);

				add(outcome, record, len);
				if (seed == 0)
					check_record(record, len);
			}
			good = result != JSON_SPLIT_ERROR;
		}
		free((char *) input);
	}
	good = good && mo_json_split_finish(split);
	add(outcome, good ? "good" : "bad", good ? 4 : 3);
	if (good)
		for (int i = 0; captures[i] != NULL; i++)
		{
			size_t len = 0;
			const char *text = mo_json_split_captured(split, i, &len);

			if (text != NULL)
				add(outcome, text, len);
		}
	mo_json_split_free(split);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (const char *const *place = places; *place != NULL; place++)
	{
		Outcome whole = {0};
		Outcome pieces = {0};

		run(*place, data, size, 0, &whole);
		run(*place, data, size, 1 + (unsigned) size, &pieces);
		if (whole.len != pieces.len || memcmp(whole.bytes, pieces.bytes, whole.len) != 0)
			abort();
		free(whole.bytes);
		free(pieces.bytes);
	}
	return 0;
}
