#!/usr/bin/env python3
"""Every statement that the QuickBooks tables can send, against the vendor's page on its language.

No grammar is published for download, so the page's syntax, operators, and the columns that
may be filtered stand here: as patterns, apart from the simulator's parser.
"""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from product import (Product, Refused, Request, cases, expect_origins,  # noqa: E402
                     expect_refused, report)

ORIGIN = 'https://quickbooks.api.intuit.com'
PATH = '/v3/company/9130350000000001/query'
TABLES = {'accounts': 'Account', 'vendors': 'Vendor', 'customers': 'Customer', 'bills': 'Bill',
          'invoices': 'Invoice', 'payments': 'Payment', 'bill_payments': 'BillPayment'}
QUOTED = r"'(?:[^'\\]|\\['\\])*'"
STATEMENT = re.compile(
    r"SELECT (?P<what>\*|COUNT\(\*\)) FROM (?P<entity>[A-Z][A-Za-z]+)"
    r"(?: WHERE (?P<conditions>.+?))?"
    r"(?: ORDERBY Id STARTPOSITION (?P<start>\d+) MAXRESULTS (?P<most>\d+))?", re.S)
CONDITION = re.compile(
    r"(?P<column>[A-Za-z.]+) (?:(?P<op>=|<=|>=|<|>) (?P<value>%s|true|false)"
    r"|IN \((?P<list>(?:%s|true|false)(?:, (?:%s|true|false))*)\))(?: AND |$)" % ((QUOTED,) * 3), re.S)
DAY = r"'\d{4}-\d\d-\d\d'"
NUMBER = r"'-?\d+(?:\.\d+)?'"
KINDS = {'Id': QUOTED, 'VendorRef': QUOTED, 'CustomerRef': QUOTED, 'DocNumber': QUOTED,
         'AccountType': QUOTED, 'Active': 'true|false', 'TxnDate': DAY, 'DueDate': DAY,
         'Balance': NUMBER, 'TotalAmt': NUMBER,
         'MetaData.LastUpdatedTime': r"'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)'"}
LISTS = {'Id', 'Active', 'MetaData.LastUpdatedTime'}
PAID = {'Id', 'TxnDate', 'TotalAmt', 'MetaData.LastUpdatedTime'}
OPEN = PAID | {'DocNumber', 'DueDate', 'Balance'}
COLUMNS = {'Account': LISTS | {'AccountType'}, 'Vendor': LISTS, 'Customer': LISTS,
           'Bill': OPEN | {'VendorRef'}, 'Invoice': OPEN | {'CustomerRef'},
           'Payment': PAID | {'CustomerRef'}, 'BillPayment': PAID | {'VendorRef'}}


def check(request):
    if (request.method, request.path) != ('GET', PATH):
        raise Refused('no %s %s' % (request.method, request.path))
    if sorted(name for name, _ in request.query) != ['minorversion', 'query']:
        raise Refused('other parameters than query and minorversion')
    query = dict(request.query)
    if not query['minorversion'].isdigit() or int(query['minorversion']) < 75:
        raise Refused('minorversion')
    found = STATEMENT.fullmatch(query['query'])
    if found is None or found['entity'] not in COLUMNS:
        raise Refused('no statement')
    if (found['what'] == '*') != (found['start'] is not None):
        raise Refused('a list has pages, a count has none')
    if found['start'] and not (int(found['start']) >= 1 and 1 <= int(found['most']) <= 1000):
        raise Refused('pages begin at 1 and have up to 1000 records')
    check_conditions(found['entity'], found['conditions'] or '')


def check_conditions(entity, text):
    at = 0
    while at < len(text):
        found = CONDITION.match(text, at)
        if found is None or found.end() == len(text) and text.endswith(' AND '):
            raise Refused('no condition at "%s"' % text[at:])
        if found['column'] not in COLUMNS[entity]:
            raise Refused('%s cannot be filtered by %s' % (entity, found['column']))
        values = [found['value']] if found['value'] else re.findall(QUOTED + '|true|false', found['list'])
        for value in values:
            if re.fullmatch(KINDS[found['column']], value, re.S) is None:
                raise Refused('%s compared with %s' % (found['column'], value))
        at = found.end()


WRONG = [Request('wrong', 'GET', ORIGIN + PATH + '?minorversion=75&query=' + text) for text in (
    'SELECT * FROM Bill', "SELECT * FROM Bill WHERE Id='1' OR Id='2' ORDERBY Id STARTPOSITION 1 MAXRESULTS 9",
    "SELECT * FROM Bill WHERE Id = '1' OR Id = '2' ORDERBY Id STARTPOSITION 1 MAXRESULTS 9",
    "SELECT * FROM Bill WHERE PrivateNote = '1' ORDERBY Id STARTPOSITION 1 MAXRESULTS 9",
    "SELECT * FROM Bill WHERE Balance > 'NaN' ORDERBY Id STARTPOSITION 1 MAXRESULTS 9",
    "SELECT * FROM Bill WHERE DocNumber = 'it's' ORDERBY Id STARTPOSITION 1 MAXRESULTS 9",
    "SELECT * FROM Bill WHERE Id = '1' AND  ORDERBY Id STARTPOSITION 1 MAXRESULTS 9",
    'SELECT * FROM Bill ORDERBY Id STARTPOSITION 0 MAXRESULTS 9',
    'SELECT * FROM Bill ORDERBY Id STARTPOSITION 1 MAXRESULTS 1001',
    'SELECT COUNT(*) FROM Bill ORDERBY Id STARTPOSITION 1 MAXRESULTS 1',
    'SELECT * FROM Estimate ORDERBY Id STARTPOSITION 1 MAXRESULTS 1')]


def main():
    expect_refused(check, WRONG)
    product = Product('quickbooks', 'quickbooks_fdw', "realm_id '9130350000000001'")
    queries = [query for table in TABLES for query in cases(table, product.columns(table))]
    requests = product.explained(queries)
    expect_origins(requests, {ORIGIN})
    simulator = os.environ.get('MOMENTUM_SIM')
    if simulator:
        product.run("ALTER SERVER s OPTIONS (ADD base_url '%s/small/quickbooks', ADD allow_insecure "
                    "'true', ADD fetch_size '15');\nCREATE USER MAPPING FOR CURRENT_USER SERVER s "
                    "OPTIONS (credential 'qbo_test');" % simulator)
        sent = product.sent('small', 'quickbooks', [
            'SELECT count(id) FROM t.bills', 'SELECT count(*) FROM t.bills', 'SELECT * FROM t.accounts'])
        if not any('STARTPOSITION 16 ' in dict(request.query)['query'] for request in sent):
            sys.exit('no second page was asked for')
        for request in sent:
            headers = {name.lower(): value for name, value in request.headers.items()}
            if headers.get('accept') != 'application/json':
                sys.exit('no Accept header: the answer would be XML')
        requests += sent
    product.drop()
    return report(check, requests)


if __name__ == '__main__':
    sys.exit(main())
