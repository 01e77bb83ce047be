// SPDX-License-Identifier: GPL-2.0
/*
 * rand_pt_32.c - random tables and accesses against a model, 32-bit tables
 *
 * The test itself: rand_pt.h.
 */
#include "rand_pt.h"

int main(void)
{
	return rand_pt(2);
}
