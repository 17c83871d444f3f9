/*-------------------------------------------------------------------------
 *
 * klaviyo.c
 *	  Klaviyo: JSON:API lists, aggregates of metrics, values reports.
 *
 * Two tables tell what mail earned, and they never agree by the day:
 * metric_aggregates counts an order on the day it was placed, the values
 * reports count it on the day its message was sent.  Days of aggregates are
 * days of option "time_zone", those of reports are the account's.
 *
 * Campaigns are listed by channel, and archived ones only when asked for, so
 * there is one pass for each; flows have the same two halves.
 *
 *-------------------------------------------------------------------------
 */
#include "connector.h"

#include <string.h>

static const Column metric_columns[] = {
	{"id", "text", "id", "Id of the metric", COL_KEY, "id"},
	{"name", "text", "attributes.name", "Name; several may share one, such as Placed Order"},
	{"integration_name", "text", "attributes.integration.name", "Who sends it: Shopify, API, ..."},
	{"integration_category", "text", "attributes.integration.category", "eCommerce, Internal, ..."},
	{"created", "timestamp with time zone", "attributes.created", "When it was made"},
	{"updated", "timestamp with time zone", "attributes.updated", "When it last changed"},
	{0}};

static const Filter metric_filters[] = {
	{"integration_name", "=", "equals(integration.name,%q)", SUPERSET},
	{"integration_category", "=", "equals(integration.category,%q)", SUPERSET},
	{0}};

static const Column aggregate_columns[] = {
	{"metric_id", "text", NULL, "Metric to count", COL_KEY | COL_PARAM | COL_REQUIRED},
	{"day", "date", NULL, "Day of the events, in option time_zone", COL_KEY},
	{"dimension", "text", NULL, "Value of option by; empty = nothing to credit", COL_KEY},
	{"count", "numeric", NULL, "Events"},
	{"sum_value", "numeric", NULL, "Their value, in the events' currency"},
	{"unique_count", "numeric", NULL, "Profiles they are of; days do not add up"},
	{0}};

static const Column campaign_columns[] = {
	{"id", "text", "id", "Id of the campaign", COL_KEY, "id"},
	{"name", "text", "attributes.name", "Name"},
	{"channel", "text", NULL, "email, sms, mobile_push", COL_PARAM},
	{"archived", "boolean", NULL, "Is it put away?", COL_PARAM},
	{"status", "text", "attributes.status", "Draft, Scheduled, Sent, Cancelled, ..."},
	{"created_at", "timestamp with time zone", "attributes.created_at", "When it was made"},
	{"updated_at", "timestamp with time zone", "attributes.updated_at", "When it last changed"},
	{"scheduled_at", "timestamp with time zone", "attributes.scheduled_at", "When it was planned"},
	{"send_time", "timestamp with time zone", "attributes.send_time", "When it goes or went out"},
	{0}};

/* Bounds of an instant, in the four ways the service has */
#define RANGE(column)                                             \
	{column, ">", "greater-than(" column ",%t)", SUPERSET},       \
		{column, ">=", "greater-or-equal(" column ",%t)", EXACT}, \
		{column, "<", "less-than(" column ",%t)", EXACT},         \
	{                                                             \
		column, "<=", "less-or-equal(" column ",%t)", SUPERSET    \
	}

/* One of many */
#define ANY(column, exact)                                                   \
	{                                                                        \
		column, "= ANY", "any(" column ",[%l])", exact, NULL, "%q", ",", 100 \
	}

static const Filter campaign_filters[] = {
	ANY("id", EXACT),
	{"name", "=", "contains(name,%q)", SUPERSET},
	{"status", "=", "equals(status,%q)", SUPERSET},
	RANGE("created_at"),
	RANGE("updated_at"),
	RANGE("scheduled_at"),
	{0}};

#define CAMPAIGNS(channel, archived)                                                    \
	{                                                                                   \
		"equals(messages.channel,\"" channel "\"),equals(archived," archived ")", NULL, \
		{                                                                               \
			"channel=" channel, "archived=" archived                                    \
		}                                                                               \
	}

static const Pass campaign_passes[] = {
	CAMPAIGNS("email", "false"),
	CAMPAIGNS("email", "true"),
	CAMPAIGNS("sms", "false"),
	CAMPAIGNS("sms", "true"),
	CAMPAIGNS("mobile_push", "false"),
	CAMPAIGNS("mobile_push", "true"),
	{0}};

static const Column flow_columns[] = {
	{"id", "text", "id", "Id of the flow", COL_KEY, "id"},
	{"name", "text", "attributes.name", "Name"},
	{"status", "text", "attributes.status", "draft, manual, live"},
	{"archived", "boolean", NULL, "Is it put away?", COL_PARAM},
	{"trigger_type", "text", "attributes.trigger_type", "Added to List, Metric, ..."},
	{"created", "timestamp with time zone", "attributes.created", "When it was made"},
	{"updated", "timestamp with time zone", "attributes.updated", "When it last changed"},
	{0}};

static const Filter flow_filters[] = {
	ANY("id", EXACT),
	{"name", "=", "equals(name,%q)", SUPERSET},
	{"status", "=", "equals(status,%q)", SUPERSET},
	{"trigger_type", "=", "equals(trigger_type,%q)", SUPERSET},
	RANGE("created"),
	RANGE("updated"),
	{0}};

static const Pass flow_passes[] = {
	{"equals(archived,false)", NULL, {"archived=false"}},
	{"equals(archived,true)", NULL, {"archived=true"}},
	{0}};

static const Column list_columns[] = {
	{"id", "text", "id", "Id of the list", COL_KEY, "id"},
	{"name", "text", "attributes.name", "Name"},
	{"opt_in_process", "text", "attributes.opt_in_process", "single_opt_in, double_opt_in"},
	{"created", "timestamp with time zone", "attributes.created", "When it was made"},
	{"updated", "timestamp with time zone", "attributes.updated", "When it last changed"},
	{0}};

static const Filter list_filters[] = {
	{"id", "=", "equals(id,%q)", EXACT},
	ANY("id", EXACT),
	ANY("name", SUPERSET),
	{"created", ">", "greater-than(created,%t)", SUPERSET},
	{"created", ">=", "greater-than(created,%-t)", SUPERSET},
	{"updated", ">", "greater-than(updated,%t)", SUPERSET},
	{"updated", ">=", "greater-than(updated,%-t)", SUPERSET},
	{0}};

static const Column profile_columns[] = {
	{"id", "text", "id", "Id of the profile", COL_KEY, "id"},
	{"email", "text", "attributes.email", "E-mail"},
	{"phone_number", "text", "attributes.phone_number", "Phone"},
	{"external_id", "text", "attributes.external_id", "Its id elsewhere"},
	{"first_name", "text", "attributes.first_name", "First name"},
	{"last_name", "text", "attributes.last_name", "Last name"},
	{"organization", "text", "attributes.organization", "Company"},
	{"locale", "text", "attributes.locale", "Language"},
	{"title", "text", "attributes.title", "Title"},
	{"created", "timestamp with time zone", "attributes.created", "Since when"},
	{"updated", "timestamp with time zone", "attributes.updated", "When it last changed"},
	{"last_event_date", "timestamp with time zone", "attributes.last_event_date", "Latest event"},
	{"city", "text", "attributes.location.city", "City", 0, "location.city"},
	{"region", "text", "attributes.location.region", "Region", 0, "location.region"},
	{"country", "text", "attributes.location.country", "Country", 0, "location.country"},
	{"zip", "text", "attributes.location.zip", "Postal code", 0, "location.zip"},
	{"time_zone", "text", "attributes.location.timezone", "Time zone", 0, "location.timezone"},
	{"properties", "jsonb", "attributes.properties", "Whatever else is known"},
	{0}};

static const Filter profile_filters[] = {
	{"id", "=", "equals(id,%q)", EXACT},
	ANY("id", EXACT),
	{"email", "=", "equals(email,%q)", SUPERSET},
	ANY("email", SUPERSET),
	{"phone_number", "=", "equals(phone_number,%q)", SUPERSET},
	ANY("phone_number", SUPERSET),
	{"external_id", "=", "equals(external_id,%q)", SUPERSET},
	ANY("external_id", SUPERSET),
	{"created", ">", "greater-than(created,%t)", SUPERSET},
	{"created", ">=", "greater-than(created,%-t)", SUPERSET},
	{"created", "<", "less-than(created,%t)", EXACT},
	{"created", "<=", "less-than(created,%+t)", SUPERSET},
	{"updated", ">", "greater-than(updated,%t)", SUPERSET},
	{"updated", ">=", "greater-than(updated,%-t)", SUPERSET},
	{"updated", "<", "less-than(updated,%t)", EXACT},
	{"updated", "<=", "less-than(updated,%+t)", SUPERSET},
	{0}};

/* What a report says of a message; a report costs the same whatever is asked. */
#define REPORT_COLUMNS(sender)                                                                 \
	{sender "_id", "text", "groupings." sender "_id", "Who sent it", COL_KEY},                 \
		{sender "_message_id", "text", "groupings." sender "_message_id", "Message", COL_KEY}, \
		{"send_channel", "text", "groupings.send_channel", "email, sms, ...", COL_KEY},        \
		{"conversion_metric_id", "text", NULL, "Metric that counts as conversion",             \
		 COL_KEY | COL_PARAM | COL_REQUIRED},                                                  \
		{"day", "date", NULL, "First day of the timeframe that was asked for",                 \
		 COL_KEY | COL_PARAM},                                                                 \
		{"recipients", "numeric", "statistics.recipients", "Sent to"},                         \
		{"delivered", "numeric", "statistics.delivered", "Arrived"},                           \
		{"opens", "numeric", "statistics.opens", "Opened, machines among them"},               \
		{"opens_unique", "numeric", "statistics.opens_unique", "Profiles that opened"},        \
		{"clicks", "numeric", "statistics.clicks", "Clicked"},                                 \
		{"clicks_unique", "numeric", "statistics.clicks_unique", "Profiles that clicked"},     \
		{"conversions", "numeric", "statistics.conversions", "Conversions credited"},          \
		{"conversion_value", "numeric", "statistics.conversion_value", "Their value"},         \
		{"unsubscribes", "numeric", "statistics.unsubscribes", "Unsubscribed"},                \
	{                                                                                          \
		"spam_complaints", "numeric", "statistics.spam_complaints", "Complained"               \
	}

static const Column campaign_value_columns[] = {REPORT_COLUMNS("campaign"), {0}};
static const Column flow_value_columns[] = {REPORT_COLUMNS("flow"), {0}};

#define REPORT_BODY(sender)                                                               \
	"{\"data\":{\"type\":\"" sender "-values-report\",\"attributes\":{"                   \
	"\"statistics\":[\"recipients\",\"delivered\",\"opens\",\"opens_unique\",\"clicks\"," \
	"\"clicks_unique\",\"conversions\",\"conversion_value\",\"unsubscribes\","            \
	"\"spam_complaints\"],"                                                               \
	"\"timeframe\":{\"start\":\"{since}T00:00:00+00:00\","                                \
	"\"end\":\"{until}T23:59:59+00:00\"},"                                                \
	"\"conversion_metric_id\":\"{conversion_metric_id}\","                                \
	"\"group_by\":[\"" sender "_id\",\"" sender "_message_id\",\"send_channel\"]}}}"

static const Column account_columns[] = {
	{"id", "text", "id", "Id of the account", COL_KEY, "id"},
	{"organization_name", "text", "attributes.contact_information.organization_name",
	 "Name of the company", 0, "contact_information.organization_name"},
	{"time_zone", "text", "attributes.timezone", "Time zone of the account's days"},
	{"currency", "text", "attributes.preferred_currency", "Currency of its amounts"},
	{0}};

/*
 * One page of aggregates: a list of dates, and for each value of the dimension
 * lists of numbers beside it.  The dates are instants, local midnights told in
 * UTC, so they are taken back to the zone before their day is.
 */
static void
aggregate_rows(struct RowSink *sink, JsonValue *answer)
{
	static const char *const measures[][2] = {
		{"count", "count"}, {"sum_value", "sum_value"}, {"unique", "unique_count"}};
	const char *zone = mo_api_get(mo_sink_scan(sink), "time_zone");
	JsonValue *dates = mo_json_at(answer, "data.attributes.dates");
	JsonValue *groups = mo_json_at(answer, "data.attributes.data");

	if (!mo_json_is_array(dates) || !mo_json_is_array(groups))
		mo_sink_refuse(sink, "it has no lists of dates and data");
	for (size_t d = 0; d < mo_json_length(dates); d++)
	{
		const char *day = mo_sink_day(sink, mo_json_element(dates, d), zone);

		for (size_t g = 0; g < mo_json_length(groups); g++)
		{
			JsonValue *group = mo_json_element(groups, g);
			JsonValue *names = mo_json_member(group, "dimensions");
			JsonValue *numbers = mo_json_member(group, "measurements");

			mo_sink_begin(sink);
			mo_sink_set(sink, "day", day);
			mo_sink_set_json(sink, "dimension",
							 mo_json_length(names) == 1 ? mo_json_element(names, 0) : names);
			for (int m = 0; m < 3; m++)
			{
				JsonValue *list = mo_json_member(numbers, measures[m][0]);

				if (mo_json_length(list) != mo_json_length(dates))
					mo_sink_refuse(sink, "a list of numbers does not fit the list of dates");
				mo_sink_set_json(sink, measures[m][1], mo_json_element(list, d));
			}
			mo_sink_end(sink);
		}
	}
}

/* Data beside errors is not whole. */
static const char *const trouble[] = {"errors", NULL};

#define PAGES(...)                           \
	{                                        \
		PAGE_LINK, "links.next", __VA_ARGS__ \
	}

/* Each endpoint has its own windows; the service calls the sizes XS, S, M, L. */
#define TIER(name, burst, steady)                         \
	static const RateLimit name[] = {                     \
		{"burst", burst, .window_s = 1, .each = true},    \
		{"steady", steady, .window_s = 60, .each = true}, \
		{0}}

TIER(tier_xs, 1, 15);
TIER(tier_s, 3, 60);
TIER(tier_m, 10, 150);
TIER(tier_l, 75, 750);

static const RateLimit tier_report[] = {
	{"burst", 1, .window_s = 1, .each = true},
	{"steady", 2, .window_s = 60, .each = true},
	{"daily", 225, .window_s = 86400, .each = true},
	{0}};

static const Resource resources[] = {
	{.name = "metrics",
	 .comment = "Kinds of events",
	 .path = "/api/metrics",
	 .fields_param = "fields[metric]",
	 .fields_skip = "attributes.",
	 .records = "data",
	 .trouble = trouble,
	 .paging = PAGES(.size = 200),
	 .limits = tier_m,
	 .columns = metric_columns,
	 .filters = metric_filters},
	{.name = "metric_aggregates",
	 .comment = "Events of one metric by day and dimension, on the day they happened;"
				" two years back unless the query says since when",
	 .path = "/api/metric-aggregates",
	 .body = "{\"data\":{\"type\":\"metric-aggregate\",\"attributes\":{"
			 "\"metric_id\":\"{metric_id}\",\"measurements\":[\"count\",\"sum_value\",\"unique\"],"
			 "\"interval\":\"day\",\"by\":{by[]},"
			 "\"filter\":[\"greater-or-equal(datetime,{since}T00:00:00)\","
			 "\"less-than(datetime,{until_next}T00:00:00)\"],"
			 "\"timezone\":\"{time_zone}\",\"page_size\":{size}"
			 "[[,\"page_cursor\":\"{cursor}\"]]}}}",
	 .records = "",
	 .trouble = trouble,
	 .paging = {PAGE_CURSOR, "links.next", .within = "page_cursor", .size = 500},
	 .limits = tier_s,
	 .columns = aggregate_columns,
	 .range = {"day", .back = 730, .max_days = 365, .zone = "time_zone"},
	 .rows = aggregate_rows},
	{.name = "campaigns",
	 .comment = "Campaigns of every channel, archived ones too",
	 .path = "/api/campaigns",
	 .fields_param = "fields[campaign]",
	 .fields_skip = "attributes.",
	 .records = "data",
	 .trouble = trouble,
	 .paging = PAGES(.size_param = "page[size]", .size = 100),
	 .limits = tier_m,
	 .columns = campaign_columns,
	 .filters = campaign_filters,
	 .passes = campaign_passes},
	{.name = "flows",
	 .comment = "Flows, archived ones too",
	 .path = "/api/flows",
	 .fields_param = "fields[flow]",
	 .fields_skip = "attributes.",
	 .records = "data",
	 .trouble = trouble,
	 .paging = PAGES(.size_param = "page[size]", .size = 50),
	 .limits = tier_s,
	 .columns = flow_columns,
	 .filters = flow_filters,
	 .passes = flow_passes},
	{.name = "campaign_values",
	 .comment = "What campaigns did, by message: a report over the days asked for, on the day"
				" of sending.  The service allows two reports a minute and 225 a day",
	 .path = "/api/campaign-values-reports",
	 .body = REPORT_BODY("campaign"),
	 .records = "data.attributes.results",
	 .trouble = trouble,
	 .paging = {PAGE_CURSOR, "links.next", .within = "page_cursor", .param = "page_cursor",
				.size = 1000},
	 .limits = tier_report,
	 .columns = campaign_value_columns,
	 .range = {"day", .max_days = 365, .required = true},
	 .serial = true},
	{.name = "flow_values",
	 .comment = "What flows did, by message: a report over the days asked for, on the day of"
				" sending.  The service allows two reports a minute and 225 a day",
	 .path = "/api/flow-values-reports",
	 .body = REPORT_BODY("flow"),
	 .records = "data.attributes.results",
	 .trouble = trouble,
	 .paging = {PAGE_CURSOR, "links.next", .within = "page_cursor", .param = "page_cursor",
				.size = 1000},
	 .limits = tier_report,
	 .columns = flow_value_columns,
	 .range = {"day", .max_days = 365, .required = true},
	 .serial = true},
	{.name = "lists",
	 .comment = "Lists",
	 .path = "/api/lists",
	 .fields_param = "fields[list]",
	 .fields_skip = "attributes.",
	 .records = "data",
	 .trouble = trouble,
	 .paging = PAGES(.size_param = "page[size]", .size = 10),
	 .limits = tier_l,
	 .columns = list_columns,
	 .filters = list_filters},
	{.name = "profiles",
	 .comment = "Profiles",
	 .path = "/api/profiles",
	 .fields_param = "fields[profile]",
	 .fields_skip = "attributes.",
	 .records = "data",
	 .trouble = trouble,
	 .paging = PAGES(.size_param = "page[size]", .size = 100),
	 .limits = tier_l,
	 .columns = profile_columns,
	 .filters = profile_filters},
	{.name = "account",
	 .comment = "The account itself",
	 .path = "/api/accounts",
	 .fields_param = "fields[account]",
	 .fields_skip = "attributes.",
	 .records = "data",
	 .trouble = trouble,
	 .limits = tier_xs,
	 .columns = account_columns},
	{0}};

/* "2026-07-15" */
static bool
is_revision(const char *value)
{
	return strlen(value) == 10 && value[4] == '-' && value[7] == '-' &&
		   strspn(value, "0123456789") == 4 && strspn(value + 5, "0123456789") == 2 &&
		   strspn(value + 8, "0123456789") == 2;
}

static bool
is_count(const char *value)
{
	return value[0] >= '1' && value[0] <= '9' && strlen(value) < 6 &&
		   strspn(value, "0123456789") == strlen(value);
}

/* Shaped like "America/New_York"; the service and PostgreSQL know which there are. */
static bool
is_zone(const char *value)
{
	return strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") ==
		   strlen(value);
}

static const Option options[] = {
	{"revision", ON_SERVER, "2026-07-15", false, false, is_revision,
	 "the date of a revision, such as 2026-07-15"},
	{"time_zone", ON_SERVER | ON_TABLE, "UTC", false, false, is_zone,
	 "a time zone such as America/New_York"},
	{"fetch_size", ON_SERVER | ON_TABLE, NULL, false, false, is_count,
	 "a number of records a page"},
	{"by", ON_TABLE, "$attributed_channel", false, false, NULL,
	 "dimensions of metric aggregates, with a comma between them"},
	{0}};

static const char *const error_codes[] = {
	"errors[0].code", "errors[0].source.parameter", NULL};
static const char *const error_messages[] = {"errors[0].detail", "errors[0].title", NULL};

static const ErrorRule errors[] = {
	{0, "throttled", ERROR_THROTTLE},
	{0, "authentication_failed", ERROR_LOGIN},
	{0, "not_authenticated", ERROR_LOGIN},
	{0, "error", ERROR_RETRY},
	{0, "permission_denied", ERROR_DENIED},
	{403, NULL, ERROR_RETRY,
	 "The edge of the service holds the request for a robot's: wait a while."},
	{0, "not_found", ERROR_MISSING},
	{400, "page[cursor]", ERROR_CURSOR},
	{400, "page_cursor", ERROR_CURSOR},
	{400, NULL, ERROR_REQUEST},
	{0}};

const Connector mo_klaviyo_connector = {
	.name = "klaviyo",
	.comment = "Klaviyo",
	.base_url = "https://a.klaviyo.com",
	.hosts = "a.klaviyo.com",
	.auth_header = "Authorization: Klaviyo-API-Key {token}",
	.headers = {"Revision: {revision}", "Accept: application/vnd.api+json"},
	.body_type = "application/vnd.api+json",
	.options = options,
	.resources = resources,
	.filter = {.param = "filter", .join = ","},
	.error_codes = error_codes,
	.error_messages = error_messages,
	.errors = errors,
	.version_header = "X-Klaviyo-API-Revision",
	.version_option = "revision",
};
