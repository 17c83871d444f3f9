/*-------------------------------------------------------------------------
 *
 * signature.c
 *	  The signature of Standard Webhooks: HMAC-SHA256 over id, time and body.
 *
 * https://github.com/standard-webhooks/standard-webhooks, spec of version 1.
 *
 *-------------------------------------------------------------------------
 */
#include "health/signature.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "whsec_"
#define DIGEST_LEN 32
#define MAX_HEAD 512 /* id, time and two dots */

/*
 * The key in a secret; returns its length, 0 if the form is wrong.  "key"
 * takes MO_SIGNING_KEY_MAX + 3 bytes, and is the caller's to wipe.
 */
static size_t
read_key(const char *secret, unsigned char *key)
{
	size_t len;
	size_t padding = 0;
	int decoded;

	if (strncmp(secret, PREFIX, strlen(PREFIX)) != 0)
		return 0;
	secret += strlen(PREFIX);
	len = strlen(secret);
	if (len % 4 != 0 || len / 4 * 3 < MO_SIGNING_KEY_MIN || len / 4 * 3 > MO_SIGNING_KEY_MAX + 2)
		return 0;
	while (padding < 2 && secret[len - 1 - padding] == '=')
		padding++;
	if (strspn(secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") !=
		len - padding)
		return 0;
	decoded = EVP_DecodeBlock(key, (const unsigned char *) secret, (int) len);
	if (decoded < 0)
		return 0;
	len = (size_t) decoded - padding;
	return len < MO_SIGNING_KEY_MIN || len > MO_SIGNING_KEY_MAX ? 0 : len;
}

/* HMAC-SHA256 of head and body. */
static bool
hmac(const unsigned char *key, size_t key_len, const char *head, const char *body,
	 unsigned char *digest)
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, key, key_len);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t digest_len = DIGEST_LEN;
	bool done = pkey != NULL && ctx != NULL &&
				EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pkey) == 1 &&
				EVP_DigestSignUpdate(ctx, head, strlen(head)) == 1 &&
				EVP_DigestSignUpdate(ctx, body, strlen(body)) == 1 &&
				EVP_DigestSignFinal(ctx, digest, &digest_len) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return done;
}

bool
mo_webhook_sign(const char *secret, const char *id, int64_t timestamp, const char *body,
				char *signature)
{
	unsigned char key[MO_SIGNING_KEY_MAX + 3];
	unsigned char digest[DIGEST_LEN];
	char head[MAX_HEAD];
	size_t key_len = read_key(secret, key);
	bool done = false;

	if (key_len > 0 &&
		snprintf(head, sizeof(head), "%s.%" PRId64 ".", id, timestamp) < (int) sizeof(head) &&
		hmac(key, key_len, head, body, digest))
	{
		memcpy(signature, "v1,", 3);
		EVP_EncodeBlock((unsigned char *) signature + 3, digest, DIGEST_LEN);
		done = true;
	}
	OPENSSL_cleanse(key, sizeof(key));
	return done;
}
