"""The grid of a simulated spreadsheet: cells, tabs, A1 ranges, rendering.

Knows nothing of HTTP.  What the Sheets service does with values (trimming,
ragged rows, grid limits, serial dates, quoting of titles) is decided here;
sheets.py wraps it into the service's requests and answers.
"""

import datetime
import re

EPOCH = datetime.datetime(1899, 12, 30)


class RangeError(Exception):
    """An answer of 400 INVALID_ARGUMENT; str() is the service's message."""


def serial(moment):
    """Days since 1899-12-30 of a date or a datetime without zone."""
    if not isinstance(moment, datetime.datetime):
        moment = datetime.datetime(moment.year, moment.month, moment.day)
    delta = moment - EPOCH
    return plain(delta.days + delta.seconds / 86400)


def plain(number):
    """15 significant digits, and no decimal point on a whole number."""
    if isinstance(number, bool) or isinstance(number, int):
        return number
    number = float('%.15g' % number)
    return int(number) if number == int(number) and abs(number) < 1e15 else number


class Cell:
    """One cell: value is a number, text, bool; style says how it is shown.

    style: None (general), 'date', 'datetime', 'time', 'duration', 'percent',
    'currency', 'thousands', 'error'.  pattern is the number format's own text.
    """
    PATTERNS = {
        'date': ('DATE', 'yyyy-mm-dd'),
        'datetime': ('DATE_TIME', 'yyyy-mm-dd hh:mm:ss'),
        'time': ('TIME', 'hh:mm:ss'),
        'duration': ('TIME', '[h]:mm:ss'),
        'percent': ('PERCENT', '0.00%'),
        'currency': ('CURRENCY', '"$"#,##0.00'),
        'thousands': ('NUMBER', '#,##0'),
    }

    def __init__(self, value, style=None, pattern=None, formula=None):
        if isinstance(value, (datetime.date, datetime.datetime)):
            style = style or ('datetime' if isinstance(value, datetime.datetime)
                              else 'date')
            value = serial(value)
        self.value = value
        self.style = style
        self.pattern = pattern
        self.formula = formula

    @property
    def is_moment(self):
        return self.style in ('date', 'datetime', 'time', 'duration')

    def unformatted(self):
        if self.style == 'error' or isinstance(self.value, (str, bool)):
            return self.value
        return plain(self.value)

    def formatted(self):
        value = self.value
        if isinstance(value, bool):
            return 'TRUE' if value else 'FALSE'
        if isinstance(value, str):
            return value
        if self.is_moment:
            return self._moment_text()
        if self.style == 'percent':
            return '%.2f%%' % (value * 100)
        if self.style == 'currency':
            sign = '-' if value < 0 else ''
            return '%s$%s' % (sign, format(abs(value), ',.2f'))
        if self.style == 'thousands':
            return format(value, ',.0f')
        number = plain(value)
        return str(number) if isinstance(number, int) else '%.10g' % number

    def _moment_text(self):
        seconds = round((self.value % 1) * 86400)
        moment = EPOCH + datetime.timedelta(days=int(self.value // 1), seconds=seconds)
        if self.style == 'duration':
            total = round(self.value * 86400)
            return '%d:%02d:%02d' % (total // 3600, total // 60 % 60, total % 60)
        if self.style == 'time':
            return moment.strftime('%H:%M:%S')
        if self.style == 'datetime':
            return moment.strftime('%Y-%m-%d %H:%M:%S')
        if self.pattern == 'm/d/yyyy':
            return '%d/%d/%d' % (moment.month, moment.day, moment.year)
        if self.pattern == 'mmm d':
            return '%s %d' % (moment.strftime('%b'), moment.day)
        return moment.strftime('%Y-%m-%d')

    def render(self, value_option, date_option):
        if value_option == 'FORMATTED_VALUE':
            return self.formatted()
        if value_option == 'FORMULA' and self.formula is not None:
            return self.formula
        if (self.is_moment and value_option == 'UNFORMATTED_VALUE'
                and date_option == 'FORMATTED_STRING'):
            return self.formatted()
        return self.unformatted()

    def cell_data(self):
        """The CellData object of spreadsheets.get."""
        error = {'#N/A': 'N_A', '#DIV/0!': 'DIVIDE_BY_ZERO', '#REF!': 'REF',
                 '#VALUE!': 'VALUE', '#NAME?': 'NAME', '#NUM!': 'NUM',
                 '#NULL!': 'NULL_VALUE', '#ERROR!': 'ERROR', 'Loading...': 'LOADING'}
        value = self.unformatted()
        if self.style == 'error':
            effective = {'errorValue': {'type': error[value], 'message': 'Error'}}
        elif isinstance(value, bool):
            effective = {'boolValue': value}
        elif isinstance(value, str):
            effective = {'stringValue': value}
        else:
            effective = {'numberValue': value}
        entered = ({'formulaValue': self.formula} if self.formula is not None
                   else effective)
        data = {'userEnteredValue': entered, 'effectiveValue': effective,
                'formattedValue': self.formatted()}
        if self.style in self.PATTERNS:
            kind, pattern = self.PATTERNS[self.style]
            number_format = {'type': kind, 'pattern': self.pattern or pattern}
            data['userEnteredFormat'] = {'numberFormat': number_format}
            data['effectiveFormat'] = {'numberFormat': number_format}
        return data


class Tab:
    """One sheet of a spreadsheet; rows and columns count from zero."""

    def __init__(self, sheet_id, title, rows=(), grid=(1000, 26), hidden=False,
                 frozen_rows=0, merges=(), kind='GRID'):
        self.sheet_id = sheet_id
        self.title = title
        self.row_count, self.column_count = grid
        self.hidden = hidden
        self.frozen_rows = frozen_rows
        self.merges = list(merges)
        self.kind = kind
        self.cells = {}
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if value is not None and value != '':
                    self.put(r, c, value)

    def put(self, row, column, value):
        """Set one cell; None clears it.  The grid grows when it must."""
        if value is None:
            self.cells.pop((row, column), None)
            return
        self.cells[row, column] = value if isinstance(value, Cell) else Cell(value)
        self.row_count = max(self.row_count, row + 1)
        self.column_count = max(self.column_count, column + 1)

    def properties(self, index):
        result = {'sheetId': self.sheet_id, 'title': self.title, 'index': index,
                  'sheetType': self.kind}
        if self.kind == 'GRID':
            result['gridProperties'] = {'rowCount': self.row_count,
                                        'columnCount': self.column_count}
            if self.frozen_rows:
                result['gridProperties']['frozenRowCount'] = self.frozen_rows
        if self.hidden:
            result['hidden'] = True
        return result

    def grid_range(self, box):
        """A GridRange: the tab with id 0 is not named, as in the service."""
        r0, r1, c0, c1 = box
        result = {} if self.sheet_id == 0 else {'sheetId': self.sheet_id}
        result.update(startRowIndex=r0, endRowIndex=r1,
                      startColumnIndex=c0, endColumnIndex=c1)
        return result


class Span:
    """A resolved range: a tab and half-open row and column bounds."""

    def __init__(self, tab, r0, r1, c0, c1):
        self.tab, self.r0, self.r1, self.c0, self.c1 = tab, r0, r1, c0, c1

    def text(self):
        title = quote_title(self.tab.title)
        first = letters(self.c0) + str(self.r0 + 1)
        last = letters(self.c1 - 1) + str(self.r1)
        return '%s!%s' % (title, first if first == last else first + ':' + last)

    def matrix(self, value_option, date_option, dimension):
        """Rows (or columns), trailing empties cut; None when nothing is there."""
        by_columns = dimension == 'COLUMNS'
        outer = range(self.c0, self.c1) if by_columns else range(self.r0, self.r1)
        lines = {}
        for (r, c), cell in self.tab.cells.items():
            if self.r0 <= r < self.r1 and self.c0 <= c < self.c1:
                o, i = (c, r) if by_columns else (r, c)
                lines.setdefault(o, {})[i] = cell.render(value_option, date_option)
        if not lines:
            return None
        base = self.r0 if by_columns else self.c0
        result = []
        for o in outer:
            if o > max(lines):
                break
            line = lines.get(o, {})
            width = max(line) - base + 1 if line else 0
            result.append([line.get(base + k, '') for k in range(width)])
        return result


def letters(column):
    text = ''
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def column_number(text):
    number = 0
    for letter in text.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def looks_like_range(title):
    return re.fullmatch(r'\$?[A-Za-z]{1,3}\$?[0-9]+|[Rr][0-9]*[Cc][0-9]*', title) is not None


def quote_title(title):
    """A title as the service echoes it: quoted unless it is a plain word."""
    if re.fullmatch(r'[A-Za-z_][A-Za-z0-9_]*', title) and not looks_like_range(title):
        return title
    return "'%s'" % title.replace("'", "''")


SIDE = re.compile(r'\$?([A-Za-z]{1,3})?\$?([0-9]+)?')


def parse_side(text):
    """'B3' -> (column 1, row 2); a missing part is None."""
    match = SIDE.fullmatch(text)
    if not text or not match or (match[2] and int(match[2]) == 0):
        return None
    return (column_number(match[1]) if match[1] else None,
            int(match[2]) - 1 if match[2] else None)


def resolve(book, text):
    """Turn A1 notation into a Span of the book's tabs, clipped to the grid.

    book has tabs (list of Tab) and names ({name: (tab, box)}).
    """
    unknown = RangeError('Unable to parse range: ' + text)
    quoted = re.fullmatch(r"'((?:[^']|'')*)'(?:!(.*))?", text, re.S)
    if quoted:
        title, rest = quoted[1].replace("''", "'"), quoted[2]
    elif '!' in text:
        title, rest = text.rsplit('!', 1)
    else:
        title, rest = None, text
    if title is None:
        if parse_range(rest) is not None:
            tab = next(t for t in book.tabs if t.kind == 'GRID')
        elif rest in book.names:
            tab, box = book.names[rest]
            return Span(tab, *box)
        else:
            title, rest = rest, None
    if title is not None:
        tab = next((t for t in book.tabs if t.title == title), None)
        if tab is None or tab.kind != 'GRID':
            raise unknown
    if rest is None:
        return Span(tab, 0, tab.row_count, 0, tab.column_count)
    sides = parse_range(rest)
    if sides is None:
        if rest in book.names and book.names[rest][0] is tab:
            return Span(tab, *book.names[rest][1])
        raise unknown
    return clip(tab, sides)


def parse_range(text):
    """((c0, r0), (c1, r1)) inclusive, None for an open bound; None if no range."""
    parts = text.split(':')
    sides = [parse_side(part) for part in parts]
    if len(parts) > 2 or None in sides:
        return None
    if len(parts) == 1:
        (column, row), = sides
        return None if column is None or row is None else (sides[0], sides[0])
    (c0, r0), (c1, r1) = sides
    if c0 is None and c1 is not None or r0 is None and r1 is not None and c0 is None:
        return None
    return sides[0], sides[1]


def clip(tab, sides):
    (c0, r0), (c1, r1) = sides
    if c0 is not None and c1 is not None and c0 > c1:
        c0, c1 = c1, c0
    if r0 is not None and r1 is not None and r0 > r1:
        r0, r1 = r1, r0
    if r0 is None and r1 is not None:       # A:D5 means A1:D5
        r0 = 0
    rows, columns = tab.row_count, tab.column_count
    if (r0 or 0) >= rows or (c0 or 0) >= columns:
        first = (letters(c0) if c0 is not None else '') + (str(r0 + 1) if r0 is not None else '')
        last = (letters(c1) if c1 is not None else '') + (str(r1 + 1) if r1 is not None else '')
        raise RangeError('Range (%s!%s) exceeds grid limits. Max rows: %d, max columns: %d' % (
            quote_title(tab.title), first if first == last else first + ':' + last,
            rows, columns))
    return Span(tab, r0 or 0, rows if r1 is None else min(r1 + 1, rows),
                c0 or 0, columns if c1 is None else min(c1 + 1, columns))


class Book:
    """A Drive file that is a spreadsheet; each edit moves version and time."""
    MIME = 'application/vnd.google-apps.spreadsheet'

    def __init__(self, book_id, title, time_zone, tabs=(), locale='en_US', created=None,
                 version=57, shared=True, trashed=False, mime=MIME):
        self.id = book_id
        self.title = title
        self.time_zone = time_zone
        self.locale = locale
        self.tabs = list(tabs)
        self.names = {}
        self.created = created or datetime.datetime(2024, 1, 8, 9, 30, 0, 174000)
        self.modified = self.created
        self.version = version
        self.shared = shared
        self.trashed = trashed
        self.mime = mime

    def tab(self, title):
        return next((tab for tab in self.tabs if tab.title == title), None)

    def touch(self, moment=None):
        """What any edit does: the version grows, the time moves."""
        moment = moment or datetime.datetime.utcnow()
        self.version += 1
        self.modified = max(moment, self.modified + datetime.timedelta(milliseconds=1))
