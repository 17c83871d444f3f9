/*-------------------------------------------------------------------------
 *
 * quiet.c
 *	  Keeps the lines of a COPY into a door (momentum.secret_entry, the views
 *	  hub.*_entry) out of the log.
 *
 * What our triggers raise hides its context by itself.  But COPY complains
 * too, of a column too few or too many, and quotes the line; and an INSERT
 * that fails, or that anything is told of on the way, is logged with its
 * statement.  Where the library is loaded, preloaded best, both stay out of
 * the log; the client still sees them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "secret/secret.h"
#include "tcop/tcopprot.h"

#define DOOR "_entry" /* ends the views' names: COPY's context has them, in every language */

static emit_log_hook_type next_hook = NULL;

static void
hide_lines(ErrorData *error)
{
	if (error->context != NULL && strstr(error->context, DOOR) != NULL)
		error->hide_ctx = true;
	if (debug_query_string != NULL && strstr(debug_query_string, DOOR) != NULL)
		error->hide_stmt = true;
	if (next_hook != NULL)
		next_hook(error);
}

void
mo_secret_quiet_init(void)
{
	next_hook = emit_log_hook;
	emit_log_hook = hide_lines;
}
