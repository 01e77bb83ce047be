/* SPDX-License-Identifier: GPL-2.0 */
/*
 * paging.h - building page tables of every format, and a model of the walk
 *
 * One description (struct paging) stands for the four formats: 2 levels of
 * 4-byte entries, 3 (PAE), 4 or 5 levels of 8-byte entries. Level 1 is the
 * one whose entries map 4 KiB. The model answers what the CPU must do with
 * an access; payloads compare it with what the CPU does.
 *
 * Tables lie in the pool, where address and physical address are the same.
 */
#ifndef PAGING_H
#define PAGING_H

#include "guest.h"

#define PTE_P BIT(0)
#define PTE_W BIT(1)
#define PTE_U BIT(2)
#define PTE_PWT BIT(3)
#define PTE_PCD BIT(4)
#define PTE_A BIT(5)
#define PTE_D BIT(6)
#define PTE_PS BIT(7)
#define PTE_G BIT(8)
#define PTE_NX BIT(63)
#define PTE_ALL (PTE_P | PTE_W | PTE_U)

#define ERR_P 1
#define ERR_W 2
#define ERR_U 4
#define ERR_RSVD 8
#define ERR_ID 16

/* An access; implicit: the CPU's own, to descriptor tables, from ring 3. */
#define ACC_WRITE 1
#define ACC_FETCH 2
#define ACC_USER 4
#define ACC_IMPLICIT 8
#define ACC_AC 16 /* EFLAGS.AC is set */

struct paging {
	u8 levels; /* 2, 3, 4, 5 */
	u64 root;
	bool pse; /* 2 levels: CR4.PSE */
	bool nxe, wp, smep, smap;
	u8 phys_bits;
};

struct walk {
	bool fault;
	u32 error;
	u64 pa;
	u8 leaf; /* level that maps (no fault) or ends the walk (fault) */
	u64 at[6]; /* where the entry of each visited level lies */
};

/* What the CPU is set to now; root from CR3. */
void paging_now(struct paging *pg);
void pt_walk(const struct paging *pg, u64 va, u32 how, struct walk *w);

static inline u32 pt_bytes(const struct paging *pg)
{
	return pg->levels == 2 ? 4 : 8;
}
/* log2 of what one entry of that level spans */
static inline u32 pt_shift(const struct paging *pg, u32 level)
{
	return 12 + (level - 1) * (pg->levels == 2 ? 10 : 9);
}
static inline u32 pt_index(const struct paging *pg, u64 va, u32 level)
{
	return va >> pt_shift(pg, level) & (pg->levels == 2 ? 1023 : 511);
}
static inline u64 pte_get(const struct paging *pg, u64 at)
{
	if (pg->levels == 2)
		return *(volatile u32 *)(ulong)at;
	return *(volatile u64 *)(ulong)at;
}
static inline void pte_set(const struct paging *pg, u64 at, u64 pte)
{
	if (pg->levels == 2)
		*(volatile u32 *)(ulong)at = pte;
	else
		*(volatile u64 *)(ulong)at = pte;
}
static inline u64 pte_addr(u64 pte)
{
	return pte & 0x000ffffffffff000ull;
}

/*
 * Where the entry of that level for va lies, with tables made on the way
 * down (with all rights). For PAE roots a new top entry is just present.
 */
u64 pt_entry(const struct paging *pg, u64 va, u32 level);
/* Maps one page of that level; flags as in the entry, PS is added. */
void pt_map(const struct paging *pg, u64 va, u64 pa, u64 flags, u32 level);

/* A page for a root in this format, with the library's own map in it. */
u64 root_alloc(const struct paging *pg);

/*
 * Where payloads test: turns paging on if it is off (32-bit flavour, that
 * many levels), fills in *pg, returns the start of 256 MiB without mapping.
 */
ulong test_area(struct paging *pg, u32 levels);

#ifdef __x86_64__
/* Through compatibility mode with paging off, to change CR4.LA57. */
void long_mode_reload(ulong cr3, ulong cr4);
#else
/* Turns paging on (2 or 3 levels), the whole 4 GiB one to one. */
void paging_on(u32 levels);
#endif

/* Sets or clears bits; changing nothing costs no access. */
void cr0_set(ulong bits, bool on);
void cr4_set(ulong bits, bool on);
void efer_set(u64 bits, bool on);

#endif
