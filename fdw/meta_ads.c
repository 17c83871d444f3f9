/*-------------------------------------------------------------------------
 *
 * meta_ads.c
 *	  Meta Ads: the Marketing API's objects and daily insights.
 *
 * All days are days of the ad account's time zone.  Insights are read with
 * one row for each day and object that delivered; a counter the service left
 * out is zero there, a ratio is unknown.  Overlapping types of the same
 * purchase are never added up: the first type of option
 * "purchase_action_type" that a row has is the one that counts.  Pages are
 * asked for by their cursor; the link the service offers holds the token.
 * Columns that end in _minor are in the smallest unit of the currency, cents
 * mostly; all others are in units.
 *
 *-------------------------------------------------------------------------
 */
#include "connector.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const Column campaign_columns[] = {
	{"id", "text", NULL, "Number of the campaign", COL_KEY},
	{"account_id", "text", NULL, "Ad account, digits only"},
	{"name", "text", NULL, "Name"},
	{"objective", "text", NULL, "OUTCOME_SALES, OUTCOME_TRAFFIC, ..."},
	{"status", "text", NULL, "As set: ACTIVE, PAUSED, ARCHIVED, DELETED"},
	{"effective_status", "text", NULL, "As it works out: also IN_PROCESS, WITH_ISSUES"},
	{"buying_type", "text", NULL, "AUCTION, RESERVED"},
	{"bid_strategy", "text", NULL, "LOWEST_COST_WITHOUT_CAP, COST_CAP, ..."},
	{"daily_budget_minor", "numeric", "daily_budget", "Budget a day, in the smallest unit"},
	{"lifetime_budget_minor", "numeric", "lifetime_budget", "Total budget, in the smallest unit"},
	{"budget_remaining_minor", "numeric", "budget_remaining", "Left of it, in the smallest unit"},
	{"spend_cap_minor", "numeric", "spend_cap", "Most it may spend, in the smallest unit"},
	{"start_time", "timestamp with time zone", NULL, "When it starts"},
	{"stop_time", "timestamp with time zone", NULL, "When it ends"},
	{"created_time", "timestamp with time zone", NULL, "When it was made"},
	{"updated_time", "timestamp with time zone", NULL, "When it last changed"},
	{0}};

static const Column adset_columns[] = {
	{"id", "text", NULL, "Number of the ad set", COL_KEY},
	{"account_id", "text", NULL, "Ad account, digits only"},
	{"campaign_id", "text", NULL, "Its campaign"},
	{"name", "text", NULL, "Name"},
	{"status", "text", NULL, "As set: ACTIVE, PAUSED, ARCHIVED, DELETED"},
	{"effective_status", "text", NULL, "As it works out: also CAMPAIGN_PAUSED, ..."},
	{"optimization_goal", "text", NULL, "OFFSITE_CONVERSIONS, ..."},
	{"billing_event", "text", NULL, "What is paid for: IMPRESSIONS, ..."},
	{"bid_strategy", "text", NULL, "LOWEST_COST_WITHOUT_CAP, COST_CAP, ..."},
	{"daily_budget_minor", "numeric", "daily_budget", "Budget a day, in the smallest unit"},
	{"lifetime_budget_minor", "numeric", "lifetime_budget", "Total budget, in the smallest unit"},
	{"budget_remaining_minor", "numeric", "budget_remaining", "Left of it, in the smallest unit"},
	{"start_time", "timestamp with time zone", NULL, "When it starts"},
	{"end_time", "timestamp with time zone", NULL, "When it ends"},
	{"created_time", "timestamp with time zone", NULL, "When it was made"},
	{"updated_time", "timestamp with time zone", NULL, "When it last changed"},
	{"attribution_spec", "jsonb", NULL, "Windows in which a conversion is its own"},
	{0}};

static const Column ad_columns[] = {
	{"id", "text", NULL, "Number of the ad", COL_KEY},
	{"account_id", "text", NULL, "Ad account, digits only"},
	{"campaign_id", "text", NULL, "Its campaign"},
	{"adset_id", "text", NULL, "Its ad set"},
	{"creative_id", "text", "creative.id", "What it shows"},
	{"name", "text", NULL, "Name"},
	{"status", "text", NULL, "As set: ACTIVE, PAUSED, ARCHIVED, DELETED"},
	{"effective_status", "text", NULL, "As it works out: also ADSET_PAUSED, DISAPPROVED, ..."},
	{"created_time", "timestamp with time zone", NULL, "When it was made"},
	{"updated_time", "timestamp with time zone", NULL, "When it last changed"},
	{0}};

static const Column creative_columns[] = {
	{"id", "text", NULL, "Number of the creative", COL_KEY},
	{"account_id", "text", NULL, "Ad account, digits only"},
	{"name", "text", NULL, "Name"},
	{"title", "text", NULL, "Headline"},
	{"body", "text", NULL, "Text"},
	{"status", "text", NULL, "ACTIVE, IN_PROCESS, WITH_ISSUES, DELETED"},
	{"object_type", "text", NULL, "SHARE, VIDEO, ..."},
	{"call_to_action_type", "text", NULL, "SHOP_NOW, ..."},
	{"image_url", "text", NULL, "Image; the link expires"},
	{"thumbnail_url", "text", NULL, "Small image; the link expires"},
	{"video_id", "text", NULL, "Video"},
	{"link_url", "text", NULL, "Where it leads"},
	{"effective_object_story_id", "text", NULL, "Post it is shown as"},
	{"instagram_permalink_url", "text", NULL, "The same on Instagram"},
	{"object_story_spec", "jsonb", NULL, "What the post was made of"},
	{"asset_feed_spec", "jsonb", NULL, "Texts and images of a dynamic creative"},
	{0}};

static const Column insight_columns[] = {
	{"day", "date", "date_start", "Day in the ad account's time zone", COL_KEY},
	{"level", "text", NULL, "What a row is of: account, campaign, adset, ad", COL_KEY | COL_PARAM},
	{"account_id", "text", NULL, "Ad account, digits only", COL_KEY},
	{"account_currency", "text", NULL, "Currency of the amounts"},
	{"campaign_id", "text", NULL, "Campaign, from level campaign down", COL_KEY},
	{"campaign_name", "text", NULL, "Its name"},
	{"adset_id", "text", NULL, "Ad set, from level adset down", COL_KEY},
	{"adset_name", "text", NULL, "Its name"},
	{"ad_id", "text", NULL, "Ad, at level ad", COL_KEY},
	{"ad_name", "text", NULL, "Its name"},
	{"spend", "numeric", NULL, "Spent, in units of the currency", COL_ZERO},
	{"impressions", "bigint", NULL, "Times shown", COL_ZERO},
	{"clicks", "bigint", NULL, "Clicks of any kind", COL_ZERO},
	{"reach", "bigint", NULL, "People reached that day; days and objects do not add up", COL_ZERO},
	{"frequency", "numeric", NULL, "Impressions a person"},
	{"cpm", "numeric", NULL, "Cost of a thousand impressions"},
	{"cpc", "numeric", NULL, "Cost of a click, unknown without clicks"},
	{"ctr", "numeric", NULL, "Clicks in a hundred impressions"},
	{"purchases", "numeric", "actions[action_type={purchase_action_type}].value",
	 "Purchases of the first type in option purchase_action_type that the row has", COL_ZERO},
	{"purchase_value", "numeric", "action_values[action_type={purchase_action_type}].value",
	 "Their value", COL_ZERO},
	{"actions", "jsonb", NULL, "All actions by type, overlapping ones too"},
	{"action_values", "jsonb", NULL, "Their values"},
	{0}};

static const Column account_columns[] = {
	{"id", "text", NULL, "Number of the ad account with act_ before it", COL_KEY},
	{"account_id", "text", NULL, "The number alone"},
	{"name", "text", NULL, "Name"},
	{"currency", "text", NULL, "Currency of all amounts"},
	{"time_zone", "text", "timezone_name", "Time zone of its days"},
	{"account_status", "integer", NULL, "1 = active, 2 = disabled, 3 = unsettled, ..."},
	{"amount_spent_minor", "numeric", "amount_spent", "Spent so far, in the smallest unit"},
	{0}};

/* A term of "filtering", a list of objects */
#define TERM(field, operator, value) \
	"{\"field\":\"" field "\",\"operator\":\"" operator"\",\"value\":" value "}"

/* One of many */
#define ANY(column, field, exact)                                              \
	{                                                                          \
		column, "= ANY", TERM(field, "IN", "[%l]"), exact, NULL, "%j", ",", 50 \
	}
#define ANY_STATUS                                                                    \
	{                                                                                 \
		"effective_status", "= ANY", "[%l]", EXACT, "effective_status", "%j", ",", 50 \
	}

static const Filter campaign_filters[] = {
	{"effective_status", "=", "[%j]", EXACT, "effective_status"},
	ANY_STATUS,
	{"updated_time", ">", TERM("campaign.updated_time", "GREATER_THAN", "%u"), SUPERSET},
	{"updated_time", ">=", TERM("campaign.updated_time", "GREATER_THAN", "%-u"), SUPERSET},
	{0}};

static const Filter adset_filters[] = {
	{"id", "=", TERM("adset.id", "EQUAL", "%j"), EXACT},
	ANY("id", "adset.id", EXACT),
	{"campaign_id", "=", TERM("campaign.id", "EQUAL", "%j"), EXACT},
	ANY("campaign_id", "campaign.id", EXACT),
	{"effective_status", "=", "[%j]", EXACT, "effective_status"},
	ANY_STATUS,
	{"updated_time", ">", "%u", SUPERSET, "updated_since"},
	{"updated_time", ">=", "%-u", SUPERSET, "updated_since"},
	{0}};

static const Filter ad_filters[] = {
	{"id", "=", TERM("ad.id", "EQUAL", "%j"), EXACT},
	ANY("id", "ad.id", EXACT),
	{"effective_status", "=", "[%j]", EXACT, "effective_status"},
	ANY_STATUS,
	{"updated_time", ">", "%u", SUPERSET, "updated_since"},
	{"updated_time", ">=", "%-u", SUPERSET, "updated_since"},
	{0}};

/*
 * Of a level above the object there is a row with what the object did, and in
 * it no id: the service has heeded the filter, and the row does not match.
 */
static const Filter insight_filters[] = {
	{"campaign_id", "=", TERM("campaign.id", "EQUAL", "%j"), SUPERSET},
	ANY("campaign_id", "campaign.id", SUPERSET),
	{"adset_id", "=", TERM("adset.id", "EQUAL", "%j"), SUPERSET},
	ANY("adset_id", "adset.id", SUPERSET),
	{"ad_id", "=", TERM("ad.id", "EQUAL", "%j"), SUPERSET},
	ANY("ad_id", "ad.id", SUPERSET),
	{"impressions", ">", TERM("impressions", "GREATER_THAN", "%s"), SUPERSET},
	{"spend", ">", TERM("spend", "GREATER_THAN", "%s"), SUPERSET},
	{0}};

/* Archived and deleted objects are left out unless they are asked for. */
#define CAMPAIGN_STATUSES \
	"[\"ACTIVE\",\"PAUSED\",\"DELETED\",\"ARCHIVED\",\"IN_PROCESS\",\"WITH_ISSUES\"]"
#define ADSET_STATUSES                                                                    \
	"[\"ACTIVE\",\"PAUSED\",\"DELETED\",\"CAMPAIGN_PAUSED\",\"ARCHIVED\",\"IN_PROCESS\"," \
	"\"WITH_ISSUES\"]"
#define AD_STATUSES                                                                          \
	"[\"ACTIVE\",\"PAUSED\",\"DELETED\",\"PENDING_REVIEW\",\"DISAPPROVED\",\"PREAPPROVED\"," \
	"\"PENDING_BILLING_INFO\",\"CAMPAIGN_PAUSED\",\"ARCHIVED\",\"ADSET_PAUSED\","            \
	"\"IN_PROCESS\",\"WITH_ISSUES\"]"

static const Pass levels[] = {
	{NULL, NULL, {"level=account"}},
	{TERM("campaign.effective_status", "IN", CAMPAIGN_STATUSES), NULL, {"level=campaign"}},
	{TERM("adset.effective_status", "IN", ADSET_STATUSES), NULL, {"level=adset"}},
	{TERM("ad.effective_status", "IN", AD_STATUSES), NULL, {"level=ad"}},
	{0}};

/* Data beside an error is not whole. */
static const char *const trouble[] = {"error", NULL};

#define PAGES(n)                                                                      \
	{                                                                                 \
		PAGE_CURSOR, "paging.cursors.after", "paging.next", "after", NULL, "limit", n \
	}

/* Insights with one row for so many days */
#define INSIGHTS(increment, most)                                                                \
	.name = "insights", .path = "/{api_version}/act_{account}/insights",                         \
	.query = "level={level}&time_range={\"since\":\"{since}\",\"until\":\"{until}\"}"            \
			 "&time_increment=" increment "&action_attribution_windows={attribution_windows[]}", \
	.fields_param = "fields", .records = "data", .trouble = trouble, .paging = PAGES(500),       \
	.columns = insight_columns, .filters = insight_filters,                                      \
	.range = {"day", .back = 1120, .ahead = 1, .max_days = most}, .passes = levels

/*
 * Over days of the same level these add up, and nothing else does: people are
 * counted once, and which type of purchase counts is found row by row.  Levels
 * are not taken for one another, for the service does not say that theirs agree.
 */
static const char *const added[] = {"spend", "impressions", "clicks", NULL};
static const char *const kept[] = {
	"level", "account_id", "account_currency", "campaign_id", "adset_id", "ad_id", NULL};

static const Resource insights_of_all_days = {INSIGHTS("all_days", 1200)};
static const Resource insights_by_month = {INSIGHTS("monthly", 1200)};

static const Summary insight_summaries[] = {
	{&insights_of_all_days, "sums over all days", .sums = added, .keep = kept},
	{&insights_by_month, "sums by month", .sums = added, .keep = kept, .unit = "month"},
	{0}};

static const char *const run_errors[] = {
	"error_user_msg", "error_message", NULL};

/* A report run: the same rows, made by and by.  A year of a large account is not too much. */
static const Bulk report_run = {
	.id = "report_run_id",
	.path = "/{api_version}/{job}",
	.status = "async_status",
	.going = "Job Not Started|Job Started|Job Running",
	.done = "Job Completed",
	.percent = "async_percent_completion",
	.errors = run_errors,
	.pages = "/{api_version}/{job}/insights",
	.look_ms = 1000,
	.max_days = 366};

static const Resource resources[] = {
	{.name = "campaigns",
	 .comment = "Campaigns, archived and deleted ones too",
	 .path = "/{api_version}/act_{account}/campaigns",
	 .query = "effective_status=" CAMPAIGN_STATUSES,
	 .fields_param = "fields",
	 .records = "data",
	 .trouble = trouble,
	 .paging = PAGES(100),
	 .columns = campaign_columns,
	 .filters = campaign_filters},
	{.name = "adsets",
	 .comment = "Ad sets, archived and deleted ones too",
	 .path = "/{api_version}/act_{account}/adsets",
	 .query = "effective_status=" ADSET_STATUSES,
	 .fields_param = "fields",
	 .records = "data",
	 .trouble = trouble,
	 .paging = PAGES(100),
	 .columns = adset_columns,
	 .filters = adset_filters},
	{.name = "ads",
	 .comment = "Ads, archived and deleted ones too",
	 .path = "/{api_version}/act_{account}/ads",
	 .query = "effective_status=" AD_STATUSES,
	 .fields_param = "fields",
	 .records = "data",
	 .trouble = trouble,
	 .paging = PAGES(100),
	 .columns = ad_columns,
	 .filters = ad_filters},
	{.name = "ad_creatives",
	 .comment = "What ads show; the service has no filter for them",
	 .path = "/{api_version}/act_{account}/adcreatives",
	 .fields_param = "fields",
	 .records = "data",
	 .trouble = trouble,
	 .paging = PAGES(50),
	 .columns = creative_columns},
	{INSIGHTS("1", 30),
	 .comment = "What ads did, by day and level; the last 37 months are kept",
	 .summaries = insight_summaries,
	 .bulk = &report_run},
	{.name = "account",
	 .comment = "The ad account itself",
	 .path = "/{api_version}/act_{account}",
	 .fields_param = "fields",
	 .records = "",
	 .trouble = trouble,
	 .columns = account_columns},
	{0}};

/* "v25.0" */
static bool
is_version(const char *value)
{
	size_t major = value[0] == 'v' ? strspn(value + 1, "0123456789") : 0;
	const char *minor = value + 1 + major;

	return major > 0 && minor[0] == '.' && minor[1] != '\0' &&
		   strspn(minor + 1, "0123456789") == strlen(minor + 1);
}

/* "act_123" or "123" */
static bool
is_account(const char *value)
{
	if (strncmp(value, "act_", 4) == 0)
		value += 4;
	return *value != '\0' && strspn(value, "0123456789") == strlen(value);
}

/* Is the text, up to "len", one of the words between blanks? */
static bool
is_word_of(const char *words, const char *text, size_t len)
{
	while (*words != '\0')
	{
		size_t n = strcspn(words, " ");

		if (n == len && strncmp(words, text, n) == 0)
			return true;
		words += n + strspn(words + n, " ");
	}
	return false;
}

static bool
is_count(const char *value)
{
	return value[0] >= '1' && value[0] <= '9' && strlen(value) < 6 &&
		   strspn(value, "0123456789") == strlen(value);
}

/* 0 = never */
static bool
is_page_count(const char *value)
{
	return strcmp(value, "0") == 0 || is_count(value);
}

static bool
is_level(const char *value)
{
	return is_word_of("account campaign adset ad", value, strlen(value));
}

/* Windows the service still counts in; its "7d_view" and "28d_view" give nothing. */
static bool
are_windows(const char *value)
{
	for (;;)
	{
		size_t n = strcspn(value, ",");

		if (!is_word_of("1d_click 7d_click 28d_click 1d_view 1d_ev dda default", value, n))
			return false;
		if (value[n] == '\0')
			return true;
		value += n + 1;
	}
}

/* Words joined by "|" */
static bool
are_action_types(const char *value)
{
	for (;;)
	{
		size_t n = strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_.");

		if (n == 0)
			return false;
		if (value[n] == '\0')
			return true;
		if (value[n] != '|')
			return false;
		value += n + 1;
	}
}

static const Option options[] = {
	{"account", ON_SERVER, NULL, true, false, is_account,
	 "an ad account such as act_1234567890", "act_"},
	{"api_version", ON_SERVER, "v25.0", false, false, is_version, "a version such as v25.0"},
	{"level", ON_TABLE, "account", false, false, is_level, "one of account, campaign, adset, ad"},
	{"fetch_size", ON_SERVER | ON_TABLE, NULL, false, false, is_count,
	 "a number of records a page"},
	{"bulk_pages", ON_SERVER | ON_TABLE, "100", false, false, is_page_count,
	 "pages, 1 to 99999, where 1 is always, or 0 for never"},
	{"attribution_windows", ON_SERVER | ON_TABLE, "7d_click,1d_view", false, false, are_windows,
	 "a list of 1d_click, 7d_click, 28d_click, 1d_view, 1d_ev, dda, default"},
	{"purchase_action_type", ON_SERVER | ON_TABLE,
	 "omni_purchase|purchase|offsite_conversion.fb_pixel_purchase", false, false,
	 are_action_types, "action types with \"|\" between them, of which the first present counts"},
	{0}};

/*
 * The largest number that follows the key in the JSON text of a header, 0 if
 * there is none.  The keys above it are account numbers, so it is not looked
 * up but looked for.
 */
static double
largest(const char *text, const char *key)
{
	double most = 0;

	while (text != NULL && (text = strstr(text, key)) != NULL)
	{
		text += strlen(key);
		while (isspace((unsigned char) *text) || *text == ':')
			text++;
		if (isdigit((unsigned char) *text) && strtod(text, NULL) > most)
			most = strtod(text, NULL);
	}
	return most;
}

/*
 * The service counts calls by rules of its own, by the hour, and tells what
 * part of its budgets is used.  So a request costs nothing until it does.
 */
static const RateLimit limits[] = {
	{"usage", .capacity = 100, .rate = 100 / 3600.0, .cost = 0.001},
	{0}};

#define SLOW_PERCENT 75.0  /* from here on we slow down ... */
#define PAUSE_PERCENT 95.0 /* ... and here we stop */
#define SLOW_STEP_MS 100.0 /* between two requests, for each percent */
#define PAUSE_MS 60000     /* where the service does not say for how long */

/* How much of the most used budget is used, in percent; -1 = not told. */
static double
usage(const ErrorAnswer *answer)
{
	static const char *const told[][2] = {
		{"x-app-usage", "\"call_count\""},
		{"x-app-usage", "\"total_time\""},
		{"x-app-usage", "\"total_cputime\""},
		{"x-business-use-case-usage", "\"call_count\""},
		{"x-business-use-case-usage", "\"total_time\""},
		{"x-business-use-case-usage", "\"total_cputime\""},
		{"x-ad-account-usage", "\"acc_id_util_pct\""},
		{"x-fb-ads-insights-throttle", "\"app_id_util_pct\""},
		{"x-fb-ads-insights-throttle", "\"acc_id_util_pct\""},
	};
	double most = -1;

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
	{
		const char *text = answer->header(answer, told[i][0]);
		double percent = text ? largest(text, told[i][1]) : -1;

		if (percent > most)
			most = percent;
	}
	return most;
}

/* Usage headers tell when an account may come back: in minutes, or seconds. */
static int64_t
usage_wait(const ErrorAnswer *answer)
{
	double minutes = largest(answer->header(answer, "x-business-use-case-usage"),
							 "\"estimated_time_to_regain_access\"");
	double seconds = largest(answer->header(answer, "x-ad-account-usage"),
							 "\"reset_time_duration\"");
	double wait_s = minutes > 0 ? 60 * minutes : seconds;

	if (wait_s <= 0 || wait_s > 30 * 86400.0)
		return -1;
	return (int64_t) (1000 * wait_s);
}

static void
read_usage(const ErrorAnswer *answer, Quota *quota)
{
	double percent = usage(answer);

	if (percent < 0)
		return;
	quota->available = percent < 100 ? 100 - percent : 0;
	if (percent >= PAUSE_PERCENT)
	{
		quota->wait_ms = usage_wait(answer);
		if (quota->wait_ms < 0 && answer->status == 200)
			quota->wait_ms = PAUSE_MS;
	}
	else if (percent >= SLOW_PERCENT)
		quota->wait_ms = (int64_t) ((percent - SLOW_PERCENT) * SLOW_STEP_MS);
}

/* A subcode says more than its code, so those stand first. */
static const char *const error_codes[] = {
	"error.code", "error.error_subcode", "error.is_transient", NULL};
static const char *const error_messages[] = {"error.message", NULL};

static const ErrorRule errors[] = {
	{0, "33", ERROR_MISSING,
	 "Check the server's option \"account\", and that the credential may see it."},
	{0, "99", ERROR_RETRY},
	{0, "1487534", ERROR_TOO_BIG},
	{0, "1504018", ERROR_TOO_BIG},
	{0, "1504038", ERROR_TOO_BIG},
	{0, "1504041", ERROR_REQUEST},
	{0, "1504042", ERROR_REQUEST},
	{0, "1487742", ERROR_THROTTLE},
	{0, "1504022", ERROR_THROTTLE},
	{0, "1504039", ERROR_THROTTLE},
	{0, "2446079", ERROR_THROTTLE},
	{0, "4", ERROR_THROTTLE},
	{0, "17", ERROR_THROTTLE},
	{0, "32", ERROR_THROTTLE},
	{0, "613", ERROR_THROTTLE},
	{0, "80000-80014", ERROR_THROTTLE},
	{0, "true", ERROR_RETRY},
	{0, "1", ERROR_TOO_BIG}, /* not transient: "reduce the amount of data" */
	{0, "2", ERROR_RETRY},
	{0, "-2", ERROR_RETRY},
	{0, "102", ERROR_LOGIN},
	{0, "104", ERROR_LOGIN},
	{0, "190", ERROR_LOGIN},
	{0, "10", ERROR_DENIED},
	{0, "200-299", ERROR_DENIED},
	{0, "803", ERROR_MISSING},
	{0, "100", ERROR_REQUEST},
	{0, "2635", ERROR_REQUEST, "Set the server's option \"api_version\" to a live version."},
	{0}};

const Connector mo_meta_ads_connector = {
	.name = "meta_ads",
	.comment = "Meta Ads, through the Marketing API",
	.base_url = "https://graph.facebook.com",
	.hosts = "graph.facebook.com",
	.auth_header = "Authorization: Bearer {token}",
	.options = options,
	.resources = resources,
	.filter = {.param = "filtering", .open = "[", .join = ",", .close = "]"},
	.error_codes = error_codes,
	.error_messages = error_messages,
	.errors = errors,
	.throttle_wait = usage_wait,
	.limits = limits,
	.quota = read_usage,
};
