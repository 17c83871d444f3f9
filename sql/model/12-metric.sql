-- Metrics: the catalogue, their daily values, targets and settings.
CREATE TABLE IF NOT EXISTS momentum_state.metric (
    metric      text    PRIMARY KEY,
    name        text    NOT NULL,
    unit        text    NOT NULL CHECK (unit IN ('money', 'count', 'share', 'ratio', 'units', 'stars', 'points', 'days', 'rank')),
    direction   text    NOT NULL CHECK (direction IN ('up', 'down', 'band')),
    kind        text    NOT NULL CHECK (kind IN ('additive', 'snapshot', 'ratio', 'derived')),
    factor      numeric NOT NULL DEFAULT 1,
    dashboard   integer,
    description text    NOT NULL
);
COMMENT ON TABLE momentum_state.metric IS 'The metric catalogue. Keys are promises.';
COMMENT ON COLUMN momentum_state.metric.direction IS 'up: higher is better, down: lower is better, band: as near to the target as possible.';
COMMENT ON COLUMN momentum_state.metric.kind IS 'additive: daily rows that may be summed; snapshot: daily rows, last value counts; ratio: stored nowhere, factor * numerator / denominator of the same days (momentum_state.metric_term); derived: computed by a rule of its own (momentum_state.ratio_day, momentum.metric_value) from the terms named.';
COMMENT ON COLUMN momentum_state.metric.factor IS 'What a ratio is multiplied by (cost per thousand: 1000).';
COMMENT ON COLUMN momentum_state.metric.dashboard IS 'Place among the seven of the dashboard.';

CREATE TABLE IF NOT EXISTS momentum_state.metric_term (
    metric      text    NOT NULL REFERENCES momentum_state.metric,
    part        text    NOT NULL CHECK (part IN ('numerator', 'denominator')),
    term        text    NOT NULL REFERENCES momentum_state.metric,
    sign        integer NOT NULL DEFAULT 1 CHECK (sign IN (-1, 1)),
    PRIMARY KEY (metric, part, term)
);
COMMENT ON TABLE momentum_state.metric_term IS 'What a ratio is made of: signed sums of additive metrics. Without a denominator row it is 1. Of a derived metric: what its rule reads.';

CREATE TABLE IF NOT EXISTS momentum_state.metric_stream (
    metric      text NOT NULL REFERENCES momentum_state.metric,
    service     text NOT NULL,
    loader      text NOT NULL,
    PRIMARY KEY (metric, service, loader)
);
COMMENT ON TABLE momentum_state.metric_stream IS 'Which loaders feed a metric: all streams of a brand that use one of them must be complete through a day for it to have a value.';

-- Bounded, so that no row, from facts or by hand, is one that no float8 and no
-- report can hold: it would stop the answers of every brand.
CREATE TABLE IF NOT EXISTS momentum_state.metric_daily (
    brand          text    NOT NULL,
    metric         text    NOT NULL,
    day            date    NOT NULL CONSTRAINT metric_daily_day CHECK (day >= '1970-01-01' AND day < '2200-01-01'),
    channel        text    NOT NULL,
    value          numeric NOT NULL CONSTRAINT metric_daily_value CHECK (abs(value) < 1e13),
    provisional    boolean NOT NULL,
    previous_value numeric,
    restated_at    timestamptz,
    PRIMARY KEY (brand, metric, day, channel),
    CONSTRAINT metric_daily_count CHECK (value >= 0 OR metric NOT IN ('orders', 'new_customers', 'new_subscribers', 'sessions', 'retail_doors'))
);
COMMENT ON TABLE momentum_state.metric_daily IS 'Unified metrics: one row per brand, metric, channel and complete day. Zero is a row, absent is no row.';
COMMENT ON COLUMN momentum_state.metric_daily.day IS 'Day in the brand''s zone; never the running one.';
COMMENT ON COLUMN momentum_state.metric_daily.provisional IS 'The service may still restate this day.';
COMMENT ON COLUMN momentum_state.metric_daily.previous_value IS 'Value before the last restatement.';

CREATE TABLE IF NOT EXISTS momentum_state.target (
    brand       text    NOT NULL REFERENCES momentum_state.brand,
    metric      text    NOT NULL REFERENCES momentum_state.metric,
    valid_from  date    NOT NULL,
    value       numeric NOT NULL CHECK (value >= 1e-9 AND value < 1e12),
    PRIMARY KEY (brand, metric, valid_from)
);
COMMENT ON TABLE momentum_state.target IS 'Targets; the newest one not after a day holds on that day. Flow targets are per calendar month. Written by momentum.set_target().';

CREATE TABLE IF NOT EXISTS momentum_state.setting (
    brand       text NOT NULL,
    key         text NOT NULL,
    value       text,
    description text,
    PRIMARY KEY (brand, key)
);
COMMENT ON TABLE momentum_state.setting IS 'Weights, scales, thresholds. Brand '''' holds the defaults. Written by momentum.set_setting().';
