#!/usr/bin/env python3
"""Every request that the Okendo table can make, against the vendor's page on GET /reviews.

No schema is published for download, so the page's table of parameters stands here.
"""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from product import (Product, Refused, Request, cases, expect_origins,  # noqa: E402
                     expect_refused, report)

ORIGIN = 'https://api.okendo.io'
PATHS = {('GET', '/enterprise/reviews'): {
    'limit': lambda value: value.isdigit() and 1 <= int(value) <= 100,
    'lastEvaluated': lambda value: isinstance(json.loads(value), dict),
    'orderBy': ('date desc', 'date asc', 'rating desc', 'rating asc').__contains__,
    'status': ('approved', 'pending', 'rejected').__contains__}}
VERSION = 'okendo-api-version'


def check(request):
    known = PATHS.get((request.method, request.path))
    if known is None:
        raise Refused('no %s %s' % (request.method, request.path))
    seen = [name for name, _ in request.query]
    if len(set(seen)) < len(seen):
        raise Refused('a parameter twice')
    for name, value in request.query:
        try:
            good = name in known and known[name](value)
        except ValueError:
            good = False
        if not good:
            raise Refused('%s=%s' % (name, value))
    if request.headers is not None and VERSION not in {name.lower() for name in request.headers}:
        raise Refused('no ' + VERSION)


WRONG = [Request('wrong', 'GET', ORIGIN + '/enterprise/reviews?' + query, headers=headers)
         for query, headers in (('limit=101', None), ('status=all', None), ('rating=5', None),
                                ('lastEvaluated=abc', None), ('status=pending&status=pending', None),
                                ('limit=5', {'Accept': 'application/json'}))]


def main():
    expect_refused(check, WRONG)
    product = Product('okendo', 'okendo_fdw')
    statuses = ["'approved'", "'pending'", "'rejected'"]
    requests = product.explained(cases('reviews', product.columns('reviews'),
                                       samples={'status': statuses}))
    expect_origins(requests, {ORIGIN})
    simulator = os.environ.get('MOMENTUM_SIM')
    if simulator:
        product.run("ALTER SERVER s OPTIONS (ADD base_url '%s/small/okendo', ADD allow_insecure "
                    "'true');\nCREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (credential "
                    "'7a3f0c52-0000-4000-8000-000000000001:okendo_test');" % simulator)
        sent = product.sent('small', 'okendo', ['SELECT count(id) FROM t.reviews'])
        if not any('lastEvaluated' in dict(request.query) for request in sent):
            sys.exit('no second page was asked for')
        for request in sent:
            request.path = '/enterprise' + request.path
        requests += sent
    product.drop()
    return report(check, requests)


if __name__ == '__main__':
    sys.exit(main())
