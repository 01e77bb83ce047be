// SPDX-License-Identifier: GPL-2.0
/*
 * run/fpu.c - the guest's FPU, SSE and AVX state, and XSETBV
 *
 * The scheduler does not save FPU registers of kernel threads, so the guest's
 * are put in just before an entry and taken out right after, inside
 * kernel_fpu_begin/end with preemption off. A guest that does not touch the
 * FPU does not pay: until its first use the backend makes that exit, and after
 * the thread was scheduled out it starts there again.
 *
 * Layer:    run. Called from run.c and exit.c.
 * Spec:     SDM vol. 1 chapter 13 (XSAVE).
 */
#include <asm/cpufeature.h>
#include <asm/fpu/api.h>
#include <asm/fpu/xcr.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>
#include "core/alloc.h"
#include "core/vm.h"
#include "irq/virq.h"
#include "run/emul.h"
#include "run/run.h"

#define XCR0_X87 1ULL
#define XCR0_SSE 2ULL
#define XCR0_AVX 4ULL
#define AREA_ORDER 0 /* x87, SSE, header, AVX: 832 bytes of a page */

#define FCW_INIT 0x37f
#define MXCSR_INIT 0x1f80

/* struct vam_fpu - an XSAVE area in standard format, in a page of its own */
struct vam_fpu {
	u8 *area;
};

u64 vam_fpu_features(void)
{
	u64 host;

	if (!boot_cpu_has(X86_FEATURE_XSAVE))
		return XCR0_X87 | XCR0_SSE;
	host = xgetbv(XCR_XFEATURE_ENABLED_MASK);
	return host & (XCR0_X87 | XCR0_SSE | XCR0_AVX);
}

static int vcpu_create(struct vam_vcpu *vcpu)
{
	struct page *page;

	vcpu->fpu = vam_zalloc(sizeof(*vcpu->fpu));
	if (!vcpu->fpu)
		return -ENOMEM;
	page = vam_alloc_pages(GFP_KERNEL, AREA_ORDER, NUMA_NO_NODE);
	if (!page) {
		kfree(vcpu->fpu);
		vcpu->fpu = NULL;
		return -ENOMEM;
	}
	vam_pin_add(&vcpu->vm->pins, VAM_PIN_VCPU, 1);
	vcpu->fpu->area = page_address(page);
	return 0;
}

static void vcpu_destroy(struct vam_vcpu *vcpu)
{
	free_page((unsigned long)vcpu->fpu->area);
	vam_pin_add(&vcpu->vm->pins, VAM_PIN_VCPU, -1);
	kfree(vcpu->fpu);
	vcpu->fpu = NULL;
}

/* INIT leaves the FPU alone on real CPUs; ours starts each life clean. */
static void vcpu_reset(struct vam_vcpu *vcpu)
{
	memset(vcpu->fpu->area, 0, PAGE_SIZE << AREA_ORDER);
	*(u16 *)vcpu->fpu->area = FCW_INIT;
	*(u32 *)(vcpu->fpu->area + 24) = MXCSR_INIT;
	/* XSTATE_BV: x87 and SSE are in the area, AVX is at its initial. */
	*(u64 *)(vcpu->fpu->area + 512) = XCR0_X87 | XCR0_SSE;
}

const struct vam_part vam_fpu_part = {
	.name = "fpu",
	.vcpu_create = vcpu_create,
	.vcpu_destroy = vcpu_destroy,
	.vcpu_reset = vcpu_reset,
};

void vam_fpu_load(struct vam_vcpu *vcpu)
{
	static const u32 zero;
	u8 *area = vcpu->fpu->area;
	u64 mask = vam_fpu_features();

	/* 0: what is in the registers need not be brought to a known state. */
	kernel_fpu_begin_mask(0);
	/* Some CPUs do not load FIP, FDP and FOP: the host's must not stay. */
	if (static_cpu_has_bug(X86_BUG_FXSAVE_LEAK))
		asm volatile("fnclex; emms; fildl %0" : : "m"(zero));
	if (boot_cpu_has(X86_FEATURE_XSAVE))
		asm volatile("xrstor64 (%0)"
			     :
			     : "r"(area), "a"((u32)mask), "d"(0)
			     : "memory");
	else
		asm volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

void vam_fpu_save(struct vam_vcpu *vcpu)
{
	u8 *area = vcpu->fpu->area;
	u64 mask = vam_fpu_features();

	if (boot_cpu_has(X86_FEATURE_XSAVE))
		asm volatile("xsave64 (%0)"
			     :
			     : "r"(area), "a"((u32)mask), "d"(0)
			     : "memory");
	else
		asm volatile("fxsave64 (%0)" : : "r"(area) : "memory");
	kernel_fpu_end();
}

void vam_fpu_off(struct vam_vcpu *vcpu)
{
	if (!vcpu->fpu_on)
		return;
	vcpu->fpu_on = false;
	vam_hw->set_sys(vcpu);
}

int vam_run_fpu(struct vam_vcpu *vcpu)
{
	if (vcpu->sys.cr0 & (X86_CR0_TS | X86_CR0_EM)) {
		/* The guest's own #NM: it has not loaded its task's state. */
		vam_virq_exception(vcpu, X86_TRAP_NM, false, 0);
		return 0;
	}
	vcpu->fpu_on = true;
	vam_hw->set_sys(vcpu);
	return 0;
}

int vam_run_xsetbv(struct vam_vcpu *vcpu)
{
	struct vam_regs *regs = &vcpu->regs;
	u64 value = (u32)regs->gpr[VAM_RAX] | regs->gpr[VAM_RDX] << 32;
	struct vam_insn insn;

	if (!(vcpu->sys.cr4 & X86_CR4_OSXSAVE)) {
		vam_emul_ud(vcpu);
		return 0;
	}
	if (vcpu->cpl || (u32)regs->gpr[VAM_RCX] || !(value & XCR0_X87) ||
	    (value & ~vam_fpu_features()) ||
	    ((value & XCR0_AVX) && !(value & XCR0_SSE))) {
		vam_emul_gp(vcpu);
		return 0;
	}
	vcpu->sys.xcr0 = value;
	if (vcpu->exit.insn_len)
		vam_emul_skip(vcpu, vcpu->exit.insn_len);
	else if (!vam_emul_fetch(vcpu, &insn))
		vam_emul_skip(vcpu, insn.len);
	return 0;
}
