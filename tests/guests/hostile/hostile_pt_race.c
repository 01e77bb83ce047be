// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_pt_race.c - one CPU scribbles in the tables that the other walks
 *
 * No locks, no flushes: entries change in the middle of a walk, between the
 * walk and the fill, and while accessed bits are set. Pointers stay within
 * a pool of frames, so that the payload itself lives.
 * Command line: seed=N rounds=N.
 */
#include "paging.h"

#define POOL 24

static u64 *frame[POOL];
static volatile bool stop;
static u64 *root;

static u64 random_pte(struct rng *rng)
{
	u64 r = rng_next(rng);
	u64 pte = (ulong)frame[r % POOL] | (r >> 8 & 0xfff);

	if (r >> 20 & 1)
		pte |= PTE_ALL;
	if ((r >> 21 & 7) == 0)
		pte |= PTE_NX;
	if ((r >> 24 & 31) == 0)
		pte |= BIT(51);
	if ((r >> 29 & 7) == 0)
		pte = 0x2000000 | PTE_PS | PTE_ALL;
	else
		pte &= ~PTE_PS;
	return pte;
}

static void scribble(void *arg)
{
	struct rng rng;

	rng_seed(&rng, (ulong)arg);
	while (!stop) {
		u64 *e = &frame[rng_below(&rng, POOL)][rng_below(&rng, 4)];

		if (rng_below(&rng, 8) == 0)
			e = &root[1 + rng_below(&rng, 3)];
		__atomic_store_n(e, random_pte(&rng), __ATOMIC_RELAXED);
	}
}

int main(void)
{
	u32 i, rounds = cmdline_u64("rounds", 30000);
	struct paging pg;
	struct rng rng;
	struct fault f;

	paging_now(&pg);
	rng_seed(&rng, cmdline_u64("seed", 1));
	for (i = 0; i < POOL; i++)
		frame[i] = page_alloc();
	root = (u64 *)root_alloc(&pg);
	if (smp_start(2) != 2) {
		fail("no second CPU");
		return 1;
	}
	write_cr3((ulong)root);
	cpu_start(1, scribble, (void *)(ulong)cmdline_u64("seed", 1));
	for (i = 0; i < rounds; i++) {
		ulong va = (1ul + rng_below(&rng, 3)) << 39 |
			   (ulong)rng_below(&rng, 4) << 30 |
			   (ulong)rng_below(&rng, 4) << 21 |
			   (ulong)rng_below(&rng, 4) << 12 | 0x800;

		if (i % 3 == 0)
			try_write(&f, va, 0);
		else if (i % 3 == 1)
			try_read(&f, va);
		else
			user_try_read(&f, va);
		if (i % 7 == 0)
			invlpg(va);
		if (i % 50 == 0)
			write_cr3((ulong)root);
	}
	stop = true;
	cpu_join(1);
	printf("still here\n");
	return 0;
}
