// SPDX-License-Identifier: GPL-2.0
/*
 * dev/bus.c - find the device model behind a port or an address
 *
 * One sorted table per address space, filled while the VM is created and
 * constant from then on. Addresses, sizes and values come from the guest; what
 * a device model gets to see lies within its region and is not wider than it
 * can take.
 *
 * Layer:    dev. Accesses come from run/io.c and run/emul.c.
 * Locks:    none. Nothing changes once a vCPU can run.
 * Not here: what the regions are, the device models; RAM, core/mem.c.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include "core/alloc.h"
#include "core/vcpu.h"
#include "core/vm.h"
#include "dev/bus.h"
#include "dev/devices.h"
#include "lib/range.h"

#define REGIONS_MAX 32

struct vam_bus {
	struct vam_range_table table[VAM_BUS_KINDS];
	struct vam_range ranges[VAM_BUS_KINDS][REGIONS_MAX];
};

/**
 * vam_bus_create() - make the VM's buses, still empty
 * @vm: the VM, being created
 *
 * Return: 0 or -ENOMEM.
 */
int vam_bus_create(struct vam_vm *vm)
{
	unsigned int kind;

	vm->bus = vam_zalloc(sizeof(*vm->bus));
	if (!vm->bus)
		return -ENOMEM;
	for (kind = 0; kind < VAM_BUS_KINDS; kind++)
		vam_range_init(&vm->bus->table[kind], vm->bus->ranges[kind],
			       REGIONS_MAX);
	return 0;
}

/**
 * vam_bus_destroy() - the opposite
 * @vm: the VM; no region is accessed any more
 */
void vam_bus_destroy(struct vam_vm *vm)
{
	kfree(vm->bus);
	vm->bus = NULL;
}

int vam_bus_add(struct vam_vm *vm, enum vam_bus_kind kind,
		struct vam_bus_region *region)
{
	return vam_range_add(&vm->bus->table[kind], region->base,
			     region->length, region);
}

static struct vam_bus_region *find(struct vam_vm *vm, enum vam_bus_kind kind,
				   u64 addr)
{
	const struct vam_range *range;

	range = vam_range_find(&vm->bus->table[kind], addr);
	return range ? range->owner : NULL;
}

static_assert(sizeof_field(struct vam_vcpu, bus_last) ==
	      VAM_BUS_KINDS * sizeof(struct vam_bus_region *));

/*
 * The same, for accesses that mostly go where the last one went. Regions stay
 * as long as the VM, so that what was found once is never wrong later.
 */
static struct vam_bus_region *find_again(struct vam_vcpu *vcpu,
					 enum vam_bus_kind kind, u64 addr)
{
	struct vam_bus_region *region = vcpu->bus_last[kind];

	if (likely(region && addr - region->base < region->length))
		return region;
	region = find(vcpu->vm, kind, addr);
	vcpu->bus_last[kind] = region;
	return region;
}

/* Can the region's model take the whole access at once? */
static bool fits(const struct vam_bus_region *region, u64 addr,
		 unsigned int size)
{
	return size <= region->length - (addr - region->base) &&
	       (!region->ops->width || size <= region->ops->width);
}

static u64 all_ones(unsigned int size)
{
	return ~0ULL >> (64 - 8 * size);
}

/* The largest piece of an access that one model can take. */
static unsigned int piece(const struct vam_bus_region *region, u64 addr,
			  unsigned int size)
{
	unsigned int n = rounddown_pow_of_two(size);

	if (!region)
		return 1;
	while (n > 1 && !fits(region, addr, n))
		n /= 2;
	return n;
}

u64 vam_bus_read(struct vam_vcpu *vcpu, enum vam_bus_kind kind, u64 addr,
		 unsigned int size)
{
	struct vam_bus_region *region = find_again(vcpu, kind, addr);
	unsigned int done, n;
	u64 value = 0, part;

	if (likely(region && fits(region, addr, size)))
		return region->ops->read(region, vcpu, addr - region->base,
					 size) &
		       all_ones(size);

	for (done = 0; done < size; done += n) {
		region = find(vcpu->vm, kind, addr + done);
		n = piece(region, addr + done, size - done);
		part = region ? region->ops->read(region, vcpu,
						  addr + done - region->base,
						  n) :
				~0ULL;
		value |= (part & all_ones(n)) << 8 * done;
	}
	return value;
}

int vam_bus_write(struct vam_vcpu *vcpu, enum vam_bus_kind kind, u64 addr,
		  unsigned int size, u64 value)
{
	struct vam_bus_region *region = find_again(vcpu, kind, addr);
	unsigned int done, n;
	int ret = 0;

	if (likely(region && fits(region, addr, size)))
		return region->ops->write(region, vcpu, addr - region->base,
					  size, value & all_ones(size));

	for (done = 0; done < size && !ret; done += n) {
		region = find(vcpu->vm, kind, addr + done);
		n = piece(region, addr + done, size - done);
		if (region)
			ret = region->ops->write(
				region, vcpu, addr + done - region->base, n,
				value >> 8 * done & all_ones(n));
	}
	return ret;
}
