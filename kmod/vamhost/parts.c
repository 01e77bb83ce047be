// SPDX-License-Identifier: GPL-2.0
/*
 * parts.c - what a virtual machine is made of, in order
 *
 * Creation walks this list forwards, destruction backwards: a part may rely on
 * those above it.
 *
 * Layer:    above all. Read by core/vm.c and core/vcpu.c.
 */
#include <linux/stddef.h>
#include "core/part.h"
#include "dev/devices.h"
#include "irq/virq.h"
#include "mmu/mmu.h"
#include "run/run.h"

const struct vam_part *const vam_parts[] = {
	&vam_mmu_part, /* shadow page tables */
	&vam_irq_part, /* pending events, interrupt lines */
	&vam_dev_part, /* buses and device models */
	&vam_fpu_part, /* FPU save areas */
	&vam_emul_part, /* instructions decoded lately */
	&vam_msr_part, /* MSRs that only we keep */
	NULL,
};
