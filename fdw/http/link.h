/*-------------------------------------------------------------------------
 *
 * link.h
 *	  Which link of a Link header leads to the next page.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_LINK_H
#define MOMENTUM_LINK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The target of the first link with rel="next" in the value of a Link header
 * (RFC 8288), which may be several values with commas between; within the
 * value, "len" bytes of it.  NULL if there is none.
 */
extern const char *mo_http_next_link(const char *header, size_t *len);

#endif /* MOMENTUM_LINK_H */
