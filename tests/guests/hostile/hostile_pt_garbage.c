// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_pt_garbage.c - tables full of random bits, walked everywhere
 *
 * All root entries but the first lead to noise, which leads anywhere: RAM,
 * devices, beyond the end of memory. Reads, writes and fetches through it;
 * faults are caught. Writes may hit the payload itself, so it may also die.
 * Command line: seed=N rounds=N writes=0|1.
 */
#include "paging.h"

int main(void)
{
	u32 i, k, rounds = cmdline_u64("rounds", 400);
	bool writes = cmdline_u64("writes", 0);
	struct paging pg;
	struct rng rng;
	struct fault f;
	u64 *noise = pages_alloc(256, 0x1000), *root;

	paging_now(&pg);
	rng_seed(&rng, cmdline_u64("seed", 1));
	root = (u64 *)root_alloc(&pg);
	for (i = 0; i < rounds; i++) {
		for (k = 0; k < 256 * 512; k += 1 + rng_below(&rng, 64)) {
			u64 pte = rng_next(&rng);

			switch (rng_below(&rng, 4)) {
			case 0: /* anything at all */
				break;
			case 1: /* well-formed, any address */
				pte = (pte & 0xfffffff000) | PTE_ALL;
				break;
			default: /* more noise, or low memory */
				pte = (pte & 0x3fff000) | (pte & 0xff) | PTE_P;
			}
			noise[k] = pte;
		}
		for (k = 1; k < 512; k++)
			root[k] = (ulong)&noise[rng_below(&rng, 256) * 512] |
				  PTE_ALL;
		write_cr3((ulong)root);
		for (k = 0; k < 100; k++) {
			u64 va = rng_next(&rng) >> 16;

			/* not the first 512 GiB: that is where we are */
			va |= 1ull << 39;
			if (va & BIT(47))
				va |= 0xffff000000000000;
			if (writes && k % 4 == 3)
				try_write(&f, va, k);
			else
				try_read(&f, va);
			user_try_read(&f, va);
		}
	}
	printf("still here\n");
	return 0;
}
