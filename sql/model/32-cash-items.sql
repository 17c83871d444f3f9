-- The usual words of a cash-flow sheet.  Totals and balances are named
-- before the lines they add up, repayments before proceeds.
INSERT INTO momentum_state.cash_item (brand, tab, pattern, priority, kind, sign, timing, channel) VALUES
	('', '', '^\W*(opening|starting|beginning|start)\W+(cash|balance|bank)', 10, 'opening', 1, 'start', ''),
	('', '', '^\W*(cash|bank)\W+(balance\W+)?(at|on)\W+(the\W+)?(start|beginning|open)', 10, 'opening', 1, 'start', ''),
	('', '', '^\W*(closing|ending|end)\W+(cash|balance|bank)', 10, 'closing', 1, 'end', ''),
	('', '', '^\W*(sub)?totals?\M|\m(sub)?totals?\W*$', 20, 'ignore', 1, 'spread', ''),
	('', '', '^\W*net\W+(cash|change|movement|flow|cash\W*flow)', 20, 'ignore', 1, 'spread', ''),
	('', '', '^\W*(notes?|comments?|memo)\M', 20, 'ignore', 1, 'spread', ''),
	('', '', '\m(loans?|debt|credit line|line of credit|financing|facility)\M.*\m(proceeds|draw\w*|received|funding|in)\M|\m(proceeds|draw ?down)\M', 30, 'in', 1, 'start', 'financing'),
	('', '', '\m(loans?|debt|principal|interest|repayments?|instal?lments?|credit line|line of credit|mortgage)\M', 40, 'loan', 0, 'end', ''),
	('', '', '\m(equity|investment|capital|investor)\M.*\m(in|raise\w*|injection|round|received|funding)\M', 40, 'in', 1, 'start', 'financing'),
	('', '', '\m(shopify|online|dtc|d2c|web ?shop|webstore|e-?commerce|store)\M.*\m(sales?|receipts?|payouts?|revenue|income|deposits?)\M', 50, 'in', 1, 'spread', 'shop'),
	('', '', '\mshopify\M\W*(payouts?|sales?|receipts?)?\W*$', 50, 'in', 1, 'spread', 'shop'),
	('', '', '\m(amazon|marketplaces?)\M.*\m(sales?|receipts?|payouts?|revenue|income|deposits?|disbursements?)\M|^\W*amazon\W*$', 50, 'in', 1, 'spread', 'amazon'),
	('', '', '\m(retail|wholesale|distributors?)\M.*\m(sales?|receipts?|payments?|revenue|income|collections?|receivables?)\M|^\W*(retail|wholesale)\W*$', 50, 'in', 1, 'spread', 'retail'),
	('', '', '\m(tax|vat|gst|duty|duties|customs)\M.*\mrefund', 50, 'in', 1, 'end', ''),
	('', '', '\m(customers?|invoices?)\M.*\m(payments?|receipts?|paid)\M', 50, 'in', 1, 'spread', ''),
	('', '', '\mrefunds?\M', 70, 'cost', 0, 'spread', ''),
	('', '', '\m(advertising|ads?|ad spend|marketing|meta|facebook|google ads|tiktok|influencers?|agency)\M', 70, 'cost', 0, 'spread', 'ads'),
	('', '', '\m(inventory|cogs|goods|raw|materials?|packaging|production|manufactur\w*|co-?packers?|suppliers?|purchase orders?)\M', 70, 'cost', 0, 'end', ''),
	('', '', '\m(payroll|salar\w*|wages?|staff|contractors?|team|people|bonus\w*|benefits)\M', 70, 'cost', 0, 'end', ''),
	('', '', '\m(rent|office|utilities|insurance|software|saas|subscriptions?|tools|legal|accounting|professional|consult\w*|travel|bank fees?|fees|overheads?|g&a|opex|equipment|capex)\M', 70, 'cost', 0, 'start', ''),
	('', '', '\m(freight|shipping|fulfil\w*|3pl|logistics|warehous\w*|postage|delivery|courier)\M', 70, 'cost', 0, 'spread', ''),
	('', '', '\m(tax(es)?|vat|gst|duty|duties|customs)\M', 70, 'cost', 0, 'end', ''),
	('', '', '\m(costs?|expenses?|out\W*flows?|(cash|money) out|spend|bills?|payables?|purchases?|payments?|trade ?shows?|samples?|research|r&d)\M', 80, 'cost', 0, 'spread', ''),
	('', '', '\m(sales|receipts?|in\W*flows?|(cash|money) in|payouts?|revenue|income|collections?|receivables?|deposits?|grants?)\M', 90, 'in', 1, 'spread', 'sales')
ON CONFLICT (brand, tab, pattern) DO NOTHING;
