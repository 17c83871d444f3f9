# The erasure ledger's file: what stands in its place, what is in it, who holds
# it and who moves it away.  An erasure that is told done is in the ledger whose
# salt it was hashed with.
use strict;
use warnings;

use Fcntl qw(:flock);
use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use Momentum;
use POSIX qw(mkfifo);
use PostgreSQL::Test::Utils;
use Test::More;

my $place = PostgreSQL::Test::Utils::tempdir();
my $ledger = "$place/ledger";
my $node = new_server('ledger', "momentum.erasure_ledger = '$ledger'");

sub ask { return $node->safe_psql('postgres', $_[0]); }
sub attempt
{
	my ($status, $out, $err) = $node->psql('postgres', $_[0], timeout => 60, timed_out => \my $hung);
	return $hung ? 'it hangs' : $status == 0 ? $out : $err;
}
sub erase { return "SELECT hub.redact_customer('tea', '$_[0]\@example.com')"; }
sub lines { my @lines = split(/\n/, slurp_file($ledger)); return scalar(@lines) - 1; }
sub put_file
{
	my ($file, $text) = @_;
	open(my $out, '>', $file) or die "$file: $!";
	chmod(0600, $file) or die "$file: $!";
	print $out $text;
	close($out) or die "$file: $!";
	return;
}

ask(q{CREATE EXTENSION momentum CASCADE; SELECT momentum.setup(), momentum.add_brand('tea', 'UTC', 'USD')});
ask(erase('ann'));
is(lines(), 1, 'an entry');
my $whole = slurp_file($ledger);

# ------------------------------------------------------- what stands there

mkfifo("$place/pipe", 0600) or die $!;
like(attempt("SET momentum.erasure_ledger = '$place/pipe'; SELECT * FROM momentum._ledger_read()"), qr/must be a file of the server's user/, 'a pipe is not waited for');
mkdir("$place/folder") or die $!;
like(attempt("SET momentum.erasure_ledger = '$place/folder'; SELECT * FROM momentum._ledger_read()"), qr/must be a file of the server's user/, 'a folder');
symlink($ledger, "$place/link") or die $!;
like(attempt("SET momentum.erasure_ledger = '$place/link'; " . erase('eve')), qr/could not open the erasure ledger/, 'a link is not followed');
like(attempt("SET momentum.erasure_ledger = '$place/none/ledger'; SELECT momentum._ledger_mark(true)"), qr/could not create the erasure ledger/, 'nor is a folder made');
put_file("$place/empty", '');
like(attempt("SET momentum.erasure_ledger = '$place/empty'; " . erase('eve')), qr/ledger is damaged/, 'an empty file is none');

# ------------------------------------------------------------ what is in it

my $hash = 'ab' x 32;
for my $bad ("tea email $hash 99999999999999999999", "tea email $hash 999999999999", "t\xe9a email $hash 1", "tea email " . 'XY' x 32 . ' 1', "tea email $hash -1")
{
	put_file($ledger, "$whole$bad\n");
	like(attempt('SELECT * FROM momentum._ledger_read()'), qr/ledger is damaged/, 'no entry: ' . ($bad =~ s/[^ -~]/?/gr));
}
put_file($ledger, $whole . "\0" x 4096);
like(attempt(erase('eve')), qr/ledger is damaged/, 'an end that no line has is not written behind');
put_file($ledger, $whole);
for my $at ('infinity', '-infinity', '1969-01-01')
{
	like(attempt("SELECT momentum._ledger_append('tea', 'email', '$hash', '$at')"), qr/is a brand, a kind, a hash and a time/, "a time that could not be read again: $at");
}
is(ask('SELECT count(*) FROM momentum._ledger_read()'), 1, 'none of that is in it');

# -------------------------------------------------------------- who holds it

open(my $held, '<', $ledger) or die $!;
flock($held, LOCK_EX) or die $!;
my $out = '';
my $waits = IPC::Run::start([ 'psql', '-XAtd', $node->connstr('postgres'), '-c', 'SET application_name = waits', '-c', erase('bob') ], '<', '/dev/null', '>', \$out, '2>&1');
ok(wait_for(sub { ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'waits' AND wait_event = 'Extension'") eq '1' }), 'a writer waits for who holds the file');
ask("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'waits'");
ok(wait_for(sub { ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'waits' AND state = 'active'") eq '0' }), 'and can be cancelled');
close($held);
$waits->finish;
like($out, qr/canceling statement due to user request/, 'which it says');
is(lines() . '/' . ask('SELECT count(*) FROM momentum_state.erasure'), '1/1', 'nobody was erased');

put_file("$place/many.sql", "\\set n random(1, 1000000000)\nSELECT hub.redact_customer('tea', 'p' || :client_id || '-' || :n || '\@example.com');\n");
my $bench = '';
IPC::Run::run([ 'pgbench', '-n', '-c', '4', '-t', '5', '-f', "$place/many.sql", '-d', $node->connstr('postgres') ], '<', '/dev/null', '>', \$bench, '2>&1') or diag($bench);
is(lines() . '/' . ask('SELECT count(*) FROM momentum._ledger_read()'), '21/21', 'of many writers each has its line');

# ------------------------------------------------------ who moves it away

like(attempt("BEGIN;\n" . erase('cleo') . ";\n\\! mv $ledger $ledger.away\nCOMMIT;\n"), qr/could not open the erasure ledger: No such file/, 'moved away before the commit');
ok(!-e $ledger, 'no other one is begun');
put_file("$place/other", 'momentum-erasure-ledger 1 ' . 'cd' x 32 . "\n");
rename("$ledger.away", $ledger) or die $!;
like(attempt("BEGIN;\n" . erase('cleo') . ";\n\\! mv $ledger $ledger.away && cp -p $place/other $ledger\nCOMMIT;\n"), qr/ledger was exchanged for another one/, 'another one in its place');
is(lines(), 0, 'which gets no line that fits nobody');
rename("$ledger.away", $ledger) or die $!;
is(lines() . '/' . ask('SELECT count(*) FROM momentum_state.erasure'), '21/21', 'nobody was told erased who is not in the ledger');

done_testing();
