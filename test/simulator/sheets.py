"""Google Sheets v4, the reading half: spreadsheets.get, values, batchGet."""

import time
import urllib.parse

import fieldmask
import sheet_grid

READ = {'https://www.googleapis.com/auth/' + name for name in (
    'spreadsheets', 'spreadsheets.readonly', 'drive', 'drive.readonly', 'drive.file')}

ANY = None      # a subtree whose inside is not checked
GRID_RANGE = dict.fromkeys(('sheetId', 'startRowIndex', 'endRowIndex', 'startColumnIndex',
                            'endColumnIndex'))
VALUE = {'numberValue': ANY, 'stringValue': ANY, 'boolValue': ANY, 'formulaValue': ANY,
         'errorValue': {'type': ANY, 'message': ANY}}
FORMAT = {'numberFormat': {'type': ANY, 'pattern': ANY}}
SPREADSHEET = {
    'spreadsheetId': ANY, 'spreadsheetUrl': ANY,
    'properties': dict.fromkeys(('title', 'locale', 'timeZone', 'autoRecalc')),
    'namedRanges': {'namedRangeId': ANY, 'name': ANY, 'range': GRID_RANGE},
    'sheets': {
        'properties': {'sheetId': ANY, 'title': ANY, 'index': ANY, 'sheetType': ANY,
                       'hidden': ANY,
                       'gridProperties': dict.fromkeys(('rowCount', 'columnCount',
                                                        'frozenRowCount',
                                                        'frozenColumnCount'))},
        'merges': GRID_RANGE,
        'data': {'startRow': ANY, 'startColumn': ANY,
                 'rowData': {'values': {'userEnteredValue': VALUE, 'effectiveValue': VALUE,
                                        'formattedValue': ANY, 'userEnteredFormat': FORMAT,
                                        'effectiveFormat': FORMAT}}}}}
VALUE_RANGE = dict.fromkeys(('range', 'majorDimension', 'values'))
BATCH = {'spreadsheetId': ANY, 'valueRanges': VALUE_RANGE}

# parameters that every Google method knows, and the methods' own
STANDARD = {'fields', 'alt', 'key', 'prettyPrint', 'quotaUser', 'access_token', '$.xgafv',
            'callback', 'oauth_token', 'upload_protocol', 'uploadType'}
ENUMS = {
    'majorDimension': ('ROWS', 'COLUMNS'),
    'valueRenderOption': ('FORMATTED_VALUE', 'UNFORMATTED_VALUE', 'FORMULA'),
    'dateTimeRenderOption': ('SERIAL_NUMBER', 'FORMATTED_STRING'),
}


class ApiError(Exception):
    """The service's error answer."""

    def __init__(self, code, message, status, details=None, errors=None):
        super().__init__(message)
        self.code = code
        error = {'code': code, 'message': message}
        if errors is not None:
            error['errors'] = errors
        if status is not None:
            error['status'] = status
        if details is not None:
            error['details'] = details
        self.body = {'error': error}


def invalid(message, field=None, description=None):
    details = None
    if description is not None:
        violation = {'description': description}
        if field:
            violation = {'field': field, 'description': description}
        details = [{'@type': 'type.googleapis.com/google.rpc.BadRequest',
                    'fieldViolations': [violation]}]
    return ApiError(400, message, 'INVALID_ARGUMENT', details)


class Quota:
    """Reads per minute and credential, counted in windows of 60 seconds."""

    def __init__(self):
        self.windows = {}

    def take(self, who, limit):
        now = time.time()
        begun, used = self.windows.get(who, (now, 0))
        if now - begun >= 60:
            begun, used = now, 0
        if used >= limit:
            raise quota_error(limit)
        self.windows[who] = (begun, used + 1)


def quota_error(limit=60):
    metric = 'sheets.googleapis.com/read_requests'
    text = ("Quota exceeded for quota metric 'Read requests' and limit 'Read requests per "
            "minute per user' of service 'sheets.googleapis.com' for consumer "
            "'project_number:104729000001'.")
    return ApiError(429, text, 'RESOURCE_EXHAUSTED', [{
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        'reason': 'RATE_LIMIT_EXCEEDED', 'domain': 'googleapis.com',
        'metadata': {'quota_limit': 'ReadRequestsPerMinutePerUser',
                     'quota_limit_value': str(limit), 'quota_metric': metric,
                     'quota_location': 'global', 'service': 'sheets.googleapis.com',
                     'consumer': 'projects/104729000001'}}])


def check_parameters(query, allowed):
    """Unknown, repeated or ill-valued parameters are errors, never ignored."""
    for index, (name, value) in enumerate(query):
        if name not in allowed and name not in STANDARD:
            text = ("Invalid JSON payload received. Unknown name \"%s\": Cannot bind query "
                    "parameter. Field '%s' could not be found in request message." % (name, name))
            raise invalid(text, None, text)
        if name != 'ranges' and any(other == name for other, _ in query[:index]):
            text = ("Invalid value at '%s', Proto field is not repeating, cannot start list."
                    % name)
            raise invalid(text, name, text)
        if name in ENUMS and value not in ENUMS[name]:
            text = "Invalid value at '%s' (type.googleapis.com/%s), \"%s\"" % (
                snake(name), 'google.apps.sheets.v4.' + name[0].upper() + name[1:], value)
            raise invalid(text, snake(name), text)
        if name in ('includeGridData', 'excludeTablesInBandedRanges') and value.lower() not in (
                'true', 'false'):
            text = "Invalid value at '%s' (TYPE_BOOL), \"%s\"" % (snake(name), value)
            raise invalid(text, snake(name), text)


def snake(name):
    return ''.join('_' + c.lower() if c.isupper() else c for c in name)


def masked(query, known, answer):
    """Apply the fields parameter, or give the answer whole."""
    text = dict(query).get('fields')
    if text is None:
        return answer
    try:
        tree = fieldmask.parse(text)
        fieldmask.check(tree, known)
    except fieldmask.MaskError as e:
        raise invalid('Request contains an invalid argument.', str(e),
                      "Error expanding 'fields' parameter. Cannot find matching fields for "
                      "path '%s'." % e) from None
    return fieldmask.apply(tree, answer)


def answer(book, path, query):
    """One GET below /v4/spreadsheets/<id>; path is the percent-encoded rest."""
    try:
        if path == '':
            return spreadsheet(book, query)
        if path == '/values:batchGet':
            return batch_get(book, query)
        if path.startswith('/values/') and '/' not in path[8:]:
            return values_get(book, urllib.parse.unquote(path[8:]), query)
    except sheet_grid.RangeError as e:
        raise invalid(str(e)) from None
    return None


def values_get(book, text, query):
    check_parameters(query, set(ENUMS))
    return masked(query, VALUE_RANGE, value_range(sheet_grid.resolve(book, text), query))


def batch_get(book, query):
    check_parameters(query, set(ENUMS) | {'ranges'})
    spans = [sheet_grid.resolve(book, value) for name, value in query if name == 'ranges']
    body = {'spreadsheetId': book.id}
    if spans:
        body['valueRanges'] = [value_range(span, query) for span in spans]
    return masked(query, BATCH, body)


def value_range(span, query):
    options = dict(query)
    choice = [options.get(name, ENUMS[name][0]) for name in (
        'valueRenderOption', 'dateTimeRenderOption', 'majorDimension')]
    body = {'range': span.text(), 'majorDimension': choice[2]}
    matrix = span.matrix(*choice)
    if matrix is not None:
        body['values'] = matrix
    return body


def spreadsheet(book, query):
    check_parameters(query, {'ranges', 'includeGridData', 'excludeTablesInBandedRanges'})
    options = dict(query)
    spans = [sheet_grid.resolve(book, value) for name, value in query if name == 'ranges']
    with_data = options.get('includeGridData', 'false').lower() == 'true'
    if 'fields' in options:         # the mask decides then, says the service
        with_data = 'data' in options['fields']
    sheets = []
    for index, tab in enumerate(book.tabs):
        own = [span for span in spans if span.tab is tab]
        if spans and not own:
            continue
        sheet = {'properties': tab.properties(index)}
        if with_data and tab.kind == 'GRID':
            whole = sheet_grid.Span(tab, 0, tab.row_count, 0, tab.column_count)
            sheet['data'] = [grid_data(span) for span in own or [whole]]
        if tab.merges:
            sheet['merges'] = [tab.grid_range(box) for box in tab.merges]
        sheets.append(sheet)
    body = {'spreadsheetId': book.id,
            'properties': {'title': book.title, 'locale': book.locale,
                           'autoRecalc': 'ON_CHANGE', 'timeZone': book.time_zone},
            'sheets': sheets}
    if book.names:
        body['namedRanges'] = [
            {'namedRangeId': str(1450817762 + n), 'name': name, 'range': tab.grid_range(box)}
            for n, (name, (tab, box)) in enumerate(sorted(book.names.items()))]
    body['spreadsheetUrl'] = 'https://docs.google.com/spreadsheets/d/%s/edit' % book.id
    return masked(query, SPREADSHEET, body)


def grid_data(span):
    """GridData of a span; zero starts are left out, as proto-JSON does."""
    rows = {}
    for (r, c), cell in span.tab.cells.items():
        if span.r0 <= r < span.r1 and span.c0 <= c < span.c1:
            rows.setdefault(r, {})[c] = cell.cell_data()
    data = {}
    if span.r0:
        data['startRow'] = span.r0
    if span.c0:
        data['startColumn'] = span.c0
    if rows:
        data['rowData'] = []
        for r in range(span.r0, max(rows) + 1):
            row = rows.get(r)
            data['rowData'].append({} if not row else {
                'values': [row.get(c, {}) for c in range(span.c0, max(row) + 1)]})
    return data
