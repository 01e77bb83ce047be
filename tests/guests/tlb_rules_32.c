// SPDX-License-Identifier: GPL-2.0
/*
 * tlb_rules_32.c - which translations must be forgotten when, 32-bit tables
 *
 * The test itself: tlb_rules.h.
 */
#include "tlb_rules.h"

int main(void)
{
	return tlb_rules(2);
}
