/*-------------------------------------------------------------------------
 *
 * decide.h
 *	  What the decisions share: reasons, confidence, economics.
 *
 * An input that is not known is NaN.  Thresholds, where a caller gives none,
 * are the defaults of momentum_state.setting.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_DECIDE_H
#define MOMENTUM_DECIDE_H

#include "analytics/analytics.h"

/* Days of runway: the goal, what is tight, what is an emergency. */
#define MO_RUNWAY_TARGET 90
#define MO_RUNWAY_MIN 60
#define MO_RUNWAY_HARD 30

/* Part of the margin that stays as profit. */
#define MO_PROFIT_SHARE 0.20

/* Confidence of an input that is fresh, and of one that is imputed. */
#define MO_FRESH 0.7
#define MO_IMPUTED 0.4

/* Figures that differ by less than this share are the same but for rounding. */
#define MO_SAME 1e-12

/* A decision in the making. */
typedef struct Decision
{
	const char *word;
	double from;
	double to;
	double confidence; /* lowest so far; NaN once an input is missing */
	List *reasons;     /* of char *, in order */
} Decision;

/* What a new customer may cost. */
typedef struct Margin
{
	double first;  /* of the first order */
	double repeat; /* of repeat orders in the payback window, 0 if unknown */
	double profit_share;
	double allowable; /* NaN when "first" is */
} Margin;

/* The steps from an impression to a customer, in two periods. */
typedef struct Funnel
{
	double cpm[2]; /* before, now */
	double ctr[2];
	double cvr[2];
} Funnel;

/* decide.c */
extern void mo_decide_begin(Decision *decision, double from);
extern void mo_decide_use(Decision *decision, double confidence);
extern void mo_decide_missing(Decision *decision, const char *code, const char *sentence);
extern void mo_decide_because(Decision *decision, const char *fmt, ...) pg_attribute_printf(2, 3);
extern Datum mo_decide_end(Decision *decision, FunctionCallInfo fcinfo);
extern double mo_decide_input(FunctionCallInfo fcinfo, int argno);
extern double mo_decide_input_or_infinity(FunctionCallInfo fcinfo, int argno);
extern double mo_decide_default(double value, double otherwise);
extern void mo_decide_use_margin(Decision *decision, const Margin *margin, double confidence);
extern Margin mo_decide_margin(double first, double repeat, double profit_share);
extern char *mo_decide_days(double days);
extern char *mo_decide_funnel(const Funnel *funnel, const char **step);

#endif /* MOMENTUM_DECIDE_H */
