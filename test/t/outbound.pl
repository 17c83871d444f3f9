
# Where requests go is not for the environment of the server to say: proxies,
# credentials and certificates that libcurl would find there are left alone.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;

my $sim = start_simulator();
my $url = $sim->url;
my $home = PostgreSQL::Test::Utils::tempdir();
my $closed = 'http://127.0.0.1:9';

append_to_file("$home/.netrc", "machine 127.0.0.1 login somebody password netrc_word\n");
append_to_file("$home/.curlrc", "proxy = $closed\n");
my $node;
{
	local %ENV = (%ENV, HOME => $home, CURL_HOME => $home, NETRC => "$home/.netrc",
		map { ($_ => $closed, uc($_) => $closed) } qw(http_proxy https_proxy all_proxy ftp_proxy));
	delete local @ENV{qw(no_proxy NO_PROXY)};
	$node = new_server('outbound', 'momentum.enable_aggregate = off');
}
my $environment = $node->safe_psql('postgres', q{
	CREATE TEMP TABLE said (word text);
	COPY said FROM PROGRAM 'echo $http_proxy $ALL_PROXY';
	TABLE said});
is($environment, "$closed $closed", 'the server has a proxy in its environment');
$node->safe_psql('postgres', qq{
	CREATE EXTENSION momentum CASCADE;
	CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw
		OPTIONS (shop 'test', base_url '$url/small/shopify', allow_insecure 'true');
	CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');
	CREATE SCHEMA shop;
	IMPORT FOREIGN SCHEMA api LIMIT TO (orders) FROM SERVER shop INTO shop;
});
is($node->safe_psql('postgres', 'SELECT count(*) FROM shop.orders'), '14', 'and does not use it');
my @with_login = grep { exists $_->{headers}{authorization} } @{ $sim->control('log') };
is(scalar @with_login, 0, 'no user name from .netrc is sent');

# An address of our own network, however it is written, is no service.
for my $host ('127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433', '0.0.0.0',
	'169.254.169.254', '10.0.0.1', '[64:ff9b::a00:1]', '[2002:7f00:1::]', '[fd00:ec2::254]')
{
	my ($port) = $url =~ /:(\d+)$/;
	my ($out, $err);
	$node->psql('postgres', qq{
		ALTER SERVER shop OPTIONS (SET base_url 'https://$host:$port/small/shopify', SET allow_insecure 'false');
		\\set VERBOSITY verbose
		SELECT count(*) FROM shop.orders;
	}, stdout => \$out, stderr => \$err, on_error_stop => 0);
	like($err, qr/ERROR:  42501: could not read.*is not of the public internet/s, "$host is refused");
}
is($sim->ctl('count', 'small', 'shopify', 'https'), '0', 'before a byte is sent');
done_testing();
