// SPDX-License-Identifier: GPL-2.0
/*
 * ad_bits_pae.c - when accessed and dirty bits are set, PAE tables
 *
 * The test itself: ad_bits.h.
 */
#include "ad_bits.h"

int main(void)
{
	return ad_bits(3);
}
