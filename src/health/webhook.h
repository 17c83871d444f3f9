/*-------------------------------------------------------------------------
 *
 * webhook.h
 *	  Posts an alert to its receiver.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_WEBHOOK_H
#define MOMENTUM_WEBHOOK_H

/* Defines the setting; from _PG_init. */
extern void mo_webhook_init(void);

#endif /* MOMENTUM_WEBHOOK_H */
