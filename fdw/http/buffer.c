/*-------------------------------------------------------------------------
 *
 * buffer.c
 *	  A queue of bytes in malloc'd memory, for libcurl's callbacks.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "http/internal.h"

/*
 * Makes room for so many bytes behind the last one; may move the unread ones.
 * False if there is no memory.
 */
bool
mo_http_buffer_room(Buffer *b, size_t len)
{
	if (b->start == b->end)
		b->start = b->end = 0;
	if (b->size - b->end < len && b->start > 0)
	{
		memmove(b->data, b->data + b->start, b->end - b->start);
		b->end -= b->start;
		b->start = 0;
	}
	if (b->size - b->end < len)
	{
		size_t size = Max(b->size * 2, b->end + len);
		char *data_new = realloc(b->data, size);

		if (data_new == NULL)
			return false;
		b->data = data_new;
		b->size = size;
	}
	return true;
}

/*
 * Appends bytes; may move the unread ones.  False if there is no memory.
 */
bool
mo_http_buffer_add(Buffer *b, const char *data, size_t len)
{
	if (!mo_http_buffer_room(b, len))
		return false;
	memcpy(b->data + b->end, data, len);
	b->end += len;
	return true;
}

/*
 * Frees a buffer, and leaves nothing of it readable: answers may hold tokens.
 */
void
mo_http_buffer_free(Buffer *b)
{
	if (b->data != NULL)
	{
		explicit_bzero(b->data, b->size);
		free(b->data);
	}
	memset(b, 0, sizeof(*b));
}
