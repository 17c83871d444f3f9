/*-------------------------------------------------------------------------
 *
 * decide_cac.c
 *	  Raise the CAC target?
 *
 * The brand's rule: working capital healthy and momentum up, yes; tight or
 * down, no.  The economics (what a customer brings, what the next one costs)
 * may hold a yes back, never make one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "analytics/decide.h"

/* The target moves at most by this part at a time. */
#define STEP 0.15

/* What a customer may cost has to differ this much from the target. */
#define WORTHWHILE 0.10

/* A score this small has no sign. */
#define TINY 1e-12

PG_FUNCTION_INFO_V1(mo_decide_cac_target);

/* The arguments, in their order. */
typedef struct CacInputs
{
	double target;
	double actual;
	Margin margin;
	double mcac;
	double runway;
	double runway_min;
	double score;
	double margin_confidence;
	double mcac_confidence;
	double runway_confidence;
	double score_confidence;
} CacInputs;

static CacInputs
read_inputs(FunctionCallInfo fcinfo)
{
	CacInputs in;

	in.target = mo_decide_input(fcinfo, 0);
	in.actual = mo_decide_input(fcinfo, 1);
	in.margin = mo_decide_margin(mo_decide_input(fcinfo, 2), mo_decide_input(fcinfo, 3),
								 mo_arg_float(fcinfo, 4));
	in.mcac = mo_decide_input(fcinfo, 5);
	in.runway = mo_decide_input_or_infinity(fcinfo, 6);
	in.runway_min = mo_decide_default(mo_decide_input(fcinfo, 7), MO_RUNWAY_MIN);
	in.score = mo_decide_input(fcinfo, 8);
	in.margin_confidence = mo_arg_float(fcinfo, 9);
	in.mcac_confidence = mo_arg_float(fcinfo, 10);
	in.runway_confidence = mo_arg_float(fcinfo, 11);
	in.score_confidence = mo_arg_float(fcinfo, 12);
	return in;
}

/*
 * State where things are, and take the confidences of what is used.
 */
static void
state_facts(const CacInputs *in, Decision *d)
{
	mo_decide_use(d, in->score_confidence);
	if (isnan(in->runway))
		mo_decide_because(d, "The runway is not known; the momentum score is %+.2f.", in->score);
	else
	{
		mo_decide_use(d, in->runway_confidence);
		mo_decide_because(d, "Runway is %s, the minimum %.1f days; the momentum score is %+.2f.",
						  mo_decide_days(in->runway), in->runway_min, in->score);
	}
	if (in->actual > 0)
		mo_decide_because(d, "CAC is %.2f against a target of %.2f.", in->actual, in->target);
	mo_decide_use_margin(d, &in->margin, in->margin_confidence);
	if (isnan(in->margin.allowable))
		return;
	mo_decide_because(d, "A customer may cost %.2f: margin %.2f, of which %.0f %% stays as profit.",
					  in->margin.allowable, in->margin.first + in->margin.repeat,
					  100 * in->margin.profit_share);
	if (!isnan(in->mcac))
		mo_decide_use(d, in->mcac_confidence);
}

/*
 * The rule says no; the target may even be too high.
 */
static void
refuse(const CacInputs *in, Decision *d)
{
	const char *tight = in->runway < in->runway_min ? "working capital is tight" : NULL;
	const char *down = in->score < 0 ? "momentum is down" : NULL;

	d->word = "NO";
	mo_decide_because(d, "The rule says no: %s%s%s.", tight ? tight : "",
					  tight && down ? " and " : "", down ? down : "");
	if (in->margin.allowable <= (1 - WORTHWHILE) * in->target)
	{
		d->word = "LOWER";
		d->to = fmax(in->margin.allowable, (1 - STEP) * in->target);
		mo_decide_because(d, "What a customer may cost is %.1f %% under the target: lower it to "
							 "%.2f, by at most %.0f %% at a time.",
						  100 * (1 - in->margin.allowable / in->target), d->to, 100 * STEP);
	}
}

/*
 * The rule says yes; the economics may hold back.
 */
static void
consider(const CacInputs *in, Decision *d)
{
	double allowable = in->margin.allowable;
	double worthwhile = (1 + WORTHWHILE) * in->target;
	bool held = false;

	mo_decide_because(d, "The rule says yes: working capital is healthy and momentum is up.");
	if (allowable < worthwhile)
	{
		held = true;
		mo_decide_because(d, "The economics hold it back: what a customer may cost, %.2f, is %.2f "
							 "short of %.2f, %.0f %% above the target.",
						  allowable, worthwhile - allowable, worthwhile, 100 * WORTHWHILE);
	}
	if (in->mcac > allowable)
	{
		held = true;
		mo_decide_because(d, "The economics hold it back: the next customer costs %.2f, "
							 "%.2f more than one may cost.",
						  in->mcac, in->mcac - allowable);
	}
	if (held)
		return;
	d->word = "RAISE";
	d->to = fmin(mo_decide_default(allowable, INFINITY), (1 + STEP) * in->target);
	mo_decide_because(d, "Raise the target from %.2f to %.2f, by at most %.0f %% at a time.",
					  in->target, d->to, 100 * STEP);
}

/*
 * decide_cac_target(...)
 */
Datum
mo_decide_cac_target(PG_FUNCTION_ARGS)
{
	CacInputs in = read_inputs(fcinfo);
	Decision d;

	if (fabs(in.score) < TINY)
		in.score = 0;
	mo_decide_begin(&d, in.target > 0 ? in.target : NAN);
	if (!(in.target > 0))
		mo_decide_missing(&d, "no_target", "The CAC target is not known.");
	if (isnan(in.score))
		mo_decide_missing(&d, "no_score", "The momentum score is not known.");
	if (isnan(in.runway) && !(in.score < 0)) /* no runway makes a yes of momentum down */
		mo_decide_missing(&d, "no_runway", "The runway is not known.");
	if (isnan(d.confidence))
		return mo_decide_end(&d, fcinfo);

	state_facts(&in, &d);
	if (in.runway < in.runway_min || in.score < 0)
		refuse(&in, &d);
	else if (in.score > 0)
		consider(&in, &d);
	else
		mo_decide_because(&d, "Momentum is flat: the rule says neither yes nor no.");
	return mo_decide_end(&d, fcinfo);
}
