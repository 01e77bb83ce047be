// SPDX-License-Identifier: GPL-2.0
/*
 * dev/debugexit.c - port 0xf4: a write ends the VM with a value
 *
 * What test payloads report their result through; the same port and meaning as
 * isa-debug-exit of QEMU, so that a payload runs there unchanged. The value
 * comes from the guest and is only handed on.
 *
 * Layer:    dev.
 * Locks:    none.
 */
#include <linux/errno.h>
#include "core/alloc.h"
#include "core/vm.h"
#include "dev/bus.h"
#include "dev/devices.h"

#define PORT 0xf4

struct vam_debugexit {
	struct vam_bus_region region;
};

static u64 read(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		u64 offset, unsigned int size)
{
	return 0;
}

static int write(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		 u64 offset, unsigned int size, u64 value)
{
	return vam_vm_end(vcpu->vm, VAM_END_EXIT, value, NULL);
}

static const struct vam_bus_ops ops = {
	.read = read,
	.write = write,
};

static int create(struct vam_vm *vm)
{
	struct vam_debugexit *d = vam_zalloc(sizeof(*d));
	int err;

	if (!d)
		return -ENOMEM;
	d->region = (struct vam_bus_region){
		.name = "debugexit",
		.ops = &ops,
		.base = PORT,
		.length = 4,
	};
	err = vam_bus_add(vm, VAM_BUS_PORT, &d->region);
	if (err) {
		kfree(d);
		return err;
	}
	vm->devices->debugexit = d;
	return 0;
}

static void destroy(struct vam_vm *vm)
{
	kfree(vm->devices->debugexit);
}

const struct vam_device vam_debugexit_device = {
	.name = "debugexit",
	.create = create,
	.destroy = destroy,
};
