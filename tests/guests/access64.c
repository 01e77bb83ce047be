// SPDX-License-Identifier: GPL-2.0
/*
 * access64.c - the access matrix for four levels, 4 KiB, 2 MiB, 1 GiB pages
 *
 * What a line says: access_matrix.h. Letters: W CR0.WP, E CR4.SMEP, A
 * CR4.SMAP, N EFER.NXE, c EFLAGS.AC.
 */
#include "access64.h"

int main(void)
{
	need(&feat_nx);
	if (phys_bits() > 51)
		skip("reserved address bit");
	long_mode_matrix(0x8000000000);
	return 0;
}
