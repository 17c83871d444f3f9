-- Settings of inquiries and routine work.
INSERT INTO momentum_state.setting (brand, key, value, description) VALUES
    ('', 'inquiry.escalate_share', '0.75', 'Share of the time to answer after which an unanswered inquiry is at risk and escalated.'),
    ('', 'inquiry.resolve_days', '7', 'Days without a word of the customer after which an answered inquiry counts as resolved.'),
    ('', 'inquiry.close_days', '14', 'Days without a word of the customer after which a resolved inquiry is closed.'),
    ('', 'inquiry.order_days', '60', 'Days within which the latest order of a customer is taken as what an inquiry is about.'),
    ('', 'inquiry.sla_minutes', '120', 'Minutes to answer for an urgency without a row of momentum_state.sla_target.'),
    ('', 'inquiry.language', 'en', 'Language of the suggested replies.'),
    ('', 'review.days', '14', 'Days after delivery on which a review is asked for.'),
    ('', 'review.window_days', '30', 'Days for which asking for a review stays on the list.'),
    ('', 'notify.days', '14', 'Days for which telling a customer that the order is under way stays on the list.'),
    ('', 'notify.delay_days', '5', 'Days after which an order that is not shipped is late, and its customer is told.'),
    ('', 'winback.window_days', '30', 'Days for which a customer who is newly at risk or lapsed (lifecycle.*) stays on the list.')
ON CONFLICT (brand, key) DO NOTHING;
