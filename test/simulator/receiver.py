"""A receiver of webhooks, as strict as the specification of Standard Webhooks.

    POST /<world>/receiver/hook[/<path>]      a signed message
    POST /<world>/receiver/watch/<token>      a sign of life, signed or not
    GET  /<world>/receiver/messages           what was accepted, in order

A signature is computed here anew, by Python's own hmac; a message that comes a
second time under its id is accepted and listed again, for a test to see.
Misbehaviour is the simulator's: status, delay, stall_headers, cut, redirect.
"""

import base64
import hashlib
import hmac
import json
import time

from kit import Response, Service

KEY = b'momentum signing key of the test'
SECRET = 'whsec_' + base64.b64encode(KEY).decode()
TOLERANCE = 300         # seconds


def signature(key, message_id, timestamp, body):
    """What "webhook-signature" has to be, version 1."""
    signed = b'%s.%s.%s' % (message_id.encode(), timestamp.encode(), body)
    return 'v1,' + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def complaint(request):
    """Why a message is not to be believed, or None."""
    headers = request.headers
    for name in ('webhook-id', 'webhook-timestamp', 'webhook-signature'):
        if name not in headers:
            return '%s is missing' % name
    if not headers['webhook-timestamp'].isdigit():
        return 'webhook-timestamp is no number'
    if abs(time.time() - int(headers['webhook-timestamp'])) > TOLERANCE:
        return 'webhook-timestamp is too old or too new'
    wanted = signature(KEY, headers['webhook-id'], headers['webhook-timestamp'], request.body)
    if not any(hmac.compare_digest(one, wanted) for one in headers['webhook-signature'].split(' ')):
        return 'the signature is wrong'
    return None


class Receiver(Service):
    name = 'receiver'
    worlds = ('small',)

    def __init__(self, world):
        super().__init__(world)
        self.messages = []

    def handle(self, request):
        if request.method == 'GET' and request.path == '/messages':
            with self.lock:
                return Response(200, {'messages': self.messages})
        if request.method != 'POST':
            return Response(405, {'error': 'POST'})
        if request.path.startswith('/watch/'):
            return self.accept(request, {'watch': request.path[len('/watch/'):]})
        if not request.path.startswith('/hook'):
            return Response(404, {'error': 'not found'})
        error = complaint(request)
        if error is not None:
            return Response(401, {'error': error})
        if request.headers.get('content-type') != 'application/json':
            return Response(415, {'error': 'not JSON'})
        return self.accept(request, json.loads(request.body))

    def accept(self, request, body):
        with self.lock:
            self.messages.append({'id': request.headers.get('webhook-id'), 'path': request.path,
                                  'signed': 'webhook-signature' in request.headers, 'body': body})
        return Response(204)


SERVICES = [Receiver]
