-- What was asked of the services, and how far their limits are used.

CREATE FUNCTION momentum._stat_scan(
    OUT server oid, OUT resource text, OUT scans bigint, OUT requests bigint,
    OUT status_2xx bigint, OUT status_3xx bigint, OUT status_4xx bigint, OUT status_429 bigint, OUT status_5xx bigint,
    OUT failures bigint, OUT errors bigint, OUT retries bigint, OUT throttled bigint,
    OUT waits bigint, OUT wait_time double precision, OUT bytes bigint, OUT rows bigint,
    OUT last_error text, OUT last_sqlstate text, OUT last_error_at timestamp with time zone,
    OUT quota_left double precision, OUT learned_rows double precision, OUT learned_width double precision,
    OUT stats_reset timestamp with time zone) RETURNS SETOF record
    LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'mo_stat_scan_rows';
COMMENT ON FUNCTION momentum._stat_scan() IS
    'What momentum.stat_scan shows, by the server''s oid.';
REVOKE ALL ON FUNCTION momentum._stat_scan() FROM PUBLIC;

CREATE FUNCTION momentum._stat_limit(
    OUT server oid, OUT bucket text, OUT capacity double precision, OUT available double precision,
    OUT refill double precision, OUT window_seconds double precision,
    OUT paused_until timestamp with time zone, OUT waiters integer, OUT refusals bigint) RETURNS SETOF record
    LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'mo_stat_limit_rows';
COMMENT ON FUNCTION momentum._stat_limit() IS
    'The rate limits that momentum.stat_limit shows, by the server''s oid.';
REVOKE ALL ON FUNCTION momentum._stat_limit() FROM PUBLIC;

CREATE FUNCTION momentum._stat_breaker(
    OUT server oid, OUT userid oid, OUT state text, OUT failures integer, OUT since timestamp with time zone,
    OUT open_until timestamp with time zone, OUT error text) RETURNS SETOF record
    LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'mo_stat_breaker_rows';
COMMENT ON FUNCTION momentum._stat_breaker() IS
    'The circuit breakers that have failures: of a server, or of one user''s credential there.';
REVOKE ALL ON FUNCTION momentum._stat_breaker() FROM PUBLIC;

CREATE VIEW momentum.stat_scan AS
    SELECT f.srvname AS server, s.resource, s.scans, s.requests,
           s.status_2xx, s.status_3xx, s.status_4xx, s.status_429, s.status_5xx,
           s.failures, s.errors, s.retries, s.throttled, s.waits, s.wait_time, s.bytes, s.rows,
           s.last_error, s.last_sqlstate, s.last_error_at,
           s.quota_left, s.learned_rows, s.learned_width, s.stats_reset
      FROM momentum._stat_scan() s
      JOIN pg_catalog.pg_foreign_server f ON f.oid OPERATOR(pg_catalog.=) s.server;
COMMENT ON VIEW momentum.stat_scan IS
    'What was asked of each foreign server and resource since the server''s start or stats_reset, rolled back or not.';
COMMENT ON COLUMN momentum.stat_scan.server IS 'Foreign server.';
COMMENT ON COLUMN momentum.stat_scan.resource IS 'What was asked of it: the list, report or table of the service.';
COMMENT ON COLUMN momentum.stat_scan.scans IS 'Scans that made a request.';
COMMENT ON COLUMN momentum.stat_scan.requests IS 'Requests sent, repeated ones too.';
COMMENT ON COLUMN momentum.stat_scan.status_2xx IS 'Answers of status 200 to 299.';
COMMENT ON COLUMN momentum.stat_scan.status_3xx IS 'Answers of status 300 to 399: redirects.';
COMMENT ON COLUMN momentum.stat_scan.status_4xx IS 'Answers of status 400 to 499 other than 429.';
COMMENT ON COLUMN momentum.stat_scan.status_429 IS 'Answers of status 429: too many requests.';
COMMENT ON COLUMN momentum.stat_scan.status_5xx IS 'Answers of status 500 to 599: the service failed.';
COMMENT ON COLUMN momentum.stat_scan.failures IS 'Requests without an answer: no connection, cut off, timed out.';
COMMENT ON COLUMN momentum.stat_scan.errors IS 'Requests given up: the statement failed.';
COMMENT ON COLUMN momentum.stat_scan.retries IS 'Requests repeated after a failure or a refusal.';
COMMENT ON COLUMN momentum.stat_scan.throttled IS 'Answers that asked to slow down, whatever their status.';
COMMENT ON COLUMN momentum.stat_scan.waits IS 'Requests that waited for a rate limit.';
COMMENT ON COLUMN momentum.stat_scan.wait_time IS 'How long they did, in milliseconds.';
COMMENT ON COLUMN momentum.stat_scan.bytes IS 'Bytes received, as they came over the wire.';
COMMENT ON COLUMN momentum.stat_scan.rows IS 'Records received.';
COMMENT ON COLUMN momentum.stat_scan.last_error IS 'Message of the last error.';
COMMENT ON COLUMN momentum.stat_scan.last_sqlstate IS 'Its SQLSTATE.';
COMMENT ON COLUMN momentum.stat_scan.last_error_at IS 'When it was.';
COMMENT ON COLUMN momentum.stat_scan.quota_left IS 'What the service last said is left of a limit, in its own unit.';
COMMENT ON COLUMN momentum.stat_scan.learned_rows IS 'Rows of the last scan that read all there is: what the planner expects.';
COMMENT ON COLUMN momentum.stat_scan.learned_width IS 'Bytes a row of that scan.';
COMMENT ON COLUMN momentum.stat_scan.stats_reset IS 'Since when is counted.';
REVOKE ALL ON momentum.stat_scan FROM PUBLIC;

CREATE VIEW momentum.stat_limit AS
    SELECT f.srvname AS server, l.bucket, l.capacity, l.available, l.refill, l.window_seconds,
           l.paused_until, l.waiters, l.refusals,
           coalesce(b.state, 'closed') AS breaker, coalesce(b.failures, 0) AS breaker_failures,
           b.since AS breaker_since, b.open_until AS breaker_until, b.error AS breaker_error
      FROM momentum._stat_limit() l
      FULL JOIN (SELECT DISTINCT ON (x.server) x.*
                   FROM momentum._stat_breaker() x
                  ORDER BY x.server, x.state OPERATOR(pg_catalog.=) 'closed', x.failures DESC) b
             ON b.server OPERATOR(pg_catalog.=) l.server
      JOIN pg_catalog.pg_foreign_server f ON f.oid OPERATOR(pg_catalog.=) coalesce(l.server, b.server);
COMMENT ON VIEW momentum.stat_limit IS
    'The rate limits of each foreign server that was asked, and its circuit breaker.';
COMMENT ON COLUMN momentum.stat_limit.server IS 'Foreign server.';
COMMENT ON COLUMN momentum.stat_limit.bucket IS 'Name of the limit; NULL where only the breaker is known.';
COMMENT ON COLUMN momentum.stat_limit.capacity IS 'What can be asked for at once when nothing is used, in the limit''s own unit.';
COMMENT ON COLUMN momentum.stat_limit.available IS 'What could be asked for at once.';
COMMENT ON COLUMN momentum.stat_limit.refill IS 'What comes back in a second.';
COMMENT ON COLUMN momentum.stat_limit.window_seconds IS 'Span in which no more than capacity is asked; NULL for a bucket that fills steadily.';
COMMENT ON COLUMN momentum.stat_limit.paused_until IS 'The service asked to wait: nobody asks before.';
COMMENT ON COLUMN momentum.stat_limit.waiters IS 'Sessions that wait for it now.';
COMMENT ON COLUMN momentum.stat_limit.refusals IS 'How often the service asked to slow down.';
COMMENT ON COLUMN momentum.stat_limit.breaker IS 'closed; open: the server is left alone; half-open: one session tries.';
COMMENT ON COLUMN momentum.stat_limit.breaker_failures IS 'Failed requests in a row.';
COMMENT ON COLUMN momentum.stat_limit.breaker_since IS 'Since when the breaker is in this state.';
COMMENT ON COLUMN momentum.stat_limit.breaker_until IS 'Until when the server is left alone.';
COMMENT ON COLUMN momentum.stat_limit.breaker_error IS 'The error that the last of them gave.';
REVOKE ALL ON momentum.stat_limit FROM PUBLIC;

CREATE FUNCTION momentum.stat_reset(server name DEFAULT NULL) RETURNS void
    LANGUAGE C VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'mo_stat_reset_sql';
COMMENT ON FUNCTION momentum.stat_reset(name) IS
    'Sets the counters of momentum.stat_scan and stat_limit back to zero, of one server or of all.';
REVOKE ALL ON FUNCTION momentum.stat_reset(name) FROM PUBLIC;

CREATE FUNCTION momentum.reset_limits(server name DEFAULT NULL) RETURNS void
    LANGUAGE C VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'mo_limit_reset_sql';
COMMENT ON FUNCTION momentum.reset_limits(name) IS
    'Forgets pauses, what is used of the limits, and failures, of one server or of all: for when the service says that they no longer hold.';
REVOKE ALL ON FUNCTION momentum.reset_limits(name) FROM PUBLIC;

GRANT USAGE ON SCHEMA momentum TO pg_read_all_stats;
GRANT EXECUTE ON FUNCTION momentum._stat_scan(), momentum._stat_limit(), momentum._stat_breaker() TO pg_read_all_stats;
GRANT SELECT ON momentum.stat_scan, momentum.stat_limit TO pg_read_all_stats;
