/*-------------------------------------------------------------------------
 *
 * seal.h
 *	  AES-256-GCM around one secret, and the signature of a JWT.
 *
 * Plain C over OpenSSL: no palloc, nothing raises.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_SEAL_H
#define MOMENTUM_SEAL_H

#include <stdbool.h>
#include <stddef.h>

#define MO_SEAL_KEY_LEN 32
#define MO_SEAL_NONCE_LEN 12
#define MO_SEAL_TAG_LEN 16

/*
 * Encrypts; "sealed" takes plain_len bytes, "tag" MO_SEAL_TAG_LEN.  What is
 * in "aad" is not stored but must be the same at opening.  False if OpenSSL
 * fails.
 */
extern bool mo_seal(const unsigned char *key, const unsigned char *nonce,
					const void *aad, size_t aad_len,
					const void *plain, size_t plain_len,
					unsigned char *sealed, unsigned char *tag);

/*
 * Decrypts; "plain" takes sealed_len bytes.  False if key, nonce, aad, text
 * or tag is not what it was; "plain" is wiped then.
 */
extern bool mo_unseal(const unsigned char *key, const unsigned char *nonce,
					  const void *aad, size_t aad_len,
					  const void *sealed, size_t sealed_len,
					  const unsigned char *tag, unsigned char *plain);

#define MO_SIGNATURE_MAX 1024 /* an RSA key of 8192 bits */

/*
 * RSASSA-PKCS1-v1_5 with SHA-256 (RS256) under a private key in PEM form.
 * "signature" takes MO_SIGNATURE_MAX bytes; returns how many it has, 0 if the
 * key cannot be read, is not RSA or too long.
 */
extern size_t mo_sign_rs256(const char *pem, const void *data, size_t data_len,
							unsigned char *signature);

#endif /* MOMENTUM_SEAL_H */
