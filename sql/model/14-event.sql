-- The calendar of a brand.  Nobody guesses: it is empty until somebody adds
-- to it, holidays too.
CREATE TABLE IF NOT EXISTS momentum_state.event (
    brand       text        NOT NULL REFERENCES momentum_state.brand,
    event       text        NOT NULL CHECK (event <> ''),
    from_day    date        NOT NULL,
    to_day      date        NOT NULL,
    kind        text        NOT NULL CHECK (kind IN ('promotion', 'launch', 'holiday', 'stockout', 'other')),
    excluded    boolean     NOT NULL,
    note        text,
    added_at    timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (brand, event, from_day),
    CONSTRAINT event_days CHECK (to_day >= from_day AND to_day - from_day < 366 AND from_day >= '1970-01-01' AND from_day < '2200-01-01')
);
COMMENT ON TABLE momentum_state.event IS 'Promotions, launches, holidays and the like, both days inclusive. Written by momentum.add_event() and remove_event().';
COMMENT ON COLUMN momentum_state.event.excluded IS 'Its days are left out of the fits of trends, of weekday factors and of what counts as unusual. What was sold and spent on them still counts.';

-- For everything that fits, forecasts or judges by what is usual: an anti-join
-- with this view leaves the days of excluded events out, as if they were not
-- known.  Sums (spend, revenue, CAC) keep them.
CREATE OR REPLACE VIEW momentum_state.excluded_day AS
SELECT DISTINCT e.brand, e.from_day + n.n AS day
  FROM momentum_state.event e
 CROSS JOIN LATERAL generate_series(0, e.to_day - e.from_day) n (n)
 WHERE e.excluded;
COMMENT ON VIEW momentum_state.excluded_day IS 'Days that trends, weekday factors and anomalies leave out, once each, per brand.';
