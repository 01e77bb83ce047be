// SPDX-License-Identifier: GPL-2.0
/*
 * run/cr.c - control and debug registers, INVLPG and INVPCID
 *
 * What a guest may write is checked here, against the rules of the processor
 * and the features it was told about; what the hardware then gets is the
 * backend's business.
 *
 * Layer:    run. Called from exit.c.
 * Spec:     SDM vol. 3 2.5 (control registers), 17.2 (debug registers); APM
 *           vol. 2 3.1, 13.1.
 */
#include <asm/cpufeature.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>
#include "core/hw.h"
#include "core/vm.h"
#include "dev/lapic.h"
#include "irq/virq.h"
#include "mmu/mmu.h"
#include "run/emul.h"
#include "run/run.h"

#define CR0_DEFINED                                                       \
	(X86_CR0_PE | X86_CR0_MP | X86_CR0_EM | X86_CR0_TS | X86_CR0_ET | \
	 X86_CR0_NE | X86_CR0_WP | X86_CR0_AM | X86_CR0_NW | X86_CR0_CD | \
	 X86_CR0_PG)
#define CR3_KEEP (1ULL << 63)
#define CR4_ALWAYS                                                            \
	(X86_CR4_VME | X86_CR4_PVI | X86_CR4_TSD | X86_CR4_DE | X86_CR4_PSE | \
	 X86_CR4_PAE | X86_CR4_MCE | X86_CR4_PGE | X86_CR4_PCE |              \
	 X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT)

/* Changes that make other translations of the same tables. */
#define CR0_MMU (X86_CR0_PG | X86_CR0_WP | X86_CR0_PE)
#define CR4_MMU                                                    \
	(X86_CR4_PSE | X86_CR4_PAE | X86_CR4_PGE | X86_CR4_PCIDE | \
	 X86_CR4_SMEP | X86_CR4_SMAP | X86_CR4_LA57)

#define DR6_FIXED 0xffff0ff0ULL
#define DR6_WRITABLE 0x0000e00fULL
#define DR6_BD (1ULL << 13)
#define DR7_FIXED 0x00000400ULL
#define DR7_WRITABLE 0xffff2bffULL
#define DR7_GD (1ULL << 13)

u64 vam_cr4_allowed(void)
{
	u64 cr4 = CR4_ALWAYS;

	if (boot_cpu_has(X86_FEATURE_FSGSBASE))
		cr4 |= X86_CR4_FSGSBASE;
	if (boot_cpu_has(X86_FEATURE_XSAVE))
		cr4 |= X86_CR4_OSXSAVE;
	if (boot_cpu_has(X86_FEATURE_SMEP))
		cr4 |= X86_CR4_SMEP;
	if (boot_cpu_has(X86_FEATURE_SMAP))
		cr4 |= X86_CR4_SMAP;
	if (boot_cpu_has(X86_FEATURE_UMIP))
		cr4 |= X86_CR4_UMIP;
	if (vam_cpuid_has_pcid())
		cr4 |= X86_CR4_PCIDE;
	if (vam_cpuid_has_la57())
		cr4 |= X86_CR4_LA57;
	return cr4;
}

/* Returns 0, or 1 when #GP was queued. */
static int set_cr0(struct vam_vcpu *vcpu, u64 value)
{
	struct vam_sys *sys = &vcpu->sys, old = *sys;
	u64 changed;

	value = (value & (CR0_DEFINED | ~0xffffffffULL)) | X86_CR0_ET;
	if (value >> 32 || ((value & X86_CR0_PG) && !(value & X86_CR0_PE)) ||
	    ((value & X86_CR0_NW) && !(value & X86_CR0_CD)))
		goto fault;

	changed = value ^ sys->cr0;
	if (changed & X86_CR0_PG) {
		if (value & X86_CR0_PG) {
			if (sys->efer & EFER_LME) {
				if (!(sys->cr4 & X86_CR4_PAE) ||
				    (vcpu->cs_attr & VAM_SEG_L))
					goto fault;
				sys->efer |= EFER_LMA;
			}
		} else {
			if ((sys->cr4 & X86_CR4_PCIDE) ||
			    ((sys->efer & EFER_LMA) &&
			     (vcpu->cs_attr & VAM_SEG_L)))
				goto fault;
			sys->efer &= ~EFER_LMA;
		}
	}
	sys->cr0 = value;
	if ((changed & CR0_MMU) && vam_mmu_mode_changed(vcpu)) {
		*sys = old;
		goto fault;
	}
	if (changed & CR0_MMU)
		vcpu->fetch.page = ~0ULL;
	vam_hw->set_sys(vcpu);
	return 0;

fault:
	vam_emul_gp(vcpu);
	return 1;
}

static int set_cr3(struct vam_vcpu *vcpu, u64 value)
{
	struct vam_sys *sys = &vcpu->sys;
	bool keep = false;
	u64 old = sys->cr3;

	if (sys->efer & EFER_LMA) {
		if (sys->cr4 & X86_CR4_PCIDE) {
			keep = value & CR3_KEEP;
			value &= ~CR3_KEEP;
		}
		if (value >> boot_cpu_data.x86_phys_bits)
			goto fault;
	} else if (!vam_emul_is_long(vcpu)) {
		value = (u32)value;
	}
	sys->cr3 = value;
	vcpu->fetch.page = ~0ULL;
	if (vam_mmu_set_cr3(vcpu, keep)) {
		sys->cr3 = old;
		goto fault;
	}
	return 0;

fault:
	vam_emul_gp(vcpu);
	return 1;
}

static int set_cr4(struct vam_vcpu *vcpu, u64 value)
{
	struct vam_sys *sys = &vcpu->sys;
	u64 old = sys->cr4, changed = value ^ old;

	if (value & ~vam_cr4_allowed())
		goto fault;
	if (sys->efer & EFER_LMA) {
		if (!(value & X86_CR4_PAE) || (changed & X86_CR4_LA57))
			goto fault;
	}
	if ((changed & value & X86_CR4_PCIDE) &&
	    (!(sys->efer & EFER_LMA) || (sys->cr3 & 0xfff)))
		goto fault;
	sys->cr4 = value;
	if ((changed & CR4_MMU) && vam_mmu_mode_changed(vcpu)) {
		sys->cr4 = old;
		goto fault;
	}
	if (changed & CR4_MMU)
		vcpu->fetch.page = ~0ULL;
	vam_hw->set_sys(vcpu);
	return 0;

fault:
	vam_emul_gp(vcpu);
	return 1;
}

static int set_cr8(struct vam_vcpu *vcpu, u64 value)
{
	if (value >> 4) {
		vam_emul_gp(vcpu);
		return 1;
	}
	vam_lapic_set_cr8(vcpu, value);
	return 0;
}

static int set_cr(struct vam_vcpu *vcpu, unsigned int nr, u64 value)
{
	switch (nr) {
	case 0:
		return set_cr0(vcpu, value);
	case 2:
		vcpu->sys.cr2 = value;
		return 0;
	case 3:
		return set_cr3(vcpu, value);
	case 4:
		return set_cr4(vcpu, value);
	case 8:
		return set_cr8(vcpu, value);
	}
	vam_emul_ud(vcpu);
	return 1;
}

static int get_cr(struct vam_vcpu *vcpu, unsigned int nr, u64 *value)
{
	switch (nr) {
	case 0:
		*value = vcpu->sys.cr0;
		return 0;
	case 2:
		*value = vcpu->sys.cr2;
		return 0;
	case 3:
		*value = vcpu->sys.cr3;
		return 0;
	case 4:
		*value = vcpu->sys.cr4;
		return 0;
	case 8:
		*value = vam_lapic_get_cr8(vcpu);
		return 0;
	}
	vam_emul_ud(vcpu);
	return 1;
}

/* LMSW and SMSW: the low word of CR0, from and to register or memory. */
static int machine_status(struct vam_vcpu *vcpu, const struct vam_insn *insn)
{
	gva_t gva = insn->has_mem ?
			    vam_emul_linear(vcpu, insn->seg,
					    vam_insn_ea(insn, &vcpu->regs)) :
			    0;
	u64 *gpr = &vcpu->regs.gpr[insn->rm], cr0 = vcpu->sys.cr0;
	u16 msw = cr0;

	if (insn->op == VAM_INSN_LMSW) {
		if (!insn->has_mem)
			msw = *gpr;
		else if (vam_emul_access(vcpu, gva, &msw, 2, false))
			return 1;
		/* PE can be set but not cleared this way. */
		return set_cr0(vcpu, (cr0 & ~0xeULL) | (msw & 0xf));
	}
	if (insn->has_mem)
		return vam_emul_access(vcpu, gva, &msw, 2, true);
	switch (insn->opsize) {
	case 2:
		*gpr = (*gpr & ~0xffffULL) | msw;
		break;
	case 4:
		*gpr = (u32)cr0;
		break;
	default:
		*gpr = cr0;
	}
	return 0;
}

/* The usual MOV CRn without the decoder: 0f 20 or 0f 22, ModRM. */
static bool quick_mov_cr(struct vam_vcpu *vcpu, unsigned int *nr,
			 unsigned int *gpr, bool *write)
{
	gva_t rip = vcpu->regs.rip;
	const u8 *b = vcpu->fetch.va + page_off(rip);

	if (vcpu->fetch.page != (rip & VAM_PAGE_MASK) ||
	    page_off(rip) > VAM_PAGE_SIZE - 3 || b[0] != 0x0f ||
	    (b[1] & ~2) != 0x20 || !vam_emul_is_long(vcpu))
		return false;
	*write = b[1] & 2;
	*nr = b[2] >> 3 & 7;
	*gpr = b[2] & 7;
	return true;
}

static int do_mov_cr(struct vam_vcpu *vcpu, unsigned int nr, unsigned int gpr,
		     bool write, bool wide, unsigned int len)
{
	u64 value = vcpu->regs.gpr[gpr];

	if (write) {
		if (set_cr(vcpu, nr, wide ? value : (u32)value))
			return 0;
	} else {
		if (get_cr(vcpu, nr, &value))
			return 0;
		vcpu->regs.gpr[gpr] = wide ? value : (u32)value;
	}
	vam_emul_skip(vcpu, len);
	return 0;
}

int vam_run_cr(struct vam_vcpu *vcpu)
{
	const struct vam_exit *exit = &vcpu->exit;
	unsigned int nr, gpr;
	struct vam_insn insn;
	bool write;

	if (exit->u.reg.known && exit->insn_len)
		return do_mov_cr(vcpu, exit->u.reg.nr, exit->u.reg.gpr,
				 exit->u.reg.write, vam_emul_is_long(vcpu),
				 exit->insn_len);
	if (quick_mov_cr(vcpu, &nr, &gpr, &write))
		return do_mov_cr(vcpu, nr, gpr, write, true, 3);

	if (vam_emul_fetch(vcpu, &insn))
		return 0;
	switch (insn.op) {
	case VAM_INSN_MOV_TO_CR:
	case VAM_INSN_MOV_FROM_CR:
		return do_mov_cr(vcpu, insn.reg, insn.rm,
				 insn.op == VAM_INSN_MOV_TO_CR,
				 insn.opsize == 8, insn.len);
	case VAM_INSN_CLTS:
		if (set_cr0(vcpu, vcpu->sys.cr0 & ~X86_CR0_TS))
			return 0;
		break;
	case VAM_INSN_LMSW:
	case VAM_INSN_SMSW:
		if (machine_status(vcpu, &insn))
			return 0;
		break;
	default:
		return 0; /* changed by another vCPU: it executes again */
	}
	vam_emul_skip(vcpu, insn.len);
	return 0;
}

static void queue_db(struct vam_vcpu *vcpu, u64 cause)
{
	vcpu->sys.dr6 |= cause;
	vcpu->sys.dr7 &= ~DR7_GD;
	vam_hw->set_sys(vcpu);
	vam_virq_exception(vcpu, X86_TRAP_DB, false, 0);
}

/* Returns 0, or 1 when an exception was queued. */
static int access_dr(struct vam_vcpu *vcpu, unsigned int nr, u64 *value,
		     bool write)
{
	struct vam_sys *sys = &vcpu->sys;

	if (sys->dr7 & DR7_GD) {
		queue_db(vcpu, DR6_BD);
		return 1;
	}
	if (nr == 4 || nr == 5) {
		if (sys->cr4 & X86_CR4_DE) {
			vam_emul_ud(vcpu);
			return 1;
		}
		nr += 2;
	}
	if (write && nr >= 6 && *value >> 32) {
		vam_emul_gp(vcpu);
		return 1;
	}
	if (!write)
		*value = nr == 6 ? sys->dr6 : nr == 7 ? sys->dr7 : sys->dr[nr];
	else if (nr == 6)
		sys->dr6 = (*value & DR6_WRITABLE) | DR6_FIXED;
	else if (nr == 7)
		sys->dr7 = (*value & DR7_WRITABLE) | DR7_FIXED;
	else
		sys->dr[nr] = *value;
	if (write)
		vam_hw->set_sys(vcpu);
	return 0;
}

int vam_run_dr(struct vam_vcpu *vcpu)
{
	const struct vam_exit *exit = &vcpu->exit;
	unsigned int nr = exit->u.reg.nr, gpr = exit->u.reg.gpr;
	unsigned int len = exit->insn_len;
	bool write = exit->u.reg.write, wide;
	struct vam_insn insn;
	u64 value;

	wide = vam_emul_is_long(vcpu);
	if (!exit->u.reg.known || !len) {
		if (vam_emul_fetch(vcpu, &insn))
			return 0;
		if (insn.op != VAM_INSN_MOV_TO_DR &&
		    insn.op != VAM_INSN_MOV_FROM_DR)
			return 0;
		nr = insn.reg;
		gpr = insn.rm;
		len = insn.len;
		write = insn.op == VAM_INSN_MOV_TO_DR;
	}
	value = vcpu->regs.gpr[gpr];
	if (write && !wide)
		value = (u32)value;
	if (access_dr(vcpu, nr, &value, write))
		return 0;
	if (!write)
		vcpu->regs.gpr[gpr] = wide ? value : (u32)value;
	vam_emul_skip(vcpu, len);
	return 0;
}

int vam_run_invlpg(struct vam_vcpu *vcpu)
{
	const struct vam_exit *exit = &vcpu->exit;
	unsigned int len = exit->insn_len;
	gva_t gva = exit->u.invlpg.gva;
	struct vam_insn insn;

	if (!exit->u.invlpg.known || !len) {
		if (vam_emul_fetch(vcpu, &insn))
			return 0;
		if (insn.op != VAM_INSN_INVLPG)
			return 0;
		gva = vam_emul_linear(vcpu, insn.seg,
				      vam_insn_ea(&insn, &vcpu->regs));
		len = insn.len;
	}
	vcpu->fetch.page = ~0ULL;
	vam_mmu_invlpg(vcpu, gva);
	vam_emul_skip(vcpu, len);
	return 0;
}

int vam_run_invpcid(struct vam_vcpu *vcpu)
{
	struct vam_insn insn;
	u64 desc[2] = { 0, 0 }, type;

	if (vam_emul_fetch(vcpu, &insn))
		return 0;
	if (insn.op != VAM_INSN_INVPCID)
		return 0;
	type = vcpu->regs.gpr[insn.reg];
	if (!vam_emul_is_long(vcpu))
		type = (u32)type;
	if (vam_emul_access(vcpu,
			    vam_emul_linear(vcpu, insn.seg,
					    vam_insn_ea(&insn, &vcpu->regs)),
			    desc, 16, false))
		return 0;
	/* SDM vol. 2, INVPCID: what is #GP(0). */
	if (type > 3 || desc[0] >> 12 ||
	    (type < 2 && desc[0] && !(vcpu->sys.cr4 & X86_CR4_PCIDE)) ||
	    (type == 0 && (u64)((s64)(desc[1] << 16) >> 16) != desc[1] &&
	     !(vcpu->sys.cr4 & X86_CR4_LA57))) {
		vam_emul_gp(vcpu);
		return 0;
	}
	vcpu->fetch.page = ~0ULL;
	vam_mmu_invpcid(vcpu, type, desc[0], desc[1]);
	vam_emul_skip(vcpu, insn.len);
	return 0;
}
