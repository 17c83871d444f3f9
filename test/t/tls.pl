# A certificate is checked: an unknown one ends the scan before anything is
# sent, one that a superuser vouches for does not, one for another host does.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use Momentum;
use PostgreSQL::Test::Utils;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir();

# Whatever is asked, the answer is a page.
my $page = <<'PYTHON';
import http.server, ssl, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"<html>")
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_port, flush=True)
server.serve_forever()
PYTHON

# A web server with a certificate of its own for the name; its port.
sub start_tls
{
	my ($name, $alt) = @_;
	system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout $dir/$name.key "
		  . "-out $dir/$name.crt -subj /CN=$name -addext subjectAltName=$alt >$dir/$name.log 2>&1") == 0
	  or die slurp_file("$dir/$name.log");
	my ($out, $err) = ('', '');
	my $process = IPC::Run::start(
		[ '/usr/bin/python3', '-B', '-c', $page, "$dir/$name.crt", "$dir/$name.key" ],
		'<', '/dev/null', '>', \$out, '2>', \$err);
	$process->pump until $out =~ /\n/ || !$process->pumpable;
	my ($port) = $out =~ /^(\d+)\n/ or die "nobody listens: $err";
	return ($port, $process);
}

my ($port, $process) = start_tls('here', 'IP:127.0.0.1');
my ($other_port, $other_process) = start_tls('elsewhere', 'DNS:elsewhere.test');
my $node = new_server('tls');
$node->safe_psql('postgres', 'CREATE EXTENSION momentum');

# The SQLSTATE and the detail of a scan's error.
sub scan
{
	my ($name, $server_port, $ca) = @_;
	my $ca_option = $ca ? ", ca_file '$ca'" : '';
	$node->safe_psql('postgres', qq{
		CREATE SERVER $name FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'test',
			base_url 'https://127.0.0.1:$server_port', allow_insecure 'true' $ca_option);
		CREATE USER MAPPING FOR CURRENT_USER SERVER $name OPTIONS (credential 'shpat_test');
		CREATE SCHEMA $name;
		IMPORT FOREIGN SCHEMA api LIMIT TO (shop) FROM SERVER $name INTO $name;
	});
	my (undef, undef, $error) =
	  $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT name FROM $name.shop");
	return $error;
}

my $error = scan('unknown', $port);
like($error, qr/ERROR:  HV00N: could not read from the service of server "unknown"/,
	'an unknown certificate: unable to connect');
like($error, qr/DETAIL:  .*certificate/, 'and it says why');
unlike($error, qr/shpat_test/, 'not with the credential');

# The page was read, so TLS was passed.
like(scan('vouched', $port, "$dir/here.crt"),
	qr/ERROR:  22P02: .*text\/html/s, 'a certificate that is vouched for is fine');

$error = scan('foreign_name', $other_port, "$dir/elsewhere.crt");
like($error, qr/ERROR:  HV00N/, 'a certificate for another host is not');

$_->kill_kill for $process, $other_process;
$node->stop;
done_testing();
