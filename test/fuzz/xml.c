/*-------------------------------------------------------------------------
 *
 * xml.c
 *	  Any bytes as XML.
 *
 * fuzzes: fdw/xml/xml.c
 *
 *-------------------------------------------------------------------------
 */
#include "xml/xml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"Name", "Type", "a"};
	XmlReader x;
	int open = 0;
	char *text = malloc(size + 1); /* of its own, so that a byte too far is seen */

	memcpy(text, data, size);
	mo_xml_open(&x, text, size);
	for (;;)
	{
		XmlEvent event = mo_xml_next(&x);

		if (event == XML_DONE && open != 0)
			abort();
		if (event == XML_DONE || event == XML_ERROR)
			break;
		open += event == XML_START ? 1 : -1;
		if (open < 0 || open > MO_XML_MAX_DEPTH || strlen(mo_xml_name(&x)) >= MO_XML_MAX_NAME)
			abort();
		for (int i = 0; i < 3; i++)
		{
			const char *value = mo_xml_attribute(&x, names[i]);

			if (value != NULL && strlen(value) >= MO_XML_MAX_VALUE)
				abort();
		}
	}
	free(text);
	return 0;
}
