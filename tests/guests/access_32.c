// SPDX-License-Identifier: GPL-2.0
/*
 * access_32.c - the access matrix for 32-bit tables, 4 KiB and 4 MiB pages
 *
 * What a line says: access_matrix.h; letters as in access64.c, but P for
 * CR4.PSE in place of N. The library's own map needs PSE, so without it only
 * pages below the test page's table are looked at, through a second root.
 */
#include "access32.h"

/* A root without large pages: the first 64 MiB and the local APIC. */
static void root_small(struct paging *pg)
{
	u32 at;

	pg->root = (ulong)page_alloc();
	for (at = 0; at < 0x4000000; at += 0x1000)
		pt_map(pg, at, at,
		       at >= 0x400000 && at < 0x800000 ? PTE_ALL :
							 PTE_P | PTE_W,
		       1);
}

int main(void)
{
	struct paging pg;

	need(&feat_pse);
	protected_mode_matrix(2);

	/* CR4.PSE off: bit 7 of a directory entry means nothing. */
	paging_now(&pg);
	root_small(&pg);
	write_cr3(pg.root);
	cr4_set(CR4_PSE, false);
	pg.pse = false;
	protected_mode_settings(&pg, "4K", 1, PTE_PS);
	return 0;
}
