# A dump of a running momentum, restored into a fresh cluster, holds the same
# rows and shows the same views; nothing of it touches the network, and the
# next refresh goes on from where the cursors stood.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use MIME::Base64;
use Momentum;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

# These tell the age of things, so they differ from one second to the next.
my @clocked = qw(source_health sync_progress secret_entry stat_scan stat_limit inquiry_sla inquiry_thread suggested_reply todo routine_share);

my $sim = start_simulator();
my $first = new_server('first');
connect_demo($first, $sim);
$first->safe_psql('postgres', 'SELECT momentum.unschedule()');
# A run that pg_cron was about to launch may still begin: it has to stay quiet for a while.
my $quiet = 0;
ok( wait_for(sub {
			my $busy = $first->safe_psql('postgres', q{
				SELECT (SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CALL momentum.refresh%')
				     + (SELECT count(*) FROM cron.job_run_details WHERE status IN ('starting', 'running', 'sending', 'connecting'))});
			$quiet = $busy == 0 ? $quiet + 1 : 0;
			sleep(0.2);
			return $quiet >= 15;
		}),
	'the job has stopped');

# What users add to a table of the model is theirs, and stays.
$first->safe_psql('postgres', q{
	ALTER TABLE hub.orders ADD COLUMN analyst_note text;
	UPDATE hub.orders SET analyst_note = 'checked' WHERE total_price > 100;
	CREATE INDEX orders_analyst_note_idx ON hub.orders (analyst_note);
	ALTER TABLE hub.orders ADD CONSTRAINT orders_analyst_note_check CHECK (analyst_note <> '');
	COMMENT ON COLUMN hub.orders.analyst_note IS 'Mine';
	CREATE STATISTICS hub.orders_mine ON channel, source_name FROM hub.orders;
	ALTER TABLE hub.subscriptions ENABLE ROW LEVEL SECURITY;
	CREATE VIEW hub.my_notes AS SELECT name, analyst_note FROM hub.orders WHERE analyst_note IS NOT NULL;
	CREATE TABLE hub.my_table (n integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY, what text);
	INSERT INTO hub.my_table (what) VALUES ('one'), ('two');
	SELECT momentum.set_target('wagwell', 'cac', 44);
	CREATE ROLE analyst LOGIN;
	SELECT momentum.grant_access('analyst', 'reader', 'wagwell');
	CREATE POLICY mine ON hub.subscriptions FOR SELECT TO analyst USING (brand = 'wagwell' AND status = 'ACTIVE');
	GRANT SELECT (brand, source, subscription_id, status) ON hub.subscriptions TO analyst;
	GRANT SELECT, INSERT ON hub.my_table TO analyst;
	ALTER DEFAULT PRIVILEGES IN SCHEMA hub GRANT SELECT ON TABLES TO analyst;
	CREATE TYPE hub.my_mood AS ENUM ('good', 'bad');
	ALTER TABLE hub.customers ADD COLUMN analyst_mood hub.my_mood,
		ADD COLUMN analyst_key text GENERATED ALWAYS AS (brand || '/' || customer_id) STORED;
	UPDATE hub.customers SET analyst_mood = 'good' WHERE customer_id LIKE '%7';
	CREATE UNIQUE INDEX customers_analyst_idx ON hub.customers (brand, source, analyst_key) WHERE analyst_mood = 'good';
	ALTER TABLE hub.orders ALTER source_name SET STATISTICS 500, ALTER note SET STORAGE EXTERNAL;
	CREATE SEQUENCE hub.my_numbers START 100 INCREMENT 7;
	CREATE TABLE hub.my_remarks (n bigint PRIMARY KEY DEFAULT nextval('hub.my_numbers'), brand text, source text, order_id text, remark text,
		at timestamptz DEFAULT '2026-01-01', FOREIGN KEY (brand, source, order_id) REFERENCES hub.orders (brand, source, order_id) ON DELETE SET NULL);
	INSERT INTO hub.my_remarks (brand, source, order_id, remark)
	SELECT brand, source, order_id, E'tab\t, "quote", \\N and \u00e9' FROM hub.orders ORDER BY order_id LIMIT 3;
	CREATE FUNCTION hub.my_stamp() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN NEW.at := '2026-02-02'; RETURN NEW; END $f$;
	CREATE TRIGGER mine BEFORE UPDATE OF remark ON hub.my_remarks FOR EACH ROW WHEN (NEW.remark IS NOT NULL) EXECUTE FUNCTION hub.my_stamp();
	ALTER TABLE hub.my_remarks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
	CREATE POLICY all_of_it ON hub.my_remarks AS RESTRICTIVE FOR ALL TO analyst USING (brand = 'wagwell') WITH CHECK (remark <> '');
	CREATE POLICY rows_of_it ON hub.my_remarks USING (true);
	GRANT SELECT, UPDATE (remark) ON hub.my_remarks TO analyst WITH GRANT OPTION;
	GRANT USAGE ON SEQUENCE hub.my_numbers TO analyst;
	REVOKE EXECUTE ON FUNCTION hub.my_stamp() FROM PUBLIC;
	CREATE MATERIALIZED VIEW hub.my_sums AS SELECT brand, order_day, sum(total_price) AS total FROM hub.orders GROUP BY 1, 2;
	CREATE UNIQUE INDEX my_sums_idx ON hub.my_sums (brand, order_day);
	SELECT momentum.add_event('wagwell', 'Spring "sale"', current_date - 40, current_date - 38);
	SELECT momentum.set_scenario('wagwell', 'half_late', 0.5, 14);
	SELECT momentum.set_setting('wagwell', 'alert.close_after', '3');
});
$first->safe_psql('postgres', 'CALL momentum.refresh()');
$first->safe_psql('postgres', q{
	SELECT momentum.follow(brand, recommendation, as_of - 20, 'done') FROM momentum.recommendation WHERE as_of IS NOT NULL AND place = 1;
	SELECT momentum.acknowledge_alert(brand, alert_id, 'seen') FROM momentum.alert WHERE is_open LIMIT 1;
});
for my $kept (qw(event scenario recommendation_follow score_log recommendation_log alert_log audit))
{
	isnt($first->safe_psql('postgres', "SELECT count(*) FROM momentum_state.$kept"), '0', "there are rows of $kept");
}

# What the catalog says of our schemas: columns, indexes, constraints, policies, rights, comments.
sub definitions
{
	my ($node) = @_;
	return $node->safe_psql('postgres', q{
		WITH relation AS (
			SELECT c.oid::regclass::text AS name, c.* FROM pg_class c
			 WHERE c.relnamespace::regnamespace::text IN ('hub', 'momentum_state', 'momentum') AND c.relkind IN ('r', 'v', 'm', 'S'))
		SELECT format('%s kind %s rls %s forced %s rights %s options %s %s', r.name, r.relkind, r.relrowsecurity, r.relforcerowsecurity,
					  (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(coalesce(r.relacl, acldefault(CASE r.relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END, r.relowner))) a), r.reloptions, obj_description(r.oid, 'pg_class'))
		  FROM relation r
		UNION ALL
		SELECT format('%s.%s %s %s %s %s null %s rights %s default %s %s', r.name, a.attname, a.attgenerated, a.attstorage, a.attstattarget, format_type(a.atttypid, a.atttypmod),
					  NOT a.attnotnull, (SELECT string_agg(x::text, ',' ORDER BY x::text) FROM unnest(a.attacl) x),
					  pg_get_expr(d.adbin, d.adrelid), col_description(r.oid, a.attnum))
		  FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
		  LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
		UNION ALL
		SELECT pg_get_indexdef(i.indexrelid) FROM relation r JOIN pg_index i ON i.indrelid = r.oid
		UNION ALL
		SELECT format('%s %s %s', r.name, k.conname, pg_get_constraintdef(k.oid)) FROM relation r JOIN pg_constraint k ON k.conrelid = r.oid
		UNION ALL
		SELECT format('%s.%s %s %s %s %s %s %s', p.schemaname, p.tablename, p.policyname, p.roles, p.cmd, p.permissive, p.qual, p.with_check)
		  FROM pg_policies p WHERE p.schemaname IN ('hub', 'momentum_state')
		UNION ALL
		SELECT pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s WHERE s.stxnamespace = 'hub'::regnamespace
		UNION ALL
		SELECT format('%s defaults %s', d.defaclnamespace::regnamespace, d.defaclacl) FROM pg_default_acl d WHERE d.defaclnamespace <> 0
		UNION ALL
		SELECT format('%s rights %s', p.oid::regprocedure, coalesce(p.proacl, acldefault('f', p.proowner))) FROM pg_proc p WHERE p.pronamespace = 'hub'::regnamespace
		UNION ALL
		SELECT format('%s %s', t.tgenabled, pg_get_triggerdef(t.oid)) FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid WHERE NOT t.tgisinternal
		UNION ALL
		SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.pronamespace = 'hub'::regnamespace
		UNION ALL
		SELECT format('view %s: %s', r.name, pg_get_viewdef(r.oid)) FROM relation r WHERE r.relkind IN ('v', 'm') AND r.name LIKE 'hub.my\_%'
		UNION ALL
		SELECT format('sequence %s stands at %s', s.sequencename, s.last_value) FROM pg_sequences s WHERE s.schemaname IN ('hub', 'momentum_state')
		UNION ALL
		SELECT format('schema %s rights %s', n.nspname, (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(coalesce(n.nspacl, acldefault('n', n.nspowner))) a))
		  FROM pg_namespace n WHERE n.nspname IN ('hub', 'momentum_state', 'momentum')
		UNION ALL
		SELECT format('type %s: %s', e.enumtypid::regtype, string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder)) FROM pg_enum e
		  JOIN pg_type t ON t.oid = e.enumtypid WHERE t.typnamespace = 'hub'::regnamespace GROUP BY e.enumtypid
		ORDER BY 1});
}

my $definitions = definitions($first);
like($definitions, qr/^hub\.subscriptions mine \{analyst\} SELECT/m, 'the definitions hold a user\'s policy');
like($definitions, qr/$_/m, "and $_") for '^O CREATE TRIGGER mine', '^view hub\.my_sums', '^sequence my_numbers stands at 114', '^type hub\.my_mood: good,bad', 'FUNCTION hub\.my_stamp';
my $rows = fingerprint($first, 'r');
my $matviews = fingerprint($first, 'm');
my $views = fingerprint($first, 'v', @clocked);
cmp_ok(scalar(keys %$rows), '>', 20, 'there are tables to compare');
cmp_ok(scalar(keys %$views), '>', 10, 'and views');
isnt($rows->{'hub.orders'} =~ s/ .*//r, '0', 'and orders');

$sim->ctl('clearlog');
my $dump = PostgreSQL::Test::Utils::tempdir() . '/momentum.dump';
$first->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $first->connstr('postgres') ], 'dump');

# The secrets are not in it: neither as they are, nor in another writing.
my $text = "$dump.sql";
command_ok([ 'pg_restore', '-f', $text, $dump ], 'the dump as a script');
$text = slurp_file($text);
like($text, qr/wagwell_shop/, 'it names the secrets');
my @secrets = map { s/^\w+=//r } split /\n/, $sim->secrets;
push @secrets, $sim->service_account =~ /"private_key": "-----BEGIN [A-Z ]+-----\\n([^\\]{40})/;
is(scalar(@secrets), 8, 'eight secrets are looked for');
is( scalar(grep { index($text, $_) >= 0 || index($text, unpack('H*', $_)) >= 0 || index($text, encode_base64($_, '')) >= 0 } @secrets),
	0, 'and holds none of them');

my $second = new_server('second');
$second->safe_psql('postgres', 'CREATE ROLE analyst LOGIN');      # roles are no part of a database
command_ok(
	[
		'pg_restore', '--exit-on-error', '--no-owner', '-d', $second->connstr('postgres'), $dump
	],
	'restore into a fresh cluster');
is($sim->ctl('count'), '0', 'neither dump nor restore asked a service');
is_deeply(fingerprint($second, 'r'), $rows, 'every row of every table');
is_deeply([ split /\n/, definitions($second) ], [ split /\n/, $definitions ],
	'columns, indexes, constraints, policies, rights and comments, those users added too');
is_deeply(fingerprint($second, 'm'), $matviews, 'every materialized view');
# A restored database has no statistics (docs/operations.md).
$second->safe_psql('postgres', 'ANALYZE');
is_deeply(fingerprint($second, 'v', @clocked), $views, 'every view');
is($second->safe_psql('postgres',
		q{SELECT count(*) FROM pg_indexes WHERE indexname = 'orders_analyst_note_idx'}),
	'1', 'the index a user added');

is($second->safe_psql('postgres', q{UPDATE hub.my_remarks SET remark = remark || '!' WHERE n = 100 RETURNING at = '2026-02-02'}), 't', 'a trigger a user added');
is($second->safe_psql('postgres', q{INSERT INTO hub.my_remarks (brand) VALUES ('wagwell') RETURNING n}), '121', 'a sequence goes on where it stood');

# What was written by hand goes on where it stood, and new numbers follow the old ones.
is($second->safe_psql('postgres', q{SELECT momentum.remove_event('wagwell', 'Spring "sale"')}), '1', 'an event can be removed');
is( $second->safe_psql('postgres', q{
		BEGIN;
		INSERT INTO momentum_state.alert_log (brand, rule, object, severity, message)
		SELECT 'wagwell', 'test', 'test', 'info', 'x' RETURNING alert_id > (SELECT max(alert_id) FROM momentum_state.alert_log);
		ROLLBACK}),
	't', 'the next alert has a number of its own');
$second->safe_psql('postgres', q{SELECT momentum.add_event('wagwell', 'Spring "sale"', current_date - 40, current_date - 38)});

# Without the secrets, which no dump holds, a refresh fails clearly and harms nothing.
my $due = 'UPDATE momentum_state.stream SET due_at = now()';
$second->safe_psql('postgres', $due);
$second->safe_psql('postgres', 'CALL momentum.refresh()');
is($sim->ctl('count'), '0', 'no request goes out without its secret');
isnt($second->safe_psql('postgres', q{SELECT count(*) FROM momentum.source_health
		WHERE error LIKE '%secret%'}),
	'0', 'source_health names the missing secret');
is(fingerprint($second, 'r')->{'hub.orders'}, $rows->{'hub.orders'}, 'the orders are untouched');
is( $second->safe_psql('postgres', q{SELECT count(*) FROM momentum.dashboard}, extra_params => [ '-U', 'analyst' ]),
	'7', 'a reader reads');
my ($code, undef, $refused) =
  $second->psql('postgres', q{SELECT count(*) FROM hub.orders}, extra_params => [ '-U', 'analyst' ]);
like($refused, qr/permission denied/, 'and reads no table');

give_secrets($second, $sim);
my $runs =
  $second->safe_psql('postgres', 'SELECT coalesce(max(run_id), 0) FROM momentum_state.run');
$second->safe_psql('postgres', $due);
$second->safe_psql('postgres', 'CALL momentum.refresh()');
is($second->safe_psql('postgres',
		"SELECT string_agg(DISTINCT status, ',') FROM momentum_state.run WHERE run_id > $runs"),
	'ok', 'the next refresh works');
cmp_ok($sim->ctl('count', 'story', 'shopify'), '<', 40, 'and reads what changed, not the history');
cmp_ok(
	$second->safe_psql('postgres',
		q{SELECT count(*) FROM hub.orders WHERE analyst_note = 'checked'}),
	'>', 0, 'keeping what the user wrote');

# What both now say of the days that are over is the same.
$first->safe_psql('postgres', $due);
$first->safe_psql('postgres', 'CALL momentum.refresh()');
my $days = q{SELECT metric, count(*), md5(string_agg(concat_ws(' ', day, channel, value), ',' ORDER BY day, channel))
	FROM momentum_state.metric_daily GROUP BY 1 ORDER BY 1};
is($second->safe_psql('postgres', $days), $first->safe_psql('postgres', $days), 'both go on to the same metrics');
done_testing();
