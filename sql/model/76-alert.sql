-- Alerts, open and closed.
CREATE OR REPLACE VIEW momentum.alert WITH (security_barrier) AS
SELECT a.brand, a.alert_id, a.rule, a.object, a.metric, a.severity, a.closed_at IS NULL AS is_open,
       a.closed_at IS NULL AND a.acknowledged_at IS NOT NULL AS is_silent, a.sense, a.message AS sentence,
       a.unit, b.currency, (CASE WHEN abs(a.value) < 1e18 THEN a.value END)::numeric(24,6) AS value,
       (CASE WHEN abs(a.threshold) < 1e18 THEN a.threshold END)::numeric(24,6) AS threshold,
       a.confidence::numeric(9,6) AS confidence, a.figures::text AS figures, a.opened_at, a.opened_day, a.last_seen_at,
       a.closed_at, a.close_reason, a.acknowledged_at, a.note, a.day AS as_of
  FROM momentum_state.alert_log a
  LEFT JOIN momentum_state.brand b ON b.brand = a.brand
 WHERE momentum.may_see(a.brand);
COMMENT ON VIEW momentum.alert IS 'What needs a look: alerts, open and closed, one open row per rule and object. LISTEN momentum_alert tells of each that opens, grows graver or closes, by its alert_id.';
COMMENT ON COLUMN momentum.alert.brand IS 'The brand; * for the server and what concerns all, seen by who sees all brands.';
COMMENT ON COLUMN momentum.alert.alert_id IS 'Number of the alert, for momentum.acknowledge_alert().';
COMMENT ON COLUMN momentum.alert.rule IS 'anomaly (a day unlike its weekday in the last 12 weeks), trend (30 days, at least 95 % sure), target (colour below green), pacing (spend behind its plan), runway, freshness (a source past its max_age), score (its sign turned), health (a check of momentum.health() that is not ok), sla (inquiries whose time to answer runs out).';
COMMENT ON COLUMN momentum.alert.object IS 'What it is about: a metric, a source, the score, a check of the health.';
COMMENT ON COLUMN momentum.alert.metric IS 'Key of the metric, where it is about one.';
COMMENT ON COLUMN momentum.alert.severity IS 'info: good news or none; warn; fail. The gravest since it opened.';
COMMENT ON COLUMN momentum.alert.is_open IS 'True until its condition does not hold for two judgements in a row, of two days for what is about days.';
COMMENT ON COLUMN momentum.alert.is_silent IS 'Open, but acknowledged since it last grew graver.';
COMMENT ON COLUMN momentum.alert.sense IS 'Which way: up, down, missed, short, late, failing.';
COMMENT ON COLUMN momentum.alert.sentence IS 'What is the matter, in numbers: as of the last day on which it was.';
COMMENT ON COLUMN momentum.alert.unit IS 'Unit of value and threshold. A trend is measured by its probability.';
COMMENT ON COLUMN momentum.alert.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.alert.value IS 'What was measured: anomaly, target: the metric; trend: probability of growth; pacing: share of the plan; runway, freshness: days; score: points; health: in its unit.';
COMMENT ON COLUMN momentum.alert.threshold IS 'What it was measured by: anomaly: the usual value; the others: the limit.';
COMMENT ON COLUMN momentum.alert.confidence IS 'How sure it is, where that is known: 0 to 1.';
COMMENT ON COLUMN momentum.alert.figures IS 'All figures of the sentence and behind it, by name (JSON).';
COMMENT ON COLUMN momentum.alert.opened_at IS 'When it opened.';
COMMENT ON COLUMN momentum.alert.opened_day IS 'The day of the data that opened it.';
COMMENT ON COLUMN momentum.alert.last_seen_at IS 'When its condition was last found to hold by something new.';
COMMENT ON COLUMN momentum.alert.closed_at IS 'When it closed.';
COMMENT ON COLUMN momentum.alert.close_reason IS 'ended (two judgements without it), restated (its day was corrected), turned (it went the other way), unknown (cannot be told any more), gone (what it was about is not there any more).';
COMMENT ON COLUMN momentum.alert.acknowledged_at IS 'When momentum.acknowledge_alert() was called for it.';
COMMENT ON COLUMN momentum.alert.note IS 'What was noted then.';
COMMENT ON COLUMN momentum.alert.as_of IS 'The last day on which its condition held.';
