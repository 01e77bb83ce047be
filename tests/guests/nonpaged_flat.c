// SPDX-License-Identifier: GPL-2.0
/*
 * nonpaged_flat.c - protected mode without paging, and paging on and off
 *
 * Linear addresses are physical ones here: memory from end to end, code that
 * changes itself. Then paging comes and goes hundreds of times while the
 * tables change, so that both views of a frame must stay right.
 *
 * Not here: segment limits, which QEMU does not check.
 */
#include "paging.h"

static u32 checksum(ulong from, ulong to)
{
	u32 sum = 0;
	ulong at;

	for (at = from; at < to; at += 4)
		sum = (sum << 1 | sum >> 31) + *(volatile u32 *)at;
	return sum;
}

/* mov $imm, %eax; ret - at the end of a page, with the immediate beyond. */
static u32 self_modified(u32 value)
{
	u8 *code = (u8 *)0xa00ffd;

	code[0] = 0xb8;
	*(volatile u32 *)(code + 1) = value;
	code[5] = 0xc3;
	return ((u32(*)(void))code)();
}

static void on_and_off(void)
{
	struct paging pg;
	u32 *page[4], i, bad = 0;
	u64 hash = HASH_INIT;

	for (i = 0; i < 4; i++)
		page[i] = page_alloc();
	for (i = 0; i < 300; i++) {
		u32 levels = 2 + i / 100 % 2;
		ulong va;

		if (i % 100 == 0) {
			cr0_set(CR0_PG, false);
			va = test_area(&pg, levels);
			pt_map(&pg, va, 0, 0, 1);
		}
		va = 0x40000000;
		/* unpaged: change table and data; paged: look, write */
		cr0_set(CR0_PG, false);
		pte_set(&pg, pt_entry(&pg, va, 1),
			(ulong)page[i % 4] | PTE_ALL);
		page[i % 4][0] = i;
		cr0_set(CR0_PG, true);
		bad += *(volatile u32 *)va != i;
		*(volatile u32 *)(va + 4) = i * 7;
		bad += page[i % 4][1] != i * 7;
		cr0_set(CR0_PG, false);
		bad += page[i % 4][1] != i * 7;
		hash = hash_u64(hash, pte_get(&pg, pt_entry(&pg, va, 1)));
		if (i % 100 == 99)
			printf("%u levels: wrong %u entries %08x\n", levels,
			       bad, (u32)(hash ^ hash >> 32));
	}
}

int main(void)
{
	ulong at;
	u32 i;

	printf("paging %d\n", !!(read_cr0() & CR0_PG));
	for (at = 0x1000000; at < 0x3c00000; at += 4)
		*(volatile u32 *)at = at * 2654435761u;
	printf("memory %08x\n", checksum(0x1000000, 0x3c00000));
	memcpy((void *)0x1000001, (void *)0x2000003, 0x123456);
	memset((void *)0x3000fff, 0x77, 0x2002);
	printf("memory %08x\n", checksum(0x1000000, 0x3c00000));
	printf("last words %x\n", *(volatile u32 *)0x3bffffc);
	for (i = 0; i < 50; i++)
		check(self_modified(i * 77) == i * 77, "stale code, round %u",
		      i);
	printf("code that changes itself: ok\n");
	on_and_off();
	return 0;
}
