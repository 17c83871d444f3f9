-- Is all well?  Each check, driven to ok, warn and fail; cron, checksums, long
-- transactions and what leaves the database are test/t/health.pl's.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES ('tea', 'Tea', 'UTC', 'USD'), ('milk', 'Milk', 'UTC', 'USD');
CREATE VIEW public.seen AS
	SELECT brand, "check", object, status, round(value::numeric, 1) AS value, round(threshold::numeric, 1) AS threshold, unit FROM momentum.health() ORDER BY 1, 2, 3;
CREATE VIEW public.told AS SELECT brand, "check", status, sentence, hint FROM momentum.health();

-- What every row has: a word, a sentence, and where it is not well a hint.
SELECT * FROM momentum.health() WHERE (status IN ('ok', 'warn', 'fail') AND sentence ~ '\.$' AND since <= clock_timestamp()
	AND (status = 'ok' OR hint ~ '\.$')) IS NOT TRUE;
SELECT DISTINCT "check" FROM momentum.health() ORDER BY 1;

-- Backups: the first is due a day after the brand came; then age counts.
SELECT * FROM public.seen WHERE "check" IN ('backup', 'drill');
UPDATE momentum_state.brand SET added_at = now() - interval '27 hours';
SELECT status, sentence, hint FROM public.told WHERE "check" = 'backup';
INSERT INTO momentum_state.backup_log (kind, status, started_at, finished_at, is_encrypted)
SELECT k, 'ok', now() - a - interval '1 min', now() - a, true
  FROM (VALUES ('full', interval '60 hours'), ('drill', interval '40 days')) v (k, a);
SELECT * FROM public.seen WHERE "check" IN ('backup', 'drill');
INSERT INTO momentum_state.backup_log (kind, status, started_at, finished_at, is_encrypted)
SELECT k, 'ok', now() - a - interval '1 min', now() - a, k = 'drill'
  FROM (VALUES ('incremental', interval '30 hours'), ('drill', interval '9 days')) v (k, a);
SELECT * FROM public.seen WHERE "check" IN ('backup', 'drill') OR object = 'backup';
INSERT INTO momentum_state.backup_log (kind, status, started_at, finished_at, is_encrypted)
SELECT k, 'ok', now() - a, now() - a, true FROM (VALUES ('incremental', interval '2 hours'), ('drill', interval '2 days')) v (k, a);
SELECT * FROM public.seen WHERE "check" IN ('backup', 'drill') OR object = 'backup';
-- A failed one is told though the one before it is young.
INSERT INTO momentum_state.backup_log (kind, status, started_at, finished_at) VALUES ('full', 'failed', now(), now()), ('drill', 'failed', now(), now());
SELECT "check", status, sentence FROM public.told WHERE "check" IN ('backup', 'drill');

-- Rows that were refused, by brand; a row that names no brand is everybody's.
SELECT * FROM public.seen WHERE "check" = 'dead_letter';
INSERT INTO momentum_state.dead_letter (brand, source, feed, origin, item, reason, first_at) VALUES ('tea', 's', 'orders', 'door', 'a', 'why', '2026-06-01'), ('', 's', 'orders', 'door', 'a', 'why', '2026-06-01');
INSERT INTO momentum_state.dead_letter (brand, source, feed, origin, item, reason) SELECT 'milk', 's', 'orders', 'door', n, 'why' FROM generate_series(1, 100) n;
SELECT * FROM public.seen WHERE "check" = 'dead_letter';
SELECT status, sentence, hint FROM public.told WHERE "check" = 'dead_letter' AND brand = 'tea';
UPDATE momentum_state.dead_letter SET replayed_at = now();
SELECT DISTINCT status FROM public.told WHERE "check" = 'dead_letter';

-- A secret says when it ends, or somebody says so; another value forgets it.
COPY momentum.secret_entry (value) FROM STDIN WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02');
test_health_one={"client_id": "a", "client_secret": "b", "expires_at": "2035-01-01T10:00:00+02:00"}
test_health_two=plain_token
\.
SELECT name, expires FROM momentum.secret_names() WHERE name LIKE 'test_health%' ORDER BY 1;
SELECT momentum.set_secret_expiry('test_health_two', now() + interval '3 days');
SELECT object, status, CASE WHEN value > 1000 THEN 'years' ELSE round(value)::text END AS days, threshold FROM momentum.health() WHERE "check" = 'secret' AND object LIKE 'test_health%' ORDER BY 1;
SELECT momentum.set_secret_expiry('test_health_two', now() + interval '12 hours');
SELECT status FROM momentum.health() WHERE object = 'test_health_two';
SELECT momentum.set_secret_expiry('test_health_two', '2026-01-01');
SELECT status, sentence FROM momentum.health() WHERE object = 'test_health_two';
COPY momentum.secret_entry (value) FROM STDIN WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02');
test_health_two={"username": "u", "password": "p", "expires_at": 2051222400}
\.
SELECT name, expires FROM momentum.secret_names() WHERE name = 'test_health_two';
SELECT momentum.set_secret_expiry('test_health_two', NULL);
SELECT expires FROM momentum.secret_names() WHERE name = 'test_health_two';
SELECT momentum.set_secret_expiry('test_health_two', 'infinity');
SELECT momentum.set_secret_expiry('test_health_none', '2035-01-01');

-- Who was erased stays so after a restore by a file outside.
SELECT status, sentence FROM public.told WHERE "check" = 'ledger';
INSERT INTO momentum_state.erasure (brand, kind, hash, ledger, erased_at) VALUES ('tea', 'email', repeat('a', 64), 'another', now());
SELECT status, hint FROM public.told WHERE "check" = 'ledger';
DELETE FROM momentum_state.erasure;

-- Drift is told for a week; what was mended is milder.
SELECT brand, status FROM public.seen WHERE "check" = 'drift';
INSERT INTO momentum_state.reconcile_log (brand, run_id, finished_at, is_healing) VALUES ('tea', 1, now(), true), ('milk', 2, now(), false);
INSERT INTO momentum_state.drift (brand, run_id, metric, day, channel, stored, recomputed, is_healed)
VALUES ('tea', 1, 'orders', '2026-06-20', 'x', 1, 2, true), ('milk', 2, 'orders', '2026-06-20', 'x', 1, 2, false);
SELECT brand, status, value FROM public.seen WHERE "check" = 'drift';
INSERT INTO momentum_state.reconcile_log (brand, run_id, finished_at, is_healing) VALUES ('milk', 3, now(), true);
SELECT brand, status, value FROM public.seen WHERE "check" = 'drift';

-- Sources by the rule of freshness; a refresh that does not come.
INSERT INTO momentum_state.source (brand, source, service, added_at) VALUES ('tea', 'shop', 'shopify', now() - interval '100 days'), ('milk', 'shop', 'shopify', now() - interval '100 days');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, complete_through, status, last_success_at, due_at)
SELECT brand, 'shop', 'orders', 'orders', 's.orders', '15 min', current_date - 5, 'ok', now(), now() + interval '1 day' FROM momentum_state.brand;
SELECT brand, object, status, value, threshold FROM public.seen WHERE "check" = 'source';
UPDATE momentum_state.stream SET complete_through = current_date - 1 - 9 * (brand = 'milk')::int;
SELECT brand, object, status, value, threshold FROM public.seen WHERE "check" = 'source';
SELECT status FROM public.told WHERE "check" = 'refresh';
UPDATE momentum_state.stream SET due_at = now() - interval '30 minutes' WHERE brand = 'tea';
SELECT status, sentence FROM public.told WHERE "check" = 'refresh';
UPDATE momentum_state.stream SET due_at = now() - interval '5 hours' WHERE brand = 'tea';
SELECT status, sentence FROM public.told WHERE "check" = 'refresh';
-- As long as anything runs, a long load keeps nobody waiting.
INSERT INTO momentum_state.run (brand, source, stream, started_at, finished_at, status) VALUES ('tea', 'shop', 'orders', now(), now() - interval '3 minutes', 'ok');
SELECT status FROM public.told WHERE "check" = 'refresh';
UPDATE momentum_state.stream SET due_at = now() + interval '1 day';

-- Answers that cannot be computed.
SELECT status FROM public.told WHERE "check" = 'recompute';
SELECT momentum._note_recompute('22012'), momentum._note_recompute('22012');
SELECT status, sentence FROM public.told WHERE "check" = 'recompute';
UPDATE momentum_state.recompute_failure SET since = now() - interval '61 minutes';
SELECT status, value, threshold FROM public.seen WHERE "check" = 'recompute';
SELECT momentum._note_recompute(NULL);
SELECT status FROM public.told WHERE "check" = 'recompute';

-- Thresholds are settings: by them the disk is full and ids are used up.
SELECT "check", status FROM public.told WHERE "check" IN ('disk', 'transaction_ids') GROUP BY 1, 2 ORDER BY 1;
SELECT momentum.set_setting('', 'health.disk_free_warn', '1'), momentum.set_setting('', 'health.transaction_ids_warn', '1');
SELECT "check", status FROM public.told WHERE "check" IN ('disk', 'transaction_ids') GROUP BY 1, 2 ORDER BY 1;
SELECT momentum.set_setting('', 'health.disk_free_fail', '0.9999'), momentum.set_setting('', 'health.transaction_ids_fail', '2');
SELECT "check", status FROM public.told WHERE "check" IN ('disk', 'transaction_ids') GROUP BY 1, 2 ORDER BY 1;
SELECT momentum.set_setting('', 'health.disk_free_warn', '0'), momentum.set_setting('', 'health.disk_free_fail', '-1'),
	momentum.set_setting('', 'health.transaction_ids_warn', '500000000'), momentum.set_setting('', 'health.transaction_ids_fail', '1500000000');

-- A slot holds log back.
SELECT count(pg_create_physical_replication_slot('test_health', true));
SELECT status, object FROM public.seen WHERE "check" = 'slot';
SELECT momentum.set_setting('', 'health.slot_gigabytes_warn', '0');
SELECT status, object FROM public.seen WHERE "check" = 'slot';
SELECT pg_drop_replication_slot('test_health');
SELECT momentum.set_setting('', 'health.slot_gigabytes_warn', '1');

-- Encryption: what the kernel tells, or who vouches, by name and day.
SELECT count(*) > 1 AS places, bool_and(h.status = CASE d.encryption WHEN 'encrypted' THEN 'ok' WHEN 'plain' THEN 'fail' ELSE 'warn' END) AS judged
  FROM momentum.health() h JOIN momentum._disk() d ON d.object = h.object WHERE h."check" = 'encryption';
SELECT momentum.set_setting('', 'health.encryption_vouched', 'somebody');
SELECT bool_and((h.status = 'ok') = (d.encryption = 'encrypted')) AS not_enough FROM momentum.health() h JOIN momentum._disk() d ON d.object = h.object WHERE h."check" = 'encryption';
SELECT momentum.set_setting('', 'health.encryption_vouched', 'A. Host, 2026-11-01');
SELECT DISTINCT status FROM momentum.health() h JOIN momentum._disk() d ON d.object = h.object WHERE h."check" = 'encryption';

-- Refused: a few times is nothing, five times within minutes is, and once
-- where once is enough.
CREATE ROLE regress_health_a;
CREATE ROLE regress_health_b;
SELECT momentum.grant_access('regress_health_a', 'reader', 'tea'), momentum.grant_access('regress_health_b', 'reader');
SELECT momentum.reset_denied();
CREATE TABLE public.mine ();
SET ROLE regress_health_a;
SELECT * FROM public.mine;
SELECT * FROM public.mine;
RESET ROLE;
SELECT object, status FROM public.seen WHERE "check" = 'denied';
SET ROLE regress_health_a;
SELECT * FROM public.mine;
SELECT * FROM public.mine;
SELECT * FROM public.mine;
RESET ROLE;
SELECT object, status, value, threshold FROM public.seen WHERE "check" = 'denied';
SET ROLE regress_health_b;
SELECT * FROM momentum_state.setting;
SELECT momentum.set_setting('tea', 'runway.min', '1');
RESET ROLE;
SELECT object, status, value, threshold FROM public.seen WHERE "check" = 'denied';
SELECT role, role_exists, sqlstate, is_login, total, guarded, last_5_minutes, peak_5_minutes FROM momentum.stat_denied ORDER BY role;
-- What an exception block caught was no refusal to anybody.
SET ROLE regress_health_a;
DO $$ BEGIN PERFORM * FROM public.mine; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;
RESET ROLE;
SELECT total FROM momentum.stat_denied WHERE role = 'regress_health_a';

-- A check that fails says so, and no other is harmed.
UPDATE momentum_state.setting SET value = 'soon' WHERE brand = '' AND key = 'health.backup_hours_warn';
SELECT brand, "check", object, status, sentence FROM momentum.health() WHERE object = '(check)';
SELECT count(*) > 10 AS others FROM momentum.health() WHERE object <> '(check)';
UPDATE momentum_state.setting SET value = '26' WHERE brand = '' AND key = 'health.backup_hours_warn';

-- Each refresh keeps what it found, since when, and opens alerts; sources
-- have theirs by the rule of freshness.
SELECT momentum.reset_denied();
SELECT momentum._judge_health();
SELECT brand, rule, object, severity, is_open, sense, sentence FROM momentum.alert WHERE object <> 'checksums' ORDER BY brand, object;
CREATE TEMP TABLE since AS SELECT brand, "check", object, since FROM momentum.health_check;
SELECT momentum._judge_health();
SELECT count(*) AS moved FROM momentum.health_check h JOIN since s USING (brand, "check", object) WHERE h.since <> s.since;
SELECT count(*) FROM momentum.health_check h JOIN momentum.health() n USING (brand, "check", object) WHERE h.since <> n.since OR h.status <> n.status;
-- It closes by the second look that finds it well.
INSERT INTO momentum_state.backup_log (kind, status, started_at, finished_at, is_encrypted) VALUES ('full', 'ok', clock_timestamp(), clock_timestamp(), true), ('drill', 'ok', clock_timestamp(), clock_timestamp(), true);
SELECT momentum._judge_health();
SELECT object, is_open FROM momentum.alert WHERE object IN ('backup', 'drill');
SELECT momentum._judge_health();
SELECT object, is_open, close_reason FROM momentum.alert WHERE object IN ('backup', 'drill');
SELECT "check", status, since > (SELECT max(since) FROM since) AS turned FROM momentum.health_check WHERE "check" IN ('backup', 'drill') ORDER BY 1;
-- What is not there any more is gone.
SELECT momentum._judge_alert('*', 'health', 'slot/gone', NULL, current_date, true, 'failing', 'warn', NULL, NULL, NULL, NULL, 'Lost.', '{}', 2);
SELECT momentum._judge_health();
SELECT is_open, close_reason FROM momentum.alert WHERE object = 'slot/gone';

-- The server's rows are seen by who sees all brands.
SET ROLE regress_health_a;
SELECT DISTINCT brand FROM momentum.health_check;
SELECT DISTINCT brand FROM momentum.alert;
SELECT * FROM momentum.health();
SET ROLE regress_health_b;
SELECT DISTINCT brand FROM momentum.health_check ORDER BY 1;
RESET ROLE;

-- Targets: wrong input.
COPY momentum.secret_entry (value) FROM STDIN WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02');
test_health_sign=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
\.
SELECT momentum.add_alert_target('coffee', 'https://example.com/hook', 'test_health_sign');
SELECT momentum.add_alert_target('tea', 'https://example.com/hook');
SELECT momentum.add_alert_target('tea', NULL, 'test_health_sign');
SELECT momentum.add_alert_target('tea', 'http://example.com/hook', 'test_health_sign');
SELECT momentum.add_alert_target('tea', 'https:///hook', 'test_health_sign');
SELECT momentum.add_alert_target('tea', 'https://user:word@example.com/hook', 'test_health_sign');
SELECT momentum.add_alert_target('tea', E'https://example.com/a\nb', 'test_health_sign');
SELECT momentum.add_alert_target('tea', 'https://example.com/' || repeat('x', 2000), 'test_health_sign');
SELECT momentum.add_alert_target('tea', 'https://example.com/hook', 'test_health_none');
SELECT momentum.add_alert_target('tea', 'https://example.com/hook', 'test_health_sign', 'grave');
SELECT momentum.add_alert_target('tea', 'https://example.com/hook', 'test_health_sign', 'fail', 'pager');
SELECT momentum.add_alert_target('tea', 'https://example.com/ping', NULL, 'fail', 'watch');
SELECT momentum.add_alert_target('*', 'https://example.com/{secret}', NULL, 'fail', 'watch');
-- A secret goes to the hosts it is bound to, and has to be one that signs.
SELECT momentum.add_alert_target('tea', 'https://example.com/hook', 'test_health_sign');
SELECT momentum.bind_secret('test_health_sign', '{example.org}'), momentum.bind_secret('test_health_one', '{example.com}');
SELECT momentum.add_alert_target('tea', 'https://example.com/hook', 'test_health_sign');
SELECT momentum.add_alert_target('tea', 'https://example.com/hook', 'test_health_one');
SELECT momentum.bind_secret('test_health_sign', '{*.example.com,example.com}');
SELECT momentum.remove_alert_target(4711);
SELECT momentum.acknowledge_alert('*', -1);

-- Queued is what is open and grave enough, for the brand and for all.
SELECT momentum.add_alert_target('tea', 'https://example.com/hook', 'test_health_sign', 'fail') IS NOT NULL AS tea,
	momentum.add_alert_target('*', 'https://alerts.example.com/hook', 'test_health_sign') IS NOT NULL AS "all";
SELECT a.brand, a.rule, a.object, t.brand AS told, d.state FROM momentum_state.alert_delivery d JOIN momentum_state.alert_log a USING (brand, alert_id)
  JOIN momentum_state.alert_target t USING (target_id) WHERE a.object <> 'checksums' ORDER BY 1, 2, 3, 4;
SELECT momentum._judge_alert('tea', 'health', 'test', NULL, current_date, true, 'failing', s, 'count', 1, 2, NULL, 'Jane Doe spent 17 USD.', '{"secret": 1}', 1) FROM unnest(ARRAY['warn', 'fail']) s;
SELECT momentum._judge_alert('tea', 'health', 'test', NULL, current_date, false, 'failing', 'warn', 'count', 0, 2, NULL, 'Well.', '{}', 1);
SELECT t.brand AS told, d.state, regexp_replace(regexp_replace(d.body, '\d{4}-[^"]+Z', 'TIME', 'g'), '("alert_id" : )\d+', '\1N') AS body
  FROM momentum_state.alert_delivery d JOIN momentum_state.alert_log a USING (brand, alert_id) JOIN momentum_state.alert_target t USING (target_id)
 WHERE a.object = 'test' ORDER BY t.brand, d.queued_at, d.state;
-- Adding one again changes it; taking it away forgets.
SELECT count(DISTINCT momentum.add_alert_target('tea', 'https://example.com/hook', 'test_health_sign', 'warn')) FROM generate_series(1, 2);
SELECT brand, kind, url, least_severity FROM momentum_state.alert_target ORDER BY 1;
SELECT momentum.remove_alert_target(target_id) FROM momentum_state.alert_target;
SELECT count(*) FROM momentum_state.alert_delivery;
SELECT action, detail - 'target_id' AS detail FROM momentum_state.audit WHERE action LIKE '%alert_target' AND brand IS NULL;

SELECT momentum.drop_secret(name) FROM momentum.secret_names() WHERE name LIKE 'test_health%';
DROP VIEW public.seen, public.told;
DROP OWNED BY regress_health_a, regress_health_b;
DROP ROLE regress_health_a, regress_health_b;
