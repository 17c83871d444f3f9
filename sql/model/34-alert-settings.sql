-- Settings of the alerts.
INSERT INTO momentum_state.setting (brand, key, value, description) VALUES
    ('', 'alert.anomaly_at_once', '5', 'Robust z from which one day is an anomaly.'),
    ('', 'alert.anomaly_twice', '3.5', 'Robust z from which two days running, the same way, are an anomaly.'),
    ('', 'alert.anomaly_share', '0.5', 'Relative deviation that is an anomaly where the days compared with are all alike.'),
    ('', 'alert.anomaly_least', '0.05', 'Relative deviation below which nothing is an anomaly.'),
    ('', 'alert.false_share', '0.01', 'Share of false ones among the anomalies of a day that is put up with (Benjamini-Hochberg).'),
    ('', 'alert.min_volume', '30', 'Orders, new customers, sessions or clicks of a day below which it is not tested for an anomaly.'),
    ('', 'alert.trend_sure', '0.95', 'Probability from which a trend raises an alert.'),
    ('', 'alert.pacing_min', '0.9', 'Pacing below which spend is behind its plan.'),
    ('', 'alert.pacing_days', '3', 'Days of a month before its pacing raises an alert.'),
    ('', 'alert.max_age', '3', 'Days a source may be behind that no component of the score has a say in (max_age.*).'),
    ('', 'alert.news_days', '14', 'Days after which a score that turned up is no news any more.'),
    ('', 'alert.unknown_days', '14', 'Days after which an alert closes when its condition cannot be told any more.'),
    ('', 'alert.close_after', '2', 'Judgements by which its condition does not hold until an alert closes.')
ON CONFLICT (brand, key) DO NOTHING;
