// SPDX-License-Identifier: GPL-2.0
/*
 * mode_switch.c - long mode, unpaged, PAE, 32-bit, real mode, round and round
 *
 * Each tour leaves long mode, counts once in every mode at one linear
 * address, which is another frame each time, and comes back. Tables of all
 * formats change between tours, so nothing kept from an earlier one may
 * survive. The assembler part is mode_switch.S.
 */
#include "paging.h"

#define AT 0x40000000ul

struct tour {
	u32 pae_cr3, p32_cr3;
	u32 count_flat;
	u32 seen_pae, seen_p32;
	u32 unused[2];
	u32 seen_flat;
};

void mode_tour(struct tour *t);
extern char real_code[], real_code_end[], real_count[], real_ints[];

/* Low 16 MiB one to one, and AT; returns where the entry for AT lies. */
static u64 tables(struct paging *pg)
{
	u32 i, step = pg->levels == 2 ? 0x400000 : 0x200000;

	pg->root = (ulong)page_alloc();
	for (i = 0; i < 0x2000000; i += step)
		pt_map(pg, i, i, PTE_P | PTE_W, 2);
	return pt_entry(pg, AT, 1);
}

static u32 real_word(char *label)
{
	return *(volatile u32 *)(TRAMPOLINE + (label - real_code));
}

int main(void)
{
	struct paging pae = { .levels = 3 }, p32 = { .levels = 2, .pse = true };
	struct paging now;
	u64 e_pae = tables(&pae), e_p32 = tables(&p32), hash = HASH_INIT;
	u32 *frames[8], i, n = cmdline_u64("rounds", 200);
	struct tour tour = { pae.root, p32.root, 0, 0, 0, { 0 }, 0 };

	paging_now(&now);
	for (i = 0; i < 8; i++) {
		frames[i] = page_alloc();
		*frames[i] = i * 1000;
	}
	memcpy((void *)TRAMPOLINE, real_code, real_code_end - real_code);
	*(volatile u32 *)0x50010 = 0;

	for (i = 0; i < n; i++) {
		u32 *f_pae = frames[i % 8], *f_p32 = frames[(i * 5 + 1) % 8];
		u32 was_pae = *f_pae, was_p32;

		pte_set(&pae, e_pae, (ulong)f_pae | PTE_P | PTE_W);
		pte_set(&p32, e_p32, (ulong)f_p32 | PTE_P | PTE_W);
		*(volatile u32 *)0x1000000 = i * 3;
		was_p32 = *f_p32 + (f_pae == f_p32);
		mode_tour(&tour);
		check(tour.seen_pae == was_pae + 1, "round %u: PAE saw %u", i,
		      tour.seen_pae);
		check(tour.seen_p32 == was_p32 + 1, "round %u: 32-bit saw %u",
		      i, tour.seen_p32);
		check(tour.seen_flat == i * 3, "round %u: unpaged saw %u", i,
		      tour.seen_flat);
		hash = hash_u64(hash_u64(hash, tour.seen_pae), tour.seen_p32);
		if (i % 20 == 19)
			printf("round %u: flat %u real %u int %u hash %08x\n",
			       i, tour.count_flat, real_word(real_count),
			       real_word(real_ints), (u32)(hash ^ hash >> 32));
	}
	for (i = 0; i < 8; i++)
		printf("frame %u: %u\n", i, *frames[i]);
	printf("accessed %d %d dirty %d %d\n", !!(pte_get(&pae, e_pae) & PTE_A),
	       !!(pte_get(&p32, e_p32) & PTE_A),
	       !!(pte_get(&pae, e_pae) & PTE_D),
	       !!(pte_get(&p32, e_p32) & PTE_D));
	return 0;
}
