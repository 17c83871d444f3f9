/*-------------------------------------------------------------------------
 *
 * address.c
 *	  Which addresses a request may go to.
 *
 * A name under somebody else's control may resolve to an address inside our
 * network; so the address itself is judged, after resolution.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "http/internal.h"

typedef struct Block4
{
	uint32 network;
	int bits;
} Block4;

typedef struct Block6
{
	uint8 prefix[16];
	int bits;
} Block6;

/* IANA's special-purpose registries */
static const Block4 private4[] = {
	{0x00000000, 8},  /* this network */
	{0x0A000000, 8},  /* private */
	{0x64400000, 10}, /* carrier NAT */
	{0x7F000000, 8},  /* loopback */
	{0xA9FE0000, 16}, /* link-local, the clouds' metadata services */
	{0xAC100000, 12}, /* private */
	{0xC0000000, 24}, /* protocol assignments */
	{0xC0000200, 24}, /* documentation */
	{0xC0586300, 24}, /* what was 6to4's relays */
	{0xC0A80000, 16}, /* private */
	{0xC6120000, 15}, /* benchmarks */
	{0xC6336400, 24}, /* documentation */
	{0xCB007100, 24}, /* documentation */
	{0xE0000000, 3},  /* multicast, reserved, broadcast */
};

/* What is routed in public; all else is local, reserved, or carries an IPv4 address. */
static const Block6 unicast6 = {{0x20}, 3};

static const Block6 private6[] = {
	{{0x20, 0x01}, 23},             /* protocol assignments: Teredo, benchmarks, ORCHID */
	{{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
	{{0x3f, 0xff}, 20},             /* documentation */
};

/* IPv6 addresses that carry an IPv4 address, and where. */
static const struct
{
	Block6 block;
	int offset;
} embedded4[] = {
	{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, 12}, /* mapped */
	{{{0, 0x64, 0xff, 0x9b}, 96}, 12},                      /* NAT64 */
	{{{0x20, 0x02}, 16}, 2},                                /* 6to4 */
};

static bool
public4(uint32 address)
{
	for (int i = 0; i < (int) lengthof(private4); i++)
	{
		if (((address ^ private4[i].network) >> (32 - private4[i].bits)) == 0)
			return false;
	}
	return true;
}

static bool
inside6(const uint8 *address, const Block6 *block)
{
	int bytes = block->bits / 8;
	int rest = block->bits % 8;

	return memcmp(address, block->prefix, bytes) == 0 &&
		   (rest == 0 || ((address[bytes] ^ block->prefix[bytes]) >> (8 - rest)) == 0);
}

static bool
public6(const uint8 *address)
{
	for (int i = 0; i < (int) lengthof(embedded4); i++)
	{
		if (inside6(address, &embedded4[i].block))
		{
			const uint8 *a = address + embedded4[i].offset;

			return public4((uint32) a[0] << 24 | a[1] << 16 | a[2] << 8 | a[3]);
		}
	}
	if (!inside6(address, &unicast6))
		return false;
	for (int i = 0; i < (int) lengthof(private6); i++)
	{
		if (inside6(address, &private6[i]))
			return false;
	}
	return true;
}

/*
 * Is this an address of the public internet?  Writes it to "text" as well.
 * What is neither IPv4 nor IPv6 is not.  Never raises.
 */
bool
mo_http_address_public(const struct sockaddr *sa, char *text, size_t text_len)
{
	if (sa->sa_family == AF_INET)
	{
		const struct in_addr *a = &((const struct sockaddr_in *) sa)->sin_addr;

		inet_ntop(AF_INET, a, text, text_len);
		return public4(ntohl(a->s_addr));
	}
	if (sa->sa_family == AF_INET6)
	{
		const struct in6_addr *a = &((const struct sockaddr_in6 *) sa)->sin6_addr;

		inet_ntop(AF_INET6, a, text, text_len);
		return public6(a->s6_addr);
	}
	snprintf(text, text_len, "of an unknown family");
	return false;
}
