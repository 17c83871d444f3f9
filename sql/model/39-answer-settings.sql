-- Settings of the answers.  NULL is not known: what needs it says so.
INSERT INTO momentum_state.setting (brand, key, value, description) VALUES
    ('', 'split.days', '28', 'Days of each of the two windows whose change is split: whole weeks, a rest is left out; at most 182.'),
    ('', 'payment.fee_rate', '0.029', 'Share of shop sales that the payment services keep, for run-rate forecasts of cash.'),
    ('', 'payout.lag', '2', 'Days from a sale to its payout, for run-rate forecasts of cash.'),
    ('', 'margin.share', NULL, 'Contribution margin as a share of net revenue, before ads; when NULL it comes from the costs in the hub, where they are complete.'),
    ('', 'margin.retail_share', NULL, 'The same in retail.'),
    ('', 'campaign.cost_per_send', NULL, 'Cost of one message of a mail campaign, in money: without it no return on campaigns is known.'),
    ('', 'retail.unit_price', NULL, 'Price of a unit in retail; when NULL it is retail sales per unit.')
ON CONFLICT (brand, key) DO NOTHING;
