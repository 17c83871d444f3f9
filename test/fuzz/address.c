/*-------------------------------------------------------------------------
 *
 * address.c
 *	  Any 16 bytes as an address: one that carries an IPv4 address inside is
 *	  judged as that one is, and what is written reads back as the same.
 *
 * fuzzes: fdw/http/address.c test/fuzz/server/server.c
 *
 *-------------------------------------------------------------------------
 */
#include "server/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "http/internal.h"

static bool
is_public(int family, const uint8_t *bytes)
{
	struct sockaddr_in a4 = {.sin_family = AF_INET};
	struct sockaddr_in6 a6 = {.sin6_family = AF_INET6};
	const struct sockaddr *sa =
		family == AF_INET ? (struct sockaddr *) &a4 : (struct sockaddr *) &a6;
	char text[INET6_ADDRSTRLEN];
	uint8_t back[16];
	bool is;

	memcpy(&a4.sin_addr, bytes, 4);
	memcpy(&a6.sin6_addr, bytes, 16);
	is = mo_http_address_public(sa, text, sizeof(text));
	CHECK(inet_pton(family, text, back) == 1);
	CHECK(memcmp(back, bytes, family == AF_INET ? 4 : 16) == 0);
	return is;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b};
	uint8_t bytes[16];
	uint8_t inner[16] = {0};
	bool four;

	if (size < 16)
		return 0;
	four = is_public(AF_INET, data);
	memcpy(bytes, mapped, 12);
	memcpy(bytes + 12, data, 4);
	CHECK(is_public(AF_INET6, bytes) == four);
	memcpy(bytes, nat64, 12);
	CHECK(is_public(AF_INET6, bytes) == four);
	memcpy(bytes, data, 16);
	bytes[0] = 0x20;
	bytes[1] = 0x02;
	memcpy(inner, bytes + 2, 4);
	CHECK(is_public(AF_INET6, bytes) == is_public(AF_INET, inner));
	/* loopback, private, link-local, unique local, multicast: whatever follows */
	for (int i = 0; i < 4; i++)
	{
		static const uint8_t first[4][2] = {{127, 0}, {10, 0}, {169, 254}, {192, 168}};

		memcpy(inner, data, 4);
		inner[0] = first[i][0];
		inner[1] = i < 2 ? data[1] : first[i][1];
		CHECK(!is_public(AF_INET, inner));
	}
	memcpy(bytes, data, 16);
	bytes[0] = 0xfc | (data[0] & 1);
	CHECK(!is_public(AF_INET6, bytes));
	bytes[0] = 0xff;
	CHECK(!is_public(AF_INET6, bytes));
	is_public(AF_INET6, data);
	return 0;
}
