# Encrypted backups and the restore drill, with pgBackRest and a repository of
# its own: what scripts/backup makes, scripts/restore-drill can restore, and
# finds out when it cannot; the database knows of both.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use File::Find;
use Momentum;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('live', "wal_level = 'replica'", 'max_wal_senders = 4', "archive_timeout = '0'");
my $base = PostgreSQL::Test::Utils::tempdir_short();
my $scripts = "$ENV{MOMENTUM_PROJECT}/scripts";
my $room = "$base/a room";

$node->safe_psql('postgres', q{
	CREATE EXTENSION momentum;
	SELECT momentum.setup();
	SELECT momentum.add_brand('acme', 'UTC', 'USD');
	INSERT INTO hub.customers (brand, source, customer_id, email, content_hash)
	SELECT 'acme', 'shop', n::text, 'canary' || n || '@example.com', n FROM generate_series(1, 2000) n;
	ALTER TABLE hub.customers ADD COLUMN analyst_note text DEFAULT 'mine';
});

$ENV{PGHOST} = $node->host;
$ENV{PGPORT} = $node->port;
$ENV{PGDATABASE} = 'postgres';
# Names of folders may hold what a shell takes for something else.
$ENV{BACKUP_CONFIG} = "$base/etc of 100% ours/momentum.conf";
$ENV{BACKUP_REPOSITORY} = "$base/repository";
$ENV{BACKUP_PASS_FILE} = "$base/pass";

# Run one of the scripts; what it printed, and whether it did well.
sub run_script
{
	my ($name, @args) = @_;
	my ($out, $err) = ('', '');
	my $ok = IPC::Run::run([ 'bash', "$scripts/$name", @args ], '<', '/dev/null', '>', \$out, '2>', \$err);
	note "$name @args:\n$out$err";
	return ($ok, $out, $err);
}

sub status { my ($kind) = @_; return $node->safe_psql('postgres', "SELECT status FROM momentum.backup_status WHERE kind = '$kind'"); }

is(status($_), 'none', "no $_ yet") for qw(full incremental drill dump archive);

# The passphrase has to be there, ours alone and no word of four letters.
my ($ok, $out, $err) = run_script('backup', 'configure');
ok(!$ok, 'no passphrase');
like($err, qr/cannot read ".*pass"/, 'says so');
my $pass = 'canary-passphrase-' . join('', map { ('a' .. 'z')[ rand 26 ] } 1 .. 30);
append_to_file("$base/pass", "$pass\n");
chmod 0644, "$base/pass";
($ok, $out, $err) = run_script('backup', 'configure');
like($err, qr/can be read by others/, 'a passphrase that others can read');
chmod 0600, "$base/pass";
($ok, $out, $err) = run_script('backup', 'full');
like($err, qr/run "backup configure" first/, 'not configured');
mkdir "$base/closed", 0500;
{
	local $ENV{BACKUP_REPOSITORY} = "$base/closed";
	($ok, $out, $err) = run_script('backup', 'configure');
	ok(!$ok && !-e $ENV{BACKUP_CONFIG}, 'a repository that cannot be made leaves no configuration');
}
($ok, $out, $err) = run_script('backup', 'configure');
ok($ok, 'configured');
like($out, qr/Restart the server now/, 'archiving needs a restart');
is((stat $ENV{BACKUP_CONFIG})[2] & 0777, 0600, 'the configuration is ours alone');
$node->restart;
($ok, $out, $err) = run_script('backup', 'configure');
like($err, qr/exists already/, 'a configuration is not overwritten');

($ok) = run_script('backup', 'full');
ok($ok, 'a full backup');
is( $node->safe_psql('postgres', q{
		SELECT status, is_encrypted, age_hours < 1, size_bytes > 1e6, repository_bytes < size_bytes, done_30d
		  FROM momentum.backup_status WHERE kind = 'full'}),
	'ok|t|t|t|t|1', 'the database knows of it');
$node->safe_psql('postgres', q{
	UPDATE hub.customers SET first_name = 'Ada' WHERE customer_id = '7';
	INSERT INTO hub.customers (brand, source, customer_id, content_hash) VALUES ('acme', 'shop', 'later', 1);
});
# Of many backups pgBackRest tells more than an argument of a program may hold;
# and its variables do not go before its configuration.
mkdir "$base/bin";
append_to_file("$base/bin/pgbackrest", "#!/bin/sh\nPATH='$ENV{PATH}' pgbackrest \"\$\@\" || exit\ncase \" \$* \" in *' info '*) printf '%300000s' '';; esac\n");
chmod 0755, "$base/bin/pgbackrest";
{
	local $ENV{PATH} = "$base/bin:$ENV{PATH}";
	local $ENV{PGBACKREST_REPO1_CIPHER_TYPE} = 'none';
	($ok, $out, $err) = run_script('backup', 'incr');
	ok($ok, 'an incremental one');
	unlike($err, qr/could not tell the database/, 'the database is told');
}
is(status('incremental'), 'ok', 'the database knows');

# Nothing in the repository can be read: no file but pgBackRest's own heads of
# two lines that name the cipher, no name of a person, no page of a table.
my ($files, $leaks) = (0, 0);
find({ no_chdir => 1, wanted => sub {
	return unless -f;
	my $text = slurp_file($_);
	$files++;
	$leaks++ if index($text, 'canary') >= 0 || index($text, 'example.com') >= 0;
	is(substr($text, 0, 8), 'Salted__', "$_ is encrypted") if $files <= 20 && !/lock/;
} }, "$base/repository");
cmp_ok($files, '>', 20, 'there are files in the repository');
is($leaks, 0, 'none holds a word of ours');

# The drill: more is written after the backup, which is in the log alone.
$node->safe_psql('postgres', q{
	DELETE FROM hub.customers WHERE customer_id = '8';
	INSERT INTO momentum_state.target (brand, metric, valid_from, value) VALUES ('acme', 'cac', '-infinity', 45);
});
mkdir $room;
($ok, $out, $err) = run_script('restore-drill', $room);
ok($ok, 'the drill passes');
like($out, qr/The backup is good: \d+ tables, \d+ rows alike/, 'and says what was compared');
is( $node->safe_psql('postgres', q{SELECT status, detail ~ '^\d\d+ tables, \d{4,} rows alike$' FROM momentum.backup_status WHERE kind = 'drill'}),
	'ok|t', 'the database knows');
is(scalar(() = glob("'$room/*'")), 0, 'nothing of the copy is left');

# What the log does not carry is lost in a restore: the drill finds out.
$node->safe_psql('postgres', q{
	CREATE UNLOGGED TABLE hub.scratch AS SELECT n FROM generate_series(1, 5) n;
});
($ok, $out, $err) = run_script('restore-drill', $room);
ok(!$ok, 'a table that does not come back');
like($err, qr/live  hub\.scratch\|5\|.*copy  hub\.scratch\|0\|0.*tables differ: hub\.scratch/s, 'is named, with its rows');
is( $node->safe_psql('postgres', q{SELECT status, detail FROM momentum.backup_status WHERE kind = 'drill'}),
	'failed|tables differ: hub.scratch ', 'the database knows of the failure');
$node->safe_psql('postgres', 'DROP TABLE hub.scratch');

# Any point in time, as the runbook says it.
my $before = $node->safe_psql('postgres', q{SELECT clock_timestamp()});
$node->safe_psql('postgres', q{SELECT pg_sleep(0.1); DELETE FROM hub.customers});
$node->safe_psql('postgres', q{SELECT pg_switch_wal()});
ok( $node->poll_query_until('postgres',
		q{SELECT last_archived_wal >= pg_walfile_name(pg_current_wal_lsn() - 16777216) FROM pg_stat_archiver}),
	'the log is archived');
my $copy = PostgreSQL::Test::Cluster->new('copy');
mkdir $copy->basedir;
command_ok(
	[
		'pgbackrest', "--config=$ENV{BACKUP_CONFIG}", '--stanza=momentum', '--log-level-console=warn', '--log-level-file=off',
		'--pg1-path=' . $copy->data_dir, '--type=time', "--target=$before", '--target-action=promote',
		'--archive-mode=off', 'restore'
	],
	'restored to a moment before a mishap');
$copy->append_conf('postgresql.conf', 'port = ' . $copy->port . "\nunix_socket_directories = '" . $copy->host . "'\ncron.host = '" . $copy->host . "'\n");
$copy->start;
$copy->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()');
is($copy->safe_psql('postgres', q{SELECT count(*), count(*) FILTER (WHERE first_name = 'Ada') FROM hub.customers}), '2000|1', 'the rows are back');
is($node->safe_psql('postgres', q{SELECT count(*) FROM hub.customers}), '0', 'and the live server was left alone');
$copy->stop;

# A damaged repository, or another passphrase: the drill says that there is no backup.
my ($bundle) = glob("$base/repository/backup/momentum/*I/pg_data/global/pg_control.gz");
rename $bundle, "$bundle.away" or die "$bundle: $!";
($ok, $out, $err) = run_script('restore-drill', $room);
ok(!$ok, 'a file is missing in the repository');
like($err, qr/could not be restored: .*ERROR/, 'says so');
is(status('drill'), 'failed', 'and the database knows');
rename "$bundle.away", $bundle;
my $configuration = slurp_file($ENV{BACKUP_CONFIG});
unlink $ENV{BACKUP_CONFIG};
append_to_file($ENV{BACKUP_CONFIG}, $configuration =~ s/\Q$pass\E/another passphrase of ours/r);
($ok, $out, $err) = run_script('restore-drill', $room);
ok(!$ok, 'another passphrase reads nothing');
($ok, $out, $err) = run_script('backup', 'full');
ok(!$ok, 'and saves nothing');
is(status('full'), 'failed', 'the database knows of that, too');
unlink $ENV{BACKUP_CONFIG};
append_to_file($ENV{BACKUP_CONFIG}, $configuration);

# Dumps beside it.
($ok, $out, $err) = run_script('backup', 'dump', "$base/dumps");
ok($ok, 'a dump');
chomp $out;
ok(-s "$out/globals.sql" && -s "$out/database/toc.dat", 'with the roles');
is(status('dump'), 'ok', 'the database knows');

# The passphrase is in no log, no catalog, no list of processes' arguments.
is(index(slurp_file($node->logfile), $pass), -1, 'the passphrase is not in the log');
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_settings WHERE setting LIKE '%$pass%'"), '0', 'nor among the settings');

# What is reported is checked.
for my $bad (
	[ q{'half', 'ok', now(), now()}, qr/kind of backup "half" does not exist/ ],
	[ q{'full', 'fine', now(), now()}, qr/status of backup "fine" does not exist/ ],
	[ q{'full', 'ok', now(), now() - interval '1 day'}, qr/times of a backup must be known, in order and past/ ],
	[ q{'full', 'ok', now(), now() + interval '1 day'}, qr/times of a backup must be known, in order and past/ ])
{
	my (undef, undef, $refused) = $node->psql('postgres', "SELECT momentum.report_backup($bad->[0])");
	like($refused, $bad->[1], "refused: $bad->[0]");
}
$node->safe_psql('postgres', q{
	CREATE ROLE one_brand LOGIN; SELECT momentum.grant_access('one_brand', 'reader', 'acme');
	CREATE ROLE all_brands LOGIN; SELECT momentum.grant_access('all_brands', 'reader');
});
is($node->safe_psql('postgres', 'SELECT count(*) FROM momentum.backup_status', extra_params => [ '-U', 'one_brand' ]), '0', 'a reader of one brand sees none');
is($node->safe_psql('postgres', 'SELECT count(*) FROM momentum.backup_status', extra_params => [ '-U', 'all_brands' ]), '6', 'one of all brands sees them');
done_testing();
