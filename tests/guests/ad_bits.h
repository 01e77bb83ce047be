/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ad_bits.h - when the CPU sets accessed and dirty bits, and when it must not
 *
 * Shared by the payloads for each table format. Bits are cleared, the
 * address is flushed, one access is made, the bits are read back from all
 * levels. Only what both manuals promise is printed: nothing about accessed
 * bits when the access faults, nothing about bits changed without a flush.
 */
#include "paging.h"

static struct paging pg;
static ulong va; /* of two pages in a row */
static u32 top; /* highest level that has accessed bits */

static void put_ad(ulong at, u32 leaf, u64 leaf_ad)
{
	u32 level;
	u64 e;

	for (level = leaf; level <= top; level++) {
		e = pt_entry(&pg, at, level);
		pte_set(&pg, e,
			(pte_get(&pg, e) & ~(PTE_A | PTE_D)) |
				(level == leaf ? leaf_ad : 0));
	}
	invlpg(at);
}

/* "A" of each level from the leaf up, then "D" of the leaf. */
static void show_ad(const char *what, ulong at, u32 leaf)
{
	u32 level;

	printf("%s: A", what);
	for (level = leaf; level <= top; level++)
		printf("%d",
		       !!(pte_get(&pg, pt_entry(&pg, at, level)) & PTE_A));
	printf(" D%d\n", !!(pte_get(&pg, pt_entry(&pg, at, leaf)) & PTE_D));
}

static bool is_dirty(ulong at, u32 leaf)
{
	return pte_get(&pg, pt_entry(&pg, at, leaf)) & PTE_D;
}

static void kinds(const char *size, u32 leaf)
{
	static const char *const names[] = { "read",	   "write",
					     "fetch",	   "user read",
					     "user write", "user fetch" };
	static const u64 before[] = { 0, PTE_A, PTE_D, PTE_A | PTE_D };
	struct fault f;
	u32 i, b;

	for (b = 0; b < ARRAY_SIZE(before); b++) {
		for (i = 0; i < ARRAY_SIZE(names); i++) {
			put_ad(va, leaf, before[b]);
			switch (i) {
			case 0:
				try_read(&f, va);
				break;
			case 1:
				try_write(&f, va + 16, 1);
				break;
			case 2:
				try_fetch(&f, va);
				break;
			case 3:
				user_try_read(&f, va);
				break;
			case 4:
				user_try_write(&f, va + 16);
				break;
			case 5:
				user_try_fetch(&f, va);
			}
			check(!f.hit, "%s %s", size, names[i]);
			printf("%s before A%d D%d ", size,
			       !!(before[b] & PTE_A), !!(before[b] & PTE_D));
			show_ad(names[i], va, leaf);
		}
	}

	/* A read first: the translation is cached when the write comes. */
	put_ad(va, leaf, 0);
	try_read(&f, va);
	show_ad("first a read", va, leaf);
	try_write(&f, va + 16, 2);
	show_ad("then a write", va, leaf);

	/* Writes that fault leave the page clean. */
	pte_set(&pg, pt_entry(&pg, va, leaf),
		pte_get(&pg, pt_entry(&pg, va, leaf)) & ~PTE_W);
	put_ad(va, leaf, 0);
	check(try_write(&f, va + 16, 3), "%s: read-only, no fault", size);
	printf("%s faulting write: D%d\n", size, is_dirty(va, leaf));
	cr0_set(CR0_WP, false);
	invlpg(va);
	try_write(&f, va + 16, 4);
	show_ad("same with CR0.WP off", va, leaf);
	cr0_set(CR0_WP, true);
	put_ad(va, leaf, 0);
	pte_set(&pg, pt_entry(&pg, va, leaf),
		(pte_get(&pg, pt_entry(&pg, va, leaf)) & ~PTE_U) | PTE_W);
	invlpg(va);
	check(user_try_write(&f, va + 16), "%s: supervisor, no fault", size);
	printf("%s faulting user write: D%d\n", size, is_dirty(va, leaf));
}

static void push_at(ulong stack)
{
	asm volatile("mov %%" SP_REG ", %%" DI_REG "\n\t"
		     "mov %0, %%" SP_REG "\n\t"
		     "push %%" AX_REG "\n\t"
		     "mov %%" DI_REG ", %%" SP_REG
		     :
		     : "r"(stack)
		     : DI_REG, "memory");
}

/* Instructions that write in ways of their own, over the page border too. */
static void writers(u8 *data)
{
	ulong next = va + 0x1000, edge = next - 2;
	u32 old, n;
	void *to;
	const void *from;

#define TWICE(name, code)                       \
	do {                                    \
		put_ad(va, 1, 0);               \
		put_ad(next, 1, 0);             \
		code;                           \
		show_ad(name " low", va, 1);    \
		show_ad(name " high", next, 1); \
	} while (0)

	memset(data, 0, 0x2000);
	/* clang-format off */
	TWICE("unaligned read",
	      asm volatile("mov (%1), %0" : "=r"(old) : "r"(edge) : "memory"));
	TWICE("unaligned write",
	      asm volatile("movl $7, (%0)" : : "r"(edge) : "memory"));
	TWICE("xchg",
	      asm volatile("xchgl %0, (%1)" : "=r"(old) : "r"(va + 64) : "memory"));
	TWICE("lock add",
	      asm volatile("lock; addl $1, (%0)" : : "r"(next) : "memory"));
	TWICE("lock bts",
	      asm volatile("lock; btsl $3, (%0)" : : "r"(va) : "memory", "cc"));
	TWICE("cmpxchg equal",
	      asm volatile("lock; cmpxchgl %2, (%1)"
			   : "=a"(old) : "r"(va + 128), "r"(5), "0"(0)
			   : "memory", "cc"));
	TWICE("bit test",
	      asm volatile("btl $3, (%0)" : : "r"(va) : "memory", "cc"));
	TWICE("rep stos",
	      to = (void *)(edge - 64); n = 128;
	      asm volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(0x33) : "memory"));
	TWICE("rep movs",
	      to = (void *)next; from = (void *)(next - 32); n = 32;
	      asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory"));
	TWICE("rep movs of nothing",
	      to = (void *)next; from = (void *)va; n = 0;
	      asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory"));
	TWICE("push", push_at(next));
	TWICE("invlpg", invlpg(va));
	/* clang-format on */
	printf("data %u\n", *(u32 *)(data + 0xffe) & 0xff);
}

/* Two addresses of one page: only the one that is used gets its bits. */
static void aliases(u8 *data)
{
	ulong other = va + 0x8000;
	struct fault f;

	pt_map(&pg, other, (ulong)data, PTE_ALL, 1);
	put_ad(va, 1, 0);
	put_ad(other, 1, 0);
	try_write(&f, other, 9);
	show_ad("alias used", other, 1);
	printf("alias unused: A%d D%d\n",
	       !!(pte_get(&pg, pt_entry(&pg, va, 1)) & PTE_A), is_dirty(va, 1));
	/* The same through the unused one's read. */
	put_ad(va, 1, 0);
	check(*(volatile u8 *)va == 9, "alias shows %u", *(u8 *)va);
	show_ad("alias read", va, 1);

	/* Walks read tables by physical address: no bits where those map. */
	pt_map(&pg, other, pt_entry(&pg, va, 1) & ~0xffful, PTE_ALL, 1);
	put_ad(other, 1, 0);
	put_ad(va, 1, 0);
	try_write(&f, va, 1);
	printf("table's own mapping: A%d D%d\n",
	       !!(pte_get(&pg, pt_entry(&pg, other, 1)) & PTE_A),
	       is_dirty(other, 1));
	pte_set(&pg, pt_entry(&pg, other, 1), 0);
}

static int ad_bits(u32 levels)
{
	u8 *data = pages_alloc(2, 0x2000);

	va = test_area(&pg, levels);
	top = levels == 3 ? 2 : levels;

	pt_map(&pg, va, (ulong)data, PTE_ALL, 1);
	data[0] = 0xc3;
	kinds("4K", 1);
	pt_map(&pg, va, (ulong)data, PTE_ALL, 1);
	pt_map(&pg, va + 0x1000, (ulong)data + 0x1000, PTE_ALL, 1);
	invlpg(va);
	writers(data);
	aliases(data);

	cr4_set(CR4_PGE, true);
	pt_map(&pg, va, (ulong)data, PTE_ALL | PTE_G, 1);
	put_ad(va, 1, 0);
	*(volatile u8 *)(va + 32) = 1;
	show_ad("global write", va, 1);
	cr4_set(CR4_PGE, false);

	data = (u8 *)0x1000000; /* on any large page's border */
	data[0] = 0xc3;
	pt_map(&pg, va, (ulong)data, PTE_ALL, 2);
	invlpg(va);
	kinds(levels == 2 ? "4M" : "2M", 2);
	if (levels == 4 && cpu_has(&feat_gbpages)) {
		/* a page at 16 MiB of the first GiB */
		va += 0x1000000;
		pt_map(&pg, va, 0, PTE_ALL, 3);
		invlpg(va);
		kinds("1G", 3);
	}
	return 0;
}
