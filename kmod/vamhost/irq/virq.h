/* SPDX-License-Identifier: GPL-2.0 */
/*
 * irq/virq.h - events towards a vCPU, and interrupt lines towards controllers
 *
 * Two halves. The vCPU half keeps what waits for delivery (an interrupted
 * delivery or an exception, NMIs, INIT and SIPI) and before each entry hands at
 * most one event to the backend, by the priorities of SDM vol. 3 table 7-2.
 * External interrupts stay with the interrupt controllers until the moment they
 * are delivered. The VM half takes the level of interrupt lines from devices
 * and messages (MSI) and passes them on to the controllers.
 *
 * Layer:    irq. Called from dev (lines, messages, NMI, INIT) and run.
 * Not here: 8259, IOAPIC and LAPIC, which are in dev/.
 */
#ifndef VAM_IRQ_VIRQ_H
#define VAM_IRQ_VIRQ_H

#include <linux/types.h>
#include "core/part.h"
#include "core/vcpu.h"

struct vam_vm;
struct vam_irq;

#define VAM_GSI_NR 24

extern const struct vam_part vam_irq_part;

/* --- the vCPU's half; on the vCPU's own thread unless said otherwise --- */

/**
 * vam_virq_exception() - an instruction caused an exception: queue it
 * @vcpu: on its thread
 * @vector: 0..31, not 2
 * @has_error: pushes @error
 * @error: error code
 *
 * If an exception is being delivered already, the two combine by the
 * double-fault rules (SDM vol. 3 table 7-5); a fault in delivering #DF is a
 * triple fault and ends the VM as vam_virq_triple_fault(). #PF: the caller has set sys.cr2; #DB: sys.dr6.
 */
void vam_virq_exception(struct vam_vcpu *vcpu, u8 vector, bool has_error,
			u32 error);

/**
 * vam_virq_interrupted() - the last exit interrupted the delivery of an event
 * @vcpu: on its thread; vcpu->exit.delivering says which
 *
 * Keeps it for re-injection; called by the run loop right after each such exit,
 * before the exit is handled, so that an exception found while handling it
 * combines with it.
 */
void vam_virq_interrupted(struct vam_vcpu *vcpu);

/**
 * vam_virq_nmi() - make an NMI pending
 * @vcpu: any vCPU
 *
 * One is latched; more are lost, as in hardware. Context: any; kicks the vCPU.
 */
void vam_virq_nmi(struct vam_vcpu *vcpu);

/**
 * vam_virq_init() - a LAPIC received an INIT
 * @vcpu: its vCPU
 *
 * A SIPI that waits is forgotten. Context: any; kicks the vCPU.
 */
void vam_virq_init(struct vam_vcpu *vcpu);

/**
 * vam_virq_sipi() - a LAPIC received a start-up message
 * @vcpu: its vCPU
 * @vector: page number of the first instruction
 *
 * Context: any; kicks the vCPU.
 */
void vam_virq_sipi(struct vam_vcpu *vcpu, u8 vector);

/**
 * vam_virq_notify() - vcpu->intr_hint has a bit that it did not have
 * @vcpu: any vCPU
 *
 * Makes it look before it runs on. Context: any.
 */
void vam_virq_notify(struct vam_vcpu *vcpu);

/**
 * vam_virq_handle_init() - do what INIT and SIPI ask for
 * @vcpu: on its thread, outside the guest
 *
 * Called from the run loop when VAM_REQ_EVENT was set. May change
 * vcpu->state.
 */
void vam_virq_handle_init(struct vam_vcpu *vcpu);

/* vam_virq_deliver_slow() - the rest of vam_virq_deliver(). */
void vam_virq_deliver_slow(struct vam_vcpu *vcpu);

/**
 * vam_virq_deliver() - before entry: hand the event of highest priority to the
 * backend, or ask it for a window
 * @vcpu: on its CPU, interrupts off
 */
static inline void vam_virq_deliver(struct vam_vcpu *vcpu)
{
	if (unlikely((vcpu->inject.type | vcpu->windows) ||
		     (READ_ONCE(vcpu->nmi_pending) |
		      READ_ONCE(vcpu->intr_hint))))
		vam_virq_deliver_slow(vcpu);
}

/**
 * vam_virq_is_pending() - is there anything that ends HLT?
 * @vcpu: on its thread. Interrupts count only when RFLAGS.IF is set.
 */
bool vam_virq_is_pending(struct vam_vcpu *vcpu);

/**
 * vam_virq_triple_fault() - end the VM: "guest triple fault at rip ..."
 * @vcpu: on its thread
 *
 * Context: any. Return: VAM_STOP.
 */
int vam_virq_triple_fault(struct vam_vcpu *vcpu);

/* --- the VM's half --- */

/* What pending() answers beside 0: there is one to be taken now. */
enum {
	VAM_INTC_NONE = -1,
	VAM_INTC_TPR =
		-2, /* one waits that only the task priority holds back */
};

/**
 * struct vam_intc_ops - what dev/lapic.c supplies
 * @pending: is there an interrupt that would be delivered to this vCPU now if
 *           RFLAGS.IF allowed (8259 through LINT0 included)? 0 or VAM_INTC_*.
 *           Only asked when vcpu->intr_hint is not 0. On the vCPU's thread or
 *           CPU, interrupts may be off.
 * @ack: take that interrupt: set in service; returns the vector, or -1 when it
 *       went away. Same context.
 * @message: deliver an MSI. Any context.
 */
struct vam_intc_ops {
	int (*pending)(struct vam_vcpu *vcpu);
	int (*ack)(struct vam_vcpu *vcpu);
	void (*message)(struct vam_vm *vm, u64 address, u32 data);
};

/* A controller with input lines (8259 pair, IOAPIC) hangs itself in here. */
struct vam_irq_sink {
	/* Line @gsi is now @level. Any context; called with the irq lock held. */
	void (*set)(struct vam_irq_sink *sink, unsigned int gsi, bool level);
	struct vam_irq_sink *next;
};

/**
 * vam_irq_set_intc() - who answers for the interrupt controllers
 * @vm: the VM, being created: no vCPU runs
 * @ops: constant
 */
void vam_irq_set_intc(struct vam_vm *vm, const struct vam_intc_ops *ops);

/**
 * vam_irq_add_sink() - hang a controller to the lines
 * @vm: the VM, being created: no vCPU runs
 * @sink: the caller's, until the VM is gone
 */
void vam_irq_add_sink(struct vam_vm *vm, struct vam_irq_sink *sink);

/**
 * vam_irq_set_line() - a device drives its interrupt line
 * @vm: the VM
 * @gsi: 0 .. VAM_GSI_NR-1
 * @source: 0..31, which of the devices sharing the line (levels are ORed)
 * @level: asserted?
 *
 * Context: any. A rising edge is a call with true after one with false.
 */
void vam_irq_set_line(struct vam_vm *vm, unsigned int gsi, unsigned int source,
		      bool level);

/**
 * vam_irq_close() - from now on lines and messages reach nobody
 * @vm: the VM, whose vCPUs are about to go
 *
 * Context: process, interrupts on; takes the irq lock.
 */
void vam_irq_close(struct vam_vm *vm);

/**
 * vam_irq_message() - a device sends an MSI
 * @vm: the VM
 * @address: of the message, any value
 * @data: of the message, any value
 *
 * Context: any; takes the irq lock.
 */
void vam_irq_message(struct vam_vm *vm, u64 address, u32 data);

#endif /* VAM_IRQ_VIRQ_H */
