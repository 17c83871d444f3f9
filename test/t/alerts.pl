# Alerts beyond one session: who listens is told, every refresh looks at the
# clock whether anything is new or not, and the levels may do what is theirs.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use Momentum;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('main');

sub ask { return $node->safe_psql('postgres', $_[0]); }

ask(q{
	CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
	SELECT momentum.setup();
	SELECT momentum.add_brand('tidal', 'UTC', 'USD');
	SELECT momentum.add_brand('other', 'UTC', 'USD');
	INSERT INTO momentum_state.source (brand, source, service, added_at)
	VALUES ('tidal', 'tidal_shop', 'shopify', now() - interval '100 days');
	INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence,
		complete_through, status, last_success_at, due_at)
	VALUES ('tidal', 'tidal_shop', 'orders', 'orders', 's.orders', '15 min',
		current_date - 5, 'ok', now() - interval '4 days', now() + interval '1 day');});

# Nothing is due and nothing is new, but the clock went on.
my $heard = ask('LISTEN momentum_alert; CALL momentum.refresh(); SELECT 1');
my $id = ask(q{SELECT alert_id FROM momentum_state.alert_log WHERE rule = 'freshness'});
like($heard, qr/notification "momentum_alert" with payload "$id"/, 'an alert that opens is told of');
is(ask(q{SELECT rule, object, severity, is_open FROM momentum.alert WHERE brand <> '*'}),
	'freshness|tidal_shop|warn|t', 'a refresh without anything new finds the source late');
$heard = ask('LISTEN momentum_alert; CALL momentum.refresh(); CALL momentum.refresh(); SELECT 1');
unlike($heard, qr/momentum_alert/, 'one that stays as it is is not told of again');
ask(q{UPDATE momentum_state.stream SET complete_through = current_date - 60});
$heard = ask('LISTEN momentum_alert; CALL momentum.refresh(); SELECT 1');
like($heard, qr/payload "$id"/, 'one that grows graver is told of');
ask(q{UPDATE momentum_state.stream SET complete_through = current_date - 1});
$heard = ask('LISTEN momentum_alert; CALL momentum.refresh(); SELECT 1');
unlike($heard, qr/momentum_alert/, 'one refresh without it closes nothing');
$heard = ask('LISTEN momentum_alert; CALL momentum.refresh(); SELECT 1');
like($heard, qr/payload "$id"/, 'one that closes is told of');
is(ask(q{SELECT is_open, close_reason, severity FROM momentum.alert WHERE brand <> '*'}), 'f|ended|fail', 'by the second');

# A reader sees the alerts and recommendations of its brands, and acts on none.
ask(q{
	CREATE ROLE reader LOGIN; CREATE ROLE steward LOGIN;
	SELECT momentum.grant_access('reader', 'reader', 'tidal');
	SELECT momentum.grant_access('steward', 'owner');
	UPDATE momentum_state.stream SET complete_through = current_date - 60;
	SELECT momentum._judge_freshness(); SELECT momentum._refresh_matviews();});
is(ask(q{SET ROLE reader; SELECT DISTINCT brand FROM momentum.alert}), 'tidal', 'a reader sees its alerts');
is(ask(q{SET ROLE reader; SELECT string_agg(DISTINCT brand, ',') FROM momentum.recommendation WHERE sentence <> ''}),
	'tidal', 'its recommendations');
is(ask(q{SET ROLE reader; SELECT string_agg(DISTINCT brand || ' ' || verdict, ',') FROM momentum.recommendation_outcome}),
	'tidal not followed', 'and what came of them');
my $open = ask(q{SELECT alert_id FROM momentum.alert WHERE is_open AND rule = 'freshness'});
for my $act ("momentum.acknowledge_alert('tidal', $open)", "momentum.follow('tidal', 'data:connect', current_date)")
{
	my ($status, $out, $err) = $node->psql('postgres', "SET ROLE reader; SELECT $act");
	like($err, qr/permission denied for function/, "a reader may not call $act");
	is(ask("SET ROLE steward; SELECT $act"), '', 'an owner may');
}
is(ask(q{SELECT is_silent FROM momentum.alert WHERE is_open AND rule = 'freshness'}), 't', 'and it is silent');
is(ask(q{SELECT string_agg(action, ',' ORDER BY audit_id) FROM momentum_state.audit WHERE action IN ('acknowledge_alert', 'follow')}),
	'acknowledge_alert,follow', 'both stand in the audit');

$node->stop;
done_testing();
