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
int vam_lapic_set_msr(struct vam_vcpu *vcpu, u32 index, u64 value);

/* CR8 <-> TPR: sys.cr8 was changed by the guest / sync TPR to sys.cr8. */
void vam_lapic_set_cr8(struct vam_vcpu *vcpu, u64 cr8);
u64 vam_lapic_get_cr8(struct vam_vcpu *vcpu);

/* Is the APIC enabled (APIC_BASE bit 11)? For CPUID leaf 1. */
bool vam_lapic_is_enabled(struct vam_vcpu *vcpu);

#endif /* VAM_DEV_LAPIC_H */
