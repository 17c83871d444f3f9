"""Klaviyo's filter language, in its three dialects.

    lists     equals(messages.channel,"email"),any(id,["a","b"])
    reports   and(equals(campaign_id,"x"),contains-any(send_channel,["email"]))
    metrics   not(equals($attributed_flow,""))
"""

import datetime
import re

import klaviyo_tables


class ApiError(Exception):
    """One error of the service's list."""

    def __init__(self, status, code, title, detail, parameter=None, pointer=None, headers=None,
                 links=None):
        super().__init__(detail)
        self.status = status
        self.headers = headers or {}
        source = {'parameter': parameter} if parameter else {'pointer': pointer or '/data/'}
        self.body = {'errors': [{
            'id': '7b1e5f6a-0000-4000-8000-%012x' % (abs(hash(detail)) % (1 << 48)),
            'status': status, 'code': code, 'title': title, 'detail': detail, 'source': source,
            'links': links or {}, 'meta': {}}]}


def invalid(detail, parameter=None, pointer=None):
    return ApiError(400, 'invalid', 'Invalid input.', detail, parameter, pointer)


class Call:
    """op(field,value) or and/not of calls (then field is None, value a list)."""

    def __init__(self, op, field, value):
        self.op, self.field, self.value = op, field, value


TOKEN = re.compile(r'''\s*(?:(?P<punctuation>[(),\[\]])
    |"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'
    |(?P<bare>[^\s(),\[\]"']+))''', re.X)


class Bare(str):
    """An unquoted word: a number, a date, true or false."""


class Parser:
    def __init__(self, text, error):
        self.error = error
        self.tokens = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            match = TOKEN.match(text, at)
            if not match:
                raise error
            kind = match.lastgroup
            value = match[kind]
            if kind in ('double', 'single'):
                value = re.sub(r'\\(.)', r'\1', value)
            self.tokens.append((kind, value))
            at = match.end()

    def peek(self):
        return self.tokens[0] if self.tokens else (None, None)

    def take(self, text=None):
        kind, value = self.peek()
        if kind is None or text is not None and (kind, value) != ('punctuation', text):
            raise self.error
        self.tokens.pop(0)
        return kind, value

    def calls(self):
        found = [self.call()]
        while self.peek() == ('punctuation', ','):
            self.take(',')
            found.append(self.call())
        return found

    def call(self):
        kind, op = self.take()
        if kind != 'bare':
            raise self.error
        self.take('(')
        if op in ('and', 'not'):
            inner = self.calls()
            self.take(')')
            return Call(op, None, inner)
        kind, field = self.take()
        if kind == 'punctuation':
            raise self.error
        value = None
        if op != 'has':
            self.take(',')
            value = self.value()
        self.take(')')
        return Call(op, field, value)

    def value(self):
        kind, value = self.take()
        if (kind, value) == ('punctuation', '['):
            items = []
            while self.peek() != ('punctuation', ']'):
                items.append(self.value())
                if self.peek() == ('punctuation', ','):
                    self.take(',')
            self.take(']')
            return items
        if kind == 'punctuation':
            raise self.error
        return Bare(value) if kind == 'bare' else value


def parse(text, parameter='filter', pointer=None):
    """All calls of a filter text; ApiError where it does not parse."""
    error = invalid('Invalid filter provided: %s' % text, None if pointer else parameter, pointer)
    parser = Parser(text, error)
    calls = parser.calls()
    if parser.tokens:
        raise error
    return calls


def check(text, endpoint):
    """The calls of a list filter, each allowed by the endpoint's table.

    Values come back typed: datetime (UTC), bool, text or a list of those.
    """
    calls = parse(text)
    for call in calls:
        if call.field is None or call.field not in endpoint.filters:
            raise invalid("Invalid filter provided: '%s' is not a filterable field for the "
                          "'%s' resource." % (call.field or call.op, endpoint.kind), 'filter')
        kind, single, many = endpoint.filters[call.field]
        is_list = isinstance(call.value, list)
        if call.op not in (many if is_list else single):
            raise invalid("Invalid filter provided: operator '%s' is not supported for field '%s'."
                          % (call.op, call.field), 'filter')
        values = call.value if is_list else [call.value]
        values = [typed(value, kind, call.field) for value in values]
        legal = klaviyo_tables.ENUMS.get(call.field)
        if legal and call.field in ('messages.channel', 'trigger_type') or (
                legal and endpoint.kind == 'campaign' and call.field == 'status'):
            for value in values:
                if value not in legal:
                    raise invalid("Invalid filter provided: '%s' is not a valid value for '%s'."
                                  % (value, call.field), 'filter')
        call.value = values if is_list else values[0]
    return calls


def typed(value, kind, field):
    wrong = invalid("Invalid filter provided: invalid value for field '%s'." % field, 'filter')
    if kind == 'boolean':
        if not isinstance(value, Bare) or value not in ('true', 'false'):
            raise wrong
        return value == 'true'
    if kind == 'date-time':
        moment = instant(value) if isinstance(value, Bare) else None
        if moment is None or moment.tzinfo is None:
            raise wrong
        return moment
    if isinstance(value, Bare):
        raise wrong
    return value


def instant(text):
    """An ISO 8601 datetime, with or without zone; None when it is none."""
    try:
        return datetime.datetime.fromisoformat(re.sub('[Zz]$', '+00:00', text))
    except ValueError:
        return None


def holds(call, actual):
    """Does an attribute meet one call of a list filter?"""
    op, value = call.op, call.value
    if actual is None:
        return False
    if isinstance(value, list):
        return actual in value
    if isinstance(value, datetime.datetime):
        actual = instant(actual)
    return {'equals': lambda: actual == value, 'contains': lambda: value.lower() in actual.lower(),
            'starts-with': lambda: actual.lower().startswith(value.lower()),
            'ends-with': lambda: actual.lower().endswith(value.lower()),
            'greater-than': lambda: actual > value, 'greater-or-equal': lambda: actual >= value,
            'less-than': lambda: actual < value, 'less-or-equal': lambda: actual <= value}[op]()
