// SPDX-License-Identifier: GPL-2.0
/*
 * rand_pt.c - random tables and accesses against a model, four levels
 *
 * The test itself: rand_pt.h.
 */
#include "rand_pt.h"

int main(void)
{
	return rand_pt(4);
}
