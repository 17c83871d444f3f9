/*-------------------------------------------------------------------------
 *
 * score.c
 *	  The momentum score: value, contributions, change, levers.
 *
 * A missing component (c NULL or NaN) gives its weight to the others; the
 * share of a component is its weight over those available.  All functions
 * compute the score in one way, share * c summed in the order given, so the
 * parts add up to it exactly.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "analytics/analytics.h"
#include "analytics/numerics.h"

/* A score is a handful of components; more is a mistake. */
#define MAX_COMPONENTS 100

/* Below this share of the weights there is no score. */
#define MIN_COVERAGE 0.5

/* Values this close to 0, or to a limit, are there. */
#define TINY 1e-12

#define CLEAR 0.90
#define LEANING 0.70

PG_FUNCTION_INFO_V1(mo_momentum_score);
PG_FUNCTION_INFO_V1(mo_score_contributions);
PG_FUNCTION_INFO_V1(mo_score_change);
PG_FUNCTION_INFO_V1(mo_recovery_levers);

/* Names and weights, the arguments every function begins with. */
typedef struct Components
{
	int n;
	Datum *name; /* text */
	double *weight;
} Components;

/* One score over the components. */
typedef struct Score
{
	const double *c; /* NaN where missing */
	double *share;   /* 0 where missing; sum to 1 */
	double coverage; /* NaN when all weights are 0 */
	double sum;      /* Σ share * c; NaN when nothing is available */
	double value;    /* the same, NaN below MIN_COVERAGE */
} Score;

static void
check_names(const Components *components, const bool *missing)
{
	for (int i = 0; i < components->n; i++)
	{
		if (missing[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("element %d of argument \"%s\" is null", i + 1, "component")));
		for (int j = 0; j < i; j++)
		{
			char *name = TextDatumGetCString(components->name[i]);

			if (strcmp(name, TextDatumGetCString(components->name[j])) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("component \"%s\" occurs more than once", name)));
		}
	}
}

/*
 * Arguments 0 and 1: component text[], weight float8[].  Raises for unnamed
 * or repeated components, unknown or negative weights.
 */
static Components
read_components(FunctionCallInfo fcinfo)
{
	Components result = {0};
	FloatArray weight = mo_arg_known_floats(fcinfo, 1, "weight");
	bool *missing = NULL;

	if (!PG_ARGISNULL(0))
	{
		ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);

		mo_arg_check_array(array, "component");
		deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT,
						  &result.name, &missing, &result.n);
	}
	mo_arg_check_length("component", result.n, "weight", weight.n);
	if (result.n > MAX_COMPONENTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many components"),
				 errdetail("There are %d, at most %d are allowed.", result.n, MAX_COMPONENTS)));
	check_names(&result, missing);
	for (int i = 0; i < result.n; i++)
	{
		if (weight.value[i] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("weight of component \"%s\" must not be negative",
							TextDatumGetCString(result.name[i]))));
	}
	result.weight = weight.value;
	return result;
}

/*
 * The component values in argument "argno"; NaN where missing, held exactly
 * within -1 and 1.
 */
static double *
read_values(FunctionCallInfo fcinfo, int argno, const char *name, const Components *components)
{
	FloatArray c = mo_arg_floats(fcinfo, argno, name);

	mo_arg_check_length("component", components->n, name, c.n);
	for (int i = 0; i < c.n; i++)
	{
		if (fabs(c.value[i]) > 1 + TINY)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("value of component \"%s\" must lie between -1 and 1",
							TextDatumGetCString(components->name[i])),
					 errhint("component_value() brings a raw quantity to this scale.")));
		if (!isnan(c.value[i]))
			c.value[i] = mo_num_clamp(c.value[i], -1, 1);
	}
	return c.value;
}

static Score
compute_score(const Components *components, const double *c)
{
	Score score = {.c = c, .coverage = NAN, .sum = NAN, .value = NAN};
	double largest = 0;
	double all = 0;
	double available = 0;

	score.share = palloc0(sizeof(double) * Max(components->n, 1));
	for (int i = 0; i < components->n; i++)
		largest = fmax(largest, components->weight[i]);
	if (largest == 0)
		return score;

	/* Relative to the largest, so that no sum of weights overflows. */
	for (int i = 0; i < components->n; i++)
	{
		double weight = components->weight[i] / largest;

		all += weight;
		if (!isnan(c[i]))
			available += weight;
	}
	score.coverage = available / all;
	if (available == 0)
		return score;
	score.sum = 0;
	for (int i = 0; i < components->n; i++)
	{
		if (isnan(c[i]))
			continue;
		score.share[i] = components->weight[i] / largest / available;
		score.sum += score.share[i] * c[i];
	}
	if (score.coverage >= MIN_COVERAGE - TINY)
		score.value = mo_num_clamp(score.sum, -1, 1);
	return score;
}

/*
 * Standard error of the score, the components being independent; NaN when
 * that of a component with a share is unknown.
 */
static double
standard_error(const Components *components, const Score *score, const FloatArray *se)
{
	double sum = 0;

	for (int i = 0; i < components->n; i++)
	{
		if (score->share[i] == 0)
			continue;
		if (se->value[i] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("standard error of component \"%s\" must not be negative",
							TextDatumGetCString(components->name[i]))));
		sum += pow(score->share[i] * (isfinite(se->value[i]) ? se->value[i] : NAN), 2);
	}
	return sqrt(sum);
}

static double
probability_up(double score, double se)
{
	if (isnan(se))
		return NAN;
	if (se > 0)
		return mo_num_normal_cdf(score / se);
	return fabs(score) < TINY ? 0.5 : score > 0 ? 1
												: 0;
}

static const char *
direction_word(double score)
{
	if (isnan(score))
		return "unknown";
	return fabs(score) < TINY ? "flat" : score > 0 ? "up"
												   : "down";
}

static const char *
confidence_word(double p_up)
{
	double sure = fmax(p_up, 1 - p_up);

	if (isnan(p_up))
		return NULL;
	return sure >= CLEAR ? "clear" : sure >= LEANING ? "leaning"
													 : "unclear";
}

/*
 * momentum_score(component, weight, c, se)
 */
Datum
mo_momentum_score(PG_FUNCTION_ARGS)
{
	Components components = read_components(fcinfo);
	double *c = read_values(fcinfo, 2, "c", &components);
	FloatArray se = mo_arg_floats(fcinfo, 3, "se");
	Score score = compute_score(&components, c);
	double score_se = NAN;
	double p_up = NAN;
	const char *reason = NULL;
	ResultRow row;

	if (!se.is_null)
		mo_arg_check_length("component", components.n, "se", se.n);
	if (isnan(score.value))
		reason = "insufficient_coverage";
	else if (!se.is_null)
	{
		score_se = standard_error(&components, &score, &se);
		p_up = probability_up(score.value, score_se);
		if (isnan(score_se))
			reason = "no_standard_error";
	}

	mo_row_begin(&row, fcinfo);
	mo_row_float(&row, score.value);
	mo_row_float(&row, score.coverage);
	mo_row_float(&row, score_se);
	mo_row_float(&row, p_up);
	mo_row_text(&row, direction_word(score.value));
	mo_row_text(&row, confidence_word(p_up));
	mo_row_text(&row, reason);
	PG_RETURN_DATUM(mo_row_end(&row));
}

/*
 * score_contributions(component, weight, c)
 */
Datum
mo_score_contributions(PG_FUNCTION_ARGS)
{
	Components components = read_components(fcinfo);
	double *c = read_values(fcinfo, 2, "c", &components);
	Score score = compute_score(&components, c);
	ResultRow row;

	mo_row_begin_set(&row, fcinfo);
	for (int i = 0; i < components.n; i++)
	{
		mo_row_datum(&row, components.name[i], false);
		mo_row_float(&row, score.share[i]);
		mo_row_float(&row, c[i]);
		mo_row_float(&row, score.share[i] * c[i]);
		mo_row_put(&row);
	}
	return (Datum) 0;
}

/* What one component did to the score. */
typedef struct Change
{
	double delta;
	double value_part;
	double coverage_part;
	int rank;
} Change;

/*
 * The change between two scores, in two parts where the component is
 * present on both sides.
 */
static Change
compute_change(const Score *before, const Score *after, int i)
{
	double c0 = before->c[i];
	double c1 = after->c[i];
	double s0 = before->share[i];
	double s1 = after->share[i];
	Change change = {0};

	if (isnan(before->sum) || isnan(after->sum))
	{
		change.delta = change.value_part = change.coverage_part = NAN;
		return change;
	}
	change.delta = (isnan(c1) ? 0 : s1 * c1) - (isnan(c0) ? 0 : s0 * c0);
	if (isnan(c0) || isnan(c1))
		change.coverage_part = change.delta;
	else
	{
		change.value_part = (s0 + s1) / 2 * (c1 - c0);
		change.coverage_part = (c0 + c1) / 2 * (s1 - s0);
	}
	return change;
}

static void
rank_changes(Change *change, int n)
{
	for (int i = 0; i < n; i++)
	{
		change[i].rank = 1;
		for (int j = 0; j < n; j++)
		{
			double mine = fabs(change[i].value_part);
			double theirs = fabs(change[j].value_part);

			if (theirs > mine || (theirs == mine && j < i))
				change[i].rank++;
		}
	}
}

/*
 * score_change(component, weight, c0, c1)
 */
Datum
mo_score_change(PG_FUNCTION_ARGS)
{
	Components components = read_components(fcinfo);
	Score before = compute_score(&components, read_values(fcinfo, 2, "c0", &components));
	Score after = compute_score(&components, read_values(fcinfo, 3, "c1", &components));
	Change *change = palloc(sizeof(Change) * Max(components.n, 1));
	ResultRow row;

	for (int i = 0; i < components.n; i++)
		change[i] = compute_change(&before, &after, i);
	rank_changes(change, components.n);

	mo_row_begin_set(&row, fcinfo);
	for (int i = 0; i < components.n; i++)
	{
		mo_row_datum(&row, components.name[i], false);
		mo_row_float(&row, change[i].delta);
		mo_row_float(&row, change[i].value_part);
		mo_row_float(&row, change[i].coverage_part);
		if (isnan(change[i].delta))
			mo_row_null(&row);
		else
			mo_row_int(&row, change[i].rank);
		mo_row_put(&row);
	}
	return (Datum) 0;
}

/*
 * recovery_levers(component, weight, c, raw, full_scale)
 *
 * A raw quantity beyond its full scale counts from the edge: the score does
 * not move before it is back there.
 */
Datum
mo_recovery_levers(PG_FUNCTION_ARGS)
{
	Components components = read_components(fcinfo);
	double *c = read_values(fcinfo, 2, "c", &components);
	FloatArray raw = mo_arg_floats(fcinfo, 3, "raw");
	FloatArray full = mo_arg_floats(fcinfo, 4, "full_scale");
	Score score = compute_score(&components, c);
	ResultRow row;

	mo_arg_check_length("component", components.n, "raw", raw.n);
	mo_arg_check_length("component", components.n, "full_scale", full.n);
	mo_row_begin_set(&row, fcinfo);
	for (int i = 0; i < components.n; i++)
	{
		double delta = score.share[i] > 0 ? -score.value / score.share[i] : NAN;
		double needed = c[i] + delta;
		bool within_scale = fabs(raw.value[i]) <= full.value[i];

		if (full.value[i] <= 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("full scale of component \"%s\" must be greater than zero",
							TextDatumGetCString(components.name[i]))));
		mo_row_datum(&row, components.name[i], false);
		mo_row_float(&row, delta);
		mo_row_float(&row, needed);
		mo_row_float(&row, within_scale
							   ? raw.value[i] + delta * full.value[i]
							   : needed * full.value[i]);
		if (isfinite(needed))
			mo_row_datum(&row, BoolGetDatum(fabs(needed) <= 1 + TINY), false);
		else
			mo_row_null(&row);
		mo_row_put(&row);
	}
	return (Datum) 0;
}
