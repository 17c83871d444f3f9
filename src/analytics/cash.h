/*-------------------------------------------------------------------------
 *
 * cash.h
 *	  Working capital day by day, shared by runway and bands.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_CASH_H
#define MOMENTUM_CASH_H

#include "fmgr.h"

/*
 * The projection: w[d] at the end of day d, w[0] the balance.  "noise" bounds
 * what rounding may have added up to: a difference below it is none.
 */
typedef struct CashWalk
{
	int horizon;
	double *w; /* horizon + 1 values */
	double noise;
} CashWalk;

extern double mo_cash_amount(FunctionCallInfo fcinfo, int argno, const char *name);
extern CashWalk mo_cash_read(FunctionCallInfo fcinfo);
extern double mo_cash_runway(const CashWalk *path, int breach_day, double end, double floor);

#endif /* MOMENTUM_CASH_H */
