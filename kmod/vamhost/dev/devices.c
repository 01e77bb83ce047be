// SPDX-License-Identifier: GPL-2.0
/*
 * dev/devices.c - the list of device models, walked through a VM's life
 *
 * Layer:    dev. Called through vam_dev_part from core/vm.c and core/vcpu.c.
 * Locks:    the caller's; nothing here runs while the VM does, except the reset
 *           of a vCPU on its own thread.
 * Not here: the models.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include "core/alloc.h"
#include "core/vm.h"
#include "dev/devices.h"
#include "irq/virq.h"

/* A model may rely on those above it. */
static const struct vam_device *const devices[] = {
	&vam_lapic_device,     &vam_pic_device, &vam_ioapic_device,
	&vam_pit_device,       &vam_rtc_device, &vam_uart_device,
	&vam_debugexit_device,
};

static void vm_destroy(struct vam_vm *vm)
{
	while (vm->devices->made) {
		const struct vam_device *d = devices[--vm->devices->made];

		if (d->destroy)
			d->destroy(vm);
	}
	vam_bus_destroy(vm);
	kfree(vm->devices);
	vm->devices = NULL;
}

static int vm_create(struct vam_vm *vm)
{
	int err;

	vm->devices = vam_zalloc(sizeof(*vm->devices));
	if (!vm->devices)
		return -ENOMEM;
	err = vam_bus_create(vm);
	while (!err && vm->devices->made < ARRAY_SIZE(devices)) {
		const struct vam_device *d = devices[vm->devices->made];

		err = d->create ? d->create(vm) : 0;
		if (!err)
			vm->devices->made++;
	}
	if (err)
		vm_destroy(vm);
	return err;
}

static void destroy_vcpu_parts(struct vam_vcpu *vcpu, unsigned int made)
{
	while (made)
		if (devices[--made]->vcpu_destroy)
			devices[made]->vcpu_destroy(vcpu);
}

static int vcpu_create(struct vam_vcpu *vcpu)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		if (!devices[i]->vcpu_create)
			continue;
		err = devices[i]->vcpu_create(vcpu);
		if (err) {
			destroy_vcpu_parts(vcpu, i);
			return err;
		}
	}
	return 0;
}

static void vcpu_destroy(struct vam_vcpu *vcpu)
{
	/* Timers of the VM's devices still run: nothing may reach a vCPU. */
	vam_irq_close(vcpu->vm);
	destroy_vcpu_parts(vcpu, ARRAY_SIZE(devices));
}

static void vcpu_reset(struct vam_vcpu *vcpu)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(devices); i++)
		if (devices[i]->vcpu_reset)
			devices[i]->vcpu_reset(vcpu);
}

const struct vam_part vam_dev_part = {
	.name = "dev",
	.vm_create = vm_create,
	.vm_destroy = vm_destroy,
	.vcpu_create = vcpu_create,
	.vcpu_destroy = vcpu_destroy,
	.vcpu_reset = vcpu_reset,
};
