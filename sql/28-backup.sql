-- Backups report themselves: scripts/backup and scripts/restore-drill call this.
CREATE FUNCTION momentum.report_backup(kind text, status text, started_at timestamptz, finished_at timestamptz,
        label text DEFAULT NULL, size_bytes bigint DEFAULT NULL, repository_bytes bigint DEFAULT NULL,
        is_encrypted boolean DEFAULT NULL, detail text DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
DECLARE
    id bigint;
BEGIN
    PERFORM momentum._check_setup();
    PERFORM momentum._check_model_member('report a backup');
    IF report_backup.kind IS NULL OR report_backup.kind NOT IN ('full', 'differential', 'incremental', 'dump', 'drill') THEN
        RAISE EXCEPTION 'kind of backup "%" does not exist', report_backup.kind
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'The kinds are full, differential, incremental, dump and drill.';
    END IF;
    IF report_backup.status IS NULL OR report_backup.status NOT IN ('ok', 'failed') THEN
        RAISE EXCEPTION 'status of backup "%" does not exist', report_backup.status
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'It is ok or failed.';
    END IF;
    IF (report_backup.started_at <= report_backup.finished_at AND isfinite(report_backup.started_at)
        AND report_backup.finished_at <= clock_timestamp() + interval '5 minutes') IS NOT TRUE THEN
        RAISE EXCEPTION 'times of a backup must be known, in order and past'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It was started at %s and finished at %s.', coalesce(report_backup.started_at::text, 'NULL'),
                                  coalesce(report_backup.finished_at::text, 'NULL'));
    END IF;
    INSERT INTO momentum_state.backup_log AS b (kind, status, label, started_at, finished_at, size_bytes, repository_bytes,
            is_encrypted, detail)
        VALUES (report_backup.kind, report_backup.status, report_backup.label, report_backup.started_at,
                report_backup.finished_at, report_backup.size_bytes, report_backup.repository_bytes,
                report_backup.is_encrypted, left(report_backup.detail, 2000))
        ON CONFLICT (kind, label) DO UPDATE
           SET status = excluded.status, started_at = excluded.started_at, finished_at = excluded.finished_at,
               size_bytes = excluded.size_bytes, repository_bytes = excluded.repository_bytes,
               is_encrypted = excluded.is_encrypted, detail = excluded.detail,
               reported_at = excluded.reported_at, reported_by = excluded.reported_by
        RETURNING b.backup_id INTO id;
    RETURN id;
END
$$;
COMMENT ON FUNCTION momentum.report_backup(text, text, timestamptz, timestamptz, text, bigint, bigint, boolean, text) IS
    'Tells the database of a backup or a restore drill, done or failed, for momentum.backup_status and momentum.health(). Told again under the same label it is corrected. Returns the number of its row.';
REVOKE ALL ON FUNCTION momentum.report_backup(text, text, timestamptz, timestamptz, text, bigint, bigint, boolean, text) FROM PUBLIC;
