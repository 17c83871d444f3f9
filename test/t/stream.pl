
# An answer of any length is read in little memory, and no longer than needed:
# a gigabyte, the same packed, 200 MB as whole rows, a row of it; one record
# that is too large, and gzip that unpacks without end.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $limit = 32 * 1024;    # kB that the backend may grow by

my $sim = start_simulator();
my $url = $sim->url . '/small/shopify';
my $node = new_server('stream', 'momentum.enable_aggregate = off');
$node->safe_psql('postgres', qq{
	CREATE EXTENSION momentum;
	CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw
		OPTIONS (shop 'test', base_url '$url', allow_insecure 'true', bulk_pages '0');
	CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');
	CREATE SCHEMA shop;
	IMPORT FOREIGN SCHEMA api FROM SERVER shop INTO shop;
	CREATE FUNCTION most_memory() RETURNS bigint LANGUAGE sql
		AS \$\$ SELECT substring(pg_read_file('/proc/self/status') FROM 'VmHWM:\\s+(\\d+) kB')::bigint \$\$;
});

# The query's result, or its error, and by how many kB the backend's peak grew.
sub grown
{
	my ($query) = @_;
	my ($out, $err);
	my $status = $node->psql('postgres', qq{
		SELECT count(*) FROM shop.orders \\gset
		SELECT count(*), sum(length(to_jsonb(o)::text)) FROM shop.orders o \\gset
		SELECT most_memory() AS before \\gset
		$query
		SELECT most_memory() - :before;
	}, stdout => \$out, stderr => \$err, on_error_stop => 0, timeout => 900);
	my @lines = split /\n/, $out;
	return (join(' ', @lines[0 .. $#lines - 1]) . $err, $lines[-1]);
}

# Let through what warms the backend up, then misbehave.
sub misbehave
{
	my (@fault) = @_;
	$sim->ctl('reset');
	$sim->ctl('fault', 'small', 'shopify', @fault, 'after=2');
	return;
}

my ($result, $kilobytes);
my $began = time;
for my $packed ('', 'gzip=true')
{
	my $what = $packed ? 'a gigabyte, packed,' : 'a gigabyte';

	misbehave('huge', 'mb=1024', $packed ? $packed : ());
	$began = time;
	($result, $kilobytes) = grown('SELECT count(*), min(id), count(name), count(email) > 0, count(created_at), count(total_price) FROM shop.orders;');
	note(sprintf('%s in %.1f s, the backend grew by %d kB', $what, time - $began, $kilobytes));
	like($result, qr/^(\d{6,})\|11001\|\1\|t\|\1\|\1$/, "all records of $what are read");
	cmp_ok($kilobytes, '<', $limit, 'in little memory');
}

misbehave('huge', 'mb=200');
($result, $kilobytes) = grown('SELECT count(*) > 10000 FROM (SELECT o, row_number() OVER () FROM shop.orders o) x;');
is($result, 't', 'also as whole rows');
cmp_ok($kilobytes, '<', $limit, 'in little memory');

misbehave('huge', 'mb=200');
$began = time;
($result, $kilobytes) = grown('EXPLAIN (ANALYZE, COSTS off) SELECT id, note FROM shop.orders LIMIT 1;');
my ($bytes) = $result =~ /Bytes Received: (\d+)/;
note(sprintf('one row of it in %.1f s, after %d bytes', time - $began, $bytes));
cmp_ok($bytes, '<', 10_000_000, 'one row of it does not take all of it');
like($result, qr/Requests: 1 /, 'nor a second request');

misbehave('huge', 'mb=40', 'record=true');
$sim->ctl('set', 'small', 'shopify', 'gzip=false');
($result, $kilobytes) = grown("\\set VERBOSITY verbose\nSELECT count(*) FROM shop.orders WHERE note <> '';");
like($result, qr/ERROR:  54000: the answer of the service of server "shop" is too large/, 'a record of 40 MB is refused');
like($result, qr/DETAIL:  In it, a record is longer than 16777216 bytes\./, 'with the reason');
cmp_ok($kilobytes, '<', $limit, 'in little memory');

# Gzip that unpacks a thousandfold is refused for that, long before it is all unpacked.
misbehave('bomb', 'mb=2000');
$began = time;
($result, $kilobytes) = grown("\\set VERBOSITY verbose\nSELECT count(*) FROM shop.orders WHERE note <> '';");
note(sprintf('a bomb refused in %.1f s, the backend grew by %d kB', time - $began, $kilobytes));
like($result, qr/ERROR:  54000: could not read from the service of server "shop"/, 'a gzip bomb is refused');
like($result, qr/DETAIL:  the answer is packed more than \d+ times smaller than it is, after 1 try\./, 'with the reason');
cmp_ok($kilobytes, '<', 4096, 'in little memory');

misbehave('huge', 'mb=40', 'record=true');
($result, $kilobytes) = grown("\\set VERBOSITY verbose\nSELECT count(*) FROM shop.orders WHERE note <> '';");
like($result, qr/ERROR:  54000: /, 'a packed record of 40 MB is refused');
cmp_ok($kilobytes, '<', $limit, 'in little memory');

# Asked again for each of many rows, and given up in the middle by an error.
$sim->ctl('reset');
($result, $kilobytes) = grown(q{
	SELECT count(*) FROM generate_series(1, 2000) v,
		LATERAL (SELECT name FROM shop.order_line_items WHERE order_id = 11000 + v % 14 + 1 LIMIT 1) o;
	DO $$ BEGIN
		FOR i IN 1 .. 300 LOOP
			BEGIN
				PERFORM 1 / (id - id) FROM shop.order_line_items;
			EXCEPTION WHEN division_by_zero THEN
			END;
		END LOOP;
	END $$;
});
is($result, '1857', 'a scan that is run again and again');
cmp_ok($kilobytes, '<', 4096, "takes no more memory for it: $kilobytes kB");
done_testing();
