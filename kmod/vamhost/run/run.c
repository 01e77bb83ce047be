// SPDX-License-Identifier: GPL-2.0
/*
 * run/run.c - the loop every vCPU thread runs
 *
 * While the VM lives: do what others asked of this vCPU; if it is halted and
 * nothing is pending, sleep; offer one event; shut interrupts; enter; open
 * interrupts; look the exit up in the table; go round.
 *
 * Layer:    run. Called as the body of the kernel thread made in core/vcpu.c.
 * Locks:    none. Preemption is off only from just before the entry to just
 *           after the exit; handlers may sleep.
 * Not here: what each exit means, exit.c and its neighbours.
 */
#include <linux/kthread.h>
#include <linux/preempt.h>
#include "core/hw.h"
#include "core/trace.h"
#include "core/vm.h"
#include "dev/lapic.h"
#include "hw/hw.h"
#include "irq/virq.h"
#include "mmu/mmu.h"
#include "run/run.h"

/* Not where the backend is off, or is being turned off by an interrupt. */
static void load(struct vam_vcpu *vcpu)
{
	unsigned long flags;

	local_irq_save(flags);
	if (__this_cpu_read(vam_hw_cpu_on)) {
		vam_hw->vcpu_load(vcpu);
		WRITE_ONCE(vcpu->cpu, raw_smp_processor_id());
	}
	local_irq_restore(flags);
}

static void put(struct vam_vcpu *vcpu)
{
	vam_hw->vcpu_put(vcpu);
	WRITE_ONCE(vcpu->cpu, -1);
}

/* Preemption notifiers: with the run queue locked, or just unlocked. */
static void sched_in(struct preempt_notifier *pn, int cpu)
{
	struct vam_vcpu *vcpu = container_of(pn, struct vam_vcpu, notifier);

	load(vcpu);
}

static void sched_out(struct preempt_notifier *pn, struct task_struct *next)
{
	struct vam_vcpu *vcpu = container_of(pn, struct vam_vcpu, notifier);

	if (vcpu->cpu >= 0)
		put(vcpu);
	vam_fpu_off(vcpu);
	vam_stat_inc(vcpu, VAM_STAT_preempted);
}

static struct preempt_ops preempt_ops = {
	.sched_in = sched_in,
	.sched_out = sched_out,
};

/*
 * A thread is told to stop only when its VM is dead, for good, or never ran
 * (see vam_vcpu_stop()): no need to ask for both.
 */
static bool may_run(struct vam_vcpu *vcpu)
{
	return READ_ONCE(vcpu->vm->state) == VAM_VM_RUNNING;
}

/* Anything but a TLB flush, which is done on the way in. */
static bool has_requests(struct vam_vcpu *vcpu)
{
	return READ_ONCE(vcpu->requests) & ~BIT(VAM_REQ_TLB);
}

static int handle_requests(struct vam_vcpu *vcpu)
{
	clear_bit(VAM_REQ_STOP, &vcpu->requests); /* may_run() looks */
	clear_bit(VAM_REQ_OUT, &vcpu->requests);
	if (test_and_clear_bit(VAM_REQ_EVENT, &vcpu->requests))
		vam_virq_handle_init(vcpu);
	if (test_and_clear_bit(VAM_REQ_ROOT, &vcpu->requests)) {
		vcpu->fetch.page = ~0ULL;
		return vam_mmu_load_root(vcpu);
	}
	return 0;
}

static bool is_runnable(struct vam_vcpu *vcpu)
{
	if (vcpu->state == VAM_VCPU_HALTED && vam_virq_is_pending(vcpu))
		vcpu->state = VAM_VCPU_RUNNABLE;
	return vcpu->state == VAM_VCPU_RUNNABLE;
}

/* Halted or waiting for SIPI: until a request comes or the VM stops. */
static void sleep(struct vam_vcpu *vcpu)
{
	vam_stat_inc(vcpu, VAM_STAT_halts);
	for (;;) {
		/*
		 * Kicks wake us; a request before this line is seen below. A
		 * flush is for the next entry, and nothing to wake up for.
		 */
		set_current_state(TASK_IDLE);
		if (has_requests(vcpu) || !may_run(vcpu))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

/* Returns true when the guest ran and vcpu->exit says why it stopped. */
static bool enter(struct vam_vcpu *vcpu)
{
	bool ran = false;

	preempt_disable();
	if (vcpu->fpu_on)
		vam_fpu_load(vcpu);
	local_irq_disable();
	WRITE_ONCE(vcpu->mode, VAM_ENTERING);
	/* Pairs with the barriers in core/vcpu.c: a requester that did not
	 * see the mode is seen here. */
	smp_mb();
	if (unlikely(!__this_cpu_read(vam_hw_cpu_on) || vcpu->cpu < 0)) {
		/* The CPU is going away, or came back since we were loaded. */
		load(vcpu);
		goto out;
	}
	if (unlikely(has_requests(vcpu) || need_resched()))
		goto out;
	if (READ_ONCE(vcpu->requests)) {
		clear_bit(VAM_REQ_TLB, &vcpu->requests);
		vcpu->fetch.page = ~0ULL;
		vam_hw->flush_tlb(vcpu, VAM_FLUSH_GUEST);
		vam_stat_inc(vcpu, VAM_STAT_tlb_flush);
	}
	vam_virq_deliver(vcpu);
	vam_stat_inc(vcpu, VAM_STAT_entries);
	trace_vam_entry(vcpu);
	vam_hw->enter(vcpu, &vcpu->exit);
	ran = true;
out:
	/* Release: the exit is complete before anyone sees us outside. */
	smp_store_release(&vcpu->mode, VAM_OUTSIDE);
	local_irq_enable();
	if (vcpu->fpu_on)
		vam_fpu_save(vcpu);
	preempt_enable();
	return ran;
}

static void run(struct vam_vcpu *vcpu)
{
	u8 cr8 = vcpu->sys.cr8;

	while (may_run(vcpu)) {
		if (need_resched())
			cond_resched();
		if (has_requests(vcpu)) {
			if (handle_requests(vcpu))
				return;
			continue; /* one may have been to stop: look again */
		}
		if (unlikely(vcpu->state != VAM_VCPU_RUNNABLE) &&
		    !is_runnable(vcpu)) {
			sleep(vcpu);
			continue;
		}

		cr8 = vcpu->sys.cr8;
		if (!enter(vcpu)) {
			if (!raw_cpu_read(vam_hw_cpu_on))
				schedule_timeout_idle(1); /* to another CPU */
			continue;
		}
		trace_vam_exit(vcpu);
		if (unlikely(vcpu->sys.cr8 != cr8))
			vam_lapic_set_cr8(vcpu, vcpu->sys.cr8);
		if (vam_run_exit(vcpu))
			return;
	}
}

int vam_vcpu_thread(void *data)
{
	struct vam_vcpu *vcpu = data;

	preempt_notifier_init(&vcpu->notifier, &preempt_ops);
	while (!kthread_should_stop()) {
		if (vam_vm_enter_running(vcpu->vm)) {
			preempt_disable();
			preempt_notifier_register(&vcpu->notifier);
			load(vcpu);
			preempt_enable();

			run(vcpu);

			preempt_disable();
			preempt_notifier_unregister(&vcpu->notifier);
			if (vcpu->cpu >= 0)
				put(vcpu);
			vam_fpu_off(vcpu);
			preempt_enable();
			vam_vm_leave_running(vcpu->vm);
			continue;
		}
		set_current_state(TASK_IDLE);
		if (READ_ONCE(vcpu->vm->state) != VAM_VM_RUNNING &&
		    !kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

/**
 * vam_run_init() - what the threads need of the scheduler
 *
 * Context: module load, before any VM.
 */
void vam_run_init(void)
{
	preempt_notifier_inc();
}

/* vam_run_cleanup() - the opposite; no VM is left. */
void vam_run_cleanup(void)
{
	preempt_notifier_dec();
}
