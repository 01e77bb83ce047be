// SPDX-License-Identifier: GPL-2.0
/*
 * tlb_rules.c - which translations must be forgotten when, four levels
 *
 * The test itself: tlb_rules.h.
 */
#include "tlb_rules.h"

int main(void)
{
	return tlb_rules(4);
}
