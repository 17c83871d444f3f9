-- The usual words of accounts and of the sheet's lines.  They are finer than
-- those of cash_item: a lawyer's bill is not the rent.
INSERT INTO momentum_state.book_item (brand, document, pattern, priority, line)
SELECT '', 'bill', w.words, w.priority, w.words
  FROM (VALUES
    (10, '\m(freight|shipping|fulfil\w*|3pl|logistics|warehous\w*|postage|delivery|courier)\M'),
    (20, '\m(inventory|cogs|cost of goods|goods|raw|materials?|packaging|production|manufactur\w*|co-?pack\w*|purchase orders?)\M'),
    (30, '\m(payroll|salar\w*|wages?|staff|contractors?|bonus\w*|benefits)\M'),
    (40, '\m(rent|office|lease)\M'),
    (50, '\m(advertising|ads?|ad spend|marketing|influencers?|agency)\M'),
    (60, '\m(software|saas|subscriptions?|tools|hosting)\M'),
    (70, '\m(legal|accounting|professional|consult\w*)\M'),
    (80, '\m(insurance)\M'),
    (90, '\m(utilities|electricity|water|gas|internet|phone)\M'),
    (100, '\m(tax(es)?|vat|gst|duty|duties|customs)\M')) AS w (priority, words)
UNION ALL
SELECT '', 'invoice', '', 100,
       '\m(retail|wholesale|distributors?|stockists?|trade customers?|invoices?|receivables?)\M'
ON CONFLICT (brand, document, pattern) DO NOTHING;
