// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_cpuid.c - every CPUID leaf that might exist, and random ones
 *
 * Expected: exits.
 */
#include "guest.h"

int main(void)
{
	static const u32 bases[] = { 0,		 0x20000000, 0x40000000,
				     0x40000100, 0x80000000, 0x80860000,
				     0xc0000000, 0xffffff00 };
	struct rng rng;
	u32 b, i, sub;

	rng_seed(&rng, cmdline_u64("seed", 1));
	for (b = 0; b < ARRAY_SIZE(bases); b++)
		for (i = 0; i < 0x40; i++)
			for (sub = 0; sub < 0x10; sub++)
				cpuid(bases[b] + i, sub);
	for (i = 0; i < 5000; i++)
		cpuid(rng_next(&rng) >> 32, rng_next(&rng) >> 32);
	printf("asked\n");
	return 0;
}
