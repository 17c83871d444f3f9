"""The story's books: what is owed and owing behind the cash sheet's lines.

Stores are invoiced on the Monday after a week of sales and pay after five weeks, as the
sheet plans, Corner & Co three days late within the same week; the co-packer, the warehouse and the landlord send their bills two to four weeks
before the sheet's week.  One store is late with the rest of an invoice, one bill is paid in part,
and a lawyer's bill is in no line of the sheet.  The bank has what the sheet opens with.
"""

import datetime

from quickbooks_books import Books

STORES = ((21, 'Larkspur Market', 55), (22, 'Oakline Pets', 30), (23, 'Corner & Co', 15))
KEPT = 20                   # weeks of invoices


def books(story):
    out = Books(offset='-05:00')
    cash = story.cash
    opening = cash.opening[1]
    out.account(35, 'Operating account', 'Bank', 'Checking', opening - 1000000, story.yesterday)
    out.account(36, 'Savings', 'Bank', 'Savings', 1000000, story.yesterday)
    out.account(41, 'Company card', 'Credit Card', 'CreditCard', 312000, story.yesterday)
    for number, name, _ in STORES:
        out.party('Customer', number, name, story.start)
    for number, name in ((11, 'Northfield Co-Packing'), (12, 'Harbor Fulfilment'),
                         (13, 'Mill Street Properties'), (14, 'Hale & Partners LLP')):
        out.party('Vendor', number, name, story.start)
    invoices(out, story)
    bills(out, story)
    return out


def invoices(out, story):
    number = 2000
    for sold in story.cash.retail_weeks[-KEPT:]:
        billed = sold.week + datetime.timedelta(days=7)
        total = sold.cents * 88 // 100
        left = total
        for party, _, share in STORES:
            cents = left if party == STORES[-1][0] else total * share // 100
            left -= cents
            number += 1
            due = sold.week + datetime.timedelta(days=35 + party % 3)
            pays = due + datetime.timedelta(days=3 if party == 23 else 0)
            late = party == 22 and story.today - datetime.timedelta(days=7) <= due < story.today
            open_cents = cents if pays >= story.today else cents // 4 if late else 0
            out.document('Invoice', number, party, billed, due, cents, open_cents,
                         min(pays, story.yesterday) if open_cents < cents else billed,
                         [('5', 'Wholesale', cents)], DocNumber=str(number))
            if open_cents < cents:
                out.payment(number + 5000, 'Invoice', number, pays, cents - open_cents,
                            min(pays, story.yesterday))


def bills(out, story):
    number = 100
    for name, party, account, sent in (('Inventory purchase', 11, ('61', 'Inventory'), 28),
                                       ('Shipping and fulfilment', 12, ('63', 'Freight and fulfilment'), 14),
                                       ('Rent', 13, ('62', 'Rent'), 21)):
        line = next(line for line in story.cash.lines if line.name == name)
        for week, cents in zip(story.cash.weeks, line.cents):
            due = week + datetime.timedelta(days=4)
            billed = due - datetime.timedelta(days=sent)
            if not cents or billed > story.yesterday:
                continue
            number += 1
            paid = cents if due < story.today else cents // 2 if party == 12 and due < \
                story.today + datetime.timedelta(days=7) else 0
            out.document('Bill', number, party, billed, due, cents, cents - paid,
                         min(due, story.yesterday) if paid else billed, [(*account, cents)],
                         DocNumber='%s-%d' % (name[:3].upper(), number))
            if paid:
                out.payment(number + 5000, 'Bill', number, min(due, story.yesterday), paid,
                            min(due, story.yesterday), PayType='Check')
    billed = story.yesterday - datetime.timedelta(days=9)
    out.document('Bill', 190, 14, billed, billed + datetime.timedelta(days=30), 185000, 185000,
                 billed, [('64', 'Legal & professional fees', 185000)], DocNumber='HP-190')
