/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tlb_rules.h - what must be forgotten at which moment, and what may stay
 *
 * Shared by the payloads for each table format. Every page of the test holds
 * its own number; a line prints the number seen after a change and the flush
 * that guarantees it. Where a stale translation is allowed, only "old or
 * new" is checked.
 *
 * Spec: SDM vol. 3 ch. 4.10.4; APM vol. 2 ch. 5.5.
 */
#include "paging.h"

static struct paging pg;
static ulong va;
static u32 *page[8];

static u32 see(ulong at)
{
	struct fault f;
	u32 number;

	if (try_read(&f, at))
		return 0x1000 + f.vector;
	number = *(volatile u32 *)at;
	return number;
}

static void map(ulong at, u32 n, u64 flags)
{
	pt_map(&pg, at, (ulong)page[n], flags, 1);
}

static void flush_cr3(void)
{
	write_cr3(read_cr3());
}

static void flush_pge(void)
{
	cr4_set(CR4_PGE, !(read_cr4() & CR4_PGE));
	cr4_set(CR4_PGE, !(read_cr4() & CR4_PGE));
}

static void flush_pg(void)
{
#ifdef __x86_64__
	long_mode_reload(read_cr3(), read_cr4());
#else
	cr0_set(CR0_PG, false);
	cr0_set(CR0_PG, true);
#endif
}

static void flush_invlpg(void)
{
	invlpg(va + 0x123); /* any address in the page will do */
}

struct flush {
	const char *name;
	void (*fn)(void);
	bool global; /* takes global translations along */
};

static const struct flush flushes[] = {
	{ "invlpg", flush_invlpg, true },
	{ "cr3", flush_cr3, false },
	{ "cr4.pge", flush_pge, true },
	{ "cr0.pg", flush_pg, true },
};

static void one_flush(const struct flush *how)
{
	struct fault f;
	u64 e;
	u32 n;

	printf("%s: frame", how->name);
	for (n = 0; n < 8; n++) {
		map(va, n, PTE_ALL);
		if (n) { /* before the flush: either */
			u32 seen = see(va);

			check(seen == n || seen == n - 1, "saw %u", seen);
		}
		how->fn();
		printf(" %u", see(va));
	}
	map(va, 1, PTE_P);
	how->fn();
	printf("; write lost %d", try_write(&f, va + 8, 1));
	map(va, 1, PTE_ALL);
	how->fn();
	user_try_read(&f, va);
	map(va, 1, PTE_P | PTE_W);
	how->fn();
	printf("; user lost %d", user_try_read(&f, va));
	map(va, 1, 0);
	how->fn();
	printf("; all lost %d", try_read(&f, va));
	map(va, 2, PTE_ALL);
	printf("; back %u", see(va)); /* absent is never remembered */

	/* A change further up: the directory entry to another table. */
	e = pt_entry(&pg, va, 2);
	{
		u64 old = pte_get(&pg, e), other = (ulong)page_alloc();

		pte_set(&pg, other + pt_index(&pg, va, 1) * pt_bytes(&pg),
			(ulong)page[5] | PTE_ALL);
		see(va);
		pte_set(&pg, e, other | PTE_ALL);
		how->fn();
		printf("; other table %u", see(va));
		pte_set(&pg, e, old & ~PTE_W);
		how->fn();
		printf("; table read-only %d", try_write(&f, va + 8, 1));
		pte_set(&pg, e, 0);
		how->fn();
		printf("; table gone %d", try_read(&f, va));
		pte_set(&pg, e, old);
		printf("; table back %u\n", see(va));
	}

	if (!how->global)
		return;
	cr4_set(CR4_PGE, true);
	printf("%s: global frame", how->name);
	for (n = 0; n < 4; n++) {
		map(va, n, PTE_ALL | PTE_G);
		how->fn();
		printf(" %u", see(va));
		map(va, n + 4, PTE_ALL | PTE_G);
		flush_cr3(); /* may stay over this */
		check(see(va) == n || see(va) == n + 4, "saw %u", see(va));
	}
	cr4_set(CR4_PGE, false);
	how->fn();
	printf("\n");
}

/* More rights need no flush: at most one fault, then the new ones count. */
static void more_rights(void)
{
	struct fault f;
	u32 tries;

	map(va, 3, PTE_P);
	invlpg(va);
	see(va);
	map(va, 3, PTE_P | PTE_W);
	for (tries = 0; tries < 3 && try_write(&f, va + 8, 1); tries++)
		;
	printf("write allowed later: %d\n", tries < 2);
	map(va, 3, PTE_ALL);
	for (tries = 0; tries < 3 && user_try_read(&f, va); tries++)
		;
	printf("user allowed later: %d\n", tries < 2);
	/* A fault forgets the address: no flush needed before the retry. */
	map(va, 4, 0);
	invlpg(va);
	check(try_read(&f, va), "absent page read");
	map(va, 4, PTE_ALL);
	printf("present later: %u\n", see(va));
}

/* Control bits that take part in each check need no flush of their own. */
static void control_bits(void)
{
	struct fault f;

	map(va, 3, PTE_P);
	invlpg(va);
	cr0_set(CR0_WP, false);
	printf("wp off: %d", try_write(&f, va + 8, 1));
	cr0_set(CR0_WP, true);
	printf(" on: %d", try_write(&f, va + 8, 1));
	cr0_set(CR0_WP, false);
	printf(" off: %d\n", try_write(&f, va + 8, 1));
	cr0_set(CR0_WP, true);
	map(va, 3, PTE_ALL);
	page[3][4] = 0xc3;
	invlpg(va);
	if (cpu_has(&feat_smep)) {
		printf("smep off: %d", try_fetch(&f, va + 16));
		cr4_set(CR4_SMEP, true);
		printf(" on: %d", try_fetch(&f, va + 16));
		cr4_set(CR4_SMEP, false);
		printf(" off: %d\n", try_fetch(&f, va + 16));
	}
	if (cpu_has(&feat_smap)) {
		printf("smap off: %d", try_read(&f, va));
		cr4_set(CR4_SMAP, true);
		printf(" on: %d", try_read(&f, va));
		flags_write(flags_read() | EFLAGS_AC);
		printf(" stac: %d", try_read(&f, va));
		flags_write(flags_read() & ~EFLAGS_AC);
		printf(" clac: %d", try_read(&f, va));
		cr4_set(CR4_SMAP, false);
		printf(" off: %d\n", try_read(&f, va));
	}
}

/* One page flushed, its neighbour may be stale but is one of the two. */
static void neighbours(void)
{
	u32 i, seen;

	for (i = 0; i < 8; i++)
		map(va + i * 0x1000, i, PTE_ALL);
	flush_cr3();
	for (i = 0; i < 8; i++)
		see(va + i * 0x1000);
	for (i = 0; i < 8; i++)
		map(va + i * 0x1000, 7 - i, PTE_ALL);
	invlpg(va + 0x3000);
	printf("flushed neighbour %u\n", see(va + 0x3000));
	for (i = 0; i < 8; i++) {
		seen = see(va + i * 0x1000);
		check(seen == i || seen == 7 - i, "page %u: saw %u", i, seen);
	}
	flush_cr3();
	printf("after cr3:");
	for (i = 0; i < 8; i++)
		printf(" %u", see(va + i * 0x1000));
	/* another root altogether, and back */
	{
		struct paging other = pg;

		other.root = root_alloc(&pg);
		for (i = 0; i < 8; i++) {
#ifndef __x86_64__
			pte_set(&other, pt_entry(&other, va, 2),
				i ? pte_get(&other, pt_entry(&other, va, 2)) :
				    0);
#endif
			pt_map(&other, va + i * 0x1000,
			       (ulong)page[(i + 1) % 8], PTE_ALL, 1);
		}
		write_cr3(other.root);
		printf(" other:");
		for (i = 0; i < 8; i++)
			printf(" %u", see(va + i * 0x1000));
		write_cr3(pg.root);
		printf(" back:");
		for (i = 0; i < 8; i++)
			printf(" %u", see(va + i * 0x1000));
		printf("\n");
	}
}

static void large_page(u32 levels)
{
	ulong base = va + 0x800000, at = base + 0x155000;
	u32 *low = (u32 *)0x1155000, *high = (u32 *)0x1955000;

	*low = 100;
	*high = 200;
	pt_map(&pg, base, 0x1000000, PTE_ALL, 2);
	printf("large: %u", see(at));
	pt_map(&pg, base, 0x1800000, PTE_ALL, 2);
	invlpg(base); /* another address of the same page */
	printf(" %u", see(at));
	pt_map(&pg, base, 0x1000000, PTE_ALL, 2);
	invlpg(base + 0x1ff000);
	printf(" %u\n", see(at));
	pte_set(&pg, pt_entry(&pg, base, 2), 0);
	invlpg(base);
}

static int tlb_rules(u32 levels)
{
	u32 i;

	va = test_area(&pg, levels);
	for (i = 0; i < 8; i++) {
		page[i] = page_alloc();
		page[i][0] = i;
	}
	for (i = 0; i < ARRAY_SIZE(flushes); i++)
		one_flush(&flushes[i]);
	more_rights();
	control_bits();
	neighbours();
	large_page(levels);
#ifdef __x86_64__
	invlpg(0x8000000000000000); /* not canonical: nothing happens */
#endif
	invlpg(va + 0x7000000); /* not mapped: nothing happens */
	return 0;
}
