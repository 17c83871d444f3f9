# A scan can be stopped in every state it can wait in: cancel,
# statement_timeout and pg_terminate_backend end it at once, nothing leaks,
# and the session goes on.  How fast is printed; what fails is only a wait
# that is not interruptible at all.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use IO::Socket::INET;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;

# A resolver that takes its time for names below stall.test: longer than the
# scan waits for it.  Its thread keeps a descriptor until it is done.
my $dir = PostgreSQL::Test::Utils::tempdir();
append_to_file("$dir/stall.c", <<'C');
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
			struct addrinfo **res)
{
	typedef int (*Resolver)(const char *, const char *, const struct addrinfo *,
							struct addrinfo **);
	Resolver real;

	if (node != NULL && strstr(node, "stall.test") != NULL)
	{
		sleep(8);
		return EAI_AGAIN;
	}
	real = (Resolver) dlsym(RTLD_NEXT, "getaddrinfo");
	return real(node, service, hints, res);
}
C
system('cc', '-shared', '-fPIC', '-o', "$dir/stall.so", "$dir/stall.c", '-ldl') == 0
  or die 'cc failed';

# A port that lets nobody in: its queue of connections is full.
my $full = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', Proto => 'tcp') or die $!;
my @waiting = map {
	IO::Socket::INET->new(
		PeerAddr => '127.0.0.1', PeerPort => $full->sockport, Proto => 'tcp', Blocking => 0)
} 1 .. 8;

# A port that takes connections and never says a word: TLS waits for ever.
my $mute = IO::Socket::INET->new(Listen => 100, LocalAddr => '127.0.0.1', Proto => 'tcp') or die $!;

my $sim = start_simulator();
my $node;
{
	local $ENV{LD_PRELOAD} = "$dir/stall.so";
	$node = new_server('cancel');
}
$node->safe_psql('postgres', 'CREATE EXTENSION momentum');

sub make_shop
{
	my ($name, $url) = @_;
	$node->safe_psql('postgres', qq{
		CREATE SERVER $name FOREIGN DATA WRAPPER shopify_fdw
			OPTIONS (shop 'test', base_url '$url', allow_insecure 'true');
		CREATE USER MAPPING FOR CURRENT_USER SERVER $name OPTIONS (credential 'shpat_test');
		CREATE SCHEMA $name;
		IMPORT FOREIGN SCHEMA api FROM SERVER $name INTO $name;
	});
}
make_shop('sim', $sim->url . '/story/shopify');
make_shop('resolve', 'http://shop.stall.test:1');
make_shop('connect', 'http://127.0.0.1:' . $full->sockport);
make_shop('tls', 'https://127.0.0.1:' . $mute->sockport);

# Ends the victim's statement and waits until it has ended: milliseconds.
$node->safe_psql('postgres', q{
	CREATE FUNCTION stop_and_wait(victim int, how text) RETURNS numeric LANGUAGE plpgsql AS $$
	DECLARE
		began timestamptz := clock_timestamp();
	BEGIN
		IF how = 'cancel' THEN PERFORM pg_cancel_backend(victim);
		ELSE PERFORM pg_terminate_backend(victim);
		END IF;
		LOOP
			PERFORM pg_stat_clear_snapshot();
			EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity
				WHERE pid = victim AND state = 'active' AND query LIKE '%orders%');
			IF clock_timestamp() > began + interval '20 seconds' THEN
				RETURN -1;
			END IF;
			PERFORM pg_sleep(0.001);
		END LOOP;
		RETURN round(1000 * extract(epoch FROM clock_timestamp() - began), 1);
	END $$;
});

my %states = (
	'name resolution' => { schema => 'resolve', settle => 9 },
	'connect' => { schema => 'connect' },
	'TLS handshake' => { schema => 'tls' },
	'headers' => { schema => 'sim', fault => ['stall_headers'] },
	'body' => { schema => 'sim', fault => [ 'stall_body', 'bytes=5000' ] },
	'backoff' => { schema => 'sim', fault => [ 'status', 'status=503', 'retry_after=20' ] },
	'limiter' => { schema => 'sim', fault => [ 'throttle', 'wait=20' ] });

my $open = q{SELECT count(*) FROM pg_ls_dir('/proc/self/fd') AS f};
my $worst = 0;

for my $state (sort keys %states)
{
	my ($schema, $fault) = @{ $states{$state} }{qw(schema fault)};
	my $settle = $states{$state}{settle} // 0;
	my $query = "SELECT count(*) FROM $schema.orders";

	for my $how ('cancel', 'terminate')
	{
		$sim->ctl('reset');
		$node->safe_psql('postgres', "SELECT momentum.reset_limits()");
		$sim->ctl('fault', 'story', 'shopify', @$fault, 'match=orders(', 'times=-1') if $fault;

		# Warm the loop first, so that its own descriptors are open already.
		my $script = "$dir/victim.sql";
		unlink($script);
		append_to_file($script, qq{
			SELECT count(*) > 0 FROM sim.shop;
			$open;
			SELECT pg_backend_pid();
			$query;
			\\echo :LAST_ERROR_SQLSTATE
			DO 'BEGIN PERFORM pg_sleep($settle); END';
			$open;
			DO 'BEGIN PERFORM momentum.reset_limits(); END';
			SELECT count(*) > 0 FROM sim.shop;
		});
		unlink("$dir/out", "$dir/err");
		my $victim = IPC::Run::start(
			[ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-f', $script ],
			'<', '/dev/null', '>', "$dir/out", '2>', "$dir/err");
		my ($before, $pid);
		wait_for(20, sub {
			(-s "$dir/out")
			  && (($before, $pid) = slurp_file("$dir/out") =~ /^t\n(\d+)\n(\d+)\n/);
		}) or die 'the victim did not start: ' . slurp_file("$dir/err");
		ok(wait_for(10, sub {
				$node->safe_psql('postgres', "SELECT wait_event IS NOT NULL FROM pg_stat_activity
					WHERE pid = $pid AND state = 'active' AND query LIKE '%orders%'") eq 't';
			}), "$state: the scan waits");
		select(undef, undef, undef, 0.5);
		my $ms = $node->safe_psql('postgres', "SELECT stop_and_wait($pid, '$how')");
		ok($ms >= 0 && $ms < 2500, "$how during $state: $ms ms");
		$worst = $ms if $ms > $worst;
		$victim->finish;
		my (undef, undef, undef, $sqlstate, $after, $again) = split /\n/, slurp_file("$dir/out");

		if ($how eq 'cancel')
		{
			is($sqlstate, '57014', "$state: cancelled as such");
			cmp_ok($after, '<=', $before, "$state: no descriptor leaked");
			is($again, 't', "$state: the session reads on");
		}
		else
		{
			like(slurp_file("$dir/err"),
				qr/terminating connection|closed the connection/, "$state: terminated");
		}
	}

	# The third way to stop: measured in the session itself.
	$sim->ctl('reset');
	$node->safe_psql('postgres', "SELECT momentum.reset_limits()");
	$sim->ctl('fault', 'story', 'shopify', @$fault, 'times=-1') if $fault;
	my ($ret, $stdout, $stderr) = $node->psql('postgres', qq{
		SET statement_timeout = '400ms';
		DO \$\$
		DECLARE began timestamptz := clock_timestamp();
		BEGIN
			PERFORM count(*) FROM $schema.orders;
		EXCEPTION WHEN query_canceled OR connection_failure OR configuration_limit_exceeded THEN
			-- a pause that statement_timeout would cut short is not begun
			RAISE NOTICE 'late by % ms',
				round(1000 * extract(epoch FROM clock_timestamp() - began) - 400, 1);
		END \$\$});
	my ($late) = $stderr =~ /late by (-?[0-9.]+) ms/;
	ok(defined $late && $late < 2500,
		"statement_timeout during $state: late by " . ($late // '?') . ' ms')
	  or diag($stderr);
	$worst = $late if defined $late && $late > $worst;
}
diag("slowest stop: $worst ms");
$sim->ctl('reset');
$node->safe_psql('postgres', 'SELECT momentum.reset_limits()');
is($node->safe_psql('postgres', 'SELECT count(*) > 0 FROM sim.orders'), 't', 'the server is well');
$node->stop;
done_testing();
