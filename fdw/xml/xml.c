/*-------------------------------------------------------------------------
 *
 * xml.c
 *	  The tags of an XML text and their attributes, one after the other.
 *
 *-------------------------------------------------------------------------
 */
#include "xml/xml.h"

#include <stdlib.h>
#include <string.h>

static const char blank[] = " \t\r\n";

static XmlEvent
fail(XmlReader *x, const char *why)
{
	if (x->error == NULL)
		x->error = why;
	x->p = x->end;
	return XML_ERROR;
}

void
mo_xml_open(XmlReader *x, const char *text, size_t len)
{
	memset(x, 0, sizeof(*x));
	x->p = text;
	x->end = text + len;
	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		x->p += 3;
}

static bool
is_blank(char c)
{
	return c != '\0' && strchr(blank, c) != NULL;
}

/* May the character stand in a name?  Roughly: what the grammar needs is left out. */
static bool
in_name(char c)
{
	return c != '\0' && strchr(" \t\r\n<>/=\"'&", c) == NULL;
}

static size_t
name_len(const char *p, const char *end)
{
	size_t n = 0;

	while (p + n < end && in_name(p[n]))
		n++;
	return n;
}

/* Past the text "mark", or NULL when it does not come. */
static const char *
past(const char *p, const char *end, const char *mark)
{
	size_t len = strlen(mark);

	for (; (size_t) (end - p) >= len; p++)
	{
		if (memcmp(p, mark, len) == 0)
			return p + len;
	}
	return NULL;
}

static bool
begins(const XmlReader *x, const char *mark)
{
	size_t len = strlen(mark);

	return (size_t) (x->end - x->p) >= len && memcmp(x->p, mark, len) == 0;
}

/* Is the name, which may have a prefix, "want"? */
static bool
same_name(const char *name, size_t len, const char *want)
{
	const char *colon = memchr(name, ':', len);

	if (colon != NULL)
	{
		len -= colon + 1 - name;
		name = colon + 1;
	}
	return len == strlen(want) && memcmp(name, want, len) == 0;
}

/* Keep a name without its prefix; false when it is none, or too long. */
static bool
keep_name(XmlReader *x, const char *name, size_t len)
{
	const char *colon = memchr(name, ':', len);

	if (colon != NULL)
	{
		len -= colon + 1 - name;
		name = colon + 1;
	}
	if (len == 0 || len >= sizeof(x->name))
		return false;
	memcpy(x->name, name, len);
	x->name[len] = '\0';
	return true;
}

/* The next attribute at *p: its name and what stands between its quotes. */
static bool
read_attribute(const char **p, const char *end, const char **name, size_t *name_length,
			   const char **value, size_t *value_len)
{
	const char *q = *p;

	while (q < end && is_blank(*q))
		q++;
	*name = q;
	*name_length = name_len(q, end);
	q += *name_length;
	while (q < end && is_blank(*q))
		q++;
	if (*name_length == 0 || q == end || *q != '=')
		return false;
	q++;
	while (q < end && is_blank(*q))
		q++;
	if (q == end || (*q != '"' && *q != '\''))
		return false;
	*value = q + 1;
	q = memchr(*value, *q, end - *value);
	if (q == NULL)
		return false;
	*value_len = q - *value;
	*p = q + 1;
	return true;
}

static XmlEvent
start_tag(XmlReader *x)
{
	const char *name = ++x->p;
	size_t len = name_len(name, x->end);

	if (!keep_name(x, name, len))
		return fail(x, "a tag has no name, or too long a one");
	if (x->depth == 0 && x->any)
		return fail(x, "it has two roots");
	if (x->depth == MO_XML_MAX_DEPTH)
		return fail(x, "it is nested too deeply");
	x->any = true;
	x->p += len;
	x->attributes = x->p;
	for (;;)
	{
		const char *n, *v;
		size_t n_len, v_len;

		while (x->p < x->end && is_blank(*x->p))
			x->p++;
		if (x->p == x->end)
			return fail(x, "it ends within a tag");
		if (*x->p == '>' || begins(x, "/>"))
			break;
		if (!read_attribute(&x->p, x->end, &n, &n_len, &v, &v_len))
			return fail(x, "a tag has an attribute without a value");
	}
	x->attributes_end = x->p;
	x->empty = *x->p == '/';
	x->p += x->empty ? 2 : 1;
	x->open[x->depth] = name;
	x->open_len[x->depth++] = len;
	return XML_START;
}

static XmlEvent
end_tag(XmlReader *x)
{
	const char *name = x->p + 2;
	size_t len = name_len(name, x->end);

	x->attributes = x->attributes_end = NULL;
	if (x->depth == 0 || x->open_len[x->depth - 1] != len ||
		memcmp(x->open[x->depth - 1], name, len) != 0 || !keep_name(x, name, len))
		return fail(x, "a tag is closed that is not the last open one");
	x->p = name + len;
	while (x->p < x->end && is_blank(*x->p))
		x->p++;
	if (x->p == x->end || *x->p != '>')
		return fail(x, "it ends within a tag");
	x->p++;
	x->depth--;
	return XML_END;
}

XmlEvent
mo_xml_next(XmlReader *x)
{
	if (x->error != NULL)
		return XML_ERROR;
	if (x->empty)
	{
		x->empty = false;
		x->attributes = x->attributes_end = NULL;
		x->depth--;
		return XML_END;
	}
	for (;;)
	{
		const char *skip;

		while (x->p < x->end && *x->p != '<')
		{
			if (x->depth == 0 && !is_blank(*x->p))
				return fail(x, "there is text outside of its root");
			x->p++;
		}
		if (x->p == x->end)
			return x->depth > 0 || !x->any ? fail(x, "it ends too early") : XML_DONE;
		if (begins(x, "</"))
			return end_tag(x);
		if (begins(x, "<!--"))
			skip = past(x->p + 4, x->end, "-->");
		else if (begins(x, "<![CDATA["))
			skip = past(x->p + 9, x->end, "]]>");
		else if (begins(x, "<?"))
			skip = past(x->p + 2, x->end, "?>");
		else if (begins(x, "<!"))
			return fail(x, "it has a document type");
		else
			return start_tag(x);
		if (skip == NULL)
			return fail(x, "it ends too early");
		x->p = skip;
	}
}

const char *
mo_xml_name(const XmlReader *x)
{
	return x->name;
}

const char *
mo_xml_error(const XmlReader *x)
{
	return x->error;
}

/* A character as UTF-8; returns the number of bytes, 0 = there is none such. */
static size_t
put_utf8(char *to, unsigned long c)
{
	if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	if (c < 0x80)
	{
		to[0] = (char) c;
		return 1;
	}
	if (c < 0x800)
	{
		to[0] = (char) (0xC0 | (c >> 6));
		to[1] = (char) (0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000)
	{
		to[0] = (char) (0xE0 | (c >> 12));
		to[1] = (char) (0x80 | ((c >> 6) & 0x3F));
		to[2] = (char) (0x80 | (c & 0x3F));
		return 3;
	}
	to[0] = (char) (0xF0 | (c >> 18));
	to[1] = (char) (0x80 | ((c >> 12) & 0x3F));
	to[2] = (char) (0x80 | ((c >> 6) & 0x3F));
	to[3] = (char) (0x80 | (c & 0x3F));
	return 4;
}

/* What "&...;" stands for; returns the bytes put, 0 = unknown. */
static size_t
put_entity(char *to, const char *entity, size_t len)
{
	static const struct
	{
		const char *name;
		char c;
	} known[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
	char digits[12];
	char *end;
	unsigned long c;
	bool hex = len > 1 && entity[1] == 'x';

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
	{
		if (len == strlen(known[i].name) && memcmp(entity, known[i].name, len) == 0)
		{
			*to = known[i].c;
			return 1;
		}
	}
	if (len < 2 || len >= sizeof(digits) || entity[0] != '#')
		return 0;
	memcpy(digits, entity, len);
	digits[len] = '\0';
	c = strtoul(digits + 1 + hex, &end, hex ? 16 : 10);
	return *end == '\0' ? put_utf8(to, c) : 0;
}

/* Copy a value, entities resolved; false when it does not fit or one is unknown. */
static bool
copy_value(XmlReader *x, const char *p, size_t len)
{
	const char *end = p + len;
	char *to = x->value;

	while (p < end)
	{
		const char *semicolon;
		size_t n;

		if (to + 4 >= x->value + sizeof(x->value))
			return false;
		if (*p == '\0')
			return false;
		if (*p != '&')
		{
			*to++ = *p++;
			continue;
		}
		semicolon = memchr(p, ';', end - p);
		n = semicolon ? put_entity(to, p + 1, semicolon - p - 1) : 0;
		if (n == 0)
			return false;
		to += n;
		p = semicolon + 1;
	}
	*to = '\0';
	return true;
}

const char *
mo_xml_attribute(XmlReader *x, const char *name)
{
	const char *p = x->attributes;
	const char *n, *v;
	const char *found = NULL;
	size_t n_len, v_len;
	size_t found_len = 0;
	bool exact = false;

	/* a name without prefix is the tag's own: one with a prefix may be of somebody's extension */
	while (!exact && p != NULL && p < x->attributes_end &&
		   read_attribute(&p, x->attributes_end, &n, &n_len, &v, &v_len))
	{
		exact = n_len == strlen(name) && memcmp(n, name, n_len) == 0;
		if (exact || (found == NULL && same_name(n, n_len, name)))
		{
			found = v;
			found_len = v_len;
		}
	}
	return found != NULL && copy_value(x, found, found_len) ? x->value : NULL;
}
