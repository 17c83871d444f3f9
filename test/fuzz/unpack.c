/*-------------------------------------------------------------------------
 *
 * unpack.c
 *	  Packed bytes in pieces of any size, read by a reader of any speed: what
 *	  comes out is the same as in one piece, and never more than there is room.
 *
 * fuzzes: fdw/http/unpack.c fdw/http/buffer.c test/fuzz/server/server.c
 *
 *-------------------------------------------------------------------------
 */
#include "server/server.h"

#include "http/internal.h"

typedef struct Outcome
{
	uint64 hash;
	size_t len;
	bool good;
} Outcome;

const char *
mo_http_header(const HttpTransfer *t, const char *name)
{
	return "gzip";
}

/* The reader takes up to "most" bytes. */
static void
read_some(HttpTransfer *t, size_t most, Outcome *outcome)
{
	size_t n = Min(t->unread.end - t->unread.start, most);

	for (size_t i = 0; i < n; i++)
		outcome->hash = (outcome->hash ^ (uint8_t) t->unread.data[t->unread.start + i]) *
						UINT64CONST(1099511628211);
	t->unread.start += n;
	outcome->len += n;
}

static Outcome
run(const uint8_t *data, size_t size, size_t piece, size_t most)
{
	HttpTransfer t = {.max_body = 64 << 20};
	Outcome outcome = {UINT64CONST(14695981039346656037), 0, true};

	CHECK(mo_http_unpack_begin(&t));
	while (size > 0 && outcome.good)
	{
		size_t n = Min(size, piece);
		uint8_t *copy = malloc(n);

		memcpy(copy, data, n);
		outcome.good = mo_http_unpack_add(&t, (char *) copy, n);
		free(copy);
		data += n;
		size -= n;
		CHECK(t.unread.end - t.unread.start <= MO_HTTP_HIGH_WATER + 64 * 1024);
		do
		{
			read_some(&t, most, &outcome);
			outcome.good = outcome.good && mo_http_unpack_rest(&t);
		} while (outcome.good && t.packed.start < t.packed.end);
	}
	while (t.unread.end > t.unread.start)
		read_some(&t, most, &outcome);
	outcome.good = outcome.good && mo_http_unpack_whole(&t);
	CHECK(outcome.good || t.packing != NULL || t.too_large || !mo_http_unpack_whole(&t));
	mo_http_unpack_end(&t);
	mo_http_buffer_free(&t.unread);
	return outcome;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Outcome whole;
	Outcome parts;

	if (size < 3)
		return 0;
	whole = run(data + 2, size - 2, size, SIZE_MAX);
	parts = run(data + 2, size - 2, 1 + data[0], 1 + data[1] * 997);
	CHECK(whole.good == parts.good);
	if (whole.good)
		CHECK(whole.len == parts.len && whole.hash == parts.hash);
	return 0;
}
