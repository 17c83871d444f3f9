/*-------------------------------------------------------------------------
 *
 * door.h
 *	  Doors: views that take rows by hand.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_HUB_DOOR_H
#define MOMENTUM_HUB_DOOR_H

/* Defines the doors' setting; from _PG_init. */
extern void mo_door_init(void);

#endif
