# What the TAP tests share: servers that load the extension under test, and
# simulators.  test/run sets the environment it reads:
#   MOMENTUM_DEST     where the extension is installed (DESTDIR)
#   MOMENTUM_PROJECT  a readable copy of test/, demo/, docs/ and scripts/
package Momentum;

use strict;
use warnings;

use Exporter 'import';
use HTTP::Tiny;
use IPC::Run;
use JSON::PP;
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

our @EXPORT = qw(is_up new_server start_simulator import_tables connect_demo connect_services add_digest give_secrets fingerprint run_reference wait_for
  kill_backend await_settled_day);

my @simulators;

# A started server with pg_cron and a secret store; further settings are lines
# of postgresql.conf.  The database is "postgres", where pg_cron works too.
sub new_server
{
	my ($name, @settings) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	my $store = PostgreSQL::Test::Utils::tempdir();
	my $key = "$store/key";

	mkdir("$store/secrets", 0700) or die "$store/secrets: $!";
	system('openssl', 'rand', '-hex', '-out', $key, '32') == 0 or die 'openssl rand failed';
	chmod(0600, $key) or die "$key: $!";
	$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
	$node->append_conf('postgresql.conf', join("\n",
			"extension_destdir = '$ENV{MOMENTUM_DEST}'",
			"shared_preload_libraries = 'pg_cron,\$libdir/momentum'",
			"cron.database_name = 'postgres'",
			"cron.host = '" . $node->host . "'",
			"cron.log_statement = off",
			"momentum.secret_directory = '$store/secrets'",
			"momentum.secret_key_file = '$key'",
			"timezone = 'UTC'",
			"jit = off",
			@settings)
		  . "\n");
	$node->start;
	return $node;
}

# A simulator of this test's own; arguments go to its main.py.
sub start_simulator
{
	my (@args) = @_;
	my $dir = PostgreSQL::Test::Utils::tempdir();
	my $self = bless {
		port_file => "$dir/port",
		service_account => "$dir/service-account.json",
	}, __PACKAGE__;

	$self->{process} = IPC::Run::start(
		[
			'/usr/bin/python3', '-B', "$ENV{MOMENTUM_PROJECT}/test/simulator/main.py",
			'--port-file', $self->{port_file},
			'--service-account', $self->{service_account},
			'--data', $ENV{MOMENTUM_DATA}, @args
		],
		'<', '/dev/null', '>', "$dir/log", '2>&1');
	push @simulators, $self;
	wait_for(sub { -s $self->{port_file} })
	  or die "the simulator did not start: " . slurp_file("$dir/log");
	chomp(my $port = slurp_file($self->{port_file}));
	$self->{url} = "http://127.0.0.1:$port";
	return $self;
}

sub url { my ($self) = @_; return $self->{url}; }
sub service_account { my ($self) = @_; return slurp_file($self->{service_account}); }

# One line for each secret of the simulated services, as the demo has them.
sub secrets
{
	my ($self) = @_;
	my ($out, $err) = ('', '');
	local $ENV{MOMENTUM_SIM_SERVICE_ACCOUNT} = $self->{service_account};
	IPC::Run::run([ 'bash', "$ENV{MOMENTUM_PROJECT}/demo/secrets" ], '<', '/dev/null', '>', \$out, '2>', \$err)
	  or die "demo/secrets failed: $err";
	return $out;
}

# Gives them to the server, by way of COPY.
sub give_secrets
{
	my ($node, $sim) = @_;
	return $node->safe_psql('postgres',
		"COPY momentum.secret_entry (value) FROM STDIN"
		  . " WITH (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02');\n"
		  . $sim->secrets . "\\.\n");
}

# A server of a service, and its tables, all or those named, in a schema of the
# same name.
sub import_tables
{
	my ($node, $name, $service, $options, $tables) = @_;
	my %credential = (shopify => 'shpat_test', meta_ads => 'EAAtest', klaviyo => 'pk_test');
	my $limit = $tables ? "LIMIT TO ($tables)" : '';
	$node->safe_psql('postgres', qq{
		CREATE SERVER $name FOREIGN DATA WRAPPER ${service}_fdw OPTIONS ($options, allow_insecure 'true');
		CREATE USER MAPPING FOR CURRENT_USER SERVER $name OPTIONS (credential '$credential{$service}');
		CREATE SCHEMA $name;
		IMPORT FOREIGN SCHEMA api $limit FROM SERVER $name INTO $name;
	});
	return;
}

# Everything demo/connect.sql does, first refresh and job included.
sub connect_demo
{
	my ($node, $sim) = @_;
	my $secrets = $sim->secrets;
	local $ENV{MOMENTUM_SIM} = $sim->url;
	my ($out, $err) = ('', '');
	IPC::Run::run(
		[
			'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'),
			'-f', "$ENV{MOMENTUM_PROJECT}/demo/connect.sql"
		],
		'<', \$secrets, '>', \$out, '2>', \$err)
	  or die "demo/connect.sql failed: $err";
	return;
}

# The brand "wagwell" of a database, with all four services of a world as the
# sources shop, ads, mail and cash, read from a day on.  Nothing is synced.
sub connect_services
{
	my ($node, $db, $sim, $world, $start) = @_;
	my $url = $sim->url . "/$world";
	my %source = (
		shop => [ 'shopify', "shop 'wagwell', base_url '$url/shopify'", 'shpat_test' ],
		ads => [ 'meta_ads', "account 'act_1234567890', base_url '$url/meta'", 'EAAtest' ],
		mail => [ 'klaviyo', "base_url '$url/klaviyo'", 'pk_test' ],
		cash => [
			'google_sheets',
			"spreadsheet_id 'sim-cash', base_url '$url/sheets', drive_url '$url/drive', token_url '$url/token'",
			$sim->service_account =~ s/\n//gr
		]);

	$node->safe_psql($db, q{
		CREATE EXTENSION momentum;
		SELECT momentum.setup();
		SELECT momentum.add_brand('wagwell', 'America/New_York', 'USD');
		SELECT momentum.set_setting('wagwell', 'sync.reports_start_days', '2');
	});
	for my $name (sort keys %source)
	{
		my ($service, $options, $secret) = @{ $source{$name} };
		my $tables = $name eq 'cash'
		  ? q{IMPORT FOREIGN SCHEMA api LIMIT TO (files) FROM SERVER cash INTO cash;
			CREATE FOREIGN TABLE cash.cash_flow (row_number bigint, item text, period date, period_label text, amount numeric)
				SERVER cash OPTIONS (tab 'Cash flow', layout 'crosstab')}
		  : "IMPORT FOREIGN SCHEMA api FROM SERVER $name INTO $name";
		$node->safe_psql($db, "COPY momentum.secret_entry (value) FROM STDIN"
			  . " WITH (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02');\n$name=$secret\n\\.\n");
		$node->safe_psql($db, qq{
			CREATE SERVER $name FOREIGN DATA WRAPPER ${service}_fdw OPTIONS ($options, allow_insecure 'true');
			CREATE USER MAPPING FOR CURRENT_USER SERVER $name OPTIONS (secret '$name');
			CREATE SCHEMA $name;
			$tables;
			SELECT momentum.add_source('wagwell', '$name', '{"start": "$start"}');
		});
	}
	return;
}

# A function digest() that tells what two syncs of the same data must agree on:
# every row of the hub, of the metrics and of the materialized views, and where
# the streams stand.  Left out are the times at which a row was written, and the
# instant that a cursor has reached, which is that of the sync: how far it lags
# is looked at instead.
sub add_digest
{
	my ($node, $db) = @_;
	$node->safe_psql($db, q{
		CREATE FUNCTION digest() RETURNS SETOF text LANGUAGE plpgsql AS $$
		DECLARE
			relation regclass;
			line text;
		BEGIN
			FOR relation IN
				SELECT c.oid FROM pg_class c
				 WHERE c.relkind IN ('r', 'm')
				   AND (c.relnamespace = 'hub'::regnamespace
						OR c.relnamespace = 'momentum_state'::regnamespace
						   AND (c.relkind = 'm' OR c.relname IN ('source', 'channel', 'metric_daily', 'changed_day')))
				 ORDER BY c.oid::regclass::text
			LOOP
				EXECUTE format($q$
					SELECT %L || ': ' || count(*) || ' rows ' || coalesce(md5(string_agg(x.line, E'\n' ORDER BY x.line)), '')
					  FROM (SELECT (to_jsonb(t) - '{loaded_at,restated_at,added_at}'::text[])::text AS line FROM %s t) x$q$,
					relation, relation) INTO line;
				RETURN NEXT line;
			END LOOP;
			RETURN QUERY
				SELECT format('%s %s: %s, %s to %s, %s rows, %s foreign, %s failures, lag %s, %s', t.source, t.stream, t.status,
							  t.first_day, t.complete_through, t.rows_stored, t.foreign_currency_rows, t.failures,
							  CASE WHEN t.cursor_at > now() - interval '10 minutes' THEN 'short'
								   WHEN t.cursor_at = t.first_day::timestamp AT TIME ZONE 'America/New_York' THEN 'none' ELSE 'long' END,
							  to_jsonb(t) - '{source,stream,status,first_day,complete_through,rows_stored,foreign_currency_rows,failures,cursor_at,slice_width,ceiling_at,daily_read_at,weekly_read_at,clock_offset,due_at,last_run_at,last_success_at,last_error,last_error_at,last_sqlstate}'::text[])
				  FROM momentum_state.stream t ORDER BY t.source, t.stream;
		END $$;
	});
	return;
}

# Number and checksum of the rows of every relation of the kinds given
# (r table, m materialized view, v view) in our schemas, as "name => text".
# Floats to 12 digits: an aggregate's last ones depend on the order of its rows.
sub fingerprint
{
	my ($node, $kinds, @except) = @_;
	my $except = join(', ', map { "'$_'" } '', @except);
	my $names = $node->safe_psql('postgres', qq{
		SELECT c.oid::regclass FROM pg_class c
		 WHERE c.relkind = ANY (string_to_array('$kinds', NULL))
		   AND c.relnamespace::regnamespace::text IN ('hub', 'momentum', 'momentum_state')
		   AND c.relname NOT IN ($except)
		 ORDER BY 1});
	my %found;
	for my $name (split /\n/, $names)
	{
		$found{$name} = $node->safe_psql('postgres', qq{
			SET extra_float_digits = -3;
			SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\n' ORDER BY t::text)), '')
			  FROM $name t});
	}
	return \%found;
}

# What test/t/real_reference.py prints.
sub run_reference
{
	my (@args) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ '/usr/bin/python3', '-B', "$ENV{MOMENTUM_PROJECT}/test/t/real_reference.py", @args ],
		'>', \$out, '2>', \$err)
	  or die "real_reference.py @args: $err";
	return $out;
}

# Speaks to the simulator without a process of its own: GET, or POST with a spec.
sub control
{
	my ($self, $what, $spec) = @_;
	my $http = $self->{http} //= HTTP::Tiny->new(http_proxy => undef, timeout => 30);
	my $url = "$self->{url}/_control/$what";
	my $answer = $spec ? $http->post($url, { content => encode_json($spec) }) : $http->get($url);
	die "$what: $answer->{content}" unless $answer->{success};
	return decode_json($answer->{content});
}

# Runs test/simulator/ctl, returns what it printed.
sub ctl
{
	my ($self, @args) = @_;
	local $ENV{MOMENTUM_SIM} = $self->{url};
	my ($out, $err) = ('', '');
	IPC::Run::run([ '/usr/bin/python3', '-B', "$ENV{MOMENTUM_PROJECT}/test/simulator/ctl", @args ],
		'>', \$out, '2>', \$err)
	  or die "ctl @args: $err";
	chomp $out;
	return $out;
}

sub stop
{
	my ($self) = @_;
	my $process = delete $self->{process} or return;
	$process->kill_kill(grace => 2);
	return;
}

# Does the server answer?  The query is no standard input of psql: one that is
# refused a connection does not read it, and writing to it would be the end.
sub is_up
{
	my ($node) = @_;
	return IPC::Run::run(
		[ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', 'SELECT 1' ],
		'<', '/dev/null', '>', '/dev/null', '2>', '/dev/null');
}

# Children of a process, by way of /proc.
sub children
{
	my ($parent) = @_;
	my @found;
	for my $file (glob '/proc/[0-9]*/stat')
	{
		open(my $in, '<', $file) or next;
		my $line = <$in> // next;
		push @found, $file =~ /(\d+)/ if $line =~ /^\d+ \(.*\) \S (\d+) / && $1 == $parent;
	}
	return @found;
}

sub is_alive
{
	my ($pid) = @_;
	open(my $in, '<', "/proc/$pid/stat") or return 0;
	return (<$in> // '') =~ /^\d+ \(.*\) [^ZX]/;
}

sub postmaster
{
	my ($node) = @_;
	return (split /\n/, slurp_file($node->data_dir . '/postmaster.pid'))[0];
}

# Kills a backend with SIGKILL; returns when the server has started over.  Until
# it has noticed it still answers, and ends who believes that: so all its
# processes have to be gone first.
sub kill_backend
{
	my ($node, $pid) = @_;
	my @all = children(postmaster($node));
	kill('KILL', $pid) or die "kill: $!";
	wait_for(sub { !(grep { is_alive($_) } $pid, @all) && is_up($node) })
	  or die 'the server did not come back';
	return;
}

# Waits until no day begins within so many minutes, nor has begun within the last
# three, in UTC and in New York: who sets up "yesterday" and then asks about it
# means one day, and the minutes are sync.lag_seconds, for which the last day is
# not over yet for what is synced.
sub await_settled_day
{
	my ($minutes) = @_;
	while (grep { $_ < 3 || $_ >= 24 * 60 - $minutes } map { minute_of_day($_) } 'UTC', 'America/New_York')
	{
		sleep(5);
	}
	return;
}

sub minute_of_day
{
	local $ENV{TZ} = $_[0];
	POSIX::tzset();
	my (undef, $minute, $hour) = localtime;
	return 60 * $hour + $minute;
}

# True as soon as the condition holds, false when it does not within the time that
# PostgreSQL's tests give a slow machine (PG_TEST_TIMEOUT_DEFAULT, 180 s).
sub wait_for
{
	my $condition = pop;
	my $until = time + $PostgreSQL::Test::Utils::timeout_default;
	until ($condition->())
	{
		return 0 if time > $until;
		select(undef, undef, undef, 0.1);
	}
	return 1;
}

END
{
	local $?;
	$_->stop for @simulators;
}

# Before anything is started, the simulator too: it has a running day of its own.
await_settled_day(5);

1;
