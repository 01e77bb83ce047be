/* SPDX-License-Identifier: GPL-2.0 */
/*
 * core/vcpu.h - a virtual CPU: its state, its thread, and what others ask of it
 *
 * Every vCPU is a kernel thread named vam/<vm>/<n>. Nobody else runs it and
 * nobody else touches its registers while it runs; what others want of it is
 * a bit in ->requests and a kick.
 *
 * Layer:    core.
 */
#ifndef VAM_CORE_VCPU_H
#define VAM_CORE_VCPU_H

#include <linux/atomic.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <asm/msr.h>
#include "core/hw.h"
#include "core/stat.h"
#include "lib/regs.h"

struct vam_vm;
struct vam_mmu_vcpu;
struct vam_bus_region;
struct vam_lapic;
struct vam_decoded;
struct vam_fpu;
struct vam_msrs;

/* What a guest's INIT/SIPI protocol makes of a vCPU. */
enum vam_vcpu_state {
	VAM_VCPU_RUNNABLE,
	VAM_VCPU_HALTED, /* HLT: until an interrupt, NMI or INIT */
	VAM_VCPU_WAIT_SIPI, /* application processor before its SIPI */
};

/* Bits in vam_vcpu.requests. */
enum vam_request {
	VAM_REQ_STOP, /* the VM was killed, paused or is being destroyed */
	VAM_REQ_EVENT, /* an interrupt, NMI, INIT or SIPI may be pending */
	VAM_REQ_TLB, /* flush this vCPU's TLB before the next entry */
	VAM_REQ_ROOT, /* the shadow root may be gone: choose it again */
	VAM_REQ_OUT, /* nothing but: leave the guest once (synchronization) */
};

/**
 * struct vam_sys - control and debug registers, as the guest sees them
 *
 * System-call and segment-base MSRs live in the backend's control block,
 * APIC_BASE in the LAPIC.
 */
struct vam_sys {
	u64 cr0;
	u64 cr2;
	u64 cr3;
	u64 cr4;
	u64 efer;
	u64 xcr0;
	u64 pat; /* kept for the guest to read back; RAM is always write-back */
	u64 tsc_aux;
	u64 dr[4];
	u64 dr6;
	u64 dr7;
	u8 cr8; /* TPR bits 7:4, as the CPU caches it for the guest */
};

/* Values of vam_vcpu.mode. */
enum { VAM_OUTSIDE, VAM_ENTERING };

/*
 * Who may touch a field:
 *   (c) set at creation, constant after
 *   (v) only the vCPU's own thread, or anyone while it is stopped
 *   (a) atomic, anyone
 */
struct vam_vcpu {
	struct vam_vm *vm; /* (c) owner */
	unsigned int id; /* (c) index in vm->vcpus, and its APIC id */
	struct task_struct *task; /* (c) its thread, holds a reference */
	bool stopped; /* under vm->lock, or when nobody else is left: the
		       *     thread is gone */

	unsigned long requests; /* (a) bits of enum vam_request */
	int mode; /* (v) VAM_ENTERING from just before entry to just after
		   *     exit; read by kick. Ordered against requests. */
	int cpu; /* (v) the CPU it is loaded on, -1 when not */
	enum vam_vcpu_state state; /* (v) */

	struct vam_regs regs; /* (v) complete whenever outside the guest */
	struct vam_sys sys; /* (v) */
	u64 tsc_base; /* (v) host TSC that is the guest's zero */
	bool int_shadow; /* (v) after STI or MOV SS */
	u8 cpl; /* (v) current privilege level; the backend's to set, as is */
	u16 cs_attr; /* (v) VAM_SEG_* of CS: most exits ask for these two */
	bool nmi_masked; /* (v) between an NMI's delivery and IRET */
	bool fpu_on; /* (v) the guest's FPU state is in the registers at entry;
		      *     else the backend makes the guest's first use exit
		      *     with VAM_EXIT_FPU */
	struct vam_exit exit; /* (v) the last one */

	/* irq/virq.c: events waiting for delivery */
	struct vam_event inject; /* (v) interrupted delivery, or exception */
	unsigned long nmi_pending; /* (a) bit 0: an NMI waits */
	unsigned long intr_hint; /* (a) not 0: ask the interrupt controllers;
				  *     bits are theirs */
	unsigned long init_pending; /* (a) bits of irq/virq.c */
	u8 sipi_vector; /* (a) of the SIPI in init_pending */
	u8 windows; /* (v) exits asked of the backend, bits of irq/virq.c */

	/* One-entry instruction TLB of the emulator; see run/fetch.c. */
	struct {
		gva_t page; /* (v) ~0 when empty */
		const u8 *va; /* (v) the host's view of that page */
	} fetch;

	struct vam_mmu_vcpu *mmu; /* (c) owned by mmu/ */
	struct vam_lapic *lapic; /* (c) owned by dev/ */
	struct vam_bus_region *bus_last[2]; /* (v) last found by dev/bus.c */
	struct vam_decoded *decoded; /* (c) owned by run/ */
	struct vam_fpu *fpu; /* (c) owned by run/ */
	struct vam_msrs *msrs; /* (c) owned by run/ */

	struct preempt_notifier notifier; /* (v) */
	u64 stat[VAM_STAT_NR]; /* (v) written by the thread, read by anyone */
};

/**
 * vam_vcpu_tsc() - what the guest would read from its TSC now
 * @vcpu: any vCPU
 *
 * Context: any.
 */
static inline u64 vam_vcpu_tsc(struct vam_vcpu *vcpu)
{
	return rdtsc_ordered() - READ_ONCE(vcpu->tsc_base);
}

/**
 * vam_stat_inc() - count one
 * @vcpu: on its thread
 * @stat: what
 */
static inline void vam_stat_inc(struct vam_vcpu *vcpu, enum vam_stat stat)
{
	vcpu->stat[stat]++;
}

/**
 * vam_vcpu_request() - ask a vCPU for something, without haste
 * @vcpu: any vCPU
 * @req: what; done before the next entry. vam_vcpu_kick() makes that soon.
 *
 * Context: any.
 */
static inline void vam_vcpu_request(struct vam_vcpu *vcpu, enum vam_request req)
{
	set_bit(req, &vcpu->requests);
}

/**
 * vam_vcpu_kick() - make the vCPU notice its requests soon
 * @vcpu: any vCPU of a VM that exists
 *
 * Wakes the thread if it sleeps, interrupts it if it is in the guest. Does
 * not wait. Context: any, including hard interrupts and under spinlocks.
 */
void vam_vcpu_kick(struct vam_vcpu *vcpu);

/**
 * vam_vcpus_request_sync() - request something of all vCPUs and be sure of it
 * @vm: the VM
 * @req: what
 * @except: a vCPU to leave out (the caller's own), or NULL
 *
 * On return, every other vCPU is outside the guest or entered it after it
 * handled @req: no CPU still walks tables or uses translations from before.
 * Context: preemption may be off, a spinlock may be held; interrupts on (it
 * waits for other CPUs to answer an interrupt). Never waits on a guest.
 */
void vam_vcpus_request_sync(struct vam_vm *vm, enum vam_request req,
			    struct vam_vcpu *except);

/**
 * vam_vcpu_create() - make vCPU @id of a VM, thread and all, not yet running
 * @vm: the VM, stopped
 * @id: index, not yet taken
 *
 * Context: may sleep; vm->lock held. Return: 0 or -errno with nothing left.
 */
int __must_check vam_vcpu_create(struct vam_vm *vm, unsigned int id);

/**
 * vam_vcpu_stop() - end a vCPU's thread and wait until it is gone
 * @vcpu: the vCPU; its VM is dead or was never started
 *
 * Context: may sleep; not from the vCPU's own thread. Harmless twice.
 */
void vam_vcpu_stop(struct vam_vcpu *vcpu);

/**
 * vam_vcpu_destroy() - the opposite; waits for the thread to be gone
 * @vcpu: the vCPU; its VM is dead or was never started
 *
 * Context: may sleep; not from the vCPU's own thread.
 */
void vam_vcpu_destroy(struct vam_vcpu *vcpu);

/**
 * vam_vcpu_reset() - put a vCPU into the state after INIT
 * @vcpu: the vCPU
 *
 * Context: the vCPU's thread, or it does not run. Registers, control
 * registers and segments as SDM vol. 3 table 10-1, then every part's reset.
 */
void vam_vcpu_reset(struct vam_vcpu *vcpu);

/**
 * vam_vcpu_thread() - the body of a vCPU's thread; in run/run.c
 * @vcpu: the struct vam_vcpu
 *
 * Return: 0, when the thread is told to stop.
 */
int vam_vcpu_thread(void *vcpu);

#endif /* VAM_CORE_VCPU_H */
