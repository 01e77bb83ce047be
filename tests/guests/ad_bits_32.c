// SPDX-License-Identifier: GPL-2.0
/*
 * ad_bits_32.c - when accessed and dirty bits are set, 32-bit tables
 *
 * The test itself: ad_bits.h.
 */
#include "ad_bits.h"

int main(void)
{
	return ad_bits(2);
}
