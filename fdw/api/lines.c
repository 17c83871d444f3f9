/*-------------------------------------------------------------------------
 *
 * lines.c
 *	  A file of JSON lines, cut as if it were one array.
 *
 * The splitter gets brackets around the lines and commas between them, so
 * that its bounds and checks hold here too.  A break within a line cannot be
 * taken for one between two: each line has to be one record, no more, no less.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "api/internal.h"

/* Hand the splitter a mark of ours; it is never the end of a record. */
static JsonSplitResult
feed_mark(Fetch *fetch, char mark)
{
	const char *text = &mark;
	size_t len = 1;

	return mo_json_split_feed(fetch->split, &text, &len);
}

/* The line is at its end: was it one record? */
static void
end_line(ApiScan *scan, Fetch *fetch)
{
	if (fetch->in_line && fetch->got != fetch->lines_begun)
		mo_trouble_not_json(scan, fetch,
							psprintf("line " INT64_FORMAT " of it is not one record",
									 fetch->lines_begun));
	fetch->in_line = false;
}

/* Before the first byte of each try. */
void
mo_lines_begin(Fetch *fetch)
{
	fetch->in_line = false;
	fetch->lines_begun = 0;
	(void) feed_mark(fetch, '[');
}

/* As mo_json_split_feed(); raises where a line is not one record. */
JsonSplitResult
mo_lines_feed(ApiScan *scan, Fetch *fetch, const char **data, size_t *len)
{
	while (*len > 0)
	{
		const char *end = memchr(*data, '\n', *len);
		size_t n = end != NULL ? (size_t) (end - *data) : *len;
		const char *text = *data;
		JsonSplitResult result;

		if (n == 0)
		{
			end_line(scan, fetch);
			(*data)++;
			(*len)--;
			continue;
		}
		if (!fetch->in_line && fetch->lines_begun++ > 0 &&
			feed_mark(fetch, ',') == JSON_SPLIT_ERROR)
			return JSON_SPLIT_ERROR;
		fetch->in_line = true;
		result = mo_json_split_feed(fetch->split, &text, &n);
		*len -= text - *data;
		*data = text;
		if (result != JSON_SPLIT_MORE)
			return result;
	}
	return JSON_SPLIT_MORE;
}

/* All has come.  The last line need not end in a break. */
void
mo_lines_finish(ApiScan *scan, Fetch *fetch)
{
	end_line(scan, fetch);
	if (feed_mark(fetch, ']') == JSON_SPLIT_ERROR)
		mo_trouble_not_json(scan, fetch, mo_json_split_error(fetch->split));
}
