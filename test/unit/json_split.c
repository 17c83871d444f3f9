/*-------------------------------------------------------------------------
 *
 * json_split.c
 *	  The splitter: whole, and byte by byte.
 *
 *-------------------------------------------------------------------------
 */
#include "../../fdw/json/split.c"
#include "../../fdw/json/record.c"
#include "../../fdw/json/scalar.c"

#include "tap.h"

static const char *const paths[] = {"page.cursor", "errors", NULL};

/* Records joined by "|", then "/" and the captured cursor, or "!" and the error. */
static const char *
split(const char *records, const char *text, size_t chunk)
{
	static char out[65536];
	JsonSplit *s = mo_json_split_new(records, paths);
	size_t left = strlen(text);
	JsonSplitResult result = JSON_SPLIT_MORE;

	out[0] = '\0';
	while (left > 0 && result != JSON_SPLIT_ERROR)
	{
		size_t len = left < chunk ? left : chunk;
		const char *input = text;
		size_t n = len;

		while ((result = mo_json_split_feed(s, &input, &n)) == JSON_SPLIT_RECORD)
		{
			size_t size;

			strcat(out, mo_json_split_record(s, &size));
			strcat(out, "|");
		}
		text += len;
		left -= len;
	}
	if (result == JSON_SPLIT_ERROR || !mo_json_split_finish(s))
	{
		strcat(out, "!");
		strcat(out, mo_json_split_error(s));
	}
	else if (!mo_json_split_found(s))
		strcat(out, "not found");
	else if (mo_json_split_captured(s, 0, NULL) != NULL)
	{
		strcat(out, "/");
		strcat(out, mo_json_split_captured(s, 0, NULL));
	}
	mo_json_split_free(s);
	return out;
}

static void
check(const char *records, const char *text, const char *expected, const char *what)
{
	char name[200];

	for (size_t chunk = 1; chunk <= 7; chunk += 2)
	{
		const char *got = split(records, text, chunk);

		snprintf(name, sizeof(name), "%s, %zu bytes at a time", what, chunk);
		ok(strcmp(got, expected) == 0, name);
		if (strcmp(got, expected) != 0)
			printf("# got %s\n", got);
	}
}

/* What json-c would take for a number, or a word */
static const char *const no_scalars[] = {"NaN", "-NaN", "Infinity", "-Infinity", "01", "-", "1.",
										 ".5", "1e", "1e+", "+1", "0x10", "1.5.5", "--1", "tru",
										 "truee", "nul", "TRUE"};

int
main(void)
{
	char deep[4096] = "[";

	check("data", "{\"data\":[{\"a\":1},{\"b\":[1,{}]}],\"page\":{\"cursor\":\"x\"}}",
		  "{\"a\":1}|{\"b\":[1,{}]}|/\"x\"", "cursor after the records");
	check("data", "{\"page\":{\"cursor\":12},\"data\":[]}", "/12", "cursor before the records");
	check("data.nodes", "{\"data\":{\"nodes\":[1,\"s\",null,true]}}", "1|\"s\"|null|true|",
		  "records of any kind");
	check("", "[1, 2]", "1|2|", "the answer is the array");
	check("", "{\"a\":{}}", "{\"a\":{}}|", "the answer is the record");
	check("data.shop", "{\"data\":{\"shop\":{\"id\":1}}}", "{\"id\":1}|", "a lone object");
	check("data", "{\"other\":[1]}", "not found", "no such array");
	check("data", "{\"data\":null}", "not found", "null for an array");
	check("data", "{\"x\":{\"data\":[1]},\"data\":[2]}", "2|", "only at its path");
	check("data", "{\"data\":[1],\"data\":[2]}", "1|!the array of records is there twice",
		  "the array twice");
	check("data", "{\"data\":\"x\"}",
		  "!the value where the array of records belongs is not an array",
		  "no array where one belongs");
	check("data", "{\"data\":[12345678901234567890123,1234567890123456789.5,-1234567890123456789]}",
		  "12345678901234567890123e0|1234567890123456789.5|-1234567890123456789e0|",
		  "long integers are marked");
	check("data", "{\"data\":[{\"n\":1234567890123456789},{\"n\":123456789012345678}]}",
		  "{\"n\":1234567890123456789e0}|{\"n\":123456789012345678}|", "within objects too");
	check("data", "{\"data\":[\"a\\u0000b\",\"\\\\u0000\",\"1234567890123456789\"]}",
		  "\"a\\ufffdb\"|\"\\\\u0000\"|\"1234567890123456789\"|", "an escaped NUL, and none");
	check("data", "{\"data\":[{\"s\":\"]},{\\\"\"}]}", "{\"s\":\"]},{\\\"\"}|",
		  "brackets in strings");
	check("data", "{\"data\":[1,2", "1|!the answer is cut off", "cut off");
	check("data", "", "!the answer is empty", "nothing at all");
	check("data", "\xef\xbb\xbf{\"data\":[1]}", "1|", "a byte order mark");
	check("data", "\xef\xbb{\"data\":[1]}", "!the answer is not JSON", "half of one");
	check("data", "{\"data\":[-0.5e+10,0,10,true,null]}", "-0.5e+10|0|10|true|null|", "scalars");
	for (int i = 0; i < (int) (sizeof(no_scalars) / sizeof(no_scalars[0])); i++)
	{
		char text[64];

		snprintf(text, sizeof(text), "{\"data\":[%s]}", no_scalars[i]);
		check("data", text, "!the answer is not JSON", no_scalars[i]);
		snprintf(text, sizeof(text), "{\"other\":{\"x\":%s}}", no_scalars[i]);
		check("data", text, "!the answer is not JSON", no_scalars[i]);
	}
	check("data", "<html>", "!the answer is not JSON", "no JSON");
	check("data", "{\"data\":[1]} x", "1|!the answer is not JSON", "something behind it");
	for (int i = 0; i < 100; i++)
		strcat(deep, "[");
	check("data", deep, "!values are nested too deeply", "too deep outside");
	snprintf(deep, sizeof(deep), "{\"data\":[%0*d", 100, 0);
	memset(deep + 9, '[', 100);
	check("data", deep, "!a record is nested too deeply", "too deep inside");
	return done_testing();
}
