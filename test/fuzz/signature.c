/*-------------------------------------------------------------------------
 *
 * signature.c
 *	  Any text as a signing secret: what signs has its form, and signs alike
 *	  each time.
 *
 * fuzzes: src/health/signature.c
 *
 *-------------------------------------------------------------------------
 */
#include "health/signature.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *secret = malloc(size + 1);
	char *first = malloc(MO_SIGNATURE_LEN);
	char *second = malloc(MO_SIGNATURE_LEN);

	memcpy(secret, data, size);
	secret[size] = '\0';
	if (mo_webhook_sign(secret, "id", 1, "{}", first))
	{
		if (strncmp(secret, "whsec_", 6) != 0 || strncmp(first, "v1,", 3) != 0 ||
			strlen(first) != MO_SIGNATURE_LEN - 1)
			abort();
		if (!mo_webhook_sign(secret, "id", 1, "{}", second) || strcmp(first, second) != 0)
			abort();
	}
	/* the secret's bytes as everything else */
	(void) mo_webhook_sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", secret, INT64_MIN, secret,
						   first);
	free(second);
	free(first);
	free(secret);
	return 0;
}
