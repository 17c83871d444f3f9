/*-------------------------------------------------------------------------
 *
 * answer.c
 *	  What an answer that is an error means, and what it says.
 *
 * The connector's rules come first; where none matches, the HTTP status has
 * its usual meaning.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "api/api.h"
#include "secret/secret.h"

#define MAX_WORD 100 /* of a header, in a message */

/* Is there something: not null, false, an empty list, object or text? */
bool
mo_answer_filled(JsonValue *value)
{
	size_t len;
	bool is;

	if (value == NULL || (mo_json_is_bool(value, &is) && !is))
		return false;
	if (mo_json_is_array(value))
		return mo_json_length(value) > 0;
	if (mo_json_is_object(value))
		return strcmp(mo_json_dump(value), "{}") != 0;
	return mo_json_text(value, &len) != NULL && len > 0;
}

/* The text at a path of an answer, palloc'd; NULL = there is none, or no path. */
char *
mo_answer_text(JsonValue *answer, const char *path)
{
	size_t len;
	JsonValue *value = path != NULL ? mo_json_at(answer, path) : NULL;
	const char *text = value != NULL ? mo_json_text(value, &len) : NULL;

	return text != NULL ? pstrdup(text) : NULL;
}

/* Is the text one of "a|b|c"?  Never if either is NULL. */
bool
mo_answer_is_one_of(const char *text, size_t len, const char *list)
{
	while (text != NULL && list != NULL && *list != '\0')
	{
		size_t n = strcspn(list, "|");

		if (n == len && strncmp(list, text, n) == 0)
			return true;
		list += n + (list[n] == '|');
	}
	return false;
}

/*
 * Take the secret out of a text of the service, then cut it to a message's
 * length: the other way round a part of the secret could be left at its end.
 * Changes the text, and returns it.
 */
char *
mo_answer_cut(char *text, const char *secret)
{
	mo_secret_redact(text, secret);
	text[pg_encoding_mbcliplen(PG_UTF8, text, strlen(text), MO_API_MAX_MESSAGE)] = '\0';
	return mo_answer_legible(text);
}

/*
 * A service's text, which is UTF-8, for a message: where that is not the
 * database's encoding what is not ASCII becomes question marks, for an error
 * must not end in another one.  Changes the text, and returns it.
 */
char *
mo_answer_legible(char *text)
{
	if (GetDatabaseEncoding() == PG_UTF8)
		return text;
	for (char *p = text; *p != '\0'; p++)
	{
		if (IS_HIGHBIT_SET(*p))
			*p = '?';
	}
	return text;
}

/*
 * A header of the service's, which can be any bytes, as a word for a message:
 * printable, without the secret, and short.  NULL stays NULL; palloc'd.
 */
char *
mo_answer_word(const char *header, const char *secret)
{
	char *word = header ? pstrdup(header) : NULL;

	if (word == NULL)
		return NULL;
	mo_secret_redact(word, secret);
	for (char *p = word; *p != '\0'; p++)
	{
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
	if (strlen(word) > MAX_WORD)
		word[MAX_WORD] = '\0';
	return word;
}

static ErrorClass
usual_class(int status)
{
	switch (status)
	{
		case 401:
			return ERROR_LOGIN;
		case 402:
		case 403:
			return ERROR_DENIED;
		case 404:
		case 410:
			return ERROR_MISSING;
		case 202: /* not ready yet */
		case 408:
		case 425:
		case 500:
		case 502:
		case 503:
		case 504:
			return ERROR_RETRY;
		case 413:
			return ERROR_TOO_BIG;
		case 429:
			return ERROR_THROTTLE;
		default:
			return status >= 500 ? ERROR_RETRY : ERROR_REQUEST;
	}
}

/* Is it the rule's code, or a number of its "200-299"? */
static bool
code_matches(const char *code, const char *text)
{
	size_t n = strspn(code, "0123456789");
	long number;

	if (strcmp(text, code) == 0)
		return true;
	if (n == 0 || code[n] != '-' || *text == '\0' || text[strspn(text, "0123456789")] != '\0')
		return false;
	number = strtol(text, NULL, 10);
	return number >= strtol(code, NULL, 10) && number <= strtol(code + n + 1, NULL, 10);
}

/* The first rule of the connector that matches, or NULL. */
static const ErrorRule *
find_rule(const Connector *connector, const ErrorAnswer *answer)
{
	for (const ErrorRule *rule = connector->errors; rule != NULL && rule->class != ERROR_END;
		 rule++)
	{
		if (rule->status != 0 && rule->status != answer->status)
			continue;
		if (rule->code == NULL)
			return rule;
		for (const char *const *path = connector->error_codes; path != NULL && *path != NULL;
			 path++)
		{
			size_t len;
			JsonValue *value = answer->get(answer, *path);
			const char *text = value ? mo_json_text(value, &len) : NULL;

			if (text != NULL && code_matches(rule->code, text))
				return rule;
		}
	}
	return NULL;
}

/* Which kind of error this is.  Never ERROR_END. */
ErrorClass
mo_answer_class(const Connector *connector, const ErrorAnswer *answer)
{
	const ErrorRule *rule = find_rule(connector, answer);

	return rule ? rule->class : usual_class(answer->status);
}

/* What the connector advises, or NULL. */
const char *
mo_answer_hint(const Connector *connector, const ErrorAnswer *answer)
{
	const ErrorRule *rule = find_rule(connector, answer);

	return rule ? rule->hint : NULL;
}

/*
 * The service's own words, on one line, without the secret, cut to
 * MO_API_MAX_MESSAGE bytes; NULL when it had none.
 */
char *
mo_answer_message(const Connector *connector, const ErrorAnswer *answer, const char *secret)
{
	for (const char *const *path = connector->error_messages; path != NULL && *path != NULL; path++)
	{
		size_t len;
		JsonValue *value = answer->get(answer, *path);
		const char *text;
		char *message;

		if (!mo_answer_filled(value))
			continue;
		text = mo_json_text(value, &len);
		if (text == NULL)
			text = mo_json_dump(value);
		message = mo_answer_cut(pstrdup(text), secret);
		for (char *p = message; *p != '\0'; p++)
		{
			if ((unsigned char) *p < 0x20)
				*p = ' ';
		}
		return message;
	}
	return NULL;
}
