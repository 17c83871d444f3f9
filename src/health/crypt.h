/*-------------------------------------------------------------------------
 *
 * crypt.h
 *	  Is a device encrypted, as the kernel tells?  Plain C, no server needed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_CRYPT_H
#define MOMENTUM_CRYPT_H

#include <stdbool.h>
#include <stddef.h>

/* From the best to the worst. */
typedef enum Encryption
{
	ENCRYPTION_ON,     /* everything below lies on dm-crypt */
	ENCRYPTION_HIDDEN, /* the kernel cannot tell: a container's layers, a host's volume */
	ENCRYPTION_ERROR,  /* sysfs does not make sense */
	ENCRYPTION_OFF     /* a disk of this machine without it */
} Encryption;

/*
 * Where to look; the usual one, or a copy made for a test.  Paths, not owned.
 */
typedef struct CryptHost
{
	const char *sys;       /* "/sys" */
	const char *mountinfo; /* "/proc/self/mountinfo" */
	const char *cpuinfo;   /* "/proc/cpuinfo" */
} CryptHost;

extern const CryptHost mo_crypt_host;

/*
 * Judges the device of a file system by its numbers.  Writes to "why" what
 * decided, for a person: names of devices, no path of the data.  Never raises,
 * allocates nothing.
 */
extern Encryption mo_crypt_device(const CryptHost *host, unsigned int major, unsigned int minor,
								  char *why, size_t why_len);

#endif /* MOMENTUM_CRYPT_H */
