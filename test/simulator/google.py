"""Google: the token endpoint, Sheets v4 and Drive v3 as three services.

    /<world>/token                       POST, JWT bearer and refresh token
    /<world>/sheets/v4/spreadsheets/...  sheets.py
    /<world>/drive/drive/v3/files...     drive.py

Sheets and Drive of a world show the same books; the tokens are good in every
world.  Knobs (ctl set WORLD SERVICE name=value):
    token   expires_in=SECONDS           life of new tokens (3599)
    sheets  reads_per_minute=N           quota of each token (unlimited)
    sheets  unshared=ID[,ID]             books the caller may not see
    drive   unshared=ID[,ID]
Controls: "cell" edits one cell (see edit_cell), "revoke_tokens" ends every
token at once.
"""

import datetime
import json
import os
import re
import urllib.parse

import drive
import sheet_grid
import sheets
from google_token import TokenError, Tokens
from kit import Response, Service


def answer_json(value, status=200, headers=None):
    """Pretty-printed raw UTF-8, as Google writes it."""
    body = json.dumps(value, indent=2, ensure_ascii=False).encode() + b'\n'
    return Response(status, body, {'Content-Type': 'application/json; charset=UTF-8',
                                   'Cache-Control': 'private',
                                   'Vary': 'Origin, X-Origin, Referer', **(headers or {})})


def api_error(error):
    headers = {}
    if error.code == 401:
        headers['WWW-Authenticate'] = 'Bearer realm="https://accounts.google.com/"'
    return answer_json(error.body, error.code, headers)


def not_allowed():
    return Response(405, '<!DOCTYPE html>\n<title>Error 405 (Method Not Allowed)!!1</title>\n')


def no_route():
    return Response(404, '<!DOCTYPE html>\n<title>Error 404 (Not Found)!!1</title>\n')


class Token(Service):
    name = 'token'

    def handle(self, request):
        if request.path not in ('/', '/token'):
            return no_route()
        if request.method != 'POST':
            return answer_json({'error': 'invalid_request'}, 405, {'Allow': 'POST'})
        try:
            return answer_json(self.sim.google_tokens.grant(
                request.headers.get('content-type', ''), request.body,
                audiences(self.sim), int(self.knob('expires_in', 3599)), self.knob('clock', 0)))
        except TokenError as e:
            return answer_json(e.body, e.status)

    def throttle_response(self, request, args):
        return answer_json({'error': 'rate_limit_exceeded',
                            'error_description': 'Rate limit exceeded.'}, 429)

    def transient_response(self, request, args):
        return answer_json({'error': 'internal_failure'}, 503)


def audiences(sim):
    """The token URLs by which this simulator may be known."""
    return {'http://%s:%d/%s/token' % (host, sim.port, world)
            for host in ('127.0.0.1', 'localhost') for world in sim.worlds}


class GoogleApi(Service):
    """What Sheets and Drive have in common: bearer token, scopes, errors."""

    def check_token(self, request, scopes):
        scheme, _, token = request.headers.get('authorization', '').partition(' ')
        query_token = request.param('access_token')
        if not token and query_token:
            scheme, token = 'bearer', query_token
        if not token:
            raise self.unauthenticated(
                'Request is missing required authentication credential. Expected OAuth 2 access '
                'token, login cookie or other valid authentication credential. See '
                'https://developers.google.com/identity/sign-in/web/devconsole-project.',
                'CREDENTIALS_MISSING')
        granted = self.sim.google_tokens.scopes_of(token) if scheme.lower() == 'bearer' else None
        if granted is None:
            raise self.unauthenticated(
                'Request had invalid authentication credentials. Expected OAuth 2 access token, '
                'login cookie or other valid authentication credential. See '
                'https://developers.google.com/identity/sign-in/web/devconsole-project.',
                'ACCESS_TOKEN_EXPIRED')
        if not granted & scopes:
            raise sheets.ApiError(
                403, 'Request had insufficient authentication scopes.', 'PERMISSION_DENIED',
                [error_info('ACCESS_TOKEN_SCOPE_INSUFFICIENT', self.host)],
                [{'message': 'Insufficient Permission', 'domain': 'global',
                  'reason': 'insufficientPermissions'}] if self.name == 'drive' else None)
        return token

    def unauthenticated(self, message, reason):
        errors = [{'message': 'Invalid Credentials', 'domain': 'global', 'reason': 'authError',
                   'location': 'Authorization', 'locationType': 'header'}]
        return sheets.ApiError(401, message, 'UNAUTHENTICATED', [error_info(reason, self.host)],
                               errors if self.name == 'drive' else None)

    def books(self):
        return self.world.service('sheets').library.books

    def unshared(self):
        return str(self.knob('unshared', '')).split(',')

    def handle(self, request):
        try:
            if request.method not in ('GET', 'HEAD'):
                return not_allowed()
            return self.get(request)
        except sheets.ApiError as e:
            return api_error(e)

    def transient_response(self, request, args):
        return api_error(sheets.ApiError(503, 'The service is currently unavailable.',
                                         'UNAVAILABLE'))

    def partial_response(self, request, args):
        return self.transient_response(request, args)       # Google has no such answer


def error_info(reason, host):
    return {'@type': 'type.googleapis.com/google.rpc.ErrorInfo', 'reason': reason,
            'domain': 'googleapis.com', 'metadata': {'service': host}}


class Library:
    """The books of a world and Drive's list of their changes."""

    def __init__(self, world):
        if world.name == 'story':
            from story_sheets import books
            self.books = books(world.story)
        elif world.name == 'small':
            from small_sheets import books
            self.books = books()
        else:
            self.books = [sheet_grid.Book('sim-cash', 'Cash flow', 'America/New_York',
                                          [sheet_grid.Tab(0, 'Sheet1')])]
        self.drive = drive.Drive(self.books)

    def find(self, book_id):
        return next((book for book in self.books if book.id == book_id), None)


class Sheets(GoogleApi):
    name = 'sheets'
    host = 'sheets.googleapis.com'

    def __init__(self, world):
        super().__init__(world)
        self.reset()

    def reset(self):
        self.library = Library(self.world)
        self.quota = sheets.Quota()

    def get(self, request):
        raw = raw_path(request)
        match = re.fullmatch(r'/v4/spreadsheets/([^/:]+)((?:/|:).*)?', raw)
        if not match:
            return no_route()
        token = self.check_token(request, sheets.READ)
        limit = self.knob('reads_per_minute')
        with self.lock:
            if limit is not None:
                self.quota.take(token, int(limit))
            book = self.library.find(match[1])
            if book is None or book.trashed and not book.shared:
                raise sheets.ApiError(404, 'Requested entity was not found.', 'NOT_FOUND')
            if not book.shared or book.id in self.unshared():
                raise sheets.ApiError(403, 'The caller does not have permission',
                                      'PERMISSION_DENIED')
            if book.mime != sheet_grid.Book.MIME:
                raise sheets.ApiError(400, 'This operation is not supported for this document',
                                      'FAILED_PRECONDITION')
            value = sheets.answer(book, colon(match[2] or ''), pairs(request))
        return no_route() if value is None else answer_json(value)

    def throttle_response(self, request, args):
        return api_error(sheets.quota_error())


class Drive(GoogleApi):
    name = 'drive'
    host = 'drive.googleapis.com'

    def get(self, request):
        raw = raw_path(request)
        if not raw.startswith('/drive/v3/'):
            return no_route()
        self.check_token(request, drive.CONTENT if raw.endswith('/export') else drive.METADATA)
        library = self.world.service('sheets').library
        for book_id in self.unshared():
            if '/files/%s' % book_id in raw and book_id:
                raise drive.not_found(book_id)
        value = library.drive.answer(urllib.parse.unquote(raw[9:]), pairs(request))
        if value is None:
            return no_route()
        if isinstance(value, tuple):
            return Response(200, value[0], {'Content-Type': value[1],
                                            'Content-Disposition': 'attachment'})
        return answer_json(value)

    def throttle_response(self, request, args):
        return api_error(drive.bad(403, 'userRateLimitExceeded', 'User Rate Limit Exceeded. '
                                   'Rate of requests for user exceed configured project quota, '
                                   'you may consider re-evaluating expected per-user traffic to '
                                   'the API and adjust project quota limits accordingly.',
                                   domain='usageLimits'))

    def stale_cursor_response(self, request, args):
        return api_error(drive.bad(400, 'invalid', 'Invalid Value', 'pageToken'))


def raw_path(request):
    """The path below the service, still percent-encoded (titles hold '/')."""
    return '/' + request.target.partition('?')[0].split('/', 3)[3] \
        if request.target.count('/') >= 3 else '/'


def colon(rest):
    """'%3AbatchGet' and ':batchGet' are one."""
    return re.sub(r'(?i)^/values%3abatchget$', '/values:batchGet', rest)


def pairs(request):
    return urllib.parse.parse_qsl(request.raw_query, keep_blank_values=True)


# ---- control -----------------------------------------------------------------

def edit_cell(sim, request):
    """Edit one cell as a user would: {world, book, tab, cell, value, style}.

    value null clears the cell, "YYYY-MM-DD" with style "date" sets a date;
    "title" instead of cell renames the tab.  Version and modified time move,
    unless "silent" is true (a recalculated import).
    """
    spec = json.loads(request.body)
    library = sim.worlds[spec.get('world', 'story')].service('sheets').library
    book = library.find(spec.get('book', 'sim-cash'))
    tab = book and book.tab(spec.get('tab'))
    if tab is None:
        raise ValueError('no such book or tab')
    if 'title' in spec:
        tab.title = spec['title']
    else:
        column, row = sheet_grid.parse_side(spec['cell'])
        value, style = spec.get('value'), spec.get('style')
        if style in ('date', 'datetime') and isinstance(value, str):
            value = datetime.datetime.fromisoformat(value)
        if isinstance(value, str) and value.startswith('#'):
            style = style or 'error'
        tab.put(row, column, None if value is None else sheet_grid.Cell(value, style))
    if not spec.get('silent'):
        book.touch()
        library.drive.edited(book)
    return {'version': str(book.version), 'modifiedTime': drive.stamp(book.modified)}


def revoke_tokens(sim, request):
    sim.google_tokens.revoke_all()
    return {'ok': True}


CONTROLS = {'cell': edit_cell, 'revoke_tokens': revoke_tokens}
SERVICES = (Token, Sheets, Drive)


def prepare(sim):
    """Called once at start: the token store, and the key file if asked for."""
    sim.google_tokens = Tokens()
    path = getattr(sim.args, 'service_account', None)
    if path:
        key = sim.google_tokens.service_account(sim.base_url + '/story/token')
        with open(os.open(path + '.tmp', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w',
                  encoding='utf-8') as out:
            json.dump(key, out, indent=2)
        os.replace(path + '.tmp', path)
