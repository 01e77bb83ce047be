// SPDX-License-Identifier: GPL-2.0
/*
 * ctl/ioctl_vcpu.c - read and write the registers of a vCPU that stands still
 *
 * Whatever user space writes must be harmless to the host. Values that the
 * host's own CPU would refuse when they are loaded around a guest (XCR0, MSRs
 * with non-canonical addresses, upper halves that must be zero) are refused
 * here; nonsense that only the guest notices is let through, and the VM dies of
 * it by itself.
 *
 * Layer:    ctl. Called through the table in ctl/ioctl.c.
 * Locks:    vm->lock keeps the VM from being started while we are at it.
 * Spec:     APM vol. 2 sections 3.1, 3.2, 11.5.2, 13.1.1, 15.5.1.
 */
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <asm/cpufeature.h>
#include <asm/fpu/types.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include "core/vm.h"
#include "ctl/ioctl.h"
#include "dev/lapic.h"
#include "run/run.h"

#define RFLAGS_KNOWN                                                        \
	(X86_EFLAGS_CF | X86_EFLAGS_FIXED | X86_EFLAGS_PF | X86_EFLAGS_AF | \
	 X86_EFLAGS_ZF | X86_EFLAGS_SF | X86_EFLAGS_TF | X86_EFLAGS_IF |    \
	 X86_EFLAGS_DF | X86_EFLAGS_OF | X86_EFLAGS_IOPL | X86_EFLAGS_NT |  \
	 X86_EFLAGS_RF | X86_EFLAGS_VM | X86_EFLAGS_AC | X86_EFLAGS_VIF |   \
	 X86_EFLAGS_VIP | X86_EFLAGS_ID)

#define CR0_KNOWN                                                         \
	(X86_CR0_PE | X86_CR0_MP | X86_CR0_EM | X86_CR0_TS | X86_CR0_ET | \
	 X86_CR0_NE | X86_CR0_WP | X86_CR0_AM | X86_CR0_NW | X86_CR0_CD | \
	 X86_CR0_PG)

#define PAT_RESET 0x0007040600070406ULL

/* MSRs that the backend keeps, and where they are in the UAPI struct. */
static const struct {
	u32 index;
	size_t offset;
	bool address; /* must be canonical; else at most 32 bits, unless... */
	bool any; /* ...all values are allowed */
} msrs[] = {
#define MSR(nr, field, ...)                                                 \
	{                                                                   \
		nr, offsetof(struct vamhost_vcpu_state, field), __VA_ARGS__ \
	}
	MSR(MSR_STAR, star, .any = true),
	MSR(MSR_LSTAR, lstar, .address = true),
	MSR(MSR_CSTAR, cstar, .address = true),
	MSR(MSR_SYSCALL_MASK, sfmask),
	MSR(MSR_KERNEL_GS_BASE, kernel_gs_base, .address = true),
	MSR(MSR_IA32_SYSENTER_CS, sysenter_cs),
	MSR(MSR_IA32_SYSENTER_ESP, sysenter_esp, .address = true),
	MSR(MSR_IA32_SYSENTER_EIP, sysenter_eip, .address = true),
#undef MSR
};

static u64 *msr_field(struct vamhost_vcpu_state *s, unsigned int i)
{
	return (u64 *)((char *)s + msrs[i].offset);
}

static_assert((int)VAMHOST_NR_GPRS == (int)VAM_NR_GPRS);
static_assert((int)VAMHOST_ES == (int)VAM_SEG_ES);
static_assert((int)VAMHOST_GS == (int)VAM_SEG_GS);
static_assert((int)VAMHOST_LDTR == (int)VAM_SEG_LDTR);
static_assert((int)VAMHOST_IDTR == (int)VAM_SEG_IDTR);
static_assert((int)VAMHOST_NR_SEGS == (int)VAM_SEG_ALL);
static_assert((int)VAMHOST_VCPU_WAIT_SIPI == (int)VAM_VCPU_WAIT_SIPI);

static bool is_canonical(u64 address)
{
	unsigned int unused = boot_cpu_has(X86_FEATURE_LA57) ? 7 : 16;

	return (u64)((s64)(address << unused) >> unused) == address;
}

static bool control_registers_are_good(const struct vamhost_vcpu_state *s)
{
	bool lma;

	if (s->cr0 & ~CR0_KNOWN || s->cr4 & ~vam_cr4_allowed() ||
	    s->efer & ~vam_efer_allowed() || s->cr8 > 15)
		return false;
	if (s->cr0 & X86_CR0_PG && !(s->cr0 & X86_CR0_PE))
		return false;
	if (s->cr0 & X86_CR0_NW && !(s->cr0 & X86_CR0_CD))
		return false;
	/* LMA is not a switch: it says that the other two are on. */
	lma = s->cr0 & X86_CR0_PG && s->efer & EFER_LME;
	if (lma != !!(s->efer & EFER_LMA))
		return false;
	if (lma && !(s->cr4 & X86_CR4_PAE))
		return false;
	if (s->cr4 & X86_CR4_PCIDE && !lma)
		return false;
	return !(s->cr3 >> boot_cpu_data.x86_phys_bits);
}

/* The host loads it with XSETBV, which faults on what is not allowed. */
static bool xcr0_is_good(u64 xcr0)
{
	if (xcr0 & ~vam_fpu_features())
		return false;
	if (!(xcr0 & XFEATURE_MASK_FP))
		return false;
	return !(xcr0 & XFEATURE_MASK_YMM) || xcr0 & XFEATURE_MASK_SSE;
}

static bool segments_are_good(const struct vamhost_vcpu_state *s)
{
	const struct vamhost_seg *seg;
	int i;

	for (i = 0; i < VAMHOST_NR_SEGS; i++) {
		seg = &s->seg[i];
		if (seg->attr & 0x0f00 || !is_canonical(seg->base))
			return false;
		switch (i) {
		case VAMHOST_ES:
		case VAMHOST_CS:
		case VAMHOST_SS:
		case VAMHOST_DS:
			if (seg->base >> 32)
				return false;
			break;
		case VAMHOST_GDTR:
		case VAMHOST_IDTR:
			if (seg->limit > 0xffff || seg->selector || seg->attr)
				return false;
			break;
		}
	}
	return true;
}

static bool pat_is_good(u64 pat)
{
	int i;

	for (i = 0; i < 64; i += 8) {
		u8 type = pat >> i;

		if (type > 7 || type == 2 || type == 3)
			return false;
	}
	return true;
}

static bool msrs_are_good(struct vamhost_vcpu_state *s)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(msrs); i++) {
		u64 value = *msr_field(s, i);

		if (msrs[i].any)
			continue;
		if (msrs[i].address ? !is_canonical(value) : value >> 32 != 0)
			return false;
	}
	return pat_is_good(s->pat);
}

static bool state_is_good(struct vamhost_vcpu_state *s)
{
	if (s->reserved || s->run > VAMHOST_VCPU_WAIT_SIPI ||
	    s->blocked & ~(VAMHOST_BLOCKED_SHADOW | VAMHOST_BLOCKED_NMI))
		return false;
	if (s->rflags & ~(u64)RFLAGS_KNOWN)
		return false;
	if (s->dr6 >> 32 || s->dr7 >> 32 || s->tsc_aux >> 32)
		return false;
	return control_registers_are_good(s) && xcr0_is_good(s->xcr0) &&
	       segments_are_good(s) && msrs_are_good(s);
}

/* @s was checked; the vCPU's thread stands still. */
static void put_state(struct vam_vcpu *vcpu, struct vamhost_vcpu_state *s)
{
	struct vam_seg seg;
	int i;

	vcpu->state = s->run;
	vcpu->int_shadow = s->blocked & VAMHOST_BLOCKED_SHADOW;
	vcpu->nmi_masked = s->blocked & VAMHOST_BLOCKED_NMI;
	memcpy(vcpu->regs.gpr, s->gpr, sizeof(vcpu->regs.gpr));
	vcpu->regs.rip = s->rip;
	vcpu->regs.rflags = s->rflags | X86_EFLAGS_FIXED;
	vcpu->sys = (struct vam_sys){
		.cr0 = s->cr0 | X86_CR0_ET,
		.cr2 = s->cr2,
		.cr3 = s->cr3,
		.cr4 = s->cr4,
		.cr8 = s->cr8,
		.efer = s->efer,
		.xcr0 = s->xcr0,
		.pat = s->pat,
		.tsc_aux = s->tsc_aux,
		.dr = { s->dr[0], s->dr[1], s->dr[2], s->dr[3] },
		.dr6 = s->dr6,
		.dr7 = s->dr7,
	};
	for (i = 0; i < VAMHOST_NR_SEGS; i++) {
		seg = (struct vam_seg){
			.selector = s->seg[i].selector,
			.attr = s->seg[i].attr,
			.limit = s->seg[i].limit,
			.base = s->seg[i].base,
		};
		vam_hw->set_seg(vcpu, i, &seg);
	}
	/* -ENOENT: this CPU has no such MSR, so it does not matter. */
	for (i = 0; i < ARRAY_SIZE(msrs); i++)
		vam_hw->set_msr(vcpu, msrs[i].index, *msr_field(s, i));
	vam_lapic_set_cr8(vcpu, s->cr8);
	vam_hw->set_sys(vcpu);
	vcpu->fetch.page = ~0ULL;
	/* The thread works out the new paging mode and root for itself. */
	vam_vcpu_request(vcpu, VAM_REQ_ROOT);
	vam_vcpu_request(vcpu, VAM_REQ_TLB);
}

static void get_state(struct vam_vcpu *vcpu, struct vamhost_vcpu_state *s)
{
	const struct vam_sys *sys = &vcpu->sys;
	struct vam_seg seg;
	int i;

	s->run = vcpu->state;
	s->blocked = (vcpu->int_shadow ? VAMHOST_BLOCKED_SHADOW : 0) |
		     (vcpu->nmi_masked ? VAMHOST_BLOCKED_NMI : 0);
	memcpy(s->gpr, vcpu->regs.gpr, sizeof(s->gpr));
	s->rip = vcpu->regs.rip;
	s->rflags = vcpu->regs.rflags;
	s->cr0 = sys->cr0;
	s->cr2 = sys->cr2;
	s->cr3 = sys->cr3;
	s->cr4 = sys->cr4;
	s->cr8 = vam_lapic_get_cr8(vcpu);
	s->efer = sys->efer;
	s->xcr0 = sys->xcr0;
	s->pat = sys->pat;
	s->tsc_aux = sys->tsc_aux;
	for (i = 0; i < ARRAY_SIZE(s->dr); i++)
		s->dr[i] = sys->dr[i];
	s->dr6 = sys->dr6;
	s->dr7 = sys->dr7;
	for (i = 0; i < VAMHOST_NR_SEGS; i++) {
		seg = (struct vam_seg){};
		vam_hw->get_seg(vcpu, i, &seg);
		s->seg[i].selector = seg.selector;
		s->seg[i].attr = seg.attr;
		s->seg[i].limit = seg.limit;
		s->seg[i].base = seg.base;
	}
	for (i = 0; i < ARRAY_SIZE(msrs); i++)
		if (vam_hw->get_msr(vcpu, msrs[i].index, msr_field(s, i)))
			*msr_field(s, i) = 0;
}

static struct vam_vcpu *find_vcpu(struct vam_vm *vm, u32 id)
{
	if (id >= vm->nr_vcpus)
		return NULL;
	return vm->vcpus[array_index_nospec(id, vm->nr_vcpus)];
}

/**
 * vam_ioctl_vcpu_get_state() - VAMHOST_VCPU_GET_STATE
 * @call: the command
 *
 * Return: 0; -ENOENT no such vCPU; -EBUSY it runs.
 */
int vam_ioctl_vcpu_get_state(struct vam_ioctl_call *call)
{
	struct vamhost_vcpu_state *s = &call->arg->vcpu_state;
	struct vam_vcpu *vcpu = find_vcpu(call->vm, s->vcpu);
	int err = 0;

	if (s->reserved)
		return -EINVAL;
	if (!vcpu)
		return -ENOENT;
	mutex_lock(&call->vm->lock);
	if (vam_vm_is_stopped(call->vm))
		get_state(vcpu, s);
	else
		err = -EBUSY;
	mutex_unlock(&call->vm->lock);
	return err;
}

/**
 * vam_ioctl_vcpu_set_state() - VAMHOST_VCPU_SET_STATE
 * @call: the command
 *
 * Return: 0; -ENOENT no such vCPU; -EINVAL; -EBUSY it runs or is dead.
 */
int vam_ioctl_vcpu_set_state(struct vam_ioctl_call *call)
{
	struct vamhost_vcpu_state *s = &call->arg->vcpu_state;
	struct vam_vcpu *vcpu = find_vcpu(call->vm, s->vcpu);
	int err = 0;

	if (!vcpu)
		return -ENOENT;
	if (!s->xcr0)
		s->xcr0 = XFEATURE_MASK_FP;
	if (!s->pat)
		s->pat = PAT_RESET;
	if (!state_is_good(s))
		return -EINVAL;
	mutex_lock(&call->vm->lock);
	if (vam_vm_is_stopped(call->vm) && !vam_vm_is_dead(call->vm))
		put_state(vcpu, s);
	else
		err = -EBUSY;
	mutex_unlock(&call->vm->lock);
	return err;
}
