/*-------------------------------------------------------------------------
 *
 * message.c
 *	  What a customer wrote, out of what came in: HTML, quoted replies and
 *	  signatures are left out.
 *
 * Everything here looks at single bytes below 128, which no server encoding
 * uses inside a longer character.  Every loop is linear in the text: a tag
 * ends before the next "<", and an element that is never closed is looked
 * for once.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "compat.h"
#include "hub/message.h"

/* Lines that a header of a quoted mail may run over. */
#define HEADER_LINES 3
/* Lines in which the other fields of such a header follow. */
#define FIELD_LINES 5

typedef struct Line
{
	const char *text;
	int len;
} Line;

/*
 * How the mail programs say "On Monday Anna wrote:".
 */
static const struct
{
	const char *opens;
	const char *verb;
} wrote[] = {
	{"On ", "wrote:"},
	{"Am ", "schrieb"},
	{"Le ", "crit :"},
	{"El ", "escribi"},
	{"Op ", "schreef"},
	{"Il ", "ha scritto"},
	{0}};

/* Characters by name; others that have a name are taken for blanks. */
static const struct
{
	const char *name;
	char stands_for;
} known[] = {
	{"amp;", '&'},
	{"lt;", '<'},
	{"gt;", '>'},
	{"quot;", '"'},
	{"apos;", '\''},
	{"nbsp;", ' '},
	{"rsquo;", '\''},
	{"lsquo;", '\''}};

/* Elements whose content nobody reads, and the reply that is quoted. */
static const char *const hidden[] = {"style", "script", "head", "title", "blockquote"};

char *
mo_message_read(Datum value, int *len)
{
	struct varlena *head =
		PG_DETOAST_DATUM_SLICE(value, 0, MO_MESSAGE_BYTES + MAX_MULTIBYTE_CHAR_LEN);
	const char *bytes = VARDATA_ANY(head);
	int size = VARSIZE_ANY_EXHDR(head);

	/* the slice may end inside a character: walk whole ones only */
	if (size > MO_MESSAGE_BYTES)
	{
		int whole = 0;

		while (whole < MO_MESSAGE_BYTES)
		{
			int step = pg_mblen(bytes + whole);

			if (whole + step > MO_MESSAGE_BYTES)
				break;
			whole += step;
		}
		size = whole;
	}
	*len = size;
	return pnstrdup(bytes, size);
}

/*
 * Length of the tag that begins at "<", with its name in lower case; 0 if
 * this is no tag.
 */
static int
tag_at(const char *at, const char *end, char name[16], bool *closes)
{
	const char *p = at + 1;
	int n = 0;

	*closes = p < end && *p == '/';
	if (*closes)
		p++;
	if (p < end && *p == '!')
		name[n++] = *p++;
	else if (p >= end || !isalpha((unsigned char) *p))
		return 0;
	while (p < end && (isalnum((unsigned char) *p) || *p == ':' || *p == '-'))
	{
		if (n < 15)
			name[n++] = tolower((unsigned char) *p);
		p++;
	}
	name[n] = '\0';
	if (p >= end || (*p != '>' && *p != '/' && !isspace((unsigned char) *p) && name[0] != '!'))
		return 0;
	while (p < end && *p != '>' && *p != '<')
		p++;
	return p < end && *p == '>' ? p + 1 - at : 0;
}

/*
 * Where the element's content ends: behind its closing tag, or "end" when
 * there is none.
 */
static const char *
behind_element(const char *at, const char *end, const char *element)
{
	int depth = 1;
	char name[16];
	bool closes;

	while (at < end)
	{
		int len = *at == '<' ? tag_at(at, end, name, &closes) : 0;

		if (len > 0 && strcmp(name, element) == 0)
			depth += closes ? -1 : 1;
		at += Max(len, 1);
		if (depth == 0)
			break;
	}
	return at;
}

/*
 * What stands for a tag: an empty line, a line's end or nothing.
 */
static const char *
tag_as_text(const char *name)
{
	static const char *const blocks[] = {"p", "div", "tr", "li", "table", "ul", "ol", "hr",
										 "h1", "h2", "h3", "h4", "h5", "h6"};

	if (strcmp(name, "br") == 0)
		return "\n";
	for (int i = 0; i < (int) lengthof(blocks); i++)
	{
		if (strcmp(name, blocks[i]) == 0)
			return "\n\n";
	}
	return "";
}

static uint32
digit_value(char digit)
{
	return isdigit((unsigned char) digit) ? digit - '0' : tolower((unsigned char) digit) - 'a' + 10;
}

/*
 * Decode the character reference at "&" into "out" (four bytes at most);
 * returns the bytes it takes in the text, 0 if this is none.
 */
static int
reference_at(const char *at, const char *end, char *out, int *out_len)
{
	const char *p = at + 1;
	uint32 code = 0;
	int base = 10;

	for (int i = 0; i < (int) lengthof(known); i++)
	{
		int len = strlen(known[i].name);

		if (end - p >= len && memcmp(p, known[i].name, len) == 0)
		{
			*out = known[i].stands_for;
			*out_len = 1;
			return len + 1;
		}
	}
	if (p >= end || *p++ != '#')
		return 0;
	if (p < end && (*p == 'x' || *p == 'X'))
	{
		base = 16;
		p++;
	}
	for (const char *first = p; p < end && isxdigit((unsigned char) *p) && p - first < 7; p++)
	{
		if (base == 10 && !isdigit((unsigned char) *p))
			return 0;
		code = code * base + digit_value(*p);
	}
	if (p >= end || *p != ';')
		return 0;
	*out = ' ';
	*out_len = 1;
	if (code >= 32 && code < 128)
		*out = (char) code;
	else if (code == 0x2019)
		*out = '\'';
	else if (GetDatabaseEncoding() == PG_UTF8 && code > 0xA0 && code <= 0x10FFFF &&
			 (code < 0xD800 || code >= 0xE000))
	{
		unicode_to_utf8(code, (unsigned char *) out);
		*out_len = pg_mblen(out);
	}
	return p + 1 - at;
}

/*
 * The text without tags and character references.
 */
static char *
without_html(const char *raw, int len, int *out_len)
{
	const char *end = raw + len;
	char *text = palloc(len + 1);
	char *out = text;
	char name[16];
	bool closes;

	for (const char *at = raw; at < end;)
	{
		int taken = 0;

		CHECK_FOR_INTERRUPTS();
		if (*at == '<' && end - at >= 4 && memcmp(at, "<!--", 4) == 0)
		{
			const char *p = at + 4;

			while (p + 2 < end && memcmp(p, "-->", 3) != 0)
				p++;
			taken = Min(p + 3, end) - at;
		}
		else if (*at == '<' && (taken = tag_at(at, end, name, &closes)) > 0)
		{
			const char *stands_for = tag_as_text(name);
			int n = strlen(stands_for);

			memcpy(out, stands_for, n);
			out += n;
			for (int i = 0; !closes && i < (int) lengthof(hidden); i++)
			{
				if (strcmp(name, hidden[i]) == 0)
					taken = behind_element(at + taken, end, name) - at;
			}
		}
		else if (*at == '&')
		{
			int n = 0;

			taken = reference_at(at, end, out, &n);
			out += n;
		}
		if (taken == 0)
		{
			*out++ = *at;
			taken = 1;
		}
		at += taken;
	}
	*out = '\0';
	*out_len = out - text;
	return text;
}

/*
 * The next line of the text, blanks around it left out; false at the end.
 */
static bool
next_line(const char **at, const char *end, Line *line)
{
	const char *p = *at;
	const char *stop;

	if (p >= end)
		return false;
	stop = memchr(p, '\n', end - p);
	if (stop == NULL)
		stop = end;
	*at = Min(stop + 1, end);
	while (p < stop && isspace((unsigned char) *p))
		p++;
	while (stop > p && isspace((unsigned char) stop[-1]))
		stop--;
	line->text = p;
	line->len = stop - p;
	return true;
}

static bool
begins(const Line *line, const char *word)
{
	int len = strlen(word);

	return line->len >= len && pg_strncasecmp(line->text, word, len) == 0;
}

static bool
holds(const Line *line, const char *word)
{
	int len = strlen(word);

	for (int i = 0; i + len <= line->len; i++)
	{
		if (pg_strncasecmp(line->text + i, word, len) == 0)
			return true;
	}
	return false;
}

/*
 * Does a header such as "On Monday Anna wrote:" begin at this line?  Then
 * "behind" is where it ends.
 */
static bool
is_reply_header(const Line *line, const char *at, const char *end, const char **behind)
{
	for (int i = 0; wrote[i].opens != NULL; i++)
	{
		Line more = *line;
		const char *p = at;

		if (line->len < 3 || memcmp(line->text, wrote[i].opens, 3) != 0)
			continue;
		for (int n = 0; n < HEADER_LINES && more.len > 0; n++)
		{
			if (holds(&more, wrote[i].verb) && more.text[more.len - 1] == ':')
			{
				*behind = p;
				return true;
			}
			if (!next_line(&p, end, &more))
				break;
		}
	}
	return false;
}

/*
 * Do the lines of a quoted mail's header follow, as Outlook writes them?
 */
static bool
fields_follow(const char *at, const char *end)
{
	Line line;
	int found = 0;

	for (int n = 0; n < FIELD_LINES && next_line(&at, end, &line); n++)
		found += begins(&line, "Sent:") || begins(&line, "To:") || begins(&line, "Subject:") ||
				 begins(&line, "Date:");
	return found >= 2;
}

/*
 * Is the next line that says anything a quoted one?
 */
static bool
quote_follows(const char *at, const char *end)
{
	Line line = {0};

	while (next_line(&at, end, &line) && line.len == 0)
		;
	return line.len > 0 && line.text[0] == '>';
}

/*
 * The text without the lines that somebody else wrote, or a program.
 */
static char *
without_quotes(const char *text, int len, int *out_len)
{
	const char *end = text + len;
	const char *at = text;
	char *own = palloc(len + 2);
	char *out = own;
	Line line;

	while (next_line(&at, end, &line))
	{
		bool said_something = out > own;
		const char *behind;

		CHECK_FOR_INTERRUPTS();
		if (line.len > 0 && line.text[0] == '>')
			continue;
		if (line.len == 2 && memcmp(line.text, "--", 2) == 0)
			break;
		if (begins(&line, "--") && holds(&line, "original message"))
			break;
		if (begins(&line, "From:") && said_something && fields_follow(at, end))
			break;
		if (is_reply_header(&line, at, end, &behind))
		{
			/* what is quoted line by line may have an answer below */
			if (!quote_follows(behind, end))
				break;
			at = behind;
			continue;
		}
		if (begins(&line, "Sent from my ") || begins(&line, "Get Outlook for "))
			continue;
		if (line.len == 0 && !said_something)
			continue;
		memcpy(out, line.text, line.len);
		out += line.len;
		*out++ = '\n';
	}
	*out = '\0';
	*out_len = out - own;
	return own;
}

char *
mo_message_own(const char *raw, int len, int *own_len)
{
	int text_len;
	char *text = without_html(raw, len, &text_len);
	char *own = without_quotes(text, text_len, own_len);

	pfree(text);
	return own;
}
