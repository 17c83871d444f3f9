-- How fresh each stream is and what ails it; and how far a first load has come.
CREATE OR REPLACE VIEW momentum.source_health WITH (security_barrier) AS
SELECT st.brand,
       st.source,
       c.service,
       st.stream,
       CASE WHEN st.status = 'failed' THEN 'failed'
            WHEN st.last_run_at IS NULL THEN 'new'
            WHEN st.status = 'loading' THEN 'loading'
            WHEN st.due_at < pg_catalog.now() - interval '1 hour' THEN 'late'
            ELSE 'ok' END AS status,
       st.complete_through,
       ((pg_catalog.now() AT TIME ZONE b.time_zone)::date - 1 - st.complete_through)::bigint AS days_behind,
       st.last_success_at,
       pg_catalog.round(EXTRACT(epoch FROM pg_catalog.now() - st.last_success_at) / 60)::bigint
           AS minutes_since_success,
       st.due_at AS next_due_at,
       st.failures::bigint AS failures,
       CASE WHEN st.status = 'failed' THEN st.last_sqlstate END AS sqlstate,
       -- A value or a key that was refused is of a row.
       CASE WHEN st.status = 'failed'
            THEN CASE WHEN st.last_sqlstate ~ '^2[123]' AND NOT momentum.may_see_personal(st.brand) THEN momentum._mask_error(st.last_error)
                      ELSE st.last_error END END AS error,
       st.last_error_at,
       st.rows_stored AS row_count,
       st.foreign_currency_rows,
       pg_catalog.cardinality(st.warnings)::bigint AS warning_count,
       nullif(pg_catalog.array_to_string(st.warnings, E'\n'), '') AS warnings,
       c.time_zone AS source_time_zone,
       c.currency AS source_currency,
       st.foreign_table,
       st.complete_through AS as_of,
       (SELECT pg_catalog.count(*) FROM momentum_state.dead_letter d
         WHERE d.brand = st.brand AND d.source = st.source AND d.replayed_at IS NULL) AS refused_rows
  FROM momentum_state.stream st
  JOIN momentum_state.source c ON c.brand = st.brand AND c.source = st.source
  JOIN momentum_state.brand b ON b.brand = st.brand
 WHERE momentum.may_see(st.brand);
COMMENT ON VIEW momentum.source_health IS 'Each stream of each source: is it fresh, what ails it, what it warns of.';
COMMENT ON COLUMN momentum.source_health.brand IS 'The brand.';
COMMENT ON COLUMN momentum.source_health.source IS 'The foreign server.';
COMMENT ON COLUMN momentum.source_health.service IS 'The service behind it.';
COMMENT ON COLUMN momentum.source_health.stream IS 'What is read from it.';
COMMENT ON COLUMN momentum.source_health.status IS 'ok, new (never run), loading (history), late (due for over an hour), failed.';
COMMENT ON COLUMN momentum.source_health.complete_through IS 'Last day proven complete.';
COMMENT ON COLUMN momentum.source_health.days_behind IS 'Days between complete_through and yesterday, in the brand''s zone.';
COMMENT ON COLUMN momentum.source_health.last_success_at IS 'When a slice last went well.';
COMMENT ON COLUMN momentum.source_health.minutes_since_success IS 'Minutes since then.';
COMMENT ON COLUMN momentum.source_health.next_due_at IS 'When it is tried next.';
COMMENT ON COLUMN momentum.source_health.failures IS 'Failures in a row.';
COMMENT ON COLUMN momentum.source_health.sqlstate IS 'SQLSTATE of the failure that stands.';
COMMENT ON COLUMN momentum.source_health.error IS 'The failure that stands; what it quotes of a row is left out for those who may not see personal data.';
COMMENT ON COLUMN momentum.source_health.last_error_at IS 'When it last failed.';
COMMENT ON COLUMN momentum.source_health.row_count IS 'Rows it has brought into the hub.';
COMMENT ON COLUMN momentum.source_health.foreign_currency_rows IS 'Rows in another currency: kept, left out of the sums.';
COMMENT ON COLUMN momentum.source_health.warning_count IS 'Number of warnings.';
COMMENT ON COLUMN momentum.source_health.warnings IS 'What the last reading warned of, one per line, such as sheet lines that match nothing.';
COMMENT ON COLUMN momentum.source_health.source_time_zone IS 'Zone of the account''s days.';
COMMENT ON COLUMN momentum.source_health.source_currency IS 'Currency of the account.';
COMMENT ON COLUMN momentum.source_health.foreign_table IS 'The foreign table it is read from.';
COMMENT ON COLUMN momentum.source_health.as_of IS 'complete_through, by the name that all views have for it.';
COMMENT ON COLUMN momentum.source_health.refused_rows IS 'Rows of the source, whatever the stream, that were refused and wait among the dead letters: its complete days lack them.';

CREATE OR REPLACE VIEW momentum.sync_progress WITH (security_barrier) AS
SELECT st.brand,
       st.source,
       st.stream,
       st.status,
       p.loaded_from,
       p.loaded_through,
       p.goal,
       (CASE WHEN p.goal > p.loaded_from
             THEN least(1, EXTRACT(epoch FROM p.loaded_through - p.loaded_from)
                           / EXTRACT(epoch FROM p.goal - p.loaded_from)) END)::numeric(9,6) AS share_done,
       r.slices,
       r.rows_read::bigint AS rows_read,
       r.pages::bigint AS pages,
       pg_catalog.round(r.seconds, 1)::numeric(18,1) AS seconds,
       (CASE WHEN p.loaded_through > p.loaded_from AND p.goal > p.loaded_through
             THEN pg_catalog.round(r.seconds * EXTRACT(epoch FROM p.goal - p.loaded_through)
                                   / EXTRACT(epoch FROM p.loaded_through - p.loaded_from)) END)::bigint
           AS seconds_left,
       st.complete_through AS as_of
  FROM momentum_state.stream st
  JOIN momentum_state.brand b ON b.brand = st.brand
 CROSS JOIN LATERAL (
    SELECT st.first_day::timestamp AT TIME ZONE b.time_zone AS loaded_from,
           CASE WHEN st.first_day IS NOT NULL THEN
                CASE WHEN st.complete_through IS NOT NULL AND NOT st.continuing THEN st.ceiling_at
                     ELSE coalesce(nullif(st.cursor_at, st.first_day::timestamp AT TIME ZONE b.time_zone),
                                   st.cursor_day::timestamp AT TIME ZONE b.time_zone) END END AS loaded_through,
           st.ceiling_at AS goal) p
  LEFT JOIN LATERAL (
    SELECT pg_catalog.count(*) AS slices, sum(u.rows_read) AS rows_read, sum(u.pages) AS pages,
           sum(EXTRACT(epoch FROM u.finished_at - u.started_at)) AS seconds
      FROM momentum_state.run u
     WHERE u.brand = st.brand AND u.source = st.source AND u.stream = st.stream AND u.status = 'ok') r ON true
 WHERE momentum.may_see(st.brand);
COMMENT ON VIEW momentum.sync_progress IS 'How far each stream has been read, and how long the rest may take. A slice shows once it is stored.';
COMMENT ON COLUMN momentum.sync_progress.brand IS 'The brand.';
COMMENT ON COLUMN momentum.sync_progress.source IS 'The foreign server.';
COMMENT ON COLUMN momentum.sync_progress.stream IS 'What is read from it.';
COMMENT ON COLUMN momentum.sync_progress.status IS 'new, loading, ok or failed.';
COMMENT ON COLUMN momentum.sync_progress.loaded_from IS 'Beginning of the history asked for.';
COMMENT ON COLUMN momentum.sync_progress.loaded_through IS 'How far it has been read.';
COMMENT ON COLUMN momentum.sync_progress.goal IS 'Where the pass ends.';
COMMENT ON COLUMN momentum.sync_progress.share_done IS 'Share of the way, 0 to 1.';
COMMENT ON COLUMN momentum.sync_progress.slices IS 'Slices stored, as far back as runs are kept.';
COMMENT ON COLUMN momentum.sync_progress.rows_read IS 'Rows they read.';
COMMENT ON COLUMN momentum.sync_progress.pages IS 'Pages they fetched.';
COMMENT ON COLUMN momentum.sync_progress.seconds IS 'Time they took.';
COMMENT ON COLUMN momentum.sync_progress.seconds_left IS 'Estimate for the rest, at the same pace.';
COMMENT ON COLUMN momentum.sync_progress.as_of IS 'Last day proven complete.';
