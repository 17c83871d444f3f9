-- How old the newest backup of each kind is, and whether it is of use.
CREATE OR REPLACE VIEW momentum.backup_status WITH (security_barrier) AS
SELECT k.kind,
       CASE WHEN l.status = 'failed' THEN 'failed' WHEN d.finished_at IS NULL THEN 'none' ELSE 'ok' END AS status,
       d.finished_at AS last_ok_at,
       (EXTRACT(epoch FROM pg_catalog.now() - d.finished_at) / 3600)::numeric(18,2) AS age_hours,
       d.label, d.size_bytes, d.repository_bytes, d.is_encrypted,
       EXTRACT(epoch FROM d.finished_at - d.started_at)::numeric(18,1) AS run_duration_seconds,
       CASE WHEN l.status = 'failed' THEN l.finished_at END AS failed_at,
       CASE WHEN l.status = 'failed' THEN l.detail ELSE d.detail END AS detail,
       n.done_30d, n.failed_30d,
       d.finished_at AS as_of
  FROM (VALUES (1, 'full'), (2, 'differential'), (3, 'incremental'), (4, 'dump'), (5, 'drill')) k (place, kind)
  LEFT JOIN LATERAL (
    SELECT b.* FROM momentum_state.backup_log b
     WHERE b.kind = k.kind AND b.status = 'ok' ORDER BY b.finished_at DESC LIMIT 1) d ON true
  LEFT JOIN LATERAL (
    SELECT b.status, b.finished_at, b.detail FROM momentum_state.backup_log b
     WHERE b.kind = k.kind ORDER BY b.finished_at DESC, b.backup_id DESC LIMIT 1) l ON true
 CROSS JOIN LATERAL (
    SELECT pg_catalog.count(*) FILTER (WHERE b.status = 'ok') AS done_30d,
           pg_catalog.count(*) FILTER (WHERE b.status = 'failed') AS failed_30d
      FROM momentum_state.backup_log b
     WHERE b.kind = k.kind AND b.finished_at > pg_catalog.now() - interval '30 days') n
 WHERE momentum.may_see('*')
UNION ALL
SELECT 'archive',
       CASE WHEN pg_catalog.current_setting('archive_mode') = 'off' THEN 'none'
            WHEN a.last_failed_time > coalesce(a.last_archived_time, '-infinity') THEN 'failed'
            WHEN a.last_archived_time IS NULL THEN 'none' ELSE 'ok' END,
       a.last_archived_time,
       (EXTRACT(epoch FROM pg_catalog.now() - a.last_archived_time) / 3600)::numeric(18,2),
       a.last_archived_wal, NULL, NULL, NULL, NULL::numeric(18,1),
       CASE WHEN a.last_failed_time > coalesce(a.last_archived_time, '-infinity') THEN a.last_failed_time END,
       CASE WHEN a.last_failed_time > coalesce(a.last_archived_time, '-infinity')
            THEN pg_catalog.format('segment %s could not be archived', a.last_failed_wal) END,
       a.archived_count, a.failed_count, a.last_archived_time
  FROM pg_catalog.pg_stat_archiver a
 WHERE momentum.may_see('*');
COMMENT ON VIEW momentum.backup_status IS 'The newest backup of each kind, and the newest restore drill; seen by who sees all brands.';
COMMENT ON COLUMN momentum.backup_status.kind IS 'full, differential, incremental (pgBackRest), dump (pg_dump), drill (restored and compared), archive (the log, segment by segment: for any point in time).';
COMMENT ON COLUMN momentum.backup_status.status IS 'ok, failed (the last try), none.';
COMMENT ON COLUMN momentum.backup_status.last_ok_at IS 'When the last good one was finished.';
COMMENT ON COLUMN momentum.backup_status.age_hours IS 'Hours since then.';
COMMENT ON COLUMN momentum.backup_status.label IS 'Its name in the repository; of the archive the newest segment.';
COMMENT ON COLUMN momentum.backup_status.size_bytes IS 'Size of what it saved.';
COMMENT ON COLUMN momentum.backup_status.repository_bytes IS 'What it takes in the repository.';
COMMENT ON COLUMN momentum.backup_status.is_encrypted IS 'Its repository is encrypted; NULL: not told.';
COMMENT ON COLUMN momentum.backup_status.run_duration_seconds IS 'How long it took.';
COMMENT ON COLUMN momentum.backup_status.failed_at IS 'When the last try failed, if it did.';
COMMENT ON COLUMN momentum.backup_status.detail IS 'Why; of a drill that went well, what was compared.';
COMMENT ON COLUMN momentum.backup_status.done_30d IS 'Good ones in 30 days; of the archive, segments since its counters were reset.';
COMMENT ON COLUMN momentum.backup_status.failed_30d IS 'Failed ones in 30 days; of the archive, since its counters were reset.';
COMMENT ON COLUMN momentum.backup_status.as_of IS 'last_ok_at, by the name that all views have for it.';
