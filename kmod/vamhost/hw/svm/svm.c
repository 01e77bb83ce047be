// SPDX-License-Identifier: GPL-2.0
/*
 * hw/svm/svm.c - AMD SVM: enable it, load vCPUs, enter the guest
 *
 * Layer:    hw/svm. Reached only through vam_svm_ops.
 * Locks:    none. Per-CPU data is touched with preemption off on its CPU;
 *           a vCPU's by its own thread.
 * Not here: the control block is vmcb.c, decoding exits exit.c, the switch
 *           itself entry.S.
 * Spec:     APM vol. 2 chapter 15.
 */
#define pr_fmt(fmt) "vamhost: " fmt

#include <linux/cc_platform.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/hw_breakpoint.h>
#include <linux/io.h>
#include <asm/asm.h>
#include <asm/debugreg.h>
#include <asm/desc.h>
#include <asm/fpu/api.h>
#include <asm/fpu/xcr.h>
#include <asm/msr.h>
#include <asm/nospec-branch.h>
#include <asm/processor.h>
#include <asm/trapnr.h>
#include "core/alloc.h"
#include "core/vm.h"
#include "hw/backends.h"
#include "hw/svm/svm.h"

/*
 * What a physical CPU needs: the area where VMRUN keeps host state, a page for
 * VMSAVE of the rest of it, and its supply of ASIDs (tags of TLB entries; 0 is
 * the host's). When they run out, a new generation begins with a full flush.
 */
struct svm_cpu {
	struct page *hsave;
	struct page *host;
	u64 asid_generation;
	u32 next_asid;
	u64 tsc_aux; /* the host's, while a guest's is loaded */
	u32 last_vm; /* its id, for the branch predictor's sake; not its
		      * address, which the next VM may get */
};

static DEFINE_PER_CPU(struct svm_cpu, cpus);
struct svm_caps svm_caps;

/* Supervisor state components that the kernel uses; the guest has none. */
static u64 host_xss;

/* Set in DR7 when a guest breakpoint is armed: L0..G3. */
#define DR7_ENABLES 0xffULL

static int cpu_check(const char **why)
{
	u64 vm_cr, efer;

	if (!boot_cpu_has(X86_FEATURE_SVM))
		return -ENODEV;

	if (cc_platform_has(CC_ATTR_HOST_MEM_ENCRYPT)) {
		*why = "host memory encryption (SME) is on, which vamhost does not support: boot with mem_encrypt=off";
		return -EPERM;
	}
	rdmsrl(MSR_VM_CR, vm_cr);
	if (vm_cr & SVM_VM_CR_SVM_DIS_MASK) {
		*why = "AMD SVM is disabled by the firmware: enable it in the firmware setup";
		return -EPERM;
	}
	rdmsrl(MSR_EFER, efer);
	if (efer & EFER_SVME) {
		*why = "another hypervisor holds AMD SVM on this CPU: unload it (kvm_amd, for example) first";
		return -EBUSY;
	}
	return 0;
}

static void free_cpus(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct svm_cpu *c = per_cpu_ptr(&cpus, cpu);

		if (c->hsave)
			__free_page(c->hsave);
		if (c->host)
			__free_page(c->host);
		c->hsave = NULL;
		c->host = NULL;
	}
}

static void read_caps(void)
{
	u32 eax, ebx, ecx, edx;

	cpuid(SVM_CPUID_FUNC, &eax, &ebx, &ecx, &edx);
	svm_caps.nr_asids = ebx;
	svm_caps.nrips = boot_cpu_has(X86_FEATURE_NRIPS);
	svm_caps.decode_assists = boot_cpu_has(X86_FEATURE_DECODEASSISTS);
	svm_caps.flush_by_asid = boot_cpu_has(X86_FEATURE_FLUSHBYASID);
	svm_caps.pause_filter = boot_cpu_has(X86_FEATURE_PAUSEFILTER);
}

static int svm_init(void)
{
	unsigned int cpu;
	int err;

	/* entry.S knows the layout of struct vam_regs. */
	BUILD_BUG_ON(offsetof(struct vam_regs, gpr) != 0);
	BUILD_BUG_ON(VAM_RCX != 1 || VAM_RDI != 7 || VAM_R15 != 15);

	read_caps();
	if (boot_cpu_has(X86_FEATURE_XSAVES))
		rdmsrl(MSR_IA32_XSS, host_xss);
	if (svm_caps.nr_asids < 2) {
		pr_err("this CPU has no ASIDs for guests (%d)\n", -ENODEV);
		return -ENODEV;
	}
	err = svm_tables_init();
	if (err)
		return err;
	for_each_possible_cpu(cpu) {
		struct svm_cpu *c = per_cpu_ptr(&cpus, cpu);

		c->hsave = alloc_page(GFP_KERNEL | __GFP_ZERO);
		c->host = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!c->hsave || !c->host) {
			free_cpus();
			svm_tables_exit();
			return -ENOMEM;
		}
		c->asid_generation = 1;
		c->next_asid = 1;
	}
	return 0;
}

static void svm_exit(void)
{
	free_cpus();
	svm_tables_exit();
}

static int cpu_enable(void)
{
	struct svm_cpu *c = this_cpu_ptr(&cpus);
	u64 efer;

	rdmsrl(MSR_EFER, efer);
	wrmsrl(MSR_EFER, efer | EFER_SVME);
	wrmsrl(MSR_VM_HSAVE_PA, page_to_phys(c->hsave));
	/* Who knows whose translations carry our tags: start afresh. */
	c->asid_generation++;
	c->next_asid = svm_caps.nr_asids;
	c->last_vm = 0;
	return 0;
}

static void cpu_disable(void)
{
	u64 efer;

	wrmsrl(MSR_VM_HSAVE_PA, 0);
	rdmsrl(MSR_EFER, efer);
	wrmsrl(MSR_EFER, efer & ~EFER_SVME);
}

static int vcpu_create(struct vam_vcpu *vcpu)
{
	return svm_vmcb_create(to_svm(vcpu));
}

static void vcpu_destroy(struct vam_vcpu *vcpu)
{
	svm_vmcb_destroy(to_svm(vcpu));
}

static void vcpu_reset(struct vam_vcpu *vcpu)
{
	svm_vmcb_reset(to_svm(vcpu));
}

/* FS, GS, TR, LDTR and system-call MSRs, for VMLOAD in entry.S. */
static void save_host(struct svm_cpu *c)
{
	asm volatile("vmsave %0" : : "a"(page_to_phys(c->host)) : "memory");
}

/*
 * The thread borrows the address space of the process before it, and another
 * thread of that one may have changed its LDT since we were loaded.
 */
static void save_host_ldt(struct svm_cpu *c)
{
	const struct vmcb *host = page_address(c->host);
	unsigned long ldt;

	store_ldt(ldt);
	if (unlikely((u16)ldt | host->save.ldtr.selector))
		save_host(c);
}

static void vcpu_load(struct vam_vcpu *vcpu)
{
	struct svm_cpu *c = this_cpu_ptr(&cpus);

	save_host(c);

	/*
	 * RDTSCP cannot be made to exit on every CPU, and TSC_AUX tells which
	 * CPU this is. The kernel does not use the register; user mode does.
	 */
	if (boot_cpu_has(X86_FEATURE_RDTSCP)) {
		rdmsrl(MSR_TSC_AUX, c->tsc_aux);
		wrmsrl(MSR_TSC_AUX, vcpu->sys.tsc_aux);
	}

	if (c->last_vm != vcpu->vm->id) {
		c->last_vm = vcpu->vm->id;
		/* What another VM taught the branch predictor is void. */
		indirect_branch_prediction_barrier();
	}
}

static void vcpu_put(struct vam_vcpu *vcpu)
{
	/*
	 * VMSCAPE: user mode runs next on this CPU, perhaps; the kernel then
	 * makes void what the guest taught the branch predictor.
	 */
#ifdef X86_FEATURE_IBPB_EXIT_TO_USER
	if (cpu_feature_enabled(X86_FEATURE_IBPB_EXIT_TO_USER))
		this_cpu_write(x86_ibpb_exit_to_user, true);
#endif
	/* All else is the host's again right after each exit. */
	if (boot_cpu_has(X86_FEATURE_RDTSCP))
		wrmsrl(MSR_TSC_AUX, this_cpu_read(cpus.tsc_aux));
}

static void new_asid(struct svm_vcpu *svm, struct svm_cpu *c)
{
	struct vmcb_control_area *ctl = &svm->vmcb->control;

	if (c->next_asid >= svm_caps.nr_asids) {
		c->asid_generation++;
		c->next_asid = 1;
		ctl->tlb_ctl = TLB_CONTROL_FLUSH_ALL_ASID;
	}
	ctl->asid = c->next_asid++;
	svm->asid_generation = c->asid_generation;
	svm->asid_cpu = raw_smp_processor_id();
}

static void flush_tlb(struct vam_vcpu *vcpu, enum vam_flush what)
{
	struct svm_vcpu *svm = to_svm(vcpu);

	if (svm_caps.flush_by_asid)
		svm->vmcb->control.tlb_ctl = TLB_CONTROL_FLUSH_ASID;
	else
		svm->asid_generation = 0; /* a new tag has no translations */
}

static void flush_gva(struct vam_vcpu *vcpu, gva_t gva)
{
	struct svm_vcpu *svm = to_svm(vcpu);

	/* On another CPU than last time, the tag is new at the next entry. */
	if (svm->asid_cpu == raw_smp_processor_id())
		/* SVM may have been turned off by now: the tag is void then. */
		asm volatile("1: invlpga %0, %1\n"
			     "2:\n" _ASM_EXTABLE(1b, 2b)
			     :
			     : "a"(gva), "c"(svm->vmcb->control.asid));
}

static void load_guest_debug(const struct vam_sys *sys)
{
	/* Ours must not be armed while the guest's addresses are in place. */
	if (hw_breakpoint_active())
		set_debugreg(0, 7);
	set_debugreg(sys->dr[0], 0);
	set_debugreg(sys->dr[1], 1);
	set_debugreg(sys->dr[2], 2);
	set_debugreg(sys->dr[3], 3);
}

/* The CPU disarmed all breakpoints at the exit: DR7 is the reset value. */
static void load_host_debug(bool guest_armed)
{
	if (hw_breakpoint_active()) {
		hw_breakpoint_restore();
	} else if (guest_armed) {
		set_debugreg(0, 0);
		set_debugreg(0, 1);
		set_debugreg(0, 2);
		set_debugreg(0, 3);
	}
}

/*
 * XGETBV cannot be made to exit, so the guest's XCR0 must be there while it
 * can read it. Returns the host's, 0 when the guest cannot.
 */
static u64 load_guest_xcr0(const struct vam_sys *sys)
{
	u64 host;

	if (!(sys->cr4 & X86_CR4_OSXSAVE))
		return 0;
	host = xgetbv(XCR_XFEATURE_ENABLED_MASK);
	if (host != sys->xcr0)
		xsetbv(XCR_XFEATURE_ENABLED_MASK, sys->xcr0);
	/* XSAVES cannot be made to exit either. */
	if (host_xss)
		wrmsrl(MSR_IA32_XSS, 0);
	return host;
}

static void load_host_xcr0(struct vam_sys *sys, u64 host)
{
	if (host_xss)
		wrmsrl(MSR_IA32_XSS, host_xss);
	/* An emulated CPU may have no XSETBV exit: see what it is now. */
	sys->xcr0 = xgetbv(XCR_XFEATURE_ENABLED_MASK);
	if (host != sys->xcr0)
		xsetbv(XCR_XFEATURE_ENABLED_MASK, host);
}

static void put_state(struct svm_vcpu *svm)
{
	struct vam_vcpu *vcpu = &svm->vcpu;
	struct vmcb *vmcb = svm->vmcb;

	vmcb->save.rax = vcpu->regs.gpr[VAM_RAX];
	vmcb->save.rsp = vcpu->regs.gpr[VAM_RSP];
	vmcb->save.rip = vcpu->regs.rip;
	vmcb->save.rflags = vcpu->regs.rflags;
	if (unlikely(svm->stepping))
		vmcb->save.rflags |= X86_EFLAGS_TF;
	vmcb->save.cr2 = vcpu->sys.cr2;
	vmcb->control.int_state = vcpu->int_shadow ? SVM_INTERRUPT_SHADOW_MASK :
						     0;
	vmcb->control.int_ctl = (vmcb->control.int_ctl & ~V_TPR_MASK) |
				(vcpu->sys.cr8 & V_TPR_MASK);
}

static void take_state(struct svm_vcpu *svm)
{
	struct vam_vcpu *vcpu = &svm->vcpu;
	const struct vmcb *vmcb = svm->vmcb;

	vcpu->regs.gpr[VAM_RAX] = vmcb->save.rax;
	vcpu->regs.gpr[VAM_RSP] = vmcb->save.rsp;
	vcpu->regs.rip = vmcb->save.rip;
	vcpu->regs.rflags = vmcb->save.rflags;
	vcpu->sys.cr2 = vmcb->save.cr2;
	vcpu->sys.dr6 = vmcb->save.dr6;
	vcpu->sys.cr8 = vmcb->control.int_ctl & V_TPR_MASK;
	vcpu->int_shadow = vmcb->control.int_state & SVM_INTERRUPT_SHADOW_MASK;
	vcpu->cpl = vmcb->save.cpl;
	vcpu->cs_attr = svm_attr(&vmcb->save.cs);
	/* TS is lost when the guest executes CLTS: that exits. */
}

static void want_irq_window(struct vam_vcpu *vcpu, bool on)
{
	struct svm_vcpu *svm = to_svm(vcpu);
	struct vmcb_control_area *c = &svm->vmcb->control;

	/* A virtual interrupt that exits just when it could be taken. */
	svm_set_intercept(&svm->vmcb->control, INTERCEPT_VINTR, on);
	c->int_ctl &= ~V_IRQ_INJECTION_BITS_MASK;
	if (on)
		c->int_ctl |= V_IRQ_MASK | V_IGN_TPR_MASK | V_INTR_PRIO_MASK;
}

/*
 * The NMI window opens when the IRET of the guest's handler has ended. SVM can
 * only say that it begins; if somebody waits, it is stepped over with TF, which
 * IRET itself overwrites.
 */
static void want_nmi_window(struct vam_vcpu *vcpu, bool on)
{
	struct svm_vcpu *svm = to_svm(vcpu);

	svm->want_nmi = on;
	if (!vcpu->nmi_masked)
		return;
	svm->stepping = on && svm->nmi_iret == SVM_IRET_REACHED;
	svm_set_intercept(&svm->vmcb->control, INTERCEPT_IRET,
			  svm->nmi_iret == SVM_IRET_NONE);
}

static void want_tpr_exit(struct vam_vcpu *vcpu, bool on)
{
	svm_set_intercept(&to_svm(vcpu)->vmcb->control, INTERCEPT_CR8_WRITE,
			  on);
}

static void nmi_is_over(struct svm_vcpu *svm, struct vam_exit *exit)
{
	svm->nmi_iret = SVM_IRET_NONE;
	svm->vcpu.nmi_masked = false;
	svm_set_intercept(&svm->vmcb->control, INTERCEPT_IRET, false);
	if (svm->stepping) {
		svm->stepping = false;
		/* The #DB is ours unless the guest was stepping as well. */
		if (exit->kind == VAM_EXIT_EXCEPTION &&
		    exit->u.exception.vector == X86_TRAP_DB &&
		    !(svm->vmcb->save.rflags & X86_EFLAGS_TF)) {
			svm->vcpu.sys.dr6 &= ~DR_STEP;
			exit->kind = VAM_EXIT_NMI_WINDOW;
		}
	}
	svm->want_nmi = false;
}

static void track_nmi(struct svm_vcpu *svm, struct vam_exit *exit)
{
	if (svm->nmi_iret == SVM_IRET_REACHED &&
	    (svm->vmcb->save.rip != svm->iret_rip ||
	     (exit->kind == VAM_EXIT_EXCEPTION &&
	      exit->u.exception.vector == X86_TRAP_DB))) {
		nmi_is_over(svm, exit);
		return;
	}
	if (svm->vmcb->control.exit_code == SVM_EXIT_IRET) {
		svm->nmi_iret = SVM_IRET_REACHED;
		svm->iret_rip = svm->vmcb->save.rip;
		svm_set_intercept(&svm->vmcb->control, INTERCEPT_IRET, false);
		svm->stepping = svm->want_nmi;
		exit->kind = VAM_EXIT_IRQ; /* nothing for anyone else to do */
	}
}

/*
 * Exceptions that make a double fault when they happen in the delivery of
 * another. While one is delivered that we injected, they come to us, so that
 * irq/virq.c combines the two; the CPU only does that for its own, and not
 * every one does it for ours.
 */
#define CONTRIBUTORY                                              \
	(BIT(X86_TRAP_DE) | BIT(X86_TRAP_TS) | BIT(X86_TRAP_NP) | \
	 BIT(X86_TRAP_SS)) /* #GP always comes */

static void intercept_contributory(struct svm_vcpu *svm, bool on)
{
	u32 *word = &svm->vmcb->control.intercepts[INTERCEPT_EXCEPTION];

	*word = on ? *word | CONTRIBUTORY : *word & ~CONTRIBUTORY;
}

static int enter(struct vam_vcpu *vcpu, struct vam_exit *exit)
{
	struct svm_vcpu *svm = to_svm(vcpu);
	struct svm_cpu *c = this_cpu_ptr(&cpus);
	bool armed = vcpu->sys.dr7 & DR7_ENABLES;
	u64 host_xcr0;
	int off;

	if (svm->asid_cpu != raw_smp_processor_id() ||
	    svm->asid_generation != c->asid_generation)
		new_asid(svm, c);
	put_state(svm);
	if (unlikely(armed))
		load_guest_debug(&vcpu->sys);
	host_xcr0 = load_guest_xcr0(&vcpu->sys);
	save_host_ldt(c);

	off = svm_run(&vcpu->regs, svm->vmcb_pa, page_to_phys(c->host),
		      vcpu->int_shadow);

	if (host_xcr0)
		load_host_xcr0(&vcpu->sys, host_xcr0);
	load_host_debug(armed);
	if (unlikely(off)) {
		/* Nothing ran: what was to be delivered still is. */
		svm->vmcb->control.exit_code = SVM_EXIT_INTR;
		svm->vmcb->control.exit_int_info = svm->vmcb->control.event_inj;
		svm->vmcb->control.exit_int_info_err =
			svm->vmcb->control.event_inj_err;
	}
	take_state(svm);
	if (unlikely(svm->vmcb->control.intercepts[INTERCEPT_EXCEPTION] &
		     CONTRIBUTORY))
		intercept_contributory(svm, false);
	svm->vmcb->control.event_inj = 0;
	svm->vmcb->control.tlb_ctl = TLB_CONTROL_DO_NOTHING;
	svm_decode_exit(svm, exit);
	if (exit->kind == VAM_EXIT_IRQ_WINDOW)
		want_irq_window(vcpu, false);
	if (unlikely(vcpu->nmi_masked))
		track_nmi(svm, exit);
	return exit->kind == VAM_EXIT_BAD_STATE ? -EIO : 0;
}

static void set_sys(struct vam_vcpu *vcpu)
{
	/*
	 * Preempted half-way we would write a CR0 without TS after sched_out
	 * has taken the FPU away: the guest would use the host's registers.
	 */
	preempt_disable();
	svm_vmcb_set_sys(to_svm(vcpu));
	preempt_enable();
}

static void set_root(struct vam_vcpu *vcpu, hpa_t root)
{
	to_svm(vcpu)->vmcb->save.cr3 = root;
}

static void inject(struct vam_vcpu *vcpu, const struct vam_event *event)
{
	static const u32 types[] = {
		[VAM_EVENT_INTR] = SVM_EVTINJ_TYPE_INTR,
		[VAM_EVENT_NMI] = SVM_EVTINJ_TYPE_NMI,
		[VAM_EVENT_EXCEPTION] = SVM_EVTINJ_TYPE_EXEPT,
		[VAM_EVENT_SOFT_INT] = SVM_EVTINJ_TYPE_SOFT,
	};
	struct svm_vcpu *svm = to_svm(vcpu);
	struct vmcb_control_area *c = &svm->vmcb->control;

	c->event_inj = SVM_EVTINJ_VALID | types[event->type] | event->vector;
	if (event->has_error)
		c->event_inj |= SVM_EVTINJ_VALID_ERR;
	c->event_inj_err = event->error;
	if (event->type == VAM_EVENT_EXCEPTION)
		intercept_contributory(svm, true);
	if (event->type == VAM_EVENT_NMI) {
		svm->nmi_iret = SVM_IRET_NONE;
		svm_set_intercept(&svm->vmcb->control, INTERCEPT_IRET, true);
	}
}

const struct vam_hw_ops vam_svm_ops = {
	.name = "svm",
	.vcpu_size = sizeof(struct svm_vcpu),
	.cpu_check = cpu_check,
	.init = svm_init,
	.exit = svm_exit,
	.cpu_enable = cpu_enable,
	.cpu_disable = cpu_disable,
	.vcpu_create = vcpu_create,
	.vcpu_destroy = vcpu_destroy,
	.vcpu_reset = vcpu_reset,
	.vcpu_load = vcpu_load,
	.vcpu_put = vcpu_put,
	.enter = enter,
	.get_seg = svm_get_seg,
	.set_seg = svm_set_seg,
	.get_msr = svm_get_msr,
	.set_msr = svm_set_msr,
	.set_sys = set_sys,
	.set_root = set_root,
	.flush_tlb = flush_tlb,
	.flush_gva = flush_gva,
	.inject = inject,
	.want_irq_window = want_irq_window,
	.want_nmi_window = want_nmi_window,
	.want_tpr_exit = want_tpr_exit,
	.dump = svm_dump,
};
