// SPDX-License-Identifier: GPL-2.0
/*
 * dev/pit.c - the 8254: three counters at 0x40, and port 0x61
 *
 * Counters do not count; what they would show follows from the time since they
 * were loaded. Only counter 0, whose output is interrupt line 0, has a timer,
 * which is set for its next rising edge. How often that may interrupt the host
 * has a limit; edges beyond it are merged.
 *
 * Layer:    dev.
 * Locks:    ->lock, irq-safe; outside the irq lock.
 * Spec:     Intel 8254 data sheet; port 0x61 as in the PC/AT.
 */
#include <linux/bcd.h>
#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/math64.h>
#include <linux/spinlock.h>
#include "core/alloc.h"
#include "core/vm.h"
#include "dev/bus.h"
#include "dev/devices.h"
#include "irq/virq.h"

#define PORT 0x40
#define PORT_SPEAKER 0x61
#define FREQUENCY 1193182
#define SOURCE 0
#define MIN_INTERVAL (200 * NSEC_PER_USEC) /* as MIN_PERIOD in lapic.c */

/* Bits of port 0x61. */
#define SPEAKER_GATE 0x01
#define SPEAKER_DATA 0x02
#define SPEAKER_REFRESH 0x10
#define SPEAKER_OUT 0x20

/* How a count is read or written; also bits 5:4 of the control word. */
enum { RW_LATCH, RW_LOW, RW_HIGH, RW_BOTH };

struct counter {
	u8 mode;
	u8 rw;
	bool bcd;
	bool gate;
	bool loaded; /* a count was written since the control word */
	bool triggered; /* modes 1 and 5: the gate has risen since then */
	u32 count; /* 1 to 0x10000 */
	ktime_t start; /* when it began to count */
	u64 held; /* ticks counted when the gate fell, in modes 0 and 4 */
	u8 write_low; /* first half of a count in RW_BOTH */
	bool write_second; /* the next write is the second half */
	bool read_second;
	u16 latch;
	u8 latched; /* halves of latch still to be read: RW_*, or 0 */
	u8 status;
	bool status_latched;
};

struct vam_pit {
	struct vam_vm *vm;
	spinlock_t lock;
	struct vam_bus_region ports;
	struct vam_bus_region speaker;
	struct counter counter[3];
	u8 speaker_data;
	bool refresh;
	struct hrtimer timer; /* the next rising edge of counter 0 */
	bool armed;
	ktime_t next;
	ktime_t last; /* the last one */
};

static bool is_periodic(const struct counter *c)
{
	return c->mode == 2 || c->mode == 3;
}

static bool starts_by_gate(const struct counter *c)
{
	return c->mode == 1 || c->mode == 5;
}

static bool is_counting(const struct counter *c)
{
	return c->loaded && (starts_by_gate(c) ? c->triggered : c->gate);
}

static u64 to_ticks(s64 ns)
{
	return mul_u64_u32_div(ns, FREQUENCY, NSEC_PER_SEC);
}

/* Rounded up: that many ticks are over by then. */
static u64 to_ns(u64 ticks)
{
	return mul_u64_u32_div(ticks, NSEC_PER_SEC, FREQUENCY) + 1;
}

static u64 elapsed(const struct counter *c, ktime_t now)
{
	if (!is_counting(c))
		return c->held;
	return to_ticks(ktime_to_ns(ktime_sub(now, c->start)));
}

static bool output(const struct counter *c, ktime_t now)
{
	u64 d = elapsed(c, now), phase;

	if (!c->loaded)
		return c->mode != 0;
	switch (c->mode) {
	case 0:
		return d >= c->count;
	case 1:
		return !c->triggered || d >= c->count;
	case 4:
	case 5:
		return d != c->count; /* low for one tick */
	}
	if (!c->gate)
		return true;
	div64_u64_rem(d, c->count, &phase);
	if (c->mode == 2)
		return phase != c->count - 1;
	return phase < (c->count + 1) / 2;
}

static u16 current_count(const struct counter *c, ktime_t now)
{
	u64 d = elapsed(c, now), phase;
	u32 value;

	if (is_periodic(c)) {
		/* Mode 3 counts down by two, twice. */
		div64_u64_rem(c->mode == 3 ? 2 * d : d, c->count, &phase);
		value = c->count - phase;
	} else {
		/* The others go on past zero. */
		div64_u64_rem(d, c->bcd ? 10000 : 0x10000, &phase);
		value = c->count + (c->bcd ? 10000 : 0x10000) - phase;
	}
	if (!c->bcd)
		return value;
	value %= 10000;
	return bin2bcd(value / 100) << 8 | bin2bcd(value % 100);
}

/* --- interrupts of counter 0 ---------------------------------------------------- */

/* When does the output rise next? */
static bool next_edge(const struct counter *c, ktime_t now, ktime_t *next)
{
	u64 d, ticks;

	if (!is_counting(c))
		return false;
	d = elapsed(c, now);
	switch (c->mode) {
	case 2:
	case 3:
		ticks = (div64_u64(d, c->count) + 1) * c->count;
		break;
	case 4:
	case 5:
		ticks = c->count + 1;
		break;
	default:
		ticks = c->count;
	}
	if (ticks <= d)
		return false;
	*next = ktime_add_ns(c->start, to_ns(ticks));
	return true;
}

static void schedule_edge(struct vam_pit *p, ktime_t now)
{
	const struct counter *c = &p->counter[0];

	lockdep_assert_held(&p->lock);
	p->armed = next_edge(c, now, &p->next);
	if (!p->armed) {
		hrtimer_try_to_cancel(&p->timer);
		return;
	}
	if (is_periodic(c) &&
	    ktime_before(p->next, ktime_add_ns(p->last, MIN_INTERVAL)))
		p->next = ktime_add_ns(p->last, MIN_INTERVAL);
	hrtimer_start(&p->timer, p->next, HRTIMER_MODE_ABS);
}

/* The output went through low, if it was not there, and is @level now. */
static void drive_line(struct vam_pit *p, bool level)
{
	vam_irq_set_line(p->vm, 0, SOURCE, false);
	if (level)
		vam_irq_set_line(p->vm, 0, SOURCE, true);
}

static enum hrtimer_restart rise(struct hrtimer *timer)
{
	struct vam_pit *p = container_of(timer, struct vam_pit, timer);
	unsigned long flags;
	ktime_t now;

	spin_lock_irqsave(&p->lock, flags);
	now = ktime_get();
	/* A vCPU may have stopped or moved it while we waited for the lock. */
	if (p->armed && !ktime_before(now, p->next) && !vam_vm_is_dead(p->vm)) {
		p->last = now;
		drive_line(p, true);
		schedule_edge(p, now);
	}
	spin_unlock_irqrestore(&p->lock, flags);
	return HRTIMER_NORESTART;
}

/* Counter 0 was programmed. */
static void update_line(struct vam_pit *p, ktime_t now)
{
	bool level = output(&p->counter[0], now);

	vam_irq_set_line(p->vm, 0, SOURCE, level);
	schedule_edge(p, now);
}

/* --- ports -------------------------------------------------------------------------- */

static void load(struct counter *c, u16 value, ktime_t now)
{
	u32 count = value;

	if (c->bcd)
		count = bcd2bin(value >> 8) * 100 + bcd2bin(value & 0xff);
	if (!count)
		count = c->bcd ? 10000 : 0x10000;
	c->count = count;
	/* A new count in a running periodic mode begins with the next period;
	 * like most emulations we begin at once. */
	c->start = now;
	c->held = 0;
	c->loaded = true;
}

static void write_count(struct counter *c, u8 value, ktime_t now)
{
	switch (c->rw) {
	case RW_LOW:
		load(c, value, now);
		break;
	case RW_HIGH:
		load(c, value << 8, now);
		break;
	default:
		if (!c->write_second) {
			c->write_low = value;
			/* Half a count stops mode 0. */
			if (c->mode == 0)
				c->loaded = false;
		} else {
			load(c, value << 8 | c->write_low, now);
		}
		c->write_second = !c->write_second;
	}
}

static void latch_count(struct counter *c, ktime_t now)
{
	if (c->latched)
		return;
	c->latch = current_count(c, now);
	c->latched = c->rw;
}

static void latch_status(struct counter *c, ktime_t now)
{
	if (c->status_latched)
		return;
	c->status = output(c, now) << 7 | !c->loaded << 6 | c->rw << 4 |
		    c->mode << 1 | c->bcd;
	c->status_latched = true;
}

static void read_back(struct vam_pit *p, u8 value, ktime_t now)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		if (!(value & 2 << i))
			continue;
		if (!(value & 0x20))
			latch_count(&p->counter[i], now);
		if (!(value & 0x10))
			latch_status(&p->counter[i], now);
	}
}

static void write_control(struct vam_pit *p, u8 value, ktime_t now)
{
	struct counter *c;

	if (value >> 6 == 3) {
		read_back(p, value, now);
		return;
	}
	c = &p->counter[value >> 6];
	if ((value >> 4 & 3) == RW_LATCH) {
		latch_count(c, now);
		return;
	}
	c->rw = value >> 4 & 3;
	c->mode = value >> 1 & 7;
	if (c->mode > 5)
		c->mode -= 4; /* 6 and 7 are 2 and 3 */
	c->bcd = value & 1;
	c->loaded = false;
	c->triggered = false;
	c->held = 0;
	c->write_second = false;
	c->read_second = false;
	c->latched = 0;
}

static u8 read_count(struct counter *c, ktime_t now)
{
	u16 value;

	if (c->status_latched) {
		c->status_latched = false;
		return c->status;
	}
	if (c->latched) {
		if (c->latched == RW_BOTH) {
			c->latched = RW_HIGH;
			return c->latch;
		}
		value = c->latched == RW_HIGH ? c->latch >> 8 : c->latch;
		c->latched = 0;
		return value;
	}
	value = current_count(c, now);
	if (c->rw == RW_LOW)
		return value;
	if (c->rw == RW_HIGH)
		return value >> 8;
	c->read_second = !c->read_second;
	return c->read_second ? value : value >> 8;
}

static u64 read(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		u64 offset, unsigned int size)
{
	struct vam_pit *p = container_of(region, struct vam_pit, ports);
	u8 value = 0;

	spin_lock_irq(&p->lock);
	if (offset < 3)
		value = read_count(&p->counter[offset], ktime_get());
	spin_unlock_irq(&p->lock);
	return value;
}

static int write(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		 u64 offset, unsigned int size, u64 value)
{
	struct vam_pit *p = container_of(region, struct vam_pit, ports);
	ktime_t now;

	spin_lock_irq(&p->lock);
	now = ktime_get();
	if (offset < 3)
		write_count(&p->counter[offset], value, now);
	else
		write_control(p, value, now);
	/* Latches change nothing that the line could see. */
	if (!offset || (offset == 3 && !(value >> 6) && (value >> 4 & 3)))
		update_line(p, now);
	spin_unlock_irq(&p->lock);
	return 0;
}

static const struct vam_bus_ops ops = {
	.width = 1,
	.read = read,
	.write = write,
};

static void set_gate(struct counter *c, bool gate, ktime_t now)
{
	if (gate == c->gate)
		return;
	if (!gate) {
		c->held = starts_by_gate(c) ? 0 : elapsed(c, now);
		c->gate = false;
		return;
	}
	c->gate = true;
	if (starts_by_gate(c) || is_periodic(c)) {
		/* It starts from the count again. */
		c->triggered = true;
		c->start = now;
	} else {
		c->start = ktime_sub_ns(now, to_ns(c->held));
	}
	c->held = 0;
}

static u64 read_speaker(struct vam_bus_region *region, struct vam_vcpu *vcpu,
			u64 offset, unsigned int size)
{
	struct vam_pit *p = container_of(region, struct vam_pit, speaker);
	u8 value;

	spin_lock_irq(&p->lock);
	p->refresh = !p->refresh;
	value = p->speaker_data;
	if (p->counter[2].gate)
		value |= SPEAKER_GATE;
	if (p->refresh)
		value |= SPEAKER_REFRESH;
	if (output(&p->counter[2], ktime_get()))
		value |= SPEAKER_OUT;
	spin_unlock_irq(&p->lock);
	return value;
}

static int write_speaker(struct vam_bus_region *region, struct vam_vcpu *vcpu,
			 u64 offset, unsigned int size, u64 value)
{
	struct vam_pit *p = container_of(region, struct vam_pit, speaker);

	spin_lock_irq(&p->lock);
	p->speaker_data = value & SPEAKER_DATA;
	set_gate(&p->counter[2], value & SPEAKER_GATE, ktime_get());
	spin_unlock_irq(&p->lock);
	return 0;
}

static const struct vam_bus_ops speaker_ops = {
	.width = 1,
	.read = read_speaker,
	.write = write_speaker,
};

static int create(struct vam_vm *vm)
{
	struct vam_pit *p = vam_zalloc(sizeof(*p));
	unsigned int i;
	int err;

	if (!p)
		return -ENOMEM;
	p->vm = vm;
	spin_lock_init(&p->lock);
	hrtimer_init(&p->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
	p->timer.function = rise;
	for (i = 0; i < 3; i++) {
		p->counter[i].mode = 3;
		p->counter[i].rw = RW_BOTH;
		p->counter[i].gate = i != 2;
		p->counter[i].count = 0x10000;
	}
	p->ports = (struct vam_bus_region){
		.name = "pit",
		.ops = &ops,
		.base = PORT,
		.length = 4,
	};
	p->speaker = (struct vam_bus_region){
		.name = "speaker",
		.ops = &speaker_ops,
		.base = PORT_SPEAKER,
		.length = 1,
	};
	err = vam_bus_add(vm, VAM_BUS_PORT, &p->ports);
	if (!err)
		err = vam_bus_add(vm, VAM_BUS_PORT, &p->speaker);
	if (err) {
		kfree(p);
		return err;
	}
	vm->devices->pit = p;
	return 0;
}

static void destroy(struct vam_vm *vm)
{
	hrtimer_cancel(&vm->devices->pit->timer);
	kfree(vm->devices->pit);
}

const struct vam_device vam_pit_device = {
	.name = "pit",
	.create = create,
	.destroy = destroy,
};
