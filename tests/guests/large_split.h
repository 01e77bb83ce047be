/* SPDX-License-Identifier: GPL-2.0 */
/*
 * large_split.h - large pages split into small ones and merged again
 *
 * Shared by the payloads for each table format. The two mappings show the
 * same frames; then single small pages change, and the large one returns.
 */
#include "paging.h"

static struct paging pg;
static ulong va;

/* A hash over one word of each small page, as seen through va. */
static u32 look(u32 pages)
{
	u64 hash = HASH_INIT;
	u32 i;

	for (i = 0; i < pages; i++)
		hash = hash_u64(hash,
				*(volatile u32 *)(va + i * 0x1000ul + 0x40));
	return hash ^ hash >> 32;
}

static void split_and_merge(u32 round, u32 pages, u64 frames)
{
	u64 table = (ulong)page_alloc(), other = (ulong)page_alloc();
	u64 e = pt_entry(&pg, va, 2), large = frames | PTE_ALL | PTE_PS;
	u32 i, odd = (round * 37 + 5) % pages, b = pt_bytes(&pg);
	struct fault f;

	*(u32 *)(ulong)(other + 0x40) = 0xabcd0000 + round;
	pte_set(&pg, e, large);
	invlpg(va);
	printf("round %u: large %08x", round, look(pages));
	*(volatile u32 *)(va + odd * 0x1000ul + 0x40) += 1;

	for (i = 0; i < pages; i++)
		pte_set(&pg, table + i * b, (frames + i * 0x1000ul) | PTE_ALL);
	pte_set(&pg, e, table | PTE_ALL);
	invlpg(va);
	printf(" split %08x", look(pages));

	/* one page elsewhere, one read-only, one absent */
	pte_set(&pg, table + odd * b, other | PTE_ALL);
	invlpg(va + odd * 0x1000ul);
	printf(" changed %08x", look(pages));
	pte_set(&pg, table + odd * b, (frames + odd * 0x1000ul) | PTE_P);
	invlpg(va + odd * 0x1000ul);
	printf(" ro %d", try_write(&f, va + odd * 0x1000ul + 0x44, 1));
	check(!try_write(&f, va + (odd ^ 1) * 0x1000ul + 0x44, 1), "neighbour");
	pte_set(&pg, table + odd * b, 0);
	invlpg(va + odd * 0x1000ul);
	printf(" gone %d", try_read(&f, va + odd * 0x1000ul));
	check(!try_read(&f, va + (odd ^ 1) * 0x1000ul), "neighbour");

	pte_set(&pg, e, large);
	for (i = 0; i < pages; i++)
		invlpg(va + i * 0x1000ul);
	printf(" merged %08x", look(pages));
	*(volatile u32 *)(va + odd * 0x1000ul + 0x40) += 1;
	/* the old table is plain memory now */
	memset((void *)(ulong)table, 0xff, 0x1000);
	printf(" end %08x\n", look(pages));

	/* large, but read-only, then back */
	pte_set(&pg, e, large & ~PTE_W);
	invlpg(va);
	check(try_write(&f, va + 0x1000, 1), "large read-only page written");
	pte_set(&pg, e, large);
	invlpg(va);
	check(!try_write(&f, va + 0x1000, 1), "large page not writable");
	page_free((void *)(ulong)table);
	page_free((void *)(ulong)other);
}

static int large_split(u32 levels)
{
	u32 pages = levels == 2 ? 1024 : 512, i;
	u64 frames = 0x1000000;

	va = test_area(&pg, levels);
	for (i = 0; i < 1024; i++)
		*(u32 *)(ulong)(frames + i * 0x1000ul + 0x40) = i * 0x10001;
	for (i = 0; i < 24; i++)
		split_and_merge(i, pages, frames);
	/* Every half large page: the border lies inside guest memory. */
	pt_map(&pg, va, 0x3c00000, PTE_ALL, 2);
	invlpg(va);
	*(volatile u32 *)(va + pages * 0x1000ul - 4) = 0x600d;
	printf("last large page of memory %x\n",
	       *(volatile u32 *)(0x3c00000 + pages * 0x1000ul - 4));
	return 0;
}
