// SPDX-License-Identifier: GPL-2.0
/*
 * run/msr.c - model-specific registers
 *
 * A whitelist: an MSR that is not named here is #GP for the guest, as it is on
 * a CPU that does not have it. Those that the hardware switches with the vCPU
 * rarely come here at all; the backend lets the guest have them.
 *
 * Layer:    run. Called from exit.c.
 * Spec:     SDM vol. 4; APM vol. 2 appendix A.
 */
#include <linux/preempt.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include "core/alloc.h"
#include "core/hw.h"
#include "core/vm.h"
#include "dev/lapic.h"
#include "mmu/mmu.h"
#include "run/emul.h"
#include "run/run.h"

#define NR_MTRR_VAR 8
#define MTRR_CAP (NR_MTRR_VAR | 1 << 8 | 1 << 10) /* fixed, WC */
#define MTRR_DEF_BITS 0xcffULL

/* Memory type ranges have no effect, but a guest may set them up. */
struct vam_msrs {
	u64 mtrr_var[NR_MTRR_VAR * 2];
	u64 mtrr_fixed[11];
	u64 mtrr_def;
	u64 debugctl;
};

static int vcpu_create(struct vam_vcpu *vcpu)
{
	vcpu->msrs = vam_zalloc(sizeof(*vcpu->msrs));
	return vcpu->msrs ? 0 : -ENOMEM;
}

static void vcpu_destroy(struct vam_vcpu *vcpu)
{
	kfree(vcpu->msrs);
	vcpu->msrs = NULL;
}

const struct vam_part vam_msr_part = {
	.name = "msr",
	.vcpu_create = vcpu_create,
	.vcpu_destroy = vcpu_destroy,
};

u64 vam_efer_allowed(void)
{
	u64 efer = EFER_SCE | EFER_LME | EFER_LMA;

	if (boot_cpu_has(X86_FEATURE_NX))
		efer |= EFER_NX;
	if (boot_cpu_has(X86_FEATURE_FXSR_OPT))
		efer |= EFER_FFXSR;
	return efer;
}

static int set_efer(struct vam_vcpu *vcpu, u64 value)
{
	struct vam_sys *sys = &vcpu->sys;
	u64 old = sys->efer;

	if (value & ~vam_efer_allowed())
		return -EINVAL;
	/* LMA is the CPU's to set. */
	value = (value & ~EFER_LMA) | (old & EFER_LMA);
	if (((value ^ old) & EFER_LME) && (sys->cr0 & X86_CR0_PG))
		return -EINVAL;
	sys->efer = value;
	if (((value ^ old) & EFER_NX) && vam_mmu_mode_changed(vcpu)) {
		sys->efer = old;
		return -EINVAL;
	}
	vam_hw->set_sys(vcpu);
	return 0;
}

/* Every byte a defined memory type: SDM vol. 3 table 12-10. */
static bool pat_is_valid(u64 value)
{
	unsigned int i;

	for (i = 0; i < 8; i++, value >>= 8)
		if ((value & 0xff) > 7 || (value & 0xff) == 2 ||
		    (value & 0xff) == 3)
			return false;
	return true;
}

/* The slot of a memory type range register, NULL if @index is none. */
static u64 *find_mtrr(struct vam_vcpu *vcpu, u32 index)
{
	struct vam_msrs *m = vcpu->msrs;

	switch (index) {
	case 0x200 ... 0x200 + NR_MTRR_VAR * 2 - 1:
		return &m->mtrr_var[index - 0x200];
	case MSR_MTRRfix64K_00000:
		return &m->mtrr_fixed[0];
	case MSR_MTRRfix16K_80000:
	case MSR_MTRRfix16K_A0000:
		return &m->mtrr_fixed[1 + index - MSR_MTRRfix16K_80000];
	case MSR_MTRRfix4K_C0000 ... MSR_MTRRfix4K_F8000:
		return &m->mtrr_fixed[3 + index - MSR_MTRRfix4K_C0000];
	case MSR_MTRRdefType:
		return &m->mtrr_def;
	}
	return NULL;
}

static int set_mtrr(u32 index, u64 *slot, u64 value)
{
	u64 addr = ~0ULL << boot_cpu_data.x86_phys_bits;

	if (index == MSR_MTRRdefType && (value & ~MTRR_DEF_BITS))
		return -EINVAL;
	if (index >= 0x200 && index < 0x200 + NR_MTRR_VAR * 2 &&
	    (value & (addr | (index & 1 ? 0x7ff : 0xf00))))
		return -EINVAL;
	*slot = value;
	return 0;
}

static bool is_canonical(struct vam_vcpu *vcpu, u64 value)
{
	unsigned int drop = vcpu->sys.cr4 & X86_CR4_LA57 ? 7 : 16;

	return (u64)((s64)(value << drop) >> drop) == value;
}

static int get_msr(struct vam_vcpu *vcpu, u32 index, u64 *value)
{
	u64 *mtrr = find_mtrr(vcpu, index);
	int err;

	if (mtrr) {
		*value = *mtrr;
		return 0;
	}
	err = vam_lapic_get_msr(vcpu, index, value);
	if (err != -ENOENT)
		return err;
	err = vam_hw->get_msr(vcpu, index, value);
	if (err != -ENOENT)
		return err;

	*value = 0;
	switch (index) {
	case MSR_IA32_TSC:
		*value = vam_vcpu_tsc(vcpu);
		return 0;
	case MSR_EFER:
		*value = vcpu->sys.efer;
		return 0;
	case MSR_IA32_CR_PAT:
		*value = vcpu->sys.pat;
		return 0;
	case MSR_TSC_AUX:
		*value = vcpu->sys.tsc_aux;
		return 0;
	case MSR_IA32_DEBUGCTLMSR:
		*value = vcpu->msrs->debugctl;
		return 0;
	case MSR_MTRRcap:
		*value = MTRR_CAP;
		return 0;
	case MSR_IA32_MCG_CAP: /* no banks */
	case MSR_IA32_MCG_STATUS:
	case MSR_IA32_PLATFORM_ID:
	case MSR_IA32_UCODE_REV:
	case MSR_K7_HWCR:
	case MSR_AMD64_SYSCFG:
	case MSR_VM_CR:
		return 0;
	case MSR_AMD64_DE_CFG:
		*value =
			1
			<< 1; /* LFENCE serializes, as on every CPU we run on */
		return 0;
	}
	return -ENOENT;
}

static int set_msr(struct vam_vcpu *vcpu, u32 index, u64 value)
{
	u64 *mtrr = find_mtrr(vcpu, index), old;
	int err;

	if (mtrr)
		return set_mtrr(index, mtrr, value);
	err = vam_lapic_set_msr(vcpu, index, value);
	if (err != -ENOENT)
		return err;
	if (!vam_hw->get_msr(vcpu, index, &old)) {
		if (index != MSR_STAR && index != MSR_SYSCALL_MASK &&
		    index != MSR_IA32_SYSENTER_CS && !is_canonical(vcpu, value))
			return -EINVAL;
		return vam_hw->set_msr(vcpu, index, value);
	}

	switch (index) {
	case MSR_IA32_TSC:
		vcpu->tsc_base = rdtsc_ordered() - value;
		vam_hw->set_sys(vcpu);
		return 0;
	case MSR_EFER:
		return set_efer(vcpu, value);
	case MSR_IA32_CR_PAT:
		if (!pat_is_valid(value))
			return -EINVAL;
		vcpu->sys.pat = value;
		return 0;
	case MSR_TSC_AUX:
		if (value >> 32)
			return -EINVAL;
		vcpu->sys.tsc_aux = value;
		/* RDTSCP reads the register itself: the entry loads it. */
		preempt_disable();
		if (vcpu->cpu >= 0)
			vam_hw->vcpu_put(vcpu);
		WRITE_ONCE(vcpu->cpu, -1);
		preempt_enable();
		return 0;
	case MSR_IA32_DEBUGCTLMSR:
		/* Nothing is recorded: only "off" is true. */
		return value & ~3ULL ? -EINVAL : 0;
	case MSR_IA32_MCG_STATUS:
		return value ? -EINVAL : 0;
	case MSR_IA32_UCODE_REV:
	case MSR_K7_HWCR:
	case MSR_AMD64_SYSCFG:
	case MSR_AMD64_DE_CFG:
		return 0; /* there is nothing to set */
	}
	return -ENOENT;
}

int vam_run_msr(struct vam_vcpu *vcpu)
{
	u64 *gpr = vcpu->regs.gpr, value;
	u32 index = gpr[VAM_RCX];
	int err;

	if (vcpu->exit.u.msr.write) {
		value = (u32)gpr[VAM_RAX] | gpr[VAM_RDX] << 32;
		err = set_msr(vcpu, index, value);
	} else {
		err = get_msr(vcpu, index, &value);
	}
	if (err) {
		vam_emul_gp(vcpu);
		return 0;
	}
	if (vam_emul_skip_two(vcpu, vcpu->exit.u.msr.write ? 0x30 : 0x32))
		return 0;
	if (!vcpu->exit.u.msr.write) {
		gpr[VAM_RAX] = (u32)value;
		gpr[VAM_RDX] = value >> 32;
	}
	return 0;
}
