/*-------------------------------------------------------------------------
 *
 * tap.h
 *	  The least that a C unit test needs: one line of TAP per check.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_TAP_H
#define MOMENTUM_TAP_H

#include <stdbool.h>
#include <stdio.h>

static int tap_run = 0;
static int tap_failed = 0;

static void
ok(bool good, const char *what)
{
	tap_run++;
	if (!good)
		tap_failed++;
	printf("%s %d - %s\n", good ? "ok" : "not ok", tap_run, what);
}

/* For the end of main(). */
static int
done_testing(void)
{
	printf("1..%d\n", tap_run);
	return tap_failed == 0 && tap_run > 0 ? 0 : 1;
}

#endif /* MOMENTUM_TAP_H */
