-- How long persons are known: NULL keeps them.
INSERT INTO momentum_state.setting (brand, key, value, description) VALUES
    ('', 'retention.customers_days',          NULL, 'Days after the last order or inquiry until a customer is pseudonymised; the figures stay.'),
    ('', 'retention.orders_days',             NULL, 'Days after the last order of a person until the orders no longer say whose they are; amounts stay.'),
    ('', 'retention.customer_inquiries_days', NULL, 'Days after a settled inquiry until it no longer says who asked what; its figures stay.'),
    ('', 'retention.dead_letter_days',        NULL, 'Days until a row that was refused is given up and deleted.')
ON CONFLICT (brand, key) DO NOTHING;
