// SPDX-License-Identifier: GPL-2.0
/*
 * irq/virq.c - what waits for delivery to a vCPU, and where lines lead
 *
 * The vCPU half decides before each entry which one event the backend delivers:
 * first what an exit interrupted or an instruction caused, then NMI, then
 * external interrupts. What cannot be delivered yet makes the backend exit as
 * soon as it can. Most entries find nothing and must find it out quickly.
 *
 * Layer:    irq. Called from run (delivery, exceptions) and dev (the rest).
 * Locks:    the vCPU half has none: its state belongs to the vCPU's thread, but
 *           for atomic words. The VM half has ->lock, irq-safe, outside all
 *           locks of interrupt controllers and inside all others of dev/.
 * Not here: who has the highest priority among external interrupts,
 *           dev/lapic.c and dev/pic.c.
 * Spec:     SDM vol. 3 ch. 6, tables 6-2 and 6-5, ch. 9.4 (INIT, SIPI).
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>
#include "core/alloc.h"
#include "core/hw.h"
#include "core/trace.h"
#include "core/vm.h"
#include "irq/virq.h"

/* Bits of vcpu->windows. */
#define WINDOW_IRQ 1
#define WINDOW_NMI 2
#define WINDOW_TPR 4

/* Bits of vcpu->init_pending. */
#define PENDING_INIT 0
#define PENDING_SIPI 1

struct vam_irq {
	spinlock_t lock;
	const struct vam_intc_ops *intc; /* constant once a vCPU runs */
	struct vam_irq_sink *sinks; /* likewise */
	u32 sources[VAM_GSI_NR]; /* who asserts the line */
	bool closed;
};

/* --- exceptions and interrupted deliveries ------------------------------- */

static bool is_contributory(u8 vector)
{
	switch (vector) {
	case X86_TRAP_DE:
	case X86_TRAP_TS:
	case X86_TRAP_NP:
	case X86_TRAP_SS:
	case X86_TRAP_GP:
		return true;
	}
	return false;
}

/* Do two exceptions, one while delivering the other, make a double fault? */
static bool makes_double_fault(u8 first, u8 second)
{
	if (is_contributory(first))
		return is_contributory(second);
	if (first == X86_TRAP_PF)
		return second == X86_TRAP_PF || is_contributory(second);
	return false;
}

void vam_virq_exception(struct vam_vcpu *vcpu, u8 vector, bool has_error,
			u32 error)
{
	struct vam_event *inject = &vcpu->inject;

	/* Real mode has no error codes. */
	has_error = has_error && (vcpu->sys.cr0 & X86_CR0_PE);
	if (inject->type == VAM_EVENT_EXCEPTION) {
		if (inject->vector == X86_TRAP_DF &&
		    (vector == X86_TRAP_PF || is_contributory(vector))) {
			vam_virq_triple_fault(vcpu);
			return;
		}
		/* Otherwise one after the other: the instruction that caused
		 * the first is executed again after the second. */
		if (makes_double_fault(inject->vector, vector)) {
			vector = X86_TRAP_DF;
			has_error = true;
			error = 0;
		}
	}
	/*
	 * An interrupt or NMI whose delivery faults is gone, as on a CPU: the
	 * controller has let go of it, and the fault's handler returns to what
	 * it had interrupted.
	 */
	*inject = (struct vam_event){
		.type = VAM_EVENT_EXCEPTION,
		.vector = vector,
		.has_error = has_error,
		.error = has_error ? error : 0,
	};
}

void vam_virq_interrupted(struct vam_vcpu *vcpu)
{
	const struct vam_event *ev = &vcpu->exit.delivering;

	/* INT n, INT3 and INTO: RIP is at the instruction; it runs again. */
	if (ev->type == VAM_EVENT_SOFT_INT ||
	    (ev->type == VAM_EVENT_EXCEPTION &&
	     (ev->vector == X86_TRAP_BP || ev->vector == X86_TRAP_OF)))
		return;
	vcpu->inject = *ev;
	vam_stat_inc(vcpu, VAM_STAT_reinject);
}

int vam_virq_triple_fault(struct vam_vcpu *vcpu)
{
	return vam_vm_kill(vcpu->vm, "guest triple fault at rip %#llx",
			   vcpu->regs.rip);
}

/* --- requests from others -------------------------------------------------- */

static void request_event(struct vam_vcpu *vcpu)
{
	vam_vcpu_request(vcpu, VAM_REQ_EVENT);
	vam_vcpu_kick(vcpu);
}

void vam_virq_notify(struct vam_vcpu *vcpu)
{
	/* The thread itself, handling an exit, looks before it enters. */
	if (in_task() && vcpu->task == current)
		return;
	request_event(vcpu);
}

void vam_virq_nmi(struct vam_vcpu *vcpu)
{
	/* One is latched; more are lost, as they are in hardware. */
	if (!test_and_set_bit(0, &vcpu->nmi_pending))
		vam_virq_notify(vcpu);
}

void vam_virq_init(struct vam_vcpu *vcpu)
{
	clear_bit(PENDING_SIPI, &vcpu->init_pending);
	set_bit(PENDING_INIT, &vcpu->init_pending);
	request_event(vcpu);
}

void vam_virq_sipi(struct vam_vcpu *vcpu, u8 vector)
{
	WRITE_ONCE(vcpu->sipi_vector, vector);
	set_bit(PENDING_SIPI, &vcpu->init_pending);
	request_event(vcpu);
}

static void start_up(struct vam_vcpu *vcpu, u8 vector)
{
	struct vam_seg cs;

	vam_hw->get_seg(vcpu, VAM_SEG_CS, &cs);
	cs.selector = vector << 8;
	cs.base = vector << 12;
	vam_hw->set_seg(vcpu, VAM_SEG_CS, &cs);
	vcpu->regs.rip = 0;
	vcpu->state = VAM_VCPU_RUNNABLE;
}

void vam_virq_handle_init(struct vam_vcpu *vcpu)
{
	if (likely(!READ_ONCE(vcpu->init_pending)))
		return;
	if (test_and_clear_bit(PENDING_INIT, &vcpu->init_pending)) {
		if (!vcpu->id) {
			/* It would start at the reset vector. */
			vam_vm_kill(
				vcpu->vm,
				"INIT to the boot processor at rip %#llx: there is no firmware",
				vcpu->regs.rip);
			return;
		}
		vam_vcpu_reset(vcpu);
		vcpu->state = VAM_VCPU_WAIT_SIPI;
	}
	if (test_and_clear_bit(PENDING_SIPI, &vcpu->init_pending) &&
	    vcpu->state == VAM_VCPU_WAIT_SIPI)
		start_up(vcpu, READ_ONCE(vcpu->sipi_vector));
}

/* --- delivery ---------------------------------------------------------------- */

static bool can_take_irq(const struct vam_vcpu *vcpu)
{
	return (vcpu->regs.rflags & X86_EFLAGS_IF) && !vcpu->int_shadow;
}

static int ask_controllers(struct vam_vcpu *vcpu)
{
	if (!READ_ONCE(vcpu->intr_hint))
		return VAM_INTC_NONE;
	return vcpu->vm->irq->intc->pending(vcpu);
}

static void inject(struct vam_vcpu *vcpu, const struct vam_event *ev)
{
	vam_hw->inject(vcpu, ev);
	trace_vam_inject(vcpu, ev);
	if (ev->type == VAM_EVENT_INTR)
		vam_stat_inc(vcpu, VAM_STAT_inject_irq);
	else if (ev->type == VAM_EVENT_NMI)
		vam_stat_inc(vcpu, VAM_STAT_inject_nmi);
	else
		vam_stat_inc(vcpu, VAM_STAT_inject_exception);
}

static void inject_and_clear(struct vam_vcpu *vcpu, struct vam_event *ev)
{
	inject(vcpu, ev);
	ev->type = VAM_EVENT_NONE;
}

static void set_windows(struct vam_vcpu *vcpu, u8 want)
{
	u8 changed = vcpu->windows ^ want;

	if (likely(!changed))
		return;
	vcpu->windows = want;
	if (changed & WINDOW_IRQ)
		vam_hw->want_irq_window(vcpu, want & WINDOW_IRQ);
	if (changed & WINDOW_NMI)
		vam_hw->want_nmi_window(vcpu, want & WINDOW_NMI);
	if (changed & WINDOW_TPR)
		vam_hw->want_tpr_exit(vcpu, want & WINDOW_TPR);
}

/* Returns the windows that NMIs need. */
static u8 deliver_nmi(struct vam_vcpu *vcpu, bool *injected)
{
	static const struct vam_event nmi = {
		.type = VAM_EVENT_NMI,
		.vector = X86_TRAP_NMI,
	};

	if (likely(!READ_ONCE(vcpu->nmi_pending)))
		return 0;
	if (vcpu->nmi_masked)
		return WINDOW_NMI;
	/* Something else goes first, or MOV SS comes last: wait that out. */
	if (*injected || vcpu->int_shadow)
		return WINDOW_NMI | WINDOW_IRQ;
	clear_bit(0, &vcpu->nmi_pending);
	vcpu->nmi_masked = true;
	inject(vcpu, &nmi);
	*injected = true;
	return 0;
}

/* Returns the windows that external interrupts need. */
static u8 deliver_irq(struct vam_vcpu *vcpu, bool *injected)
{
	struct vam_event ev = { .type = VAM_EVENT_INTR };
	int vector;

	if (!ask_controllers(vcpu) && !*injected && can_take_irq(vcpu)) {
		vector = vcpu->vm->irq->intc->ack(vcpu);
		if (vector >= 0) {
			ev.vector = vector;
			inject(vcpu, &ev);
			*injected = true;
		}
	}
	switch (ask_controllers(vcpu)) {
	case 0:
		return WINDOW_IRQ;
	case VAM_INTC_TPR:
		return WINDOW_TPR;
	}
	return 0;
}

void vam_virq_deliver_slow(struct vam_vcpu *vcpu)
{
	bool injected = false;
	u8 want;

	/* These two are off after their exit. */
	if (vcpu->exit.kind == VAM_EXIT_IRQ_WINDOW)
		vcpu->windows &= ~WINDOW_IRQ;
	if (vcpu->exit.kind == VAM_EXIT_NMI_WINDOW)
		vcpu->windows &= ~WINDOW_NMI;

	if (vcpu->inject.type != VAM_EVENT_NONE) {
		inject_and_clear(vcpu, &vcpu->inject);
		injected = true;
	}
	want = deliver_nmi(vcpu, &injected);
	want |= deliver_irq(vcpu, &injected);
	set_windows(vcpu, want);
}

bool vam_virq_is_pending(struct vam_vcpu *vcpu)
{
	if (vcpu->inject.type != VAM_EVENT_NONE)
		return true;
	if (READ_ONCE(vcpu->nmi_pending) && !vcpu->nmi_masked)
		return true;
	if (!(vcpu->regs.rflags & X86_EFLAGS_IF))
		return false;
	return !ask_controllers(vcpu);
}

/* --- lines and messages -------------------------------------------------------- */

void vam_irq_set_intc(struct vam_vm *vm, const struct vam_intc_ops *ops)
{
	vm->irq->intc = ops;
}

void vam_irq_add_sink(struct vam_vm *vm, struct vam_irq_sink *sink)
{
	sink->next = vm->irq->sinks;
	vm->irq->sinks = sink;
}

void vam_irq_set_line(struct vam_vm *vm, unsigned int gsi, unsigned int source,
		      bool level)
{
	struct vam_irq *irq = vm->irq;
	struct vam_irq_sink *sink;
	unsigned long flags;
	u32 *sources, old;

	if (WARN_ON_ONCE(gsi >= VAM_GSI_NR || source >= 32))
		return;
	spin_lock_irqsave(&irq->lock, flags);
	sources = &irq->sources[gsi];
	old = *sources;
	*sources = level ? old | BIT(source) : old & ~BIT(source);
	if (!old != !*sources && !irq->closed)
		for (sink = irq->sinks; sink; sink = sink->next)
			sink->set(sink, gsi, level);
	spin_unlock_irqrestore(&irq->lock, flags);
}

void vam_irq_message(struct vam_vm *vm, u64 address, u32 data)
{
	struct vam_irq *irq = vm->irq;
	unsigned long flags;

	spin_lock_irqsave(&irq->lock, flags);
	if (!irq->closed)
		irq->intc->message(vm, address, data);
	spin_unlock_irqrestore(&irq->lock, flags);
}

void vam_irq_close(struct vam_vm *vm)
{
	spin_lock_irq(&vm->irq->lock);
	vm->irq->closed = true;
	spin_unlock_irq(&vm->irq->lock);
}

static int vm_create(struct vam_vm *vm)
{
	vm->irq = vam_zalloc(sizeof(*vm->irq));
	if (!vm->irq)
		return -ENOMEM;
	spin_lock_init(&vm->irq->lock);
	return 0;
}

static void vm_destroy(struct vam_vm *vm)
{
	kfree(vm->irq);
	vm->irq = NULL;
}

static void vcpu_reset(struct vam_vcpu *vcpu)
{
	vcpu->inject.type = VAM_EVENT_NONE;
	clear_bit(0, &vcpu->nmi_pending);
	vcpu->windows = 0; /* the backend's reset has closed them */
}

const struct vam_part vam_irq_part = {
	.name = "irq",
	.vm_create = vm_create,
	.vm_destroy = vm_destroy,
	.vcpu_reset = vcpu_reset,
};
