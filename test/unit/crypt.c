/*-------------------------------------------------------------------------
 *
 * crypt.c
 *	  Devices on top of each other, in a sysfs of our own.
 *
 *-------------------------------------------------------------------------
 */
#include "../../src/health/crypt.c"

#include "tap.h"

static char root[PATH_MAX];
static char mounts[PATH_MAX + 16];
static char machine[PATH_MAX + 16];
static CryptHost host;
static char why[256];

/* Runs a line of the shell in the tree; what cannot be made shows in a check. */
static void
sh(const char *format, const char *a, const char *b)
{
	char line[8192];

	snprintf(line, sizeof(line), format, a, b);
	if (system(line) != 0)
		printf("# could not: %s\n", line);
}

/* A device "name" with the numbers "number" (major:minor), in a flat tree. */
static void
device(const char *name, const char *number)
{
	sh("mkdir -p devices/%s/slaves dev/block && ln -s ../../devices/%s dev/block/NUMBER", name, name);
	sh("mv dev/block/NUMBER dev/block/%s%s", number, "");
}

static void
dm(const char *name, const char *uuid)
{
	char format[256];

	snprintf(format, sizeof(format), "mkdir -p devices/%s/dm && echo '%%s' > devices/%s/dm/uuid%%s",
			 name, name);
	sh(format, uuid, "");
}

static void
on(const char *name, const char *below)
{
	char format[256];

	snprintf(format, sizeof(format), "ln -s ../../%%s devices/%s/slaves/%%s", name);
	sh(format, below, below);
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
	sh("echo '36 35 0:48 / / rw - %s overlay rw' > mountinfo", "overlay", "");
	sh("echo '%s : fpu vme' > cpuinfo", "flags", "");

	device("sda", "253:0");
	ok(judged(0) == ENCRYPTION_OFF, "a disk is plain");
	ok(strstr(why, "sda has no dm-crypt") != NULL, "and the reason names it");

	sh("mkdir -p devices/sda/sda1 && echo 1 > devices/sda/sda1/%s && ln -s ../../devices/sda/sda1 dev/block/253:1%s",
	   "partition", "");
	ok(judged(1) == ENCRYPTION_OFF, "a partition is as its disk");

	device("dm-0", "253:2");
	dm("dm-0", "CRYPT-LUKS2-0123456789abcdef-data");
	on("dm-0", "sda");
	ok(judged(2) == ENCRYPTION_ON, "LUKS on it is encrypted");
	ok(strcmp(why, "dm-0 is CRYPT-LUKS2") == 0, "and the reason shows no more than the kind");

	device("dm-1", "253:3");
	dm("dm-1", "LVM-abc");
	on("dm-1", "dm-0");
	ok(judged(3) == ENCRYPTION_ON, "so is a logical volume on LUKS");

	device("dm-2", "253:4");
	dm("dm-2", "LVM-def");
	on("dm-2", "dm-0");
	on("dm-2", "sda");
	ok(judged(4) == ENCRYPTION_OFF, "a volume on LUKS and on a plain disk is not");

	sh("mkdir -p devices/dm-1/dm-1p1 && echo 1 > devices/dm-1/dm-1p1/%s && ln -s ../../devices/dm-1/dm-1p1 dev/block/253:5%s",
	   "partition", "");
	ok(judged(5) == ENCRYPTION_ON, "a partition of what is encrypted is");

	device("loop0", "253:6");
	sh("mkdir -p devices/loop0/loop && echo '/%s%s' > devices/loop0/loop/backing_file", "no/such", "/file");
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

	sh("echo '%s : fpu %s' > cpuinfo", "flags", "hypervisor");
	ok(judged(0) == ENCRYPTION_HIDDEN, "in a virtual machine a disk may be anything");
	ok(judged(2) == ENCRYPTION_ON, "but LUKS inside it is seen");
	ok(judged(4) == ENCRYPTION_HIDDEN, "and half of it is not enough");

	sh("rm -rf %s%s", root, "");
	return done_testing();
}
