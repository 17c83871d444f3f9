/*-------------------------------------------------------------------------
 *
 * seal.c
 *	  AES-256-GCM around one secret, and the signature of a JWT.
 *
 *-------------------------------------------------------------------------
 */
#include "secret/seal.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

bool
mo_seal(const unsigned char *key, const unsigned char *nonce,
		const void *aad, size_t aad_len,
		const void *plain, size_t plain_len,
		unsigned char *sealed, unsigned char *tag)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len;
	bool done;

	if (ctx == NULL || aad_len > INT_MAX || plain_len > INT_MAX)
	{
		EVP_CIPHER_CTX_free(ctx);
		return false;
	}
	done = EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
		   EVP_EncryptUpdate(ctx, NULL, &len, aad, (int) aad_len) == 1 &&
		   EVP_EncryptUpdate(ctx, sealed, &len, plain, (int) plain_len) == 1 &&
		   EVP_EncryptFinal_ex(ctx, sealed + len, &len) == 1 &&
		   EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, MO_SEAL_TAG_LEN, tag) == 1;
	EVP_CIPHER_CTX_free(ctx);
	ERR_clear_error();
	return done;
}

bool
mo_unseal(const unsigned char *key, const unsigned char *nonce,
		  const void *aad, size_t aad_len,
		  const void *sealed, size_t sealed_len,
		  const unsigned char *tag, unsigned char *plain)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len;
	bool done;

	if (ctx == NULL || aad_len > INT_MAX || sealed_len > INT_MAX)
	{
		EVP_CIPHER_CTX_free(ctx);
		return false;
	}
	done = EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
		   EVP_DecryptUpdate(ctx, NULL, &len, aad, (int) aad_len) == 1 &&
		   EVP_DecryptUpdate(ctx, plain, &len, sealed, (int) sealed_len) == 1 &&
		   EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, MO_SEAL_TAG_LEN, (void *) tag) == 1 &&
		   EVP_DecryptFinal_ex(ctx, plain + len, &len) == 1;
	if (!done)
		OPENSSL_cleanse(plain, sealed_len);
	EVP_CIPHER_CTX_free(ctx);
	ERR_clear_error();
	return done;
}

/*
 * A key file that asks for a passphrase gets none: nobody is there to type.
 */
static int
no_passphrase(char *buf, int size, int for_writing, void *arg)
{
	(void) buf;
	(void) size;
	(void) for_writing;
	(void) arg;
	return -1;
}

size_t
mo_sign_rs256(const char *pem, const void *data, size_t data_len, unsigned char *signature)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = MO_SIGNATURE_MAX;
	bool done;

	done = key != NULL && ctx != NULL && EVP_PKEY_base_id(key) == EVP_PKEY_RSA &&
		   EVP_PKEY_size(key) <= MO_SIGNATURE_MAX &&
		   EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		   EVP_DigestSign(ctx, signature, &len, data, data_len) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	BIO_free(bio);
	ERR_clear_error();
	return done ? len : 0;
}
