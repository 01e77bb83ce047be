// SPDX-License-Identifier: GPL-2.0
/*
 * large_split.c - large pages split and merged, four levels
 *
 * The test itself: large_split.h.
 */
#include "large_split.h"

int main(void)
{
	return large_split(4);
}
