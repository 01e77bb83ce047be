// SPDX-License-Identifier: GPL-2.0
/*
 * dev/lapic.c - the local APIC of each vCPU: xAPIC page, x2APIC MSRs, timer
 *
 * The request register (IRR) is a bitmap that anyone may set bits in; whoever
 * does also sets a bit of vcpu->intr_hint, so that an entry with nothing
 * pending reads one word. Everything else belongs to the vCPU's thread, but
 * what decides about acceptance (IDs, SVR, LVT) is read by others as it is.
 *
 * The timer counts nanoseconds. How often it may interrupt the host has a
 * limit; ticks beyond it are merged.
 *
 * Layer:    dev. Accesses come through dev/bus.c and run/msr.c, deliveries from
 *           irq/virq.c, dev/ioapic.c and other vCPUs.
 * Locks:    ->timer_lock, irq-safe, for the timer; innermost.
 * Not here: NMI, INIT, SIPI once accepted, irq/virq.c.
 * Spec:     SDM vol. 3 ch. 11.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/math64.h>
#include <linux/spinlock.h>
#include <asm/apicdef.h>
#include <asm/msr-index.h>
#include <asm/tsc.h>
#include "core/alloc.h"
#include "core/vm.h"
#include "dev/bus.h"
#include "dev/devices.h"
#include "dev/ioapic.h"
#include "dev/lapic.h"
#include "dev/pic.h"
#include "irq/virq.h"

#define VERSION 0x50014 /* six LVT entries */
/*
 * No guest may keep a host CPU busy with timer interrupts alone. KVM's default
 * for the same (min_timer_period_us) is the same.
 */
#define MIN_PERIOD (200 * NSEC_PER_USEC)
#define MAX_DELAY (3600ULL * NSEC_PER_SEC)

/* Bits of vcpu->intr_hint: 0 to 3 for the words of IRR, and */
#define HINT_LINT0 4 /* the 8259's output is up */
#define HINT_EXTINT 5 /* a message asked for a vector of the 8259's */

/* Registers by number: offset in the page / 16, and MSR - 0x800. */
enum {
	REG_ID = 0x02,
	REG_VERSION = 0x03,
	REG_TPR = 0x08,
	REG_APR = 0x09,
	REG_PPR = 0x0a,
	REG_EOI = 0x0b,
	REG_LDR = 0x0d,
	REG_DFR = 0x0e,
	REG_SVR = 0x0f,
	REG_ISR = 0x10,
	REG_TMR = 0x18,
	REG_IRR = 0x20,
	REG_ESR = 0x28,
	REG_ICR = 0x30,
	REG_ICR2 = 0x31,
	REG_LVT = 0x32,
	REG_TIMER_INIT = 0x38,
	REG_TIMER_NOW = 0x39,
	REG_TIMER_DIV = 0x3e,
	REG_SELF_IPI = 0x3f,
	REG_NR = 0x40,
};

enum {
	LVT_TIMER,
	LVT_THERMAL,
	LVT_PERF,
	LVT_LINT0,
	LVT_LINT1,
	LVT_ERROR,
	LVT_NR
};

static const u32 lvt_writable[LVT_NR] = {
	[LVT_TIMER] = 0x700ff, [LVT_THERMAL] = 0x107ff, [LVT_PERF] = 0x107ff,
	[LVT_LINT0] = 0x1a7ff, [LVT_LINT1] = 0x1a7ff,	[LVT_ERROR] = 0x100ff,
};

enum { TIMER_ONESHOT, TIMER_PERIODIC, TIMER_DEADLINE };

/* ESR bits. */
#define ERROR_SEND_VECTOR 5
#define ERROR_RECEIVE_VECTOR 6
#define ERROR_REGISTER 7

/* Who may touch a field is said in core/vcpu.h: (c), (v), (a). */
struct vam_lapic {
	struct vam_vcpu *vcpu; /* (c) */
	u64 base; /* (v) APIC_BASE; others read the mode */
	u32 id; /* (v) others read */
	u32 ldr; /* (v) others read */
	u32 dfr; /* (v) others read */
	u32 svr; /* (v) others read */
	u32 lvt[LVT_NR]; /* (v) others read */
	u32 icr[2]; /* (v) */
	u32 esr; /* (v) as last latched */
	u32 divide; /* (v) */
	u8 tpr; /* (v) */
	u8 in_service; /* (v) highest vector in isr, 0 for none */
	unsigned long errors; /* (a) since esr was latched */
	DECLARE_BITMAP(irr, 256); /* (a) */
	DECLARE_BITMAP(tmr, 256); /* (a) */
	DECLARE_BITMAP(isr, 256); /* (v) */

	spinlock_t timer_lock; /* what follows */
	struct hrtimer timer;
	bool armed;
	ktime_t next; /* when it goes off, if armed */
	u32 initial;
	ktime_t loaded; /* when initial was */
	u64 deadline; /* guest TSC, 0 for none */
};

/* The MMIO page is one region for all vCPUs. */
struct vam_lapic_page {
	struct vam_bus_region region;
};

static bool is_enabled(const struct vam_lapic *l)
{
	return READ_ONCE(l->base) & MSR_IA32_APICBASE_ENABLE;
}

static bool is_x2apic(const struct vam_lapic *l)
{
	return READ_ONCE(l->base) & X2APIC_ENABLE;
}

static bool is_software_enabled(const struct vam_lapic *l)
{
	return READ_ONCE(l->svr) & APIC_SPIV_APIC_ENABLED;
}

static unsigned int mode_of(u32 lvt)
{
	return lvt >> 8 & 7;
}

/* --- acceptance: any context ------------------------------------------------ */

static void set_hint(struct vam_vcpu *vcpu, unsigned int bit)
{
	set_bit(bit, &vcpu->intr_hint);
	vam_virq_notify(vcpu);
}

static void accept(struct vam_lapic *l, u8 vector, bool level);

static void raise_error(struct vam_lapic *l, unsigned int error)
{
	u32 lvt = READ_ONCE(l->lvt[LVT_ERROR]);

	if (test_and_set_bit(error, &l->errors))
		return;
	/* A bad vector in here must not lead here again. */
	if (!(lvt & APIC_LVT_MASKED) && (lvt & 0xff) >= 16)
		accept(l, lvt, false);
}

static void accept(struct vam_lapic *l, u8 vector, bool level)
{
	if (!is_software_enabled(l))
		return;
	if (vector < 16) {
		raise_error(l, ERROR_RECEIVE_VECTOR);
		return;
	}
	if (level)
		set_bit(vector, l->tmr);
	else
		clear_bit(vector, l->tmr);
	/* Whoever set the bit before has told the vCPU. */
	if (!test_and_set_bit(vector, l->irr))
		set_hint(l->vcpu, vector / BITS_PER_LONG);
}

static void accept_local(struct vam_lapic *l, unsigned int n)
{
	u32 lvt = READ_ONCE(l->lvt[n]);

	if (lvt & APIC_LVT_MASKED)
		return;
	if (n == LVT_TIMER || mode_of(lvt) == VAM_APIC_FIXED)
		accept(l, lvt, false);
	else if (mode_of(lvt) == VAM_APIC_NMI)
		vam_virq_nmi(l->vcpu);
}

static void accept_message(struct vam_lapic *l, const struct vam_apic_msg *msg)
{
	switch (msg->mode) {
	case VAM_APIC_FIXED:
	case VAM_APIC_LOWEST:
		accept(l, msg->vector, msg->level);
		break;
	case VAM_APIC_NMI:
		vam_virq_nmi(l->vcpu);
		break;
	case VAM_APIC_INIT:
		vam_virq_init(l->vcpu);
		break;
	case VAM_APIC_SIPI:
		vam_virq_sipi(l->vcpu, msg->vector);
		break;
	case VAM_APIC_EXTINT:
		set_hint(l->vcpu, HINT_EXTINT);
		break;
	}
}

static bool is_for(const struct vam_lapic *l, const struct vam_apic_msg *msg)
{
	u32 dest = msg->dest, ldr = READ_ONCE(l->ldr);

	if (!is_enabled(l))
		return false;
	if (dest == (msg->wide ? ~0u : 0xff))
		return true;
	if (!msg->logical)
		return dest == READ_ONCE(l->id);
	if (is_x2apic(l))
		return dest >> 16 == ldr >> 16 && (dest & ldr & 0xffff);
	if (dest >> 8)
		return false;
	if (READ_ONCE(l->dfr) >> 28 == 0xf) /* flat */
		return dest & ldr >> 24;
	return dest >> 4 == ldr >> 28 && (dest & ldr >> 24 & 0xf);
}

static void deliver_except(struct vam_vm *vm, const struct vam_apic_msg *msg,
			   const struct vam_lapic *except)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++) {
		struct vam_lapic *l = vm->vcpus[i]->lapic;

		if (l == except || !is_for(l, msg))
			continue;
		accept_message(l, msg);
		if (msg->mode == VAM_APIC_LOWEST)
			break; /* the first will do */
	}
}

void vam_lapic_deliver(struct vam_vm *vm, const struct vam_apic_msg *msg)
{
	struct vam_lapic *l;

	/* By far the most common: one vCPU, by an ID nobody has changed. */
	if (!msg->logical && msg->dest < vm->nr_vcpus) {
		l = vm->vcpus[msg->dest]->lapic;
		if (likely(is_for(l, msg))) {
			accept_message(l, msg);
			return;
		}
	}
	deliver_except(vm, msg, NULL);
}

static void message(struct vam_vm *vm, u64 address, u32 data)
{
	struct vam_apic_msg msg = {
		.dest = address >> 12 & 0xff,
		.logical = address >> 2 & 1,
		.level = data >> 15 & 1,
		.mode = data >> 8 & 7,
		.vector = data,
	};

	if (address >> 20 == 0xfee)
		vam_lapic_deliver(vm, &msg);
}

/* Does this APIC pass on what the 8259 sends? */
static bool takes_extint(const struct vam_lapic *l)
{
	u32 lvt = READ_ONCE(l->lvt[LVT_LINT0]);

	if (!is_enabled(l))
		return true; /* LINT0 is the INTR pin */
	return !(lvt & APIC_LVT_MASKED) && mode_of(lvt) == VAM_APIC_EXTINT;
}

void vam_lapic_set_lint0(struct vam_vm *vm, bool level)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++) {
		struct vam_vcpu *vcpu = vm->vcpus[i];

		if (!level) {
			clear_bit(HINT_LINT0, &vcpu->intr_hint);
			continue;
		}
		set_bit(HINT_LINT0, &vcpu->intr_hint);
		if (takes_extint(vcpu->lapic))
			vam_virq_notify(vcpu);
		else
			accept_local(vcpu->lapic, LVT_LINT0);
	}
}

/* --- priorities: the vCPU's thread ------------------------------------------ */

static u8 ppr(const struct vam_lapic *l)
{
	return l->tpr >> 4 >= l->in_service >> 4 ? l->tpr :
						   l->in_service & 0xf0;
}

static int highest(const unsigned long *map)
{
	int i;

	for (i = 256 / BITS_PER_LONG - 1; i >= 0; i--) {
		unsigned long word = READ_ONCE(map[i]);

		if (word)
			return i * BITS_PER_LONG + __fls(word);
	}
	return -1;
}

static bool extint_is_pending(const struct vam_lapic *l)
{
	unsigned long hint = READ_ONCE(l->vcpu->intr_hint);

	if (!(hint & (BIT(HINT_LINT0) | BIT(HINT_EXTINT))))
		return false;
	return (hint & BIT(HINT_EXTINT)) || takes_extint(l);
}

static int pending(struct vam_vcpu *vcpu)
{
	struct vam_lapic *l = vcpu->lapic;
	int vector;

	if (extint_is_pending(l))
		return 0;
	if (!is_enabled(l) || !is_software_enabled(l))
		return VAM_INTC_NONE;
	vector = highest(l->irr);
	if (vector < 0 || vector >> 4 <= l->in_service >> 4)
		return VAM_INTC_NONE;
	return vector >> 4 > l->tpr >> 4 ? 0 : VAM_INTC_TPR;
}

static int ack(struct vam_vcpu *vcpu)
{
	struct vam_lapic *l = vcpu->lapic;
	int vector, word;

	if (extint_is_pending(l)) {
		clear_bit(HINT_EXTINT, &vcpu->intr_hint);
		return vam_pic_ack(vcpu->vm);
	}
	vector = highest(l->irr);
	if (vector < 0 || vector >> 4 <= ppr(l) >> 4)
		return -1;
	clear_bit(vector, l->irr);
	word = vector / BITS_PER_LONG;
	if (!READ_ONCE(l->irr[word])) {
		clear_bit(word, &vcpu->intr_hint);
		/* Pairs with accept(): sets the word, then the hint. */
		smp_mb__after_atomic();
		if (READ_ONCE(l->irr[word]))
			set_bit(word, &vcpu->intr_hint);
	}
	__set_bit(vector, l->isr);
	l->in_service = vector;
	return vector;
}

static const struct vam_intc_ops intc_ops = {
	.pending = pending,
	.ack = ack,
	.message = message,
};

static void end_of_interrupt(struct vam_lapic *l)
{
	u8 vector = l->in_service;

	if (!vector)
		return;
	__clear_bit(vector, l->isr);
	l->in_service = max(highest(l->isr), 0);
	if (test_bit(vector, l->tmr))
		vam_ioapic_eoi(l->vcpu->vm, vector);
}

static void set_tpr(struct vam_lapic *l, u8 tpr)
{
	l->tpr = tpr;
	l->vcpu->sys.cr8 = tpr >> 4;
}

/* --- timer -------------------------------------------------------------------- */

static unsigned int timer_mode(const struct vam_lapic *l)
{
	return READ_ONCE(l->lvt[LVT_TIMER]) >> 17 & 3;
}

static unsigned int divide_shift(const struct vam_lapic *l)
{
	return ((l->divide & 3) + (l->divide >> 1 & 4) + 1) & 7;
}

static u64 timer_period(const struct vam_lapic *l)
{
	return (u64)l->initial << divide_shift(l);
}

static u64 deadline_delay(const struct vam_lapic *l)
{
	u64 now = vam_vcpu_tsc(l->vcpu), delay;

	if ((s64)(l->deadline - now) <= 0)
		return 0;
	delay = mul_u64_u64_div_u64(l->deadline - now, NSEC_PER_MSEC, tsc_khz);
	return min_t(u64, delay + 1, MAX_DELAY);
}

/* When does it go off next, seen from @now? False: never. */
static bool timer_next(struct vam_lapic *l, ktime_t now, ktime_t *next)
{
	u64 period = timer_period(l), elapsed;

	switch (timer_mode(l)) {
	case TIMER_ONESHOT:
		*next = ktime_add_ns(l->loaded, period);
		return period && ktime_before(now, *next);
	case TIMER_PERIODIC:
		if (!period)
			return false;
		/* The first multiple of the period that is far enough away. */
		elapsed = ktime_to_ns(ktime_sub(now, l->loaded));
		if (period < MIN_PERIOD)
			elapsed += MIN_PERIOD - period;
		*next = ktime_add_ns(l->loaded,
				     (div64_u64(elapsed, period) + 1) * period);
		return true;
	case TIMER_DEADLINE:
		*next = ktime_add_ns(now, deadline_delay(l));
		return l->deadline;
	}
	return false;
}

/* Something changed: work out again when it goes off. */
static void timer_update(struct vam_lapic *l, ktime_t now)
{
	lockdep_assert_held(&l->timer_lock);
	l->armed = timer_next(l, now, &l->next);
	/* While masked nobody hears it, but a deadline is used up. */
	if ((READ_ONCE(l->lvt[LVT_TIMER]) & APIC_LVT_MASKED) && !l->deadline)
		l->armed = false;
	if (l->armed)
		hrtimer_start(&l->timer, l->next, HRTIMER_MODE_ABS);
	else
		hrtimer_try_to_cancel(&l->timer);
}

static enum hrtimer_restart timer_expired(struct hrtimer *timer)
{
	struct vam_lapic *l = container_of(timer, struct vam_lapic, timer);
	unsigned long flags;
	ktime_t now;

	spin_lock_irqsave(&l->timer_lock, flags);
	now = ktime_get();
	/* The vCPU may have stopped or moved it while we waited for the lock;
	 * a dead VM has no use for it. */
	if (!l->armed || ktime_before(now, l->next) ||
	    vam_vm_is_dead(l->vcpu->vm))
		goto out_unlock;
	if (timer_mode(l) == TIMER_DEADLINE) {
		/* The host's clock and the TSC are not quite the same. */
		if (deadline_delay(l)) {
			timer_update(l, now);
			goto out_unlock;
		}
		l->deadline = 0;
	}
	accept_local(l, LVT_TIMER);
	timer_update(l, now);
out_unlock:
	spin_unlock_irqrestore(&l->timer_lock, flags);
	return HRTIMER_NORESTART;
}

static u32 timer_count(struct vam_lapic *l)
{
	u64 period = timer_period(l), elapsed;

	if (!period || timer_mode(l) > TIMER_PERIODIC)
		return 0;
	elapsed = ktime_to_ns(ktime_sub(ktime_get(), l->loaded));
	if (elapsed >= period) {
		if (timer_mode(l) == TIMER_ONESHOT)
			return 0;
		div64_u64_rem(elapsed, period, &elapsed);
	}
	return l->initial - (elapsed >> divide_shift(l));
}

static void set_timer_count(struct vam_lapic *l, u32 initial)
{
	unsigned long flags;

	spin_lock_irqsave(&l->timer_lock, flags);
	if (timer_mode(l) != TIMER_DEADLINE) {
		l->initial = initial;
		l->loaded = ktime_get();
		timer_update(l, l->loaded);
	}
	spin_unlock_irqrestore(&l->timer_lock, flags);
}

static void set_timer_divide(struct vam_lapic *l, u32 divide)
{
	unsigned long flags;
	ktime_t now;
	u32 count;

	spin_lock_irqsave(&l->timer_lock, flags);
	/* It goes on from the present count, at the new speed. */
	now = ktime_get();
	count = timer_count(l);
	l->divide = divide;
	l->loaded =
		ktime_sub_ns(now, (u64)(l->initial - count) << divide_shift(l));
	timer_update(l, now);
	spin_unlock_irqrestore(&l->timer_lock, flags);
}

static void set_timer_lvt(struct vam_lapic *l, u32 value)
{
	unsigned int old = timer_mode(l);
	unsigned long flags;

	spin_lock_irqsave(&l->timer_lock, flags);
	WRITE_ONCE(l->lvt[LVT_TIMER], value);
	if ((old == TIMER_DEADLINE) != (timer_mode(l) == TIMER_DEADLINE)) {
		l->initial = 0;
		l->deadline = 0;
	}
	timer_update(l, ktime_get());
	spin_unlock_irqrestore(&l->timer_lock, flags);
}

static void set_deadline(struct vam_lapic *l, u64 value)
{
	unsigned long flags;

	spin_lock_irqsave(&l->timer_lock, flags);
	if (timer_mode(l) == TIMER_DEADLINE) {
		l->deadline = value;
		if (value && !deadline_delay(l)) {
			l->deadline = 0;
			accept_local(l, LVT_TIMER);
		}
		timer_update(l, ktime_get());
	}
	spin_unlock_irqrestore(&l->timer_lock, flags);
}

/* --- registers: the vCPU's thread -------------------------------------------- */

static void set_lvt(struct vam_lapic *l, unsigned int n, u32 value)
{
	value &= lvt_writable[n];
	if (!is_software_enabled(l))
		value |= APIC_LVT_MASKED;
	if (n == LVT_TIMER)
		set_timer_lvt(l, value);
	else
		WRITE_ONCE(l->lvt[n], value);
	/* What LINT0 lets through now is in intr_hint already. */
}

static void set_svr(struct vam_lapic *l, u32 value)
{
	bool was = is_software_enabled(l);
	unsigned int i;

	WRITE_ONCE(l->svr, value & 0x1ff);
	if (was && !is_software_enabled(l))
		for (i = 0; i < LVT_NR; i++)
			set_lvt(l, i, l->lvt[i]);
}

static void send_self(struct vam_lapic *l, u8 vector)
{
	if (vector < 16)
		raise_error(l, ERROR_SEND_VECTOR);
	else
		accept(l, vector, false);
}

static void send_ipi(struct vam_lapic *l)
{
	struct vam_vm *vm = l->vcpu->vm;
	u32 icr = l->icr[0];
	struct vam_apic_msg msg = {
		.dest = is_x2apic(l) ? l->icr[1] : l->icr[1] >> 24,
		.wide = is_x2apic(l),
		.logical = icr & APIC_DEST_LOGICAL,
		.mode = icr >> 8 & 7,
		.vector = icr,
	};

	/* De-asserting INIT only synchronized the buses of old. */
	if (msg.mode == VAM_APIC_INIT && (icr & APIC_INT_LEVELTRIG) &&
	    !(icr & APIC_INT_ASSERT))
		return;
	if (msg.mode == VAM_APIC_EXTINT || msg.mode == VAM_APIC_SMI)
		return;
	if (msg.mode <= VAM_APIC_LOWEST && msg.vector < 16) {
		raise_error(l, ERROR_SEND_VECTOR);
		return;
	}
	switch (icr & APIC_DEST_ALLBUT) {
	case 0:
		vam_lapic_deliver(vm, &msg);
		break;
	case APIC_DEST_SELF:
		accept_message(l, &msg);
		break;
	default:
		msg.dest = ~0u;
		msg.wide = true;
		deliver_except(vm, &msg,
			       (icr & APIC_DEST_ALLBUT) == APIC_DEST_ALLBUT ?
				       l :
				       NULL);
	}
}

static u32 bits_of(const unsigned long *map, unsigned int n)
{
	return READ_ONCE(map[n * 32 / BITS_PER_LONG]) >> n * 32 % BITS_PER_LONG;
}

/* Returns -EINVAL for a register that is not there or not to be read. */
static int read_register(struct vam_lapic *l, unsigned int reg, u32 *value)
{
	unsigned long flags;

	switch (reg) {
	case REG_ID:
		*value = is_x2apic(l) ? l->id : l->id << 24;
		return 0;
	case REG_VERSION:
		*value = VERSION;
		return 0;
	case REG_TPR:
		*value = l->tpr;
		return 0;
	case REG_APR:
		*value = 0;
		return is_x2apic(l) ? -EINVAL : 0;
	case REG_PPR:
		*value = ppr(l);
		return 0;
	case REG_EOI:
		*value = 0;
		return is_x2apic(l) ? -EINVAL : 0;
	case REG_LDR:
		*value = l->ldr;
		return 0;
	case REG_DFR:
		*value = l->dfr;
		return is_x2apic(l) ? -EINVAL : 0;
	case REG_SVR:
		*value = l->svr;
		return 0;
	case REG_ISR ... REG_ISR + 7:
		*value = bits_of(l->isr, reg - REG_ISR);
		return 0;
	case REG_TMR ... REG_TMR + 7:
		*value = bits_of(l->tmr, reg - REG_TMR);
		return 0;
	case REG_IRR ... REG_IRR + 7:
		*value = bits_of(l->irr, reg - REG_IRR);
		return 0;
	case REG_ESR:
		*value = l->esr;
		return 0;
	case REG_ICR:
		*value = l->icr[0];
		return 0;
	case REG_ICR2:
		*value = l->icr[1];
		return is_x2apic(l) ? -EINVAL : 0;
	case REG_LVT ... REG_LVT + LVT_NR - 1:
		*value = l->lvt[reg - REG_LVT];
		return 0;
	case REG_TIMER_INIT:
		*value = l->initial;
		return 0;
	case REG_TIMER_NOW:
		spin_lock_irqsave(&l->timer_lock, flags);
		*value = timer_count(l);
		spin_unlock_irqrestore(&l->timer_lock, flags);
		return 0;
	case REG_TIMER_DIV:
		*value = l->divide;
		return 0;
	}
	*value = 0;
	return -EINVAL;
}

/* What both forms of access write in the same way. */
static int write_register(struct vam_lapic *l, unsigned int reg, u32 value)
{
	switch (reg) {
	case REG_TPR:
		set_tpr(l, value);
		return 0;
	case REG_EOI:
		end_of_interrupt(l);
		return 0;
	case REG_SVR:
		set_svr(l, value);
		return 0;
	case REG_ESR:
		l->esr = xchg(&l->errors, 0);
		return 0;
	case REG_ICR:
		l->icr[0] = value & 0xccfff;
		send_ipi(l);
		return 0;
	case REG_LVT ... REG_LVT + LVT_NR - 1:
		set_lvt(l, reg - REG_LVT, value);
		return 0;
	case REG_TIMER_INIT:
		set_timer_count(l, value);
		return 0;
	case REG_TIMER_DIV:
		set_timer_divide(l, value & 0xb);
		return 0;
	}
	return -EINVAL;
}

static u64 page_read(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		     u64 offset, unsigned int size)
{
	struct vam_lapic *l = vcpu->lapic;
	u32 value;

	if (!is_enabled(l) || is_x2apic(l))
		return ~0ULL; /* no page */
	if (size < 4)
		return 0;
	if (read_register(l, offset >> 4, &value))
		raise_error(l, ERROR_REGISTER);
	return value;
}

static int page_write(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		      u64 offset, unsigned int size, u64 value)
{
	struct vam_lapic *l = vcpu->lapic;

	if (!is_enabled(l) || is_x2apic(l) || size < 4)
		return 0;
	switch (offset >> 4) {
	case REG_ID:
		WRITE_ONCE(l->id, value >> 24);
		break;
	case REG_LDR:
		WRITE_ONCE(l->ldr, value & 0xff000000);
		break;
	case REG_DFR:
		WRITE_ONCE(l->dfr, value | 0x0fffffff);
		break;
	case REG_ICR2:
		l->icr[1] = value & 0xff000000;
		break;
	case REG_VERSION: /* read-only */
	case REG_APR ... REG_PPR:
	case REG_ISR ... REG_ESR - 1:
	case REG_TIMER_NOW:
		break;
	default:
		if (write_register(l, offset >> 4, value))
			raise_error(l, ERROR_REGISTER);
	}
	return 0;
}

static const struct vam_bus_ops page_ops = {
	.width = 4,
	.read = page_read,
	.write = page_write,
};

/* --- MSRs ------------------------------------------------------------------------ */

/* Bits a WRMSR may set in an x2APIC register; 0 for one not to be written. */
static u64 x2apic_writable(unsigned int reg)
{
	switch (reg) {
	case REG_TPR:
	case REG_SELF_IPI:
		return 0xff;
	case REG_SVR:
		return 0x1ff;
	case REG_ICR:
		return 0xffffffff000ccfff;
	case REG_LVT ... REG_LVT + LVT_NR - 1:
		return lvt_writable[reg - REG_LVT];
	case REG_TIMER_INIT:
		return 0xffffffff;
	case REG_TIMER_DIV:
		return 0xb;
	}
	return 0;
}

static int set_x2apic(struct vam_lapic *l, unsigned int reg, u64 value)
{
	if (!is_x2apic(l) || (value & ~x2apic_writable(reg)))
		return -EINVAL;
	if (reg == REG_SELF_IPI) {
		send_self(l, value);
		return 0;
	}
	if (reg == REG_ICR)
		l->icr[1] = value >> 32;
	return write_register(l, reg, value);
}

static int get_x2apic(struct vam_lapic *l, unsigned int reg, u64 *value)
{
	u32 low;

	if (!is_x2apic(l) || reg >= REG_NR || read_register(l, reg, &low))
		return -EINVAL;
	*value = low;
	if (reg == REG_ICR)
		*value |= (u64)l->icr[1] << 32;
	return 0;
}

static void reset_registers(struct vam_lapic *l)
{
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&l->timer_lock, flags);
	l->initial = 0;
	l->deadline = 0;
	l->divide = 0;
	timer_update(l, ktime_get());
	spin_unlock_irqrestore(&l->timer_lock, flags);

	for (i = 0; i < LVT_NR; i++)
		WRITE_ONCE(l->lvt[i], APIC_LVT_MASKED);
	/* What a PC's firmware leaves behind: the 8259 reaches the boot CPU. */
	if (!l->vcpu->id)
		WRITE_ONCE(l->lvt[LVT_LINT0], APIC_MODE_EXTINT << 8);
	if (!is_x2apic(l))
		WRITE_ONCE(l->ldr, 0);
	WRITE_ONCE(l->dfr, ~0u);
	WRITE_ONCE(l->svr, 0xff);
	l->icr[0] = 0;
	l->icr[1] = 0;
	l->esr = 0;
	l->errors = 0;
	l->in_service = 0;
	bitmap_zero(l->isr, 256);
	for (i = 0; i < BITS_TO_LONGS(256); i++) {
		xchg(&l->irr[i], 0);
		xchg(&l->tmr[i], 0);
		clear_bit(i, &l->vcpu->intr_hint);
	}
	clear_bit(HINT_EXTINT, &l->vcpu->intr_hint);
	set_tpr(l, 0);
}

static int set_base(struct vam_lapic *l, u64 value)
{
	const u64 modes = MSR_IA32_APICBASE_ENABLE | X2APIC_ENABLE;
	u64 old = l->base & modes, new = value &modes;

	/* The page stays where it is, and who boots was decided. */
	if ((value ^ l->base) & ~modes)
		return -EINVAL;
	if (new == X2APIC_ENABLE ||
	    (old == modes && new == (modes & ~X2APIC_ENABLE)) ||
	    (!old && new == modes))
		return -EINVAL;
	if (new == old)
		return 0;
	WRITE_ONCE(l->base, value);
	if (!new) {
		reset_registers(l);
	} else if (new == modes) {
		WRITE_ONCE(l->id, l->vcpu->id);
		WRITE_ONCE(l->ldr, l->id >> 4 << 16 | 1u << (l->id & 0xf));
		l->icr[1] = 0;
	} else {
		WRITE_ONCE(l->id, l->vcpu->id);
		WRITE_ONCE(l->ldr, 0);
	}
	return 0;
}

int vam_lapic_get_msr(struct vam_vcpu *vcpu, u32 index, u64 *value)
{
	struct vam_lapic *l = vcpu->lapic;

	switch (index) {
	case MSR_IA32_APICBASE:
		*value = l->base;
		return 0;
	case MSR_IA32_TSC_DEADLINE:
		*value = READ_ONCE(l->deadline);
		return 0;
	case APIC_BASE_MSR ... APIC_BASE_MSR + 0xff:
		return get_x2apic(l, index - APIC_BASE_MSR, value);
	}
	return -ENOENT;
}

int vam_lapic_set_msr(struct vam_vcpu *vcpu, u32 index, u64 value)
{
	struct vam_lapic *l = vcpu->lapic;

	switch (index) {
	case MSR_IA32_APICBASE:
		return set_base(l, value);
	case MSR_IA32_TSC_DEADLINE:
		set_deadline(l, value);
		return 0;
	case APIC_BASE_MSR ... APIC_BASE_MSR + 0xff:
		return set_x2apic(l, index - APIC_BASE_MSR, value);
	}
	return -ENOENT;
}

void vam_lapic_set_cr8(struct vam_vcpu *vcpu, u64 cr8)
{
	set_tpr(vcpu->lapic, cr8 << 4);
}

u64 vam_lapic_get_cr8(struct vam_vcpu *vcpu)
{
	return vcpu->lapic->tpr >> 4;
}

bool vam_lapic_is_enabled(struct vam_vcpu *vcpu)
{
	return is_enabled(vcpu->lapic);
}

/* --- life -------------------------------------------------------------------------- */

static int create(struct vam_vm *vm)
{
	struct vam_lapic_page *page = vam_zalloc(sizeof(*page));
	int err;

	if (!page)
		return -ENOMEM;
	page->region = (struct vam_bus_region){
		.name = "lapic",
		.ops = &page_ops,
		.base = APIC_DEFAULT_PHYS_BASE,
		.length = PAGE_SIZE,
	};
	err = vam_bus_add(vm, VAM_BUS_MMIO, &page->region);
	if (err) {
		kfree(page);
		return err;
	}
	vm->devices->lapic_page = page;
	vam_irq_set_intc(vm, &intc_ops);
	return 0;
}

static void destroy(struct vam_vm *vm)
{
	kfree(vm->devices->lapic_page);
}

static int vcpu_create(struct vam_vcpu *vcpu)
{
	struct vam_lapic *l = vam_zalloc(sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->vcpu = vcpu;
	l->id = vcpu->id;
	l->base = APIC_DEFAULT_PHYS_BASE | MSR_IA32_APICBASE_ENABLE;
	if (!vcpu->id)
		l->base |= MSR_IA32_APICBASE_BSP;
	spin_lock_init(&l->timer_lock);
	hrtimer_init(&l->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
	l->timer.function = timer_expired;
	vcpu->lapic = l;
	return 0;
}

static void vcpu_destroy(struct vam_vcpu *vcpu)
{
	hrtimer_cancel(&vcpu->lapic->timer);
	kfree(vcpu->lapic);
	vcpu->lapic = NULL;
}

/* INIT leaves APIC_BASE and the ID alone. */
static void vcpu_reset(struct vam_vcpu *vcpu)
{
	reset_registers(vcpu->lapic);
}

const struct vam_device vam_lapic_device = {
	.name = "lapic",
	.create = create,
	.destroy = destroy,
	.vcpu_create = vcpu_create,
	.vcpu_destroy = vcpu_destroy,
	.vcpu_reset = vcpu_reset,
};
