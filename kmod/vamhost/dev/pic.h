/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dev/pic.h - what a local APIC asks the 8259 pair
 *
 * Layer:    dev.
 */
#ifndef VAM_DEV_PIC_H
#define VAM_DEV_PIC_H

#include <linux/types.h>

struct vam_vm;

/**
 * vam_pic_ack() - the interrupt acknowledge cycle
 * @vm: the VM
 *
 * Context: any. Return: the vector, or -1 when nothing is asserted any more.
 */
int vam_pic_ack(struct vam_vm *vm);

#endif /* VAM_DEV_PIC_H */
