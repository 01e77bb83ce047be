/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dev/devices.h - the device models of a VM
 *
 * Every model describes itself by a struct vam_device; devices.c lists them
 * in order. A model keeps its state in an allocation of its own that hangs off
 * struct vam_devices (or off the vCPU), never in static variables.
 *
 * Layer:    dev.
 */
#ifndef VAM_DEV_DEVICES_H
#define VAM_DEV_DEVICES_H

#include "core/part.h"

struct vam_vcpu;
struct vam_vm;

extern const struct vam_part vam_dev_part;

/**
 * struct vam_device - one device model's hooks into the life of a VM
 * @name: for messages
 * @create: allocate, claim regions and lines; 0 or -errno with nothing left
 * @destroy: the opposite; no vCPU is left, but timers of the model may run
 *           until it has cancelled them
 * @vcpu_create: per-vCPU state; 0 or -errno
 * @vcpu_destroy: the opposite; the vCPU's thread is gone, interrupts are closed
 * @vcpu_reset: the vCPU takes an INIT or starts
 *
 * All may be NULL and all may sleep.
 */
struct vam_device {
	const char *name;
	int (*create)(struct vam_vm *vm);
	void (*destroy)(struct vam_vm *vm);
	int (*vcpu_create)(struct vam_vcpu *vcpu);
	void (*vcpu_destroy)(struct vam_vcpu *vcpu);
	void (*vcpu_reset)(struct vam_vcpu *vcpu);
};

/* What vm->devices points to: one pointer per model, owned by it. */
struct vam_devices {
	struct vam_pic *pic;
	struct vam_ioapic *ioapic;
	struct vam_pit *pit;
	struct vam_rtc *rtc;
	struct vam_uart *uart;
	struct vam_debugexit *debugexit;
	struct vam_lapic_page *lapic_page;
	unsigned int made; /* how far creation came in the list */
};

extern const struct vam_device vam_lapic_device;
extern const struct vam_device vam_ioapic_device;
extern const struct vam_device vam_pic_device;
extern const struct vam_device vam_pit_device;
extern const struct vam_device vam_rtc_device;
extern const struct vam_device vam_uart_device;
extern const struct vam_device vam_debugexit_device;

/* bus.c */
int vam_bus_create(struct vam_vm *vm);
void vam_bus_destroy(struct vam_vm *vm);

#endif /* VAM_DEV_DEVICES_H */
