# Who waits at a limit: more of them than it lets go in any near time, some
# that are put off again and again, some that come late, and at a server that
# failed those whose own credential is at fault.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use List::Util qw(max);
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

my $sim = start_simulator();
my $node = new_server('queue', 'momentum.breaker_failures = 2', 'momentum.breaker_time = 2s');

sub sql { my ($query, @more) = @_; return $node->safe_psql('postgres', $query, @more); }

# A depot whose limit is the test's.
sub depot
{
	my ($name, $rate) = @_;
	my $url = $sim->url . '/small/rest/bearer';
	sql(qq{
		CREATE SERVER $name FOREIGN DATA WRAPPER rest_fdw
			OPTIONS (base_url '$url', allow_insecure 'true', rate '$rate');
		CREATE USER MAPPING FOR CURRENT_USER SERVER $name OPTIONS (credential 'rest_test');
		CREATE FOREIGN TABLE ${name}_all (id bigint) SERVER $name OPTIONS (path '/all');
		CREATE FOREIGN TABLE ${name}_page (id bigint) SERVER $name
			OPTIONS (path '/page', records 'data', paging 'page', page_param 'page', size_param 'per_page', page_size '10');
	});
	return;
}

# Starts a session with a script; finish() waits for its end.
sub session
{
	my ($script, @params) = @_;
	my $one = { out => '', err => '', from => time };
	$one->{process} = IPC::Run::start(
		[ 'psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-d', $node->connstr('postgres'), @params, '-c', $script ],
		'<', '/dev/null', '>', \$one->{out}, '2>', \$one->{err});
	return $one;
}

sub finish
{
	my ($one) = @_;
	$one->{process}->finish;
	$one->{seconds} = time - $one->{from};
	return $one;
}

sub arrivals
{
	my ($match) = @_;
	return map { $_->{time} } @{ $sim->control('log?world=small&service=rest&match=' . ($match // '')) };
}

# A busy machine may let a request arrive late, and so nearer to the next one:
# 0.7 s stand for a second.
sub most_in_a_second
{
	my @at = @_;
	return max(map { my $from = $_; scalar grep { $_ >= $from && $_ < $from + 0.7 } @at } @at);
}

sql('CREATE EXTENSION momentum');

# A queue of more than three windows: the last ones have no turn at first.
depot('slow', '1/second');
$sim->ctl('clearlog');
my $start = time + 3;    # together, however long it takes to connect
my @crowd = map { session("SET momentum.wait_budget = '25s'; SELECT pg_sleep($start - extract(epoch FROM clock_timestamp())); SELECT count(*) FROM slow_all") } 1 .. 9;
finish($_) for @crowd;
is(join('', map { $_->{err} } @crowd), '', 'nine at a limit of one a second: none is sent away');
my $last = max(map { $_->{seconds} } @crowd);
note(sprintf('the last one took %.1f s, ideal 8 s', $last - 3));
cmp_ok($last - 3, '<', 16, 'and none waits for much longer than it has to');
cmp_ok(most_in_a_second(arrivals()), '<=', 1, 'nor goes too early');

# The budget is for the whole wait, however often it is prolonged.
$sim->ctl('fault', 'small', 'rest', 'status', 'status=429', 'retry_after=1', 'match=/page', 'times=-1');
my $storm = session("SET momentum.wait_budget = '10s'; SELECT count(*) FROM slow_page");
ok(wait_for(sub { arrivals('/page') > 0 }), 'one is refused, and asks again and again');
my $patient = finish(session("SET momentum.wait_budget = '3s'; SELECT count(*) FROM slow_all"));
note(sprintf('%.1f s with a budget of 3 s: %s', $patient->{seconds}, $patient->{out} . $patient->{err}));
cmp_ok($patient->{seconds}, '<', 9, 'put off again and again: no longer than the budget');
finish($storm);
like($storm->{err}, qr/53400/, 'nor does the one that is refused');
$sim->ctl('reset');

# Who has a turn and does not come has lost it: all at once would be too many.
depot('late', '5/second');
my $n = 10;
my $cursors = join('', map { "DECLARE c$_ CURSOR FOR SELECT id FROM late_page; MOVE 6 FROM c$_;\n" } 1 .. $n);
my $rest = join('', map { "FETCH 9 FROM c$_;\n" } 1 .. $n);
my $idle = finish(session("BEGIN;\n${cursors}SELECT pg_sleep(4);\n$rest"));
is($idle->{err}, '', 'cursors that rest with a request ahead');
is(scalar(split /\n/, $idle->{out}), $n * 9 + 1, 'give their rows');
my $burst = most_in_a_second(arrivals());
note("at most $burst in a second");
cmp_ok($burst, '<=', 5, 'and do not all ask at once afterwards');

# A server that failed; who tries has the wrong credential, but was answered.
depot('shut', '100/second');
sql(q{
	CREATE ROLE clerk LOGIN;
	ALTER ROLE clerk SET momentum.foreign_scan = on;
	GRANT USAGE ON SCHEMA momentum TO clerk;
	CREATE USER MAPPING FOR clerk SERVER shut OPTIONS (credential 'wrong');
	GRANT SELECT ON shut_all TO clerk;
});
$sim->ctl('fault', 'small', 'rest', 'status', 'status=500', 'retry_after=0', 'times=-1');
my $fails = 'SELECT count(*) FROM shut_all';
like(finish(session($fails))->{err}, qr/08006/, "failure $_") for 1 .. 2;
like(finish(session($fails))->{err}, qr/08001/, 'the server is left alone');
$sim->ctl('reset');
sleep(2.1);
like(finish(session($fails, '-U', 'clerk'))->{err}, qr/28000/, 'who tries is refused');
is(finish(session($fails))->{out}, "23\n", 'so the server is there for the others');

$node->stop;
done_testing();
