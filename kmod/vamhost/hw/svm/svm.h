/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hw/svm/svm.h - what the files of the SVM backend share
 *
 * Layer:    hw/svm, private to this folder.
 * Spec:     APM vol. 2 chapter 15 and appendix B.
 */
#ifndef VAM_HW_SVM_SVM_H
#define VAM_HW_SVM_SVM_H

#include <linux/types.h>
#include <asm/svm.h>
#include "core/vcpu.h"

/* How far a guest's IRET after an NMI has come. */
enum svm_nmi_iret {
	SVM_IRET_NONE, /* no NMI being handled, or IRET not reached */
	SVM_IRET_REACHED, /* at iret_rip, not executed yet */
};

/**
 * struct svm_vcpu - a vCPU as this backend sees it
 * @vcpu: the neutral part
 * @vmcb: its control block, one page
 * @vmcb_pa: where the CPU finds it
 * @asid_cpu: CPU on which @asid_generation was taken
 * @asid_generation: generation of the ASID in use; 0 for none
 * @nmi_iret: see enum svm_nmi_iret
 * @iret_rip: address of that IRET
 * @stepping: RFLAGS.TF is ours, to see that IRET end
 * @want_nmi: somebody waits for the NMI window
 *
 * All fields belong to the vCPU's thread.
 */
struct svm_vcpu {
	struct vam_vcpu vcpu;
	struct vmcb *vmcb;
	hpa_t vmcb_pa;
	int asid_cpu;
	u64 asid_generation;
	enum svm_nmi_iret nmi_iret;
	u64 iret_rip;
	bool stepping;
	bool want_nmi;
};

static inline struct svm_vcpu *to_svm(struct vam_vcpu *vcpu)
{
	return container_of(vcpu, struct svm_vcpu, vcpu);
}

/* svm_attr() - VAM_SEG_* from the twelve bits that SVM packs; APM 15.5.1. */
static inline u16 svm_attr(const struct vmcb_seg *seg)
{
	return (seg->attrib & 0xff) | (seg->attrib & 0xf00) << 4;
}

/* Features of SVM itself (CPUID Fn8000_000A), read once at load. */
struct svm_caps {
	bool nrips;
	bool decode_assists;
	bool flush_by_asid;
	bool pause_filter;
	u32 nr_asids;
};
extern struct svm_caps svm_caps;

/**
 * svm_set_intercept() - let something exit, or no longer
 * @c: a control block that is not in use
 * @bit: INTERCEPT_*
 * @on: exit?
 */
static inline void svm_set_intercept(struct vmcb_control_area *c,
				     unsigned int bit, bool on)
{
	u32 mask = 1u << bit % 32;

	if (on)
		c->intercepts[bit / 32] |= mask;
	else
		c->intercepts[bit / 32] &= ~mask;
}

/* vmcb.c */
int svm_tables_init(void);
void svm_tables_exit(void);
int svm_vmcb_create(struct svm_vcpu *svm);
void svm_vmcb_destroy(struct svm_vcpu *svm);
void svm_vmcb_reset(struct svm_vcpu *svm);
void svm_vmcb_set_sys(struct svm_vcpu *svm);
void svm_get_seg(struct vam_vcpu *vcpu, unsigned int reg, struct vam_seg *seg);
void svm_set_seg(struct vam_vcpu *vcpu, unsigned int reg,
		 const struct vam_seg *seg);
int svm_get_msr(struct vam_vcpu *vcpu, u32 index, u64 *value);
int svm_set_msr(struct vam_vcpu *vcpu, u32 index, u64 value);
void svm_dump(struct vam_vcpu *vcpu);

/* exit.c */
void svm_decode_exit(struct svm_vcpu *svm, struct vam_exit *exit);

/* entry.S */
int svm_run(struct vam_regs *regs, hpa_t vmcb_pa, hpa_t host_save_pa,
	    bool shadow);

#endif /* VAM_HW_SVM_SVM_H */
