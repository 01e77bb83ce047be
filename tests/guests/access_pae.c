// SPDX-License-Identifier: GPL-2.0
/*
 * access_pae.c - the access matrix for PAE tables, 4 KiB and 2 MiB pages
 *
 * What a line says: access_matrix.h; letters as in access64.c. The four top
 * entries have no rights, so they take no part.
 */
#include "access32.h"

int main(void)
{
	need(&feat_pae);
	need(&feat_nx);
	if (phys_bits() > 51)
		skip("reserved address bit");
	protected_mode_matrix(3);
	return 0;
}
