// SPDX-License-Identifier: GPL-2.0
/*
 * hw/svm/vmcb.c - build, change and print the control block
 *
 * What the guest sees of its registers is kept in struct vam_sys; what the CPU
 * gets is computed from that here, in svm_vmcb_set_sys(), and nowhere else: paging is always on (our shadow tables,
 * in PAE format unless the guest is in long mode), CR0.WP and EFER.NXE always
 * set, CR4.PCIDE never.
 *
 * Layer:    hw/svm. Called from svm.c and through the ops table.
 * Locks:    none; a control block belongs to its vCPU's thread.
 * Spec:     APM vol. 2 15.5, 15.9 (intercepts), 15.11 (MSR map), appendix B.
 */
#define pr_fmt(fmt) "vamhost: " fmt

#include <linux/io.h>
#include <linux/printk.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>
#include "core/alloc.h"
#include "core/vm.h"
#include "hw/svm/svm.h"

#define IOPM_ORDER 2 /* 12 KiB and 1 bit, in 16 KiB */
#define MSRPM_ORDER 1 /* 8 KiB */

/* One of each for all VMs: every port exits, few MSRs do not. */
static struct page *iopm, *msrpm;

/* Switched by VMRUN or VMLOAD/VMSAVE, so the guest may have them directly. */
static const u32 direct_msrs[] = {
	MSR_STAR,
	MSR_LSTAR,
	MSR_CSTAR,
	MSR_SYSCALL_MASK,
	MSR_KERNEL_GS_BASE,
	MSR_FS_BASE,
	MSR_GS_BASE,
	MSR_IA32_SYSENTER_CS,
	MSR_IA32_SYSENTER_ESP,
	MSR_IA32_SYSENTER_EIP,
};

/* Two bits per MSR (read, write) in three ranges of 8192: APM 15.11. */
static void let_through(u8 *map, u32 msr)
{
	static const u32 base[] = { 0, 0xc0000000, 0xc0010000 };
	unsigned int i, bit;

	for (i = 0; i < ARRAY_SIZE(base); i++) {
		if (msr - base[i] >= 8192)
			continue;
		bit = (msr - base[i]) * 2;
		map[i * 2048 + bit / 8] &= ~(3 << bit % 8);
	}
}

/**
 * svm_tables_init() - make the permission maps
 *
 * Context: module load. Return: 0 or -ENOMEM.
 */
int svm_tables_init(void)
{
	unsigned int i;

	iopm = alloc_pages(GFP_KERNEL, IOPM_ORDER);
	msrpm = alloc_pages(GFP_KERNEL, MSRPM_ORDER);
	if (!iopm || !msrpm) {
		svm_tables_exit();
		return -ENOMEM;
	}
	memset(page_address(iopm), 0xff, PAGE_SIZE << IOPM_ORDER);
	memset(page_address(msrpm), 0xff, PAGE_SIZE << MSRPM_ORDER);
	for (i = 0; i < ARRAY_SIZE(direct_msrs); i++)
		let_through(page_address(msrpm), direct_msrs[i]);
	return 0;
}

/* svm_tables_exit() - the opposite. */
void svm_tables_exit(void)
{
	if (iopm)
		__free_pages(iopm, IOPM_ORDER);
	if (msrpm)
		__free_pages(msrpm, MSRPM_ORDER);
	iopm = NULL;
	msrpm = NULL;
}

static const u8 always[] = {
	INTERCEPT_CR3_READ,
	INTERCEPT_CR0_WRITE,
	INTERCEPT_CR3_WRITE,
	INTERCEPT_CR4_WRITE,
	INTERCEPT_INTR,
	INTERCEPT_NMI,
	INTERCEPT_SMI,
	INTERCEPT_INIT,
	INTERCEPT_RDPMC,
	INTERCEPT_CPUID,
	INTERCEPT_RSM,
	INTERCEPT_INVD,
	INTERCEPT_HLT,
	INTERCEPT_INVLPG,
	INTERCEPT_INVLPGA,
	INTERCEPT_IOIO_PROT,
	INTERCEPT_MSR_PROT,
	INTERCEPT_TASK_SWITCH,
	INTERCEPT_SHUTDOWN,
	INTERCEPT_VMRUN,
	INTERCEPT_VMMCALL,
	INTERCEPT_VMLOAD,
	INTERCEPT_VMSAVE,
	INTERCEPT_STGI,
	INTERCEPT_CLGI,
	INTERCEPT_SKINIT,
	INTERCEPT_ICEBP,
	INTERCEPT_WBINVD,
	INTERCEPT_MONITOR,
	INTERCEPT_MWAIT,
	INTERCEPT_XSETBV,
	INTERCEPT_RDPRU,
	/*
	 * Exceptions: page faults are the shadow tables' food, #MC is the
	 * host's, and a guest whose #DB or #AC handler faults the same way
	 * again would never come back (CVE-2015-8104, CVE-2015-5307).
	 */
	INTERCEPT_EXCEPTION_OFFSET + X86_TRAP_PF,
	INTERCEPT_EXCEPTION_OFFSET + X86_TRAP_MC,
	INTERCEPT_EXCEPTION_OFFSET + X86_TRAP_DB,
	INTERCEPT_EXCEPTION_OFFSET + X86_TRAP_AC,
	/* EFER.SVME is on, so SVM instructions are #GP in user mode where the
	 * guest, which has no SVM, must see #UD. */
	INTERCEPT_EXCEPTION_OFFSET + X86_TRAP_GP,
};

static void set_all_intercepts(struct vmcb_control_area *c)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(always); i++)
		svm_set_intercept(c, always[i], true);
	/* DR0-DR3 stay the host's until the guest sets a breakpoint. */
	c->intercepts[INTERCEPT_DR] = ~0u;
	if (boot_cpu_has(X86_FEATURE_INVPCID))
		svm_set_intercept(c, INTERCEPT_INVPCID, true);
	if (svm_caps.pause_filter) {
		svm_set_intercept(c, INTERCEPT_PAUSE, true);
		c->pause_filter_count = 3000;
	}
}

/**
 * svm_vmcb_create() - allocate a control block and fill in what never changes
 * @svm: the vCPU
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int svm_vmcb_create(struct svm_vcpu *svm)
{
	struct vam_vm *vm = svm->vcpu.vm;
	struct vmcb_control_area *c;
	struct page *page;

	page = vam_alloc_pages(GFP_KERNEL, 0, NUMA_NO_NODE);
	if (!page)
		return -ENOMEM;
	vam_pin_add(&vm->pins, VAM_PIN_VCPU, 1);
	svm->vmcb = page_address(page);
	svm->vmcb_pa = page_to_phys(page);

	c = &svm->vmcb->control;
	set_all_intercepts(c);
	c->iopm_base_pa = page_to_phys(iopm);
	c->msrpm_base_pa = page_to_phys(msrpm);
	c->int_ctl = V_INTR_MASKING_MASK;
	return 0;
}

/* svm_vmcb_destroy() - the opposite; copes with one that was never made. */
void svm_vmcb_destroy(struct svm_vcpu *svm)
{
	if (!svm->vmcb)
		return;
	free_page((unsigned long)svm->vmcb);
	svm->vmcb = NULL;
	vam_pin_add(&svm->vcpu.vm->pins, VAM_PIN_VCPU, -1);
}

static struct vmcb_seg *find_seg(struct vmcb_save_area *save, unsigned int reg)
{
	switch (reg) {
	case VAM_SEG_ES:
		return &save->es;
	case VAM_SEG_CS:
		return &save->cs;
	case VAM_SEG_SS:
		return &save->ss;
	case VAM_SEG_DS:
		return &save->ds;
	case VAM_SEG_FS:
		return &save->fs;
	case VAM_SEG_GS:
		return &save->gs;
	case VAM_SEG_LDTR:
		return &save->ldtr;
	case VAM_SEG_TR:
		return &save->tr;
	case VAM_SEG_GDTR:
		return &save->gdtr;
	default:
		return &save->idtr;
	}
}

/**
 * svm_get_seg() - read a segment or table register
 * @vcpu: not in the guest
 * @reg: enum vam_seg_num or vam_table_reg
 * @seg: out
 */
void svm_get_seg(struct vam_vcpu *vcpu, unsigned int reg, struct vam_seg *seg)
{
	const struct vmcb_seg *s = find_seg(&to_svm(vcpu)->vmcb->save, reg);

	seg->selector = s->selector;
	seg->attr = svm_attr(s);
	seg->limit = s->limit;
	seg->base = s->base;
}

/* svm_set_seg() - write one; the CPL follows the DPL of SS. */
void svm_set_seg(struct vam_vcpu *vcpu, unsigned int reg,
		 const struct vam_seg *seg)
{
	struct vmcb_save_area *save = &to_svm(vcpu)->vmcb->save;
	struct vmcb_seg *s = find_seg(save, reg);

	s->selector = seg->selector;
	s->attrib = (seg->attr & 0xff) | (seg->attr >> 4 & 0xf00);
	s->limit = seg->limit;
	s->base = seg->base;
	if (reg == VAM_SEG_SS) {
		save->cpl = (seg->attr & VAM_SEG_DPL) >> VAM_SEG_DPL_SHIFT;
		vcpu->cpl = save->cpl;
	}
	if (reg == VAM_SEG_CS)
		vcpu->cs_attr = svm_attr(s);
}

static u64 *find_msr(struct vmcb_save_area *save, u32 index)
{
	switch (index) {
	case MSR_STAR:
		return &save->star;
	case MSR_LSTAR:
		return &save->lstar;
	case MSR_CSTAR:
		return &save->cstar;
	case MSR_SYSCALL_MASK:
		return &save->sfmask;
	case MSR_KERNEL_GS_BASE:
		return &save->kernel_gs_base;
	case MSR_FS_BASE:
		return &save->fs.base;
	case MSR_GS_BASE:
		return &save->gs.base;
	case MSR_IA32_SYSENTER_CS:
		return &save->sysenter_cs;
	case MSR_IA32_SYSENTER_ESP:
		return &save->sysenter_esp;
	case MSR_IA32_SYSENTER_EIP:
		return &save->sysenter_eip;
	}
	return NULL;
}

/**
 * svm_get_msr() - read an MSR that lives in the control block
 * @vcpu: not in the guest
 * @index: MSR number
 * @value: out
 *
 * Return: 0, -ENOENT.
 */
int svm_get_msr(struct vam_vcpu *vcpu, u32 index, u64 *value)
{
	u64 *p = find_msr(&to_svm(vcpu)->vmcb->save, index);

	if (!p)
		return -ENOENT;
	*value = *p;
	return 0;
}

/* svm_set_msr() - write one; the value was checked. */
int svm_set_msr(struct vam_vcpu *vcpu, u32 index, u64 value)
{
	u64 *p = find_msr(&to_svm(vcpu)->vmcb->save, index);

	if (!p)
		return -ENOENT;
	*p = value;
	return 0;
}

/**
 * svm_vmcb_set_sys() - compute what the CPU gets from what the guest set
 * @svm: not in the guest
 */
void svm_vmcb_set_sys(struct svm_vcpu *svm)
{
	const struct vam_sys *sys = &svm->vcpu.sys;
	struct vmcb_control_area *c = &svm->vmcb->control;
	struct vmcb_save_area *save = &svm->vmcb->save;
	bool paging = sys->cr0 & X86_CR0_PG;
	u64 cr0 = sys->cr0 | X86_CR0_PG | X86_CR0_WP;
	u64 cr4 = sys->cr4 & ~X86_CR4_PCIDE;

	/* Memory is cached whatever the guest's CR0 says, as on KVM. */
	cr0 &= ~(X86_CR0_CD | X86_CR0_NW);
	if (!svm->vcpu.fpu_on)
		cr0 |= X86_CR0_TS;
	if (!(sys->efer & EFER_LMA))
		cr4 = (cr4 | X86_CR4_PAE) & ~X86_CR4_LA57;
	/* Without paging there are no user pages to be kept from. */
	if (!paging)
		cr4 &= ~(X86_CR4_SMEP | X86_CR4_SMAP);

	save->cr0 = cr0;
	save->cr4 = cr4;
	save->efer = (sys->efer & ~(EFER_LME | EFER_LMA)) | EFER_SVME | EFER_NX;
	if (sys->efer & EFER_LMA)
		save->efer |= EFER_LME | EFER_LMA;
	save->dr6 = sys->dr6;
	save->dr7 = sys->dr7;
	c->tsc_offset = -svm->vcpu.tsc_base;

	svm_set_intercept(c, INTERCEPT_CR0_READ, cr0 != sys->cr0);
	svm_set_intercept(c, INTERCEPT_CR4_READ, cr4 != sys->cr4);
	svm_set_intercept(c, INTERCEPT_EXCEPTION_OFFSET + X86_TRAP_NM,
			  !svm->vcpu.fpu_on);
}

static void reset_seg(struct vmcb_seg *seg, u16 selector, u64 base, u16 attr)
{
	*seg = (struct vmcb_seg){
		.selector = selector,
		.attrib = attr,
		.limit = 0xffff,
		.base = base,
	};
}

/* svm_vmcb_reset() - segments, tables and MSRs as after INIT. */
void svm_vmcb_reset(struct svm_vcpu *svm)
{
	struct vmcb_control_area *c = &svm->vmcb->control;
	struct vmcb_save_area *save = &svm->vmcb->save;

	memset(save, 0, sizeof(*save));
	reset_seg(&save->cs, 0xf000, 0xffff0000, 0x9b);
	reset_seg(&save->ds, 0, 0, 0x93);
	reset_seg(&save->es, 0, 0, 0x93);
	reset_seg(&save->fs, 0, 0, 0x93);
	reset_seg(&save->gs, 0, 0, 0x93);
	reset_seg(&save->ss, 0, 0, 0x93);
	reset_seg(&save->ldtr, 0, 0, 0x82);
	reset_seg(&save->tr, 0, 0, 0x8b);
	reset_seg(&save->gdtr, 0, 0, 0);
	reset_seg(&save->idtr, 0, 0, 0);
	save->g_pat = 0x0007040600070406ULL;
	svm->vcpu.cpl = 0;
	svm->vcpu.cs_attr = svm_attr(&save->cs);

	c->event_inj = 0;
	c->int_state = 0;
	c->int_ctl = V_INTR_MASKING_MASK;
	svm_set_intercept(c, INTERCEPT_CR8_WRITE, false);
	svm_set_intercept(c, INTERCEPT_VINTR, false);
	svm_set_intercept(c, INTERCEPT_IRET, false);
	svm->nmi_iret = SVM_IRET_NONE;
	svm->stepping = false;
	svm->want_nmi = false;
	svm_vmcb_set_sys(svm);
}

/* svm_dump() - the control block's last words. */
void svm_dump(struct vam_vcpu *vcpu)
{
	const struct vmcb *vmcb = to_svm(vcpu)->vmcb;
	const struct vmcb_control_area *c = &vmcb->control;
	const struct vmcb_save_area *s = &vmcb->save;

	pr_info("vCPU %u: exit %#x info %#llx %#llx intinfo %#x inj %#x\n",
		vcpu->id, c->exit_code, c->exit_info_1, c->exit_info_2,
		c->exit_int_info, c->event_inj);
	pr_info("rip %#llx rflags %#llx rsp %#llx rax %#llx cpl %u\n", s->rip,
		s->rflags, s->rsp, s->rax, s->cpl);
	pr_info("cr0 %#llx cr2 %#llx cr3 %#llx cr4 %#llx efer %#llx dr6 %#llx dr7 %#llx\n",
		s->cr0, s->cr2, s->cr3, s->cr4, s->efer, s->dr6, s->dr7);
	pr_info("cs %#x %#x %#x %#llx ss %#x %#x %#x %#llx tr %#x %#x\n",
		s->cs.selector, s->cs.attrib, s->cs.limit, s->cs.base,
		s->ss.selector, s->ss.attrib, s->ss.limit, s->ss.base,
		s->tr.selector, s->tr.attrib);
}
