/* SPDX-License-Identifier: GPL-2.0 */
/*
 * access32.h - the access matrix for tables of two and three levels
 */
#include "access_matrix.h"

#define TEST_VA 0x40000000ul

/*
 * One page size under every setting. dir_set: further bits for the
 * directory entry above a small page, which must make no difference.
 */
static void protected_mode_settings(struct paging *pg, const char *size,
				    u32 leaf, u64 dir_set)
{
	u64 root = pg->root;
	u32 bits;
	char what[40];
	ulong pa = leaf == 1 ? (ulong)pages_alloc(1, 0x1000) : 0x1000000;

	page_fill((void *)pa);
	ldt_set(TEST_VA);
	for (bits = 0; bits < 32; bits++) {
		bool ac = bits & 16, nx = bits & 8 && pg->levels == 3;
		struct restriction limits[] = {
			{ PTE_P, 0 },
			{ PTE_W, 0 },
			{ PTE_U, 0 },
			{ PTE_W | PTE_U, 0 },
			/* of no importance with 32-bit entries: cut off */
			{ 0, PTE_NX },
			{ 0, BIT(51) },
			{ 0, BIT(52) },
		};

		if (ac && !(bits & 4))
			continue;
		if (bits & 8 && pg->levels == 2)
			continue;
		if (bits & 2 && !cpu_has(&feat_smep))
			continue;
		if (bits & 4 && !cpu_has(&feat_smap))
			continue;
		cr0_set(CR0_WP, bits & 1);
		cr4_set(CR4_SMEP, bits & 2);
		cr4_set(CR4_SMAP, bits & 4);
		if (pg->levels == 3)
			efer_set(EFER_NXE, nx);
		paging_now(pg);
		pg->root = root;
		memcpy(what, size, 2);
		memcpy(what + 2, " .....", 7);
		what[3] = bits & 1 ? 'W' : '.';
		what[4] = bits & 2 ? 'E' : '.';
		what[5] = bits & 4 ? 'A' : '.';
		what[6] = nx ? 'N' : pg->pse ? 'P' : '.';
		what[7] = ac ? 'c' : '.';
		pt_map(pg, TEST_VA, pa, 0, leaf);
		if (leaf == 1)
			pte_set(pg, pt_entry(pg, TEST_VA, 2),
				pte_get(pg, pt_entry(pg, TEST_VA, 2)) |
					dir_set);
		setting(what, pg, TEST_VA, leaf, pa, ac, limits,
			ARRAY_SIZE(limits),
			leaf == 1 ? (pg->levels == 3 ? BIT(51) : 0) :
				    (pg->levels == 3 ? BIT(13) : BIT(21)));
	}
	pte_set(pg, pt_entry(pg, TEST_VA, 2), 0);
	cr4_set(CR4_SMEP | CR4_SMAP, false);
	cr0_set(CR0_WP, true);
}

static void protected_mode_matrix(u32 levels)
{
	struct paging pg;

	paging_on(levels);
	paging_now(&pg);
	/* the map of the library has a large page there */
	pte_set(&pg, pt_entry(&pg, TEST_VA, 2), 0);
	protected_mode_settings(&pg, "4K", 1, 0);
	protected_mode_settings(&pg, levels == 3 ? "2M" : "4M", 2, 0);
}
