/*-------------------------------------------------------------------------
 *
 * google_sheets.c
 *	  Google Sheets v4, and of Drive v3 what tells whether a sheet changed.
 *
 * A server is one spreadsheet.  Its tabs are tables, described by fdw/sheet;
 * "files" has one row, the spreadsheet's file: while its version stands still
 * no cell was edited, so an unchanged sheet costs one small request.
 *
 *-------------------------------------------------------------------------
 */
#include "connector.h"

#include <stdlib.h>
#include <string.h>

#include "sheet/sheet.h"

static const Column file_columns[] = {
	{"id", "text", NULL, "The spreadsheet's id", COL_KEY},
	{"name", "text", NULL, "Title of the spreadsheet"},
	{"mime_type", "text", "mimeType", "application/vnd.google-apps.spreadsheet"},
	{"modified_time", "timestamp with time zone", "modifiedTime", "When somebody last edited it"},
	{"version", "bigint", NULL, "Grows with every change; recalculated formulas are none"},
	{"trashed", "boolean", NULL, "Is it in the bin?"},
	{0}};

/* What no header has to name; long and crosstab give all of them. */
static const Column tab_columns[] = {
	{"row_number", "bigint", NULL, "Row of the tab, from 1", COL_KEY},
	{"item", "text", NULL, "Line item"},
	{"period", "date", NULL, "First day of the period; NULL where the sheet's text names none"},
	{"period_label", "text", NULL, "The period as the sheet has it"},
	{"amount", "numeric", NULL, "Amount, never an empty cell"},
	{0}};

/* By the minute and account; the quotas of Drive are far away. */
static const RateLimit read_limits[] = {{"reads", 60, .window_s = 60}, {0}};
static const RateLimit drive_limits[] = {{"drive", 325000, .window_s = 60, .cost = 5}, {0}};

static const Resource resources[] = {
	{.name = "files",
	 .comment = "The spreadsheet's file: has it changed?",
	 .base = "drive_url",
	 .path = "/drive/v3/files/{spreadsheet_id}",
	 .query = "supportsAllDrives=true",
	 .fields_param = "fields",
	 .records = "",
	 .columns = file_columns,
	 .limits = drive_limits},
	{0}};

static const Resource tab_resource = {
	.name = "tab",
	.comment = "One tab",
	.path = "/v4/spreadsheets/{spreadsheet_id}/values:batchGet",
	.query = "ranges={header_range}&ranges={data_range}&majorDimension=ROWS"
			 "&valueRenderOption=UNFORMATTED_VALUE&dateTimeRenderOption=SERIAL_NUMBER"
			 "&fields=valueRanges(range,values)&prettyPrint=false",
	.records = "valueRanges",
	.columns = tab_columns,
	.limits = read_limits,
	.before = mo_sheet_before,
	.next = mo_sheet_next,
	.rows = mo_sheet_rows,
	.place = mo_sheet_place};

/* An id, not the address that holds it: letters, digits, - and _ */
static bool
is_id(const char *value)
{
	size_t len = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

	return len > 0 && len <= 128 && value[len] == '\0';
}

static bool
is_layout(const char *value)
{
	return strcmp(value, "rows") == 0 || strcmp(value, "long") == 0 ||
		   strcmp(value, "crosstab") == 0;
}

static bool
is_on_error(const char *value)
{
	return strcmp(value, "error") == 0 || strcmp(value, "null") == 0;
}

static bool
is_row(const char *value)
{
	return strspn(value, "0123456789") == strlen(value) && strlen(value) <= 8 && atoi(value) > 0;
}

static bool
is_range(const char *value)
{
	SheetSpan span;

	return mo_sheet_span(value, &span);
}

static const Option options[] = {
	{"spreadsheet_id", ON_SERVER, NULL, true, false, is_id,
	 "the part of the spreadsheet's address after /d/"},
	{"drive_url", ON_SERVER, "https://www.googleapis.com", false, true, mo_option_is_url, "a URL"},
	{"tab", ON_TABLE, NULL, false, false, NULL, NULL},
	{"layout", ON_TABLE, "rows", false, false, is_layout, "rows, long or crosstab"},
	{"header_row", ON_TABLE, NULL, false, false, is_row, "the number of a row, from 1"},
	{"range", ON_TABLE, NULL, false, false, is_range, "a range such as A:F or B4:F200"},
	{"item_column", ON_TABLE, NULL, false, false, NULL, NULL},
	{"period_column", ON_TABLE, NULL, false, false, NULL, NULL},
	{"amount_column", ON_TABLE, NULL, false, false, NULL, NULL},
	{"on_error", ON_TABLE, "error", false, false, is_on_error, "error or null"},
	{"fetch_size", ON_TABLE, NULL, false, false, is_row, "a number of rows"},
	{"skip_empty", ON_TABLE, "true", false, false, mo_option_is_bool, "a Boolean value"},
	{"path", ON_COLUMN, NULL, false, false, NULL, NULL}, /* a header: any text */
	{0}};

static const char *const error_codes[] = {
	"error.errors[0].reason", "error.details[0].reason", "error.status", NULL};
static const char *const error_messages[] = {"error.message", "error_description", "error", NULL};

static const char share_hint[] =
	"Share the spreadsheet with the credential's account: a service account has an e-mail address.";

static const ErrorRule errors[] = {
	{0, "userRateLimitExceeded", ERROR_THROTTLE},
	{0, "rateLimitExceeded", ERROR_THROTTLE},
	{0, "RATE_LIMIT_EXCEEDED", ERROR_THROTTLE},
	{0, "RESOURCE_EXHAUSTED", ERROR_THROTTLE},
	{0, "dailyLimitExceeded", ERROR_DENIED, "The project's quota of today is used up."},
	{0, "SERVICE_DISABLED", ERROR_DENIED,
	 "Enable the Google Sheets API and the Google Drive API in the credential's project."},
	{0, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", ERROR_DENIED,
	 "Authorize again, with the scopes spreadsheets.readonly and drive.metadata.readonly."},
	{0, "insufficientPermissions", ERROR_DENIED,
	 "Authorize again, with the scopes spreadsheets.readonly and drive.metadata.readonly."},
	{400, "FAILED_PRECONDITION", ERROR_REQUEST,
	 "Only native Google spreadsheets can be read: save an Excel file as one."},
	{403, NULL, ERROR_DENIED, share_hint},
	{404, NULL, ERROR_MISSING, share_hint},
	{0}};

/*
 * Quotas are by the minute, and the service does not say when one starts
 * anew: with three tries we have waited for a whole one.
 */
static int64_t
minute_wait(const ErrorAnswer *answer)
{
	return 20000;
}

const Connector mo_google_sheets_connector = {
	.name = "google_sheets",
	.comment = "Google Sheets: the tabs of one spreadsheet",
	.base_url = "https://sheets.googleapis.com",
	.hosts = "sheets.googleapis.com www.googleapis.com",
	.auth_header = "Authorization: Bearer {token}",
	.token_url = "https://oauth2.googleapis.com/token",
	.token_scope = "https://www.googleapis.com/auth/spreadsheets.readonly "
				   "https://www.googleapis.com/auth/drive.metadata.readonly",
	.options = options,
	.resources = resources,
	.error_codes = error_codes,
	.error_messages = error_messages,
	.errors = errors,
	.throttle_wait = minute_wait,
	.dynamic = &tab_resource,
	.import = mo_sheet_import};
