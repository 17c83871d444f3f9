"""World "small": the books of a company on 2026-04-01, and what is odd in them.

Bill 102 is paid in part and overdue, 103 is paid, 104 voided, 105 tells no due day, 106 is in
euros, 107 bears an apostrophe; vendor 13 and account 37 were put away.  Invoice 202 is
paid in part, 203 paid, 204 overdue, 205 voided, 206 in euros, 207 tells no due day.
Customer 22 has paid more than it owed.  Thirty small bills fill pages; all of them
changed in the same second.
"""

import datetime

from quickbooks_books import Books, currency

FLOUR, RENT, SALES = ('61', 'Inventory Asset'), ('62', 'Rent'), ('5', 'Wholesale')


def day(month, number):
    return datetime.date(2026, month, number)


def books():
    out = Books()
    accounts(out)
    parties(out)
    bills(out)
    invoices(out)
    payments(out)
    return out


def accounts(out):
    out.account(35, 'Checking', 'Bank', 'Checking', 1234567, day(4, 1), AcctNum='1000',
                CurrentBalanceWithSubAccounts=13145.67)
    out.account(36, 'Reserve', 'Bank', 'Savings', 80000, day(3, 31),
                FullyQualifiedName='Checking:Reserve', ParentRef={'value': '35'})
    out.account(37, 'Old bank', 'Bank', 'Checking', 0, day(1, 2), Active=False)
    out.account(38, 'Euros', 'Bank', 'Checking', 50000, day(3, 1), CurrencyRef=currency('EUR'))
    out.account(39, 'Till', 'Bank', 'CashOnHand', -1250, day(3, 30))
    out.account(33, 'Accounts Payable (A/P)', 'Accounts Payable', 'AccountsPayable', 125585,
                day(4, 1))
    out.account(84, 'Accounts Receivable (A/R)', 'Accounts Receivable', 'AccountsReceivable',
                345040, day(4, 1))
    out.account(41, 'Visa', 'Credit Card', 'CreditCard', 42000, day(3, 15))
    out.account(61, 'Inventory Asset', 'Other Current Asset', 'Inventory', 900000, day(3, 1))
    out.account(62, 'Rent', 'Expense', 'RentOrLeaseOfBuildings', 0, day(1, 1))


def parties(out):
    out.party('Vendor', 11, 'Pack & Co', day(1, 5))
    out.party('Vendor', 12, 'O\'Brien "Foods" \\ Söhne', day(1, 5))
    out.party('Vendor', 13, 'Old Landlord', day(1, 5), active=False)
    out.party('Vendor', 14, 'Hafen GmbH', day(1, 5), code='EUR')
    out.party('Customer', 21, 'Green Grocer', day(1, 5))
    out.party('Customer', 22, 'Corner Store', day(1, 5))
    out.party('Customer', 23, 'Closed Shop', day(1, 5), active=False)
    out.party('Customer', 24, 'Markt AG', day(1, 5), code='EUR')
    out['Customer']['22']['Balance'] = -20.0            # paid more than it owed


def bills(out):
    def bill(*args, **fields):
        out.document('Bill', *args, **fields)

    bill(101, 11, day(3, 16), day(4, 15), 100000, 100000, day(3, 16),
         [(*FLOUR, 90000), ('63', 'Freight', 10000)], DocNumber='B-101')
    bill(102, 11, day(2, 18), day(3, 20), 50000, 12050, '2026-03-25T10:15:30',
         [(*FLOUR, 50000)], DocNumber='B-102',
         LinkedTxn=[{'TxnId': '301', 'TxnType': 'BillPaymentCheck'}])
    bill(103, 11, day(3, 20), day(4, 20), 44000, 0, day(3, 28), [(*FLOUR, 44000)],
         DocNumber='B-103', LinkedTxn=[{'TxnId': '302', 'TxnType': 'BillPaymentCheck'}])
    bill(104, 12, day(3, 1), day(3, 31), 0, 0, day(3, 2), PrivateNote='Voided')
    bill(105, 12, day(3, 30), None, 7525, 7525, day(3, 30), [('64', 'Office', 7525)])
    bill(106, 14, day(3, 10), day(4, 9), 30000, 30000, day(3, 10), [(*FLOUR, 30000)],
         DocNumber='R-6', ExchangeRate=1.1, HomeBalance=330.0)
    bill(107, 12, day(3, 25), day(4, 24), 10, 10, day(3, 25), DocNumber="O'B\\7")
    bill(108, 13, day(3, 28), day(5, 1), 6000, 6000, day(3, 28), [(*RENT, 6000)])
    for n in range(30):
        bill(1000 + n, 11, day(1, 1), day(1, 31), 100 + n, 0, '2026-02-01T12:00:00.500')


def invoices(out):
    def invoice(*args, **fields):
        out.document('Invoice', *args, **fields)

    invoice(201, 21, day(3, 11), day(4, 10), 200000, 200000, day(3, 11), [(*SALES, 200000)],
            DocNumber='1201', EmailStatus='EmailSent', PrintStatus='NotSet',
            BillEmail={'Address': 'ap@green.example'})
    invoice(202, 21, day(3, 18), day(4, 17), 150000, 90000, day(3, 29), [(*SALES, 150000)],
            DocNumber='1202', LinkedTxn=[{'TxnId': '402', 'TxnType': 'Payment'}])
    invoice(203, 22, day(2, 1), day(3, 3), 70000, 0, day(3, 5), [(*SALES, 70000)],
            DocNumber='1203', LinkedTxn=[{'TxnId': '401', 'TxnType': 'Payment'}])
    invoice(204, 23, day(1, 29), day(2, 28), 31040, 31040, day(1, 29), [(*SALES, 31040)],
            DocNumber='1204')
    invoice(205, 22, day(3, 1), day(3, 31), 0, 0, day(3, 4), DocNumber='1205',
            PrivateNote='Voided')
    invoice(206, 24, day(3, 20), day(4, 19), 100000, 100000, day(3, 20), [(*SALES, 100000)],
            DocNumber='1206', ExchangeRate=1.1, HomeBalance=1100.0)
    invoice(207, 21, day(3, 31), None, 24000, 24000, day(3, 31), [(*SALES, 24000)],
            DocNumber='1207', Deposit=50.0)


def payments(out):
    out.payment(301, 'Bill', 102, day(3, 25), 37950, day(3, 25), PayType='Check', DocNumber='5001')
    out.payment(302, 'Bill', 103, day(3, 28), 44000, day(3, 28), PayType='CreditCard')
    out.payment(401, 'Invoice', 203, day(3, 5), 72000, day(3, 5), UnappliedAmt=20.0)
    out.payment(402, 'Invoice', 202, day(3, 29), 60000, day(3, 29), UnappliedAmt=0)
