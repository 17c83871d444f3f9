"""Google Drive v3, the reading half: files.get, files.list, export, changes."""

import csv
import datetime
import io
import re

import fieldmask
import sheet_grid
from sheets import ApiError, STANDARD

METADATA = {'https://www.googleapis.com/auth/' + name for name in (
    'drive', 'drive.readonly', 'drive.metadata', 'drive.metadata.readonly', 'drive.file')}
CONTENT = {'https://www.googleapis.com/auth/' + name for name in (
    'drive', 'drive.readonly', 'drive.file')}

USER = dict.fromkeys(('kind', 'displayName', 'emailAddress', 'me', 'permissionId', 'photoLink'))
FILE = dict.fromkeys(('kind', 'id', 'name', 'mimeType', 'createdTime', 'modifiedTime', 'version',
                      'trashed', 'parents', 'driveId', 'size', 'shared', 'webViewLink',
                      'headRevisionId', 'md5Checksum', 'explicitlyTrashed', 'starred'))
FILE['lastModifyingUser'] = USER
FILE_LIST = {'kind': None, 'nextPageToken': None, 'incompleteSearch': None, 'files': FILE}
CHANGE = {'kind': None, 'changeType': None, 'time': None, 'removed': None, 'fileId': None,
          'file': FILE, 'type': None, 'driveId': None}
CHANGES = {'kind': None, 'nextPageToken': None, 'newStartPageToken': None, 'changes': CHANGE}
START = {'kind': None, 'startPageToken': None}
ABOUT_ALL_DRIVES = {'supportsAllDrives', 'supportsTeamDrives', 'includePermissionsForView',
                    'includeLabels'}
EXPORTS = {'text/csv': ',', 'text/tab-separated-values': '\t'}


def bad(code, reason, message, location=None, kind='parameter', domain='global'):
    item = {'message': message, 'domain': domain, 'reason': reason}
    if location:
        item.update(location=location, locationType=kind)
    return ApiError(code, message, None, errors=[item])


def not_found(file_id):
    return bad(404, 'notFound', 'File not found: %s.' % file_id, 'fileId')


def stamp(moment):
    return moment.strftime('%Y-%m-%dT%H:%M:%S.') + '%03dZ' % (moment.microsecond // 1000)


def check_parameters(query, allowed):
    for name, value in query:
        if name not in allowed and name not in STANDARD:
            raise bad(400, 'invalidParameter', 'Invalid query parameter: ' + name, name)
        if name.startswith(('supports', 'includeItems', 'includeRemoved')) and (
                value.lower() not in ('true', 'false')):
            raise bad(400, 'invalidParameter',
                      "Invalid boolean value: '%s'. Values must match the following regular "
                      "expression: '(?i)true|false'" % value, name)


def masked(query, known, answer, default):
    text = dict(query).get('fields', default)
    try:
        tree = fieldmask.parse(text)
        fieldmask.check(tree, known)
    except fieldmask.MaskError as e:
        raise bad(400, 'invalidParameter', 'Invalid field selection %s' % str(e).split('.')[-1],
                  'fields') from None
    return fieldmask.apply(tree, answer)


def file_json(book):
    return {'kind': 'drive#file', 'id': book.id, 'name': book.title, 'mimeType': book.mime,
            'createdTime': stamp(book.created), 'modifiedTime': stamp(book.modified),
            'version': str(book.version), 'trashed': book.trashed,
            'explicitlyTrashed': book.trashed, 'starred': False, 'shared': True,
            'parents': ['0AFolderOfTheBrand'],
            'webViewLink': 'https://docs.google.com/spreadsheets/d/%s/edit' % book.id,
            'lastModifyingUser': {'kind': 'drive#user', 'displayName': 'Finance',
                                  'me': False, 'emailAddress': 'finance@brand.test'}}


class Drive:
    """The files a world shows; changes are counted from the world's start."""

    def __init__(self, books):
        self.books = books
        self.changes = []       # (time, book), numbered from 1000

    def edited(self, book):
        self.changes.append((book.modified, book))

    def visible(self):
        return [book for book in self.books if book.shared]

    def find(self, file_id):
        for book in self.visible():
            if book.id == file_id:
                return book
        raise not_found(file_id)

    def answer(self, path, query):
        """One GET below /drive/v3: a JSON object, or (bytes, content type)."""
        if path == '/files':
            return self.list_files(query)
        if path == '/changes':
            return self.list_changes(query)
        if path == '/changes/startPageToken':
            check_parameters(query, ABOUT_ALL_DRIVES | {'driveId'})
            token = str(1000 + len(self.changes))
            return masked(query, START, {'kind': 'drive#startPageToken',
                                         'startPageToken': token}, '*')
        match = re.fullmatch(r'/files/([^/]+)(/export)?', path)
        if not match:
            return None
        book = self.find(match[1])
        if match[2]:
            return export(book, query)
        check_parameters(query, ABOUT_ALL_DRIVES | {'acknowledgeAbuse',
                                                    'includeItemsFromAllDrives'})
        return masked(query, FILE, file_json(book), 'kind,id,name,mimeType')

    def list_files(self, query):
        check_parameters(query, ABOUT_ALL_DRIVES | {
            'q', 'pageSize', 'pageToken', 'orderBy', 'spaces', 'corpora', 'driveId',
            'includeItemsFromAllDrives'})
        options = dict(query)
        keep = parse_query(options.get('q', ''))
        books = order([book for book in self.visible() if keep(file_json(book))],
                      options.get('orderBy', 'modifiedTime desc'))
        size = page_size(options, 100)
        at = page_start(options.get('pageToken'), '~f')
        body = {'kind': 'drive#fileList', 'incompleteSearch': False,
                'files': [file_json(book) for book in books[at:at + size]]}
        if at + size < len(books):
            body['nextPageToken'] = '~f%d' % (at + size)
        return masked(query, FILE_LIST, body,
                      'kind,incompleteSearch,nextPageToken,files(kind,id,name,mimeType)')

    def list_changes(self, query):
        check_parameters(query, ABOUT_ALL_DRIVES | {
            'pageToken', 'pageSize', 'includeRemoved', 'includeItemsFromAllDrives', 'driveId',
            'restrictToMyDrive', 'spaces', 'includeCorpusRemovals'})
        options = dict(query)
        token = options.get('pageToken')
        if token is None:
            raise bad(400, 'required', 'Required parameter: pageToken', 'pageToken')
        if not token.isdigit() or not 1000 <= int(token) <= 1000 + len(self.changes):
            raise bad(400, 'invalid', 'Invalid Value', 'pageToken')
        at, size = int(token) - 1000, page_size(options, 100)
        body = {'kind': 'drive#changeList', 'changes': [
            {'kind': 'drive#change', 'changeType': 'file', 'time': stamp(moment),
             'removed': False, 'fileId': book.id, 'file': file_json(book)}
            for moment, book in self.changes[at:at + size]]}
        if at + size < len(self.changes):
            body['nextPageToken'] = str(1000 + at + size)
        else:
            body['newStartPageToken'] = str(1000 + len(self.changes))
        default = ('kind,nextPageToken,newStartPageToken,changes(kind,changeType,time,removed,'
                   'fileId,file(kind,id,name,mimeType))')
        return masked(query, CHANGES, body, default)


def page_size(options, default):
    text = options.get('pageSize', str(default))
    if not text.isdigit() or not 1 <= int(text) <= 1000:
        raise bad(400, 'invalidParameter', "Invalid value '%s'. Values must be within the range: "
                  "[1, 1000]" % text, 'pageSize')
    return int(text)


def page_start(token, prefix):
    if token is None:
        return 0
    if not token.startswith(prefix) or not token[len(prefix):].isdigit():
        raise bad(400, 'invalid', 'Invalid Value', 'pageToken')
    return int(token[len(prefix):])


def order(books, text):
    for key in reversed(text.split(',')):
        name, _, direction = key.strip().partition(' ')
        if name not in ('modifiedTime', 'createdTime', 'name') or direction not in ('', 'desc'):
            raise bad(400, 'invalid', 'Sorting is not supported for queries with this key: '
                      + key.strip(), 'orderBy')
        books = sorted(books, key=lambda book: file_json(book)[name],
                       reverse=direction == 'desc')
    return books


def export(book, query):
    check_parameters(query, {'mimeType'})
    kind = dict(query).get('mimeType')
    if kind is None:
        raise bad(400, 'required', 'Required parameter: mimeType', 'mimeType')
    if kind not in EXPORTS:
        raise bad(400, 'badRequest', 'The requested conversion is not supported.', 'convertTo')
    tab = book.tabs[0]
    rows = sheet_grid.Span(tab, 0, tab.row_count, 0, tab.column_count).matrix(
        'FORMATTED_VALUE', 'SERIAL_NUMBER', 'ROWS') or []
    width = max(map(len, rows), default=0)
    text = io.StringIO()
    csv.writer(text, delimiter=EXPORTS[kind], lineterminator='\r\n').writerows(
        row + [''] * (width - len(row)) for row in rows)
    return text.getvalue()[:-2].encode(), kind


# ---- the search language of files.list ----

TOKEN = re.compile(r"\s*(?:(\(|\)|!=|<=|>=|=|<|>)|'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\""
                   r"|([A-Za-z]+))")


def parse_query(text):
    """A predicate over the file's JSON; ApiError where the query is wrong."""
    tokens, at = [], 0
    wrong = bad(400, 'invalid', 'Invalid Value', 'q')
    text = text.strip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise wrong
        quoted = match[2] if match[2] is not None else match[3]
        tokens.append(('text', re.sub(r'\\(.)', r'\1', quoted)) if quoted is not None
                      else ('word', match[1] or match[4]))
        at = match.end()
    if not tokens:
        return lambda item: True
    keep = parse_or(tokens, wrong)
    if tokens:
        raise wrong
    return keep


def parse_or(tokens, wrong):
    left = parse_and(tokens, wrong)
    while tokens[:1] == [('word', 'or')]:
        tokens.pop(0)
        left = (lambda a, b: lambda item: a(item) or b(item))(left, parse_and(tokens, wrong))
    return left


def parse_and(tokens, wrong):
    left = parse_term(tokens, wrong)
    while tokens[:1] == [('word', 'and')]:
        tokens.pop(0)
        left = (lambda a, b: lambda item: a(item) and b(item))(left, parse_term(tokens, wrong))
    return left


def parse_term(tokens, wrong):
    if tokens[:1] == [('word', 'not')]:
        tokens.pop(0)
        inner = parse_term(tokens, wrong)
        return lambda item: not inner(item)
    if tokens[:1] == [('word', '(')]:
        tokens.pop(0)
        inner = parse_or(tokens, wrong)
        if tokens[:1] != [('word', ')')]:
            raise wrong
        tokens.pop(0)
        return inner
    if len(tokens) < 3:
        raise wrong
    (kind, field), (op_kind, op), (value_kind, value) = tokens[:3]
    del tokens[:3]
    if op_kind != 'word':
        raise wrong
    if kind == 'text' and op == 'in' and value == 'parents':
        return lambda item: field in item['parents']
    if field == 'trashed' and value in ('true', 'false') and op in ('=', '!='):
        return lambda item: (item['trashed'] == (value == 'true')) == (op == '=')
    if value_kind != 'text':
        raise wrong
    if field in ('name', 'mimeType') and op in ('=', '!='):
        return lambda item: (item[field] == value) == (op == '=')
    if field in ('name', 'mimeType') and op == 'contains':
        return lambda item: value.lower() in item[field].lower()
    if field in ('modifiedTime', 'createdTime') and op in ('=', '!=', '<', '<=', '>', '>='):
        bound = moment(value, wrong)
        return {'=': lambda item: item[field] == bound, '!=': lambda item: item[field] != bound,
                '<': lambda item: item[field] < bound, '<=': lambda item: item[field] <= bound,
                '>': lambda item: item[field] > bound,
                '>=': lambda item: item[field] >= bound}[op]
    raise wrong


def moment(text, wrong):
    """An RFC 3339 time (UTC when it has no zone) as the answers write it."""
    try:
        value = datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))
    except ValueError:
        raise wrong from None
    if value.tzinfo is not None:
        value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return stamp(value)
