/* SPDX-License-Identifier: GPL-2.0 */
/*
 * access64.h - the access matrix for tables of four and five levels
 */
#include "access_matrix.h"

static void long_mode_matrix(ulong va)
{
	static const char *const sizes[] = { "", "4K", "2M", "1G" };
	struct paging pg;
	u32 leaf, bits;
	char what[40];
	void *page = pages_alloc(1, 0x1000);

	paging_now(&pg);
	cr4_set(CR4_SMEP | CR4_SMAP, false);
	ldt_set(va);
	for (leaf = 1; leaf <= 3; leaf++) {
		/* Large pages: the one that page lies in, from its start. */
		ulong pa = leaf == 1 ? (ulong)page : leaf == 2 ? 0x1000000 : 0;
		/* 1G page at 0: test within a page of the pool */
		ulong at = leaf == 3 ? va + (ulong)page : va;

		if (leaf == 3 && !cpu_has(&feat_gbpages))
			break;
		page_fill(leaf == 2 ? (void *)pa : page);
		ldt_set(at);
		for (bits = 0; bits < 32; bits++) {
			bool ac = bits & 16;
			struct restriction limits[] = {
				{ PTE_P, 0 },	{ PTE_W, 0 },
				{ PTE_U, 0 },	{ 0, PTE_NX },
				{ 0, BIT(51) }, { PTE_W | PTE_U, PTE_NX },
			};

			if (ac && !(bits & 4))
				continue;
			if (bits & 2 && !cpu_has(&feat_smep))
				continue;
			if (bits & 4 && !cpu_has(&feat_smap))
				continue;
			cr0_set(CR0_WP, bits & 1);
			cr4_set(CR4_SMEP, bits & 2);
			cr4_set(CR4_SMAP, bits & 4);
			efer_set(EFER_NXE, bits & 8);
			paging_now(&pg);
			memcpy(what, sizes[leaf], 2);
			memcpy(what + 2, " .....", 7);
			what[3] = bits & 1 ? 'W' : '.';
			what[4] = bits & 2 ? 'E' : '.';
			what[5] = bits & 4 ? 'A' : '.';
			what[6] = bits & 8 ? 'N' : '.';
			what[7] = ac ? 'c' : '.';
			setting(what, &pg, at, leaf, pa, ac, limits,
				ARRAY_SIZE(limits),
				leaf == 1 ? BIT(51) : BIT(13));
		}
		pte_set(&pg, pt_entry(&pg, at, leaf), 0);
	}
	cr4_set(CR4_SMEP | CR4_SMAP, false);
	cr0_set(CR0_WP, true);
	efer_set(EFER_NXE, true);
}
