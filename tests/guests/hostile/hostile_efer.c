// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_efer.c - random EFER, one bit at a time, then all at once
 *
 * Expected: exits, or dies with a sentence.
 */
#include "guest.h"

int main(void)
{
	struct fault f;
	struct rng rng;
	u64 good = rdmsr(MSR_EFER);
	u32 i;

	rng_seed(&rng, cmdline_u64("seed", 1));
	for (i = 0; i < 64; i++) {
		wrmsr_faults(&f, MSR_EFER, good ^ 1ull << i);
		wrmsr_faults(&f, MSR_EFER, good);
	}
	printf("bits done\n");
	for (i = 0; i < 2000; i++) {
		wrmsr_faults(&f, MSR_EFER,
			     good ^ (rng_next(&rng) & rng_next(&rng)));
		wrmsr_faults(&f, MSR_EFER, good);
	}
	wrmsr_faults(&f, MSR_EFER, ~0ull);
	return 0;
}
