/*-------------------------------------------------------------------------
 *
 * value.c
 *	  One record as a tree of values, and the paths that walk it.
 *
 * A thin, checked layer over json-c; see json.h for the path language.
 *
 *-------------------------------------------------------------------------
 */
#include "json/json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_STEPS 12
#define J(v) ((struct json_object *) (v))

typedef enum StepKind
{
	STEP_KEY,
	STEP_INDEX,
	STEP_WHERE
} StepKind;

typedef struct Step
{
	StepKind kind;
	char *key;          /* member to take, or to compare in STEP_WHERE */
	unsigned long hash; /* of the member to take */
	size_t index;
	char *values; /* STEP_WHERE: alternatives, each ended by a NUL, then an empty one */
} Step;

struct JsonPath
{
	int up;
	int nsteps;
	Step step[MAX_STEPS];
};

/* Most records are, and are spared a look at each of their bytes. */
static bool
is_ascii(const char *text, size_t len)
{
	uint64_t all = 0;

	for (; len >= sizeof(all); text += sizeof(all), len -= sizeof(all))
	{
		uint64_t bytes;

		memcpy(&bytes, text, sizeof(bytes));
		all |= bytes;
	}
	for (; len > 0; len--)
		all |= (unsigned char) *text++;
	return (all & UINT64_C(0x8080808080808080)) == 0;
}

/*
 * Take the splitter's mark off long integers.  json-c keeps the source text of
 * a number that is no integer as the object's user data.
 */
static void
unmark(struct json_object *value)
{
	switch (json_object_get_type(value))
	{
		case json_type_array:
			for (size_t i = 0; i < json_object_array_length(value); i++)
				unmark(json_object_array_get_idx(value, i));
			break;
		case json_type_object:
		{
			json_object_object_foreach(value, key, member)
			{
				(void) key;
				unmark(member);
			}
			break;
		}
		case json_type_double:
		{
			char *text = json_object_get_userdata(value);
			size_t len = text ? strlen(text) : 0;

			if (len > MO_JSON_LONG_INTEGER && strcmp(text + len - 2, "e0") == 0 &&
				strspn(text + (*text == '-'), "0123456789") + (*text == '-') == len - 2)
				text[len - 2] = '\0';
			break;
		}
		default:
			break;
	}
}

/*
 * Parse one record.  Returns NULL and sets "error" (static text) when it is
 * not strict JSON or not UTF-8.  A record "null" also gives NULL, with error
 * NULL.  Freed by mo_json_free().
 */
JsonValue *
mo_json_parse(const char *text, size_t len, const char **error)
{
	static json_tokener *tok = NULL;
	struct json_object *value;
	enum json_tokener_error code;

	*error = NULL;
	if (tok == NULL)
	{
		tok = json_tokener_new_ex(MO_JSON_MAX_DEPTH + 1);
		if (tok == NULL)
		{
			*error = "out of memory";
			return NULL;
		}
	}
	json_tokener_reset(tok);
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT |
									(is_ascii(text, len) ? 0 : JSON_TOKENER_VALIDATE_UTF8));
	/* the terminating NUL tells json-c that a bare number has ended */
	value = json_tokener_parse_ex(tok, text, (int) len + 1);
	code = json_tokener_get_error(tok);
	if (code != json_tokener_success)
	{
		*error = code == json_tokener_continue ? "unexpected end" : json_tokener_error_desc(code);
		json_object_put(value);
		return NULL;
	}
	if (strstr(text, "e0") != NULL)
		unmark(value);
	return (JsonValue *) value;
}

/* Frees a value that mo_json_parse() gave; parts of it must not be freed. */
void
mo_json_free(JsonValue *value)
{
	json_object_put(J(value));
}

bool
mo_json_is_array(const JsonValue *value)
{
	return json_object_is_type(J(value), json_type_array);
}

bool
mo_json_is_object(const JsonValue *value)
{
	return json_object_is_type(J(value), json_type_object);
}

bool
mo_json_is_string(const JsonValue *value)
{
	return json_object_is_type(J(value), json_type_string);
}

/* Is it a boolean?  Then "is" says which. */
bool
mo_json_is_bool(const JsonValue *value, bool *is)
{
	if (!json_object_is_type(J(value), json_type_boolean))
		return false;
	*is = json_object_get_boolean(J(value));
	return true;
}

/* Elements of an array; 0 for anything else. */
size_t
mo_json_length(const JsonValue *value)
{
	return mo_json_is_array(value) ? json_object_array_length(J(value)) : 0;
}

/* Element of an array, or NULL. */
JsonValue *
mo_json_element(const JsonValue *value, size_t i)
{
	if (!mo_json_is_array(value))
		return NULL;
	return (JsonValue *) json_object_array_get_idx(J(value), i);
}

/* Member of an object, or NULL. */
JsonValue *
mo_json_member(const JsonValue *value, const char *key)
{
	struct json_object *member = NULL;

	if (!mo_json_is_object(value))
		return NULL;
	json_object_object_get_ex(J(value), key, &member);
	return (JsonValue *) member;
}

/* The names of an object's members, in their order, at most "max" of them; borrowed. */
size_t
mo_json_keys(const JsonValue *object, const char **keys, size_t max)
{
	size_t n = 0;

	if (!mo_json_is_object(object))
		return 0;
	for (struct lh_entry *e = json_object_get_object(J(object))->head; e != NULL && n < max;
		 e = e->next)
		keys[n++] = lh_entry_k(e);
	return n;
}

/*
 * The text of a scalar: a string's content, a number exactly as the service
 * wrote it.  NULL for null, arrays and objects.  Valid as long as the value.
 */
const char *
mo_json_text(JsonValue *value, size_t *len)
{
	const char *text;

	switch (json_object_get_type(J(value)))
	{
		case json_type_string:
			*len = (size_t) json_object_get_string_len(J(value));
			return json_object_get_string(J(value));
		case json_type_boolean:
			text = json_object_get_boolean(J(value)) ? "true" : "false";
			break;
		case json_type_int:
		case json_type_double:
			text = json_object_get_string(J(value));
			break;
		default:
			return NULL;
	}
	*len = strlen(text);
	return text;
}

/* Any value as JSON text, numbers as the service wrote them. */
const char *
mo_json_dump(JsonValue *value)
{
	return json_object_to_json_string_ext(J(value),
										  JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

/* Frees a compiled path; NULL is fine. */
void
mo_json_path_free(JsonPath *path)
{
	if (path == NULL)
		return;
	for (int i = 0; i < path->nsteps; i++)
	{
		free(path->step[i].key);
		free(path->step[i].values);
	}
	free(path);
}

/* What json-c's objects hash the step's key to: the same for all of a process. */
static bool
hash_key(Step *step)
{
	static struct json_object *any = NULL;

	if (any == NULL)
		any = json_object_new_object();
	if (any != NULL)
		step->hash = lh_get_hash(json_object_get_object(any), step->key);
	return any != NULL;
}

/* "key=v1|v2" or a number, between brackets */
static bool
compile_bracket(Step *step, const char *text, size_t len)
{
	const char *eq = memchr(text, '=', len);

	if (len == 0)
		return false;
	if (eq == NULL)
	{
		if (strspn(text, "0123456789") < len || len > 6)
			return false;
		step->kind = STEP_INDEX;
		step->index = strtoul(text, NULL, 10);
		return true;
	}
	step->kind = STEP_WHERE;
	step->key = strndup(text, eq - text);
	step->values = calloc(1, len + 2);
	if (step->key == NULL || step->values == NULL)
		return false;
	memcpy(step->values, eq + 1, len - (eq - text) - 1);
	for (char *p = step->values; (p = strchr(p, '|')) != NULL; p++)
		*p = '\0';
	return step->key[0] != '\0' && step->values[0] != '\0';
}

/*
 * Compile a path.  On bad syntax returns NULL and sets "error" (static).
 * Freed by mo_json_path_free().
 */
JsonPath *
mo_json_path_compile(const char *text, const char **error)
{
	JsonPath *path = calloc(1, sizeof(JsonPath));

	*error = "out of memory";
	if (path == NULL)
		return NULL;
	*error = "a path is made of names joined by dots, with [0] or [key=value] to pick from a list";
	while (*text == '^')
	{
		path->up++;
		text++;
	}
	while (*text != '\0')
	{
		Step *step;
		size_t n;

		if (path->nsteps == MAX_STEPS)
			goto failed;
		step = &path->step[path->nsteps++];
		if (*text == '[')
		{
			n = strcspn(text, "]");
			if (text[n] != ']' || !compile_bracket(step, text + 1, n - 1))
				goto failed;
			text += n + 1;
		}
		else
		{
			n = mo_json_name_len(text);
			if (n == 0)
				goto failed;
			step->kind = STEP_KEY;
			step->key = mo_json_name(text, n);
			if (step->key == NULL || !hash_key(step))
				goto failed;
			text += n;
		}
		if (*text == '.')
		{
			text++;
			if (*text == '\0')
				goto failed;
		}
		else if (*text != '\0' && *text != '[')
			goto failed;
	}
	*error = NULL;
	return path;
failed:
	mo_json_path_free(path);
	return NULL;
}

/* How many records up from the row the path begins. */
int
mo_json_path_up(const JsonPath *path)
{
	return path->up;
}

static struct json_object *
where(const Step *step, struct json_object *list)
{
	size_t n;

	if (!json_object_is_type(list, json_type_array))
		return NULL;
	n = json_object_array_length(list);
	for (const char *want = step->values; *want != '\0'; want += strlen(want) + 1)
	{
		for (size_t i = 0; i < n; i++)
		{
			struct json_object *element = json_object_array_get_idx(list, i);
			struct json_object *member = NULL;

			if (json_object_is_type(element, json_type_object) &&
				json_object_object_get_ex(element, step->key, &member) && member != NULL &&
				strcmp(json_object_get_string(member), want) == 0)
				return element;
		}
	}
	return NULL;
}

static struct json_object *
member(const Step *step, struct json_object *v)
{
	struct lh_table *table = json_object_get_object(v);
	struct lh_entry *entry =
		table ? lh_table_lookup_entry_w_hash(table, step->key, step->hash) : NULL;

	return entry ? lh_entry_v(entry) : NULL;
}

/* The value at the path, or NULL when any step of it is missing or null. */
JsonValue *
mo_json_path_get(const JsonPath *path, JsonValue *value)
{
	struct json_object *v = J(value);

	for (int i = 0; i < path->nsteps && v != NULL; i++)
	{
		const Step *step = &path->step[i];
		struct json_object *next = NULL;

		switch (step->kind)
		{
			case STEP_KEY:
				next = member(step, v);
				break;
			case STEP_INDEX:
				if (json_object_is_type(v, json_type_array))
					next = json_object_array_get_idx(v, step->index);
				break;
			case STEP_WHERE:
				next = where(step, v);
				break;
		}
		v = next;
	}
	return (JsonValue *) v;
}

/* The value at a path written on the spot; NULL when missing or malformed. */
JsonValue *
mo_json_at(JsonValue *value, const char *dotted)
{
	const char *error;
	JsonPath *path = mo_json_path_compile(dotted, &error);
	JsonValue *found;

	if (path == NULL)
		return NULL;
	found = mo_json_path_get(path, value);
	mo_json_path_free(path);
	return found;
}
