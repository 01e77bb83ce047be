// SPDX-License-Identifier: GPL-2.0
/*
 * dev/ioapic.c - the IOAPIC: 24 pins at 0xfec00000
 *
 * Turns interrupt lines into messages to local APICs. An edge is sent once; a
 * level is sent, remote IRR set, and sent again at EOI if it is still there.
 * Line n leads to pin n, but line 0 (the 8254) to pin 2, as on every PC.
 *
 * Layer:    dev. Lines come from irq/virq.c, EOIs from dev/lapic.c.
 * Locks:    ->lock, irq-safe; taken inside the irq lock.
 * Spec:     Intel 82093AA data sheet; ICH EOI register (version 0x20).
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/spinlock.h>
#include "core/alloc.h"
#include "core/vm.h"
#include "dev/bus.h"
#include "dev/devices.h"
#include "dev/ioapic.h"
#include "dev/lapic.h"
#include "irq/virq.h"

#define BASE 0xfec00000
#define NR_PINS 24
#define VERSION (0x20 | (NR_PINS - 1) << 16)

/* Offsets in the page. */
#define IOREGSEL 0x00
#define IOWIN 0x10
#define EOI 0x40

/* Registers behind IOWIN. */
#define REG_ID 0
#define REG_VERSION 1
#define REG_ARBITRATION 2
#define REG_ENTRIES 0x10

/* A redirection entry. */
#define ENTRY_LOGICAL BIT_ULL(11)
#define ENTRY_REMOTE_IRR BIT_ULL(14)
#define ENTRY_LEVEL BIT_ULL(15)
#define ENTRY_MASKED BIT_ULL(16)
#define ENTRY_WRITABLE 0xff0000000001afffULL

struct vam_ioapic {
	struct vam_vm *vm;
	struct vam_bus_region region;
	struct vam_irq_sink sink;
	spinlock_t lock;
	u8 select;
	u8 id;
	u32 irr; /* pins: edge not yet sent, or level up */
	u64 entry[NR_PINS];
};

/* Send what the pin has, if it may. */
static void service(struct vam_ioapic *a, unsigned int pin)
{
	u64 entry = a->entry[pin];
	struct vam_apic_msg msg = {
		.dest = entry >> 56,
		.logical = entry & ENTRY_LOGICAL,
		.level = entry & ENTRY_LEVEL,
		.mode = entry >> 8 & 7,
		.vector = entry,
	};

	if (!(a->irr & BIT(pin)) || (entry & ENTRY_MASKED))
		return;
	if (entry & ENTRY_LEVEL) {
		if (entry & ENTRY_REMOTE_IRR)
			return;
		a->entry[pin] |= ENTRY_REMOTE_IRR;
	} else {
		a->irr &= ~BIT(pin);
	}
	vam_lapic_deliver(a->vm, &msg);
}

static void set_line(struct vam_irq_sink *sink, unsigned int gsi, bool level)
{
	struct vam_ioapic *a = container_of(sink, struct vam_ioapic, sink);
	unsigned int pin = gsi ? gsi : 2;
	unsigned long flags;

	if (gsi == 2)
		return; /* the cascade of the 8259 pair */
	spin_lock_irqsave(&a->lock, flags);
	if (a->entry[pin] & ENTRY_LEVEL) {
		a->irr = level ? a->irr | BIT(pin) : a->irr & ~BIT(pin);
		service(a, pin);
	} else if (level && !(a->entry[pin] & ENTRY_MASKED)) {
		/* An edge at a masked pin is not remembered. */
		a->irr |= BIT(pin);
		service(a, pin);
	}
	spin_unlock_irqrestore(&a->lock, flags);
}

static void end(struct vam_ioapic *a, u8 vector)
{
	unsigned long flags;
	unsigned int pin;

	spin_lock_irqsave(&a->lock, flags);
	for (pin = 0; pin < NR_PINS; pin++) {
		u64 *entry = &a->entry[pin];

		if ((u8)*entry != vector || !(*entry & ENTRY_LEVEL) ||
		    !(*entry & ENTRY_REMOTE_IRR))
			continue;
		*entry &= ~ENTRY_REMOTE_IRR;
		service(a, pin);
	}
	spin_unlock_irqrestore(&a->lock, flags);
}

void vam_ioapic_eoi(struct vam_vm *vm, u8 vector)
{
	end(vm->devices->ioapic, vector);
}

static u32 read_window(const struct vam_ioapic *a)
{
	unsigned int pin = (a->select - REG_ENTRIES) / 2;

	switch (a->select) {
	case REG_ID:
	case REG_ARBITRATION:
		return a->id << 24;
	case REG_VERSION:
		return VERSION;
	}
	if (a->select < REG_ENTRIES || pin >= NR_PINS)
		return 0;
	return a->select & 1 ? a->entry[pin] >> 32 : a->entry[pin];
}

static void write_window(struct vam_ioapic *a, u32 value)
{
	unsigned int pin = (a->select - REG_ENTRIES) / 2;
	u64 entry;

	if (a->select == REG_ID)
		a->id = value >> 24 & 0xf;
	if (a->select < REG_ENTRIES || pin >= NR_PINS)
		return;
	entry = a->entry[pin];
	if (a->select & 1)
		entry = (u32)entry | (u64)value << 32;
	else
		entry = (entry & ~0xffffffffULL) | value;
	entry = (entry & ENTRY_WRITABLE) | (a->entry[pin] & ENTRY_REMOTE_IRR);
	/* Guests switch to edge and back to get rid of a stuck remote IRR. */
	if (!(entry & ENTRY_LEVEL))
		entry &= ~ENTRY_REMOTE_IRR;
	a->entry[pin] = entry;
	service(a, pin);
}

static u64 read(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		u64 offset, unsigned int size)
{
	struct vam_ioapic *a = container_of(region, struct vam_ioapic, region);
	u64 value = 0;

	spin_lock_irq(&a->lock);
	if ((offset & 0xff) == IOREGSEL)
		value = a->select;
	else if ((offset & 0xff) == IOWIN && size == 4)
		value = read_window(a);
	spin_unlock_irq(&a->lock);
	return value;
}

static int write(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		 u64 offset, unsigned int size, u64 value)
{
	struct vam_ioapic *a = container_of(region, struct vam_ioapic, region);

	offset &= 0xff;
	if (offset == EOI && size == 4) {
		end(a, value);
		return 0;
	}
	spin_lock_irq(&a->lock);
	if (offset == IOREGSEL)
		a->select = value;
	else if (offset == IOWIN && size == 4)
		write_window(a, value);
	spin_unlock_irq(&a->lock);
	return 0;
}

static const struct vam_bus_ops ops = {
	.width = 4,
	.read = read,
	.write = write,
};

static int create(struct vam_vm *vm)
{
	struct vam_ioapic *a = vam_zalloc(sizeof(*a));
	unsigned int pin;
	int err;

	if (!a)
		return -ENOMEM;
	a->vm = vm;
	spin_lock_init(&a->lock);
	for (pin = 0; pin < NR_PINS; pin++)
		a->entry[pin] = ENTRY_MASKED;
	a->region = (struct vam_bus_region){
		.name = "ioapic",
		.ops = &ops,
		.base = BASE,
		.length = PAGE_SIZE,
	};
	err = vam_bus_add(vm, VAM_BUS_MMIO, &a->region);
	if (err) {
		kfree(a);
		return err;
	}
	a->sink.set = set_line;
	vam_irq_add_sink(vm, &a->sink);
	vm->devices->ioapic = a;
	return 0;
}

static void destroy(struct vam_vm *vm)
{
	kfree(vm->devices->ioapic);
}

const struct vam_device vam_ioapic_device = {
	.name = "ioapic",
	.create = create,
	.destroy = destroy,
};
