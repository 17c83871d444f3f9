# Cancel, statement_timeout and termination end a scan in whatever state it
# waits: within 100 ms, with 57014, and without leaking a descriptor.

use strict;
use warnings;

use FindBin;
use IO::Socket::INET;
use IPC::Run;
use lib $FindBin::RealBin;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $limit_ms = 100;
my $resolver_s = 3;		# how long the stalled name resolution takes

# A name resolution that stalls: the library's call is replaced for one name.
my $dir = PostgreSQL::Test::Utils::tempdir();
my $shim = "$dir/stall.so";
append_to_file("$dir/stall.c", <<"END");
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
				struct addrinfo **res)
{
	int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
		(int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))
			dlsym(RTLD_NEXT, "getaddrinfo");
	if (node != NULL && strcmp(node, "stall.test") == 0)
		sleep($resolver_s);
	return next(node, service, hints, res);
}
END
my $have_shim = system('cc', '-shared', '-fPIC', '-o', $shim, "$dir/stall.c", '-ldl') == 0;

# A listener whose backlog is full: connecting to it waits.
my $full = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die "listen: $!";
my @waiting = map { IO::Socket::INET->new(
		PeerAddr => '127.0.0.1', PeerPort => $full->sockport, Blocking => 0) } 1 .. 4;

# A listener that accepts and says nothing: TLS never begins.
my $silent = IO::Socket::INET->new(Listen => 64, LocalAddr => '127.0.0.1') or die "listen: $!";

my $simulator = start_simulator();
my $sim = $simulator->url . '/story/shopify';

$ENV{LD_PRELOAD} = $shim if $have_shim;
my $node = new_server('cancel');
delete $ENV{LD_PRELOAD};
$node->safe_psql('postgres', 'CREATE EXTENSION momentum');

my @states = (
	{ name => 'resolve', url => 'http://stall.test/none' },
	{ name => 'connect', url => 'http://127.0.0.1:' . $full->sockport },
	{ name => 'tls', url => 'https://127.0.0.1:' . $silent->sockport },
	{ name => 'headers', url => $sim, fault => ['stall_headers'] },
	{ name => 'body', url => $sim, fault => [ 'stall_body', 'bytes=20' ] },
	{ name => 'backoff', url => $sim, fault => [ 'status', 'status=503', 'retry_after=30' ],
		timeout => '08006' });    # a wait beyond the timeout is not begun

for my $state (@states)
{
	$node->safe_psql('postgres', <<"END");
CREATE SERVER $state->{name} FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'wagwell', base_url '$state->{url}', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER $state->{name}
    OPTIONS (credential 'shpat_test');
CREATE SCHEMA $state->{name};
IMPORT FOREIGN SCHEMA api LIMIT TO (shop) FROM SERVER $state->{name} INTO $state->{name};
END
}

# How many sockets and the like a process has open.
sub descriptors
{
	my ($pid) = @_;
	my @targets = map { readlink($_) // '' } glob("/proc/$pid/fd/*");
	return scalar grep { /^(socket|anon_inode|pipe):/ } @targets;
}

# SQL that makes the backend end its statement, and shows how many ms it took.
sub disturb
{
	my ($function, $pid) = @_;
	return <<"END";
DO \$\$
DECLARE
	since timestamptz := pg_catalog.clock_timestamp();
BEGIN
	IF NOT (SELECT pg_catalog.count(*) = 1 FROM pg_catalog.pg_stat_activity
	        WHERE pid = $pid AND state = 'active' AND wait_event_type = 'Extension') THEN
		RAISE 'the session does not wait';
	END IF;
	PERFORM pg_catalog.$function($pid);
	LOOP
		PERFORM pg_catalog.pg_stat_clear_snapshot();
		EXIT WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity
		                      WHERE pid = $pid AND state = 'active');
		PERFORM pg_catalog.pg_sleep(0.001);
	END LOOP;
	PERFORM pg_catalog.set_config('test.took',
		(extract(epoch FROM pg_catalog.clock_timestamp() - since) * 1000)::text, false);
END \$\$;
SELECT pg_catalog.current_setting('test.took');
END
}

# Runs a statement that stalls, after "before".  With "function", another
# session calls that on it half a second later.  Returns the SQLSTATE, how many
# ms it ran, how many ms the function took to end it, and the descriptors
# that it left open.
sub stall
{
	my ($state, $before, $function) = @_;
	my ($in, $out, $err, $took) = ('', '', '', undef);
	my @fault = @{ $state->{fault} // [] };

	$simulator->ctl('reset');
	my $session = IPC::Run::start(
		[ 'psql', '-XAtq', '-d', $node->connstr('postgres') ],
		'<', \$in, '>', \$out, '2>', \$err, IPC::Run::timeout(60));
	$in .= <<"END";
\\set VERBOSITY sqlstate
SELECT name FROM warm.shop;
SELECT pg_catalog.pg_backend_pid() AS pid \\gset
\\echo pid :pid
END
	$session->pump until $out =~ /pid (\d+)\n/;
	my ($pid) = $out =~ /pid (\d+)\n/;
	my $open = descriptors($pid);
	$simulator->ctl('fault', 'story', 'shopify', @fault, 'times=9') if @fault;
	$in .= <<"END";
SELECT pg_catalog.clock_timestamp() AS since \\gset
$before;
SELECT name FROM $state->{name}.shop;
\\set state :SQLSTATE
RESET statement_timeout;
SELECT extract(epoch FROM pg_catalog.clock_timestamp() - :'since') * 1000 AS ms \\gset
\\echo result :state :ms
END
	if ($function)
	{
		my $until = time + 0.5;
		while (time < $until)
		{
			$session->pump_nb;
			select(undef, undef, undef, 0.05);
		}
		$took = $node->safe_psql('postgres', disturb($function, $pid));
	}
	my $left = 0;
	if (!$function || $function eq 'pg_cancel_backend')
	{
		$session->pump until $out =~ /result .*\n/;
		sleep $resolver_s + 1 if $state->{name} eq 'resolve';    # its thread ends then
		$left = descriptors($pid) - $open;
	}
	$in .= "\\q\n";
	eval { $session->finish };
	my ($sqlstate, $ms) = $out =~ /result (\S+) (\S+)/;
	return { sqlstate => $sqlstate, ms => $ms // 'inf', took => $took, left => $left };
}

# The connection is warm before, so that what the loop itself needs is open.
$node->safe_psql('postgres', <<"END");
CREATE SERVER warm FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'wagwell', base_url '$sim', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER warm OPTIONS (credential 'shpat_test');
CREATE SCHEMA warm;
IMPORT FOREIGN SCHEMA api LIMIT TO (shop) FROM SERVER warm INTO warm;
SELECT name FROM warm.shop;
END

for my $state (@states)
{
  SKIP:
	{
		my $name = $state->{name};
		skip "$name: no compiler for the stalled resolver", 7
		  if $name eq 'resolve' && !$have_shim;

		my $got = stall($state, 'SELECT 1', 'pg_cancel_backend');
		is($got->{sqlstate}, '57014', "$name: cancelled");
		cmp_ok($got->{took}, '<', $limit_ms, "$name: cancel took $got->{took} ms");
		cmp_ok($got->{left}, '<=', 0, "$name: no descriptor is left open");

		$got = stall($state, "SET statement_timeout = '400ms'", undef);
		is($got->{sqlstate}, $state->{timeout} // '57014', "$name: timed out");
		cmp_ok($got->{ms} - 400, '<', $limit_ms, "$name: the timeout came after $got->{ms} ms");
		cmp_ok($got->{left}, '<=', 0, "$name: no descriptor is left open");

		$got = stall($state, 'SELECT 1', 'pg_terminate_backend');
		cmp_ok($got->{took}, '<', $limit_ms, "$name: termination took $got->{took} ms");
	}
}

$node->stop;
done_testing();
