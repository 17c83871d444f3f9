-- The usual parts of a cash flow.
INSERT INTO momentum_state.cash_part (brand, kind, pattern, priority, part) VALUES
    ('', 'in', '^financing\M', 10, 'financing'),
    ('', 'in', '^shop\M', 20, 'shop'),
    ('', 'in', '\m(amazon|marketplaces?)\M', 30, 'marketplace'),
    ('', 'in', '\m(retail|wholesale|distributors?|stockists?|trade customers?|invoices?|receivables?)\M', 40, 'retail'),
    ('', 'in', '\m(tax(es)?|vat|gst|duty|duties|customs)\M', 50, 'tax'),
    ('', 'in', '^sales\M', 90, 'sales'),
    ('', 'cost', '\mrefunds?\M|\m(returns?|chargebacks?)\M', 10, 'refunds'),
    ('', 'cost', '\m(ads?|advertising|ad spend|marketing|influencers?|agency)\M', 20, 'ads'),
    ('', 'cost', '\m(freight|shipping|fulfil\w*|3pl|logistics|warehous\w*|postage|delivery|courier)\M', 30, 'shipping'),
    ('', 'cost', '\m(inventory|cogs|cost of goods|goods|raw|materials?|packaging|production|manufactur\w*|co-?pack\w*|suppliers?|purchase orders?)\M', 40, 'stock'),
    ('', 'cost', '\m(payroll|salar\w*|wages?|staff|contractors?|team|people|bonus\w*|benefits)\M', 50, 'payroll'),
    ('', 'cost', '\m(commissions?|affiliates?|creators?|royalt(y|ies)|revenue share)\M', 60, 'commissions'),
    ('', 'cost', '\m(tax(es)?|vat|gst|duty|duties|customs)\M', 70, 'tax'),
    ('', 'cost', '\m(rent|office|lease|utilities|insurance|software|saas|subscriptions?|tools|hosting|legal|accounting|professional|consult\w*|travel|bank fees?|fees|overheads?|g&a|opex)\M', 80, 'overhead'),
    ('', 'cost', '\m(equipment|capex|investments?)\M', 90, 'investment'),
    ('', 'loan', '\minterest\M', 10, 'interest'),
    ('', 'loan', '\mprincipal\M', 20, 'principal'),
    ('', 'loan', '', 90, 'repayment')
ON CONFLICT (brand, kind, pattern) DO NOTHING;
