// SPDX-License-Identifier: GPL-2.0
/*
 * large_split_pae.c - large pages split and merged, PAE tables
 *
 * The test itself: large_split.h.
 */
#include "large_split.h"

int main(void)
{
	return large_split(3);
}
