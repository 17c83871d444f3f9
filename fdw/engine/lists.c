/*-------------------------------------------------------------------------
 *
 * lists.c
 *	  Conditions that name several values: "id = ANY (...)".
 *
 * Each value is asked for once, NULLs never.  A list with more values than one
 * request takes is asked for in parts; then a row belongs to the part that
 * holds its own value, for a service that returns more than it was asked for
 * might give it again with another part.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "engine/engine.h"

/* Does the session decide how values of the type are written? */
static bool
is_of_style(Oid type)
{
	switch (type)
	{
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
		case INTERVALOID:
		case FLOAT4OID:
		case FLOAT8OID:
			return true;
		default:
			return false;
	}
}

/*
 * The text of a value in no session's style: days as in ISO 8601, numbers with
 * all their digits.
 */
static char *
output_text(Oid output, Datum value)
{
	static const char *const styles[][2] = {
		{"datestyle", "ISO"}, {"intervalstyle", "postgres"}, {"extra_float_digits", "3"}};
	int level = NewGUCNestLevel();
	char *text;

	for (size_t i = 0; i < lengthof(styles); i++)
		(void) set_config_option(styles[i][0], styles[i][1], PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
	text = OidOutputFunctionCall(output, value);
	AtEOXact_GUC(true, level);
	return text;
}

/* A value as the service reads it, in UTF-8. */
char *
mo_value_text(Datum value, Oid type)
{
	Oid output;
	bool varlena;
	char *text;

	if (type == BOOLOID)
		return DatumGetBool(value) ? "true" : "false";
	getTypeOutputInfo(type, &output, &varlena);
	text = is_of_style(getBaseType(type)) ? output_text(output, value)
										  : OidOutputFunctionCall(output, value);
	return pg_server_to_any(text, (int) strlen(text), PG_UTF8);
}

/* Shorter texts first, so that whole numbers stand in their order. */
static int
compare_texts(const void *a, const void *b)
{
	const char *left = *(const char *const *) a;
	const char *right = *(const char *const *) b;
	size_t left_len = strlen(left);
	size_t right_len = strlen(right);

	if (left_len != right_len)
		return left_len < right_len ? -1 : 1;
	return strcmp(left, right);
}

/*
 * The condition for the values of an array.  NULL with "nothing" set: there is
 * no value that a row could equal; else NULL: the service cannot be asked for
 * one of them, as it looks for words and there is none in an empty text.
 */
ApiCondition *
mo_list_condition(const Filter *filter, ArrayType *array, bool *nothing)
{
	Oid type = ARR_ELEMTYPE(array);
	int16 typlen;
	bool typbyval;
	char typalign;
	Datum *elements;
	bool *nulls;
	int n;
	int kept = 0;
	char **texts;

	get_typlenbyvalalign(type, &typlen, &typbyval, &typalign);
	deconstruct_array(array, type, typlen, typbyval, typalign, &elements, &nulls, &n);
	texts = palloc(sizeof(char *) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		if (!nulls[i])
			texts[kept++] = mo_value_text(elements[i], type);
	}
	return mo_list_of_texts(filter, texts, kept, nothing);
}

/* The same for values that are texts already; the array is kept and sorted. */
ApiCondition *
mo_list_of_texts(const Filter *filter, char **texts, int n, bool *nothing)
{
	ApiCondition *condition = palloc0(sizeof(ApiCondition));

	*nothing = n == 0;
	if (n == 0)
		return NULL;
	qsort(texts, n, sizeof(char *), compare_texts);
	if (texts[0][0] == '\0')
		return NULL;
	for (int i = 0; i < n; i++)
	{
		if (i == 0 || strcmp(texts[i], texts[condition->nvalues - 1]) != 0)
			texts[condition->nvalues++] = texts[i];
	}
	condition->filter = filter;
	condition->values = texts;
	return condition;
}

/*
 * The part of the list that a value belongs to, -1 if it is not in the list.
 */
int
mo_list_part(const ApiCondition *condition, const char *text)
{
	char **found =
		bsearch(&text, condition->values, condition->nvalues, sizeof(char *), compare_texts);

	return found ? (int) (found - condition->values) / condition->filter->most : -1;
}
