# The demo answers its questions, each with something to say.  pg_cron runs the
# refresh by itself, again and again, never twice at once; a cancelled refresh
# in a session that stays open holds nobody up.

use strict;
use warnings;

use FindBin;
use IPC::Run;
use lib $FindBin::RealBin;
use Momentum;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sim = start_simulator();
my $node = new_server('main');
connect_demo($node, $sim);

sub ask { return $node->safe_psql('postgres', $_[0]); }

my ($answer, $stderr) = ('', '');
IPC::Run::run([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'),
		'-f', "$ENV{MOMENTUM_PROJECT}/demo/answer.sql" ], '>', \$answer, '2>', \$stderr);
is($stderr, '', 'demo/answer.sql has nothing to complain of');
my (undef, @answers) = split /^━━━ .* ━━━$/m, $answer;
is(scalar @answers, 9, 'it answers nine questions');
is(scalar(grep { !/\w.*\w.*\n.*\w/ } @answers), 0, 'each in more than a word');
unlike($answer, qr/^ *·? *$\n^ *·? *$|NaN|Infinity|-0\b(?![.\d])/m, 'without blanks, NaN and minus zero');
like($answer, qr/^2\. Should we increase spend\?  DECREASE .*\n     \w/m, 'and decides what the story is about');

# A session that is cancelled in the middle of a scan, and then just sits there.
# The job rests meanwhile, so that it takes neither the fault nor the work.
ask('UPDATE cron.job SET active = false');
ok(wait_for(sub { ask(q{SELECT count(*) FROM cron.job_run_details WHERE status NOT IN ('succeeded', 'failed')}) == 0 }),
	'the job rests');
my $runs = ask('SELECT coalesce(max(run_id), 0) FROM momentum_state.run');
$sim->ctl('fault', 'story', 'shopify', 'stall_headers', 'times=1');
ask('UPDATE momentum_state.stream SET due_at = now()');
my $idle = $node->background_psql('postgres', on_error_stop => 0);
my $pid = $idle->query('SELECT pg_backend_pid()');
$sim->ctl('clearlog');
$idle->query_until(qr/called/, "\\echo called\nCALL momentum.refresh();\n");
ok(wait_for(sub { $sim->ctl('faults') !~ /stall/ && $sim->ctl('count') > 0 }),
	'a refresh waits for a silent service');
ask("SELECT pg_cancel_backend($pid)");
ok(wait_for(sub { ask("SELECT state FROM pg_stat_activity WHERE pid = $pid") eq 'idle' }),
	'cancelled, its session is idle');
$sim->ctl('reset');
my $now = ask('SELECT now()');
ask("UPDATE momentum_state.stream SET due_at = '$now'");
ask('CALL momentum.refresh()');
cmp_ok(ask("SELECT count(*) FROM momentum_state.run WHERE run_id > $runs AND status = 'ok'"),
	'>', 0, 'another session refreshes all the same');
# A beat of a minute may have passed since, and what is due by it is not behind.
is(ask("SELECT count(*) FROM momentum_state.stream WHERE due_at <= '$now'"),
	'0', 'and leaves no stream behind');

# Two runs by pg_cron alone, neither of them one from before.
my $before = ask('SELECT coalesce(max(run_id), 0) FROM momentum_state.run');
my $earlier = ask('SELECT coalesce(max(runid), 0) FROM cron.job_run_details');
ask('UPDATE momentum_state.stream SET due_at = now()');
ask(q{UPDATE cron.job SET active = true WHERE command ~ 'refresh'});
my $succeeded = "SELECT count(*) FROM cron.job_run_details WHERE status = 'succeeded' AND runid > $earlier";
ok(wait_for(sub { ask($succeeded) >= 2 }), 'two runs by pg_cron');
is(ask(q{SELECT count(*) FROM cron.job_run_details WHERE status = 'failed'}), '0', 'none failed');
cmp_ok(ask("SELECT count(*) FROM momentum_state.run WHERE run_id > $before"),
	'>', 0, 'which recorded what they did');
is(ask(q{SELECT count(*) FROM cron.job_run_details a JOIN cron.job_run_details b
		ON a.runid < b.runid AND a.jobid = b.jobid AND b.start_time < a.end_time}),
	'0', 'and never overlapped');

ask('SELECT momentum.unschedule()');
is(ask('SELECT count(*) FROM cron.job'), '0', 'unschedule() leaves no job');
$idle->quit;

done_testing();
