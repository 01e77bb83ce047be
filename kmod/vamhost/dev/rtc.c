// SPDX-License-Identifier: GPL-2.0
/*
 * dev/rtc.c - MC146818 clock with CMOS memory at 0x70, and port 0x92
 *
 * The time is the host's (UTC) plus an offset that the guest may set. A timer
 * runs only while the guest has an interrupt enabled: once a second for alarm
 * and update, more often for the periodic one, but not more often than the
 * limit below. CMOS memory says how much RAM there is, as firmware would.
 *
 * Layer:    dev.
 * Locks:    ->lock, irq-safe; outside the irq lock.
 * Spec:     Motorola MC146818 data sheet; port 0x92 as in the PS/2.
 */
#include <linux/bcd.h>
#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mc146818rtc.h>
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/time.h>
#include "core/alloc.h"
#include "core/vm.h"
#include "dev/bus.h"
#include "dev/devices.h"
#include "irq/virq.h"

#define PORT 0x70
#define PORT_SYSTEM 0x92
#define GSI 8
#define SOURCE 0
#define CENTURY 0x32
#define CMOS_SIZE 128
#define UPDATE_TIME (244 * NSEC_PER_USEC) /* UIP is seen that long before */
#define MIN_PERIOD (200 * NSEC_PER_USEC) /* as in lapic.c */

/* Bits of port 0x92. */
#define SYSTEM_RESET 0x01
#define SYSTEM_A20 0x02

struct vam_rtc {
	struct vam_vm *vm;
	spinlock_t lock;
	struct vam_bus_region ports;
	struct vam_bus_region system;
	u8 index;
	u8 cmos[CMOS_SIZE]; /* alarm, control registers, memory */
	s64 offset; /* guest's time minus host's, seconds */
	time64_t held; /* the time while register B says SET */
	time64_t last_second; /* that the timer has seen */
	u8 port_92;
	struct hrtimer timer;
	bool armed;
	ktime_t next;
};

/*
 * To the nanosecond: ktime_get_real_seconds() changes at the host's next tick,
 * up to milliseconds after UIP has gone and the timer has expired.
 */
static time64_t host_seconds(void)
{
	return div_u64(ktime_get_real_ns(), NSEC_PER_SEC);
}

static time64_t now_seconds(const struct vam_rtc *r)
{
	if (r->cmos[RTC_CONTROL] & RTC_SET)
		return r->held;
	return host_seconds() + r->offset;
}

static bool is_updating(const struct vam_rtc *r)
{
	u32 ns;

	if (r->cmos[RTC_CONTROL] & RTC_SET)
		return false;
	div_u64_rem(ktime_get_real_ns(), NSEC_PER_SEC, &ns);
	return ns >= NSEC_PER_SEC - UPDATE_TIME;
}

static u8 encode(const struct vam_rtc *r, unsigned int value)
{
	return r->cmos[RTC_CONTROL] & RTC_DM_BINARY ? value : bin2bcd(value);
}

static unsigned int decode(const struct vam_rtc *r, u8 value)
{
	return r->cmos[RTC_CONTROL] & RTC_DM_BINARY ? value : bcd2bin(value);
}

static u8 encode_hour(const struct vam_rtc *r, unsigned int hour)
{
	if (r->cmos[RTC_CONTROL] & RTC_24H)
		return encode(r, hour);
	return encode(r, (hour + 11) % 12 + 1) | (hour >= 12 ? 0x80 : 0);
}

static unsigned int decode_hour(const struct vam_rtc *r, u8 value)
{
	if (r->cmos[RTC_CONTROL] & RTC_24H)
		return decode(r, value);
	return decode(r, value & 0x7f) % 12 + (value & 0x80 ? 12 : 0);
}

static bool is_time(unsigned int reg)
{
	switch (reg) {
	case RTC_SECONDS:
	case RTC_MINUTES:
	case RTC_HOURS:
	case RTC_DAY_OF_WEEK:
	case RTC_DAY_OF_MONTH:
	case RTC_MONTH:
	case RTC_YEAR:
	case CENTURY:
		return true;
	}
	return false;
}

static u8 read_time(const struct vam_rtc *r, unsigned int reg, time64_t t)
{
	struct tm tm;

	time64_to_tm(t, 0, &tm);
	switch (reg) {
	case RTC_SECONDS:
		return encode(r, tm.tm_sec);
	case RTC_MINUTES:
		return encode(r, tm.tm_min);
	case RTC_HOURS:
		return encode_hour(r, tm.tm_hour);
	case RTC_DAY_OF_WEEK:
		return encode(r, tm.tm_wday + 1);
	case RTC_DAY_OF_MONTH:
		return encode(r, tm.tm_mday);
	case RTC_MONTH:
		return encode(r, tm.tm_mon + 1);
	case RTC_YEAR:
		return encode(r, tm.tm_year % 100);
	}
	return encode(r, tm.tm_year / 100 + 19);
}

static void write_time(struct vam_rtc *r, unsigned int reg, u8 value)
{
	unsigned int v = decode(r, value), year;
	time64_t t = now_seconds(r);
	struct tm tm;

	time64_to_tm(t, 0, &tm);
	year = tm.tm_year + 1900;
	switch (reg) {
	case RTC_SECONDS:
		tm.tm_sec = v % 60;
		break;
	case RTC_MINUTES:
		tm.tm_min = v % 60;
		break;
	case RTC_HOURS:
		tm.tm_hour = decode_hour(r, value) % 24;
		break;
	case RTC_DAY_OF_WEEK:
		return; /* follows from the date */
	case RTC_DAY_OF_MONTH:
		tm.tm_mday = clamp(v, 1u, 31u);
		break;
	case RTC_MONTH:
		tm.tm_mon = clamp(v, 1u, 12u) - 1;
		break;
	case RTC_YEAR:
		year = year / 100 * 100 + v % 100;
		break;
	default:
		year = clamp(v, 19u, 99u) * 100 + year % 100;
	}
	t = mktime64(year, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
		     tm.tm_sec);
	r->held = t;
	r->offset = t - host_seconds();
}

/* --- interrupts -------------------------------------------------------------------- */

static void update_line(struct vam_rtc *r)
{
	u8 reasons = RTC_PF | RTC_AF | RTC_UF;
	bool level = r->cmos[RTC_CONTROL] & r->cmos[RTC_INTR_FLAGS] & reasons;

	r->cmos[RTC_INTR_FLAGS] &= ~RTC_IRQF;
	if (level)
		r->cmos[RTC_INTR_FLAGS] |= RTC_IRQF;
	vam_irq_set_line(r->vm, GSI, SOURCE, level);
}

/* Nanoseconds between periodic interrupts, 0 when they are off. */
static u64 periodic_interval(const struct vam_rtc *r)
{
	unsigned int rate = r->cmos[RTC_FREQ_SELECT] & RTC_RATE_SELECT;

	if (!rate || !(r->cmos[RTC_CONTROL] & RTC_PIE))
		return 0;
	if (rate <= 2)
		rate += 7;
	return max_t(u64, NSEC_PER_SEC >> (16 - rate), MIN_PERIOD);
}

static void schedule_timer(struct vam_rtc *r)
{
	u64 interval = periodic_interval(r);
	u32 ns;

	lockdep_assert_held(&r->lock);
	if (!interval && (r->cmos[RTC_CONTROL] & (RTC_AIE | RTC_UIE))) {
		div_u64_rem(ktime_get_real_ns(), NSEC_PER_SEC, &ns);
		interval = NSEC_PER_SEC - ns;
	}
	r->armed = interval;
	if (!interval) {
		hrtimer_try_to_cancel(&r->timer);
		return;
	}
	r->next = ktime_add_ns(ktime_get(), interval);
	hrtimer_start(&r->timer, r->next, HRTIMER_MODE_ABS);
}

static bool alarm_matches(const struct vam_rtc *r, unsigned int alarm_reg,
			  unsigned int reg, time64_t t)
{
	/* 0xc0 and above: any. */
	return r->cmos[alarm_reg] >= 0xc0 ||
	       r->cmos[alarm_reg] == read_time(r, reg, t);
}

static void second_passed(struct vam_rtc *r, time64_t t)
{
	r->cmos[RTC_INTR_FLAGS] |= RTC_UF;
	if (alarm_matches(r, RTC_SECONDS_ALARM, RTC_SECONDS, t) &&
	    alarm_matches(r, RTC_MINUTES_ALARM, RTC_MINUTES, t) &&
	    alarm_matches(r, RTC_HOURS_ALARM, RTC_HOURS, t))
		r->cmos[RTC_INTR_FLAGS] |= RTC_AF;
}

static enum hrtimer_restart tick(struct hrtimer *timer)
{
	struct vam_rtc *r = container_of(timer, struct vam_rtc, timer);
	unsigned long flags;
	time64_t t;

	spin_lock_irqsave(&r->lock, flags);
	if (!r->armed || ktime_before(ktime_get(), r->next) ||
	    vam_vm_is_dead(r->vm))
		goto out_unlock;
	if (periodic_interval(r))
		r->cmos[RTC_INTR_FLAGS] |= RTC_PF;
	t = now_seconds(r);
	if (t != r->last_second) {
		r->last_second = t;
		second_passed(r, t);
	}
	update_line(r);
	schedule_timer(r);
out_unlock:
	spin_unlock_irqrestore(&r->lock, flags);
	return HRTIMER_NORESTART;
}

/* --- ports ---------------------------------------------------------------------------- */

static u8 read_register(struct vam_rtc *r, unsigned int reg)
{
	u8 value;

	if (is_time(reg))
		return read_time(r, reg, now_seconds(r));
	value = r->cmos[reg];
	switch (reg) {
	case RTC_FREQ_SELECT:
		return is_updating(r) ? value | RTC_UIP : value;
	case RTC_INTR_FLAGS:
		r->cmos[RTC_INTR_FLAGS] = 0;
		update_line(r);
		return value;
	}
	return value;
}

static void write_control(struct vam_rtc *r, u8 value)
{
	u8 old = r->cmos[RTC_CONTROL];

	if ((value & RTC_SET) && !(old & RTC_SET))
		r->held = now_seconds(r);
	if (!(value & RTC_SET) && (old & RTC_SET))
		r->offset = r->held - host_seconds();
	/* While it is set, nothing is updated. */
	if (value & RTC_SET)
		value &= ~RTC_UIE;
	r->cmos[RTC_CONTROL] = value;
	r->last_second = now_seconds(r);
	update_line(r);
	schedule_timer(r);
}

static void write_register(struct vam_rtc *r, unsigned int reg, u8 value)
{
	if (is_time(reg)) {
		write_time(r, reg, value);
		return;
	}
	switch (reg) {
	case RTC_FREQ_SELECT:
		r->cmos[reg] = value & ~RTC_UIP;
		schedule_timer(r);
		break;
	case RTC_CONTROL:
		write_control(r, value);
		break;
	case RTC_INTR_FLAGS:
	case RTC_VALID:
		break; /* read-only */
	default:
		r->cmos[reg] = value;
	}
}

static u64 read(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		u64 offset, unsigned int size)
{
	struct vam_rtc *r = container_of(region, struct vam_rtc, ports);
	u8 value = 0xff;

	spin_lock_irq(&r->lock);
	if (offset)
		value = read_register(r, r->index);
	spin_unlock_irq(&r->lock);
	return value;
}

static int write(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		 u64 offset, unsigned int size, u64 value)
{
	struct vam_rtc *r = container_of(region, struct vam_rtc, ports);

	spin_lock_irq(&r->lock);
	if (offset)
		write_register(r, r->index, value);
	else
		r->index = value & (CMOS_SIZE - 1); /* bit 7 masks NMI */
	spin_unlock_irq(&r->lock);
	return 0;
}

static const struct vam_bus_ops ops = {
	.width = 1,
	.read = read,
	.write = write,
};

static u64 read_system(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		       u64 offset, unsigned int size)
{
	return READ_ONCE(container_of(region, struct vam_rtc, system)->port_92);
}

static int write_system(struct vam_bus_region *region, struct vam_vcpu *vcpu,
			u64 offset, unsigned int size, u64 value)
{
	struct vam_rtc *r = container_of(region, struct vam_rtc, system);

	if (value & SYSTEM_RESET)
		return vam_vm_kill(vcpu->vm,
				   "guest reset by port 0x92 at rip %#llx",
				   vcpu->regs.rip);
	/* A20 can be read back; addresses are never cut. */
	WRITE_ONCE(r->port_92, value & SYSTEM_A20);
	return 0;
}

static const struct vam_bus_ops system_ops = {
	.width = 1,
	.read = read_system,
	.write = write_system,
};

static void set_word(struct vam_rtc *r, unsigned int reg, u64 value)
{
	value = min_t(u64, value, 0xffff);
	r->cmos[reg] = value;
	r->cmos[reg + 1] = value >> 8;
}

/* What firmware writes: memory below 1 MiB, above it, above 16 MiB. */
static void set_memory(struct vam_rtc *r, u64 size)
{
	u64 low = min_t(u64, size, 0xe0000000);

	set_word(r, 0x15, 640);
	set_word(r, 0x17, (low - min_t(u64, low, SZ_1M)) / SZ_1K);
	set_word(r, 0x30, (low - min_t(u64, low, SZ_1M)) / SZ_1K);
	set_word(r, 0x34, (low - min_t(u64, low, SZ_16M)) / SZ_64K);
	r->cmos[0x14] = 0x06; /* a coprocessor and a mouse port */
}

static int create(struct vam_vm *vm)
{
	struct vam_rtc *r = vam_zalloc(sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->vm = vm;
	spin_lock_init(&r->lock);
	hrtimer_init(&r->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
	r->timer.function = tick;
	r->cmos[RTC_FREQ_SELECT] = RTC_REF_CLCK_32KHZ | 6;
	r->cmos[RTC_CONTROL] = RTC_24H;
	r->cmos[RTC_VALID] = RTC_VRT;
	r->port_92 = SYSTEM_A20;
	set_memory(r, vm->mem.size);
	r->ports = (struct vam_bus_region){
		.name = "rtc",
		.ops = &ops,
		.base = PORT,
		.length = 2,
	};
	r->system = (struct vam_bus_region){
		.name = "port92",
		.ops = &system_ops,
		.base = PORT_SYSTEM,
		.length = 1,
	};
	err = vam_bus_add(vm, VAM_BUS_PORT, &r->ports);
	if (!err)
		err = vam_bus_add(vm, VAM_BUS_PORT, &r->system);
	if (err) {
		kfree(r);
		return err;
	}
	vm->devices->rtc = r;
	return 0;
}

static void destroy(struct vam_vm *vm)
{
	hrtimer_cancel(&vm->devices->rtc->timer);
	kfree(vm->devices->rtc);
}

const struct vam_device vam_rtc_device = {
	.name = "rtc",
	.create = create,
	.destroy = destroy,
};
