/*-------------------------------------------------------------------------
 *
 * shopify.c
 *	  Shopify Admin: GraphQL, one document made from the wanted columns.
 *
 * Lines, refunds and stock levels have no list of their own: they are read
 * through their orders and items.  Instants are to the second, in UTC; money
 * is the shop's.  "updated_at" of customers matches whole days only, and in
 * which zone nobody tells, so it is asked by the day, one more at either end,
 * and checked here.
 *
 *-------------------------------------------------------------------------
 */
#include "connector.h"

#include <stdlib.h>
#include <string.h>

static const Column shop_columns[] = {
	{"id", "bigint", "id", "Number of the shop", COL_KEY | COL_TAIL},
	{"name", "text", NULL, "Name of the shop"},
	{"myshopify_domain", "text", "myshopifyDomain", "Permanent domain"},
	{"currency", "text", "currencyCode", "Currency of all amounts"},
	{"time_zone", "text", "ianaTimezone", "Time zone of the shop's days"},
	{"plan", "text", "plan.publicDisplayName", "Plan of the shop"},
	{"taxes_included", "boolean", "taxesIncluded", "Do prices include taxes?"},
	{"created_at", "timestamp with time zone", "createdAt", "Opening of the shop"},
	{0}};

static const Column order_columns[] = {
	{"id", "bigint", "legacyResourceId", "Number of the order at Shopify", COL_KEY},
	{"name", "text", NULL, "Name the customer sees, such as #1001"},
	{"number", "bigint", NULL, "Running number"},
	{"created_at", "timestamp with time zone", "createdAt", "When it was made"},
	{"updated_at", "timestamp with time zone", "updatedAt", "When it last changed"},
	{"processed_at", "timestamp with time zone", "processedAt",
	 "When it was placed: the instant that counts"},
	{"closed_at", "timestamp with time zone", "closedAt", "When it was closed"},
	{"cancelled_at", "timestamp with time zone", "cancelledAt", "When it was cancelled"},
	{"cancel_reason", "text", "cancelReason", "Why it was cancelled"},
	{"test", "boolean", NULL, "A test order"},
	{"confirmed", "boolean", NULL, "Is it confirmed?"},
	{"taxes_included", "boolean", "taxesIncluded", "Do its prices include taxes?"},
	{"currency", "text", "currencyCode", "Currency of the amounts"},
	{"financial_status", "text", "displayFinancialStatus", "PAID, REFUNDED, ..."},
	{"fulfillment_status", "text", "displayFulfillmentStatus", "FULFILLED, ..."},
	{"total_price", "numeric", "totalPriceSet.shopMoney.amount", "Total as placed"},
	{"current_total_price", "numeric", "currentTotalPriceSet.shopMoney.amount",
	 "Total after edits and refunds"},
	{"subtotal_price", "numeric", "subtotalPriceSet.shopMoney.amount",
	 "Lines after discounts, as placed"},
	{"total_discounts", "numeric", "totalDiscountsSet.shopMoney.amount", "Discounts"},
	{"total_shipping", "numeric", "totalShippingPriceSet.shopMoney.amount", "Shipping charged"},
	{"total_tax", "numeric", "totalTaxSet.shopMoney.amount", "Taxes"},
	{"total_refunded", "numeric", "totalRefundedSet.shopMoney.amount", "Refunded so far"},
	{"net_payment", "numeric", "netPaymentSet.shopMoney.amount", "Received less refunded"},
	{"discount_codes", "text[]", "discountCodes", "Discount codes used"},
	{"tags", "text[]", NULL, "Tags"},
	{"note", "text", NULL, "Note"},
	{"email", "text", NULL, "E-mail of the customer"},
	{"source_name", "text", "sourceName", "Where it was placed: web, pos, ..."},
	{"customer_id", "bigint", "customer.legacyResourceId", "Customer, none for a guest"},
	{"customer_order_index", "integer", "customerJourneySummary.customerOrderIndex",
	 "1 = the customer's first order"},
	{"shipping_title", "text", "shippingLine.title", "Way of shipping, as the customer read it"},
	{"shipping_code", "text", "shippingLine.code", "The shop's or carrier's code of it"},
	{"fulfillments", "jsonb", "fulfillments", "Parcels, 50 at most, with their tracking", 0,
	 "fulfillments(first: 50) { status displayStatus createdAt deliveredAt"
	 " trackingInfo(first: 10) { number company } }"},
	{0}};

/* One of many: there are no lists, but alternatives.  No limit is told; a page's worth is safe. */
#define MOST_ANY 100
#define ANY_NUMBER(column, field)                                           \
	{                                                                       \
		column, "= ANY", "(%l)", EXACT, NULL, field ":%s", " OR ", MOST_ANY \
	}
#define ANY_TEXT(column, field)                                                \
	{                                                                          \
		column, "= ANY", "(%l)", SUPERSET, NULL, field ":%a", " OR ", MOST_ANY \
	}

static const Filter order_filters[] = {
	{"id", "=", "id:%s", EXACT},
	ANY_NUMBER("id", "id"),
	{"name", "=", "name:%a", SUPERSET},
	{"email", "=", "email:%a", SUPERSET},
	ANY_TEXT("email", "email"),
	{"customer_id", "=", "customer_id:%s", EXACT},
	ANY_NUMBER("customer_id", "customer_id"),
	{"updated_at", ">=", "updated_at:>='%t'", EXACT},
	{"updated_at", ">", "updated_at:>='%t'", SUPERSET},
	{"updated_at", "<=", "updated_at:<='%t'", EXACT},
	{"updated_at", "<", "updated_at:<'%t'", EXACT},
	{"created_at", ">=", "created_at:>='%t'", EXACT},
	{"created_at", ">", "created_at:>='%t'", SUPERSET},
	{"created_at", "<=", "created_at:<='%t'", EXACT},
	{"created_at", "<", "created_at:<'%t'", EXACT},
	{"processed_at", ">=", "processed_at:>='%t'", EXACT},
	{"processed_at", ">", "processed_at:>='%t'", SUPERSET},
	{"processed_at", "<=", "processed_at:<='%t'", EXACT},
	{"processed_at", "<", "processed_at:<'%t'", EXACT},
	{"test", "=", "test:%s", EXACT},
	{0}};

/* Ties follow the id */
#define ORDER(column, key)                                         \
	{                                                              \
		column, "sortKey: " key, "sortKey: " key ", reverse: true" \
	}

static const Order order_orders[] = {
	ORDER("id", "ID"),
	ORDER("created_at", "CREATED_AT"),
	ORDER("updated_at", "UPDATED_AT"),
	ORDER("processed_at", "PROCESSED_AT"),
	{0}};

static const Column line_columns[] = {
	{"id", "bigint", "id", "Number of the line", COL_KEY | COL_TAIL},
	{"order_id", "bigint", "^legacyResourceId", "Its order"},
	{"order_updated_at", "timestamp with time zone", "^updatedAt", "When the order last changed"},
	{"order_processed_at", "timestamp with time zone", "^processedAt", "When the order was placed"},
	{"title", "text", NULL, "Title of the product, as sold"},
	{"name", "text", NULL, "Title and variant"},
	{"sku", "text", NULL, "Stock keeping unit, may be empty"},
	{"vendor", "text", NULL, "Vendor"},
	{"variant_title", "text", "variantTitle", "Title of the variant"},
	{"quantity", "bigint", NULL, "Units sold"},
	{"current_quantity", "bigint", "currentQuantity", "Units after edits and refunds"},
	{"unit_price", "numeric", "originalUnitPriceSet.shopMoney.amount",
	 "Price of one, before discounts"},
	{"total_discount", "numeric", "totalDiscountSet.shopMoney.amount",
	 "Discounts of the line itself"},
	{"discounted_total", "numeric", "discountedTotalSet.shopMoney.amount",
	 "Line after its own discounts"},
	{"is_gift_card", "boolean", "isGiftCard", "A gift card is no revenue yet"},
	{"product_id", "bigint", "product.legacyResourceId", "Product, none if deleted"},
	{"variant_id", "bigint", "variant.legacyResourceId", "Variant, none if deleted"},
	{"selling_plan", "text", "sellingPlan.name", "Subscription plan, none for a single purchase"},
	{"selling_plan_id", "text", "sellingPlan.sellingPlanId", "Its id"},
	{"discount_allocations", "jsonb", "discountAllocations",
	 "Discounts of line and order that fall on the line", 0,
	 "discountAllocations { allocatedAmountSet { shopMoney { amount } } }"},
	{0}};

/* Children are found by their order's stamps */
static const Filter child_filters[] = {
	{"order_id", "=", "id:%s", EXACT},
	ANY_NUMBER("order_id", "id"),
	{"order_updated_at", ">=", "updated_at:>='%t'", EXACT},
	{"order_updated_at", ">", "updated_at:>='%t'", SUPERSET},
	{"order_updated_at", "<=", "updated_at:<='%t'", EXACT},
	{"order_updated_at", "<", "updated_at:<'%t'", EXACT},
	{"order_processed_at", ">=", "processed_at:>='%t'", EXACT},
	{"order_processed_at", "<", "processed_at:<'%t'", EXACT},
	{0}};

static const Order line_orders[] = {
	ORDER("order_id", "ID"),
	ORDER("order_updated_at", "UPDATED_AT"),
	ORDER("order_processed_at", "PROCESSED_AT"),
	{0}};

static const Order refund_orders[] = {
	ORDER("order_id", "ID"),
	ORDER("order_updated_at", "UPDATED_AT"),
	{0}};

static const Column refund_columns[] = {
	{"id", "bigint", "legacyResourceId", "Number of the refund", COL_KEY},
	{"order_id", "bigint", "^legacyResourceId", "Its order"},
	{"order_updated_at", "timestamp with time zone", "^updatedAt", "When the order last changed"},
	{"created_at", "timestamp with time zone", "createdAt", "When it was made"},
	{"processed_at", "timestamp with time zone", "processedAt", "The instant that counts"},
	{"updated_at", "timestamp with time zone", "updatedAt", "When it last changed"},
	{"note", "text", NULL, "Note"},
	{"total_refunded", "numeric", "totalRefundedSet.shopMoney.amount", "Money given back"},
	{0}};

static const Column refund_line_columns[] = {
	{"id", "bigint", "id", "Number of the refunded line", COL_KEY | COL_TAIL},
	{"refund_id", "bigint", "^legacyResourceId", "Its refund"},
	{"order_id", "bigint", "^^legacyResourceId", "Its order"},
	{"order_updated_at", "timestamp with time zone", "^^updatedAt", "When the order last changed"},
	{"refund_processed_at", "timestamp with time zone", "^processedAt",
	 "The refund's instant that counts"},
	{"refund_created_at", "timestamp with time zone", "^createdAt", "When the refund was made"},
	{"line_item_id", "bigint", "lineItem.id", "Line of the order", COL_TAIL},
	{"quantity", "bigint", NULL, "Units taken back"},
	{"restock_type", "text", "restockType", "RETURN, CANCEL, NO_RESTOCK, ..."},
	{"subtotal", "numeric", "subtotalSet.shopMoney.amount", "Value of the units, after discounts"},
	{"total_tax", "numeric", "totalTaxSet.shopMoney.amount", "Taxes on them"},
	{0}};

static const Column customer_columns[] = {
	{"id", "bigint", "legacyResourceId", "Number of the customer", COL_KEY},
	{"created_at", "timestamp with time zone", "createdAt", "Since when"},
	{"updated_at", "timestamp with time zone", "updatedAt", "When it last changed"},
	{"first_name", "text", "firstName", "First name"},
	{"last_name", "text", "lastName", "Last name"},
	{"email", "text", "defaultEmailAddress.emailAddress", "E-mail"},
	{"email_marketing_state", "text", "defaultEmailAddress.marketingState", "Consent to marketing"},
	{"email_marketing_at", "timestamp with time zone", "defaultEmailAddress.marketingUpdatedAt",
	 "When that was said, none if never"},
	{"email_marketing_level", "text", "defaultEmailAddress.marketingOptInLevel",
	 "SINGLE_OPT_IN, CONFIRMED_OPT_IN, UNKNOWN"},
	{"phone", "text", "defaultPhoneNumber.phoneNumber", "Phone"},
	{"sms_marketing_state", "text", "defaultPhoneNumber.marketingState", "Consent to messages"},
	{"sms_marketing_at", "timestamp with time zone", "defaultPhoneNumber.marketingUpdatedAt",
	 "When that was said, none if never"},
	{"sms_marketing_level", "text", "defaultPhoneNumber.marketingOptInLevel",
	 "SINGLE_OPT_IN, CONFIRMED_OPT_IN, UNKNOWN"},
	{"state", "text", NULL, "State of the account"},
	{"tags", "text[]", NULL, "Tags"},
	{"orders_count", "bigint", "numberOfOrders", "Orders so far"},
	{"amount_spent", "numeric", "amountSpent.amount", "Spent so far"},
	{"currency", "text", "amountSpent.currencyCode", "Its currency"},
	{"product_subscriber_status", "text", "productSubscriberStatus",
	 "ACTIVE, NEVER_SUBSCRIBED, ..."},
	{"city", "text", "defaultAddress.city", "City"},
	{"province_code", "text", "defaultAddress.provinceCode", "Province or state"},
	{"country_code", "text", "defaultAddress.countryCodeV2", "Country"},
	{"zip", "text", "defaultAddress.zip", "Postal code"},
	{"last_order_id", "bigint", "lastOrder.legacyResourceId", "Latest order"},
	{0}};

static const Filter customer_filters[] = {
	{"id", "=", "id:%s", EXACT},
	ANY_NUMBER("id", "id"),
	{"email", "=", "email:%a", SUPERSET},
	ANY_TEXT("email", "email"),
	{"updated_at", ">=", "updated_at:>='%-d'", SUPERSET},
	{"updated_at", ">", "updated_at:>='%-d'", SUPERSET},
	{"updated_at", "<", "updated_at:<='%+d'", SUPERSET},
	{"updated_at", "<=", "updated_at:<='%+d'", SUPERSET},
	{"created_at", ">=", "customer_date:>='%-d'", SUPERSET},
	{"created_at", "<", "customer_date:<='%+d'", SUPERSET},
	{0}};

static const Order stamp_orders[] = {
	ORDER("id", "ID"),
	ORDER("created_at", "CREATED_AT"),
	ORDER("updated_at", "UPDATED_AT"),
	{0}};

static const Column product_columns[] = {
	{"id", "bigint", "legacyResourceId", "Number of the product", COL_KEY},
	{"title", "text", NULL, "Title"},
	{"handle", "text", NULL, "Handle in URLs"},
	{"vendor", "text", NULL, "Vendor"},
	{"product_type", "text", "productType", "Type"},
	{"status", "text", NULL, "ACTIVE, DRAFT, ARCHIVED, UNLISTED"},
	{"tags", "text[]", NULL, "Tags"},
	{"created_at", "timestamp with time zone", "createdAt", "When it was made"},
	{"updated_at", "timestamp with time zone", "updatedAt", "When it or its stock last changed"},
	{"published_at", "timestamp with time zone", "publishedAt", "When it was published"},
	{"total_inventory", "bigint", "totalInventory", "Units in stock"},
	{0}};

static const Filter product_filters[] = {
	{"id", "=", "id:%s", EXACT},
	ANY_NUMBER("id", "id"),
	{"vendor", "=", "vendor:%a", SUPERSET},
	{"product_type", "=", "product_type:%a", SUPERSET},
	{"updated_at", ">=", "updated_at:>='%t'", EXACT},
	{"updated_at", ">", "updated_at:>='%t'", SUPERSET},
	{"updated_at", "<", "updated_at:<'%t'", EXACT},
	{"updated_at", "<=", "updated_at:<='%t'", EXACT},
	{"created_at", ">=", "created_at:>='%t'", EXACT},
	{"created_at", "<", "created_at:<'%t'", EXACT},
	{0}};

static const Column variant_columns[] = {
	{"id", "bigint", "legacyResourceId", "Number of the variant", COL_KEY},
	{"product_id", "bigint", "product.legacyResourceId", "Its product"},
	{"title", "text", NULL, "Title"},
	{"display_name", "text", "displayName", "Product and variant"},
	{"sku", "text", NULL, "Stock keeping unit"},
	{"barcode", "text", NULL, "Barcode"},
	{"price", "numeric", NULL, "Price"},
	{"compare_at_price", "numeric", "compareAtPrice", "Price it is compared with"},
	{"position", "bigint", NULL, "Position within the product"},
	{"inventory_quantity", "bigint", "inventoryQuantity", "Units in stock"},
	{"created_at", "timestamp with time zone", "createdAt", "When it was made"},
	{"updated_at", "timestamp with time zone", "updatedAt", "When it last changed"},
	{"inventory_item_id", "bigint", "inventoryItem.legacyResourceId", "Its stock item"},
	{"tracked", "boolean", "inventoryItem.tracked", "Is its stock tracked?"},
	{"unit_cost", "numeric", "inventoryItem.unitCost.amount", "Cost of one, none if not entered"},
	{"unit_cost_currency", "text", "inventoryItem.unitCost.currencyCode", "Its currency"},
	{0}};

static const Filter variant_filters[] = {
	{"id", "=", "id:%s", EXACT},
	ANY_NUMBER("id", "id"),
	{"product_id", "=", "product_id:%s", EXACT},
	ANY_NUMBER("product_id", "product_id"),
	{"sku", "=", "sku:%a", SUPERSET},
	ANY_TEXT("sku", "sku"),
	{"barcode", "=", "barcode:%a", SUPERSET},
	ANY_TEXT("barcode", "barcode"),
	{"updated_at", ">=", "updated_at:>='%t'", SUPERSET},
	{"updated_at", "<", "updated_at:<'%t'", SUPERSET},
	{0}};

static const Order variant_orders[] = {
	ORDER("id", "ID"),
	{0}};

#define QUANTITIES                                                                         \
	"quantities(names: [\"available\", \"on_hand\", \"committed\", \"incoming\"]) { name " \
	"quantity }"

static const Column level_columns[] = {
	{"id", "text", NULL, "Id of the level", COL_KEY},
	{"inventory_item_id", "bigint", "^legacyResourceId", "Stock item"},
	{"item_updated_at", "timestamp with time zone", "^updatedAt", "When the item last changed"},
	{"sku", "text", "^sku", "Stock keeping unit"},
	{"tracked", "boolean", "^tracked", "Is its stock tracked?"},
	{"location_id", "bigint", "location.legacyResourceId", "Place"},
	{"location_name", "text", "location.name", "Name of the place"},
	{"is_active", "boolean", "isActive", "Is the item stocked there?"},
	{"updated_at", "timestamp with time zone", "updatedAt", "When the level last changed"},
	{"available", "bigint", "quantities[name=available].quantity", "Units that can be sold", 0,
	 QUANTITIES},
	{"on_hand", "bigint", "quantities[name=on_hand].quantity", "Units there", 0, QUANTITIES},
	{"committed", "bigint", "quantities[name=committed].quantity", "Units promised to orders", 0,
	 QUANTITIES},
	{"incoming", "bigint", "quantities[name=incoming].quantity", "Units on their way", 0,
	 QUANTITIES},
	{0}};

static const Filter level_filters[] = {
	{"inventory_item_id", "=", "id:%s", EXACT},
	ANY_NUMBER("inventory_item_id", "id"),
	{"sku", "=", "sku:%a", SUPERSET},
	ANY_TEXT("sku", "sku"),
	{"item_updated_at", ">=", "updated_at:>='%t'", SUPERSET},
	{"item_updated_at", "<", "updated_at:<'%t'", SUPERSET},
	{0}};

static const Column contract_columns[] = {
	{"id", "bigint", "id", "Number of the contract", COL_KEY | COL_TAIL},
	{"status", "text", NULL, "ACTIVE, PAUSED, CANCELLED, EXPIRED, FAILED"},
	{"created_at", "timestamp with time zone", "createdAt", "When it was made"},
	{"updated_at", "timestamp with time zone", "updatedAt", "When it last changed"},
	{"next_billing_date", "timestamp with time zone", "nextBillingDate", "Next charge"},
	{"currency", "text", "currencyCode", "Currency"},
	{"customer_id", "bigint", "customer.legacyResourceId", "Customer"},
	{"origin_order_id", "bigint", "originOrder.legacyResourceId", "Order it began with"},
	{"last_payment_status", "text", "lastPaymentStatus", "SUCCEEDED, FAILED"},
	{"billing_interval", "text", "billingPolicy.interval", "DAY, WEEK, MONTH, YEAR"},
	{"billing_interval_count", "bigint", "billingPolicy.intervalCount", "How many of them"},
	{0}};

static const Filter contract_filters[] = {
	{"status", "=", "status:%a", SUPERSET},
	{"updated_at", ">=", "updated_at:>='%t'", SUPERSET},
	{"updated_at", "<", "updated_at:<'%t'", SUPERSET},
	{0}};

static const Column session_columns[] = {
	{"day", "date", NULL, "Day in the shop's time zone", COL_KEY},
	{"sessions", "bigint", NULL, "Sessions of the online store"},
	{"online_store_visitors", "bigint", NULL, "Visitors"},
	{"sessions_with_cart_additions", "bigint", NULL, "Sessions that put something into the cart"},
	{"sessions_that_reached_checkout", "bigint", NULL, "Sessions that reached the checkout"},
	{"sessions_that_completed_checkout", "bigint", NULL, "Sessions that bought"},
	{"conversion_rate", "numeric", NULL, "Share of sessions that bought"},
	{"bounce_rate", "numeric", NULL, "Share of sessions of one page"},
	{0}};

/* Any of these means that the answer is no good, whatever else is in it. */
static const char *const graphql_trouble[] = {
	"errors", "extensions.search[*].warnings", NULL};

static const char *const shopifyql_trouble[] = {
	"errors", "data.shopifyqlQuery.parseErrors", NULL};

#define GRAPHQL_PATH "/admin/api/{api_version}/graphql.json"

static const char *const bulk_errors[] = {"data.bulkOperation.errorCode", NULL};

/*
 * A bulk operation: no points, no pages.  Five at a time are let run.  Lines of
 * a list stand behind their record only when that is asked for, which takes
 * the service longer.
 */
static const Bulk bulk_operation = {
	.make = "{\"query\": \"mutation($q: String!) { bulkOperationRunQuery(query: $q,"
			" groupObjects: {grouped}) { bulkOperation { id status }"
			" userErrors { field message code } } }\", \"variables\": {\"q\": \"{document}\"}}",
	.id = "data.bulkOperationRunQuery.bulkOperation.id",
	.refused = "data.bulkOperationRunQuery.userErrors",
	.code = "data.bulkOperationRunQuery.userErrors[0].code",
	.busy = "LIMIT_REACHED|OPERATION_IN_PROGRESS",
	.look = "{\"query\": \"query($id: ID!) { bulkOperation(id: $id) { id status errorCode"
			" objectCount rootObjectCount url } }\", \"variables\": {\"id\": \"{job}\"}}",
	.status = "data.bulkOperation.status",
	.going = "CREATED|RUNNING",
	.done = "COMPLETED",
	.errors = bulk_errors,
	.cancel = "{\"query\": \"mutation($id: ID!) { bulkOperationCancel(id: $id)"
			  " { bulkOperation { status } userErrors { message } } }\","
			  " \"variables\": {\"id\": \"{job}\"}}",
	.lines = "data.bulkOperation.objectCount",
	.outermost = "data.bulkOperation.rootObjectCount",
	.url = "data.bulkOperation.url",
	.hosts = "storage.googleapis.com",
	.look_ms = 250};

/*
 * Counts, without the usual end at 10,000.  They take the search terms of the
 * list; only that of variants ignores them, and says nothing of it.
 */
#define COUNT(list, field, of_all)                                                        \
	static const Resource field = {                                                       \
		.name = list,                                                                     \
		.path = GRAPHQL_PATH,                                                             \
		.body = "{\"query\": \"query($q: String, $limit: Int) { " #field                  \
				"(query: $q, limit: $limit) { count precision } }\","                     \
				" \"variables\": {\"limit\": null[[, \"q\": \"{filter}\"]]}}",            \
		.records = "data." #field,                                                        \
		.trouble = graphql_trouble};                                                      \
	static const Summary field##_summaries[] = {                                          \
		{&field, "count(*)", .count = "count", .sure = "precision=EXACT", .all = of_all}, \
		{0}}

COUNT("orders", ordersCount, false);
COUNT("customers", customersCount, false);
COUNT("products", productsCount, false);
COUNT("product_variants", productVariantsCount, true);

/*
 * Page sizes keep the requested cost of the widest document below 1,000
 * points: 250 records of scalars cost 13, 250 with a list each 156, 250 orders
 * with their parcels 255.
 */
static const Resource resources[] = {
	{.name = "shop",
	 .comment = "The shop itself",
	 .path = GRAPHQL_PATH,
	 .root = "shop",
	 .scalar = true,
	 .trouble = graphql_trouble,
	 .columns = shop_columns},
	{.name = "orders",
	 .comment = "Orders, by the time of their last change",
	 .path = GRAPHQL_PATH,
	 .root = "orders",
	 .args = "sortKey: UPDATED_AT",
	 .trouble = graphql_trouble,
	 .paging = {PAGE_CURSOR, .size = 250},
	 .summaries = ordersCount_summaries,
	 .columns = order_columns,
	 .bulk = &bulk_operation,
	 .filters = order_filters,
	 .orders = order_orders,
	 .slices = {{"created_at"}, {"processed_at"}, {"updated_at", true}}},
	{.name = "order_line_items",
	 .comment = "Lines of orders",
	 .path = GRAPHQL_PATH,
	 .root = "orders",
	 .args = "sortKey: UPDATED_AT",
	 .trouble = graphql_trouble,
	 .paging = {PAGE_CURSOR, .size = 100},
	 .nest = {{"lineItems.nodes", NULL, 50, "order", 250}},
	 .columns = line_columns,
	 .bulk = &bulk_operation,
	 .filters = child_filters,
	 .orders = line_orders,
	 .slices = {{"order_processed_at"}, {"order_updated_at", true}}},
	{.name = "refunds",
	 .comment = "Refunds of orders",
	 .path = GRAPHQL_PATH,
	 .root = "orders",
	 .args = "sortKey: UPDATED_AT",
	 .trouble = graphql_trouble,
	 .paging = {PAGE_CURSOR, .size = 100},
	 .nest = {{"refunds", NULL, 100, NULL, 0}},
	 .columns = refund_columns,
	 .bulk = &bulk_operation,
	 .filters = child_filters,
	 .orders = refund_orders,
	 .slices = {{"order_processed_at"}, {"order_updated_at", true}}},
	{.name = "refund_line_items",
	 .comment = "Lines of refunds",
	 .path = GRAPHQL_PATH,
	 .root = "orders",
	 .args = "sortKey: UPDATED_AT",
	 .trouble = graphql_trouble,
	 .paging = {PAGE_CURSOR, .size = 50},
	 .nest = {{"refunds", NULL, 100, NULL, 0},
			  {"refundLineItems.nodes", NULL, 20, "refund", 250}},
	 .columns = refund_line_columns,
	 .filters = child_filters,
	 .orders = refund_orders,
	 .slices = {{"order_processed_at"}, {"order_updated_at", true}}},
	{.name = "customers",
	 .comment = "Customers",
	 .path = GRAPHQL_PATH,
	 .root = "customers",
	 .args = "sortKey: UPDATED_AT",
	 .trouble = graphql_trouble,
	 .paging = {PAGE_CURSOR, .size = 250},
	 .summaries = customersCount_summaries,
	 .columns = customer_columns,
	 .bulk = &bulk_operation,
	 .filters = customer_filters,
	 .orders = stamp_orders},
	{.name = "products",
	 .comment = "Products",
	 .path = GRAPHQL_PATH,
	 .root = "products",
	 .args = "sortKey: UPDATED_AT",
	 .trouble = graphql_trouble,
	 .paging = {PAGE_CURSOR, .size = 250},
	 .summaries = productsCount_summaries,
	 .columns = product_columns,
	 .bulk = &bulk_operation,
	 .filters = product_filters,
	 .orders = stamp_orders,
	 .slices = {{"created_at"}, {"updated_at", true}}},
	{.name = "product_variants",
	 .comment = "Variants of products",
	 .path = GRAPHQL_PATH,
	 .root = "productVariants",
	 .args = "sortKey: ID",
	 .trouble = graphql_trouble,
	 .paging = {PAGE_CURSOR, .size = 250},
	 .summaries = productVariantsCount_summaries,
	 .columns = variant_columns,
	 .bulk = &bulk_operation,
	 .filters = variant_filters,
	 .orders = variant_orders},
	{.name = "inventory_levels",
	 .comment = "Stock by item and place",
	 .path = GRAPHQL_PATH,
	 .root = "inventoryItems",
	 .trouble = graphql_trouble,
	 .paging = {PAGE_CURSOR, .size = 100},
	 .nest = {{"inventoryLevels.nodes", NULL, 20, "inventoryItem", 100}},
	 .columns = level_columns,
	 .bulk = &bulk_operation,
	 .filters = level_filters},
	{.name = "subscription_contracts",
	 .comment = "Subscription contracts of the app that owns the credential",
	 .path = GRAPHQL_PATH,
	 .root = "subscriptionContracts",
	 .args = "sortKey: UPDATED_AT",
	 .trouble = graphql_trouble,
	 .paging = {PAGE_CURSOR, .size = 100},
	 .columns = contract_columns,
	 .bulk = &bulk_operation,
	 .filters = contract_filters,
	 .orders = stamp_orders},
	{.name = "sessions_daily",
	 .comment = "Sessions of the online store by day",
	 .path = GRAPHQL_PATH,
	 .body = "{\"query\": \"query($q: String!) { shopifyqlQuery(query: $q)"
			 " { parseErrors tableData { columns { name dataType } rows } } }\","
			 " \"variables\": {\"q\": \"FROM sessions SHOW sessions, online_store_visitors,"
			 " sessions_with_cart_additions, sessions_that_reached_checkout,"
			 " sessions_that_completed_checkout, conversion_rate, bounce_rate"
			 " TIMESERIES day SINCE {since} UNTIL {until} ORDER BY day\"}}",
	 .records = "data.shopifyqlQuery.tableData.rows",
	 .trouble = shopifyql_trouble,
	 .columns = session_columns,
	 .range = {"day", .back = 730, .max_days = 365}},
	{0}};

/* "2026-07" */
static bool
is_version(const char *value)
{
	return strcmp(value, "unstable") == 0 ||
		   (strlen(value) == 7 && value[4] == '-' && strspn(value, "0123456789") == 4 &&
			strspn(value + 5, "0123456789") == 2);
}

/* One label of a host name: nothing that could lead elsewhere. */
static bool
is_shop(const char *value)
{
	size_t len = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

	return len > 0 && len <= 63 && value[len] == '\0' && value[0] != '-';
}

static const Option options[] = {
	{"shop", ON_SERVER, NULL, true, false, is_shop, "the shop's name: brez for brez.myshopify.com"},
	{"api_version", ON_SERVER, "2026-07", false, false, is_version, "a version such as 2026-07"},
	{0}};

/*
 * The bucket of the smallest plan; every answer tells the real one.  A query
 * is let in by what it asks for, and charged what it took.
 */
static const RateLimit limits[] = {
	{"points", .capacity = 2000, .rate = 100, .cost = 100},
	{0}};

/* A number of the answer, or -1. */
static double
number_at(const ErrorAnswer *answer, const char *path)
{
	size_t len;
	JsonValue *value = answer->get(answer, path);
	const char *text = value ? mo_json_text(value, &len) : NULL;

	return text ? strtod(text, NULL) : -1;
}

#define COST "extensions.cost"

static void
read_cost(const ErrorAnswer *answer, Quota *quota)
{
	quota->cost = number_at(answer, COST ".requestedQueryCost");
	quota->charged = number_at(answer, COST ".actualQueryCost");
	if (quota->cost >= 0 && quota->charged < 0)
		quota->charged = 0; /* it was refused */
	quota->available = number_at(answer, COST ".throttleStatus.currentlyAvailable");
	quota->capacity = number_at(answer, COST ".throttleStatus.maximumAvailable");
	quota->rate = number_at(answer, COST ".throttleStatus.restoreRate");
}

/* The bucket fills by restoreRate points a second. */
static int64_t
bucket_wait(const ErrorAnswer *answer)
{
	double asked = number_at(answer, COST ".requestedQueryCost");
	double available = number_at(answer, COST ".throttleStatus.currentlyAvailable");
	double rate = number_at(answer, COST ".throttleStatus.restoreRate");

	if (asked < 0 || !(rate > 0))
		return -1;
	return asked <= available ? 0 : (int64_t) (1000.0 * (asked - available) / rate) + 1;
}

static const char *const error_codes[] = {"errors[0].extensions.code", NULL};
static const char *const error_messages[] = {
	"errors[0].message", "errors", "data.shopifyqlQuery.parseErrors",
	"error_description", "error", NULL};

static const ErrorRule errors[] = {
	{0, "THROTTLED", ERROR_THROTTLE},
	{0, "MAX_COST_EXCEEDED", ERROR_TOO_BIG},
	{0, "ACCESS_DENIED", ERROR_DENIED},
	{0, "INTERNAL_SERVER_ERROR", ERROR_RETRY},
	{0, "SHOP_INACTIVE", ERROR_DENIED, "The shop is closed or locked."},
	{0, "INVALID_CURSOR", ERROR_CURSOR},
	{0, "undefinedField", ERROR_REQUEST},
	{200, NULL, ERROR_REQUEST},
	{402, NULL, ERROR_DENIED, "The plan of the shop does not include this."},
	{404, NULL, ERROR_MISSING, "Check options \"shop\" and \"api_version\" of the server."},
	{423, NULL, ERROR_DENIED, "The shop is closed or locked."},
	{430, NULL, ERROR_DENIED},
	{0}};

const Connector mo_shopify_connector = {
	.name = "shopify",
	.comment = "Shopify Admin, through GraphQL",
	.base_url = "https://{shop}.myshopify.com",
	.hosts = "*.myshopify.com",
	.auth_header = "X-Shopify-Access-Token: {token}",
	.token_url = "/admin/oauth/access_token",
	.options = options,
	.resources = resources,
	.filter = {.param = NULL, .join = " AND "},
	.limits = limits,
	.quota = read_cost,
	.quota_path = COST,
	.error_codes = error_codes,
	.error_messages = error_messages,
	.errors = errors,
	.throttle_wait = bucket_wait,
	.version_header = "X-Shopify-API-Version",
	.version_option = "api_version",
};
