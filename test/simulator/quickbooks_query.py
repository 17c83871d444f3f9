"""The query language of QuickBooks: parsed strictly, answered from plain records.

    SELECT *|columns|COUNT(*) FROM Entity [WHERE a op 'b' [AND ...]]
    [ORDERBY column [ASC|DESC]] [STARTPOSITION n] [MAXRESULTS m]

No OR, NOT, <>, IS NULL; only columns that the entity lets be filtered.  Texts are
compared without regard to case, as LIKE is known to; instants have to name a zone.
"""

import datetime
import decimal
import re

# What may stand in a condition, and as what it is compared.
_ANY = {'Id': 'id', 'MetaData.CreateTime': 'instant', 'MetaData.LastUpdatedTime': 'instant'}
_LIST = {**_ANY, 'Active': 'bool'}
_DOCUMENT = {**_ANY, 'TxnDate': 'date', 'TotalAmt': 'number'}
_OPEN = {**_DOCUMENT, 'DocNumber': 'text', 'DueDate': 'date', 'Balance': 'number'}
COLUMNS = {
    'Account': {**_LIST, 'Name': 'text', 'FullyQualifiedName': 'text', 'AccountType': 'text',
                'AccountSubType': 'text', 'Classification': 'text', 'CurrentBalance': 'number'},
    'Vendor': {**_LIST, 'DisplayName': 'text', 'Balance': 'number'},
    'Customer': {**_LIST, 'DisplayName': 'text', 'Balance': 'number'},
    'Bill': {**_OPEN, 'VendorRef': 'ref'},
    'Invoice': {**_OPEN, 'CustomerRef': 'ref'},
    'Payment': {**_DOCUMENT, 'CustomerRef': 'ref'},
    'BillPayment': {**_DOCUMENT, 'DocNumber': 'text', 'VendorRef': 'ref'}}
LISTS = ('Account', 'Vendor', 'Customer')

_TOKEN = re.compile(r"\s*(?:('(?:[^'\\]|\\.)*')|(<=|>=|[=<>(),*])|([A-Za-z_][\w.]*)|(-?\d+(?:\.\d+)?))",
                    re.S)
_INSTANT = re.compile(r'(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d{3})?)(Z|[+-]\d\d:\d\d)')


class QueryError(Exception):
    """Fault code 4000 (it cannot be read) or 4001 (a property that may not stand there)."""

    def __init__(self, text, code='4000'):
        super().__init__(text)
        self.code = code


def tokens(text):
    out, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise QueryError('Encountered " "%s" at column %d.' % (text[at:at + 10], at + 1))
        out.append(found[0].strip())
        at = found.end()
    return out


class Query:
    def __init__(self, text):
        self.tokens = tokens(text)
        self.at = 0
        self.word('SELECT')
        self.count = self.peek('COUNT')
        if self.count:
            for token in ('COUNT', '(', '*', ')'):
                self.word(token)
            self.wanted = None
        elif self.peek('*'):
            self.word('*')
            self.wanted = None
        else:
            self.wanted = [self.name()]
            while self.peek(','):
                self.word(',')
                self.wanted.append(self.name())
        self.word('FROM')
        self.entity = self.name()
        if self.entity not in COLUMNS:
            raise QueryError("Metadata not found for Entity: '%s'" % self.entity, '4001')
        self.conditions = []
        if self.peek('WHERE'):
            self.word('WHERE')
            self.conditions.append(self.condition())
            while self.peek('AND'):
                self.word('AND')
                self.conditions.append(self.condition())
        self.order, self.down = 'Id', False
        if self.peek('ORDERBY'):
            self.word('ORDERBY')
            self.order = self.column()
            if self.peek('ASC') or self.peek('DESC'):
                self.down = self.take().upper() == 'DESC'
        self.start = self.number('STARTPOSITION', 1)
        self.most = self.number('MAXRESULTS', 100)
        if self.start < 1 or not 1 <= self.most <= 1000:
            raise QueryError('Pagination value must be between 1 and 1000.')
        if self.at < len(self.tokens):
            raise QueryError('Encountered " "%s" after the statement.' % self.tokens[self.at])

    # -- reading -------------------------------------------------------------

    def peek(self, word):
        return self.at < len(self.tokens) and self.tokens[self.at].upper() == word

    def take(self):
        if self.at == len(self.tokens):
            raise QueryError('Encountered "<EOF>".')
        self.at += 1
        return self.tokens[self.at - 1]

    def word(self, word):
        if self.take().upper() != word:
            raise QueryError('Encountered " "%s", was expecting %s.'
                             % (self.tokens[self.at - 1], word))

    def name(self):
        token = self.take()
        if not re.fullmatch(r'[A-Za-z_][\w.]*', token):
            raise QueryError('Encountered " "%s", was expecting a name.' % token)
        return token

    def number(self, word, usual):
        if not self.peek(word):
            return usual
        self.word(word)
        token = self.take()
        if not token.isdigit():
            raise QueryError('Encountered " "%s", was expecting a number.' % token)
        return int(token)

    def column(self):
        name = self.name()
        if name not in COLUMNS[self.entity]:
            raise QueryError("Property %s not found for Entity %s" % (name, self.entity), '4001')
        return name

    def value(self, name):
        """A literal as what the column is compared as."""
        token = self.take()
        kind = COLUMNS[self.entity][name]
        if token.startswith("'"):
            token = re.sub(r'\\(.)', r'\1', token[1:-1], flags=re.S)
        elif not re.fullmatch(r'-?\d+(\.\d+)?|true|false', token):
            raise QueryError('Encountered " "%s", was expecting a value in quotes.' % token)
        try:
            return read(kind, token)
        except (ValueError, ArithmeticError) as e:
            raise QueryError("Invalid value '%s' for %s" % (token, name)) from e

    def condition(self):
        name = self.column()
        op = self.take().upper()
        if op == 'IN':
            self.word('(')
            values = [self.value(name)]
            while self.peek(','):
                self.word(',')
                values.append(self.value(name))
            self.word(')')
            return name, op, values
        if op not in ('=', '<', '>', '<=', '>=', 'LIKE'):
            raise QueryError('Encountered " "%s", was expecting an operator.' % op)
        return name, op, self.value(name)

    # -- answering -------------------------------------------------------------

    def keep(self, record):
        if self.entity in LISTS and not record.get('Active', True) \
                and not any(name == 'Active' for name, _, _ in self.conditions):
            return False
        return all(holds(record, self.entity, *condition) for condition in self.conditions)

    def run(self, records):
        """(all that match in order, the page of them)."""
        kind = COLUMNS[self.entity][self.order]
        found = sorted((r for r in records if self.keep(r)),
                       key=lambda r: (sort_key(kind, at(r, self.order)), int(r['Id'])),
                       reverse=self.down)
        page = found[self.start - 1:self.start - 1 + self.most]
        if self.wanted is not None:
            known = {name.split('.')[0] for name in self.wanted} | {'Id', 'domain', 'sparse'}
            page = [{k: v for k, v in r.items() if k in known} for r in page]
        return found, page


def at(record, name):
    value = record
    for part in name.split('.'):
        value = value.get(part) if isinstance(value, dict) else None
    return value['value'] if isinstance(value, dict) else value


def sort_key(kind, value):
    return (value is not None, read(kind, str(value)) if value is not None else 0)


def read(kind, text):
    if kind in ('id', 'ref'):
        return int(text) if re.fullmatch(r'\d+', text) else -1
    if kind == 'number':
        number = decimal.Decimal(text)
        if not number.is_finite():
            raise ValueError(text)
        return number
    if kind == 'bool':
        if text.lower() not in ('true', 'false'):
            raise ValueError(text)
        return text.lower() == 'true'
    if kind == 'date':
        return datetime.date.fromisoformat(text)
    if kind == 'instant':
        if _INSTANT.fullmatch(text) is None:
            raise ValueError(text)
        return datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))
    return text.lower()


def holds(record, entity, name, op, value):
    has = at(record, name)
    if has is None:
        return False
    has = read(COLUMNS[entity][name], str(has))
    if op == 'IN':
        return has in value
    if op == 'LIKE':
        return re.fullmatch('.*'.join(re.escape(p) for p in str(value).split('%')), str(has)) is not None
    return {'=': has == value, '<': has < value, '>': has > value,
            '<=': has <= value, '>=': has >= value}[op]
