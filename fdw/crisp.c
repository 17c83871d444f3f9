/*-------------------------------------------------------------------------
 *
 * crisp.c
 *	  Crisp: retail sales as an OData v4 feed.
 *
 * Which data sets a feed has, and what their columns are called, differs by
 * customer: tables come from the feed's own $metadata.  Of OData's query
 * options the service documents none.  $top is not sent: by the standard it
 * is no size of pages, it cuts the answer off; the size is said in a header.
 * $filter is, for columns of days that an option says the feed filters by.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "connector.h"
#include "xml/xml.h"

#define MAX_BASES 8 /* types a type is built upon */
#define IS_UPPER(c) ((c) >= 'A' && (c) <= 'Z')
#define IS_LOWER(c) (((c) >= 'a' && (c) <= 'z') || ((c) >= '0' && (c) <= '9'))

/* Columns that make a data set one of store sales */
static const char *const sales_columns[] = {
	"retailer", "store_id", "product_id", "date_key", "sales_quantity", "sales_amount"};

/* OData's types; a value of any other is read as it stands */
static const char *const types[][2] = {
	{"String", "text"},
	{"Boolean", "boolean"},
	{"Date", "date"},
	{"DateTimeOffset", "timestamp with time zone"},
	{"Int32", "integer"},
	{"Int64", "bigint"},
	{"Double", "double precision"},
	{"Decimal", "numeric"}};

/* OData tells of trouble after the first rows by an error beside them. */
static const char *const trouble[] = {"error", NULL};

extern const Connector mo_crisp_connector;
static const Resource resources[] = {{0}};
static const Resource data_set = {
	.name = "data_set",
	.path = "/{dataset}",
	.records = "value",
	.trouble = trouble,
	.paging = {PAGE_LINK, "@odata\\.nextLink", .size = 1000}};

typedef struct Feed
{
	struct ApiScan *scan;
	struct ImportSink *sink;
	const char *xml;
	size_t len;
	unsigned sales; /* of sales_columns, those seen: a bit each */
} Feed;

/* "SalesQuantity", "Sales_Quantity" and "UPCCode" as SQL writes them: sales_quantity, upc_code. */
static char *
sql_name(const char *from)
{
	char *name = palloc0(2 * strlen(from) + 1);
	size_t n = 0;

	for (size_t i = 0; from[i] != '\0'; i++)
	{
		char c = from[i];
		char before = i > 0 ? from[i - 1] : '_';

		if (IS_UPPER(c) && (IS_LOWER(before) || (IS_UPPER(before) && IS_LOWER(from[i + 1]))))
			name[n++] = '_';
		name[n++] = IS_UPPER(c) || IS_LOWER(c) ? (char) pg_tolower(c) : '_';
	}
	name[Min(n, NAMEDATALEN - 1)] = '\0';
	return name;
}

/* The next tag, or NULL at the end of the document. */
static const char *
next_tag(const Feed *feed, XmlReader *xml)
{
	XmlEvent event = mo_xml_next(xml);

	while (event == XML_END)
		event = mo_xml_next(xml);
	if (event == XML_ERROR)
		mo_api_refuse(feed->scan, mo_xml_error(xml));
	return event == XML_START ? mo_xml_name(xml) : NULL;
}

/* An attribute of the tag, "" if it has none; of "Crisp.Feed.Row" the last part. */
static char *
attribute(XmlReader *xml, const char *name)
{
	const char *value = mo_xml_attribute(xml, name);
	const char *dot = value != NULL ? strrchr(value, '.') : NULL;

	return pstrdup(dot != NULL ? dot + 1 : (value != NULL ? value : ""));
}

static void
import_property(Feed *feed, XmlReader *xml)
{
	char *property = attribute(xml, "Name");
	char *name = sql_name(property);
	char *kind = attribute(xml, "Type");
	const char *type = "jsonb";

	for (size_t i = 0; i < lengthof(types); i++)
		type = strcmp(types[i][0], kind) == 0 ? types[i][1] : type;
	for (size_t i = 0; i < lengthof(sales_columns); i++)
		feed->sales |= (strcmp(sales_columns[i], name) == 0) << i;
	mo_import_column(feed->sink, name, type, property);
}

/* The properties of a type, after those of the type it is built upon. */
static void
import_type(Feed *feed, const char *type, int depth)
{
	bool within = false;
	bool found = false;
	const char *tag;
	XmlReader xml;

	mo_xml_open(&xml, feed->xml, feed->len);
	while ((tag = next_tag(feed, &xml)) != NULL)
	{
		if (within && strcmp(tag, "Property") == 0)
			import_property(feed, &xml);
		if (strcmp(tag, "EntityType") != 0 && strcmp(tag, "ComplexType") != 0)
			continue;
		within = !found && tag[0] == 'E' && strcmp(attribute(&xml, "Name"), type) == 0;
		found = found || within;
		if (within && mo_xml_attribute(&xml, "BaseType") != NULL && depth < MAX_BASES)
			import_type(feed, attribute(&xml, "BaseType"), depth + 1);
	}
	if (!found)
		mo_api_refuse(feed->scan, "a data set has a type that is not there");
}

/* import: a table for each entity set of $metadata. */
static void
import_feed(struct ApiScan *scan, struct ImportSink *sink)
{
	Feed feed = {.scan = scan, .sink = sink};
	const char *tag;
	XmlReader xml;

	feed.xml = mo_api_fetch_text(scan, NULL, "/$metadata", NULL, "application/xml", &feed.len);
	mo_xml_open(&xml, feed.xml, feed.len);
	while ((tag = next_tag(&feed, &xml)) != NULL)
	{
		char *set = attribute(&xml, "Name");

		if (strcmp(tag, "EntitySet") != 0 || !mo_import_wants(sink, sql_name(set)))
			continue;
		mo_import_table(sink, sql_name(set), NULL);
		mo_import_option(sink, "dataset", set);
		feed.sales = 0;
		import_type(&feed, attribute(&xml, "EntityType"), 0);
		if (feed.sales == (1u << lengthof(sales_columns)) - 1)
			mo_import_option(sink, "layout", "sales");
	}
}

/* describe: the table's columns, and filters for those that the feed is said to filter by. */
static const Connector *
describe(struct TableSource *source)
{
	static const char *const operators[][2] = {
		{"<", "lt"}, {"<=", "le"}, {"=", "eq"}, {">=", "ge"}, {">", "gt"}};
	int n = mo_source_columns(source);
	Connector *connector = palloc(sizeof(Connector));
	Resource *set = palloc0(sizeof(Resource) * 2);
	Column *column = palloc0(sizeof(Column) * (n + 1));
	Filter *filter = palloc0(sizeof(Filter) * (n * lengthof(operators) + 1));

	*connector = mo_crisp_connector;
	*set = data_set;
	connector->resources = set;
	set->columns = column;
	set->filters = filter;
	for (int i = 0; i < n; i++)
	{
		const char *name = mo_source_column(source, i);
		const char *type = mo_source_column_type(source, i);
		const char *by = mo_source_column_option(source, i, "filter");

		if (name[0] != '\0')
			*column++ = (Column){name, type, mo_source_column_option(source, i, "path")};
		for (size_t o = 0; by != NULL && strcmp(type, "date") == 0 && o < lengthof(operators); o++)
			*filter++ =
				(Filter){name, operators[o][0], psprintf("%s %s %%d", by, operators[o][1])};
	}
	return connector;
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
	{"connector", ON_SERVER, NULL, true, false, is_number, "the number of its configuration"},
	{"fetch_size", ON_SERVER | ON_TABLE, NULL, false, false, is_number, "a number of rows a page"},
	{"dataset", ON_TABLE, NULL, false, false, NULL, NULL},
	{"layout", ON_TABLE, "rows", false, false, is_layout, "rows or sales"},
	{"filter", ON_COLUMN, NULL, false, false, NULL, NULL},
	{0}};

static const char *const error_codes[] = {"error.code", NULL};
static const char *const error_messages[] = {"error.message", NULL};
static const char no_filter[] = "Drop option \"filter\" of the column if the feed has no filter.";

static const ErrorRule errors[] = {
	{400, NULL, ERROR_REQUEST, no_filter},
	{501, NULL, ERROR_REQUEST, no_filter},
	{404, NULL, ERROR_MISSING, "Check account, connector, and the feed's list of data sets."},
	{410, NULL, ERROR_CURSOR},
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
	.filter = {.param = "$filter", .join = " and "},
	.error_codes = error_codes,
	.error_messages = error_messages,
	.errors = errors,
	.dynamic = &data_set,
	.describe = describe,
	.import = import_feed};
