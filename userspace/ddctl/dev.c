// SPDX-License-Identifier: GPL-2.0
/*
 * dev.c - talk to the module: open /dev/vamhost, find VMs, explain errors
 *
 * Each error a user can meet gets a sentence that says what to do about it.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "ddctl.h"
#include "out.h"

#define DEVICE "/dev/vamhost"

int dev_open(void)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	switch (errno) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return complain(DEVICE
				" is not there: is the module loaded "
				"(modprobe vamhost)? dmesg says why if it "
				"refused");
	case EACCES:
	case EPERM:
		return complain(DEVICE " is for root (CAP_SYS_ADMIN)");
	default:
		return complain("cannot open " DEVICE ": %s", strerror(errno));
	}
}

/**
 * vm_call() - an ioctl; on failure say so
 * @fd: of the device or a VM
 * @request: VAMHOST_*
 * @arg: its struct
 * @what: "cannot ..." for the complaint
 */
int vm_call(int fd, unsigned long request, void *arg, const char *what)
{
	if (!ioctl(fd, request, arg))
		return 0;
	switch (errno) {
	case ENOTTY:
	case E2BIG:
	case EOPNOTSUPP:
		return complain("cannot %s: the loaded module is of another "
				"version than this ddctl",
				what);
	case EBUSY:
		return complain("cannot %s in its present state (ddctl status "
				"shows it)",
				what);
	case ENOENT:
		return complain("cannot %s: there is no such VM", what);
	default:
		return complain("cannot %s: %s", what, strerror(errno));
	}
}

/* By name; or, if no VM has that name and it is a number, by number. */
int vm_open(const char *name_or_id)
{
	struct vamhost_vm_open open = { .size = sizeof(open) };
	uint64_t id;
	int dev, err;

	dev = dev_open();
	if (dev < 0)
		return -1;
	if (strlen(name_or_id) < sizeof(open.name) && *name_or_id) {
		strcpy(open.name, name_or_id);
		err = ioctl(dev, VAMHOST_VM_OPEN, &open);
	} else {
		err = -1;
		errno = ENOENT;
	}
	if (err && errno == ENOENT && parse_u64(name_or_id, UINT32_MAX, &id) &&
	    id) {
		memset(open.name, 0, sizeof(open.name));
		open.vm_id = id;
		err = ioctl(dev, VAMHOST_VM_OPEN, &open);
	}
	if (err) {
		if (errno == ENOENT || errno == EINVAL)
			complain("there is no VM '%s' (ddctl list shows those "
				 "there are)",
				 name_or_id);
		else
			complain("cannot open VM '%s': %s", name_or_id,
				 strerror(errno));
	}
	close(dev);
	return err ? -1 : open.out_fd;
}

const char *vm_state_name(uint32_t state)
{
	static const char *const names[] = {
		[VAMHOST_VM_CREATED] = "created",
		[VAMHOST_VM_RUNNING] = "running",
		[VAMHOST_VM_PAUSED] = "paused",
		[VAMHOST_VM_DEAD] = "dead",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "?";
}

const char *vm_end_name(uint32_t end)
{
	static const char *const names[] = {
		[VAMHOST_END_NONE] = "none",
		[VAMHOST_END_EXIT] = "exit",
		[VAMHOST_END_KILLED] = "killed",
		[VAMHOST_END_USER] = "user",
	};

	return end < sizeof(names) / sizeof(names[0]) ? names[end] : "?";
}

bool parse_u64(const char *text, uint64_t max, uint64_t *value)
{
	unsigned long long v;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	v = strtoull(text, &end, 0);
	if (errno || *end || v > max)
		return false;
	*value = v;
	return true;
}

/* A number with K, M or G behind it, powers of 1024; plain means bytes. */
bool parse_size(const char *text, uint64_t *bytes)
{
	unsigned long long v;
	unsigned int shift = 0;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	v = strtoull(text, &end, 0);
	switch (toupper((unsigned char)*end)) {
	case 'K':
		shift = 10;
		end++;
		break;
	case 'M':
		shift = 20;
		end++;
		break;
	case 'G':
		shift = 30;
		end++;
		break;
	}
	if (errno || *end || v > UINT64_MAX >> shift)
		return false;
	*bytes = v << shift;
	return true;
}

/* Seconds, perhaps with a fraction. */
bool parse_seconds(const char *text, uint32_t *ms)
{
	double s;
	char *end;

	if (!isdigit((unsigned char)*text) && *text != '.')
		return false;
	s = strtod(text, &end);
	if (*end || !(s >= 0 && s <= 4000000))
		return false;
	*ms = (uint32_t)(s * 1000 + 0.5);
	return true;
}
