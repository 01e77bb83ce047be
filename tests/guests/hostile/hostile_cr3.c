// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_cr3.c - a root that cannot work
 *
 * Command line: where=N. The next instruction cannot be fetched, nor the
 * handler for that, so the machine shuts down, unless something worse does.
 */
#include "paging.h"

int main(void)
{
	static const ulong places[] = {
		0xfee00000, /* local APIC */
		0xfec00000, /* I/O APIC */
		0xfd000000, /* a hole */
		0x8000000, /* above RAM */
		0x100000000, /* above 4 GiB */
		0xfffffff000, /* end of 40 bits */
		0, /* firmware's interrupt table */
		0xf0000, /* firmware */
		0x3fff000, /* last page of RAM */
	};
	u32 where = cmdline_u64("where", 0), i;
	u64 *root = page_alloc(), *loop = page_alloc();
	struct rng rng;

	rng_seed(&rng, where);
	printf("place %u\n", where);
	serial_flush();
	if (where < ARRAY_SIZE(places)) {
		write_cr3(places[where]);
	} else if (where == ARRAY_SIZE(places)) { /* itself at every level */
		for (i = 0; i < 512; i++)
			root[i] = (ulong)root | PTE_ALL;
	} else if (where == ARRAY_SIZE(places) + 1) { /* two in a circle */
		for (i = 0; i < 512; i++) {
			root[i] = (ulong)loop | PTE_ALL | PTE_PS;
			loop[i] = (ulong)root | PTE_ALL;
		}
	} else { /* noise */
		for (i = 0; i < 512; i++)
			root[i] = rng_next(&rng);
	}
	write_cr3((ulong)root);
	printf("still here\n");
	return 1;
}
