/*-------------------------------------------------------------------------
 *
 * crisp.c
 *	  Crisp: retail sales as an OData v4 feed.
 *
 * Which data sets a feed has, and how their columns are called, differs by
 * customer: all tables come from the feed's own $metadata.  A set that has
 * the columns of store sales is marked as such by layout 'sales'.
 *
 * Of OData's query options the service documents none, so none is sent: by
 * the standard $top is no size of pages, it cuts the answer off.  How large
 * pages should be is said in the header that the standard has for it, which
 * who does not know it passes over.
 *
 *-------------------------------------------------------------------------
 */
#include "connector.h"

#include <stdio.h>
#include <string.h>

#include "xml/xml.h"

#define MAX_NAME 64 /* of a table or column, with its NUL */
#define MAX_BASES 8 /* types a type is built upon */
#define IS_UPPER(c) ((c) >= 'A' && (c) <= 'Z')
#define IS_LOWER(c) (((c) >= 'a' && (c) <= 'z') || ((c) >= '0' && (c) <= '9'))

/* Columns that make a data set one of store sales */
static const char *const sales_columns[] = {
	"retailer", "store_id", "product_id", "date_key", "sales_quantity", "sales_amount", NULL};
#define ALL_SALES 0x3f

/* OData's primitive types that are no text to us; what is not primitive is read as it stands */
static const char *const types[][2] = {
	{"Edm.Boolean", "boolean"},
	{"Edm.Date", "date"},
	{"Edm.DateTimeOffset", "timestamp with time zone"},
	{"Edm.Int16", "smallint"},
	{"Edm.Int32", "integer"},
	{"Edm.Int64", "bigint"},
	{"Edm.Double", "double precision"},
	{"Edm.Decimal", "numeric"},
	{NULL}};

static const Resource resources[] = {{0}};

/* OData tells of trouble after the first rows by an error beside them. */
static const char *const trouble[] = {"error", NULL};

static const Resource data_set = {
	.name = "data_set",
	.comment = "One data set of the feed",
	.path = "/{dataset}",
	.records = "value",
	.trouble = trouble,
	.paging = {PAGE_LINK, "@odata\\.nextLink", .size = 1000}};

/* The $metadata, and the table being described */
typedef struct Feed
{
	const char *xml;
	size_t len;
	unsigned sales; /* of sales_columns, those seen: a bit each */
} Feed;

static const char *
sql_type(const char *type)
{
	for (int i = 0; types[i][0] != NULL; i++)
	{
		if (strcmp(types[i][0], type) == 0)
			return types[i][1];
	}
	return strncmp(type, "Edm.", 4) == 0 ? "text" : "jsonb";
}

/* "SalesQuantity", "Sales_Quantity" and "UPCCode" as SQL writes them: sales_quantity, upc_code. */
static void
sql_name(const char *from, char *name)
{
	size_t n = 0;

	for (size_t i = 0; from[i] != '\0' && n < MAX_NAME - 2; i++)
	{
		char before = i > 0 ? from[i - 1] : '_';

		if (IS_UPPER(from[i]) && (IS_LOWER(before) || (IS_UPPER(before) && IS_LOWER(from[i + 1]))))
			name[n++] = '_';
		name[n++] = IS_LOWER(from[i]) ? from[i] : '_';
		if (IS_UPPER(from[i]))
			name[n - 1] = (char) (from[i] - 'A' + 'a');
	}
	name[n] = '\0';
}

/* The next tag, or NULL at the end of the document. */
static const char *
next_tag(struct ApiScan *scan, XmlReader *xml)
{
	XmlEvent event;

	while ((event = mo_xml_next(xml)) == XML_END)
		;
	if (event == XML_ERROR)
		mo_api_refuse(scan, mo_xml_error(xml));
	return event == XML_START ? mo_xml_name(xml) : NULL;
}

/* An attribute of the tag, "" if it has none; of "Crisp.Feed.Row" the last part. */
static void
attribute(XmlReader *xml, const char *name, char *value)
{
	const char *text = mo_xml_attribute(xml, name);
	const char *dot = text != NULL && strcmp(name, "Type") != 0 ? strrchr(text, '.') : NULL;

	text = text != NULL ? text : "";
	snprintf(value, MO_XML_MAX_VALUE, "%s", dot != NULL ? dot + 1 : text);
}

static void
import_property(struct ImportSink *sink, Feed *feed, XmlReader *xml)
{
	char property[MO_XML_MAX_VALUE], type[MO_XML_MAX_VALUE];
	char name[MAX_NAME];

	attribute(xml, "Name", property);
	attribute(xml, "Type", type);
	sql_name(property, name);
	mo_import_column(sink, name, sql_type(type), property);
	for (int i = 0; sales_columns[i] != NULL; i++)
	{
		if (strcmp(sales_columns[i], name) == 0)
			feed->sales |= 1u << i;
	}
}

/* The properties of a type, after those of the type it is built upon. */
static void
import_type(struct ApiScan *scan, struct ImportSink *sink, Feed *feed, const char *type, int depth)
{
	char name[MO_XML_MAX_VALUE] = "";
	bool found = false;
	const char *tag;
	XmlReader xml;

	mo_xml_open(&xml, feed->xml, feed->len);
	while ((tag = next_tag(scan, &xml)) != NULL)
	{
		if (strcmp(tag, "Property") == 0 && strcmp(name, type) == 0)
			import_property(sink, feed, &xml);
		if (strcmp(tag, "EntityType") != 0 && strcmp(tag, "ComplexType") != 0)
			continue;
		attribute(&xml, "Name", name);
		if (strcmp(tag, "EntityType") == 0 && strcmp(name, type) == 0)
		{
			char base[MO_XML_MAX_VALUE];

			found = true;
			attribute(&xml, "BaseType", base);
			if (base[0] != '\0' && depth < MAX_BASES)
				import_type(scan, sink, feed, base, depth + 1);
		}
	}
	if (!found)
		mo_api_refuse(scan, "a data set has a type that is not there");
}

/* import: a table for each entity set of $metadata. */
static void
import_feed(struct ApiScan *scan, struct ImportSink *sink)
{
	Feed *feed = mo_api_state(scan, sizeof(Feed));
	XmlReader xml;
	const char *tag;

	feed->xml = mo_api_fetch_text(scan, NULL, "/$metadata", NULL, "application/xml", &feed->len);
	mo_xml_open(&xml, feed->xml, feed->len);
	while ((tag = next_tag(scan, &xml)) != NULL)
	{
		char set[MO_XML_MAX_VALUE], type[MO_XML_MAX_VALUE];
		char table[MAX_NAME];

		attribute(&xml, "Name", set);
		attribute(&xml, "EntityType", type);
		sql_name(set, table);
		if (strcmp(tag, "EntitySet") != 0 || !mo_import_wants(sink, table))
			continue;
		mo_import_table(sink, table, NULL);
		mo_import_option(sink, "dataset", set);
		feed->sales = 0;
		import_type(scan, sink, feed, type, 0);
		if (feed->sales == ALL_SALES)
			mo_import_option(sink, "layout", "sales");
	}
}

static bool
is_number(const char *value)
{
	size_t len = strspn(value, "0123456789");

	return len > 0 && len <= 9 && value[len] == '\0' && value[0] != '0';
}

static bool
is_layout(const char *value)
{
	return strcmp(value, "rows") == 0 || strcmp(value, "sales") == 0;
}

static const Option options[] = {
	{"account", ON_SERVER, NULL, true, false, is_number, "the number of the account"},
	{"connector", ON_SERVER, NULL, true, false, is_number,
	 "the number of the OData destination, the connector configuration"},
	{"fetch_size", ON_SERVER | ON_TABLE, NULL, false, false, is_number, "a number of rows a page"},
	{"dataset", ON_TABLE, NULL, false, false, NULL, NULL},
	{"layout", ON_TABLE, "rows", false, false, is_layout, "rows or sales"},
	{0}};

static const char *const error_codes[] = {"error.code", NULL};
static const char *const error_messages[] = {"error.message", NULL};

static const ErrorRule errors[] = {
	{404, NULL, ERROR_MISSING,
	 "Check options account and connector, and whether the feed still has the data set."},
	{410, NULL, ERROR_CURSOR},
	{501, NULL, ERROR_REQUEST},
	{0}};

const Connector mo_crisp_connector = {
	.name = "crisp",
	.comment = "Crisp: retail sales",
	.base_url = "https://api.gocrisp.com/odata/accounts/{account}"
				"/connector_configurations/{connector}/v1/feed.svc",
	.hosts = "api.gocrisp.com",
	.auth_header = "Authorization: Basic {basic}",
	.headers = {"Accept: application/json", "Prefer: odata.maxpagesize={size}"},
	.options = options,
	.resources = resources,
	.error_codes = error_codes,
	.error_messages = error_messages,
	.errors = errors,
	.dynamic = &data_set,
	.import = import_feed};
