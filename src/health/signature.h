/*-------------------------------------------------------------------------
 *
 * signature.h
 *	  The signature of Standard Webhooks.  Plain C over OpenSSL.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_SIGNATURE_H
#define MOMENTUM_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MO_SIGNATURE_LEN 48 /* "v1,", 44 characters of base64, NUL */
#define MO_SIGNING_KEY_MIN 24
#define MO_SIGNING_KEY_MAX 64

/*
 * Signs "id.timestamp.body" under a secret of the form whsec_<base64 of 24 to
 * 64 bytes>; "signature" takes MO_SIGNATURE_LEN bytes, "v1,..." and a NUL.
 * False: the secret has not that form.  No part of the key stays behind.
 */
extern bool mo_webhook_sign(const char *secret, const char *id, int64_t timestamp,
							const char *body, char *signature);

#endif /* MOMENTUM_SIGNATURE_H */
