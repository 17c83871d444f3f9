/*-------------------------------------------------------------------------
 *
 * constraint.c
 *	  What constrains growth: cash, CAC, conversion or velocity.
 *
 * Each has a severity (how far off its target, 0 to 1), a value at stake
 * (contribution profit of 30 days that its target would bring) and a
 * remedy.  The binding one has the largest value among those that are off,
 * unless the cash is nearly out: that comes first.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "analytics/decide.h"
#include "analytics/numerics.h"

/* Off by this factor is as bad as it gets. */
#define FULL_RATIO 1.5

PG_FUNCTION_INFO_V1(mo_constraint_severity);
PG_FUNCTION_INFO_V1(mo_decide_constraint);

/* In order of precedence among equals. */
typedef enum ConstraintKind
{
	WORKING_CAPITAL,
	CAC,
	CONVERSION,
	VELOCITY,
	KINDS
} ConstraintKind;

static const char *const kind_name[] = {"working_capital", "cac", "conversion", "velocity"};

/* The arguments, in their order. */
typedef struct ConstraintInputs
{
	double runway;
	double runway_target;
	double runway_hard;
	double trough;
	double floor;
	double step; /* wanted extra spend per day */
	double affordable;
	double cac_target;
	double cac;
	double spend; /* of 30 days */
	double first_margin;
	double mcac;
	double conversion_target;
	double conversion;
	double sessions; /* of 30 days */
	double order_value;
	double margin_share;
	double velocity_target;
	double velocity;
	double doors;
	double unit_price;
	double retail_margin_share;
	Funnel funnel;
} ConstraintInputs;

typedef struct Bottleneck
{
	ConstraintKind kind;
	double severity; /* NaN = not known */
	double value;    /* NaN = not known */
	bool binding;
	char *remedy;
} Bottleneck;

static ConstraintInputs
read_inputs(FunctionCallInfo fcinfo)
{
	ConstraintInputs in;

	in.runway = mo_decide_input_or_infinity(fcinfo, 0);
	in.runway_target = mo_decide_default(mo_decide_input(fcinfo, 1), MO_RUNWAY_TARGET);
	in.runway_hard = mo_decide_default(mo_decide_input(fcinfo, 2), MO_RUNWAY_HARD);
	in.trough = mo_decide_input(fcinfo, 3);
	in.floor = mo_decide_default(mo_decide_input(fcinfo, 4), 0);
	in.step = mo_decide_input(fcinfo, 5);
	in.affordable = mo_decide_input(fcinfo, 6);
	in.cac_target = mo_decide_input(fcinfo, 7);
	in.cac = mo_decide_input_or_infinity(fcinfo, 8);
	in.spend = mo_decide_input(fcinfo, 9);
	in.first_margin = mo_decide_input(fcinfo, 10);
	in.mcac = mo_decide_input(fcinfo, 11);
	in.conversion_target = mo_decide_input(fcinfo, 12);
	in.conversion = mo_decide_input(fcinfo, 13);
	in.sessions = mo_decide_input(fcinfo, 14);
	in.order_value = mo_decide_input(fcinfo, 15);
	in.margin_share = mo_decide_input(fcinfo, 16);
	in.velocity_target = mo_decide_input(fcinfo, 17);
	in.velocity = mo_decide_input(fcinfo, 18);
	in.doors = mo_decide_input(fcinfo, 19);
	in.unit_price = mo_decide_input(fcinfo, 20);
	in.retail_margin_share = mo_decide_input(fcinfo, 21);
	for (int i = 0; i < 2; i++)
	{
		in.funnel.cpm[i] = mo_decide_input(fcinfo, 22 + i);
		in.funnel.ctr[i] = mo_decide_input(fcinfo, 24 + i);
		in.funnel.cvr[i] = mo_decide_input(fcinfo, 26 + i);
	}
	if (!(in.runway_target > 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("runway target must be greater than zero")));
	return in;
}

/*
 * How far "worse" is above "better", as a logarithm over the full scale;
 * NaN without a target above 0, the worst for nothing at all.
 */
static double
shortfall(double worse, double better, double target)
{
	double ratio;

	if (!(target > 0) || isnan(worse) || isnan(better) || worse < 0 || better < 0)
		return NAN;
	if (better == 0)
		return 1;
	ratio = worse == 0 ? 0 : log(worse / better);
	return ratio <= MO_SAME ? 0 : mo_num_clamp(ratio / log(FULL_RATIO), 0, 1);
}

/*
 * A value at stake: 0 when nothing is off.
 */
static double
stake(double severity, double value)
{
	return severity == 0 ? 0 : value;
}

static void
assess_working_capital(const ConstraintInputs *in, Bottleneck *c)
{
	double missing = in->runway_target - in->runway;
	double held_back = in->step - in->affordable;

	c->severity = isnan(missing) ? NAN : mo_num_clamp(missing / in->runway_target, 0, 1);
	if (held_back <= 0)
		c->value = 0;
	else if (in->mcac > 0)
		c->value = held_back * 30 * (in->first_margin / in->mcac - 1);
	else
		c->value = NAN;

	if (isnan(c->severity))
		c->remedy = pstrdup("Runway is not known: connect the cash flow.");
	else if (c->severity == 0)
		c->remedy = psprintf("Nothing to lift: runway is %s, the target %.1f days.",
							 mo_decide_days(in->runway), in->runway_target);
	else if (in->trough < in->floor)
		c->remedy = psprintf("Get a loan or cut costs: %.2f lifts the trough of %.2f to the "
							 "floor of %.2f; runway is %s, the target %.1f days.",
							 in->floor - in->trough, in->trough, in->floor,
							 mo_decide_days(in->runway), in->runway_target);
	else
		c->remedy = psprintf("Get a loan or cut costs: runway is %s, %.1f days short of the "
							 "target of %.1f.",
							 mo_decide_days(in->runway), missing, in->runway_target);
}

static void
assess_cac(const ConstraintInputs *in, Bottleneck *c)
{
	double customers_missing = in->spend / in->cac_target - in->spend / in->cac;
	const char *step;
	char *funnel = mo_decide_funnel(&in->funnel, &step);
	const char *where = "New creative or new targeting";

	c->severity = shortfall(in->cac, in->cac_target, in->cac_target);
	c->value = stake(c->severity, customers_missing * in->first_margin);

	if (step != NULL && strcmp(step, "CPM") == 0)
		where = "New targeting";
	else if (step != NULL && strcmp(step, "CTR") == 0)
		where = "New creative";
	else if (step != NULL)
		where = "A better landing page or offer for the ads";
	if (isnan(c->severity))
		c->remedy = pstrdup("CAC or its target is not known.");
	else if (c->severity == 0)
		c->remedy = psprintf("Nothing to lift: CAC is %.2f, the target %.2f.",
							 in->cac, in->cac_target);
	else if (isinf(in->cac))
		c->remedy = psprintf("New creative, targeting or landing page: the ads brought no new "
							 "customer, against a CAC target of %.2f.",
							 in->cac_target);
	else
		c->remedy = psprintf("%s: CAC is %.2f and has to fall by %.2f to the target of %.2f.%s%s",
							 where, in->cac, in->cac - in->cac_target, in->cac_target,
							 funnel ? " " : "", funnel ? funnel : "");
}

static void
assess_conversion(const ConstraintInputs *in, Bottleneck *c)
{
	double gap = in->conversion_target - in->conversion;

	c->severity = shortfall(in->conversion_target, in->conversion, in->conversion_target);
	c->value = stake(c->severity, in->sessions * gap * in->order_value * in->margin_share);

	if (isnan(c->severity))
		c->remedy = pstrdup("The conversion rate or its target is not known.");
	else if (c->severity == 0)
		c->remedy = psprintf("Nothing to lift: the conversion rate is %.2f %%, the target %.2f %%.",
							 100 * in->conversion, 100 * in->conversion_target);
	else
	{
		char *orders = isnan(in->sessions)
						   ? pstrdup("")
						   : psprintf("; that is %.0f orders more in 30 days", in->sessions * gap);

		c->remedy = psprintf("Better website or offer: the conversion rate is %.2f %%, the target "
							 "%.2f %%%s.",
							 100 * in->conversion, 100 * in->conversion_target, orders);
	}
}

static void
assess_velocity(const ConstraintInputs *in, Bottleneck *c)
{
	double gap = in->velocity_target - in->velocity;
	double share = mo_decide_default(in->retail_margin_share, in->margin_share);

	c->severity = shortfall(in->velocity_target, in->velocity, in->velocity_target);
	c->value = stake(c->severity, in->doors * gap * (30.0 / 7) * in->unit_price * share);

	if (isnan(c->severity))
		c->remedy = pstrdup("Retail velocity or its target is not known.");
	else if (c->severity == 0)
		c->remedy = psprintf("Nothing to lift: velocity is %.2f units per store and week, the "
							 "target %.2f.",
							 in->velocity, in->velocity_target);
	else
	{
		char *doors = !(in->doors > 0 && in->velocity > 0)
						  ? pstrdup("")
						  : psprintf("; %.1f doors more at this velocity, or %.2f units more in "
									 "each of the %.0f doors, sell as much",
									 in->doors * gap / in->velocity, gap, in->doors);

		c->remedy = psprintf("Win distribution or improve the product: velocity is %.2f units per "
							 "store and week, the target %.2f%s.",
							 in->velocity, in->velocity_target, doors);
	}
}

/*
 * Whether "a" goes before "b": off target first, then the larger value at
 * stake, the larger severity, the order of the kinds.  A value that is not
 * known comes after those that are, but before nothing at stake; a severity
 * that is not known comes last.
 */
static bool
goes_before(const Bottleneck *a, const Bottleneck *b)
{
	double value_a = mo_decide_default(a->value, DBL_MIN);
	double value_b = mo_decide_default(b->value, DBL_MIN);
	double severity_a = mo_decide_default(a->severity, -1);
	double severity_b = mo_decide_default(b->severity, -1);

	if (a->binding != b->binding)
		return a->binding;
	if ((severity_a > 0) != (severity_b > 0))
		return severity_a > 0;
	if (severity_a > 0 && value_a != value_b)
		return value_a > value_b;
	if (severity_a != severity_b)
		return severity_a > severity_b;
	return a->kind < b->kind;
}

static void
sort_constraints(Bottleneck *c)
{
	for (int i = 1; i < KINDS; i++)
	{
		for (int j = i; j > 0 && goes_before(&c[j], &c[j - 1]); j--)
		{
			Bottleneck held = c[j];

			c[j] = c[j - 1];
			c[j - 1] = held;
		}
	}
}

/*
 * All four, worst first; at most the first one binds.
 */
static void
assess(const ConstraintInputs *in, Bottleneck c[KINDS])
{
	for (int kind = 0; kind < KINDS; kind++)
	{
		c[kind].kind = kind;
		c[kind].binding = false;
	}
	assess_working_capital(in, &c[WORKING_CAPITAL]);
	assess_cac(in, &c[CAC]);
	assess_conversion(in, &c[CONVERSION]);
	assess_velocity(in, &c[VELOCITY]);
	c[WORKING_CAPITAL].binding = in->runway < in->runway_hard;
	sort_constraints(c);
	if (c[0].severity > 0)
		c[0].binding = true;
}

/*
 * constraint_severity(...)
 */
Datum
mo_constraint_severity(PG_FUNCTION_ARGS)
{
	ConstraintInputs in = read_inputs(fcinfo);
	Bottleneck c[KINDS];
	ResultRow row;

	assess(&in, c);
	mo_row_begin_set(&row, fcinfo);
	for (int i = 0; i < KINDS; i++)
	{
		mo_row_int(&row, i + 1);
		mo_row_text(&row, kind_name[c[i].kind]);
		mo_row_float(&row, c[i].severity);
		mo_row_float(&row, c[i].value);
		mo_row_datum(&row, BoolGetDatum(c[i].binding), false);
		mo_row_text(&row, c[i].remedy);
		mo_row_put(&row);
	}
	return (Datum) 0;
}

static void
name_constraint(const ConstraintInputs *in, const Bottleneck *binding, Decision *d)
{
	const double from[] = {in->runway, isinf(in->cac) ? NAN : in->cac, in->conversion,
						   in->velocity};
	const double to[] = {in->runway_target, in->cac_target, in->conversion_target,
						 in->velocity_target};

	d->word = kind_name[binding->kind];
	d->from = from[binding->kind];
	d->to = to[binding->kind];
	if (binding->kind == WORKING_CAPITAL && in->runway < in->runway_hard)
		mo_decide_because(d, "Runway is %s, under the hard limit of %.1f days: cash comes first.",
						  mo_decide_days(in->runway), in->runway_hard);
}

/*
 * decide_constraint(...): the arguments of constraint_severity(), then the
 * confidences of the four.
 */
Datum
mo_decide_constraint(PG_FUNCTION_ARGS)
{
	ConstraintInputs in = read_inputs(fcinfo);
	Bottleneck c[KINDS];
	Decision d;
	int n_known = 0;

	assess(&in, c);
	mo_decide_begin(&d, NAN);
	d.word = "none";
	if (c[0].binding)
		name_constraint(&in, &c[0], &d);
	for (int i = 0; i < KINDS; i++)
	{
		char *stakes = isnan(c[i].value) ? pstrdup("not known") : psprintf("%.2f", c[i].value);

		if (isnan(c[i].severity))
		{
			mo_decide_because(&d, "%s: %s", kind_name[c[i].kind], c[i].remedy);
			continue;
		}
		n_known++;
		mo_decide_use(&d, mo_arg_float(fcinfo, 28 + c[i].kind));
		mo_decide_because(&d, "%s: severity %.2f, at stake in 30 days %s. %s",
						  kind_name[c[i].kind], c[i].severity, stakes, c[i].remedy);
	}
	if (n_known == 0)
	{
		d.word = "unknown";
		d.confidence = NAN;
	}
	return mo_decide_end(&d, fcinfo);
}
