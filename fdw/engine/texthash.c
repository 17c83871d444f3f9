/*-------------------------------------------------------------------------
 *
 * texthash.c
 *	  Hash tables whose keys are texts of any length.
 *
 * An entry begins with a pointer to its text, which has to last as long as the
 * table does.  One is looked for by the address of such a pointer; where it is
 * entered anew, the caller puts a lasting copy in its place.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"

#include "engine/engine.h"

static uint32
hash_text(const void *key, Size size)
{
	const char *text = *(const char *const *) key;

	return DatumGetUInt32(hash_any((const unsigned char *) text, (int) strlen(text)));
}

static int
compare_texts(const void *a, const void *b, Size size)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* An empty table with entries of that size, in the memory context. */
HTAB *
mo_text_hash(const char *name, Size entry_size, MemoryContext cxt)
{
	HASHCTL control = {0};

	control.keysize = sizeof(char *);
	control.entrysize = entry_size;
	control.hash = hash_text;
	control.match = compare_texts;
	control.hcxt = cxt;
	return hash_create(name, 64, &control,
					   HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
}
