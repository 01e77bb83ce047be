/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dev/bus.h - which device model owns a port or a guest-physical address
 *
 * Device models add their regions while the VM is created; from then on the
 * tables are constant and looked up without a lock.
 *
 * Layer:    dev. Regions are added by device models, accesses come from run.
 */
#ifndef VAM_DEV_BUS_H
#define VAM_DEV_BUS_H

#include <linux/types.h>

struct vam_vcpu;
struct vam_vm;
struct vam_bus_region;

enum vam_bus_kind { VAM_BUS_PORT, VAM_BUS_MMIO, VAM_BUS_KINDS };

/**
 * struct vam_bus_ops - what a device model does for one region
 * @width: widest access the model takes; wider ones come in pieces, lowest
 *         address first. 0: takes all
 * @read: @offset from the region's start, @size 1, 2, 4 or 8 bytes; returns
 *        the value, zero-extended
 * @write: the opposite; returns 0 or VAM_STOP when the VM must not run on
 *
 * On the thread of @vcpu, may sleep. An access never crosses the end of a
 * region: the bus splits it.
 */
struct vam_bus_ops {
	unsigned int width;
	u64 (*read)(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		    u64 offset, unsigned int size);
	int (*write)(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		     u64 offset, unsigned int size, u64 value);
};

/* Embedded in the device model's own struct; container_of() leads back. */
struct vam_bus_region {
	const char *name;
	const struct vam_bus_ops *ops;
	u64 base;
	u64 length;
};

/**
 * vam_bus_add() - claim a range of ports or addresses
 * @vm: the VM, being created
 * @kind: ports or memory
 * @region: filled in; must stay until the VM is gone
 *
 * Return: 0; -EEXIST overlaps another region; -ENOSPC table full; -EINVAL.
 */
int __must_check vam_bus_add(struct vam_vm *vm, enum vam_bus_kind kind,
			     struct vam_bus_region *region);

/**
 * vam_bus_read() - a vCPU reads; nobody there reads as all ones
 * @vcpu: on its thread
 * @kind: ports or memory
 * @addr: first byte
 * @size: 1, 2, 4 or 8
 *
 * Return: the value, zero-extended.
 */
u64 vam_bus_read(struct vam_vcpu *vcpu, enum vam_bus_kind kind, u64 addr,
		 unsigned int size);

/**
 * vam_bus_write() - a vCPU writes; where nobody is it is ignored
 * @vcpu: on its thread
 * @kind: ports or memory
 * @addr: first byte
 * @size: 1, 2, 4 or 8
 * @value: bits beyond @size are ignored
 *
 * Return: 0 or VAM_STOP.
 */
int vam_bus_write(struct vam_vcpu *vcpu, enum vam_bus_kind kind, u64 addr,
		  unsigned int size, u64 value);

#endif /* VAM_DEV_BUS_H */
