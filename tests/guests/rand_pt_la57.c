// SPDX-License-Identifier: GPL-2.0
/*
 * rand_pt_la57.c - random tables and accesses against a model, five levels
 *
 * The test itself: rand_pt.h.
 */
#include "rand_pt.h"

int main(void)
{
	struct paging five = { .levels = 5 };

	need(&feat_la57);
	long_mode_reload(root_alloc(&five), read_cr4() | CR4_LA57);
	return rand_pt(5);
}
