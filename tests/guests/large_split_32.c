// SPDX-License-Identifier: GPL-2.0
/*
 * large_split_32.c - large pages split and merged, 32-bit tables
 *
 * The test itself: large_split.h.
 */
#include "large_split.h"

int main(void)
{
	return large_split(2);
}
