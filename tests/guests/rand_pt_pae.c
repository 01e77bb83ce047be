// SPDX-License-Identifier: GPL-2.0
/*
 * rand_pt_pae.c - random tables and accesses against a model, PAE tables
 *
 * The test itself: rand_pt.h.
 */
#include "rand_pt.h"

int main(void)
{
	return rand_pt(3);
}
