// SPDX-License-Identifier: GPL-2.0
/*
 * selfmap_32.c - page tables edited through their own mapping, 32-bit tables
 *
 * The test itself: selfmap.h.
 */
#include "selfmap.h"

int main(void)
{
	return selfmap(2);
}
