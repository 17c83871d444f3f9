/*-------------------------------------------------------------------------
 *
 * marginal_cac.c
 *	  What one more customer costs.
 *
 * New customers grow as spend to the power beta; the cost of the next one
 * is then the average cost over beta.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "analytics/analytics.h"

#define WEEKS 13

/* Weeks behind the average cost. */
#define RECENT_WEEKS 4

/* Standard deviation of ln spend below which a slope means nothing. */
#define MIN_SPREAD 0.05

#define MIN_T 2

PG_FUNCTION_INFO_V1(mo_marginal_cac);

/* Regression of ln new customers on ln spend. */
typedef struct Elasticity
{
	int n;
	double log_spend[WEEKS];
	double log_customers[WEEKS];
	double spread; /* standard deviation of ln spend */
	double beta;
	double se;
} Elasticity;

/*
 * Take the last WEEKS weeks that have both spend and customers.
 */
static void
take_weeks(Elasticity *e, const FloatArray *spend, const FloatArray *customers)
{
	e->n = 0;
	for (int i = spend->n - 1; i >= 0 && e->n < WEEKS; i--)
	{
		if (!(isfinite(spend->value[i]) && spend->value[i] > 0 &&
			  isfinite(customers->value[i]) && customers->value[i] > 0))
			continue;
		e->log_spend[e->n] = log(spend->value[i]);
		e->log_customers[e->n] = log(customers->value[i]);
		e->n++;
	}
}

static void
regress(Elasticity *e)
{
	double mean_x = 0;
	double mean_y = 0;
	double xx = 0;
	double xy = 0;
	double sse = 0;

	for (int i = 0; i < e->n; i++)
	{
		mean_x += e->log_spend[i] / e->n;
		mean_y += e->log_customers[i] / e->n;
	}
	for (int i = 0; i < e->n; i++)
	{
		xx += (e->log_spend[i] - mean_x) * (e->log_spend[i] - mean_x);
		xy += (e->log_spend[i] - mean_x) * (e->log_customers[i] - mean_y);
	}
	e->spread = sqrt(xx / (e->n - 1));
	e->beta = xy / xx;
	for (int i = 0; i < e->n; i++)
	{
		double residual = e->log_customers[i] - mean_y - e->beta * (e->log_spend[i] - mean_x);

		sse += residual * residual;
	}
	e->se = sqrt(sse / (e->n - 2) / xx);
}

/*
 * Spend over new customers of the last RECENT_WEEKS weeks; NaN when a week
 * is unknown or nobody came.
 */
static double
recent_cac(const FloatArray *spend, const FloatArray *customers)
{
	double total_spend = 0;
	double total_customers = 0;

	if (spend->n < RECENT_WEEKS)
		return NAN;
	for (int i = spend->n - RECENT_WEEKS; i < spend->n; i++)
	{
		total_spend += spend->value[i];
		total_customers += customers->value[i];
	}
	return total_customers > 0 ? total_spend / total_customers : NAN;
}

static void
check_not_negative(const FloatArray *array, const char *name)
{
	for (int i = 0; i < array->n; i++)
	{
		if (array->value[i] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("element %d of argument \"%s\" must not be negative", i + 1, name)));
	}
}

/*
 * marginal_cac(spend, new_customers)
 */
Datum
mo_marginal_cac(PG_FUNCTION_ARGS)
{
	FloatArray spend = mo_arg_floats(fcinfo, 0, "spend");
	FloatArray customers = mo_arg_floats(fcinfo, 1, "new_customers");
	Elasticity e = {.spread = NAN, .beta = NAN, .se = NAN};
	double cac;
	double mcac = NAN;
	const char *reason = NULL;
	ResultRow row;

	mo_arg_check_length("spend", spend.n, "new_customers", customers.n);
	check_not_negative(&spend, "spend");
	check_not_negative(&customers, "new_customers");
	cac = recent_cac(&spend, &customers);
	take_weeks(&e, &spend, &customers);
	if (e.n == WEEKS)
		regress(&e);
	if (e.n < WEEKS)
		reason = "too_few_weeks";
	else if (e.spread < MIN_SPREAD)
		reason = "no_spend_spread";
	else if (!(e.beta > 0))
		reason = "nonpositive_beta";
	else if (e.beta < MIN_T * e.se)
		reason = "not_significant";
	else if (!isfinite(cac))
		reason = "no_recent_customers";
	else if (cac == 0)
		reason = "no_recent_spend";
	else
		mcac = cac / e.beta;

	mo_row_begin(&row, fcinfo);
	mo_row_float(&row, e.beta);
	mo_row_float(&row, e.se);
	mo_row_float(&row, cac);
	mo_row_float(&row, mcac);
	mo_row_text(&row, reason);
	PG_RETURN_DATUM(mo_row_end(&row));
}
