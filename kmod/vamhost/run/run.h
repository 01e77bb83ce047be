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

/* exit.c: look the exit's kind up in the table and call the handler. */
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

/*
 * fpu.c: the guest's FPU state is in the registers only between these two,
 * which the loop calls around an entry, preemption off.
 */
void vam_fpu_load(struct vam_vcpu *vcpu);
void vam_fpu_save(struct vam_vcpu *vcpu);
/* fpu.c: until the guest touches the FPU again, leave it alone. */
void vam_fpu_off(struct vam_vcpu *vcpu);
extern const struct vam_part vam_fpu_part;

extern const struct vam_part vam_msr_part; /* msr.c */

/* cpuid.c: features that need more than a bit in CPUID. */
bool vam_cpuid_has_pcid(void);
bool vam_cpuid_has_la57(void);

/* XCR0 bits a guest may have. */
u64 vam_fpu_features(void);

/* cr.c: bits of CR4 a guest may set. */
u64 vam_cr4_allowed(void);
/* msr.c: bits of EFER a guest may set. */
u64 vam_efer_allowed(void);

#endif /* VAM_RUN_RUN_H */
