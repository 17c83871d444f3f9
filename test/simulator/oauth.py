"""A token endpoint whose refresh tokens rotate, as QuickBooks' do.

    /<world>/oauth/token        POST, refresh token and client credentials grant

Each refresh gives another refresh token.  The one before it is taken for as
long as the new one was not used (knob grace), for the answer may have been
lost; any other that was used before means theft, and revokes the family.  Its
access tokens open Sheets and Drive of every world.  Knobs:
    expires_in=SECONDS      life of access tokens (3600); 0: not told
    rotate=false            the refresh token stays
    grace=false             a refresh token is good for one use, answer or not
    basic=true              the client has to come in the Authorization header
    echo=true               errors repeat the request's form, word for word
    secret=TEXT             the client secret (oauth_secret)
Controls: "oauth" tells world=... its refresh tokens and counters; "consent"
gives a new family's first refresh token, as a browser would have got it.
"""

import base64
import binascii
import urllib.parse

from google_token import READ_SCOPES
from kit import Response, Service

CLIENT = 'oauth_client'
FIRST = 'rt_first_consent_0001'


class OAuth(Service):
    name = 'oauth'

    def __init__(self, world):
        super().__init__(world)
        self.reset()

    def reset(self):
        with self.lock:
            self.count = {'requests': 0, 'refreshes': 0, 'refused': 0, 'reused': 0}
            self.given = []             # every refresh token after the first
            self.start(FIRST)

    def start(self, token):
        self.current, self.previous, self.revoked = token, None, False

    def consent(self):
        with self.lock:
            token = 'rt_consent_again_%04d' % (len(self.given) + 1)
            self.given.append(token)
            self.start(token)
            return token

    def handle(self, request):
        if request.path != '/token':
            return Response(404, '<html>not here</html>')
        if request.method != 'POST':
            return Response(405, {'error': 'invalid_request'}, {'Allow': 'POST'})
        with self.lock:
            self.count['requests'] += 1
            error = self.check_client(request)
            if error is None:
                kind = request.form().get('grant_type')
                if kind == 'refresh_token':
                    return self.refresh(request)
                if kind == 'client_credentials':
                    return Response(200, self.access())
                error = Response(400, {'error': 'unsupported_grant_type'})
            return error

    def check_client(self, request):
        """None for the right client, in the place the knob wants it."""
        form = request.form()
        given = form.get('client_id'), form.get('client_secret')
        if self.knob('basic', False):
            given = from_header(request.headers.get('authorization', ''))
            if 'client_secret' in form:
                return self.refuse(request, 'invalid_request', 'Two ways to name the client.')
        elif 'authorization' in request.headers:
            return self.refuse(request, 'invalid_request', 'Two ways to name the client.')
        if given != (CLIENT, self.knob('secret', 'oauth_secret')):
            return self.refuse(request, 'invalid_client', 'Client authentication failed.', 401)
        return None

    def refresh(self, request):
        token = request.form().get('refresh_token')
        if self.revoked or token not in self.known():
            self.count['refused'] += 1
            return self.refuse(request, 'invalid_grant', 'Token invalid or expired.')
        if token != self.current and not (token == self.previous and self.knob('grace', True)):
            self.count['reused'] += 1
            self.revoked = True
            return self.refuse(request, 'invalid_grant', 'Refresh token was used before.')
        self.count['refreshes'] += 1
        answer = self.access()
        if self.knob('rotate', True):
            # told again, the previous one still stands: its answer was lost
            self.previous = token
            self.current = 'rt_rotated_%04d_canary' % (len(self.given) + 1)
            self.given.append(self.current)
        answer.update(refresh_token=self.current, x_refresh_token_expires_in=8726400)
        return Response(200, answer)

    def known(self):
        return [FIRST] + self.given

    def access(self):
        lifetime = int(self.knob('expires_in', 3600))
        answer = {'access_token': self.sim.google_tokens.issue(READ_SCOPES, CLIENT,
                                                              lifetime or 600),
                  'token_type': 'bearer'}
        if lifetime:
            answer['expires_in'] = lifetime
        return answer

    def refuse(self, request, error, description, status=400):
        if self.knob('echo', False):
            description += ' You sent ' + request.body.decode('utf-8', 'replace') + ' and ' \
                + ' '.join(request.form().values()) + ' with ' \
                + request.headers.get('authorization', 'no header')
        return Response(status, {'error': error, 'error_description': description})


def from_header(value):
    """(client, secret) of a Basic header, form-decoded (RFC 6749, 2.3.1)."""
    scheme, _, text = value.partition(' ')
    try:
        pair = base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    client, colon, secret = pair.partition(':')
    if scheme.lower() != 'basic' or not colon:
        return None
    return urllib.parse.unquote_plus(client), urllib.parse.unquote_plus(secret)


def of_world(sim, request):
    return sim.worlds[request.param('world', 'small')].service('oauth')


def show(sim, request):
    service = of_world(sim, request)
    with service.lock:
        return {'current': service.current, 'given': service.given, 'first': FIRST,
                'revoked': service.revoked, **service.count}


SERVICES = [OAuth]
CONTROLS = {'oauth': show, 'consent': lambda sim, request: {'token': of_world(sim, request).consent()}}
