
# Ten thousand scans in one backend, good and bad ones: memory contexts, the
# process and its descriptors are what they were after the first hundred.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $rounds = 1667;    # of six scans

my $sim = start_simulator();
my $url = $sim->url;
my $node = new_server('flat', 'momentum.enable_aggregate = off');
$node->safe_psql('postgres', qq{
	CREATE EXTENSION momentum CASCADE;
	CREATE FUNCTION footprint(OUT contexts bigint, OUT context_bytes bigint, OUT rss_kb bigint, OUT descriptors bigint)
	LANGUAGE sql AS \$\$
		SELECT count(*), sum(total_bytes),
			substring(pg_read_file('/proc/self/status') FROM 'VmRSS:\\s+(\\d+) kB')::bigint,
			(SELECT count(*) FROM pg_ls_dir('/proc/self/fd'))
		FROM pg_backend_memory_contexts
	\$\$;
});
import_tables($node, 'shop', 'shopify', "shop 'test', base_url '$url/small/shopify'", 'orders');

# A request meets the fault of the order it asks for.
$sim->ctl('fault', 'small', 'shopify', 'status', 'match=id:500', 'status=500', 'retry_after=0', 'times=-1');
$sim->ctl('fault', 'small', 'shopify', 'stall_headers', 'match=id:504', 'times=-1');
$sim->ctl('fault', 'small', 'shopify', 'stall_body', 'match=id:505', 'bytes=20', 'times=-1');
$sim->ctl('fault', 'small', 'shopify', 'bad_json', 'match=id:422', 'times=-1');
my $round = q{
	SELECT count(*), max(note) FROM shop.orders;
	SELECT count(*) FROM shop.orders WHERE id = 500;
	SET statement_timeout = 5;
	SELECT count(*) FROM shop.orders WHERE id = 504;
	SELECT count(*) FROM shop.orders WHERE id = 505;
	RESET statement_timeout;
	SELECT pg_cancel_backend(pg_backend_pid()) FROM shop.orders;
	SELECT count(*) FROM shop.orders WHERE id = 422;
};
my ($out, $err) = ('', '');
my $began = time;
$node->psql('postgres', "\\set VERBOSITY sqlstate\n"
	  . $round x 100 . "SELECT * FROM footprint();\n"
	  . $round x ($rounds - 100) . "SELECT * FROM footprint();\n",
	stdout => \$out, stderr => \$err, on_error_stop => 0, timeout => 1800);
my $seconds = time - $began;
my @footprints = grep { /^\d+\|\d+\|\d+\|\d+$/ } split /\n/, $out;
my %failed;
$failed{$1}++ while $err =~ /ERROR:  (\w{5})/g;

is(scalar(() = $out =~ /^14\|/mg), $rounds, 'every scan that could succeed did');
is_deeply(\%failed, { '08006' => $rounds, '57014' => 3 * $rounds, '22P02' => $rounds },
	'every other failed as it had to');
is(scalar @footprints, 2, 'and the backend lived');
my @before = split /\|/, $footprints[0];
my @after = split /\|/, $footprints[1];
note(sprintf('%d scans in %.1f s; after 600 and at the end: %s contexts of %s bytes, %s kB resident, %s descriptors',
		6 * $rounds, $seconds, map { "$before[$_] and $after[$_]" } 0 .. 3));
is($after[0], $before[0], 'no more memory contexts');
cmp_ok($after[1], '<=', $before[1] + 8192, 'nor larger ones');
cmp_ok($after[2], '<=', $before[2] + 1024, 'nor a larger process');
is($after[3], $before[3], 'nor more descriptors');
done_testing();
