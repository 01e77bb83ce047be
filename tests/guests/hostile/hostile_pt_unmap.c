// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_pt_unmap.c - takes away what it stands on
 *
 * Command line: what=0 code, 1 stack, 2 interrupt table, 3 descriptor table
 * and TSS, 4 interrupt table in a device, 5 stack in a device (may spin
 * for ever), 6 and more: its tables overwritten with noise while in use.
 */
#include "paging.h"

extern u64 boot_pml4[];

/* Maps RAM one to one without some pages from there on. */
static void map_without(struct paging *pg, ulong from, ulong pages)
{
	ulong at;

	from &= ~0xffful;
	for (at = 0; at < 0x4000000; at += 0x1000)
		pt_map(pg, at, at, at - from < pages << 12 ? 0 : PTE_P | PTE_W,
		       1);
}

int main(void)
{
	struct paging pg = { .levels = 4 };
	u32 what = cmdline_u64("what", 0), i;
	struct desc_ptr idt, gdtr;
	struct rng rng;

	asm volatile("sidt %0; sgdt %1" : "=m"(idt), "=m"(gdtr));
	pg.root = (ulong)page_alloc();
	printf("case %u\n", what);
	serial_flush();
	switch (what) {
	case 0:
		map_without(&pg, 0x100000, 8);
		break;
	case 1:
		map_without(&pg, 0x3e0000, 8);
		break;
	case 2:
		map_without(&pg, idt.base, 1);
		break;
	case 3:
		map_without(&pg, gdtr.base, 1);
		break;
	case 4:
		idt.base = 0xfd000000;
		asm volatile("lidt %0; ud2" : : "m"(idt));
		break;
	case 5:
		asm volatile("mov %0, %%rsp; push $1; ud2"
			     :
			     : "r"(0xfee00800ul));
		break;
	default:
		rng_seed(&rng, what);
		for (i = 0; i < 8 * 512; i++)
			boot_pml4[rng_below(&rng, 6 * 512)] = rng_next(&rng);
		write_cr3(read_cr3());
		printf("noise\n");
		break;
	}
	write_cr3(pg.root);
	gdt[2] = 0;
	asm volatile("mov %0, %%ss; ud2" : : "r"(SEL_DATA));
	return 1;
}
