// SPDX-License-Identifier: GPL-2.0
/*
 * pcid.c - process-context identifiers, and the four kinds of INVPCID
 *
 * Only what is guaranteed is printed; where a translation may be kept, "old
 * or new" is checked. QEMU 7.2's own CPUs have neither feature: there this
 * says so and ends; it speaks on other CPUs.
 *
 * Spec: SDM vol. 3 ch. 4.10.1, 4.10.4; APM vol. 2 ch. 5.5.1.
 */
#include "paging.h"

#define NOFLUSH BIT(63)

static struct paging pg;
static ulong va;
static u32 *page[8];

static void map(u32 n, u64 flags)
{
	pt_map(&pg, va, (ulong)page[n], PTE_P | PTE_W | flags, 1);
}

static u32 see(void)
{
	return *(volatile u32 *)va;
}

static void invpcid(u64 type, u64 pcid, u64 address)
{
	u64 descriptor[2] = { pcid, address };

	asm volatile("invpcid %0, %1"
		     :
		     : "m"(descriptor), "r"(type)
		     : "memory");
}

static void load_cr3(void *value)
{
	write_cr3((ulong)value);
}

static void set_pcide(void *on)
{
	cr4_set(CR4_PCIDE, on);
}

static void bad_invpcid(void *type)
{
	invpcid((ulong)type, 1, va);
}

static void rules_of_loading(void)
{
	struct fault f;

	guard(&f, load_cr3, (void *)(pg.root | NOFLUSH));
	printf("bit 63 without PCIDE: %s\n", f.hit ? "#GP" : "ok");
	write_cr3(pg.root | 5 << 3);
	guard(&f, set_pcide, (void *)1);
	printf("PCIDE with low bits in CR3: %s\n", f.hit ? "#GP" : "ok");
	write_cr3(pg.root);
	guard(&f, set_pcide, (void *)1);
	printf("PCIDE: %s\n", f.hit ? "#GP" : "ok");
	write_cr3(pg.root | 0x123 | NOFLUSH);
	printf("CR3 reads without bit 63: %d\n",
	       read_cr3() == (pg.root | 0x123));
}

static void contexts(void)
{
	u32 n;

	for (n = 1; n < 8; n++) {
		map(n - 1, 0);
		write_cr3(pg.root | 1);
		check(see() == n - 1, "context 1");
		write_cr3(pg.root | 2);
		check(see() == n - 1, "context 2");
		map(n, 0);
		/* 2 is kept or not, 1 is flushed by loading it */
		write_cr3(pg.root | 2 | NOFLUSH);
		check(see() == n || see() == n - 1, "context 2: %u", see());
		write_cr3(pg.root | 1);
		printf("%u ", see());
		write_cr3(pg.root | 2);
		printf("%u ", see());
	}
	printf("\n");
	/* INVLPG: this context for certain */
	map(3, 0);
	invlpg(va);
	printf("invlpg in 2: %u\n", see());
	write_cr3(pg.root | 1 | NOFLUSH);
	check(see() == 3 || see() == 7, "context 1: %u", see());
	invlpg(va);
	printf("invlpg in 1: %u\n", see());
	/* PCIDE off flushes all */
	map(4, 0);
	write_cr3(pg.root | NOFLUSH);
	cr4_set(CR4_PCIDE, false);
	printf("PCIDE off: %u\n", see());
	cr4_set(CR4_PCIDE, true);
}

static void invalidations(void)
{
	struct fault f;
	u32 type, n;

	if (!cpu_has(&feat_invpcid)) {
		printf("no invpcid\n");
		return;
	}
	for (type = 0; type < 4; type++) {
		for (n = 0; n < 4; n++) {
			map(n, 0);
			write_cr3(pg.root | 1);
			check(see() == n, "context 1");
			write_cr3(pg.root | 2);
			map(n + 4, 0);
			invpcid(type, type < 2 ? 1 : 0, type ? 0 : va);
			write_cr3(pg.root | 1 | NOFLUSH);
			printf("type %u: %u\n", type, see());
		}
	}
	cr4_set(CR4_PGE, true);
	map(1, PTE_G);
	invlpg(va);
	see();
	map(2, PTE_G);
	invpcid(2, 0, 0);
	printf("type 2, global: %u\n", see());
	cr4_set(CR4_PGE, false);
	guard(&f, bad_invpcid, (void *)4);
	printf("type 4: %s\n",
	       f.hit && f.vector == GP_VECTOR ? "#GP" : "no #GP");
}

int main(void)
{
	u32 i;

	need(&feat_pcid);
	va = test_area(&pg, 4);
	for (i = 0; i < 8; i++) {
		page[i] = page_alloc();
		page[i][0] = i;
	}
	map(0, 0);
	rules_of_loading();
	contexts();
	invalidations();
	write_cr3(pg.root);
	cr4_set(CR4_PCIDE, false);
	return 0;
}
