/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dev/lapic.h - what others may ask of a local APIC
 *
 * Layer:    dev.
 */
#ifndef VAM_DEV_LAPIC_H
#define VAM_DEV_LAPIC_H

#include <linux/types.h>

struct vam_vcpu;
struct vam_vm;

/**
 * vam_lapic_get_msr() - IA32_APIC_BASE, IA32_TSC_DEADLINE, x2APIC registers
 * @vcpu: on its thread
 * @index: MSR number
 * @value: out
 *
 * Return: 0; -ENOENT not one of ours; -EINVAL the guest deserves #GP.
 */
int vam_lapic_get_msr(struct vam_vcpu *vcpu, u32 index, u64 *value);

/**
 * vam_lapic_set_msr() - write one of those that vam_lapic_get_msr() reads
 * @vcpu: on its thread
 * @index: MSR number
 * @value: any
 *
 * Return: 0; -ENOENT not one of ours; -EINVAL the guest deserves #GP.
 */
int vam_lapic_set_msr(struct vam_vcpu *vcpu, u32 index, u64 value);

/**
 * vam_lapic_set_cr8() - the guest changed CR8: the TPR follows
 * @vcpu: on its thread
 * @cr8: 0..15
 */
void vam_lapic_set_cr8(struct vam_vcpu *vcpu, u64 cr8);

/**
 * vam_lapic_get_cr8() - what CR8 is, by the TPR
 * @vcpu: on its thread
 *
 * Return: 0..15.
 */
u64 vam_lapic_get_cr8(struct vam_vcpu *vcpu);

/**
 * vam_lapic_is_enabled() - is bit 11 of APIC_BASE set? For CPUID leaf 1
 * @vcpu: on its thread
 */
bool vam_lapic_is_enabled(struct vam_vcpu *vcpu);

/* Delivery modes of interrupt messages, as in ICR, LVT and IOAPIC entries. */
enum vam_apic_mode {
	VAM_APIC_FIXED,
	VAM_APIC_LOWEST,
	VAM_APIC_SMI, /* there is no SMM: goes nowhere */
	VAM_APIC_NMI = 4,
	VAM_APIC_INIT,
	VAM_APIC_SIPI,
	VAM_APIC_EXTINT, /* the 8259 supplies the vector */
};

/**
 * struct vam_apic_msg - an interrupt message on its way to local APICs
 * @dest: destination field
 * @wide: @dest has 32 bits (from an x2APIC), else 8
 * @logical: meaning of @dest
 * @level: level-triggered, to be told to the IOAPIC at EOI
 * @mode: enum vam_apic_mode
 * @vector: for fixed, lowest priority, SIPI
 */
struct vam_apic_msg {
	u32 dest;
	bool wide;
	bool logical;
	bool level;
	u8 mode;
	u8 vector;
};

/**
 * vam_lapic_deliver() - hand a message to all local APICs that it is meant for
 * @vm: the VM; with vCPUs, and not being destroyed
 * @msg: message, any values
 *
 * Context: any.
 */
void vam_lapic_deliver(struct vam_vm *vm, const struct vam_apic_msg *msg);

/**
 * vam_lapic_set_lint0() - the output of the 8259 pair changed
 * @vm: the VM
 * @level: asserted?
 *
 * Context: any; calls are serialized by the 8259's lock.
 */
void vam_lapic_set_lint0(struct vam_vm *vm, bool level);

#endif /* VAM_DEV_LAPIC_H */
