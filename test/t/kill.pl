# Killed with SIGKILL at any moment of a sync, then resumed: the hub, the
# cursors and the metrics are those of an undisturbed sync, every time.
#
# Forty moments: spread over the sync by the requests it has made, by the time
# it has run, and over the work after its last request.  Half of the kills hit
# the backend that syncs (the server then throws all memory away and starts
# over), half the whole server.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use Momentum;
use POSIX;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

# The story ends yesterday in the brand's zone, so that the services' data
# stand still; and no new day begins while this runs.
my $zone = 'America/New_York';
sub day { my ($ago) = @_; local $ENV{TZ} = $zone; tzset(); return strftime('%Y-%m-%d %H%M', localtime(time - $ago * 86400)); }
await_settled_day(10);
my ($yesterday, $start) = map { substr(day($_), 0, 10) } 1, 12;
my $sim = start_simulator('--today', $yesterday);
my $node = new_server('kill', 'restart_after_crash = on', 'full_page_writes = off', 'log_min_messages = error');
sub requests { return $sim->control('count?world=story')->{count}; }

# -- the brand before its first sync, as a database to copy --------------------

$node->safe_psql('postgres', 'CREATE DATABASE base');
connect_services($node, 'base', $sim, 'story', $start);
add_digest($node, 'base');

# The report streams pace themselves: a minute passes at once here.
my $minute = 'UPDATE momentum_state.stream SET due_at = now() WHERE continuing AND due_at > now()';
my $unfinished = 'SELECT count(*) FROM momentum_state.stream WHERE continuing OR due_at <= now() OR complete_through IS NULL';

# Refreshes until nothing is due; returns the number of calls it took.
sub finish
{
	for my $calls (1 .. 20)
	{
		$node->safe_psql('run', "$minute;\nCALL momentum.refresh()");
		return $calls if $node->safe_psql('run', "$unfinished") == 0
		  && $node->safe_psql('run', 'SELECT count(*) FROM momentum_state.changed_day') == 0;
	}
	return 0;
}

sub fresh_copy
{
	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS run WITH (FORCE)');
	$node->safe_psql('postgres', 'CREATE DATABASE run TEMPLATE base');
	$sim->control('reset', {});
}

# -- the undisturbed sync -------------------------------------------------------

my ($reference, $requests, $tail);
my $delay_ms = 18;

sub make_reference
{
	fresh_copy();
	slow_down();
	$node->safe_psql('run', 'CALL momentum.refresh()');
	my $ended = time;
	my @log = map { $_->{time} } grep { $_->{world} eq 'story' } @{ $sim->control('log') };
	$requests = @log;
	$tail = $ended - $log[-1];
	ok(finish(), 'an undisturbed sync comes to its end');
	$reference = $node->safe_psql('run', 'SELECT * FROM digest()');
}

# Every request takes a moment, so that time is spent on all of them alike.
sub slow_down { $sim->control('fault', { world => 'story', service => '*', kind => 'delay', ms => $delay_ms, times => -1 }); }

# A simulator that has its records at hand tells the time better.
$node->safe_psql('base', "SELECT count(id) FROM shop.orders WHERE updated_at >= '$start'");
make_reference();
note($reference);
note(sprintf('undisturbed: %d requests, and %.2f s after the last', $requests, $tail));
like($reference, qr/^momentum_state\.metric_daily: [1-9]/m, 'there are metrics to compare');
like($reference, qr/^hub\.order_line_items: [1-9]/m, 'and facts');
like($reference, qr/^momentum_state\.changed_day: 0 rows/m, 'and no changed day is left');
is($node->safe_psql('run', q{SELECT count(*) FROM momentum_state.run WHERE status <> 'ok'}), '0', 'no slice failed');
cmp_ok($requests, '>', 20, 'the requests are many enough to spread kills over them');

# -- the kills ------------------------------------------------------------------

sub kill_server
{
	my $postmaster = Momentum::postmaster($node);
	my @all = Momentum::children($postmaster);
	$node->kill9;
	kill 'KILL', @all;
	wait_for(sub { !grep { Momentum::is_alive($_) } $postmaster, @all }) or die 'processes of the server stay';
	# Until somebody collects the dead, the server would take its own for alive.
	unlink($node->data_dir . '/postmaster.pid', $node->host . '/.s.PGSQL.' . $node->port . '.lock');
	$node->start;
}

# One sync that is killed: when "ready" says so.  Returns how far it had come.
sub killed_sync
{
	my ($whom, $ready) = @_;
	my ($out, $err) = ('', '');
	my $session = IPC::Run::start(
		[ 'psql', '-XAtq', '-d', $node->connstr('run'), '-c', 'SELECT pg_backend_pid()', '-c', 'CALL momentum.refresh()' ],
		'<', '/dev/null', '>', \$out, '2>', \$err);
	$session->pump until $out =~ /^(\d+)\n/ || !$session->pumpable;
	my ($pid) = $out =~ /^(\d+)\n/ or die "no session: $err";
	$ready->();
	my $made = requests();
	$whom eq 'backend' ? kill_backend($node, $pid) : kill_server();
	$session->finish;
	my $running = $err =~ /server closed the connection|connection to server was lost|terminating connection/ ? 1 : 0;
	my $slices = () = $err =~ /NOTICE:  \w+: .* pages,/g;
	return ($running, $made, $slices, $err =~ /NOTICE:  metrics:/ ? ', metrics written' : '');
}

my %moments = (requests => 8, time => 8, recompute => 4);      # of each kind of kill
my ($in_time, $same, $count) = (0, 0, 0);

# When to kill, by a share of the way: a name, and what waits for it.
sub moment
{
	my ($by, $share) = @_;
	if ($by eq 'requests')
	{
		my $request = int($share * $requests);
		return ("request $request", sub {
			$sim->control('fault', { world => 'story', service => '*', kind => 'stall_body', bytes => 300,
					after => $request, times => 1 });
			wait_for(sub { requests() > $request }) or die "request $request never came";
		});
	}
	# A busy machine takes longer, never less than the requests alone do.
	my $pause = $share * ($by eq 'time' ? $requests * $delay_ms / 1000 : 0.7 * $tail);
	return (sprintf('%.2f s', $pause), sub { slow_down(); sleep($pause); }) if $by eq 'time';
	return (sprintf('%.2f s after the last request', $pause), sub {
		# what is asked side by side or ahead may take a request more or less
		wait_for(sub { requests() >= $requests - 3 }) or die 'the last request never came';
		sleep($pause);
	});
}

for my $by ('requests', 'time', 'recompute')
{
	for my $n (1 .. $moments{$by})
	{
		for my $whom ('backend', 'server')
		{
			# The two take turns, so that no two moments are the same.
			my $share = ($n - ($whom eq 'backend' ? 0.75 : 0.25)) / $moments{$by};
			my ($name, $wait) = moment($by, $share);
			fresh_copy();
			my ($running, $made, $slices, $more) = killed_sync($whom, $wait);
			$in_time += $running;
			$sim->control('reset', {});
			my $calls = finish();
			my $digest = $calls ? $node->safe_psql('run', 'SELECT * FROM digest()') : 'never came to its end';
			$count++;
			$same++ if is($digest, $reference, sprintf('%s killed at %s: %d requests, %d slices done%s%s',
					$whom, $name, $made, $slices, $more, $running ? '' : ' (had ended)'));
		}
	}
}
is("$same of $count", '40 of 40', 'every resumed sync equals the undisturbed one');
cmp_ok($in_time, '>=', 30, "$in_time of the kills hit a sync under way");
$node->stop;
done_testing();
