"""The story's spreadsheet "sim-cash", laid out as people lay such sheets out.

    Cash flow   line items down, weeks across; sections, blanks, totals
    Cash long   the same plan as Date, Line item, Amount
    Targets     metric, target
    Retail      weeks in stores
    Notes       text

Figures are story_cash.py's.  Amounts are positive, the section says which way
they go; the opening balance stands at the weeks that have begun.
"""

import datetime

from sheet_grid import Book, Cell, Tab, letters

SECTIONS = (('CASH IN', 'in', 'Total cash in'), ('CASH OUT', 'cost', 'Total cash out'),
            ('FINANCING', 'loan', 'Total financing'))
PAYOUT = 93                 # percent of the shop's net sales that reaches the bank


def money(cents, formula=None):
    return Cell(cents / 100, 'currency', formula=formula)


def books(story):
    zone = story.zone
    book = Book('sim-cash', 'Wagwell cash plan', str(zone), tabs(story), version=212,
                created=datetime.datetime(2025, 1, 6, 15, 2, 11, 120000))
    evening = datetime.datetime.fromtimestamp(
        story.midnight(story.yesterday) + 18 * 3600 + 754, datetime.timezone.utc)
    book.modified = evening.replace(tzinfo=None, microsecond=482000)
    book.names = {'Targets': (book.tab('Targets'), (0, 1 + len(story.cash.targets), 0, 3))}
    return [book]


def tabs(story):
    return [Tab(0, 'Cash flow', crosstab(story), grid=(60, 60), frozen_rows=1),
            Tab(101, 'Cash long', long_rows(story), grid=(1000, 6), frozen_rows=1),
            Tab(102, 'Targets', target_rows(story), grid=(40, 6)),
            Tab(103, 'Retail', retail_rows(story), grid=(200, 6), frozen_rows=1),
            Tab(104, 'Notes', [['Notes'], ['Own shop and Amazon: payouts only, net of fees.'],
                               ['Retailers pay five weeks after delivery.'],
                               ['Loan: every second Monday until it is repaid.']],
                grid=(50, 3))]


def openings(story):
    """The bank balance at the start of each week so far, worked back from today's.

    What the shop paid out in a past week is its sales less fees and refunds.
    """
    cash = story.cash
    current = max(at for at, week in enumerate(cash.weeks) if week <= story.yesterday)
    found = {current: cash.opening[1]}
    for at in range(current - 1, -1, -1):
        days = story.days(cash.weeks[at], cash.weeks[at] + datetime.timedelta(days=6))
        shop = sum(day.net for day in days) * PAYOUT // 100
        planned = sum(line.cents[at] * (1 if line.kind == 'in' else -1) for line in cash.lines)
        found[at] = found[at + 1] - shop - planned
    return found


def crosstab(story):
    cash = story.cash
    count = len(cash.weeks)
    rows = [['Line item'] + [Cell(week, 'date', 'mmm d') for week in cash.weeks]]
    balance = openings(story)
    rows.append(['Opening balance'] + [money(balance[at]) if at in balance else None
                                       for at in range(count)])
    total_rows = []
    for title, kind, total in SECTIONS:
        rows += [[], [title]]
        first = len(rows)
        lines = [line for line in cash.lines if line.kind == kind]
        for line in lines:
            rows.append([line.name] + [money(cents) if cents else None for cents in line.cents])
        sums = [sum(line.cents[at] for line in lines) for at in range(count)]
        rows.append([total] + [
            money(cents, '=SUM(%s%d:%s%d)' % (letters(at + 1), first + 1, letters(at + 1),
                                              len(rows)))
            for at, cents in enumerate(sums)])
        total_rows.append((len(rows), sums))
    rows.append([])
    net = [total_rows[0][1][at] - total_rows[1][1][at] - total_rows[2][1][at]
           for at in range(count)]
    rows.append(['Net cash flow'] + [
        money(cents, '=%s%d-%s%d-%s%d' % sum(((letters(at + 1), row) for row, _ in total_rows),
                                             ()))
        for at, cents in enumerate(net)])
    return rows


def long_rows(story):
    """One row per line and week, in the order of time."""
    cash = story.cash
    rows = [['Date', 'Line item', 'Amount', 'Kind'],
            [cash.opening[0], 'Opening balance', money(cash.opening[1]), 'balance']]
    for at, week in enumerate(cash.weeks):
        for line in cash.lines:
            if line.cents[at]:
                rows.append([week, line.name, money(line.cents[at]), line.kind])
    return rows


def target_rows(story):
    since = datetime.date(story.today.year, 1, 1)
    rows = [['Metric', 'Target', 'Since']]
    for name, value in story.cash.targets.items():
        is_money = name in ('cac', 'aov', 'ad_spend_30d')
        is_share = name in ('conversion_rate', 'new_customer_sub_pct')
        rows.append([name, money(value) if is_money else Cell(value, 'percent')
                     if is_share else value, since])
    return rows


def retail_rows(story):
    return [['Week', 'Doors', 'Units', 'Sales']] + [
        [week.week, week.doors, week.units, money(week.cents)]
        for week in story.cash.retail_weeks]
