// SPDX-License-Identifier: GPL-2.0
/*
 * smp_atomic.c - locked operations of two CPUs, also on live page tables
 *
 * Counters in plain memory, in page-table entries that are in use (so that a
 * hypervisor with shadow tables traces the page), and across a page border.
 * Sums must come out exact whichever way an access is carried out.
 *
 * Spec: SDM vol. 3 ch. 8.1.
 */
#include "guest.h"
#include "map.h"

#define ROUNDS 3000

static u64 plain, *entry, *unaligned;
static u32 plain32;
static u64 guarded;
static volatile u32 ready;
static struct {
	u64 lo, hi;
} pair __aligned(16);

static void meet(u32 n)
{
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	while (ready < n)
		cpu_relax();
}

static void counters(void *arg)
{
	u32 i;

	meet(2);
	for (i = 0; i < ROUNDS; i++) {
		__atomic_fetch_add(&plain, 1, __ATOMIC_SEQ_CST);
		asm volatile("lock incl %0" : "+m"(plain32) : : "cc");
		asm volatile("lock addq $1, (%0)"
			     :
			     : "r"(unaligned)
			     : "memory", "cc");
	}
}

/* Bits 52 to 58 of an entry are the guest's own: count in them, modulo 128. */
static void on_entry(void *arg)
{
	u32 i;

	meet(4);
	for (i = 0; i < ROUNDS; i++) {
		u64 old = __atomic_load_n(entry, __ATOMIC_SEQ_CST), new;

		do
			new = (old & ~(0x7full << 52)) |
			      ((old + (1ull << 52)) & (0x7full << 52));
		while (!__atomic_compare_exchange_n(entry, &old, new, false,
						    __ATOMIC_SEQ_CST,
						    __ATOMIC_SEQ_CST));
		/* keep the mapping in use, so that its table stays traced */
		if (i % 64 == 0) {
			invlpg(MAP_AREA);
			*(volatile u32 *)MAP_AREA;
		}
	}
}

/* A spin lock whose word lies in the page table itself. */
static void with_lock(void *arg)
{
	u64 *word = pte_of(MAP_AREA + 0x1ff000); /* not present: free for us */
	u32 i;

	meet(6);
	for (i = 0; i < ROUNDS / 3; i++) {
		while (__atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE))
			cpu_relax();
		guarded++;
		__atomic_store_n(word, 0, __ATOMIC_RELEASE);
	}
}

static void bits(void *arg)
{
	u64 *word = pte_of(MAP_AREA + 0x1fe000);
	ulong me = (ulong)arg;
	u32 i, bad = 0;

	meet(8);
	for (i = 0; i < ROUNDS; i++) {
		u8 was;

		/* Each CPU has its own bit; neither may disturb the other's. */
		asm volatile("lock btsq %2, %1; setc %0"
			     : "=q"(was), "+m"(*word)
			     : "r"(40 + me)
			     : "cc");
		bad += was;
		asm volatile("lock btrq %2, %1; setc %0"
			     : "=q"(was), "+m"(*word)
			     : "r"(40 + me)
			     : "cc");
		bad += !was;
	}
	check(!bad, "cpu %lu: bit disturbed %u times", me, bad);
}

static void wide(void *arg)
{
	u32 i;

	if (!cpu_has(&feat_cx16))
		return;
	meet(10);
	for (i = 0; i < ROUNDS; i++) {
		u64 lo = pair.lo, hi = pair.hi;
		u8 ok;

		do
			asm volatile("lock cmpxchg16b %1; setz %0"
				     : "=q"(ok), "+m"(pair), "+a"(lo), "+d"(hi)
				     : "b"(lo + 1), "c"(hi + 2)
				     : "cc", "memory");
		while (!ok);
	}
}

static void both(void (*fn)(void *))
{
	cpu_start(1, fn, (void *)1);
	fn((void *)0);
	cpu_join(1);
}

int main(void)
{
	u8 *page = pages_alloc(2, 4096);
	ulong frame;

	printf("cpus %u\n", smp_start(2));
	frame = (ulong)page_alloc();
	map(MAP_AREA, frame, PTE_P | PTE_W);
	entry = pte_of(MAP_AREA);
	*(volatile u32 *)MAP_AREA = 1;
	unaligned = (u64 *)(page + 4092);

	both(counters);
	printf("plain %llu %u, across pages %llu\n", plain, plain32,
	       *unaligned);
	both(on_entry);
	printf("in a live entry: %llu of %u, the rest %s\n",
	       *entry >> 52 & 0x7f, 2 * ROUNDS % 128,
	       (*entry & 0xffffffffff003ull) == (frame | 3) ? "kept" : "lost");
	both(with_lock);
	printf("under a lock in a page table: %llu\n", guarded);
	both(bits);
	printf("bits: %llx\n", *pte_of(MAP_AREA + 0x1fe000));
	both(wide);
	if (cpu_has(&feat_cx16))
		printf("cmpxchg16b: %llu %llu\n", pair.lo, pair.hi);
	printf("mapping still works: %u\n", *(volatile u32 *)MAP_AREA);
	return 0;
}
