/*-------------------------------------------------------------------------
 *
 * unpack.c
 *	  Packed answers become plain bytes, no more of them than there is room.
 *
 * libcurl would unpack a whole piece of an answer at once, however much comes
 * out of it: 64 kB of gzip can hold 66 MB.  So it hands over what came as it
 * came, and here it is unpacked in steps, as far as the reader has caught up.
 * What is left waits in "packed", which never holds more than libcurl's one
 * piece.
 *
 * Only gzip is asked for, and only gzip is taken.  Runs below libcurl's
 * callbacks: nothing here raises or pallocs.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <zlib.h>

#include "http/internal.h"

#define STEP (64 * 1024)

/* zlib's window bits: the largest window, in gzip's wrapping and no other */
#define GZIP_WINDOW (15 + 16)

struct Unpacker
{
	z_stream zlib;
	int64 taken; /* packed bytes used */
	int64 given; /* bytes that came of them */
	bool whole;  /* at the end of a gzip member, its checksum was right */
};

/*
 * Looks at the head of an answer.  False if its body cannot be read: packed
 * in a way we did not ask for, or no memory; the transfer says which.
 */
bool
mo_http_unpack_begin(HttpTransfer *t)
{
	const char *coding = mo_http_header(t, "Content-Encoding");

	if (coding == NULL || coding[0] == '\0' || pg_strcasecmp(coding, "identity") == 0)
		return true;
	if (pg_strcasecmp(coding, "gzip") != 0 && pg_strcasecmp(coding, "x-gzip") != 0)
	{
		t->packing = "the answer is packed in a way that was not asked for";
		return false;
	}
	t->unpacker = calloc(1, sizeof(Unpacker));
	if (t->unpacker == NULL || inflateInit2(&t->unpacker->zlib, GZIP_WINDOW) != Z_OK)
	{
		free(t->unpacker);
		t->unpacker = NULL;
		t->no_memory = true;
		return false;
	}
	return true;
}

/*
 * One step: from "in" to the unread bytes.  Returns how many were used, or -1
 * when that cannot be: the transfer says why.
 */
static int64
unpack_step(HttpTransfer *t, const char *in, size_t len)
{
	Unpacker *u = t->unpacker;
	int rc;
	size_t used;
	size_t made;

	if (!mo_http_buffer_room(&t->unread, STEP))
	{
		t->no_memory = true;
		return -1;
	}
	if (u->whole) /* a further member, as of files joined together */
		inflateReset(&u->zlib);
	u->whole = false;
	u->zlib.next_in = (Bytef *) in;
	u->zlib.avail_in = (uInt) len;
	u->zlib.next_out = (Bytef *) t->unread.data + t->unread.end;
	u->zlib.avail_out = STEP;
	rc = inflate(&u->zlib, Z_NO_FLUSH);
	used = len - u->zlib.avail_in;
	made = STEP - u->zlib.avail_out;
	if (rc == Z_MEM_ERROR)
		t->no_memory = true;
	else if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
		t->packing = "the packed answer is damaged";
	if (t->no_memory || t->packing != NULL)
		return -1;
	u->whole = rc == Z_STREAM_END;
	u->taken += used;
	u->given += made;
	t->unread.end += made;
	t->body_bytes += made;
	t->bomb = u->given > MO_HTTP_RATIO_FROM && u->given / MO_HTTP_MAX_RATIO > u->taken;
	t->too_large = t->too_large || t->bomb || t->body_bytes > t->max_body;
	return t->too_large ? -1 : (int64) used;
}

/*
 * Unpacks a piece as far as there is room and keeps the rest.  False if it
 * cannot be unpacked, or is too much.
 */
bool
mo_http_unpack_add(HttpTransfer *t, const char *in, size_t len)
{
	while (len > 0 && t->unread.end - t->unread.start < MO_HTTP_HIGH_WATER)
	{
		int64 used = unpack_step(t, in, len);

		if (used < 0)
			return false;
		in += used;
		len -= used;
	}
	if (len > 0 && !mo_http_buffer_add(&t->packed, in, len))
	{
		t->no_memory = true;
		return false;
	}
	return true;
}

/*
 * Goes on with what was kept, as far as there is room now.  False as above.
 */
bool
mo_http_unpack_rest(HttpTransfer *t)
{
	while (t->packed.start < t->packed.end &&
		   t->unread.end - t->unread.start < MO_HTTP_HIGH_WATER)
	{
		int64 used = unpack_step(t, t->packed.data + t->packed.start,
								 t->packed.end - t->packed.start);

		if (used < 0)
			return false;
		t->packed.start += used;
	}
	return true;
}

/*
 * Is what came so far a whole answer?  To be asked when all of it was unpacked.
 */
bool
mo_http_unpack_whole(const HttpTransfer *t)
{
	return t->unpacker == NULL || t->unpacker->whole || t->unpacker->taken == 0;
}

/*
 * Frees what unpacking needed; twice is fine.
 */
void
mo_http_unpack_end(HttpTransfer *t)
{
	if (t->unpacker != NULL)
	{
		inflateEnd(&t->unpacker->zlib);
		free(t->unpacker);
		t->unpacker = NULL;
	}
	mo_http_buffer_free(&t->packed);
}
