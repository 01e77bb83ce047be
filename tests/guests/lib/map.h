/* SPDX-License-Identifier: GPL-2.0 */
/*
 * map.h - 4 KiB mappings above the identity map, for 64-bit payloads
 *
 * The current tables (CR3) are extended where needed. MAP_AREA is a range of
 * addresses that nothing else uses.
 */
#ifndef MAP_H
#define MAP_H

#include "guest.h"

#define MAP_AREA 0x4000000000ul
#define PTE_P BIT(0)
#define PTE_W BIT(1)
#define PTE_U BIT(2)

/* The last-level entry for va; tables in between are made. */
static inline u64 *pte_of(ulong va)
{
	u64 *table = (u64 *)(read_cr3() & ~0xffful);
	int shift;

	for (shift = 39; shift > 12; shift -= 9) {
		u64 *entry = &table[va >> shift & 511];

		if (!(*entry & PTE_P))
			*entry = (u64)(ulong)page_alloc() | PTE_P | PTE_W |
				 PTE_U;
		table = (u64 *)(ulong)(*entry & 0xffffffffff000ull);
	}
	return &table[va >> 12 & 511];
}

static inline void map(ulong va, ulong pa, u64 flags)
{
	*pte_of(va) = pa | flags;
	invlpg(va);
}

#endif
