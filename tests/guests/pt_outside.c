// SPDX-License-Identifier: GPL-2.0
/*
 * pt_outside.c - table entries that lead out of memory
 *
 * Entries of each level point to addresses without RAM, into device
 * registers and to the last addresses there are. What a walk reads there is
 * not ours to say (zeros, ones, a register), so only this counts: each
 * access ends, by a fault or with some value; and after it all other
 * translations work, as does the entry once it is right again. CR3 itself
 * stays in memory.
 */
#include "paging.h"

int main(void)
{
	static const u64 places[] = {
		0x08000000, /* above 64 MiB of RAM */
		0xfd000000, /* a hole below the devices */
		0xfec00000, /* I/O APIC */
		0xfee00000, /* local APIC */
		0x100000000, /* above 4 GiB */
		0xfffffff000, /* end of 40 bits */
	};
	struct paging pg;
	ulong va = test_area(&pg, 4);
	u64 *page = page_alloc(), e, old;
	u32 i, level, n = 0;
	struct fault f;

	if (phys_bits() < 40)
		skip("40 address bits");
	page[0] = 0x900d;
	pt_map(&pg, va, (ulong)page, PTE_ALL, 1);
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		for (level = 4; level >= 2; level--) {
			e = pt_entry(&pg, va, level);
			old = pte_get(&pg, e);
			pte_set(&pg, e, places[i] | PTE_ALL);
			invlpg(va);
			try_read(&f, va);
			check(!f.hit || f.vector == PF_VECTOR, "trap %u",
			      f.vector);
			try_write(&f, va + 0x1000, 0);
			check(!f.hit || f.vector == PF_VECTOR, "trap %u",
			      f.vector);
			user_try_read(&f, va + 0x3000);
			check(!f.hit || f.vector == PF_VECTOR, "trap %u",
			      f.vector);
			pte_set(&pg, e, old);
			invlpg(va);
			check(*(volatile u64 *)va == 0x900d,
			      "translation lost");
			n++;
		}
		printf("%llx: tables there end in a fault or a value\n",
		       places[i]);
	}
	/* As plain pages: no RAM there, but a page without rights still faults. */
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		if (places[i] >> 20 == 0xfee || places[i] >> 20 == 0xfec)
			continue;
		pt_map(&pg, va, places[i], PTE_P | PTE_W, 1);
		invlpg(va);
		check(!try_write(&f, va, 0x55), "write to nothing: %x",
		      f.error);
		check(user_try_read(&f, va) && f.error == (ERR_P | ERR_U),
		      "user read: %x", f.error);
		pt_map(&pg, va, places[i], PTE_P, 1);
		invlpg(va);
		check(try_write(&f, va, 0x55) && f.error == (ERR_P | ERR_W),
		      "read-only: %x", f.error);
		printf("%llx: rights count\n", places[i]);
	}
	/* Device registers through a page of our own. */
	pt_map(&pg, va, 0xfee00000, PTE_P | PTE_W | PTE_PCD, 1);
	invlpg(va);
	lapic_write(0x80, 0x20);
	printf("task priority by way of another page: %x\n",
	       *(volatile u32 *)(va + 0x80));
	*(volatile u32 *)(va + 0x80) = 0x30;
	printf("and back: %x\n", lapic_read(0x80));
	lapic_write(0x80, 0);
	printf("cases %u\n", n);
	return 0;
}
