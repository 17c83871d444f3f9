/*-------------------------------------------------------------------------
 *
 * analytics.h
 *	  What the analytic functions share: arguments in, rows out.
 *
 * Inside the analytics an unknown number is NaN; it becomes NULL on its way
 * out.  No function lets NaN or infinity through to SQL, except where an
 * infinite runway says so.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_ANALYTICS_H
#define MOMENTUM_ANALYTICS_H

#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/date.h"

#include "analytics/kendall.h"
#include "analytics/slopes.h"

/* The longest series taken: 54 years of days. */
#define MO_MAX_POINTS 20000

/* The widest result type. */
#define MO_MAX_COLUMNS 32

/* A float8[] argument; missing[i] where the element is NULL. */
typedef struct FloatArray
{
	int n;
	double *value; /* NaN where missing */
	bool *missing;
	bool is_null; /* the array itself; n is 0 */
} FloatArray;

/* One result row, filled from left to right. */
typedef struct ResultRow
{
	FunctionCallInfo fcinfo;
	TupleDesc desc;
	int n; /* columns filled */
	Datum value[MO_MAX_COLUMNS];
	bool is_null[MO_MAX_COLUMNS];
} ResultRow;

/* One day of a series. */
typedef struct Point
{
	DateADT day;
	double y;
	double w; /* above 0 */
} Point;

/* Points by day; each day once, unless all points are of one day. */
typedef struct Series
{
	int n;
	Point *point;
	int n_bad; /* dropped: value or weight not finite */
} Series;

/* What trend_fit() answers, in its order; NaN = undefined. */
typedef struct Trend
{
	int n;
	int groups;
	int df;
	int pairs; /* -1 without the robust start */
	double ts0;
	double mad_s;
	int clipped;
	double slope;
	double se_iid;
	double r1;
	double rho;
	double se;
	double level;
	double g;
	double se_g;
	double t;
	double p_up;
	double accel;
	double t_accel;
	int n_bad;
	const char *reason;
	double *clean; /* y after pulling in, n values; NULL without a fit */
} Trend;

/*
 * Weekday of a finite day, 0 = Monday.
 */
static inline int
mo_weekday(DateADT day)
{
	/* The first Julian day was a Monday; no date is before it. */
	return ((uint32) day + POSTGRES_EPOCH_JDATE) % 7;
}

/* args.c */
extern void mo_arg_check_array(const ArrayType *array, const char *name);
extern FloatArray mo_arg_floats(FunctionCallInfo fcinfo, int argno, const char *name);
extern FloatArray mo_arg_known_floats(FunctionCallInfo fcinfo, int argno, const char *name);
extern double mo_arg_float(FunctionCallInfo fcinfo, int argno);
extern double mo_arg_float_or_infinity(FunctionCallInfo fcinfo, int argno);
extern char *mo_arg_text(FunctionCallInfo fcinfo, int argno);
extern void mo_arg_check_length(const char *name, int n, const char *other, int n_other);

/* result.c */
extern void mo_row_begin(ResultRow *row, FunctionCallInfo fcinfo);
extern void mo_row_begin_set(ResultRow *row, FunctionCallInfo fcinfo);
extern void mo_row_datum(ResultRow *row, Datum value, bool is_null);
extern void mo_row_int(ResultRow *row, int value);
extern void mo_row_float(ResultRow *row, double value);
extern void mo_row_float_or_infinity(ResultRow *row, double value);
extern void mo_row_text(ResultRow *row, const char *value);
extern void mo_row_null(ResultRow *row);
extern Datum mo_row_end(ResultRow *row);
extern void mo_row_put(ResultRow *row);
extern Datum mo_floats_to_array(const double *value, int n);

/* series.c */
extern bool mo_series_admit(Series *series, DateADT day, double y, double w);
extern void mo_series_arrange(Series *series);
extern Series mo_series_read(FunctionCallInfo fcinfo, int day_arg, int y_arg, int w_arg);

/* trend.c */
extern void mo_trend_compute(const Series *series, bool robust, Trend *trend);
extern Datum mo_trend_to_datum(const Trend *trend, FunctionCallInfo fcinfo);

/* theil_sen.c */
extern double mo_theil_sen_slope(SlopePoint *point, int n, int64 *pairs);

/* mann_kendall.c */
extern Kendall mo_seasonal_kendall(const Series *series);

/* benjamini_hochberg.c */
extern void mo_false_discovery(double *p, int n);

/* season.c */
extern bool mo_season_factors(const Series *series, double factor[7]);

#endif /* MOMENTUM_ANALYTICS_H */
