/*-------------------------------------------------------------------------
 *
 * rest.h
 *	  What the options of rest_fdw are, for the connector made of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_REST_H
#define MOMENTUM_REST_H

#include "connector.h"

/* A condition a column can have: its option, and what it stands for */
typedef struct RestComparison
{
	const char *option;
	const char *op;
	const char *word; /* in "exact" */
} RestComparison;

#define REST_COMPARISONS 5
#define REST_STYLES 6

extern const RestComparison mo_rest_comparisons[REST_COMPARISONS];
extern const char *const mo_rest_styles[REST_STYLES]; /* by PageStyle */
extern const Option mo_rest_options[];

/* The words between the commas of a value, palloc'd, NULL at the end. */
extern const char **mo_rest_list(const char *value, size_t *n);

/* "10/second, 600/minute" as limits, palloc'd; NULL if it is none. */
extern const RateLimit *mo_rest_limits(const char *value);

/* What an error of the service means, by its word in option "errors"; ERROR_END = no such word. */
extern ErrorClass mo_rest_error_class(const char *word);

/* Could it be the name of a query parameter? */
extern bool mo_rest_is_param(const char *value);

#endif /* MOMENTUM_REST_H */
