/*-------------------------------------------------------------------------
 *
 * xml.c
 *	  Any bytes as XML: tags that begin also end, and the reader stops.
 *
 * fuzzes: fdw/xml/xml.c
 *
 *-------------------------------------------------------------------------
 */
#include "xml/xml.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1); /* one more: malloc(0) may be NULL */
	XmlReader xml;
	XmlEvent event;
	size_t events = 0;
	int open = 0;

	memcpy(copy, data, size);
	mo_xml_open(&xml, copy, size);
	while ((event = mo_xml_next(&xml)) != XML_DONE && event != XML_ERROR)
	{
		events++;
		assert(events <= 2 * size + 2);
		open += event == XML_START ? 1 : -1;
		assert(open >= 0 && open <= MO_XML_MAX_DEPTH);
		assert(strlen(mo_xml_name(&xml)) < MO_XML_MAX_NAME);
		if (event == XML_START)
		{
			const char *value = mo_xml_attribute(&xml, "Name");

			assert(value == NULL || strlen(value) < MO_XML_MAX_VALUE);
			(void) mo_xml_attribute(&xml, "Type");
		}
	}
	assert(event == XML_ERROR || open == 0);
	free(copy);
	return 0;
}
