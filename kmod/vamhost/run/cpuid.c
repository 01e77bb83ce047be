// SPDX-License-Identifier: GPL-2.0
/*
 * run/cpuid.c - what CPUID tells a guest
 *
 * A whitelist: a feature is shown when the host's CPU has it and we know that
 * a guest may use it. Whatever is not named below reads as zero.
 *
 * Layer:    run. Called from exit.c.
 * Spec:     SDM vol. 2 CPUID; APM vol. 3 appendix E.
 */
#include <asm/cpufeature.h>
#include <asm/processor-flags.h>
#include <asm/processor.h>
#include "core/vm.h"
#include "dev/lapic.h"
#include "run/emul.h"
#include "run/run.h"

#define BIT_OF(feature) (1u << ((feature)&31))

#define LEAF1_EDX                                                \
	(BIT_OF(X86_FEATURE_FPU) | BIT_OF(X86_FEATURE_VME) |     \
	 BIT_OF(X86_FEATURE_DE) | BIT_OF(X86_FEATURE_PSE) |      \
	 BIT_OF(X86_FEATURE_TSC) | BIT_OF(X86_FEATURE_MSR) |     \
	 BIT_OF(X86_FEATURE_PAE) | BIT_OF(X86_FEATURE_MCE) |     \
	 BIT_OF(X86_FEATURE_CX8) | BIT_OF(X86_FEATURE_SEP) |     \
	 BIT_OF(X86_FEATURE_MTRR) | BIT_OF(X86_FEATURE_PGE) |    \
	 BIT_OF(X86_FEATURE_MCA) | BIT_OF(X86_FEATURE_CMOV) |    \
	 BIT_OF(X86_FEATURE_PAT) | BIT_OF(X86_FEATURE_PSE36) |   \
	 BIT_OF(X86_FEATURE_CLFLUSH) | BIT_OF(X86_FEATURE_MMX) | \
	 BIT_OF(X86_FEATURE_FXSR) | BIT_OF(X86_FEATURE_XMM) |    \
	 BIT_OF(X86_FEATURE_XMM2))

#define LEAF1_ECX                                                   \
	(BIT_OF(X86_FEATURE_XMM3) | BIT_OF(X86_FEATURE_PCLMULQDQ) | \
	 BIT_OF(X86_FEATURE_SSSE3) | BIT_OF(X86_FEATURE_FMA) |      \
	 BIT_OF(X86_FEATURE_CX16) | BIT_OF(X86_FEATURE_XMM4_1) |    \
	 BIT_OF(X86_FEATURE_XMM4_2) | BIT_OF(X86_FEATURE_MOVBE) |   \
	 BIT_OF(X86_FEATURE_POPCNT) | BIT_OF(X86_FEATURE_AES) |     \
	 BIT_OF(X86_FEATURE_XSAVE) | BIT_OF(X86_FEATURE_AVX) |      \
	 BIT_OF(X86_FEATURE_F16C) | BIT_OF(X86_FEATURE_RDRAND))

/* Ours, whatever the host has. */
#define LEAF1_ECX_EMULATED                                                     \
	(BIT_OF(X86_FEATURE_X2APIC) | BIT_OF(X86_FEATURE_TSC_DEADLINE_TIMER) | \
	 BIT_OF(X86_FEATURE_HYPERVISOR))

#define LEAF7_EBX                                                    \
	(BIT_OF(X86_FEATURE_FSGSBASE) | BIT_OF(X86_FEATURE_BMI1) |   \
	 BIT_OF(X86_FEATURE_AVX2) | BIT_OF(X86_FEATURE_SMEP) |       \
	 BIT_OF(X86_FEATURE_BMI2) | BIT_OF(X86_FEATURE_ERMS) |       \
	 BIT_OF(X86_FEATURE_RDSEED) | BIT_OF(X86_FEATURE_ADX) |      \
	 BIT_OF(X86_FEATURE_SMAP) | BIT_OF(X86_FEATURE_CLFLUSHOPT) | \
	 BIT_OF(X86_FEATURE_CLWB) | BIT_OF(X86_FEATURE_SHA_NI))

#define LEAF7_ECX (BIT_OF(X86_FEATURE_UMIP))
#define LEAF7_EDX (BIT_OF(X86_FEATURE_FSRM))

/* XSAVEOPT, XSAVEC, XGETBV with ECX=1; no XSAVES, which has an MSR. */
#define LEAF_D_1_EAX 0x7

#define EXT1_EDX                                                             \
	(LEAF1_EDX & 0x0183f3ff) | BIT_OF(X86_FEATURE_SYSCALL) |             \
		BIT_OF(X86_FEATURE_NX) | BIT_OF(X86_FEATURE_MMXEXT) |        \
		BIT_OF(X86_FEATURE_FXSR_OPT) | BIT_OF(X86_FEATURE_GBPAGES) | \
		BIT_OF(X86_FEATURE_RDTSCP) | BIT_OF(X86_FEATURE_LM)

#define EXT1_ECX                                                        \
	(BIT_OF(X86_FEATURE_LAHF_LM) | BIT_OF(X86_FEATURE_CR8_LEGACY) | \
	 BIT_OF(X86_FEATURE_ABM) | BIT_OF(X86_FEATURE_SSE4A) |          \
	 BIT_OF(X86_FEATURE_MISALIGNSSE) | BIT_OF(X86_FEATURE_3DNOWPREFETCH))

#define EXT7_EDX_INVARIANT_TSC (1u << 8)

struct answer {
	u32 eax, ebx, ecx, edx;
};

bool vam_cpuid_has_pcid(void)
{
	/* INVPCID can be made to exit on every CPU that has it; where it is
	 * missing, PCIDs save the guest nothing under shadow tables. */
	return boot_cpu_has(X86_FEATURE_PCID) &&
	       boot_cpu_has(X86_FEATURE_INVPCID);
}

bool vam_cpuid_has_la57(void)
{
	u32 eax, ebx, ecx, edx;

	if (cpuid_eax(0) < 7)
		return false;
	/* Not the kernel's flag: a host booted without it may still run a
	 * guest with it. */
	cpuid_count(7, 0, &eax, &ebx, &ecx, &edx);
	return ecx & BIT_OF(X86_FEATURE_LA57);
}

static void leaf_1(struct vam_vcpu *vcpu, struct answer *a)
{
	unsigned int n = vcpu->vm->nr_vcpus;

	a->ebx = (a->ebx & 0xff00) | vcpu->id << 24 | n << 16;
	a->ecx = (a->ecx & LEAF1_ECX) | LEAF1_ECX_EMULATED;
	a->edx &= LEAF1_EDX;
	if (vam_cpuid_has_pcid())
		a->ecx |= BIT_OF(X86_FEATURE_PCID);
	if (vcpu->sys.cr4 & X86_CR4_OSXSAVE)
		a->ecx |= BIT_OF(X86_FEATURE_OSXSAVE);
	if (vam_lapic_is_enabled(vcpu))
		a->edx |= BIT_OF(X86_FEATURE_APIC);
	if (n > 1)
		a->edx |= BIT_OF(X86_FEATURE_HT);
}

static void leaf_7(u32 sub, struct answer *a)
{
	if (sub) {
		*a = (struct answer){ 0 };
		return;
	}
	a->eax = 0;
	a->ebx &= LEAF7_EBX;
	a->ecx &= LEAF7_ECX;
	a->edx &= LEAF7_EDX;
	if (vam_cpuid_has_pcid())
		a->ebx |= BIT_OF(X86_FEATURE_INVPCID);
	if (vam_cpuid_has_la57())
		a->ecx |= BIT_OF(X86_FEATURE_LA57);
}

/* Topology: one package of single-threaded cores. */
static void leaf_b(struct vam_vcpu *vcpu, u32 sub, struct answer *a)
{
	unsigned int n = vcpu->vm->nr_vcpus;

	*a = (struct answer){ .ecx = sub & 0xff, .edx = vcpu->id };
	if (sub == 0) {
		a->ebx = 1;
		a->ecx |= 1 << 8; /* threads */
	} else if (sub == 1) {
		a->eax = fls(n - 1);
		a->ebx = n;
		a->ecx |= 2 << 8; /* cores */
	}
}

/* Size of an XSAVE area for the features in @xcr0 (standard format). */
static u32 xsave_size(u64 xcr0)
{
	u32 eax, ebx, ecx, edx, size = 512 + 64;

	if (xcr0 & 4) {
		cpuid_count(0xd, 2, &eax, &ebx, &ecx, &edx);
		size = max(size, ebx + eax);
	}
	return size;
}

static void leaf_d(struct vam_vcpu *vcpu, u32 sub, struct answer *a)
{
	u64 allowed = vam_fpu_features();

	if (!boot_cpu_has(X86_FEATURE_XSAVE) || (sub > 2) ||
	    (sub == 2 && !(allowed & 4))) {
		*a = (struct answer){ 0 };
	} else if (sub == 0) {
		a->eax = allowed;
		a->ebx = xsave_size(vcpu->sys.xcr0);
		a->ecx = xsave_size(allowed);
		a->edx = 0;
	} else if (sub == 1) {
		*a = (struct answer){ .eax = a->eax & LEAF_D_1_EAX };
	}
}

static void leaf_extended(struct vam_vcpu *vcpu, u32 leaf, struct answer *a)
{
	switch (leaf) {
	case 0x80000000:
		a->eax = min(a->eax, 0x80000008u);
		break;
	case 0x80000001:
		a->ecx &= EXT1_ECX;
		a->edx &= EXT1_EDX;
		break;
	case 0x80000002 ... 0x80000006:
		break; /* name and caches, as they are */
	case 0x80000007:
		*a = (struct answer){ .edx = a->edx & EXT7_EDX_INVARIANT_TSC };
		break;
	case 0x80000008:
		a->eax &= 0xffff; /* address widths */
		a->ebx = 0;
		a->ecx = vcpu->vm->nr_vcpus - 1;
		a->edx = 0;
		break;
	default:
		*a = (struct answer){ 0 };
	}
}

static void answer(struct vam_vcpu *vcpu, u32 leaf, u32 sub, struct answer *a)
{
	switch (leaf) {
	case 0:
		a->eax = min(a->eax, 0xdu);
		break;
	case 1:
		leaf_1(vcpu, a);
		break;
	case 2:
		break;
	case 6:
		*a = (struct answer){
			.eax = 1 << 2
		}; /* APIC timer always runs */
		break;
	case 7:
		leaf_7(sub, a);
		break;
	case 0xb:
		leaf_b(vcpu, sub, a);
		break;
	case 0xd:
		leaf_d(vcpu, sub, a);
		break;
	case 0x40000000:
		/* "VamhostVamho": nothing else is announced yet. */
		*a = (struct answer){ .eax = leaf,
				      .ebx = 0x686d6156,
				      .ecx = 0x5674736f,
				      .edx = 0x6f686d61 };
		break;
	case 0x80000000 ... 0x800000ff:
		leaf_extended(vcpu, leaf, a);
		break;
	default:
		*a = (struct answer){ 0 };
	}
}

int vam_run_cpuid(struct vam_vcpu *vcpu)
{
	u64 *gpr = vcpu->regs.gpr;
	u32 leaf = gpr[VAM_RAX], sub = gpr[VAM_RCX];
	struct answer a;

	if (vam_emul_skip_two(vcpu, 0xa2))
		return 0;
	cpuid_count(leaf, sub, &a.eax, &a.ebx, &a.ecx, &a.edx);
	answer(vcpu, leaf, sub, &a);
	gpr[VAM_RAX] = a.eax;
	gpr[VAM_RBX] = a.ebx;
	gpr[VAM_RCX] = a.ecx;
	gpr[VAM_RDX] = a.edx;
	return 0;
}
