// SPDX-License-Identifier: GPL-2.0
/*
 * access_la57.c - the access matrix for tables of five levels
 *
 * What a line says: access_matrix.h; letters as in access64.c.
 */
#include "access64.h"

int main(void)
{
	struct paging pg = { .levels = 5 };
	ulong cr3 = read_cr3(), cr4 = read_cr4();

	need(&feat_nx);
	need(&feat_la57);
	if (phys_bits() > 51)
		skip("reserved address bit");
	long_mode_reload(root_alloc(&pg), cr4 | CR4_LA57);
	printf("five levels %d\n", !!(read_cr4() & CR4_LA57));
	long_mode_matrix(1ul << 48);
	long_mode_reload(cr3, cr4);
	printf("four levels %d\n", !(read_cr4() & CR4_LA57));
	return 0;
}
