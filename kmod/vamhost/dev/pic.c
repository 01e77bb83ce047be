// SPDX-License-Identifier: GPL-2.0
/*
 * dev/pic.c - the pair of 8259A interrupt controllers
 *
 * Master at 0x20, slave at 0xa0 on the master's input 2, edge/level control
 * registers at 0x4d0. The master's output is LINT0 of the local APICs. All
 * commands of the data sheet but 8080 mode and buffered mode.
 *
 * Layer:    dev. Lines come from irq/virq.c, acknowledge from dev/lapic.c.
 * Locks:    ->lock, irq-safe; taken inside the irq lock.
 * Not here: spurious interrupts: request and acknowledge are one step.
 * Spec:     Intel 8259A data sheet; 82371 (ELCR).
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/spinlock.h>
#include "core/alloc.h"
#include "core/vm.h"
#include "dev/bus.h"
#include "dev/devices.h"
#include "dev/lapic.h"
#include "dev/pic.h"
#include "irq/virq.h"

#define CASCADE 2 /* the master's input the slave is connected to */
#define NONE 8

/* Which initialization word the data port expects next. */
enum { READY, ICW2, ICW3, ICW4 };

struct pic_chip {
	u8 lines; /* inputs as they are now */
	u8 irr;
	u8 imr;
	u8 isr;
	u8 elcr; /* level-triggered inputs */
	u8 elcr_mask; /* those that may be */
	u8 lowest; /* input after the one of lowest priority */
	u8 base; /* vector of input 0 */
	u8 init; /* READY, ICW2 ... */
	bool is_master;
	bool wants_icw4;
	bool is_single;
	bool read_isr;
	bool poll;
	bool special_mask;
	bool auto_eoi;
	bool rotate_on_auto_eoi;
	bool fully_nested; /* special fully nested mode */
	struct vam_bus_region ports;
	struct vam_bus_region elcr_port;
};

struct vam_pic {
	struct vam_vm *vm;
	spinlock_t lock;
	struct vam_irq_sink sink;
	bool output;
	struct pic_chip master;
	struct pic_chip slave;
};

/* How urgent the first of @inputs is: 0 highest, NONE if there is none. */
static unsigned int urgency(const struct pic_chip *c, u8 inputs)
{
	/* Rotate so that the input of highest priority is bit 0. */
	unsigned int rotated = (inputs | inputs << 8) >> c->lowest & 0xff;

	return rotated ? __ffs(rotated) : NONE;
}

/* The input that the chip requests an interrupt for, or NONE. */
static unsigned int requested(const struct pic_chip *c)
{
	u8 serviced = c->isr;
	unsigned int first;

	first = urgency(c, c->irr & ~c->imr);
	if (first == NONE)
		return NONE;
	if (c->special_mask)
		serviced &= ~c->imr;
	/* More than one of the slave's may be in service. */
	if (c->fully_nested && c->is_master)
		serviced &= ~BIT(CASCADE);
	if (first >= urgency(c, serviced))
		return NONE;
	return (first + c->lowest) & 7;
}

static void set_input(struct pic_chip *c, unsigned int input, bool level)
{
	u8 bit = BIT(input);

	if (c->elcr & bit)
		c->irr = level ? c->irr | bit : c->irr & ~bit;
	else if (level && !(c->lines & bit))
		c->irr |= bit;
	c->lines = level ? c->lines | bit : c->lines & ~bit;
}

static void update(struct vam_pic *p)
{
	bool output;

	set_input(&p->master, CASCADE, requested(&p->slave) != NONE);
	output = requested(&p->master) != NONE;
	if (output != p->output) {
		p->output = output;
		vam_lapic_set_lint0(p->vm, output);
	}
}

static void acknowledge(struct pic_chip *c, unsigned int input)
{
	u8 bit = BIT(input);

	if (!c->auto_eoi)
		c->isr |= bit;
	else if (c->rotate_on_auto_eoi)
		c->lowest = (input + 1) & 7;
	/* A level stays until the device takes it away. */
	if (!(c->elcr & bit))
		c->irr &= ~bit;
}

int vam_pic_ack(struct vam_vm *vm)
{
	struct vam_pic *p = vm->devices->pic;
	unsigned int input, second;
	unsigned long flags;
	int vector = -1;

	spin_lock_irqsave(&p->lock, flags);
	input = requested(&p->master);
	if (input == CASCADE) {
		second = requested(&p->slave);
		if (second != NONE)
			acknowledge(&p->slave, second);
		else
			second = 7; /* a request that was latched and went */
		vector = p->slave.base + second;
	} else if (input != NONE) {
		vector = p->master.base + input;
	}
	if (input != NONE) {
		acknowledge(&p->master, input);
		/* The cascade falls with the acknowledge and may rise again:
		 * an edge, even if the slave has another request. */
		if (input == CASCADE)
			set_input(&p->master, CASCADE, false);
	}
	update(p);
	spin_unlock_irqrestore(&p->lock, flags);
	return vector;
}

static void set_line(struct vam_irq_sink *sink, unsigned int gsi, bool level)
{
	struct vam_pic *p = container_of(sink, struct vam_pic, sink);
	unsigned long flags;

	if (gsi >= 16 || gsi == CASCADE)
		return;
	spin_lock_irqsave(&p->lock, flags);
	set_input(gsi < 8 ? &p->master : &p->slave, gsi & 7, level);
	update(p);
	spin_unlock_irqrestore(&p->lock, flags);
}

/* ICW1: everything but the vector base and the level control. */
static void initialize(struct pic_chip *c, u8 value)
{
	/* An edge sensed before counts no more; the line must rise again. */
	c->irr &= c->elcr;
	c->imr = 0;
	c->isr = 0;
	c->lowest = 0;
	c->read_isr = false;
	c->poll = false;
	c->special_mask = false;
	c->auto_eoi = false;
	c->rotate_on_auto_eoi = false;
	c->fully_nested = false;
	c->wants_icw4 = value & 1;
	c->is_single = value & 2;
	c->init = ICW2;
}

static void end_of_interrupt(struct pic_chip *c, u8 command)
{
	bool rotate = command & 0x80, specific = command & 0x40;
	unsigned int input = command & 7;

	if (!specific) {
		input = urgency(c, c->isr);
		if (input == NONE)
			return;
		input = (input + c->lowest) & 7;
	}
	c->isr &= ~BIT(input);
	if (rotate)
		c->lowest = (input + 1) & 7;
}

static void ocw2(struct pic_chip *c, u8 value)
{
	switch (value >> 5) {
	case 0:
	case 4:
		c->rotate_on_auto_eoi = value & 0x80;
		break;
	case 6:
		c->lowest = (value + 1) & 7;
		break;
	case 1:
	case 3:
	case 5:
	case 7:
		end_of_interrupt(c, value);
		break;
	}
}

static void ocw3(struct pic_chip *c, u8 value)
{
	if (value & 0x04)
		c->poll = true;
	if (value & 0x02)
		c->read_isr = value & 1;
	if (value & 0x40)
		c->special_mask = value & 0x20;
}

static void write_data(struct pic_chip *c, u8 value)
{
	switch (c->init) {
	case READY:
		c->imr = value;
		break;
	case ICW2:
		c->base = value & 0xf8;
		if (!c->is_single)
			c->init = ICW3;
		else
			c->init = c->wants_icw4 ? ICW4 : READY;
		break;
	case ICW3: /* how the chips are connected is not up to the guest */
		c->init = c->wants_icw4 ? ICW4 : READY;
		break;
	case ICW4:
		c->fully_nested = value & 0x10;
		c->auto_eoi = value & 0x02;
		c->init = READY;
		break;
	}
}

static u8 read_chip(struct pic_chip *c, unsigned int port)
{
	unsigned int input;

	if (c->poll) {
		c->poll = false;
		input = requested(c);
		if (input == NONE)
			return 0;
		acknowledge(c, input);
		return 0x80 | input;
	}
	if (port)
		return c->imr;
	return c->read_isr ? c->isr : c->irr;
}

static struct pic_chip *chip_of(struct vam_bus_region *ports)
{
	return container_of(ports, struct pic_chip, ports);
}

static u64 read(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		u64 offset, unsigned int size)
{
	struct vam_pic *p = vcpu->vm->devices->pic;
	u8 value;

	/* Changes nothing unless polled; a vCPU reads what was written last. */
	if (offset && !READ_ONCE(chip_of(region)->poll))
		return READ_ONCE(chip_of(region)->imr);
	spin_lock_irq(&p->lock);
	value = read_chip(chip_of(region), offset);
	update(p);
	spin_unlock_irq(&p->lock);
	return value;
}

static int write(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		 u64 offset, unsigned int size, u64 value)
{
	struct vam_pic *p = vcpu->vm->devices->pic;
	struct pic_chip *c = chip_of(region);

	spin_lock_irq(&p->lock);
	if (offset)
		write_data(c, value);
	else if (value & 0x10)
		initialize(c, value);
	else if (value & 0x08)
		ocw3(c, value);
	else
		ocw2(c, value);
	update(p);
	spin_unlock_irq(&p->lock);
	return 0;
}

static const struct vam_bus_ops ops = {
	.width = 1,
	.read = read,
	.write = write,
};

static u64 read_elcr(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		     u64 offset, unsigned int size)
{
	return container_of(region, struct pic_chip, elcr_port)->elcr;
}

static int write_elcr(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		      u64 offset, unsigned int size, u64 value)
{
	struct pic_chip *c = container_of(region, struct pic_chip, elcr_port);
	struct vam_pic *p = vcpu->vm->devices->pic;

	spin_lock_irq(&p->lock);
	c->elcr = value & c->elcr_mask;
	update(p);
	spin_unlock_irq(&p->lock);
	return 0;
}

static const struct vam_bus_ops elcr_ops = {
	.width = 1,
	.read = read_elcr,
	.write = write_elcr,
};

static int add_chip(struct vam_vm *vm, struct pic_chip *c, u16 port,
		    u16 elcr_port)
{
	int err;

	c->ports = (struct vam_bus_region){
		.name = "pic",
		.ops = &ops,
		.base = port,
		.length = 2,
	};
	c->elcr_port = (struct vam_bus_region){
		.name = "elcr",
		.ops = &elcr_ops,
		.base = elcr_port,
		.length = 1,
	};
	err = vam_bus_add(vm, VAM_BUS_PORT, &c->ports);
	return err ? err : vam_bus_add(vm, VAM_BUS_PORT, &c->elcr_port);
}

static int create(struct vam_vm *vm)
{
	struct vam_pic *p = vam_zalloc(sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	p->vm = vm;
	spin_lock_init(&p->lock);
	p->master.is_master = true;
	p->master.elcr_mask = 0xf8;
	p->slave.elcr_mask = 0xde;
	err = add_chip(vm, &p->master, 0x20, 0x4d0);
	if (!err)
		err = add_chip(vm, &p->slave, 0xa0, 0x4d1);
	if (err) {
		kfree(p);
		return err;
	}
	p->sink.set = set_line;
	vam_irq_add_sink(vm, &p->sink);
	vm->devices->pic = p;
	return 0;
}

static void destroy(struct vam_vm *vm)
{
	kfree(vm->devices->pic);
}

const struct vam_device vam_pic_device = {
	.name = "pic",
	.create = create,
	.destroy = destroy,
};
