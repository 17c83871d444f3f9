-- Do the daily values still follow from the facts?
CREATE OR REPLACE VIEW momentum.reconciliation WITH (security_barrier) AS
SELECT l.brand, l.run_id, l.started_at, l.finished_at,
       CASE WHEN l.finished_at IS NULL THEN 'unfinished'
            WHEN l.drift = 0 THEN 'no drift'
            WHEN l.healed = l.drift THEN 'healed'
            ELSE 'drift' END AS status,
       l.first_day, l.last_day, l.compared AS values_compared, l.drift AS drift_found, l.healed, l.through AS as_of
  FROM momentum_state.reconcile_log l
 WHERE momentum.may_see(l.brand);
COMMENT ON VIEW momentum.reconciliation IS 'Each time that momentum.reconcile() computed all daily values of a brand anew and compared them with those stored.';
COMMENT ON COLUMN momentum.reconciliation.brand IS 'The brand.';
COMMENT ON COLUMN momentum.reconciliation.run_id IS 'Number of the pass; momentum.drift has what it found.';
COMMENT ON COLUMN momentum.reconciliation.started_at IS 'When it began.';
COMMENT ON COLUMN momentum.reconciliation.finished_at IS 'When it came to its end; NULL when it has not.';
COMMENT ON COLUMN momentum.reconciliation.status IS 'no drift; healed: there was some and it is mended; drift: there is some; unfinished: it runs or was stopped.';
COMMENT ON COLUMN momentum.reconciliation.first_day IS 'First day to compare.';
COMMENT ON COLUMN momentum.reconciliation.last_day IS 'Last day to compare.';
COMMENT ON COLUMN momentum.reconciliation.values_compared IS 'Daily values compared: those stored, and those that should be.';
COMMENT ON COLUMN momentum.reconciliation.drift_found IS 'How many of them differed.';
COMMENT ON COLUMN momentum.reconciliation.healed IS 'How many of these were mended.';
COMMENT ON COLUMN momentum.reconciliation.as_of IS 'Last day compared.';

CREATE OR REPLACE VIEW momentum.drift WITH (security_barrier) AS
SELECT d.brand, d.run_id, d.metric, d.channel, d.day, d.day::timestamp AT TIME ZONE b.time_zone AS "time",
       d.stored::numeric(24,6) AS stored, d.recomputed::numeric(24,6) AS recomputed,
       (coalesce(d.recomputed, 0) - coalesce(d.stored, 0))::numeric(24,6) AS difference, d.is_healed, d.found_at,
       l.through AS as_of
  FROM momentum_state.drift d
  JOIN momentum_state.brand b ON b.brand = d.brand
  JOIN momentum_state.reconcile_log l ON l.brand = d.brand AND l.run_id = d.run_id
 WHERE momentum.may_see(d.brand);
COMMENT ON VIEW momentum.drift IS 'Daily values that momentum.reconcile() found to differ from the facts, up to a thousand for each two months of a pass.';
COMMENT ON COLUMN momentum.drift.brand IS 'The brand.';
COMMENT ON COLUMN momentum.drift.run_id IS 'The pass that found it.';
COMMENT ON COLUMN momentum.drift.metric IS 'The metric.';
COMMENT ON COLUMN momentum.drift.channel IS 'Its channel.';
COMMENT ON COLUMN momentum.drift.day IS 'The day.';
COMMENT ON COLUMN momentum.drift."time" IS 'Beginning of that day, for charts.';
COMMENT ON COLUMN momentum.drift.stored IS 'The value as it was; NULL when there was none.';
COMMENT ON COLUMN momentum.drift.recomputed IS 'What the facts come to; NULL when they give no value for the day.';
COMMENT ON COLUMN momentum.drift.difference IS 'recomputed less stored, an absent one counted as zero.';
COMMENT ON COLUMN momentum.drift.is_healed IS 'True when it was mended on the spot.';
COMMENT ON COLUMN momentum.drift.found_at IS 'When it was found.';
COMMENT ON COLUMN momentum.drift.as_of IS 'Last day that its pass compared.';
