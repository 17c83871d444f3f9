/*-------------------------------------------------------------------------
 *
 * audit.h
 *	  One row of momentum_state.audit, for the rest of the extension.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_AUDIT_H
#define MOMENTUM_AUDIT_H

/*
 * Writes down what somebody did: the session user and the outer user, the
 * action, and "detail" as the text of a JSON object.  "brand" is NULL for what
 * concerns no brand or all of them.  It is part of the caller's transaction.
 * Does nothing while there is no model, and on a standby.
 */
extern void mo_audit(const char *brand, const char *action, const char *detail);

/* The same for two texts: {"key": "value"}, or two pairs; NULL values are left out. */
extern void mo_audit_pairs(const char *action, const char *key1, const char *value1,
						   const char *key2, const char *value2);

#endif /* MOMENTUM_AUDIT_H */
