// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_msrs.c - reads every MSR near the known ranges, writes many
 *
 * Values are random, all ones, or one bit. What an access faults with is
 * ignored. EFER, the APIC base and the SYSCALL entry survive in any state.
 * Expected: exits, or dies with a sentence (a write may turn the APIC off or
 * long mode upside down).
 */
#include "guest.h"

static const struct {
	u32 first, n;
} ranges[] = { { 0, 0x1000 },	      { 0x40000000, 0x200 },
	       { 0x4b564d00, 0x20 },  { 0xc0000000, 0x1200 },
	       { 0xc0010000, 0x400 }, { 0xffffff00, 0x100 } };

int main(void)
{
	struct rng rng;
	u32 i, r, round;

	rng_seed(&rng, cmdline_u64("seed", 1));
	for (round = 0; round < 4; round++) {
		for (r = 0; r < ARRAY_SIZE(ranges); r++) {
			for (i = 0; i < ranges[r].n; i++) {
				struct fault f;
				u32 msr = ranges[r].first + i;
				u64 v, old;

				bool bad = rdmsr_faults(&f, msr, &old);

				switch (round) {
				case 0:
					continue;
				case 1:
					v = old;
					break;
				case 2:
					v = rng_next(&rng);
					break;
				default:
					v = round & 1 ?
						    ~0ull :
						    1ull << rng_below(&rng, 64);
				}
				/* EFER and the kernel's own bases would end the run early */
				if (msr == MSR_EFER && round > 1)
					v = rdmsr(MSR_EFER) ^ EFER_SCE;
				wrmsr_faults(&f, msr, v);
				if (!bad && msr != MSR_EFER)
					wrmsr_faults(&f, msr, old);
			}
		}
		printf("round %u\n", round);
	}
	return 0;
}
