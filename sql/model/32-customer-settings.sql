-- What makes a customer a VIP, and the stages of a customer's life.
INSERT INTO momentum_state.setting (brand, key, value, description) VALUES
    ('', 'vip.threshold', '500', 'Lifetime revenue, in the brand''s currency, above which a customer is a VIP.'),
    ('', 'lifecycle.new_days', '30', 'Days after the first order in which a customer is new.'),
    ('', 'lifecycle.loyal_orders', '4', 'Orders from which on a customer is loyal.'),
    ('', 'lifecycle.at_risk_days', '90', 'Days without an order after which a customer is at risk.'),
    ('', 'lifecycle.lapsed_days', '180', 'Days without an order after which a customer has lapsed.')
ON CONFLICT (brand, key) DO NOTHING;
