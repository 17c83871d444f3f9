-- What befalls a business most often.
INSERT INTO momentum_state.scenario (brand, scenario, place, name, in_factor, in_days, cost_factor) VALUES
    ('', 'revenue_down', 1, 'Revenue -20 %', 0.8, 0, 1),
    ('', 'receipts_late', 2, 'Receipts 14 days later', 1, 14, 1),
    ('', 'spend_up', 3, 'Spend +20 %', 1, 0, 1.2)
ON CONFLICT (brand, scenario) DO NOTHING;
