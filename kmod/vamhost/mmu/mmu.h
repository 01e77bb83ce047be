/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mmu/mmu.h - translation for a guest: the one interface, whatever is behind
 *
 * Common code asks five things: deal with this page fault, translate this
 * address, this address space or mode is now in force, forget this address,
 * and the emulator wrote to memory. Shadow page tables are the first
 * implementation.
 *
 * Layer:    mmu. Called from run and dev.
 */
#ifndef VAM_MMU_MMU_H
#define VAM_MMU_MMU_H

#include <linux/types.h>
#include "core/part.h"
#include "lib/addr.h"

struct vam_vcpu;
struct vam_vm;

/* Kinds of access; the values are those of the x86 page-fault error code. */
#define VAM_ACCESS_WRITE (1u << 1)
#define VAM_ACCESS_USER (1u << 2)
#define VAM_ACCESS_FETCH (1u << 4)
/* Not in the error code: GDT, IDT, TSS accesses, which SMAP's AC ignores. */
#define VAM_ACCESS_IMPLICIT (1u << 16)

/* Error-code bits that only appear in answers. */
#define VAM_PF_PRESENT (1u << 0)
#define VAM_PF_RSVD (1u << 3)

/* What vam_mmu_fault() found. Negative values are never returned. */
enum vam_mmu_verdict {
	VAM_MMU_RETRY, /* mended: enter the guest again */
	VAM_MMU_GUEST, /* the guest's own fault: inject #PF with *error */
	VAM_MMU_MMIO, /* no RAM at *gpa: emulate the access */
	VAM_MMU_WRITE, /* write to a traced page table: emulate the write */
	VAM_MMU_STOP, /* the VM was killed */
};

/**
 * struct vam_mmu_answer - the rest of what vam_mmu_fault() found
 * @gpa: guest-physical address of the access, for MMIO and WRITE
 * @error: page-fault error code to inject, for GUEST
 */
struct vam_mmu_answer {
	gpa_t gpa;
	u32 error;
};

extern const struct vam_part vam_mmu_part;

/**
 * vam_mmu_fault() - a page fault arrived in the guest
 * @vcpu: the vCPU, on its thread
 * @gva: faulting address (CR2)
 * @error: error code as the CPU gave it
 * @answer: filled for GUEST, MMIO, WRITE
 *
 * Context: preemption on, may sleep.
 */
enum vam_mmu_verdict vam_mmu_fault(struct vam_vcpu *vcpu, gva_t gva, u32 error,
				   struct vam_mmu_answer *answer);

/**
 * vam_mmu_translate() - translate as the CPU would for an access it makes
 * @vcpu: the vCPU, on its thread
 * @gva: linear address, canonical (the caller checked)
 * @access: VAM_ACCESS_* bits; USER set explicitly by the caller from CPL
 * @gpa: out, the guest-physical address
 * @error: out, the page-fault error code when there is a fault
 *
 * Sets accessed and dirty bits in the guest's tables as the CPU does.
 * Return: true when translated, false when *error is to be injected.
 */
bool vam_mmu_translate(struct vam_vcpu *vcpu, gva_t gva, u32 access, gpa_t *gpa,
		       u32 *error);

/**
 * vam_mmu_set_cr3() - the guest loaded CR3
 * @vcpu: on its thread; vcpu->sys.cr3 already holds the new value (without
 *        bit 63)
 * @keep: bit 63 was set with CR4.PCIDE: translations of the PCID may be kept
 *
 * Return: 0; or an errno -EINVAL when PAE PDPTEs have reserved bits set: the caller injects #GP.
 */
int vam_mmu_set_cr3(struct vam_vcpu *vcpu, bool keep);

/**
 * vam_mmu_mode_changed() - CR0, CR4 or EFER changed in a way that matters to
 * translation, or flushes the TLB
 * @vcpu: on its thread; vcpu->sys already holds the new values
 *
 * Return: as vam_mmu_set_cr3().
 */
int vam_mmu_mode_changed(struct vam_vcpu *vcpu);

/**
 * vam_mmu_load_root() - give the backend a valid root before entry
 * @vcpu: on its thread, preemption on, may sleep
 *
 * Called when VAM_REQ_ROOT was set. Return: 0, or VAM_STOP.
 */
int vam_mmu_load_root(struct vam_vcpu *vcpu);

/* vam_mmu_invlpg() - the guest executed INVLPG @gva. */
void vam_mmu_invlpg(struct vam_vcpu *vcpu, gva_t gva);

/* vam_mmu_invpcid() - INVPCID, operands checked by the caller. */
void vam_mmu_invpcid(struct vam_vcpu *vcpu, unsigned int type, u16 pcid,
		     gva_t gva);

/**
 * vam_mmu_guest_wrote() - the emulator or a device model wrote guest memory
 * @vm: the VM
 * @gpa: first byte
 * @len: bytes, within one page
 *
 * Shadow entries made from these bytes are brought up to date or dropped.
 */
void vam_mmu_guest_wrote(struct vam_vm *vm, gpa_t gpa, unsigned int len);

/**
 * vam_mmu_unprotect() - let a traced frame be written natively again
 * @vm: the VM
 * @gfn: the frame
 *
 * For writes that the emulator cannot carry out: every shadow page made from
 * the frame is dropped.
 */
void vam_mmu_unprotect(struct vam_vm *vm, gfn_t gfn);

/* Module life: caches and the shrinker. */
int vam_mmu_init(void);
void vam_mmu_exit(void);

#endif /* VAM_MMU_MMU_H */
