// SPDX-License-Identifier: GPL-2.0
/*
 * run/exit.c - from an exit's kind to the handler that deals with it
 *
 * Layer:    run. Called from run.c.
 * Not here: handlers of more than a few lines; they have files of their own.
 */
#define pr_fmt(fmt) "vamhost: " fmt

#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>
#include "core/hw.h"
#include "core/vm.h"
#include "irq/virq.h"
#include "run/emul.h"
#include "run/run.h"

/* The counters of exits are indexed by kind. */
static_assert((int)VAM_EXIT_UNKNOWN - (int)VAM_EXIT_IRQ ==
	      (int)VAM_STAT_exit_unknown - (int)VAM_STAT_exit_irq);
static_assert((int)VAM_STAT_exit_page_fault == (int)VAM_EXIT_PAGE_FAULT);
static_assert((int)VAM_STAT_exit_unknown == (int)VAM_EXIT_UNKNOWN);

/* The host has dealt with it already. */
static int nothing(struct vam_vcpu *vcpu)
{
	return 0;
}

static int go_idle(struct vam_vcpu *vcpu)
{
	if (vcpu->exit.insn_len) {
		vam_emul_skip(vcpu, vcpu->exit.insn_len);
	} else {
		struct vam_insn insn;

		if (vam_emul_fetch(vcpu, &insn))
			return 0;
		vam_emul_skip(vcpu, insn.len);
	}
	vcpu->state = VAM_VCPU_HALTED;
	return 0;
}

static int nmi_window(struct vam_vcpu *vcpu)
{
	vcpu->nmi_masked = false;
	return 0;
}

static int triple_fault(struct vam_vcpu *vcpu)
{
	return vam_virq_triple_fault(vcpu);
}

static int general_protection(struct vam_vcpu *vcpu)
{
	vam_emul_gp(vcpu);
	return 0;
}

static int undefined(struct vam_vcpu *vcpu)
{
	vam_emul_ud(vcpu);
	return 0;
}

/* RIP behind an instruction that means nothing to a guest. */
static int skip(struct vam_vcpu *vcpu)
{
	struct vam_insn insn;

	if (vcpu->exit.insn_len)
		vam_emul_skip(vcpu, vcpu->exit.insn_len);
	else if (!vam_emul_fetch(vcpu, &insn))
		vam_emul_skip(vcpu, insn.len);
	return 0;
}

/*
 * User mode executes an instruction that no guest has: #UD, not #GP. Returns
 * false when it is something else.
 */
static bool refuse_virt_insn(struct vam_vcpu *vcpu)
{
	struct vam_insn insn;

	if (vcpu->cpl != 3 || vcpu->exit.u.exception.error ||
	    vcpu->exit.delivering.type != VAM_EVENT_NONE)
		return false;
	if (vam_emul_fetch(vcpu, &insn))
		return true; /* another exception is queued instead */
	if (!vam_insn_is_virt(&insn))
		return false;
	vam_emul_ud(vcpu);
	return true;
}

/*
 * #DB and #AC are the guest's; they exit so that they cannot loop unseen. #GP
 * exits because the extension that we use is on for the guest, too.
 */
static int exception(struct vam_vcpu *vcpu)
{
	const struct vam_exit *exit = &vcpu->exit;

	if (exit->u.exception.by_insn)
		skip(vcpu);
	if (exit->u.exception.vector == X86_TRAP_GP && refuse_virt_insn(vcpu))
		return 0;
	vam_virq_exception(vcpu, exit->u.exception.vector,
			   exit->u.exception.has_error,
			   exit->u.exception.error);
	return 0;
}

/* A spinning guest: let somebody else have the CPU for a moment. */
static int pause(struct vam_vcpu *vcpu)
{
	skip(vcpu);
	cond_resched();
	return 0;
}

static int task_switch(struct vam_vcpu *vcpu)
{
	return vam_vm_kill(vcpu->vm,
			   "hardware task switch to selector %#x at rip %#llx",
			   vcpu->exit.u.task.selector, vcpu->regs.rip);
}

static void last_words(struct vam_vcpu *vcpu)
{
	static DEFINE_RATELIMIT_STATE(limit, 5 * HZ, 2);

	if (__ratelimit(&limit))
		vam_hw->dump(vcpu);
}

static int bad_state(struct vam_vcpu *vcpu)
{
	last_words(vcpu);
	return vam_vm_kill(
		vcpu->vm,
		"the CPU refuses the guest's state: cr0 %#llx cr3 %#llx cr4 %#llx efer %#llx rip %#llx",
		vcpu->sys.cr0, vcpu->sys.cr3, vcpu->sys.cr4, vcpu->sys.efer,
		vcpu->regs.rip);
}

static int unknown(struct vam_vcpu *vcpu)
{
	last_words(vcpu);
	return vam_vm_kill(vcpu->vm, "unknown exit %#llx (%#llx, %#llx)",
			   vcpu->exit.hw_code, vcpu->exit.hw_info[0],
			   vcpu->exit.hw_info[1]);
}

static int (*const handlers[VAM_EXIT_NR])(struct vam_vcpu *) = {
	[VAM_EXIT_IRQ] = nothing,
	[VAM_EXIT_NMI] = nothing,
	[VAM_EXIT_MCE] = nothing,
	[VAM_EXIT_IO] = vam_run_io,
	[VAM_EXIT_CPUID] = vam_run_cpuid,
	[VAM_EXIT_MSR] = vam_run_msr,
	[VAM_EXIT_HLT] = go_idle,
	[VAM_EXIT_CR] = vam_run_cr,
	[VAM_EXIT_DR] = vam_run_dr,
	[VAM_EXIT_INVLPG] = vam_run_invlpg,
	[VAM_EXIT_INVPCID] = vam_run_invpcid,
	[VAM_EXIT_XSETBV] = vam_run_xsetbv,
	[VAM_EXIT_HYPERCALL] = vam_run_hypercall,
	[VAM_EXIT_EXCEPTION] = exception,
	[VAM_EXIT_PAGE_FAULT] = vam_run_page_fault,
	[VAM_EXIT_IRQ_WINDOW] = nothing,
	[VAM_EXIT_NMI_WINDOW] = nmi_window,
	[VAM_EXIT_SHUTDOWN] = triple_fault,
	[VAM_EXIT_INIT] = nothing,
	[VAM_EXIT_RDPMC] = general_protection, /* no counter is offered */
	[VAM_EXIT_PAUSE] = pause,
	[VAM_EXIT_WBINVD] = skip, /* no device sees uncached memory yet */
	[VAM_EXIT_MONITOR] = undefined, /* not in CPUID */
	[VAM_EXIT_MWAIT] = undefined,
	[VAM_EXIT_TASK_SWITCH] = task_switch,
	[VAM_EXIT_FPU] = vam_run_fpu,
	[VAM_EXIT_VIRT_INSN] = undefined,
	[VAM_EXIT_BAD_STATE] = bad_state,
	[VAM_EXIT_UNKNOWN] = unknown,
};

int vam_run_exit(struct vam_vcpu *vcpu)
{
	unsigned int kind = vcpu->exit.kind;

	if (WARN_ON_ONCE(kind >= VAM_EXIT_NR))
		return vam_vm_kill(vcpu->vm, "exit of kind %u", kind);
	vcpu->stat[kind]++;
	if (unlikely(vcpu->exit.delivering.type != VAM_EVENT_NONE))
		vam_virq_interrupted(vcpu);
	return handlers[kind](vcpu);
}
