// SPDX-License-Identifier: GPL-2.0
/*
 * hw/svm/exit.c - turn an SVM exit into the neutral struct vam_exit
 *
 * One flat switch over the exit codes. Where the CPU has decode assists or
 * saves the next RIP, their answers go into the struct; where it has not, the
 * fields say "not known" and run/ decodes the instruction itself.
 *
 * Layer:    hw/svm. Called from svm.c right after the exit, interrupts off.
 * Not here: any decision.
 * Spec:     APM vol. 2 15.6 to 15.14 and appendix C (exit codes).
 */
#include <asm/mce.h>
#include <asm/processor-flags.h>
#include <asm/ptrace.h>
#include <asm/trapnr.h>
#include "hw/svm/svm.h"

#define INFO1_CR_DECODED BIT_ULL(63) /* APM 15.8.1: it was a MOV CRn */
#define INFO_GPR 0xf

/* Exceptions that push an error code, of those that we see here. */
#define HAS_ERROR                                                 \
	(BIT(X86_TRAP_TS) | BIT(X86_TRAP_NP) | BIT(X86_TRAP_SS) | \
	 BIT(X86_TRAP_GP) | BIT(X86_TRAP_AC))

/* EXITINTINFO: the event whose delivery this exit interrupted. */
static void decode_delivering(const struct vmcb_control_area *c,
			      struct vam_event *ev)
{
	u32 info = c->exit_int_info;

	*ev = (struct vam_event){ .type = VAM_EVENT_NONE };
	if (!(info & SVM_EXITINTINFO_VALID))
		return;

	ev->vector = info & SVM_EXITINTINFO_VEC_MASK;
	switch (info & SVM_EXITINTINFO_TYPE_MASK) {
	case SVM_EXITINTINFO_TYPE_INTR:
		ev->type = VAM_EVENT_INTR;
		break;
	case SVM_EXITINTINFO_TYPE_NMI:
		ev->type = VAM_EVENT_NMI;
		break;
	case SVM_EXITINTINFO_TYPE_SOFT:
		ev->type = VAM_EVENT_SOFT_INT;
		break;
	case SVM_EXITINTINFO_TYPE_EXEPT:
		/* INT3 and INTO are instructions: they execute again. */
		ev->type = ev->vector == X86_TRAP_BP ||
					   ev->vector == X86_TRAP_OF ?
				   VAM_EVENT_SOFT_INT :
				   VAM_EVENT_EXCEPTION;
		ev->has_error = info & SVM_EXITINTINFO_VALID_ERR;
		ev->error = ev->has_error ? c->exit_int_info_err : 0;
		break;
	}
}

/* The length of the instruction, where the CPU knows it; else 0. */
static u8 insn_len(const struct vmcb *vmcb)
{
	u64 len;

	if (!svm_caps.nrips || !vmcb->control.next_rip)
		return 0;
	len = vmcb->control.next_rip - vmcb->save.rip;
	return len <= VAM_INSN_MAX ? len : 0;
}

static void decode_io(const struct vmcb *vmcb, struct vam_exit *exit)
{
	u32 info = vmcb->control.exit_info_1;

	exit->kind = VAM_EXIT_IO;
	exit->u.io.port = info >> 16;
	exit->u.io.in = info & SVM_IOIO_TYPE_MASK;
	exit->u.io.string = info & SVM_IOIO_STR_MASK;
	exit->u.io.rep = info & SVM_IOIO_REP_MASK;
	exit->u.io.size = (info & SVM_IOIO_SIZE_MASK) >> SVM_IOIO_SIZE_SHIFT;
	/* EXITINFO2 holds the next RIP, on every CPU. */
	exit->insn_len = vmcb->control.exit_info_2 - vmcb->save.rip;
}

static void decode_reg(const struct vmcb *vmcb, struct vam_exit *exit, bool cr)
{
	u64 info = vmcb->control.exit_info_1;

	exit->kind = cr ? VAM_EXIT_CR : VAM_EXIT_DR;
	/* CR: 0x00 reads, 0x10 writes; DR: 0x20 reads, 0x30 writes. */
	exit->u.reg.write = vmcb->control.exit_code & 0x10;
	exit->u.reg.nr = vmcb->control.exit_code & 0xf;
	exit->u.reg.gpr = info & INFO_GPR;
	exit->u.reg.known = svm_caps.decode_assists && svm_caps.nrips &&
			    (!cr || info & INFO1_CR_DECODED);
}

static void decode_page_fault(const struct vmcb *vmcb, struct vam_exit *exit)
{
	const struct vmcb_control_area *c = &vmcb->control;

	exit->kind = VAM_EXIT_PAGE_FAULT;
	exit->u.pf.gva = c->exit_info_2;
	exit->u.pf.error = c->exit_info_1;
	if (svm_caps.decode_assists && c->insn_len <= VAM_INSN_MAX) {
		exit->fetched = c->insn_len;
		memcpy(exit->insn, c->insn_bytes, exit->fetched);
	}
}

/*
 * The host's machine check: its handler must see it. Out of line: each page
 * fault would have to clear these registers.
 */
static noinline void machine_check(void)
{
	struct pt_regs regs = {
		.cs = 3, /* as if it had come from user mode: the guest is */
		.flags = X86_EFLAGS_IF,
	};

	do_machine_check(&regs);
}

static void decode_exception(struct svm_vcpu *svm, struct vam_exit *exit,
			     u8 vector)
{
	const struct vmcb *vmcb = svm->vmcb;

	switch (vector) {
	case X86_TRAP_PF:
		decode_page_fault(vmcb, exit);
		return;
	case X86_TRAP_NM:
		exit->kind = VAM_EXIT_FPU;
		return;
	case X86_TRAP_MC:
		machine_check();
		exit->kind = VAM_EXIT_MCE;
		return;
	}
	/* #DB may have changed DR7 (GD) by now, as its handler would see. */
	svm->vcpu.sys.dr7 = vmcb->save.dr7;
	exit->kind = VAM_EXIT_EXCEPTION;
	exit->u.exception.vector = vector;
	exit->u.exception.by_insn = false;
	exit->u.exception.has_error = HAS_ERROR & BIT(vector);
	exit->u.exception.error =
		exit->u.exception.has_error ? vmcb->control.exit_info_1 : 0;
}

static void decode_task_switch(const struct vmcb_control_area *c,
			       struct vam_exit *exit)
{
	u64 info = c->exit_info_2;

	exit->kind = VAM_EXIT_TASK_SWITCH;
	exit->u.task.selector = c->exit_info_1;
	exit->u.task.iret = info & BIT_ULL(SVM_EXITINFOSHIFT_TS_REASON_IRET);
	exit->u.task.jump = info & BIT_ULL(SVM_EXITINFOSHIFT_TS_REASON_JMP);
	exit->u.task.has_error = info &
				 BIT_ULL(SVM_EXITINFOSHIFT_TS_HAS_ERROR_CODE);
	exit->u.task.error = info;
}

/* Instructions that need nothing but their name. */
static enum vam_exit_kind decode_plain(u32 code)
{
	switch (code) {
	case SVM_EXIT_INTR:
	case SVM_EXIT_SMI:
		return VAM_EXIT_IRQ;
	case SVM_EXIT_NMI:
		return VAM_EXIT_NMI;
	case SVM_EXIT_INIT:
		return VAM_EXIT_INIT;
	case SVM_EXIT_RDPMC:
		return VAM_EXIT_RDPMC;
	case SVM_EXIT_CPUID:
		return VAM_EXIT_CPUID;
	case SVM_EXIT_INVD:
	case SVM_EXIT_WBINVD:
		return VAM_EXIT_WBINVD;
	case SVM_EXIT_PAUSE:
		return VAM_EXIT_PAUSE;
	case SVM_EXIT_HLT:
		return VAM_EXIT_HLT;
	case SVM_EXIT_SHUTDOWN:
		return VAM_EXIT_SHUTDOWN;
	case SVM_EXIT_VMMCALL:
		return VAM_EXIT_HYPERCALL;
	case SVM_EXIT_VMRUN:
	case SVM_EXIT_VMLOAD:
	case SVM_EXIT_VMSAVE:
	case SVM_EXIT_STGI:
	case SVM_EXIT_CLGI:
	case SVM_EXIT_SKINIT:
	case SVM_EXIT_INVLPGA:
	case SVM_EXIT_RSM:
		return VAM_EXIT_VIRT_INSN;
	case SVM_EXIT_MONITOR:
	case SVM_EXIT_RDPRU: /* not in CPUID either */
		return VAM_EXIT_MONITOR;
	case SVM_EXIT_MWAIT:
	case SVM_EXIT_MWAIT_COND:
		return VAM_EXIT_MWAIT;
	case SVM_EXIT_XSETBV:
		return VAM_EXIT_XSETBV;
	case SVM_EXIT_INVPCID:
		return VAM_EXIT_INVPCID;
	}
	return VAM_EXIT_UNKNOWN;
}

/**
 * svm_decode_exit() - fill the neutral struct from the control block
 * @svm: the vCPU that just came back
 * @exit: filled completely, except that the NMI bookkeeping of svm.c may
 *        still change the kind
 *
 * Context: on the vCPU's CPU, interrupts off.
 */
void svm_decode_exit(struct svm_vcpu *svm, struct vam_exit *exit)
{
	const struct vmcb *vmcb = svm->vmcb;
	const struct vmcb_control_area *c = &vmcb->control;
	u32 code = c->exit_code;

	exit->hw_code = code | (u64)c->exit_code_hi << 32;
	exit->hw_info[0] = c->exit_info_1;
	exit->hw_info[1] = c->exit_info_2;
	exit->insn_len = insn_len(vmcb);
	exit->fetched = 0;
	decode_delivering(c, &exit->delivering);

	switch (code) {
	case SVM_EXIT_READ_CR0 ... SVM_EXIT_WRITE_CR0 + 0xf:
		decode_reg(vmcb, exit, true);
		break;
	case SVM_EXIT_CR0_SEL_WRITE:
		decode_reg(vmcb, exit, true);
		exit->u.reg.write = true;
		exit->u.reg.nr = 0;
		break;
	case SVM_EXIT_READ_DR0 ... SVM_EXIT_WRITE_DR0 + 0xf:
		decode_reg(vmcb, exit, false);
		break;
	case SVM_EXIT_EXCP_BASE ... SVM_EXIT_EXCP_BASE + 0x1f:
		decode_exception(svm, exit, code - SVM_EXIT_EXCP_BASE);
		break;
	case SVM_EXIT_IOIO:
		decode_io(vmcb, exit);
		break;
	case SVM_EXIT_MSR:
		exit->kind = VAM_EXIT_MSR;
		exit->u.msr.write = c->exit_info_1;
		break;
	case SVM_EXIT_INVLPG:
		exit->kind = VAM_EXIT_INVLPG;
		exit->u.invlpg.known = svm_caps.decode_assists &&
				       svm_caps.nrips;
		exit->u.invlpg.gva = c->exit_info_1;
		break;
	case SVM_EXIT_ICEBP:
		exit->kind = VAM_EXIT_EXCEPTION;
		exit->u.exception.vector = X86_TRAP_DB;
		exit->u.exception.has_error = false;
		exit->u.exception.error = 0;
		exit->u.exception.by_insn = true;
		break;
	case SVM_EXIT_VINTR:
		exit->kind = VAM_EXIT_IRQ_WINDOW;
		break;
	case SVM_EXIT_TASK_SWITCH:
		decode_task_switch(c, exit);
		break;
	default:
		exit->kind = code == SVM_EXIT_ERR ? VAM_EXIT_BAD_STATE :
						    decode_plain(code);
	}
}
