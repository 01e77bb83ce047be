/* SPDX-License-Identifier: GPL-2.0 */
/*
 * core/pin.h - the pin ledger: what a VM holds of the host
 *
 * Every page, mapping and structure that a VM keeps from being used by others
 * is entered here when taken and struck out when returned. A VM whose ledger is
 * not back to zero at its end has leaked, and we are told (WARN once).
 *
 * Layer:    core.
 */
#ifndef VAM_CORE_PIN_H
#define VAM_CORE_PIN_H

#include <linux/atomic.h>
#include <linux/types.h>

enum vam_pin {
	VAM_PIN_RAM, /* 4 KiB pages of guest RAM */
	VAM_PIN_SHADOW, /* shadow page-table pages */
	VAM_PIN_VCPU, /* control-block and save-area pages */
	VAM_PIN_IOMMU, /* pages mapped for a device */
	VAM_PIN_BAR, /* pages of device registers mapped */
	VAM_PIN_NR,
};

struct vam_pin_ledger {
	atomic64_t count[VAM_PIN_NR];
};

/* The sum over all VMs, those being made and unmade included. */
extern struct vam_pin_ledger vam_pin_total;

/**
 * vam_pin_add() - enter what is taken, strike out what is returned
 * @l: a VM's ledger; the sum over all VMs follows
 * @what: of which kind
 * @n: how many, in the units of enum vam_pin; negative when returned
 *
 * Context: any.
 */
static inline void vam_pin_add(struct vam_pin_ledger *l, enum vam_pin what,
			       s64 n)
{
	atomic64_add(n, &l->count[what]);
	atomic64_add(n, &vam_pin_total.count[what]);
}

/**
 * vam_pin_read() - how many of a kind are held now
 * @l: a VM's ledger, or vam_pin_total
 * @what: of which kind
 *
 * Context: any.
 */
static inline s64 vam_pin_read(struct vam_pin_ledger *l, enum vam_pin what)
{
	return atomic64_read(&l->count[what]);
}

#endif /* VAM_CORE_PIN_H */
