
# Where requests go is not for the environment of the server to say: proxies,
# credentials and certificates that libcurl would find there are left alone.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use IO::Socket::IP;
use IO::Select;
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
$node->safe_psql('postgres', 'CREATE EXTENSION momentum CASCADE');
import_tables($node, 'shop', 'shopify', "shop 'test', base_url '$url/small/shopify'", 'orders');
is($node->safe_psql('postgres', 'SELECT count(*) FROM shop.orders'), '14', 'and does not use it');
my @with_login = grep { exists $_->{headers}{authorization} } @{ $sim->control('log') };
is(scalar @with_login, 0, 'no user name from .netrc is sent');

# An address of our own network, however it is written, is no service.  One
# that listens at all of this machine's would see who connects.
my $listener = IO::Socket::IP->new(Listen => 20, LocalHost => '::', V6Only => 0, Type => SOCK_STREAM)
  or die $@;
my $port = $listener->sockport;
my $knocks = IO::Select->new($listener);
sub scan_error
{
	my ($host, $insecure) = @_;
	my ($out, $err);
	$node->psql('postgres', qq{
		ALTER SERVER shop OPTIONS (SET base_url 'https://$host:$port/small/shopify', SET allow_insecure '$insecure');
		SET statement_timeout = '2s';
		\\set VERBOSITY verbose
		SELECT count(*) FROM shop.orders;
	}, stdout => \$out, stderr => \$err, on_error_stop => 0);
	return $err;
}
for my $host ('127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433', '0.0.0.0',
	'169.254.169.254', '10.0.0.1', '[64:ff9b::a00:1]', '[2002:7f00:1::]', '[fd00:ec2::254]')
{
	like(scan_error($host, 'false'), qr/ERROR:  42501: could not read.*is not of the public internet/s, "$host is refused");
}
is(scalar(my @none = $knocks->can_read(0)), 0, 'before it is connected to');
scan_error('127.0.0.1', 'true');
is(scalar(my @knocking = $knocks->can_read(0)), 1, "which a superuser's switch allows");
done_testing();
