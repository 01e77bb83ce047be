// SPDX-License-Identifier: GPL-2.0
/*
 * many_roots.c - two hundred address spaces by turns, changed in between
 *
 * Each has a table of its own and shares one with all others, as kernels
 * share theirs. A cache of shadow tables must tell them apart, keep them
 * over switches, and follow changes made while another one runs.
 */
#include "paging.h"

#define ROOTS 200
#define OWN 16 /* pages of its own */

static struct paging as[ROOTS];
static u16 own[ROOTS][OWN];
static u32 *frame[512];
static u16 shared[64];

int main(void)
{
	struct paging pg;
	ulong va = test_area(&pg, 4), common = va + 0x200000, at;
	u32 i, k, turn, bad = 0, turns = cmdline_u64("rounds", 15);
	u64 hash = HASH_INIT;
	struct rng rng;

	rng_seed(&rng, 11);
	for (i = 0; i < 512; i++) {
		frame[i] = page_alloc();
		frame[i][0] = i;
	}
	for (k = 0; k < 64; k++) {
		shared[k] = k;
		pt_map(&pg, common + k * 0x1000, (ulong)frame[k], PTE_ALL, 1);
	}
	for (i = 0; i < ROOTS; i++) {
		as[i] = pg;
		as[i].root = root_alloc(&pg);
		for (k = 0; k < OWN; k++) {
			own[i][k] = rng_below(&rng, 512);
			pt_map(&as[i], va + k * 0x1000, (ulong)frame[own[i][k]],
			       PTE_ALL, 1);
		}
		*(u64 *)pt_entry(&as[i], common, 2) =
			*(u64 *)pt_entry(&pg, common, 2);
	}
	for (turn = 0; turn < turns; turn++) {
		for (i = 0; i < ROOTS; i++) {
			u32 n = (i * 7 + turn) %
				ROOTS; /* 7: no divisor of 200 */

			write_cr3(as[n].root);
			for (k = 0; k < 4; k++) {
				u32 p = rng_below(&rng, OWN),
				    s = rng_below(&rng, 64);

				at = va + p * 0x1000;
				bad += *(volatile u32 *)at != own[n][p];
				hash = hash_u64(hash, *(volatile u32 *)at);
				at = common + s * 0x1000;
				bad += *(volatile u32 *)at != shared[s];
				++*(volatile u32 *)(at + 4);
			}
			/* change one that is not running, and the shared one */
			k = rng_below(&rng, ROOTS);
			own[k][i % OWN] = rng_below(&rng, 512);
			pte_set(&as[k],
				pt_entry(&as[k], va + i % OWN * 0x1000, 1),
				(ulong)frame[own[k][i % OWN]] | PTE_ALL);
			if (k == n)
				invlpg(va + i % OWN * 0x1000);
			if (i % 5 == 0) {
				u32 s = rng_below(&rng, 64);

				shared[s] = rng_below(&rng, 512);
				pte_set(&pg,
					pt_entry(&pg, common + s * 0x1000, 1),
					(ulong)frame[shared[s]] | PTE_ALL);
				invlpg(common + s * 0x1000);
			}
		}
		printf("turn %u: wrong %u hash %08x\n", turn, bad,
		       (u32)(hash ^ hash >> 32));
	}
	write_cr3(pg.root);
	for (i = 0, k = 0; i < 512; i++)
		k += frame[i][1];
	printf("writes %u\n", k);
	check(!bad, "stale translations");
	return 0;
}
