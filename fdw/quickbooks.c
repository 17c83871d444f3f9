/*-------------------------------------------------------------------------
 *
 * quickbooks.c
 *	  QuickBooks Online: what the books say of money owed, paid and kept.
 *
 * Everything is asked by one endpoint that takes a statement of the service's
 * own query language.  It joins conditions by AND only, hides inactive records
 * of lists unless they are asked for, and leaves out what is empty.  A page is
 * a place in the order of ids.  Voided documents stay, with an amount of zero;
 * deleted ones are gone.  Amounts are in the document's currency.
 *
 *-------------------------------------------------------------------------
 */
#include "connector.h"

#include <string.h>

/* clang-format off */
#define ID {"id", "text", "Id", "Number at the service", COL_KEY}
#define STAMPS \
	{"created_at", "timestamp with time zone", "MetaData.CreateTime", "When it was made"}, \
	{"updated_at", "timestamp with time zone", "MetaData.LastUpdatedTime", "Last change"}, \
	{0}
#define CURRENCY {"currency", "text", "CurrencyRef.value", "Currency of the amounts"}
#define PARTY(word, field, text) \
	{word "_id", "text", field ".value", text}, {word "_name", "text", field ".name", "Name"}
#define DOCUMENT \
	{"doc_number", "text", "DocNumber", "Number on the document"}, \
	{"txn_date", "date", "TxnDate", "Its day"}, \
	{"total_amount", "numeric", "TotalAmt", "Amount; 0 when it was voided"}, CURRENCY, \
	{"exchange_rate", "numeric", "ExchangeRate", "Home currency for one of its currency"}, \
	{"private_note", "text", "PrivateNote", "Note for ourselves"}
#define OPEN \
	{"due_date", "date", "DueDate", "When it is due; where absent, its day"}, \
	{"balance", "numeric", "Balance", "What is still open, in its own currency"}, \
	{"home_balance", "numeric", "HomeBalance", "The same in the home currency"}
#define LINES {"lines", "jsonb", "Line", "Its lines"}
#define LINKED {"linked", "jsonb", "LinkedTxn", "Documents that it is tied to"}
/* clang-format on */

static const Column account_columns[] = {
	ID,
	{"name", "text", "Name", "Name"},
	{"full_name", "text", "FullyQualifiedName", "Name, after those of the accounts above"},
	{"account_type", "text", "AccountType", "Bank, Accounts Payable, Expense, ..."},
	{"account_sub_type", "text", "AccountSubType", "Checking, Savings, Inventory, ..."},
	{"classification", "text", "Classification", "Asset, Liability, Equity, Revenue, Expense"},
	{"account_number", "text", "AcctNum", "Number in the chart of accounts"},
	{"current_balance", "numeric", "CurrentBalance", "Balance by the books, not the bank's own"},
	{"balance_with_sub_accounts", "numeric", "CurrentBalanceWithSubAccounts",
	 "The same with the accounts below"},
	CURRENCY,
	{"active", "boolean", "Active", "Not put away"},
	{"parent_id", "text", "ParentRef.value", "Account above"},
	STAMPS};

static const Column party_columns[] = {
	ID,
	{"name", "text", "DisplayName", "Name"},
	{"balance", "numeric", "Balance", "What is open, less credits not yet used"},
	CURRENCY,
	{"active", "boolean", "Active", "Not put away"},
	STAMPS};

static const Column bill_columns[] = {
	ID, PARTY("vendor", "VendorRef", "Vendor"), DOCUMENT, OPEN, LINES, LINKED, STAMPS};

static const Column invoice_columns[] = {
	ID,
	PARTY("customer", "CustomerRef", "Customer"),
	DOCUMENT,
	OPEN,
	{"deposit", "numeric", "Deposit", "Paid beforehand"},
	{"email_status", "text", "EmailStatus", "NotSet, NeedToSend, EmailSent"},
	{"print_status", "text", "PrintStatus", "NotSet, NeedToPrint, PrintComplete"},
	LINES,
	LINKED,
	STAMPS};

static const Column payment_columns[] = {
	ID,
	PARTY("customer", "CustomerRef", "Customer"),
	DOCUMENT,
	{"unapplied_amount", "numeric", "UnappliedAmt", "What is not yet set against an invoice"},
	LINES,
	STAMPS};

static const Column bill_payment_columns[] = {
	ID,
	PARTY("vendor", "VendorRef", "Vendor"),
	DOCUMENT,
	{"pay_type", "text", "PayType", "Check, CreditCard"},
	LINES,
	STAMPS};

/*
 * Days and amounts are compared as here.  Texts may be without regard to case,
 * ids as numbers, and an absent day of payment may be taken for the document's.
 */
/* clang-format off */
#define COMPARED(column, field, value, exact) \
	{column, "=", field " = '" value "'", exact}, \
	{column, "<", field " < '" value "'", exact}, {column, "<=", field " <= '" value "'", exact}, \
	{column, ">", field " > '" value "'", exact}, {column, ">=", field " >= '" value "'", exact}
#define MATCHED(column, field) \
	{column, "=", field " = %a"}, \
	{column, "= ANY", field " IN (%l)", .each = "%a", .join = ", ", .most = 100}
#define CHANGED(column, field) \
	{column, "<", field " <= '%t'"}, {column, "<=", field " <= '%t'"}, \
	{column, ">", field " >= '%t'"}, {column, ">=", field " >= '%t'"}
#define ANY_ENTITY MATCHED("id", "Id"), CHANGED("updated_at", "MetaData.LastUpdatedTime")
#define ANY_PAYMENT \
	ANY_ENTITY, COMPARED("txn_date", "TxnDate", "%d", EXACT), \
	COMPARED("total_amount", "TotalAmt", "%s", EXACT)
#define ANY_OPEN \
	ANY_PAYMENT, MATCHED("doc_number", "DocNumber"), \
	COMPARED("due_date", "DueDate", "%d", SUPERSET), COMPARED("balance", "Balance", "%s", EXACT)
/* clang-format on */

static const Filter account_filters[] = {ANY_ENTITY,
										 MATCHED("account_type", "AccountType"),
										 {"active", "=", "Active = %s", EXACT},
										 {0}};
static const Filter party_filters[] = {ANY_ENTITY, {"active", "=", "Active = %s", EXACT}, {0}};
static const Filter bill_filters[] = {ANY_OPEN, MATCHED("vendor_id", "VendorRef"), {0}};
static const Filter invoice_filters[] = {
	ANY_OPEN, MATCHED("customer_id", "CustomerRef"), {0}};
static const Filter payment_filters[] = {
	ANY_PAYMENT, MATCHED("customer_id", "CustomerRef"), {0}};
static const Filter bill_payment_filters[] = {
	ANY_PAYMENT, MATCHED("vendor_id", "VendorRef"), {0}};

static const Pass inactive_too[] = {{"Active IN (true, false)"}, {0}};
static const char *const trouble[] = {"Fault", "fault", NULL};

/* clang-format off */
#define QUERY(what, entity, rest) \
	.path = "/v3/company/{realm_id}/query", .trouble = trouble, \
	.query = "query=SELECT " what " FROM " #entity "[[{filter}]]" rest \
			 "&minorversion={minor_version}"
#define COUNT(table, entity, its_passes) \
	static const Resource entity##_count = {QUERY("COUNT(*)", entity, ""), \
		.name = table, .records = "QueryResponse", .passes = its_passes}; \
	static const Summary entity##_counted[] = { \
		{&entity##_count, "count(*)", .count = "totalCount"}, {0}}
#define ENTITY(table, entity, text) \
	QUERY("*", entity, " ORDERBY Id STARTPOSITION {offset} MAXRESULTS {size}"), \
	.name = table, .comment = text, .summaries = entity##_counted, \
	.records = "QueryResponse." #entity, .records_optional = true, .sign = "QueryResponse", \
	.paging = {PAGE_OFFSET, .first = 1, .size = 1000}
/* clang-format on */

COUNT("accounts", Account, inactive_too);
COUNT("vendors", Vendor, inactive_too);
COUNT("customers", Customer, inactive_too);
COUNT("bills", Bill, NULL);
COUNT("invoices", Invoice, NULL);
COUNT("payments", Payment, NULL);
COUNT("bill_payments", BillPayment, NULL);

static const Resource resources[] = {
	{ENTITY("accounts", Account, "Chart of accounts with balances, inactive ones too"),
	 .columns = account_columns, .filters = account_filters, .passes = inactive_too},
	{ENTITY("vendors", Vendor, "Who we buy from, inactive ones too"),
	 .columns = party_columns, .filters = party_filters, .passes = inactive_too},
	{ENTITY("customers", Customer, "Who we sell to, inactive ones too"),
	 .columns = party_columns, .filters = party_filters, .passes = inactive_too},
	{ENTITY("bills", Bill, "Bills of vendors; those with a balance are payable"),
	 .columns = bill_columns, .filters = bill_filters},
	{ENTITY("invoices", Invoice, "Invoices to customers; those with a balance are receivable"),
	 .columns = invoice_columns, .filters = invoice_filters},
	{ENTITY("payments", Payment, "Payments of customers"),
	 .columns = payment_columns, .filters = payment_filters},
	{ENTITY("bill_payments", BillPayment, "Payments to vendors"),
	 .columns = bill_payment_columns, .filters = bill_payment_filters},
	{0}};

static bool
is_number(const char *value)
{
	return value[0] >= '1' && value[0] <= '9' && strspn(value, "0123456789") == strlen(value);
}

static bool
is_host(const char *value)
{
	return strcmp(value, "quickbooks.api.intuit.com") == 0 ||
		   strcmp(value, "sandbox-quickbooks.api.intuit.com") == 0;
}

static const Option options[] = {
	{"realm_id", ON_SERVER, NULL, true, false, is_number,
	 "the number of a company such as 9130350000000000"},
	{"host", ON_SERVER, "quickbooks.api.intuit.com", false, false, is_host,
	 "quickbooks.api.intuit.com or sandbox-quickbooks.api.intuit.com"},
	{"minor_version", ON_SERVER, "75", false, false, is_number, "a number"},
	{"fetch_size", ON_SERVER | ON_TABLE, NULL, false, false, is_number, "a number of records"},
	{0}};

/* For each company; the service tells nothing of what is left. */
static const RateLimit limits[] = {{"requests", 500, .window_s = 60}, {0}};

static int64_t
throttle_wait(const ErrorAnswer *answer)
{
	return 60000; /* it does not say, but this is its span */
}

static const char *const error_codes[] = {"Fault.Error[0].code", "fault.error[0].code", NULL};
static const char *const error_messages[] = {"Fault.Error[0].Detail", "Fault.Error[0].Message",
											 "fault.error[0].detail", "fault.error[0].message",
											 NULL};

static const ErrorRule errors[] = {
	{0, "3001", ERROR_THROTTLE},
	{0, "003001", ERROR_THROTTLE},
	{429, NULL, ERROR_THROTTLE},
	{0, "3200", ERROR_LOGIN},
	{401, NULL, ERROR_LOGIN},
	{0, "3100", ERROR_DENIED, "Check the server's options \"realm_id\" and \"host\"."},
	{0, "3201", ERROR_DENIED},
	{0, "5020", ERROR_DENIED},
	{0, "610", ERROR_MISSING},
	{0, "4000-4001", ERROR_REQUEST},
	{0, "10000-10999", ERROR_RETRY},
	{0}};

const Connector mo_quickbooks_connector = {
	.name = "quickbooks",
	.comment = "QuickBooks Online",
	.base_url = "https://{host}",
	.hosts = "quickbooks.api.intuit.com sandbox-quickbooks.api.intuit.com "
			 "oauth.platform.intuit.com",
	.auth_header = "Authorization: Bearer {token}",
	.token_url = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
	.token_basic = true,
	.headers = {"Accept: application/json"},
	.options = options,
	.resources = resources,
	.filter = {.open = " WHERE ", .join = " AND "},
	.limits = limits,
	.error_codes = error_codes,
	.error_messages = error_messages,
	.errors = errors,
	.throttle_wait = throttle_wait,
	.request_id = "intuit_tid"};
