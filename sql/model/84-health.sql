-- What the last refresh found.
CREATE OR REPLACE VIEW momentum.health_check WITH (security_barrier) AS
SELECT h.brand, h."check", h.object, h.status,
       (CASE h.status WHEN 'ok' THEN 0 WHEN 'warn' THEN 1 ELSE 2 END)::bigint AS severity,
       (CASE WHEN abs(h.value) < 1e18 THEN h.value END)::numeric(24,6) AS value,
       (CASE WHEN abs(h.threshold) < 1e18 THEN h.threshold END)::numeric(24,6) AS threshold,
       h.unit, h.since, h.sentence, h.hint, h.checked_at AS as_of
  FROM momentum_state.health_log h
 WHERE momentum.may_see(h.brand);
COMMENT ON VIEW momentum.health_check IS 'Is all well? One row per check and object, as the last refresh found it; what concerns the server is seen by who sees all brands. momentum.health() looks anew.';
COMMENT ON COLUMN momentum.health_check.brand IS 'The brand; * for the server and what concerns all.';
COMMENT ON COLUMN momentum.health_check."check" IS 'What was looked at: cron, refresh, source, dead_letter, backup, disk, secret and so on; docs/operations.md has the list.';
COMMENT ON COLUMN momentum.health_check.object IS 'Which of them: a job, a source, a file system, a role.';
COMMENT ON COLUMN momentum.health_check.status IS 'ok, warn or fail.';
COMMENT ON COLUMN momentum.health_check.severity IS '0 for ok, 1 for warn, 2 for fail.';
COMMENT ON COLUMN momentum.health_check.value IS 'What was measured, in its unit.';
COMMENT ON COLUMN momentum.health_check.threshold IS 'What it was measured by.';
COMMENT ON COLUMN momentum.health_check.unit IS 'Unit of value and threshold.';
COMMENT ON COLUMN momentum.health_check.since IS 'Since when it stands so.';
COMMENT ON COLUMN momentum.health_check.sentence IS 'What is the matter, in numbers.';
COMMENT ON COLUMN momentum.health_check.hint IS 'What to do, where it is not well.';
COMMENT ON COLUMN momentum.health_check.as_of IS 'When it was looked at.';
