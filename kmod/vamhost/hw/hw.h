/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hw/hw.h - which backend, and on which CPUs it is on
 *
 * Layer:    hw. Called from main.c and run.
 */
#ifndef VAM_HW_HW_H
#define VAM_HW_HW_H

#include <linux/percpu.h>
#include <linux/types.h>

/* Is this CPU in operation? Only meaningful with interrupts off. */
DECLARE_PER_CPU(bool, vam_hw_cpu_on);

/**
 * vam_hw_init() - choose a backend and bring every CPU into operation
 *
 * Context: module load. Return: 0; -ENODEV, -EPERM, -EBUSY with one sentence
 * in the log.
 */
int vam_hw_init(void);

/**
 * vam_hw_exit() - take every CPU out of operation
 *
 * Context: module unload, no VM is left; may sleep.
 */
void vam_hw_exit(void);

#endif /* VAM_HW_HW_H */
