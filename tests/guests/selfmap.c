// SPDX-License-Identifier: GPL-2.0
/*
 * selfmap.c - page tables edited through their own mapping, four levels
 *
 * The test itself: selfmap.h.
 */
#include "selfmap.h"

int main(void)
{
	return selfmap(4);
}
