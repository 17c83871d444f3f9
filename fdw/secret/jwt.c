/*-------------------------------------------------------------------------
 *
 * jwt.c
 *	  The signed statement with which a service account asks for a token.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <openssl/evp.h>

#include "lib/stringinfo.h"
#include "secret/jwt.h"
#include "secret/seal.h"
#include "utils/json.h"

#define LIFETIME_S 3600 /* the longest that Google takes */

/*
 * Appends base64url without padding (RFC 7515, section 2).
 */
static void
append_base64url(StringInfo out, const void *data, size_t len)
{
	unsigned char *encoded = palloc((len + 2) / 3 * 4 + 1);
	int n = EVP_EncodeBlock(encoded, data, (int) len);

	for (int i = 0; i < n && encoded[i] != '='; i++)
	{
		if (encoded[i] == '+')
			encoded[i] = '-';
		else if (encoded[i] == '/')
			encoded[i] = '_';
		appendStringInfoChar(out, encoded[i]);
	}
	pfree(encoded);
}

/*
 * Appends "name":"value", and a comma before it unless it is the first.
 */
static void
append_member(StringInfo out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	if (out->data[out->len - 1] != '{')
		appendStringInfoChar(out, ',');
	escape_json(out, name);
	appendStringInfoChar(out, ':');
	escape_json(out, value);
}

char *
mo_jwt_make(const char *issuer, const char *audience, const char *scope,
			const char *key_id, const char *private_key, int64 now)
{
	StringInfoData part;
	StringInfoData jwt;
	unsigned char signature[MO_SIGNATURE_MAX];
	size_t signature_len;

	initStringInfo(&part);
	initStringInfo(&jwt);
	appendStringInfoChar(&part, '{');
	append_member(&part, "alg", "RS256");
	append_member(&part, "typ", "JWT");
	append_member(&part, "kid", key_id);
	appendStringInfoChar(&part, '}');
	append_base64url(&jwt, part.data, part.len);

	resetStringInfo(&part);
	appendStringInfoChar(&part, '{');
	append_member(&part, "iss", issuer);
	append_member(&part, "scope", scope);
	append_member(&part, "aud", audience);
	appendStringInfo(&part, ",\"iat\":" INT64_FORMAT ",\"exp\":" INT64_FORMAT "}",
					 now, now + LIFETIME_S);
	appendStringInfoChar(&jwt, '.');
	append_base64url(&jwt, part.data, part.len);

	signature_len = mo_sign_rs256(private_key, jwt.data, jwt.len, signature);
	if (signature_len == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("could not sign with the service account's private key"),
				 errhint("\"private_key\" must be an unencrypted RSA key in PEM form.")));
	appendStringInfoChar(&jwt, '.');
	append_base64url(&jwt, signature, signature_len);
	pfree(part.data);
	return jwt.data;
}
