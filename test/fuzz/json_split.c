/*-------------------------------------------------------------------------
 *
 * json_split.c
 *	  Any bytes, cut anywhere: the splitter says the same, and every record
 *	  it cuts out is either parsed or refused.
 *
 * fuzzes: fdw/json/split.c fdw/json/scalar.c fdw/json/record.c fdw/json/value.c
 *
 *-------------------------------------------------------------------------
 */
#include "json/json.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What came out of one pass, as a checksum */
typedef struct Outcome
{
	uint64_t hash;
	size_t records;
	bool complete;
} Outcome;

static const char *const capture[] = {"errors", "data.x.pageInfo", "extensions", NULL};

static void
add(Outcome *outcome, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		outcome->hash = (outcome->hash ^ (unsigned char) data[i]) * 1099511628211u;
	outcome->hash = (outcome->hash ^ 0xff) * 1099511628211u;
}

static Outcome
run(const char *records, const char *data, size_t size, size_t chunk)
{
	JsonSplit *split = mo_json_split_new(records, capture);
	Outcome outcome = {14695981039346656037u, 0, false};
	JsonSplitResult result = JSON_SPLIT_MORE;

	assert(split != NULL);
	while (size > 0 && result != JSON_SPLIT_ERROR)
	{
		size_t len = size < chunk ? size : chunk;
		char *copy = malloc(len); /* exactly, for the sanitizer */
		const char *input = copy;
		size_t left = len;

		memcpy(copy, data, len);
		while ((result = mo_json_split_feed(split, &input, &left)) == JSON_SPLIT_RECORD)
		{
			size_t n;
			const char *text = mo_json_split_record(split, &n);
			const char *error;
			JsonValue *value = mo_json_parse(text, n, &error);

			assert(text[n] == '\0' && strlen(text) <= n);
			add(&outcome, text, n);
			outcome.records++;
			if (error == NULL && value != NULL)
			{
				const char *dump = mo_json_dump(value);

				assert(strstr(dump, "NaN") == NULL || memchr(text, '"', n) != NULL);
				add(&outcome, dump, strlen(dump));
			}
			mo_json_free(value);
		}
		free(copy);
		data += len;
		size -= len;
	}
	outcome.complete = result != JSON_SPLIT_ERROR && mo_json_split_finish(split);
	for (int i = 0; outcome.complete && capture[i] != NULL; i++)
	{
		size_t n;
		const char *text = mo_json_split_captured(split, i, &n);

		if (text != NULL)
			add(&outcome, text, n);
	}
	mo_json_split_free(split);
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const records[] = {"", "data.x.nodes", "data"};
	size_t chunk;

	if (size < 2)
		return 0;
	chunk = 1 + data[0] % 16;
	for (int i = 0; i < 3; i++)
	{
		Outcome whole = run(records[i], (const char *) data + 1, size - 1, size);
		Outcome parts = run(records[i], (const char *) data + 1, size - 1, chunk);

		assert(whole.complete == parts.complete);
		assert(whole.records == parts.records && whole.hash == parts.hash);
	}
	return 0;
}
