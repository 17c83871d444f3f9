-- Settings of stock and reordering.
INSERT INTO momentum_state.setting (brand, key, value, description) VALUES
    ('', 'stock.keep_days', '400', 'Days that readings of the stock are kept.'),
    ('', 'stock.pace_days', '30', 'Days over which the pace is taken that tells how long stock lasts: 7, 30 or 90.'),
    ('', 'stock.review_days', '7', 'Days between two orders to suppliers: what is ordered must last that much longer than the lead time.')
ON CONFLICT (brand, key) DO NOTHING;
