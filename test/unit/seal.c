/*-------------------------------------------------------------------------
 *
 * seal.c
 *	  Encryption and signature against published vectors.
 *
 *-------------------------------------------------------------------------
 */
#include "../../fdw/secret/seal.c"

#include <string.h>

#include "tap.h"

/* The key of RFC 7515, appendix A.2, as PKCS#8: public since 2015. */
static const char rfc_key[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCh+BYK4uPJtGXO\n"
	"jS1lYmM2K5J9vinh8CR3/BYlzJChNuOL2TSXxbbqY913EeZ8dCn5VrD7io8ImtxL\n"
	"aYk8wTM/U+3QGbh3hCUv7JFP5IV3aVlL6kKA0ywPVb9ilE8TA5a8bpvfbr3SvaNn\n"
	"juygxmj3AbONv/s4yDQs4v5tJ/reSlpIdJed1LnPmt7Ex1sFhSwsD174pcF1A5L5\n"
	"ROjtZMEQxrZHYJqkeDrrnGya11UxMFBji4NmXG9veoKjlnAqH2QbgtPr8jkiGUkf\n"
	"toaHLFcW9Qr4NY2ai50Xw0Byj3+H2JoY2PyrZ62EWQwuz3WTOTY8BwNNb2BvniHg\n"
	"VFbK5emhAgMBAAECggEAEq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyW\n"
	"PEAeP88vLNO97IjlA7/GQ5sLKMgvfTeXZx9SE+7YwVol2NXOoAJe46sui395IW/G\n"
	"O+pWJ1O0BkTGoVEn2bKVRUCgu+GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzj\n"
	"kn439X0M/V51gfpRLI9JYanrC4D4qAdGcopV/0ZHHzQlBjudU2QvXt4ehNYTCBr6\n"
	"XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl/x/jTj3ccPDVZFD9pIuhLhBOneufuBiB\n"
	"4cS98l2SR/RQyGWSeWjnczT0QU91p1DhOVRuOopznQKBgQDgHMQQ60imZV1URk0K\n"
	"pLttoLhyt3SmqdEf/kgHePDdtzEafpAu+cS191R2JiuoF2yzWXnwFDcqGigp5BNr\n"
	"0AHQfD8/Lk8l1Mk09jxxCfui5nYooNyac8YFjm3vItzVCVDnEd3BbVWG8qf6deqE\n"
	"lMGAg+C2V0L4oNXnP7LZcPAZRwKBgQC5A8R+CZW2MvRTLLHzwZkUXV866cff7tx6\n"
	"kqa0finGG0KgeqlaZPxgCZnFp7AeAcCMtiynVlJ7vMVgePsLq6XtON4tB5kP9jAP\n"
	"rq3rbAOal78eUH5OcED6eNuCV8ixEu1eWcPNCS/l1OW1EnXUEoEHKl54Xrrz2uNw\n"
	"kgMTP1FZ1wKBgAcCn1dwJKufzBWQxWQp1vsM5fggqPN1qGb5y0MAk3g7/Ls5bkUp\n"
	"5u9SN0Ai3Ya6hNnvWJMb7sXQX6U/zyO2M/hTip7tUeh7CXgwo59dkpN75gJLVds2\n"
	"9+DAncu3KXU4f2Fa+7bLNrur53k8KwPOq2bbuTG69QtV7Jr5MR0AHWKNAoGBAIf/\n"
	"evpitUf+4JYbLpvNXWcY052Mpz22aR84mY3nh3F2LF2mjMJDpTg7FmuyPcVw6EcG\n"
	"yoAe9fa65iNqCq+jdw6PVNGo2hxfjSiZ8IIzHdsPXI89//pMjZcQK9r+CCoRjaZj\n"
	"OYiIDktVWZzmevJuv6WywUqd57LE3Zar3dLSIkx1AoGAIYd7DHOhrWvxkwPQsRM2\n"
	"tOgrjbcrfvtQJipd+DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd/QJQ3\n"
	"ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp/gh6A56\n"
	"03k2+ZQwVK0JKSHuLFkuQ3U=\n"
	"-----END PRIVATE KEY-----\n";

static const char rfc_input[] =
	"eyJhbGciOiJSUzI1NiJ9."
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
	"cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

static const char rfc_signature[] =
	"702e218943e88fd11eb5d82dbf7845f34106ae1b81fff7731116add1717d8365"
	"6d420afd3c96eedd73a2663e5166687b000b87226e0187ed1073f945e582adfc"
	"ef16d85a798ee8c66ddb3db8975b17d09402beedd5d9d97007108db28160d5f8"
	"040ca7445762b81fbe7ff9d92e0ae76f24f25b33bbe6f44ae61eb1040acb2004"
	"4d3ef9128ed40130795bd4bd3b41eecad066ab651981fde48df77f372dc38b9f"
	"afdd3befb18b5da3cc3c2eb02f9e3a41d612caad15911273a05f23b9e838faaf"
	"849d698429ef5a1e88798236c3d40e604522a544c8f27a7a2db80663d16cf7ca"
	"ea56de405cb2215a45b2c25566b55ac1a748a070dfc8a32a469543d019eefb47";

/* Test case 16 of McGrew and Viega, "The Galois/Counter Mode of Operation". */
static const char gcm_key[] = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
static const char gcm_nonce[] = "cafebabefacedbaddecaf888";
static const char gcm_aad[] = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
static const char gcm_plain[] =
	"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
static const char gcm_sealed[] =
	"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662";
static const char gcm_tag[] = "76fc6ece0f4e1768cddf8853bb2d551b";

static size_t
from_hex(const char *hex, unsigned char *out)
{
	size_t len = strlen(hex) / 2;

	for (size_t i = 0; i < len; i++)
	{
		unsigned int byte;

		sscanf(hex + 2 * i, "%2x", &byte);
		out[i] = byte;
	}
	return len;
}

static void
test_signature(void)
{
	unsigned char expected[MO_SIGNATURE_MAX];
	unsigned char signature[MO_SIGNATURE_MAX];
	size_t expected_len = from_hex(rfc_signature, expected);
	size_t len = mo_sign_rs256(rfc_key, rfc_input, strlen(rfc_input), signature);

	ok(len == 256 && len == expected_len && memcmp(signature, expected, len) == 0,
	   "RS256 signs as RFC 7515, appendix A.2 does");
	ok(mo_sign_rs256("no key", rfc_input, strlen(rfc_input), signature) == 0,
	   "what is no key does not sign");
}

static void
test_seal(void)
{
	unsigned char key[32], nonce[12], aad[32], plain[64], sealed[64], tag[16];
	unsigned char out[64], out_tag[16];
	size_t aad_len = from_hex(gcm_aad, aad);
	size_t len = from_hex(gcm_plain, plain);

	from_hex(gcm_key, key);
	from_hex(gcm_nonce, nonce);
	from_hex(gcm_sealed, sealed);
	from_hex(gcm_tag, tag);
	ok(mo_seal(key, nonce, aad, aad_len, plain, len, out, out_tag) &&
		   memcmp(out, sealed, len) == 0 && memcmp(out_tag, tag, 16) == 0,
	   "AES-256-GCM seals as test case 16 does");
	ok(mo_unseal(key, nonce, aad, aad_len, sealed, len, tag, out) && memcmp(out, plain, len) == 0,
	   "and opens it");
	aad[0] ^= 1;
	ok(!mo_unseal(key, nonce, aad, aad_len, sealed, len, tag, out), "not with another name");
	aad[0] ^= 1;
	key[31] ^= 1;
	ok(!mo_unseal(key, nonce, aad, aad_len, sealed, len, tag, out), "not with another key");
	key[31] ^= 1;
	sealed[3] ^= 1;
	ok(!mo_unseal(key, nonce, aad, aad_len, sealed, len, tag, out) && out[0] == 0,
	   "not when altered, and leaves nothing");
}

int
main(void)
{
	test_signature();
	test_seal();
	return done_testing();
}
