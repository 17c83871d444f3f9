"""The spreadsheets of world "small": every odd thing a real sheet holds.

Fixed values, so that tests can show them.  The tabs and what each is for are
told beside them; the book's id is "sim-cash", as in the story.
"""

import datetime

from sheet_grid import Book, Cell, Tab

D = datetime.date


def money(value, formula=None):
    return Cell(value, 'currency', formula=formula)


def books():
    book = Book('sim-cash', 'Brand numbers', 'America/New_York', tabs(), version=57,
                created=datetime.datetime(2026, 1, 5, 14, 0, 0, 250000))
    book.modified = datetime.datetime(2026, 3, 2, 8, 15, 30, 174000)
    book.names = {'Targets': (book.tab('Rows'), (0, 5, 0, 3)),
                  'Opening': (book.tab('Cash flow'), (1, 2, 1, 2))}
    other = Book('sim-other', "Owner's second sheet", 'Europe/London',
                 [Tab(0, 'Sheet1', [['Date', 'Item', 'Amount'], [D(2026, 1, 1), 'Rent', 950]])],
                 version=9, created=datetime.datetime(2026, 1, 2, 10, 0))
    return [book, other,
            Book('sim-private', 'Not shared', 'Etc/GMT', [Tab(0, 'Sheet1')], shared=False),
            Book('sim-trashed', 'Old plan', 'Etc/GMT', [Tab(0, 'Sheet1')], trashed=True,
                 created=datetime.datetime(2025, 2, 1, 9, 0)),
            Book('sim-xlsx', 'Plan.xlsx', 'Etc/GMT', created=datetime.datetime(2025, 6, 1, 9, 0),
                 mime='application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'),
            Book('sim-empty', 'Empty', 'Etc/GMT', [Tab(0, 'Sheet1')],
                 created=datetime.datetime(2025, 7, 1, 9, 0))]


def tabs():
    return [
        # tab id 0, plain rows of every type
        Tab(0, 'Rows', frozen_rows=1, grid=(20, 8), rows=[
            ['Metric', 'Target', 'Since', 'Share', 'Active', 'Note'],
            ['cac', 42.5, D(2026, 1, 1), Cell(0.12, 'percent'), True, 'per new customer'],
            ['aov', 68, D(2026, 1, 1), Cell(1, 'percent'), False, None],
            ['conversion_rate', 0.021, D(2026, 2, 1), None, True, '"quoted", and comma'],
            ['retail_doors', Cell(1250, 'thousands'), D(2026, 2, 1), Cell(-0.055, 'percent'),
             None, 'Zoë'],
        ]),
        Tab(11, 'Cash flow', crosstab(first_row=1), grid=(30, 10)),
        # the same below a merged title: its header is row 2
        Tab(27, 'Cash titled', [['Cash plan (week starting)']] + crosstab(first_row=2),
            grid=(30, 10), merges=[(0, 1, 0, 6)]),
        Tab(12, 'Cash long', grid=(30, 5), rows=[
            ['Date', 'Line item', 'Amount', 'Source'],
            [D(2026, 1, 2), 'Opening balance', money(50000), 'bank'],
            [D(2026, 1, 5), 'Shopify payout', money(8250.75), 'bank'],
            [D(2026, 1, 5), 'Inventory', money(-12000), 'plan'],
            [],
            [D(2026, 1, 12), 'Loan repayment', money(-4000), 'plan'],
            [None, 'Total', money(42250.75, '=SUM(C2:C6)')],
        ]),
        # a header that needs repair: blank, twice the same, a number, a boolean, spaces
        Tab(13, 'Headers', grid=(10, 8), rows=[
            ['Item', '', 'Amount', 'Amount', 2026, True, '  Padded  '],
            ['a', 'under blank', 1, 2, 3, 4, 5],
            ['b', None, 10, 20, 30, 40, 50]]),
        # amounts that are none: text, errors, percent, booleans, text that looks like a number
        Tab(14, 'Bad values', grid=(12, 4), rows=[
            ['Date', 'Item', 'Amount'],
            [D(2026, 1, 1), 'number', 100],
            [D(2026, 1, 2), 'text', 'about 200'],
            [D(2026, 1, 3), 'number as text', '300'],
            [D(2026, 1, 4), 'not available', Cell('#N/A', 'error', formula='=NA()')],
            [D(2026, 1, 5), 'division', Cell('#DIV/0!', 'error', formula='=1/0')],
            [D(2026, 1, 6), 'percent', Cell(0.12, 'percent')],
            [D(2026, 1, 7), 'boolean', True],
            ['soon', 'date as text', 700],
            [D(2026, 1, 9), 'text #N/A', '#N/A'],
            [D(2026, 1, 10), 'negative in parentheses', '(1,200.50)'],
        ]),
        # the header only comes in row 4
        Tab(15, 'Leading rows', grid=(12, 4), rows=[
            [], [None, 'Cash of the year'], [], ['Date', 'Item', 'Amount'],
            [D(2026, 1, 1), 'Rent', -950], [], [D(2026, 2, 1), 'Rent', -950]]),
        # merged line items, as exported from planning tools
        Tab(16, 'Merged', grid=(8, 4), merges=[(1, 3, 0, 1)], rows=[
            ['Group', 'Item', 'Amount'], ['Costs', 'Rent', -950], [None, 'Wages', -4200],
            ['Income', 'Shop', 8000]]),
        # titles that must be quoted
        Tab(17, 'Q1', [['Item', 'Amount'], ['first quarter', 1]], grid=(5, 3)),
        Tab(18, "Owner's plan", [['Item', 'Amount'], ['quote', 2]], grid=(5, 3)),
        Tab(19, '🌵 2026/27', [['Item', 'Amount'], ['emoji', 3]], grid=(5, 3)),
        Tab(20, 'Header only', [['Date', 'Item', 'Amount']], grid=(5, 3)),
        Tab(21, 'Empty', grid=(5, 3)),
        Tab(22, 'Hidden', [['Item', 'Amount'], ['hidden tab', 4]], grid=(5, 3), hidden=True),
        # times, durations, formulas, big and small numbers
        Tab(23, 'Moments', grid=(8, 6), rows=[
            ['When', 'Day', 'Time', 'Duration', 'Formula', 'Number'],
            [datetime.datetime(2026, 1, 15, 13, 45, 30), D(2026, 1, 15), Cell(0.5, 'time'),
             Cell(1.25, 'duration'), Cell(2, formula='=4/2'), 12345678901],
            [datetime.datetime(2026, 3, 8, 2, 30, 0), D(1899, 12, 30), Cell(0.999988426, 'time'),
             Cell(0.0006944444, 'duration'), Cell(1.5, formula='=3/2'), 0.1 + 0.2]]),
        # one cell in every shape a row can have
        Tab(24, 'Ragged', grid=(10, 5), rows=[
            ['a', 'b', 'c', 'd'], [1], [], [1, None, 3], [None, None, None, 4], ['', 2]]),
        # 300 rows, to be read in windows
        Tab(25, 'Many rows', grid=(301, 3), rows=[['n', 'Item', 'Amount']] + [
            [n, 'item %d' % (n % 7), n * 1.5] for n in range(1, 301)]),
        Tab(26, 'Chart', kind='OBJECT'),
        # periods as people write them, one by one
        Tab(28, 'Periods', period_texts(), grid=(40, 3)),
        # ... and in headers: with a total, a blank column, remarks, and no years
        Tab(29, 'Months', grid=(6, 9), rows=[
            ['Account', 'Jan-26', 'Feb-26', '', 'Mar-26', 'Total', 'YTD 2026', 'Budget', 'Remark'],
            ['Sales', 100, 110, 'internal', 120, 330, 330, 400, 'as planned'],
            ['Costs', -50, None, None, 0, -50, -50],
            [None, 1, 2, None, 3]]),
        Tab(30, 'Weeks', grid=(4, 7), rows=[
            ['Item', D(2025, 12, 22), 'W/C 29 Dec', 'W/C 5 Jan', 'Week of Jan 12', 'w/c 19 Jan',
             'next'],
            ['Rent', 1, 2, 3, 4, 5, 6]]),
        Tab(32, 'Yearless', grid=(4, 13), rows=[
            ['Item', 'Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sept', 'Oct', 'Nov',
             'Dec'], ['Rent'] + list(range(1, 13))]),
        Tab(31, 'Ambiguous', grid=(4, 5), rows=[
            ['Item', 'Jan 26', 'Feb 26', 'Mar 26'], ['Rent', 1, 2, 3]]),
    ]


def period_texts():
    texts = ['2026-01-05', '2026/01/05', '2026-01', 'Jan 2026', 'January 2026', '2026 Jan',
             'Jan-26', "Jan '26", '5 Jan 2026', 'Jan 5, 2026', '5-Jan-26', 'Mon 5 January 2026',
             '5th Jan 2026', 'W/C 5 Jan 2026', 'Week commencing 5 Jan 2026', 'Q1 2026', '2026 Q2',
             "Q3 '26", 'H2 2026', '2026-W02', 'Week 2 2026', '2026', 2026, D(2026, 1, 5),
             '30 Feb 2026', 'Jan 26', '1/5/2026', '05.01.2026', 'Total', 'soon', 'FY26']
    return [['Period', 'Item', 'Amount']] + [
        [text, 'text' if isinstance(text, str) else 'value', n] for n, text in enumerate(texts)]


def crosstab(first_row):
    """Line items down, weeks across; sections, blanks and totals as people make them.

    first_row is the header's row number, for the formulas.
    """
    total = first_row + 11

    def closing(column, cents):
        return money(cents, '=SUM(%s%d:%s%d)' % (column, first_row + 1, column, total - 1))

    return [
        ['Line item'] + [D(2026, 1, 5) + datetime.timedelta(7 * k) for k in range(4)] + ['Notes'],
        ['Opening balance', money(50000), money(44250, '=B%d' % total),
         money(40500, '=C%d' % total), money(44750, '=D%d' % total)],
        [],
        ['CASH IN'],
        ['Shopify payouts', money(8250), money(8250), money(8500), money(8500), 'net of fees'],
        ['Wholesale', None, None, money(6000), Cell('tbd')],
        ['CASH OUT'],
        ['Inventory', money(-12000), None, None, money(-9000)],
        ['Payroll', None, money(-8000), None, money(-8000)],
        ['Ads', money(-2000), money(-2000), money(-2250), money(-2250)],
        ['Loan repayment', None, money(-2000), money(-8000), None],
        ['Closing balance', closing('B', 44250), closing('C', 40500), closing('D', 44750),
         closing('E', 34000)],
    ]
