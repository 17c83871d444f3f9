/*-------------------------------------------------------------------------
 *
 * crypt.c
 *	  Devices on top of each other, in a sysfs of our own.
 *
 *-------------------------------------------------------------------------
 */
#include "../../src/health/crypt.c"

#include <stdarg.h>

#include "tap.h"

static char root[PATH_MAX];
static char mounts[PATH_MAX + 16];
static char machine[PATH_MAX + 16];
static CryptHost host;
static char why[256];

/* Runs a line of the shell in the tree; what cannot be made shows in a check. */
static void __attribute__((format(printf, 1, 2)))
sh(const char *format, ...)
{
	char line[8192];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (system(line) != 0)
		printf("# could not: %s\n", line);
}

/* A device with its numbers (major:minor); all lie side by side. */
static void
device(const char *name, const char *number)
{
	sh("mkdir -p devices/%s/slaves dev/block", name);
	sh("ln -s ../../devices/%s dev/block/%s", name, number);
}

/* It is of the device mapper, which says so. */
static void
mapped(const char *name, const char *uuid)
{
	sh("mkdir -p devices/%s/dm && echo '%s' > devices/%s/dm/uuid", name, uuid, name);
}

/* It is made of another one, among others. */
static void
on(const char *name, const char *below)
{
	sh("ln -s ../../%s devices/%s/slaves/%s", below, name, below);
}

/* A partition of it. */
static void
part(const char *disk, const char *name, const char *number)
{
	sh("mkdir -p devices/%s/%s && echo 1 > devices/%s/%s/partition", disk, name, disk, name);
	sh("ln -s ../../devices/%s/%s dev/block/%s", disk, name, number);
}

static Encryption
judged(unsigned int minor_no)
{
	why[0] = '\0';
	return mo_crypt_device(&host, 253, minor_no, why, sizeof(why));
}

int
main(void)
{
	snprintf(root, sizeof(root), "/tmp/crypt.XXXXXX");
	if (mkdtemp(root) == NULL || chdir(root) != 0)
		return 1;
	snprintf(mounts, sizeof(mounts), "%s/mountinfo", root);
	snprintf(machine, sizeof(machine), "%s/cpuinfo", root);
	host = (CryptHost){root, mounts, machine};
	sh("echo '36 35 0:48 / / rw - overlay overlay rw' > mountinfo");
	sh("echo 'flags : fpu vme' > cpuinfo");

	device("sda", "253:0");
	ok(judged(0) == ENCRYPTION_OFF, "a disk is plain");
	ok(strstr(why, "sda has no dm-crypt") != NULL, "and the reason names it");

	part("sda", "sda1", "253:1");
	ok(judged(1) == ENCRYPTION_OFF, "a partition is as its disk");

	device("dm-0", "253:2");
	mapped("dm-0", "CRYPT-LUKS2-0123456789abcdef-data");
	on("dm-0", "sda");
	ok(judged(2) == ENCRYPTION_ON, "LUKS on it is encrypted");
	ok(strcmp(why, "dm-0 is CRYPT-LUKS2") == 0, "and the reason shows no more than the kind");

	device("dm-1", "253:3");
	mapped("dm-1", "LVM-abc");
	on("dm-1", "dm-0");
	ok(judged(3) == ENCRYPTION_ON, "so is a logical volume on LUKS");

	device("dm-2", "253:4");
	mapped("dm-2", "LVM-def");
	on("dm-2", "dm-0");
	on("dm-2", "sda");
	ok(judged(4) == ENCRYPTION_OFF, "a volume on LUKS and on a plain disk is not");

	part("dm-1", "dm-1p1", "253:5");
	ok(judged(5) == ENCRYPTION_ON, "a partition of what is encrypted is");

	device("loop0", "253:6");
	sh("mkdir -p devices/loop0/loop && echo /no/such/file > devices/loop0/loop/backing_file");
	ok(judged(6) == ENCRYPTION_HIDDEN, "a loop device without its file cannot be told");

	device("dm-3", "253:7");
	on("dm-3", "dm-4");
	device("dm-4", "253:8");
	on("dm-4", "dm-3");
	ok(judged(7) == ENCRYPTION_ERROR, "devices in a circle are an error, not for ever");

	ok(judged(99) == ENCRYPTION_HIDDEN, "a device that sysfs does not have cannot be told");
	ok(mo_crypt_device(&host, 0, 48, why, sizeof(why)) == ENCRYPTION_HIDDEN &&
		   strstr(why, "overlay") != NULL,
	   "nor a container's layers");
	ok(mo_crypt_device(&host, 0, 7, why, sizeof(why)) == ENCRYPTION_HIDDEN,
	   "nor a file system that is not mounted");

	sh("echo 'flags : fpu hypervisor' > cpuinfo");
	ok(judged(0) == ENCRYPTION_HIDDEN, "in a virtual machine a disk may be anything");
	ok(judged(2) == ENCRYPTION_ON, "but LUKS inside it is seen");
	ok(judged(4) == ENCRYPTION_HIDDEN, "and half of it is not enough");

	sh("rm -rf %s", root);
	return done_testing();
}
