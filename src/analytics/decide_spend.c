/*-------------------------------------------------------------------------
 *
 * decide_spend.c
 *	  Increase spend?
 *
 * The brand's rule: CAC below target and working capital allows, yes; CAC
 * above target, no, optimise first.  A short runway cuts spend whatever else
 * holds; the economics may hold a yes back.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "analytics/decide.h"

/* Spend moves by this part at a time. */
#define STEP 0.20

/* Without a marginal CAC the average has to be this far under the target. */
#define SAFE_DISTANCE 0.10

/* More spend needs stock for so many days, where that is known. */
#define MIN_STOCK_DAYS 30

PG_FUNCTION_INFO_V1(mo_decide_spend);

/* The arguments, in their order. */
typedef struct SpendInputs
{
	double spend;
	double target;
	double actual;
	Margin margin;
	double mcac;
	double runway;
	double runway_min;
	double runway_hard;
	double affordable;
	const char *conversion_status;
	double stock_days;
	Funnel funnel;
	double cac_confidence;
	double margin_confidence;
	double mcac_confidence;
	double runway_confidence;
} SpendInputs;

static const char *
read_status(FunctionCallInfo fcinfo, int argno)
{
	static const char *const known[] = {"green", "yellow", "red", "unknown", "no source"};
	const char *status = mo_arg_text(fcinfo, argno);

	if (status == NULL)
		return "unknown";
	for (size_t i = 0; i < lengthof(known); i++)
	{
		if (strcmp(status, known[i]) == 0)
			return status;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown status \"%s\"", status),
			 errhint("A status is green, yellow, red, unknown or no source.")));
}

static SpendInputs
read_inputs(FunctionCallInfo fcinfo)
{
	SpendInputs in;

	in.spend = mo_decide_input(fcinfo, 0);
	in.target = mo_decide_input(fcinfo, 1);
	in.actual = mo_decide_input_or_infinity(fcinfo, 2);
	in.margin = mo_decide_margin(mo_decide_input(fcinfo, 3), mo_decide_input(fcinfo, 4),
								 mo_arg_float(fcinfo, 5));
	in.mcac = mo_decide_input(fcinfo, 6);
	in.runway = mo_decide_input_or_infinity(fcinfo, 7);
	in.runway_min = mo_decide_default(mo_decide_input(fcinfo, 8), MO_RUNWAY_MIN);
	in.runway_hard = mo_decide_default(mo_decide_input(fcinfo, 9), MO_RUNWAY_HARD);
	in.affordable = mo_decide_input(fcinfo, 10);
	in.conversion_status = read_status(fcinfo, 11);
	in.stock_days = mo_decide_input_or_infinity(fcinfo, 12);
	for (int i = 0; i < 2; i++)
	{
		in.funnel.cpm[i] = mo_decide_input(fcinfo, 13 + i);
		in.funnel.ctr[i] = mo_decide_input(fcinfo, 15 + i);
		in.funnel.cvr[i] = mo_decide_input(fcinfo, 17 + i);
	}
	in.cac_confidence = mo_arg_float(fcinfo, 19);
	in.margin_confidence = mo_arg_float(fcinfo, 20);
	in.mcac_confidence = mo_arg_float(fcinfo, 21);
	in.runway_confidence = mo_arg_float(fcinfo, 22);
	return in;
}

static void
decrease(const SpendInputs *in, Decision *d)
{
	d->word = "DECREASE";
	d->to = (1 - STEP) * in->spend;
	mo_decide_because(d, "Cut spend by %.0f %%, from %.2f to %.2f a day.",
					  100 * STEP, in->spend, d->to);
}

/*
 * The margin and the cost of the next customer take part in the decision.
 */
static void
use_economics(const SpendInputs *in, Decision *d)
{
	if (!isnan(in->mcac))
		mo_decide_use(d, in->mcac_confidence);
	mo_decide_use_margin(d, &in->margin, in->margin_confidence);
}

/*
 * CAC is above target: no, and less if nothing says that the next customer
 * is worth it.
 */
static void
optimise_first(const SpendInputs *in, Decision *d)
{
	const char *step;
	char *funnel = mo_decide_funnel(&in->funnel, &step);

	d->word = "NO";
	mo_decide_use(d, in->cac_confidence);
	if (isinf(in->actual))
		mo_decide_because(d, "optimise_first: the ads brought no new customer, against a CAC "
							 "target of %.2f; the rule says no.",
						  in->target);
	else
		mo_decide_because(d, "optimise_first: CAC is %.2f, %.1f %% above the target of %.2f; the "
							 "rule says no.",
						  in->actual, 100 * (in->actual / in->target - 1), in->target);
	if (funnel != NULL)
		mo_decide_because(d, "%s", funnel);
	use_economics(in, d);
	if (isnan(in->mcac))
	{
		mo_decide_because(d, "Nothing is known about what the next customer costs.");
		decrease(in, d);
	}
	else if (in->mcac > in->margin.allowable)
	{
		mo_decide_because(d, "The next customer costs %.2f, %.2f more than one may cost.",
						  in->mcac, in->mcac - in->margin.allowable);
		decrease(in, d);
	}
	else if (!isnan(in->margin.allowable))
		mo_decide_because(d, "The next customer costs %.2f and may cost %.2f: spend can stay where "
							 "it is.",
						  in->mcac, in->margin.allowable);
}

/*
 * Whether the next customer is cheap enough; says by how much it is, or not.
 */
static bool
next_customer_pays(const SpendInputs *in, Decision *d)
{
	double limit = fmin(in->target, mo_decide_default(in->margin.allowable, INFINITY));
	double safe = (1 - SAFE_DISTANCE) * in->target;

	if (isnan(in->mcac))
	{
		if (in->actual <= safe)
		{
			mo_decide_because(d, "What the next customer costs is not known, but CAC is %.0f %% or "
								 "more under the target.",
							  100 * SAFE_DISTANCE);
			if (in->actual > in->margin.allowable)
				mo_decide_because(d, "The economics disagree: a customer costs %.2f, %.2f more "
									 "than one may cost.",
								  in->actual, in->actual - in->margin.allowable);
			return true;
		}
		mo_decide_because(d, "What the next customer costs is not known, and CAC is %.2f above "
							 "%.2f, %.0f %% under the target.",
						  in->actual - safe, safe, 100 * SAFE_DISTANCE);
		return false;
	}
	if (in->mcac <= limit)
	{
		mo_decide_because(d, "The next customer costs %.2f, within the limit of %.2f (the lower of "
							 "target and what one may cost).",
						  in->mcac, limit);
		return true;
	}
	mo_decide_because(d, "The next customer costs %.2f, %.2f above the limit of %.2f (the lower of "
						 "target and what one may cost).",
					  in->mcac, in->mcac - limit, limit);
	return false;
}

/*
 * CAC is at or below target: increase unless a condition fails, and name
 * each that does.
 */
static void
consider(const SpendInputs *in, Decision *d)
{
	bool held = false;

	mo_decide_use(d, in->cac_confidence);
	mo_decide_use(d, in->runway_confidence);
	mo_decide_because(d, "CAC is %.2f, %.1f %% below the target of %.2f.",
					  in->actual, 100 * (1 - in->actual / in->target), in->target);
	use_economics(in, d);
	if (!(in->actual < in->target))
	{
		held = true;
		mo_decide_because(d, "CAC has to be below the target, not on it.");
	}
	if (in->runway < in->runway_min)
	{
		held = true;
		mo_decide_because(d, "Runway is %s, %.1f days short of the minimum of %.1f.",
						  mo_decide_days(in->runway), in->runway_min - in->runway, in->runway_min);
	}
	if (!(in->affordable > 0))
	{
		held = true;
		mo_decide_because(d, "The projected working capital carries no extra spend.");
	}
	if (!next_customer_pays(in, d))
		held = true;
	if (strcmp(in->conversion_status, "red") == 0)
	{
		held = true;
		mo_decide_because(d, "The conversion rate is red.");
	}
	if (in->stock_days < MIN_STOCK_DAYS)
	{
		held = true;
		mo_decide_because(d, "Stock lasts %.1f days, %.1f short of %d.",
						  in->stock_days, MIN_STOCK_DAYS - in->stock_days, MIN_STOCK_DAYS);
	}
	if (held)
		return;
	d->word = "INCREASE";
	d->to = in->spend + fmin(STEP * in->spend, in->affordable);
	mo_decide_because(d, "Runway is %s, and cash carries %.2f more a day: increase spend from "
						 "%.2f to %.2f a day, by at most %.0f %% at a time.",
					  mo_decide_days(in->runway), in->affordable, in->spend, d->to, 100 * STEP);
}

/*
 * decide_spend(...)
 */
Datum
mo_decide_spend(PG_FUNCTION_ARGS)
{
	SpendInputs in = read_inputs(fcinfo);
	Decision d;

	if (fabs(in.actual - in.target) <= MO_SAME * in.target)
		in.actual = in.target;
	mo_decide_begin(&d, in.spend >= 0 ? in.spend : NAN);
	if (!(in.spend > 0))
		mo_decide_missing(&d, "no_spend",
						  in.spend <= 0 ? "There is no ad spend to change."
										: "The ad spend is not known.");
	else if (in.runway < in.runway_hard)
	{
		mo_decide_use(&d, in.runway_confidence);
		mo_decide_because(&d, "Runway is %s, under the hard limit of %.1f days.",
						  mo_decide_days(in.runway), in.runway_hard);
		decrease(&in, &d);
	}
	else if (!(in.target > 0))
		mo_decide_missing(&d, "no_target", "The CAC target is not known.");
	else if (!(in.actual >= 0))
		mo_decide_missing(&d, "no_cac", "The CAC is not known.");
	else if (in.actual > in.target)
		optimise_first(&in, &d);
	else if (isnan(in.runway))
		mo_decide_missing(&d, "no_runway", "The runway is not known.");
	else if (isnan(in.affordable))
		mo_decide_missing(&d, "no_cash_path", "The projected working capital is not known.");
	else
		consider(&in, &d);
	return mo_decide_end(&d, fcinfo);
}
