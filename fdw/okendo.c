/*-------------------------------------------------------------------------
 *
 * okendo.c
 *	  Okendo: the reviews of a shop's products.
 *
 * The service lists one status at a time and filters by nothing else, so there
 * is one pass for each status; what a query says of the rest is checked here.
 *
 *-------------------------------------------------------------------------
 */
#include "connector.h"

#include <string.h>

static const Column review_columns[] = {
	{"id", "text", "reviewId", "Id of the review", COL_KEY},
	{"status", "text", NULL, "approved, pending, rejected", COL_PARAM},
	{"created_at", "timestamp with time zone", "dateCreated", "When it was written"},
	{"rating", "integer", NULL, "1 to 5 stars"},
	{"title", "text", NULL, "Title"},
	{"body", "text", NULL, "Text, which may hold HTML entities"},
	{"sentiment", "text", NULL, "positive, negative, neutral, mixed; not of old reviews"},
	{"product_id", "text", "productId", "shopify-<number of the product>"},
	{"variant_id", "text", "variantId", "shopify-<number of the variant>"},
	{"product_name", "text", "productName", "Name of the product"},
	{"order_id", "text", "order.orderId", "Order it was bought with"},
	{"is_recommended", "boolean", "isRecommended", "Does the reviewer recommend it?"},
	{"helpful_count", "integer", "helpfulCount", "Readers who found it helpful"},
	{"unhelpful_count", "integer", "unhelpfulCount", "Readers who did not"},
	{"tags", "text[]", NULL, "Tags"},
	{"reviewer_email", "text", "reviewer.email", "E-mail of the reviewer"},
	{"reviewer_name", "text", "reviewer.name", "Name of the reviewer"},
	{"is_verified", "boolean", "reviewer.isVerified", "Did the reviewer buy it?"},
	{"media", "jsonb", NULL, "Pictures and videos; hidden ones say so"},
	{0}};

static const Pass review_passes[] = {
	{NULL, "approved", {"status=approved"}},
	{NULL, "pending", {"status=pending"}},
	{NULL, "rejected", {"status=rejected"}},
	{0}};

/* "nextUrl" comes with and without its first segment: only its cursor is used. */
static const Resource resources[] = {
	{.name = "reviews",
	 .comment = "Reviews of every status",
	 .path = "/reviews",
	 .query = "status={pass}&orderBy=date asc",
	 .records = "reviews",
	 .paging = {PAGE_CURSOR, "nextUrl", .within = "lastEvaluated", .param = "lastEvaluated",
				.size_param = "limit", .size = 100},
	 .columns = review_columns,
	 .passes = review_passes},
	{0}};

/* "2025-02-01" */
static bool
is_version(const char *value)
{
	return strlen(value) == 10 && value[4] == '-' && value[7] == '-' &&
		   strspn(value, "0123456789-") == 10;
}

static const RateLimit limits[] = {{"requests", 4, .rate = 2}, {0}};

static const Option options[] = {
	{"api_version", ON_SERVER, "2025-02-01", false, false, is_version,
	 "the date of a version, such as 2025-02-01"},
	{0}};

/* No envelope of errors is published: these are the places where others have it. */
static const char *const error_messages[] = {"message", "error", "errors", NULL};

static const ErrorRule errors[] = {
	{403, NULL, ERROR_DENIED, "The account's plan has to include the merchant API."},
	{0}};

const Connector mo_okendo_connector = {
	.name = "okendo",
	.comment = "Okendo",
	.base_url = "https://api.okendo.io/enterprise",
	.hosts = "api.okendo.io",
	.auth_header = "Authorization: Basic {basic}",
	.headers = {"okendo-api-version: {api_version}", "Accept: application/json"},
	.options = options,
	.resources = resources,
	.limits = limits,
	.error_messages = error_messages,
	.errors = errors,
};
