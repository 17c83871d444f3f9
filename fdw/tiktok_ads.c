/*-------------------------------------------------------------------------
 *
 * tiktok_ads.c
 *	  TikTok Ads: the API for Business's objects and daily reports.
 *
 * Every answer has HTTP status 200; its "code" says how it went, and the part
 * of a partial success is not taken for the whole.  Days are days of the
 * advertiser's time zone.  Reports have one row for each day and object that
 * delivered, and a table for each level, since the metrics that a level knows
 * are its own and one it does not know fails the whole call.  Deleted objects
 * are asked for too.  What GMV Max campaigns spend is in no such report.
 *
 *-------------------------------------------------------------------------
 */
#include "connector.h"

#include <string.h>

#define ADVERTISER \
	"advertiser_id", "text", NULL, "Ad account, by default the server's", COL_KEY | COL_PARAM
#define STATES                                                                           \
	{"operation_status", "text", NULL, "As set: ENABLE, DISABLE"},                       \
		{"create_time", "timestamp with time zone", NULL, "When it was made", COL_UTC},  \
	{                                                                                    \
		"modify_time", "timestamp with time zone", NULL, "When it last changed", COL_UTC \
	}

static const Column advertiser_columns[] = {
	{ADVERTISER},
	{"name", "text", NULL, "Name"},
	{"currency", "text", NULL, "Currency of all amounts"},
	{"time_zone", "text", "display_timezone", "Time zone of its days, by name"},
	{"time_zone_offset", "text", "timezone", "The same by its standard offset, as Etc/GMT+5"},
	{"status", "text", NULL, "STATUS_ENABLE, STATUS_LIMIT, ..."},
	{"create_time", "bigint", NULL, "When it was opened, in Unix seconds"},
	{0}};

static const Column campaign_columns[] = {
	{ADVERTISER},
	{"campaign_id", "text", NULL, "Number of the campaign", COL_KEY},
	{"campaign_name", "text", NULL, "Name"},
	{"objective_type", "text", NULL, "WEB_CONVERSIONS, PRODUCT_SALES, TRAFFIC, ..."},
	{"budget", "numeric", NULL, "Budget, in units of the currency; 0 = none here"},
	{"budget_mode", "text", NULL, "BUDGET_MODE_DAY, BUDGET_MODE_TOTAL, BUDGET_MODE_INFINITE"},
	{"secondary_status", "text", NULL, "As it works out: CAMPAIGN_STATUS_ENABLE, ..."},
	STATES,
	{0}};

static const Column adgroup_columns[] = {
	{ADVERTISER},
	{"adgroup_id", "text", NULL, "Number of the ad group", COL_KEY},
	{"campaign_id", "text", NULL, "Its campaign"},
	{"adgroup_name", "text", NULL, "Name"},
	{"optimization_goal", "text", NULL, "CONVERT, CLICK, REACH, ..."},
	{"billing_event", "text", NULL, "What is paid for: OCPM, CPC, ..."},
	{"budget", "numeric", NULL, "Budget, in units of the currency; 0 = none here"},
	{"budget_mode", "text", NULL, "BUDGET_MODE_DAY, BUDGET_MODE_TOTAL, BUDGET_MODE_INFINITE"},
	{"secondary_status", "text", NULL, "As it works out: ADGROUP_STATUS_DELIVERY_OK, ..."},
	STATES,
	{0}};

static const Column ad_columns[] = {
	{ADVERTISER},
	{"ad_id", "text", NULL, "Number of the ad", COL_KEY},
	{"campaign_id", "text", NULL, "Its campaign"},
	{"adgroup_id", "text", NULL, "Its ad group"},
	{"ad_name", "text", NULL, "Name"},
	{"ad_format", "text", NULL, "SINGLE_VIDEO, SINGLE_IMAGE, CAROUSEL_ADS, ..."},
	{"ad_text", "text", NULL, "Text"},
	{"landing_page_url", "text", NULL, "Where it leads"},
	{"secondary_status", "text", NULL, "As it works out: AD_STATUS_DELIVERY_OK, ..."},
	STATES,
	{0}};

/* Names and ids of what lies above are attributes, asked for as metrics. */
#define DAY "day", "date", "dimensions.stat_time_day", "Day in the advertiser's time zone", COL_KEY
#define OBJECT(name, comment) name, "text", "dimensions." name, comment, COL_KEY
#define ATTRIBUTE(name, comment) name, "text", "metrics." name, comment
#define NUMBER(type, name, comment) name, type, "metrics." name, comment, COL_DASH
#define METRICS                                                                                 \
	{ATTRIBUTE("currency", "Currency of the amounts")},                                         \
		{NUMBER("numeric", "spend", "Spent, in units of the currency")},                        \
		{NUMBER("bigint", "impressions", "Times shown")},                                       \
		{NUMBER("bigint", "clicks", "Clicks that lead somewhere")},                             \
		{NUMBER("bigint", "reach", "People reached that day; days and objects do not add up")}, \
		{NUMBER("numeric", "ctr", "Clicks in a hundred impressions")},                          \
		{NUMBER("numeric", "cpc", "Cost of a click, unknown without clicks")},                  \
		{NUMBER("numeric", "cpm", "Cost of a thousand impressions")},                           \
		{NUMBER("numeric", "frequency", "Impressions a person")},                               \
		{NUMBER("numeric", "conversion", "Events the ad groups optimize for, of any kind")},    \
		{NUMBER("numeric", "complete_payment", "Purchases on the website, by the pixel")},      \
		{"complete_payment_value", "numeric", "metrics.total_complete_payment_rate",            \
		 "Their value; the service calls it a rate", COL_DASH},                                 \
		{NUMBER("numeric", "onsite_shopping", "Purchases in TikTok Shop")},                     \
		{NUMBER("numeric", "total_onsite_shopping_value", "Their value")},                      \
		{NUMBER("bigint", "video_play_actions", "Plays of the video")},                         \
		{NUMBER("bigint", "video_watched_6s", "Plays of six seconds and more")},                \
		{NUMBER("bigint", "likes", "Likes")}, {NUMBER("bigint", "shares", "Shares")},           \
	{                                                                                           \
		0                                                                                       \
	}

static const Column advertiser_daily_columns[] = {{DAY}, {ADVERTISER}, METRICS};
static const Column campaign_daily_columns[] = {
	{DAY},
	{ADVERTISER},
	{OBJECT("campaign_id", "Campaign")},
	{ATTRIBUTE("campaign_name", "Its name")},
	METRICS};
static const Column adgroup_daily_columns[] = {
	{DAY},
	{ADVERTISER},
	{OBJECT("adgroup_id", "Ad group")},
	{ATTRIBUTE("adgroup_name", "Its name")},
	{ATTRIBUTE("campaign_id", "Its campaign")},
	METRICS};
static const Column ad_daily_columns[] = {
	{DAY},
	{ADVERTISER},
	{OBJECT("ad_id", "Ad")},
	{ATTRIBUTE("ad_name", "Its name")},
	{ATTRIBUTE("adgroup_id", "Its ad group")},
	{ATTRIBUTE("campaign_id", "Its campaign")},
	METRICS};

/* Objects are filtered by an object with lists of ids, reports by a list of conditions. */
#define IN(field, list) \
	"{\"field_name\":\"" field "\",\"filter_type\":\"IN\",\"filter_value\":\"[" list "]\"}"

static const Filter object_filters[] = {
	{"campaign_id", "= ANY", "\"campaign_ids\":[%l]", EXACT, NULL, "%j", ",", 100},
	{"adgroup_id", "= ANY", "\"adgroup_ids\":[%l]", EXACT, NULL, "%j", ",", 100},
	{"ad_id", "= ANY", "\"ad_ids\":[%l]", EXACT, NULL, "%j", ",", 100},
	{0}};
static const Filter report_filters[] = {
	{"campaign_id", "= ANY", IN("campaign_ids", "%l"), EXACT, NULL, "%J", ",", 100},
	{"adgroup_id", "= ANY", IN("adgroup_ids", "%l"), EXACT, NULL, "%J", ",", 100},
	{"ad_id", "= ANY", IN("ad_ids", "%l"), EXACT, NULL, "%J", ",", 100},
	{0}};

/* Deleted objects are left out, and their spend with them, unless they are asked for. */
#define ALL "\\\"STATUS_ALL\\\""

static const Pass all_campaigns[] = {{"\"secondary_status\":\"CAMPAIGN_STATUS_ALL\""}, {0}};
static const Pass all_adgroups[] = {{"\"secondary_status\":\"ADGROUP_STATUS_ALL\""}, {0}};
static const Pass all_ads[] = {{"\"secondary_status\":\"AD_STATUS_ALL\""}, {0}};
static const Pass campaigns_reported[] = {{IN("campaign_status", ALL)}, {0}};
static const Pass adgroups_reported[] = {{IN("adgroup_status", ALL)}, {0}};
static const Pass ads_reported[] = {{IN("ad_status", ALL)}, {0}};

static const char *const trouble[] = {"code!=0", NULL};

/* Where the answer does not tell of pages, a short one is the last. */
#define LIST                                                                        \
	.records = "data.list", .records_optional = true, .trouble = trouble,           \
	.paging = {PAGE_NUMBER, .param = "page", .first = 1, .size_param = "page_size", \
			   .size = 1000, .pages = "data.page_info.total_page",                  \
			   .total = "data.page_info.total_number"}

#define OBJECTS(word, text)                                           \
	.name = word "s", .comment = text ", deleted ones too",           \
	.path = "/open_api/{api_version}/" word "/get/",                  \
	.query = "advertiser_id={advertiser_id}&fields={fields[]}", LIST, \
	.filters = object_filters, .filter = {"filtering", "{", ",", "}", .once = true}

#define REPORT(word, level, text, its_columns, its_passes)                                   \
	.name = word "_daily",                                                                   \
	.comment = "What " text " did, by day; two years back unless the query says since when", \
	.path = "/open_api/{api_version}/report/integrated/get/", .fields_skip = "metrics.",     \
	.query = "advertiser_id={advertiser_id}&report_type=BASIC&service_type=AUCTION"          \
			 "&data_level=AUCTION_" level "&dimensions=[\"" word "_id\",\"stat_time_day\"]"  \
			 "&metrics={fields[]}&start_date={since}&end_date={until}",                      \
	.range = {"day", .back = 730, .max_days = 30}, .filters = report_filters, LIST,          \
	.columns = its_columns, .passes = its_passes

static const Resource resources[] = {
	{.name = "advertiser",
	 .comment = "The ad account itself",
	 .path = "/open_api/{api_version}/advertiser/info/",
	 .query = "advertiser_ids={advertiser_id[]}&fields={fields[]}",
	 .records = "data.list",
	 .trouble = trouble,
	 .columns = advertiser_columns},
	{OBJECTS("campaign", "Campaigns"), .columns = campaign_columns, .passes = all_campaigns},
	{OBJECTS("adgroup", "Ad groups"), .columns = adgroup_columns, .passes = all_adgroups},
	{OBJECTS("ad", "Ads"), .columns = ad_columns, .passes = all_ads},
	{REPORT("advertiser", "ADVERTISER", "the account", advertiser_daily_columns, NULL)},
	{REPORT("campaign", "CAMPAIGN", "campaigns", campaign_daily_columns, campaigns_reported)},
	{REPORT("adgroup", "ADGROUP", "ad groups", adgroup_daily_columns, adgroups_reported)},
	{REPORT("ad", "AD", "ads", ad_daily_columns, ads_reported)},
	{0}};

static bool
is_number(const char *value)
{
	return value[0] >= '1' && value[0] <= '9' && strspn(value, "0123456789") == strlen(value);
}

static const Option options[] = {
	{"advertiser_id", ON_SERVER | ON_TABLE, NULL, true, false, is_number,
	 "the number of an ad account such as 7012345678901234567"},
	{"api_version", ON_SERVER, "v1.3"},
	{"fetch_size", ON_SERVER | ON_TABLE, NULL, false, false, is_number, "a number of records"},
	{0}};

/* What an app is allowed at first; the service tells nothing of what is left. */
static const RateLimit limits[] = {{"qps", 10, .window_s = 1}, {"qpm", 600, .window_s = 60}, {0}};

static const char *const error_codes[] = {"code", NULL};
static const char *const error_messages[] = {"message", NULL};

/* No answer tells how long to wait, whichever of the limits it was. */
static const ErrorRule errors[] = {
	{0, "40016", ERROR_THROTTLE},
	{0, "40100", ERROR_THROTTLE},
	{0, "40133", ERROR_THROTTLE},
	{0, "20001", ERROR_RETRY}, /* a part of the data */
	{0, "40700", ERROR_RETRY},
	{0, "50000-50002", ERROR_RETRY},
	{0, "51305", ERROR_RETRY},
	{0, "60001", ERROR_RETRY},
	{0, "40101-40113", ERROR_LOGIN},
	{0, "40001", ERROR_DENIED, "Have the advertiser authorise the app for this account."},
	{0, "40118-40125", ERROR_DENIED},
	{0, "40300-40301", ERROR_MISSING, "Check the server's option \"advertiser_id\"."},
	{0, "40006", ERROR_REQUEST, "Set the server's option \"api_version\" to a live version."},
	{0}};

const Connector mo_tiktok_ads_connector = {
	.name = "tiktok_ads",
	.comment = "TikTok Ads, through the API for Business",
	.base_url = "https://business-api.tiktok.com",
	.hosts = "business-api.tiktok.com sandbox-ads.tiktok.com",
	.auth_header = "Access-Token: {token}",
	.options = options,
	.resources = resources,
	.limits = limits,
	.filter = {.param = "filtering", .open = "[", .join = ",", .close = "]"},
	.error_codes = error_codes,
	.error_messages = error_messages,
	.errors = errors,
	.request_id = "X-TT-LOGID",
};
