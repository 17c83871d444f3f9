"""Parameters of the Graph API: parse, refuse, compare.

Everything here raises GraphError in the service's words.
"""

import datetime
import json
import re

import meta_fields


class GraphError(Exception):
    """The error envelope; status is HTTP's."""

    def __init__(self, message, code=100, subcode=None, status=400, kind='OAuthException',
                 headers=None, **more):
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        error = {'message': message, 'type': kind, 'code': code}
        if subcode is not None:
            error['error_subcode'] = subcode
        error.update(more)
        error['fbtrace_id'] = 'A0simTRACEid%04d' % code
        self.body = {'error': error}


def invalid(message):
    return GraphError('(#100) ' + message)


# ---- fields ------------------------------------------------------------------

def parse_fields(text):
    """'id,creative{id,name}' -> [('id', None), ('creative', [('id', None), ...])]."""
    fields, rest = field_list(text)
    if rest:
        raise GraphError('Syntax error "Expected end of string instead of "%s"." at character '
                         '%d: %s' % (rest[0], len(text) - len(rest) + 1, text), code=2500)
    return fields


def field_list(text):
    fields = []
    while True:
        match = re.match(r'\s*([A-Za-z0-9_]+)\s*', text)
        if not match:
            raise GraphError('Syntax error "Field name expected" in fields: %s' % text, code=2500)
        text, inner = text[match.end():], None
        if text[:1] == '{':
            inner, text = field_list(text[1:])
            if text[:1] != '}':
                raise GraphError('Syntax error "Expected }" in fields', code=2500)
            text = text[1:].lstrip()
        fields.append((match[1], inner))
        if text[:1] != ',':
            return fields, text
        text = text[1:]


def check_fields(kind, fields):
    """Every field must exist on the type, subselections on the linked type."""
    for name, inner in fields:
        if name not in meta_fields.FIELDS[kind]:
            if kind == 'AdsInsights':
                raise invalid('%s is not valid for fields param. please check '
                              'https://developers.facebook.com/docs/marketing-api/reference/'
                              'ads-insights/ for all valid values' % name)
            raise invalid('Tried accessing nonexisting field (%s) on node type (%s)'
                          % (name, kind))
        if inner is not None:
            target = meta_fields.LINKS.get((kind, name))
            if target is None:
                raise GraphError('Subfields are not supported by %s' % name, code=2500)
            check_fields(target, inner)


def check_known(request, allowed):
    for name, values in request.query.items():
        base = re.sub(r'\[\d*\]$', '', name)
        if base not in allowed:
            raise invalid('Param %s is not a valid parameter for this edge' % name)
        if len(values) > 1 and base == name:
            raise invalid('Param %s must be given once' % name)


# ---- single parameters -----------------------------------------------------------

def json_param(request, name, kind):
    """A parameter that is JSON text of a Python type; None when absent."""
    text = request.param(name)
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, kind):
        raise invalid('Param %s must be %s' % (
            name, 'an array' if kind is list else 'a valid JSON object'))
    return value


def list_param(request, name, legal):
    """A list of enum values, as JSON, as a comma list or as name[0]=, name[1]=."""
    values = [value for key, found in request.query.items() for value in found
              if re.fullmatch(re.escape(name) + r'\[\d*\]', key)]
    text = request.param(name)
    if text is not None:
        values = (json_param(request, name, list) if text.lstrip()[:1] == '['
                  else [part.strip() for part in text.split(',') if part.strip()])
    elif not values:
        return None
    for index, value in enumerate(values):
        if value not in legal:
            raise invalid('Param %s[%d] must be one of {%s} - got "%s".' % (
                name, index, ', '.join(legal), value))
    return values


def enum_param(request, name, legal, default=None):
    value = request.param(name, default)
    if value is not None and value not in legal:
        raise invalid('Param %s must be one of {%s} - got "%s".'
                      % (name, ', '.join(legal), value))
    return value


def int_param(request, name, default=None, low=1, high=None):
    text = request.param(name)
    if text is None:
        return default
    if not re.fullmatch(r'-?\d+', text):
        raise invalid('Param %s must be an integer' % name)
    value = int(text)
    if value < low or high is not None and value > high:
        raise invalid('Param %s must be greater than or equal to %d' % (name, low)
                      if value < low else
                      'Param %s must be less than or equal to %d' % (name, high))
    return value


def bool_param(request, name):
    text = request.param(name)
    if text is not None and text.lower() not in ('true', 'false', '1', '0'):
        raise invalid('Param %s must be a boolean' % name)
    return None if text is None else text.lower() in ('true', '1')


# ---- days ------------------------------------------------------------------------

def parse_day(text, name):
    try:
        if not re.fullmatch(r'\d{4}-\d{2}-\d{2}', text):
            raise ValueError
        return datetime.date.fromisoformat(text)
    except (ValueError, TypeError):
        raise invalid('Must be a date representation in the format YYYY-MM-DD: %s[%s]'
                      % ('time_range', name)) from None


def day_range(value, today):
    """(since, until) of one time_range object."""
    if set(value) != {'since', 'until'}:
        raise invalid('Param time_range must have the keys since and until')
    since, until = (parse_day(value[name], name) for name in ('since', 'until'))
    if since > until:
        raise GraphError('(#100) time range since(%s) must not be after until(%s)'
                         % (since, until), subcode=1487851)
    month = today.year * 12 + today.month - 1 - 37
    oldest = datetime.date(month // 12, month % 12 + 1, min(today.day, 28))
    if since < oldest:
        raise GraphError('(#3018) The start date of the time range cannot be beyond 37 months '
                         'from the current date', code=100, subcode=3018)
    return since, until


def preset_range(name, today, first):
    """(since, until) of a date_preset; first is the account's first day."""
    day = datetime.timedelta(days=1)
    yesterday = today - day
    monday = today - day * today.weekday()
    sunday = today - day * ((today.weekday() + 1) % 7)
    month = today.replace(day=1)
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    before_month = month - day
    before_quarter = quarter - day
    if name.startswith('last_') and name.endswith('d'):
        return today - day * int(name[5:-1]), yesterday
    return {
        'today': (today, today), 'yesterday': (yesterday, yesterday),
        'this_month': (month, today), 'this_quarter': (quarter, today),
        'this_year': (today.replace(month=1, day=1), today),
        'last_month': (before_month.replace(day=1), before_month),
        'last_quarter': (before_quarter.replace(
            month=(before_quarter.month - 1) // 3 * 3 + 1, day=1), before_quarter),
        'last_year': (datetime.date(today.year - 1, 1, 1), datetime.date(today.year - 1, 12, 31)),
        'this_week_mon_today': (monday, today), 'this_week_sun_today': (sunday, today),
        'last_week_mon_sun': (monday - 7 * day, monday - day),
        'last_week_sun_sat': (sunday - 7 * day, sunday - day),
        'maximum': (first, today), 'data_maximum': (first, today)}[name]


def buckets(since, until, increment):
    """The (start, stop) days of the rows one range makes."""
    if increment == 'all_days':
        return [(since, until)]
    result, start = [], since
    while start <= until:
        if increment == 'monthly':
            after = (start.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)
        else:
            after = start + datetime.timedelta(days=int(increment))
        result.append((start, min(until, after - datetime.timedelta(days=1))))
        start = after
    return result


# ---- filtering -----------------------------------------------------------------------

def parse_filters(request, legal):
    """[(field, operator, value)] of the filtering parameter.

    legal: {field: 'id' | 'text' | 'enum' | 'number' | 'time'}.
    """
    filters = []
    for item in json_param(request, 'filtering', list) or []:
        if not isinstance(item, dict) or set(item) != {'field', 'operator', 'value'}:
            raise invalid('Param filtering[%d] must have field, operator and value'
                          % len(filters))
        field, operator, value = item['field'], item['operator'], item['value']
        if operator not in meta_fields.OPERATORS:
            raise invalid('Param filtering[%d][operator] must be one of {%s} - got "%s".' % (
                len(filters), ', '.join(meta_fields.OPERATORS), operator))
        usual = {'id': ('EQUAL', 'NOT_EQUAL', 'IN', 'NOT_IN', 'ANY', 'NONE'),
                 'enum': ('EQUAL', 'NOT_EQUAL', 'IN', 'NOT_IN', 'ANY', 'NONE'),
                 'text': ('EQUAL', 'NOT_EQUAL', 'CONTAIN', 'NOT_CONTAIN', 'STARTS_WITH', 'IN',
                          'NOT_IN', 'ANY'),
                 'time': ('GREATER_THAN', 'GREATER_THAN_OR_EQUAL', 'LESS_THAN',
                          'LESS_THAN_OR_EQUAL', 'IN_RANGE', 'AFTER', 'BEFORE'),
                 'number': ('EQUAL', 'NOT_EQUAL', 'GREATER_THAN', 'GREATER_THAN_OR_EQUAL',
                            'LESS_THAN', 'LESS_THAN_OR_EQUAL', 'IN_RANGE', 'NOT_IN_RANGE')}
        if field not in legal or operator not in usual[legal[field]]:
            raise invalid('Filtering field %s with operation %s is not supported'
                          % (field, str(operator).lower()))
        wants_list = operator in ('IN', 'NOT_IN', 'ANY', 'ALL', 'NONE', 'IN_RANGE',
                                  'NOT_IN_RANGE')
        if wants_list != isinstance(value, list):
            raise invalid('Param filtering[%d][value] must be %s' % (
                len(filters), 'an array' if wants_list else 'a string'))
        if legal[field] in ('number', 'time'):
            value = [number(v, len(filters)) for v in value] if wants_list \
                else number(value, len(filters))
        filters.append((field, operator, value))
    return filters


def number(value, index):
    try:
        if isinstance(value, bool):
            raise ValueError
        return float(value)
    except (TypeError, ValueError):
        raise invalid('Param filtering[%d][value] must be a number' % index) from None


def holds(actual, operator, value):
    """Does a value meet a filter?  An absent value meets none."""
    if actual is None:
        return False
    if not isinstance(actual, (int, float)):
        value = [str(v) for v in value] if isinstance(value, list) else str(value)
    return {
        'EQUAL': lambda: actual == value, 'NOT_EQUAL': lambda: actual != value,
        'GREATER_THAN': lambda: actual > value, 'AFTER': lambda: actual > value,
        'GREATER_THAN_OR_EQUAL': lambda: actual >= value,
        'LESS_THAN': lambda: actual < value, 'BEFORE': lambda: actual < value,
        'LESS_THAN_OR_EQUAL': lambda: actual <= value,
        'IN_RANGE': lambda: value[0] <= actual <= value[1],
        'NOT_IN_RANGE': lambda: not value[0] <= actual <= value[1],
        'CONTAIN': lambda: value.lower() in actual.lower(),
        'NOT_CONTAIN': lambda: value.lower() not in actual.lower(),
        'STARTS_WITH': lambda: actual.lower().startswith(value.lower()),
        'IN': lambda: actual in value, 'ANY': lambda: actual in value,
        'NOT_IN': lambda: actual not in value, 'NONE': lambda: actual not in value,
    }[operator]()
