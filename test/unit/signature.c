/*-------------------------------------------------------------------------
 *
 * signature.c
 *	  The signature of Standard Webhooks against its published vector.
 *
 *-------------------------------------------------------------------------
 */
#include "../../src/health/signature.c"

#include "tap.h"

/* From the tests of the reference libraries. */
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define ID "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define BODY "{\"test\": 2432232314}"
#define AT 1614265330
#define SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

static bool
refuses(const char *secret)
{
	char signature[MO_SIGNATURE_LEN];

	return !mo_webhook_sign(secret, ID, AT, BODY, signature);
}

int
main(void)
{
	char signature[MO_SIGNATURE_LEN];
	char long_id[MAX_HEAD + 1];

	ok(mo_webhook_sign(SECRET, ID, AT, BODY, signature), "the vector is signed");
	ok(strcmp(signature, SIGNATURE) == 0, "and the signature is the published one");
	ok(mo_webhook_sign(SECRET, ID, AT + 1, BODY, signature) && strcmp(signature, SIGNATURE) != 0,
	   "another time makes another one");
	ok(mo_webhook_sign(SECRET, ID, AT, "", signature), "an empty body is signed");
	ok(strlen(signature) == MO_SIGNATURE_LEN - 1, "its length is the usual one");
	ok(mo_webhook_sign("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", ID, AT, BODY,
					   signature),
	   "a key whose base64 is padded is taken");
	ok(refuses(SECRET + 6), "a secret without whsec_ is refused");
	ok(refuses("whsec_"), "so is an empty one");
	ok(refuses("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"), "one cut off");
	ok(refuses("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa=w"), "padding in the middle");
	ok(refuses("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La-aSw"), "base64 for URLs");
	ok(refuses("whsec_MfKQ9r8GKYqrTwjUPD8I"), "a key under 24 bytes");
	ok(refuses("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3"
			   "ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3"),
	   "one over 64");
	memset(long_id, 'x', sizeof(long_id) - 1);
	long_id[sizeof(long_id) - 1] = '\0';
	ok(!mo_webhook_sign(SECRET, long_id, AT, BODY, signature), "an id without end is refused");
	return done_testing();
}
