/*-------------------------------------------------------------------------
 *
 * json_path.c
 *	  Any text as a path, walked over any value.
 *
 * fuzzes: fdw/json/value.c
 *
 *-------------------------------------------------------------------------
 */
#include "json/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first line is the path, the rest the value. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	char *value_text;
	const char *error;
	JsonPath *path;
	JsonValue *value;

	memcpy(text, data, size);
	text[size] = '\0';
	value_text = strchr(text, '\n');
	if (value_text != NULL)
		*value_text++ = '\0';
	else
		value_text = text + strlen(text);
	path = mo_json_path_compile(text, &error);
	value = mo_json_parse(value_text, strlen(value_text), &error);
	if (path != NULL)
	{
		JsonValue *found = mo_json_path_get(path, value);
		size_t len;

		if (found != NULL && mo_json_text(found, &len) == NULL)
			(void) mo_json_dump(found);
	}
	mo_json_free(value);
	mo_json_path_free(path);
	free(text);
	return 0;
}
