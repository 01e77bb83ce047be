// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_pt_storm.c - every frame a table, at every level, in turn
 *
 * Whoever keeps something for each table it has seen runs out of memory, or
 * of the budget for it, and must let go of old ones. Nothing here is wrong
 * by itself: the payload expects to reach its end.
 * Command line: rounds=N.
 */
#include "paging.h"

int main(void)
{
	u32 i, n = 8000, round, rounds = cmdline_u64("rounds", 3), bad = 0;
	u64 *frame = pages_alloc(n, 0x1000), *boot_root = (u64 *)read_cr3();
	struct fault f;

	for (round = 0; round < rounds; round++) {
		/* a chain: each frame leads to the next, and to itself */
		for (i = 0; i < n; i++) {
			u64 *t = &frame[i * 512];

			t[0] = boot_root[0];
			t[1] = (ulong)&frame[(i + 1) % n * 512] | PTE_ALL;
			t[2] = (ulong)t | PTE_ALL;
			t[3] = i;
		}
		for (i = 0; i < n; i++) {
			ulong ones = 1ul << 39 | 1ul << 30 | 1ul << 21 |
				     1ul << 12;

			write_cr3((ulong)&frame[i * 512]);
			bad += *(volatile u64 *)(ones + 24) != (i + 4) % n;
			if (i % 4 == 0)
				try_write(&f, 2 * ones + 32, 1);
		}
		write_cr3((ulong)boot_root);
		printf("round %u: wrong %u\n", round, bad);
	}
	check(!bad, "wrong translations");
	return 0;
}
