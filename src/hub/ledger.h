/*-------------------------------------------------------------------------
 *
 * ledger.h
 *	  The erasure ledger: who was erased, outside the database as well.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_LEDGER_H
#define MOMENTUM_LEDGER_H

/* Defines momentum.erasure_ledger; for _PG_init. */
extern void mo_ledger_init(void);

#endif /* MOMENTUM_LEDGER_H */
