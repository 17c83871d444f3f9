/*-------------------------------------------------------------------------
 *
 * access.h
 *	  Who may see which brand, for the rest of the extension.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_ACCESS_H
#define MOMENTUM_ACCESS_H

/*
 * Is this a role of the owner level: of the model's owner, or of a role that
 * momentum.grant_access() made one?  False while there is no model.  Reads
 * momentum_state.access; needs a snapshot.
 */
extern bool mo_access_is_owner(Oid user);

/*
 * The owner of a relation, or InvalidOid: whose rights to take on for what
 * the caller has none to do.
 */
extern Oid mo_access_relation_owner(Oid relation);

/*
 * momentum.may_see(brand), for the rest of the extension: may the caller see
 * the figures of this brand?  Raises while there is no model; needs a snapshot.
 */
extern bool mo_access_may_see(const text *brand);

#endif /* MOMENTUM_ACCESS_H */
