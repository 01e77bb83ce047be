/* SPDX-License-Identifier: GPL-2.0 */
/*
 * run/run.h - exit handlers, and what the run loop needs of its neighbours
 *
 * Layer:    run. Every handler is called on the vCPU's thread, outside the
 *           guest, preemption on, and may sleep. It finds the exit in
 *           vcpu->exit and returns 0 to go on or VAM_STOP.
 */
#ifndef VAM_RUN_RUN_H
#define VAM_RUN_RUN_H

#include "core/part.h"
#include "core/vcpu.h"

/* run.c: module life. */
void vam_run_init(void);
void vam_run_cleanup(void);

/**
 * vam_run_exit() - look the exit's kind up in the table, call the handler
 * @vcpu: on its thread, outside the guest, preemption on; the exit is in
 *        vcpu->exit
 *
 * Context: may sleep. Return: 0 to go on, or VAM_STOP.
 */
int vam_run_exit(struct vam_vcpu *vcpu);

/* One file per kind of exit. */
int vam_run_page_fault(struct vam_vcpu *vcpu); /* fault.c */
int vam_run_io(struct vam_vcpu *vcpu); /* io.c */
int vam_run_cpuid(struct vam_vcpu *vcpu); /* cpuid.c */
int vam_run_msr(struct vam_vcpu *vcpu); /* msr.c */
int vam_run_cr(struct vam_vcpu *vcpu); /* cr.c */
int vam_run_dr(struct vam_vcpu *vcpu); /* cr.c */
int vam_run_invlpg(struct vam_vcpu *vcpu); /* cr.c */
int vam_run_invpcid(struct vam_vcpu *vcpu); /* cr.c */
int vam_run_xsetbv(struct vam_vcpu *vcpu); /* fpu.c */
int vam_run_fpu(struct vam_vcpu *vcpu); /* fpu.c */
int vam_run_hypercall(struct vam_vcpu *vcpu); /* hcall.c */

/**
 * vam_fpu_load() - bring the guest's FPU state into the registers
 * @vcpu: about to enter, with fpu_on
 *
 * The host's is saved. Context: the run loop, preemption off; undone by
 * vam_fpu_save() before anything else may use the FPU.
 */
void vam_fpu_load(struct vam_vcpu *vcpu);

/**
 * vam_fpu_save() - the opposite, after the guest has run
 * @vcpu: as for vam_fpu_load()
 *
 * Context: the run loop, preemption off.
 */
void vam_fpu_save(struct vam_vcpu *vcpu);

/**
 * vam_fpu_off() - leave the FPU alone until the guest touches it again
 * @vcpu: on its thread, its FPU state saved
 */
void vam_fpu_off(struct vam_vcpu *vcpu);
extern const struct vam_part vam_fpu_part;

extern const struct vam_part vam_emul_part; /* emul.c */
extern const struct vam_part vam_msr_part; /* msr.c */

/**
 * vam_cpuid_has_pcid() - may a guest use PCIDs? Only together with INVPCID
 */
bool vam_cpuid_has_pcid(void);

/**
 * vam_cpuid_has_la57() - may a guest use five levels of tables?
 *
 * The CPU is asked, not the kernel, which may have been told not to use them.
 */
bool vam_cpuid_has_la57(void);

/**
 * vam_fpu_features() - bits of XCR0 that a guest may set
 *
 * Context: any. Return: X87 and SSE always, AVX when the host uses it.
 */
u64 vam_fpu_features(void);

/**
 * vam_cr4_allowed() - bits of CR4 that a guest may set, here and now
 */
u64 vam_cr4_allowed(void);

/**
 * vam_efer_allowed() - bits of EFER that a guest may set, LMA included
 */
u64 vam_efer_allowed(void);

#endif /* VAM_RUN_RUN_H */
