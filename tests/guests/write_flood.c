// SPDX-License-Identifier: GPL-2.0
/*
 * write_flood.c - page tables become data, and data page tables, all the time
 *
 * As fork and exit do: build the tables of an address space, run in it, tear
 * it down; the freed frames hold data next time. Then tables that are in
 * use are written over and over, which must not go unnoticed either.
 */
#include "paging.h"

#define PAGES 64

static struct paging pg;
static ulong va;
static u32 *page[PAGES];

static u64 round_of(u32 i, u64 hash)
{
	struct paging as = { .levels = 4 };
	u32 n, count = 1 + i % PAGES;
	u64 *pt, *pd, *pdpt;

	/* pages that held something else a moment ago */
	as.root = root_alloc(&as);
	pdpt = page_alloc();
	pd = page_alloc();
	pt = page_alloc();
	*(u64 *)pt_entry(&as, va, 4) = (ulong)pdpt | PTE_ALL;
	pdpt[pt_index(&as, va, 3)] = (ulong)pd | PTE_ALL;
	pd[pt_index(&as, va, 2)] = (ulong)pt | PTE_ALL;
	for (n = 0; n < count; n++)
		pt[n] = (ulong)page[(n + i) % PAGES] | PTE_ALL;
	write_cr3(as.root);
	for (n = 0; n < count; n += 7) {
		hash = hash_u64(hash, *(volatile u32 *)(va + n * 0x1000ul));
		*(volatile u32 *)(va + n * 0x1000ul + 4) += 1;
	}
	/* still running on it: half of the table goes away */
	for (n = 0; n < count; n += 2) {
		pt[n] = 0;
		invlpg(va + n * 0x1000ul);
	}
	for (n = 1; n < count; n += 10)
		hash = hash_u64(hash, *(volatile u32 *)(va + n * 0x1000ul));
	write_cr3(pg.root);
	/* what was a table is filled with data that looks like entries */
	memset(pt, 0xe7, 0x1000);
	for (n = 0; n < 512; n++)
		pd[n] = (u64)n << 12 | PTE_ALL;
	page_free(pt);
	page_free(pd);
	page_free(pdpt);
	page_free((void *)as.root);
	return hash;
}

/* A live table written as data, again and again, flushed now and then. */
static void live_table(void)
{
	volatile u64 *pt = (u64 *)pt_entry(&pg, va, 1);
	u32 i, n, bad = 0;

	for (i = 0; i < 300; i++) {
		for (n = 0; n < PAGES; n++)
			pt[n] = (ulong)page[(n * 3 + i) % PAGES] | PTE_ALL;
		if (i % 3 == 0) {
			write_cr3(read_cr3());
			for (n = 0; n < PAGES; n += 5)
				bad += *(volatile u32 *)(va + n * 0x1000ul) !=
				       (n * 3 + i) % PAGES;
		} else {
			n = i % PAGES;
			invlpg(va + n * 0x1000ul);
			bad += *(volatile u32 *)(va + n * 0x1000ul) !=
			       (n * 3 + i) % PAGES;
		}
	}
	printf("live table: wrong %u\n", bad);
	check(!bad, "stale");

	/* byte by byte, with string instructions, and across two entries */
	for (i = 0, bad = 0; i < 100; i++) {
		u64 want = (ulong)page[i % PAGES] | PTE_ALL, two[2];
		volatile u8 *to = (u8 *)&pt[10];

		for (n = 0; n < 8; n++)
			to[n] = want >> n * 8;
		invlpg(va + 10 * 0x1000);
		bad += *(volatile u32 *)(va + 10 * 0x1000) != i % PAGES;
		two[0] = (ulong)page[(i + 1) % PAGES] | PTE_ALL;
		two[1] = (ulong)page[(i + 2) % PAGES] | PTE_ALL;
		memcpy((void *)&pt[10], two, 16);
		invlpg(va + 10 * 0x1000);
		invlpg(va + 11 * 0x1000);
		bad += *(volatile u32 *)(va + 10 * 0x1000) != (i + 1) % PAGES;
		bad += *(volatile u32 *)(va + 11 * 0x1000) != (i + 2) % PAGES;
		/* an unaligned write over the border changes both frames */
		*(volatile u64 *)((u8 *)&pt[10] + 6) =
			(u64)((ulong)page[(i + 3) % PAGES] | PTE_ALL) << 16;
		invlpg(va + 11 * 0x1000);
		bad += *(volatile u32 *)(va + 11 * 0x1000) != (i + 3) % PAGES;
	}
	printf("odd writes: wrong %u\n", bad);
	check(!bad, "stale");
}

int main(void)
{
	u32 i, n, rounds = cmdline_u64("rounds", 2000);
	u64 hash = HASH_INIT;

	va = test_area(&pg, 4);
	for (i = 0; i < PAGES; i++) {
		page[i] = page_alloc();
		page[i][0] = i;
		pt_map(&pg, va + i * 0x1000ul, (ulong)page[i], PTE_ALL, 1);
	}
	for (i = 0; i < rounds; i++) {
		hash = round_of(i, hash);
		if (i % 200 == 199)
			printf("round %u: %08x\n", i, (u32)(hash ^ hash >> 32));
	}
	for (i = 0, n = 0; i < PAGES; i++)
		n += page[i][1];
	printf("writes %u\n", n);
	live_table();
	return 0;
}
