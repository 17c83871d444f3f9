"""Okendo's merchant API: the reviews of a shop's products.

    GET /<world>/okendo/reviews?status=&orderBy=&limit=&lastEvaluated=

Knobs (ctl set WORLD okendo name=value):
    next=whole       nextUrl begins with /enterprise, as some answers' do
    rate=real        two requests a second, and a burst of five
"""

import base64
import json
import time
import urllib.parse

from kit import Response, Service

LOGIN = '7a3f0c52-0000-4000-8000-000000000001:okendo_test'
VERSION = '2025-02-01'
ORDERS = ('date desc', 'date asc', 'rating desc', 'rating asc')
COUNTS = {'approved': 230, 'pending': 3, 'rejected': 100}


def review(status, n):
    """The n-th review of a status; old ones lack a sentiment, every fifth an order."""
    result = {
        'reviewId': '%s-%04d' % (status, n),
        'rating': n % 5 + 1,
        'status': status,
        'dateCreated': '2026-%02d-%02dT08:%02d:00.123Z' % (n // 84 % 3 + 1, n // 3 % 28 + 1, n % 60),
        'title': 'Review %d' % n,
        'body': 'Good &amp; fizzy',
        'productId': 'shopify-%d' % (9000 + n % 4),
        'productName': 'Flavour %d' % (n % 4),
        'isRecommended': n % 5 > 1,
        'helpfulCount': n % 7,
        'tags': ['t%d' % (n % 2)],
        'reviewer': {'name': 'Ann %d' % n, 'email': 'ann%d@example.com' % n, 'isVerified': True},
    }
    if n >= 50:
        result['sentiment'] = ('positive', 'negative', 'neutral', 'mixed')[n % 4]
    if n % 5:
        result['order'] = {'orderId': 'shopify-%d' % (50000 + n), 'orderNumber': str(n)}
    return result


def refused(status, message):
    return Response(status, {'message': message})


class Okendo(Service):
    name = 'okendo'
    worlds = ('small', 'empty')

    def __init__(self, world):
        super().__init__(world)
        self.tokens, self.at = 5.0, time.monotonic()

    def handle(self, request):
        login = 'Basic ' + base64.b64encode(LOGIN.encode()).decode()
        if request.headers.get('authorization') != login:
            return refused(401, 'unauthorized')
        if request.headers.get('okendo-api-version') != VERSION:
            return refused(400, 'okendo-api-version is required')
        if self.knob('rate') == 'real' and not self.take():
            return refused(429, 'too many requests')
        if request.method != 'GET' or request.path != '/reviews':
            return refused(404, 'not found')
        return self.reviews(request)

    def take(self):
        with self.lock:
            now = time.monotonic()
            self.tokens = min(5.0, self.tokens + 2 * (now - self.at))
            self.at = now
            if self.tokens < 1:
                return False
            self.tokens -= 1
            return True

    def reviews(self, request):
        unknown = set(request.query) - {'status', 'orderBy', 'limit', 'lastEvaluated'}
        status = request.param('status', 'approved')
        order = request.param('orderBy', 'date desc')
        limit = request.param('limit', '25')
        if unknown or status not in COUNTS or order not in ORDERS:
            return refused(400, 'unknown parameter or value')
        if not limit.isdigit() or not 1 <= int(limit) <= 100:
            return refused(400, 'limit has to be 1 to 100')
        found = [review(status, n) for n in range(COUNTS[status])]
        if self.world.name == 'empty':
            found = []
        key = 'dateCreated' if order.startswith('date') else 'rating'
        found.sort(key=lambda r: (r[key], r['reviewId']), reverse=order.endswith('desc'))
        start = 0
        if request.param('lastEvaluated'):
            try:
                last = json.loads(request.param('lastEvaluated'))['reviewId']
                start = [r['reviewId'] for r in found].index(last) + 1
            except (ValueError, KeyError, TypeError):
                return refused(400, 'lastEvaluated is no cursor of ours')
        page = found[start:start + int(limit)]
        answer = {'reviews': page}
        if start + len(page) < len(found):
            cursor = {'reviewId': page[-1]['reviewId'], 'dateCreated': page[-1]['dateCreated']}
            answer['nextUrl'] = ('/enterprise' if self.knob('next') == 'whole' else '') + (
                '/reviews?' + urllib.parse.urlencode({
                    'limit': limit, 'status': status, 'orderBy': order,
                    'lastEvaluated': json.dumps(cursor)}, quote_via=urllib.parse.quote))
        return Response(200, answer)

    def stale_cursor_response(self, request, args):
        return refused(400, 'lastEvaluated is no cursor of ours')


SERVICES = [Okendo]
