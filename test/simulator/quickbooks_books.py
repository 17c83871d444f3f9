"""The books of a simulated company: records as the service would show them.

Amounts are given in cents and shown as JSON numbers; what is empty is left out.
"""

import datetime


class Books(dict):
    """Entity name -> {id: record}."""

    def __init__(self, offset='-08:00'):
        super().__init__()
        self.offset = offset

    def add(self, entity, number, changed, **fields):
        record = {'Id': str(number), 'SyncToken': '0', 'domain': 'QBO', 'sparse': False,
                  'MetaData': {'CreateTime': self.instant(fields.pop('made', changed)),
                               'LastUpdatedTime': self.instant(changed)}}
        record.update({name: value for name, value in fields.items() if value is not None})
        self.setdefault(entity, {})[record['Id']] = record
        return record

    def instant(self, day):
        if isinstance(day, datetime.date):
            day = '%sT09:00:00' % day
        return day + self.offset

    def account(self, number, name, kind, sub_type, cents, changed, **fields):
        side = {'Bank': 'Asset', 'Accounts Receivable': 'Asset', 'Accounts Payable': 'Liability',
                'Credit Card': 'Liability', 'Income': 'Revenue', 'Cost of Goods Sold': 'Expense',
                'Expense': 'Expense', 'Other Current Asset': 'Asset'}[kind]
        usual = {'Name': name, 'FullyQualifiedName': name, 'AccountType': kind,
                 'AccountSubType': sub_type, 'Classification': side, 'CurrentBalance': cents / 100,
                 'CurrentBalanceWithSubAccounts': cents / 100, 'CurrencyRef': currency('USD'),
                 'Active': True, 'SubAccount': 'ParentRef' in fields}
        return self.add('Account', number, changed, **{**usual, **fields})

    def party(self, entity, number, name, changed, code='USD', active=True):
        return self.add(entity, number, changed, DisplayName=name, CurrencyRef=currency(code),
                        Active=active, Balance=0.0)

    def document(self, entity, number, party, day, due, cents, open_cents, changed, lines=(),
                 **fields):
        """A Bill or Invoice; its party's balance grows by what is open."""
        role, word = ('Vendor', 'VendorRef') if entity == 'Bill' else ('Customer', 'CustomerRef')
        holder = self[role][str(party)]
        holder['Balance'] = round(holder['Balance'] * 100 + open_cents) / 100
        detail = 'AccountBasedExpenseLineDetail' if entity == 'Bill' else 'SalesItemLineDetail'
        ref = 'AccountRef' if entity == 'Bill' else 'ItemRef'
        return self.add(entity, number, changed, **{
            word: {'value': str(party), 'name': holder['DisplayName']},
            'TxnDate': str(day), 'DueDate': str(due) if due else None, 'TotalAmt': cents / 100,
            'Balance': open_cents / 100, 'CurrencyRef': holder['CurrencyRef'],
            'Line': [{'Id': str(at), 'LineNum': at, 'Amount': amount / 100, 'DetailType': detail,
                      detail: {ref: {'value': number, 'name': name}}}
                     for at, (number, name, amount) in enumerate(lines, 1)], **fields})

    def payment(self, number, kind, target, day, cents, changed, **fields):
        """A BillPayment or Payment that sets money against a document."""
        entity, word = ('BillPayment', 'VendorRef') if kind == 'Bill' else ('Payment', 'CustomerRef')
        document = self[kind][str(target)]
        return self.add(entity, number, changed, **{
            word: document[word], 'TxnDate': str(day), 'TotalAmt': cents / 100,
            'CurrencyRef': document['CurrencyRef'],
            'Line': [{'Amount': cents / 100,
                      'LinkedTxn': [{'TxnId': str(target), 'TxnType': kind}]}], **fields})


def currency(code):
    return {'value': code, 'name': {'USD': 'United States Dollar', 'EUR': 'Euro'}.get(code, code)}
