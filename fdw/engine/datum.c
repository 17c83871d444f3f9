/*-------------------------------------------------------------------------
 *
 * datum.c
 *	  One value of a record becomes one Datum.
 *
 * Numbers keep the text the service sent, all the way into numeric.  An empty
 * string where no text is wanted is NULL; JSON null and a missing member too.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "engine/engine.h"

/* Longer ones are none: dates, identifiers, machine numbers; and numeric ones. */
#define MAX_FIXED 100
#define MAX_NUMERIC 1000

/* Look up what conversion to the type needs; once per scan and column. */
void
mo_datum_prepare(DatumReader *reader, Oid type, int32 typmod, int flags)
{
	Oid input;
	Oid base = getBaseType(type);
	Oid element = get_element_type(base);
	char category;
	bool preferred;

	get_type_category_preferred(base, &category, &preferred);
	reader->type = type;
	reader->typmod = typmod;
	reader->flags = flags;
	reader->is_text = category == TYPCATEGORY_STRING;
	reader->is_number = category == TYPCATEGORY_NUMERIC;
	reader->is_json = base == JSONOID || base == JSONBOID;
	reader->max_len = base == NUMERICOID ? MAX_NUMERIC : (get_typlen(base) > 0 ? MAX_FIXED : 0);
	reader->element = NULL;
	if (OidIsValid(element))
	{
		reader->element = palloc0(sizeof(DatumReader));
		mo_datum_prepare(reader->element, element, typmod, flags & ~COL_ZERO);
	}
	getTypeInputInfo(type, &input, &reader->ioparam);
	fmgr_info_cxt(input, &reader->input, CurrentMemoryContext);
}

/* The number at the end of "gid://shopify/Order/123?x=y" */
static const char *
tail_number(const char *text, size_t *len)
{
	size_t end = strcspn(text, "?");
	size_t start = end;

	while (start > 0 && text[start - 1] >= '0' && text[start - 1] <= '9')
		start--;
	*len = end - start;
	return start < end ? pnstrdup(text + start, end - start) : text;
}

/* "2026-03-10 12:00:00" with its zone; what has another length is left as it is. */
static const char *
in_utc(const char *text, size_t *len)
{
	if (*len != strlen("2026-03-10 12:00:00"))
		return text;
	*len += 1;
	return psprintf("%.10sT%.8sZ", text, text + 11);
}

/*
 * Convert text.  "shown" is left pointing at the text while it is converted,
 * for the error context.  Raises what the type's input function raises.
 */
Datum
mo_datum_from_text(DatumReader *reader, const char *text, size_t len, const char **shown,
				   bool *isnull)
{
	char *converted;
	Datum result;

	*isnull = false;
	if (len == 0 && !reader->is_text)
	{
		*isnull = true;
		return (Datum) 0;
	}
	if ((reader->flags & COL_DASH) && len == 1 && text[0] == '-')
	{
		*isnull = true;
		return (Datum) 0;
	}
	*shown = text;
	if (reader->flags & COL_TAIL)
		text = tail_number(text, &len);
	if (reader->flags & COL_UTC)
		text = in_utc(text, &len);
	if (reader->max_len > 0 && len > reader->max_len)
		ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
						errmsg("value of %zu bytes does not fit type %s", len,
							   format_type_be(reader->type))));
	if (reader->typmod == -1 && mo_plain_read(reader->type, text, len, &result))
	{
		*shown = NULL;
		return result;
	}
	/* NaN and infinity are no amounts, and would make every sum one */
	if (reader->is_number && strspn(text + strspn(text, "+- \t\r\n"), "nNiI") > 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
						errmsg("a value that is no number does not fit type %s",
							   format_type_be(reader->type))));
	converted = pg_any_to_server(text, (int) len, PG_UTF8);
	if (reader->type == TEXTOID)
		result = PointerGetDatum(cstring_to_text_with_len(
			converted, converted == text ? (int) len : (int) strlen(converted)));
	else
		result = InputFunctionCall(&reader->input, converted, reader->ioparam, reader->typmod);
	*shown = NULL;
	return result;
}

static Datum
scalar_from_json(DatumReader *reader, JsonValue *value, const char **shown, bool *isnull)
{
	size_t len;
	const char *text = mo_json_text(value, &len);

	if (text == NULL)
	{
		/* an object or a list: as its JSON, where text can hold it */
		text = mo_json_dump(value);
		len = strlen(text);
		if (!reader->is_text)
		{
			*shown = text;
			ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
							errmsg("a list or object does not fit type %s",
								   format_type_be(reader->type))));
		}
	}
	return mo_datum_from_text(reader, text, len, shown, isnull);
}

static Datum
array_from_json(DatumReader *reader, JsonValue *value, const char **shown)
{
	DatumReader *element = reader->element;
	size_t n = mo_json_length(value);
	ArrayBuildState *state = initArrayResult(element->type, CurrentMemoryContext, false);

	for (size_t i = 0; i < n; i++)
	{
		bool isnull;
		Datum datum = mo_datum_from_json(element, mo_json_element(value, i), shown, &isnull);

		state = accumArrayResult(state, datum, isnull, element->type, CurrentMemoryContext);
	}
	return makeArrayResult(state, CurrentMemoryContext);
}

/* Convert a value of a record; NULL pointers are SQL NULLs (or the zero that COL_ZERO promises). */
Datum
mo_datum_from_json(DatumReader *reader, JsonValue *value, const char **shown, bool *isnull)
{
	*isnull = false;
	if (value == NULL)
	{
		if (reader->flags & COL_ZERO)
			return mo_datum_from_text(reader, "0", 1, shown, isnull);
		*isnull = true;
		return (Datum) 0;
	}
	if (reader->is_json)
	{
		const char *text = mo_json_dump(value);

		*shown = text;
		text = pg_any_to_server(text, (int) strlen(text), PG_UTF8);
		value = NULL;
		{
			Datum result =
				InputFunctionCall(&reader->input, (char *) text, reader->ioparam, reader->typmod);

			*shown = NULL;
			return result;
		}
	}
	if (reader->element != NULL)
	{
		if (!mo_json_is_array(value))
		{
			*shown = mo_json_dump(value);
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("a value that is no list does not fit type %s",
							format_type_be(reader->type))));
		}
		return array_from_json(reader, value, shown);
	}
	return scalar_from_json(reader, value, shown, isnull);
}
