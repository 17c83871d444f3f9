-- The colours that were shown: a better one needs a margin over the last one
-- (hysteresis), so the last one has to be known.
CREATE TABLE IF NOT EXISTS momentum_state.status_log (
    brand       text        NOT NULL,
    metric      text        NOT NULL,
    as_of       date        NOT NULL,
    status      text        NOT NULL CHECK (status IN ('green', 'yellow', 'red')),
    logged_at   timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    PRIMARY KEY (brand, metric, as_of)
);
COMMENT ON TABLE momentum_state.status_log IS 'Colour of each metric of the dashboard, per day it was computed for. Written by the refresh.';
