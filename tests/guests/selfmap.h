/* SPDX-License-Identifier: GPL-2.0 */
/*
 * selfmap.h - page tables that map themselves, edited through themselves
 *
 * One entry of the root points to the root, so all tables appear as memory
 * (an old way to reach them). Entries are written only through that window;
 * every walk must follow at once after the flush.
 */
#include "paging.h"

static struct paging pg;
static ulong va;
static u32 slot; /* entry of the root that is the root */

/* Where the entry of that level for at appears in the window. */
static volatile void *entry(ulong at, u32 level)
{
	u64 window = 0, index;
	u32 l, bits = pg.levels == 2 ? 10 : 9;

	/* as many rounds through the root as levels are left out */
	for (l = 0; l < level; l++)
		window |= (u64)slot << (12 + (pg.levels - 1 - l) * bits);
	index = (u64)at >> pt_shift(&pg, level);
	index &= BIT(bits * (pg.levels - level + 1)) - 1;
	window |= index * pt_bytes(&pg);
	if (pg.levels == 4 && window & BIT(47))
		window |= 0xffff000000000000;
	return (volatile void *)(ulong)window;
}

static u64 get(ulong at, u32 level)
{
	volatile void *e = entry(at, level);

	return pg.levels == 2 ? *(volatile u32 *)e : *(volatile u64 *)e;
}

static void set(ulong at, u32 level, u64 pte)
{
	volatile void *e = entry(at, level);

	if (pg.levels == 2)
		*(volatile u32 *)e = pte;
	else
		*(volatile u64 *)e = pte;
}

static int selfmap(u32 levels)
{
	u32 i, n, wrong = 0, bad[64] = { 0 };
	struct rng rng;
	struct fault f;
	u32 *page[64];
	u64 hash = HASH_INIT;

	va = test_area(&pg, levels);
	slot = levels == 2 ? 1000 : 510;
	pte_set(&pg, pg.root + slot * pt_bytes(&pg), pg.root | PTE_P | PTE_W);
	invlpg((ulong)entry(va, levels));
	pt_map(&pg, va, 0, 0, 1); /* makes the tables above va */

	for (i = 0; i < 64; i++) {
		page[i] = page_alloc();
		page[i][0] = i;
	}
	printf("root through itself: same %d\n",
	       pte_addr(get(va, levels)) ==
		       pte_addr(pte_get(&pg, pt_entry(&pg, va, levels))));

	rng_seed(&rng, 2);
	for (i = 0; i < 3000; i++) {
		u32 where = rng_below(&rng, 64);
		ulong at = va + where * 0x1000;

		n = rng_below(&rng, 65);
		if (n == 64) {
			set(at, 1, 0);
			invlpg(at);
			bad[where] = !try_read(&f, at);
		} else {
			set(at, 1, (ulong)page[n] | PTE_ALL);
			invlpg(at);
			bad[where] = *(volatile u32 *)at != n;
			check(get(at, 1) & PTE_A, "entry %u not accessed",
			      where);
			check(!(get(at, 1) & PTE_D), "entry %u dirty", where);
			*(volatile u32 *)(at + 4) = i;
			check(get(at, 1) & PTE_D, "entry %u not dirty", where);
		}
		wrong += bad[where];
		hash = hash_u64(hash, get(at, 1));
	}
	printf("wrong %u of 3000, entries %08x\n", wrong,
	       (u32)(hash ^ hash >> 32));
	for (i = 0, hash = HASH_INIT; i < 64; i++)
		hash = hash_u64(hash, page[i][1]);
	printf("pages %08x\n", (u32)(hash ^ hash >> 32));

	/* The directory entry, through the window of one level up. */
	for (i = 0; i < 20; i++) {
		u32 *table = page_alloc(), bytes = pt_bytes(&pg);
		u64 old = get(va, 2);

		pte_set(&pg, (ulong)table + pt_index(&pg, va, 1) * bytes,
			(ulong)page[i] | PTE_ALL);
		set(va, 2, (ulong)table | PTE_ALL);
		invlpg(va);
		invlpg((ulong)entry(va, 1)); /* the window moves as well */
		printf("%u%s", *(volatile u32 *)va, i == 19 ? "\n" : " ");
		check(pte_addr(get(va, 1)) == (ulong)page[i],
		      "window is stale");
		/* take all rights away and give them back */
		set(va, 2, 0);
		invlpg(va);
		invlpg((ulong)entry(va, 1));
		check(try_read(&f, va), "read without a table");
		check(try_read(&f, (ulong)entry(va, 1)),
		      "window without a table");
		set(va, 2, old);
		invlpg(va);
		invlpg((ulong)entry(va, 1));
		page_free(table);
	}

	/* User mode must not see the tables; a read-only window holds. */
	printf("user in window: %d", user_try_read(&f, (ulong)entry(va, 1)));
	printf(" error %x\n", f.error);
	pte_set(&pg, pg.root + slot * pt_bytes(&pg), pg.root | PTE_P);
	write_cr3(read_cr3());
	printf("write in read-only window: %d",
	       try_write(&f, (ulong)entry(va, 1), 0));
	printf(" error %x\n", f.error);
	return 0;
}
