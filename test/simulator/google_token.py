"""Google's token endpoint: JWT bearer grant and refresh token grant.

One Tokens object serves every world, so that a token made at one world's
endpoint opens the others: the service account is one.
"""

import base64
import binascii
import json
import threading
import time
import urllib.parse

import rs256

READ_SCOPES = ('https://www.googleapis.com/auth/spreadsheets.readonly',
               'https://www.googleapis.com/auth/drive.metadata.readonly')
KNOWN_SCOPES = {'https://www.googleapis.com/auth/' + name for name in (
    'spreadsheets', 'spreadsheets.readonly', 'drive', 'drive.readonly', 'drive.file',
    'drive.metadata', 'drive.metadata.readonly')}
JWT_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
CLIENT_EMAIL = 'momentum@sim-project.iam.gserviceaccount.com'
KEY_ID = '5f1c0ffee5f1c0ffee5f1c0ffee5f1c0ffee5f1c'
SHORT_LIVED = ('Invalid JWT: Token must be a short-lived token (60 minutes) and in a '
               'reasonable timeframe. Check your iat and exp values in the JWT claim.')


class TokenError(Exception):
    def __init__(self, error, description=None, status=400):
        super().__init__(error)
        self.status = status
        self.body = {'error': error}
        if description:
            self.body['error_description'] = description


class Tokens:
    """The service account's key and the access tokens issued so far."""

    def __init__(self):
        self.lock = threading.Lock()
        self.pem = self.modulus = None
        self.issued = {}        # token -> (expires, frozenset of scopes, subject)
        self.count = 0

    def key(self):
        """(PEM, modulus) of the service account, made at first use."""
        with self.lock:
            if self.modulus is None:
                self.pem, self.modulus = rs256.make_key()
            return self.pem, self.modulus

    def service_account(self, token_uri):
        """The key file that Google's console would hand out."""
        return {
            'type': 'service_account', 'project_id': 'sim-project',
            'private_key_id': KEY_ID, 'private_key': self.key()[0],
            'client_email': CLIENT_EMAIL, 'client_id': '104729000000000000001',
            'auth_uri': 'https://accounts.google.com/o/oauth2/auth',
            'token_uri': token_uri, 'universe_domain': 'googleapis.com'}

    def issue(self, scopes, subject, lifetime):
        with self.lock:
            self.count += 1
            token = 'ya29.sim-%06d-%s' % (
                self.count, base64.urlsafe_b64encode(str(time.time()).encode()).decode().strip('='))
            self.issued[token] = (time.time() + lifetime, frozenset(scopes), subject)
        return token

    def scopes_of(self, token):
        """The scopes of a live token, else None."""
        with self.lock:
            entry = self.issued.get(token)
        return entry[1] if entry and entry[0] > time.time() else None

    def revoke_all(self):
        with self.lock:
            self.issued.clear()

    def grant(self, content_type, body, audiences, lifetime, ahead=0):
        """Answer one POST: the JSON object, or TokenError.  Our clock may be ahead."""
        if content_type.split(';')[0].strip() != 'application/x-www-form-urlencoded':
            raise TokenError('invalid_request', 'Missing required parameter: grant_type')
        form = dict(urllib.parse.parse_qsl(body.decode('utf-8', 'replace'),
                                           keep_blank_values=True))
        kind = form.get('grant_type')
        if kind is None:
            raise TokenError('invalid_request', 'Missing required parameter: grant_type')
        if kind == JWT_GRANT:
            scopes, subject = self.check_assertion(form.get('assertion'), audiences, ahead)
            extra = {}
        elif kind == 'refresh_token':
            check_refresh(form)
            scopes, subject = READ_SCOPES, 'owner@brand.test'
            extra = {'scope': ' '.join(scopes)}
        else:
            raise TokenError('unsupported_grant_type', 'Invalid grant_type: ' + kind)
        answer = {'access_token': self.issue(scopes, subject, lifetime),
                  'expires_in': lifetime}
        answer.update(extra, token_type='Bearer')
        return answer

    def check_assertion(self, assertion, audiences, ahead=0):
        if not assertion:
            raise TokenError('invalid_request', 'Missing required parameter: assertion')
        head, claims, signature = split_jwt(assertion)
        if head.get('alg') != 'RS256':
            raise TokenError('invalid_grant', 'Invalid JWT: Unsupported signature algorithm.')
        if claims.get('iss') != CLIENT_EMAIL:
            raise TokenError('invalid_grant', 'Invalid grant: account not found')
        if head.get('kid') not in (None, KEY_ID):
            raise TokenError('invalid_grant', 'Invalid JWT Signature.')
        if not rs256.verify(self.key()[1], assertion.rsplit('.', 1)[0].encode(), signature):
            raise TokenError('invalid_grant', 'Invalid JWT Signature.')
        if claims.get('aud') not in audiences:
            raise TokenError('invalid_grant',
                             'Invalid JWT: Failed audience check. The right audience is '
                             + sorted(audiences)[0])
        issued, expires = claims.get('iat'), claims.get('exp')
        if (type(issued) is not int or type(expires) is not int or expires <= issued
                or expires - issued > 3600 or abs(time.time() + ahead - issued) > 300):
            raise TokenError('invalid_grant', SHORT_LIVED)
        scope = claims.get('scope')
        if not isinstance(scope, str) or not scope.split():
            raise TokenError('invalid_scope', 'Empty or missing scope not allowed.')
        unknown = sorted(set(scope.split()) - KNOWN_SCOPES)
        if unknown:
            raise TokenError('invalid_scope', 'Some requested scopes were invalid. {invalid=%s}'
                             % unknown)
        if claims.get('sub') not in (None, CLIENT_EMAIL):
            raise TokenError('unauthorized_client', 'Client is unauthorized to retrieve access '
                             'tokens using this method, or client not authorized for any of '
                             'the scopes requested.', 401)
        return scope.split(), CLIENT_EMAIL


def split_jwt(assertion):
    bad = TokenError('invalid_grant', 'Invalid JWT: Token is malformed.')
    parts = assertion.split('.')
    if len(parts) != 3:
        raise bad
    try:
        head, claims, signature = (rs256.b64url_decode(part) for part in parts)
        head, claims = json.loads(head), json.loads(claims)
    except (ValueError, binascii.Error):
        raise bad from None
    if not isinstance(head, dict) or not isinstance(claims, dict):
        raise bad
    return head, claims, signature


def check_refresh(form):
    for name in ('client_id', 'client_secret', 'refresh_token'):
        if not form.get(name):
            raise TokenError('invalid_request', 'Missing required parameter: ' + name)
    if (form['client_id'], form['client_secret']) != ('sim_client', 'sim_secret'):
        known = form['client_id'] == 'sim_client'
        raise TokenError('invalid_client', 'Unauthorized' if known
                         else 'The OAuth client was not found.', 401)
    if form['refresh_token'] != '1//sim_refresh':
        raise TokenError('invalid_grant', 'Token has been expired or revoked.'
                         if form['refresh_token'].startswith('1//') else 'Bad Request')
