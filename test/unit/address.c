/*-------------------------------------------------------------------------
 *
 * address.c
 *	  Which addresses a request may go to.
 *
 *-------------------------------------------------------------------------
 */
#include "../../fdw/http/address.c"

#undef printf
#include "tap.h"

static const char *const public_ones[] = {
	"8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0",
	"11.0.0.0", "9.255.255.255", "126.255.255.255", "128.0.0.0", "100.63.255.255", "100.128.0.0",
	"169.253.0.1", "169.255.0.1", "198.17.0.1", "198.20.0.0", "223.255.255.255",
	"2606:4700::1111", "2001:4860:4860::8888", "192.0.1.1", "192.0.3.1", "203.0.112.1",
	"2a00:1450:4001:82a::200e", "::ffff:8.8.8.8", "64:ff9b::808:808",
	"2002:808:808::1", NULL};

static const char *const private_ones[] = {
	"0.0.0.0", "127.0.0.1", "127.255.255.255", "10.0.0.1", "10.255.255.255", "172.16.0.1",
	"172.31.255.255", "192.168.0.1", "169.254.169.254", "100.64.0.1", "100.127.255.255",
	"192.0.0.8", "198.18.0.1", "198.19.255.255", "224.0.0.1", "240.0.0.1", "255.255.255.255",
	"::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254",
	"fc00::1", "fdff::1", "fd00:ec2::254", "fe80::1", "febf::1", "fec0::1", "ff02::1",
	"64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::1", "2002:c0a8:1::1", "2001::1",
	"100::1", "192.0.2.1", "198.51.100.9", "203.0.113.200", "192.88.99.1", "2001:db8::1",
	"2001:2::1", "2001:20::1", "3fff::1", "5f00::1", "4000::1", "::ffff:0:127.0.0.1",
	"64:ff9b::7f00:1", "2002:a9fe:a9fe::", NULL};

static bool
is_public(const char *text)
{
	struct sockaddr_in a4 = {.sin_family = AF_INET};
	struct sockaddr_in6 a6 = {.sin6_family = AF_INET6};
	char out[64];

	if (inet_pton(AF_INET, text, &a4.sin_addr) == 1)
		return mo_http_address_public((struct sockaddr *) &a4, out, sizeof(out));
	inet_pton(AF_INET6, text, &a6.sin6_addr);
	return mo_http_address_public((struct sockaddr *) &a6, out, sizeof(out));
}

int
main(void)
{
	struct sockaddr other = {.sa_family = AF_UNIX};
	char out[64];

	for (const char *const *a = public_ones; *a != NULL; a++)
		ok(is_public(*a), *a);
	for (const char *const *a = private_ones; *a != NULL; a++)
		ok(!is_public(*a), *a);
	ok(!mo_http_address_public(&other, out, sizeof(out)), "a Unix socket");
	return done_testing();
}
