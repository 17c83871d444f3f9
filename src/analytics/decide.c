/*-------------------------------------------------------------------------
 *
 * decide.c
 *	  What the decisions share: reasons, confidence, economics.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "analytics/decide.h"

/* Below this a decision is to be tried small first. */
#define SURE_ENOUGH 0.5

/* No count, rate or sum of money is larger, nor smaller than its inverse. */
#define LARGEST_FIGURE 1e50

/*
 * Start a decision about a number that is now "from".
 */
void
mo_decide_begin(Decision *decision, double from)
{
	decision->word = "HOLD";
	decision->from = from;
	decision->to = from;
	decision->confidence = 1;
	decision->reasons = NIL;
}

/*
 * The decision rests on an input of this confidence; NaN = not stated, which
 * counts as fresh but not proven significant.
 */
void
mo_decide_use(Decision *decision, double confidence)
{
	confidence = mo_decide_default(confidence, MO_FRESH);
	if (confidence < 0 || confidence > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("confidence must lie between 0 and 1"),
				 errhint("input_confidence() gives it.")));
	if (confidence < decision->confidence)
		decision->confidence = confidence;
}

/*
 * The decision cannot be had without an input, as "sentence" says.
 */
void
mo_decide_missing(Decision *decision, const char *code, const char *sentence)
{
	decision->confidence = NAN;
	mo_decide_because(decision, "%s: %s", code, sentence);
}

/*
 * Add a reason: a sentence, perhaps led by a code and a colon.
 */
void
mo_decide_because(Decision *decision, const char *fmt, ...)
{
	StringInfoData buf;
	int needed;

	initStringInfo(&buf);
	do
	{
		va_list args;

		va_start(args, fmt);
		needed = appendStringInfoVA(&buf, fmt, args);
		va_end(args);
		if (needed > 0)
			enlargeStringInfo(&buf, needed);
	} while (needed > 0);
	decision->reasons = lappend(decision->reasons, buf.data);
}

/*
 * The decision as a momentum.decision_result.
 */
Datum
mo_decide_end(Decision *decision, FunctionCallInfo fcinfo)
{
	int n = list_length(decision->reasons);
	Datum *reason = palloc(sizeof(Datum) * Max(n, 1));
	bool unsure = decision->confidence < SURE_ENOUGH;
	ArrayType *reasons;
	ResultRow row;

	for (int i = 0; i < n; i++)
		reason[i] = CStringGetTextDatum((char *) list_nth(decision->reasons, i));
	reasons = construct_array(reason, n, TEXTOID, -1, false, TYPALIGN_INT);

	mo_row_begin(&row, fcinfo);
	mo_row_text(&row, psprintf("%s%s", unsure ? "TEST_" : "", decision->word));
	mo_row_float(&row, decision->from);
	mo_row_float(&row, decision->to);
	mo_row_datum(&row, PointerGetDatum(reasons), false);
	mo_row_float(&row, decision->confidence);
	return mo_row_end(&row);
}

/*
 * The float8 argument "argno" as an input; NaN when NULL, NaN, infinite or
 * larger than any figure, 0 when smaller than any: so no product or ratio of
 * several leaves the range of the type.
 */
double
mo_decide_input(FunctionCallInfo fcinfo, int argno)
{
	double value = mo_arg_float(fcinfo, argno);

	if (fabs(value) > LARGEST_FIGURE)
		return NAN;
	return fabs(value) < 1 / LARGEST_FIGURE ? 0 : value;
}

/*
 * The same for days, which may be without end.
 */
double
mo_decide_input_or_infinity(FunctionCallInfo fcinfo, int argno)
{
	double value = mo_arg_float_or_infinity(fcinfo, argno);

	return value == INFINITY ? value : mo_decide_input(fcinfo, argno);
}

/*
 * "value", or "otherwise" when it is not known.
 */
double
mo_decide_default(double value, double otherwise)
{
	return isnan(value) ? otherwise : value;
}

/*
 * The first margin takes part in the decision, or nobody knows it.
 */
void
mo_decide_use_margin(Decision *decision, const Margin *margin, double confidence)
{
	if (!isnan(margin->allowable))
	{
		mo_decide_use(decision, confidence);
		return;
	}
	mo_decide_use(decision, MO_IMPUTED);
	mo_decide_because(decision, "margin_unknown: the contribution margin of a first order is not "
								"known, so only the rule decides.");
}

/*
 * What a new customer may cost, after the share kept as profit.
 */
Margin
mo_decide_margin(double first, double repeat, double profit_share)
{
	Margin margin;

	margin.first = first;
	margin.repeat = mo_decide_default(repeat, 0);
	margin.profit_share = mo_decide_default(profit_share, MO_PROFIT_SHARE);
	if (margin.profit_share < 0 || margin.profit_share >= 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("profit share must be at least 0 and less than 1")));
	margin.allowable = (first + margin.repeat) * (1 - margin.profit_share);
	return margin;
}

/*
 * A number of days in words.
 */
char *
mo_decide_days(double days)
{
	return isinf(days) ? pstrdup("without end") : psprintf("%.1f days", days);
}

/*
 * Which step of the funnel moved the CAC, as a sentence; NULL when a step is
 * not known in both periods.
 *
 * CAC = CPM / 1000 / CTR / CVR, split by the logarithmic mean (LMDI-I), so
 * the three parts sum to the change exactly.  "step" becomes the one that
 * made it dearest, NULL when none did.
 */
char *
mo_decide_funnel(const Funnel *funnel, const char **step)
{
	static const char *const name[] = {"CPM", "CTR", "CVR"};
	double cac[2];
	double log_ratio[3];
	double total = 0;
	double mean;
	double part[3];
	double dearest = 0;

	*step = NULL;
	for (int i = 0; i < 2; i++)
	{
		if (!(funnel->cpm[i] > 0 && funnel->ctr[i] > 0 && funnel->cvr[i] > 0))
			return NULL;
		cac[i] = funnel->cpm[i] / 1000 / funnel->ctr[i] / funnel->cvr[i];
	}
	log_ratio[0] = log(funnel->cpm[1] / funnel->cpm[0]);
	log_ratio[1] = log(funnel->ctr[0] / funnel->ctr[1]);
	log_ratio[2] = log(funnel->cvr[0] / funnel->cvr[1]);
	for (int i = 0; i < 3; i++)
	{
		if (fabs(log_ratio[i]) <= MO_SAME)
			log_ratio[i] = 0;
		total += log_ratio[i];
	}
	mean = fabs(total) < 1e-8 ? cac[0] * (1 + total / 2) : cac[0] * expm1(total) / total;
	for (int i = 0; i < 3; i++)
	{
		part[i] = mean * log_ratio[i];
		if (part[i] > dearest)
		{
			dearest = part[i];
			*step = name[i];
		}
	}
	return psprintf("From the 28 days before to the last 28, CAC went from %.2f to %.2f: "
					"%+.2f through CPM, %+.2f through CTR and %+.2f through CVR%s.",
					cac[0], cac[1], part[0], part[1], part[2],
					*step ? psprintf("; above all through %s", *step) : "; none made it dearer");
}
