/*-------------------------------------------------------------------------
 *
 * xml.h
 *	  The tags of an XML text and their attributes, one after the other.
 *
 * For descriptions a service gives of itself (OData's $metadata), not for
 * records: what stands between tags is passed over.  A document type is
 * refused, for it could define entities.  Plain C without any memory of its
 * own; names lose their prefix ("edmx:Edmx" is "Edmx").
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_XML_H
#define MOMENTUM_XML_H

#include <stdbool.h>
#include <stddef.h>

#define MO_XML_MAX_DEPTH 32
#define MO_XML_MAX_NAME 128   /* with its NUL; a longer one is an error */
#define MO_XML_MAX_VALUE 1024 /* of an attribute, with its NUL */

typedef enum XmlEvent
{
	XML_START, /* a tag begins: mo_xml_name(), mo_xml_attribute() */
	XML_END,   /* it ends: mo_xml_name(); an empty one does so at once */
	XML_DONE,  /* the text is at its end, and every tag closed */
	XML_ERROR  /* mo_xml_error() says why */
} XmlEvent;

/* To be looked at through the functions only */
typedef struct XmlReader
{
	const char *p;
	const char *end;
	const char *attributes; /* of the tag that begins, up to ... */
	const char *attributes_end;
	const char *open[MO_XML_MAX_DEPTH]; /* names as written, in the text */
	size_t open_len[MO_XML_MAX_DEPTH];
	int depth;
	bool empty; /* the tag that begins also ends */
	bool any;
	char name[MO_XML_MAX_NAME];
	char value[MO_XML_MAX_VALUE];
	const char *error;
} XmlReader;

/* The text has to stay as long as the reader is used. */
extern void mo_xml_open(XmlReader *xml, const char *text, size_t len);
extern XmlEvent mo_xml_next(XmlReader *xml);

/* Of the current tag, without its prefix; valid until the next call. */
extern const char *mo_xml_name(const XmlReader *xml);

/*
 * The value of an attribute of the tag that just began, or NULL; entities are
 * resolved.  Valid until the next call.
 */
extern const char *mo_xml_attribute(XmlReader *xml, const char *name);

/* Why XML_ERROR: a fragment without period, static. */
extern const char *mo_xml_error(const XmlReader *xml);

#endif /* MOMENTUM_XML_H */
