/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dev/ioapic.h - what a local APIC tells the IOAPIC
 *
 * Layer:    dev.
 */
#ifndef VAM_DEV_IOAPIC_H
#define VAM_DEV_IOAPIC_H

#include <linux/types.h>

struct vam_vm;

/**
 * vam_ioapic_eoi() - a level-triggered interrupt was ended
 * @vm: the VM
 * @vector: which
 *
 * Context: a vCPU's thread.
 */
void vam_ioapic_eoi(struct vam_vm *vm, u8 vector);

#endif /* VAM_DEV_IOAPIC_H */
