/*-------------------------------------------------------------------------
 *
 * status.c
 *	  Colour of a metric against its target.
 *
 * The thresholds are met with a tolerance of 1e-12, so that 0.27 of 0.30
 * is 90 %.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/builtins.h"

#include "analytics/analytics.h"

#define TINY 1e-12

/* How much more it takes to get a better colour than to keep it. */
#define HYSTERESIS 0.02

PG_FUNCTION_INFO_V1(mo_metric_status);

typedef enum Colour
{
	RED,
	YELLOW,
	GREEN,
	NO_COLOUR
} Colour;

static const char *const colour_name[] = {"red", "yellow", "green"};

/*
 * The colour of that name; NO_COLOUR for the words that mean there was none.
 */
static Colour
parse_colour(const char *name)
{
	if (name == NULL || strcmp(name, "unknown") == 0 || strcmp(name, "no source") == 0)
		return NO_COLOUR;
	for (int colour = RED; colour <= GREEN; colour++)
	{
		if (strcmp(name, colour_name[colour]) == 0)
			return colour;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown status \"%s\"", name),
			 errhint("A status is green, yellow, red, unknown or no source.")));
}

/*
 * How far the metric is above what "yellow" and "green" ask for: attainment
 * for up and down, closeness (1 - deviation) for a band.
 */
static double
attainment(double actual, double target, const char *direction, double threshold[])
{
	threshold[YELLOW] = 0.90;
	threshold[GREEN] = 1.00;
	if (strcmp(direction, "up") == 0)
		return actual / target;
	if (strcmp(direction, "down") == 0)
		return actual > 0 ? target / actual : INFINITY;
	if (strcmp(direction, "band") == 0)
	{
		threshold[GREEN] = 0.95;
		return 1 - fabs(actual / target - 1);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown direction \"%s\"", direction),
			 errhint("A direction is up, down or band.")));
}

/*
 * metric_status(actual, target, direction, previous)
 */
Datum
mo_metric_status(PG_FUNCTION_ARGS)
{
	double actual = mo_arg_float(fcinfo, 0);
	double target = mo_arg_float(fcinfo, 1);
	char *direction = mo_arg_text(fcinfo, 2);
	Colour previous = parse_colour(mo_arg_text(fcinfo, 3));
	double threshold[GREEN + 1];
	double reached;
	Colour colour = RED;
	const char *status = "unknown";

	if (direction != NULL)
	{
		reached = attainment(actual, target > 0 ? target : NAN, direction, threshold);
		for (Colour better = YELLOW; better <= GREEN; better++)
		{
			double needed = threshold[better] + (better > previous ? HYSTERESIS : 0);

			if (reached >= needed - TINY)
				colour = better;
		}
		if (!isnan(actual) && target > 0)
			status = colour_name[colour];
	}
	PG_RETURN_TEXT_P(cstring_to_text(status));
}
