// SPDX-License-Identifier: GPL-2.0
/*
 * ptes_two_levels.c - one frame that is a table of several levels at once
 *
 * The frame X is root, and its entry K points to X: by way of K the same
 * 512 entries are directory pointers, directory entries, page-table entries
 * and data. What an entry means depends on the way there; a shadow of it
 * must keep the meanings apart, and drop all of them when it changes.
 */
#include "paging.h"

#define K 300ul

/* A canonical address from four indices. */
static ulong address(ulong i4, ulong i3, ulong i2, ulong i1)
{
	ulong a = i4 << 39 | i3 << 30 | i2 << 21 | i1 << 12;

	return a & 1ul << 47 ? a | 0xffff000000000000 : a;
}

static u64 peek(ulong at)
{
	struct fault f;

	if (try_read(&f, at)) {
		if (f.error & ERR_RSVD) /* QEMU has P = 0 then */
			f.error |= ERR_P;
		return 0xfa017000 | f.error;
	}
	return *(volatile u64 *)at;
}

int main(void)
{
	u64 *x = page_alloc(), *data = page_alloc(), *pages[4];
	ulong old = read_cr3();
	struct fault f;
	u32 i, round;

	for (i = 0; i < 4; i++)
		pages[i] = page_alloc();
	for (i = 0; i < 4; i++) {
		pages[i][0] = 0xd00 + i;
		pages[i][1] = (ulong)pages[(i + 1) % 4] | PTE_ALL;
	}
	data[0] = 0xdada;
	data[1] = (ulong)pages[0] | PTE_ALL;
	data[2] = (ulong)pages[1] | PTE_P;
	x[0] = *(u64 *)old;
	x[K] = (ulong)x | PTE_ALL;
	x[K + 1] = (ulong)data | PTE_ALL;
	write_cr3((ulong)x);

	/* K+1 as page-table entry, directory entry, pointer, root entry */
	printf("as page: %llx\n", peek(address(K, K, K, K + 1)));
	printf("as table: %llx\n", peek(address(K, K, K + 1, 1)));
	printf("as table, read-only: %llx write faults %d\n",
	       peek(address(K, K, K + 1, 2)),
	       try_write(&f, address(K, K, K + 1, 2) + 16, 1));
	printf("as directory: %llx\n", peek(address(K, K + 1, 1, 1)));
	printf("as pointers: %llx\n", peek(address(K + 1, 1, 1, 1)));
	printf("as pointers, other: %llx\n", peek(address(K + 1, 2, 1, 1)));
	printf("the frame itself: %d\n",
	       peek(address(K, K, K, K) + K * 8 + 8) == x[K + 1]);

	for (round = 0; round < 40; round++) {
		/* written as data, by turns through each alias */
		volatile u64 *in_data = (u64 *)address(K, K, K, K + 1);
		u64 hash = HASH_INIT;

		if (round & 1)
			in_data = data;
		in_data[1] = (ulong)pages[round % 4] | PTE_ALL;
		if (round % 8 == 7)
			((volatile u64 *)address(K, K, K, K))[K + 1] =
				(ulong)pages[round / 8 % 4] | PTE_ALL;
		else
			((volatile u64 *)address(K, K, K, K))[K + 1] =
				(ulong)data | PTE_ALL |
				(round & 2 ? PTE_NX : 0);
		write_cr3((ulong)x);
		hash = hash_u64(hash, peek(address(K, K, K, K + 1)));
		hash = hash_u64(hash, peek(address(K, K, K + 1, 1)));
		hash = hash_u64(hash, peek(address(K, K + 1, 1, 1)));
		hash = hash_u64(hash, peek(address(K + 1, 1, 1, 1)));
		printf("round %u: %llx %llx %llx %08x\n", round,
		       peek(address(K, K, K + 1, 1)) & 0xffff,
		       peek(address(K, K + 1, 1, 1)) & 0xffff,
		       peek(address(K + 1, 1, 1, 1)) & 0xffff,
		       (u32)(hash ^ hash >> 32));
	}

	/* A root that loses the entry which everything came through. */
	x[K] = 0;
	write_cr3((ulong)x);
	printf("without the loop: %llx %llx\n", peek(address(K, K, K, K + 1)),
	       peek(address(K + 1, 1, 1, 1)) & 0xffff);
	/* The same frame with PS set where that means a large page. */
	x[K] = (ulong)x | PTE_ALL;
	x[K + 2] = 0x1000000 | PTE_ALL | PTE_PS;
	*(u64 *)0x1003000 = 0x1a46e;
	write_cr3((ulong)x);
	printf("as large page: %llx, as page (PAT set): %d, at the root: %llx\n",
	       peek(address(K, K, K + 2, 3)),
	       peek(address(K, K, K, K + 2)) == *(u64 *)0x1000000,
	       peek(address(K + 2, 0, 0, 0)));
	write_cr3(old);
	return 0;
}
