/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mmu/spte.h - entries of the tables that the CPU walks
 *
 * All our tables have entries of 8 bytes. Accessed and dirty are always set,
 * so that the CPU need not: the guest's own bits are kept by us, and an entry
 * is writable only if the guest's dirty bit is set already. Memory is always
 * write-back, whatever the guest asks for: no device is mapped here.
 *
 * Layer:    mmu, private to it.
 * Spec:     SDM vol. 3 ch. 4.
 */
#ifndef VAM_MMU_SPTE_H
#define VAM_MMU_SPTE_H

#include "lib/ptwalk.h"

#define SPTE_P VAM_PTE_P
#define SPTE_W VAM_PTE_W
#define SPTE_U VAM_PTE_U
#define SPTE_LARGE VAM_PTE_PS
#define SPTE_NX VAM_PTE_NX
#define SPTE_ADDR VAM_PTE_ADDR

#define SPTES 512

/* A link to a table, or the mapping of a page. */
static inline u64 spte_make(hpa_t hpa, u32 rights)
{
	return hpa | SPTE_P | VAM_PTE_A | VAM_PTE_D |
	       (rights & (VAM_RIGHT_W | VAM_RIGHT_U)) |
	       (rights & VAM_RIGHT_X ? 0 : SPTE_NX);
}

static inline bool spte_is_leaf(u64 spte, unsigned int level)
{
	return level == 1 || (spte & SPTE_LARGE);
}

static inline unsigned int spte_index(gva_t gva, unsigned int level)
{
	return gva >> (12 + 9 * (level - 1)) & (SPTES - 1);
}

#endif /* VAM_MMU_SPTE_H */
