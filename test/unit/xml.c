/*-------------------------------------------------------------------------
 *
 * xml.c
 *	  Tags and attributes of XML texts, good and bad.
 *
 *-------------------------------------------------------------------------
 */
#include "../../fdw/xml/xml.c"

#include "tap.h"

/* "+Name" and "-Name" of each tag, with the value of attribute "a"; then "." or the error. */
static const char *
tags(const char *text)
{
	static char out[4096];
	XmlReader x;

	out[0] = '\0';
	mo_xml_open(&x, text, strlen(text));
	for (;;)
	{
		XmlEvent event = mo_xml_next(&x);
		const char *a;

		if (event == XML_DONE || event == XML_ERROR)
		{
			strcat(out, event == XML_DONE ? "." : mo_xml_error(&x));
			return out;
		}
		strcat(out, event == XML_START ? "+" : "-");
		strcat(out, mo_xml_name(&x));
		a = event == XML_START ? mo_xml_attribute(&x, "a") : NULL;
		if (a != NULL)
		{
			strcat(out, "=");
			strcat(out, a);
		}
	}
}

static void
check(const char *text, const char *expected, const char *what)
{
	const char *got = tags(text);

	ok(strcmp(got, expected) == 0, what);
	if (strcmp(got, expected) != 0)
		printf("# got %s\n", got);
}

int
main(void)
{
	char deep[1024] = "";

	check("<a/>", "+a-a.", "an empty tag begins and ends");
	check("<e:a><b a='1'>text</b></e:a>", "+a+b=1-b-a.", "prefixes are dropped, text passed over");
	check("\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<a>\n <!-- <b> --> <![CDATA[<c>]]></a>\n", "+a-a.",
		  "declaration, comment and CDATA");
	check("<p x:a = \"1 &lt; 2 &#65;&#x20AC;\" b='>'/>", "+p=1 < 2 A\xE2\x82\xAC-p.", "entities");
	check("<p x:a='1' a='2' y:a='3'/>", "+p=2-p.", "a name without prefix goes before one with");
	check("<p b='x' a='&unknown;'/>", "+p-p.", "an unknown entity has no value");
	check("<p a='&#0;'/>", "+p-p.", "nor has a NUL");
	check("<!DOCTYPE a [<!ENTITY x 'y'>]><a/>", "it has a document type", "no document type");
	check("", "it ends too early", "nothing at all");
	check("<a><b></a>", "+a+ba tag is closed that is not the last open one", "wrongly closed");
	check("</a>", "a tag is closed that is not the last open one", "never opened");
	check("<a>", "+ait ends too early", "never closed");
	check("<a b", "a tag has an attribute without a value", "cut off within a tag");
	check("<a b='1", "a tag has an attribute without a value", "cut off within a value");
	check("<a><!-- x", "+ait ends too early", "cut off within a comment");
	check("<a/><b/>", "+a-ait has two roots", "two roots");
	check("{\"value\":[]}", "there is text outside of its root", "JSON is not XML");
	check("<>", "a tag has no name, or too long a one", "no name");
	for (int i = 0; i < 40; i++)
		strcat(deep, "<a>");
	ok(strstr(tags(deep), "it is nested too deeply") != NULL, "too deep");
	return done_testing();
}
