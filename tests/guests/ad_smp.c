// SPDX-License-Identifier: GPL-2.0
/*
 * ad_smp.c - no write is ever missed by the dirty bit, with two CPUs
 *
 * One CPU writes to random pages. The other takes one page away at a time
 * (exchange of the entry with 0, then a shootdown), as a kernel does before
 * it trusts the dirty bit: if the bit is clear, the page must be what it was
 * when the entry was last made clean.
 */
#include "paging.h"

#define PAGES 16
#define SHOOTDOWN 0x50

static struct paging pg;
static ulong va;
static u32 *page[PAGES], clean[PAGES];
static volatile bool stop;
static volatile ulong flush_at;
static volatile u32 writes, faults;

static void shootdown(struct regs *regs)
{
	invlpg(flush_at);
	flush_at = 0;
	lapic_eoi();
}

/* The page is away for a moment: try again until it is back. */
static void page_fault(struct regs *regs)
{
	ulong at = read_cr2();

	if (at - va >= PAGES * 0x1000) {
		fail("page fault at %lx from %lx", at, (ulong)regs->ip);
		exit(1);
	}
	faults++;
	sti(); /* the shootdown may come while we are here */
	cpu_relax();
	cli();
}

static void writer(void *arg)
{
	struct rng rng;

	rng_seed(&rng, 5);
	sti();
	while (!stop) {
		u32 n = rng_below(&rng, PAGES);

		*(volatile u32 *)(va + n * 0x1000) += 1;
		writes++;
	}
	cli();
}

int main(void)
{
	u32 i, n, lost = 0, dirty = 0, rounds = cmdline_u64("rounds", 4000);
	struct rng rng;

	va = test_area(&pg, 4);
	for (i = 0; i < PAGES; i++) {
		page[i] = page_alloc();
		pt_map(&pg, va + i * 0x1000, (ulong)page[i], PTE_P | PTE_W, 1);
	}
	trap_handlers[SHOOTDOWN] = shootdown;
	trap_handlers[PF_VECTOR] = page_fault;
	if (smp_start(2) != 2) {
		fail("no second CPU");
		return 1;
	}
	rng_seed(&rng, 6);
	cpu_start(1, writer, NULL);
	for (i = 0; i < rounds; i++) {
		volatile u64 *e;
		u64 old;

		n = rng_below(&rng, PAGES);
		e = (u64 *)pt_entry(&pg, va + n * 0x1000, 1);
		old = __atomic_exchange_n(e, 0, __ATOMIC_SEQ_CST);
		flush_at = va + n * 0x1000;
		ipi_send(1, SHOOTDOWN);
		while (flush_at)
			cpu_relax();
		if (old & PTE_D)
			dirty++;
		else if (page[n][0] != clean[n])
			lost++;
		clean[n] = page[n][0];
		*e = (ulong)page[n] | PTE_P | PTE_W | (i & 1 ? PTE_A : 0);
	}
	stop = true;
	cpu_join(1);
	for (i = 0, n = 0; i < PAGES; i++)
		n += page[i][0];
	printf("rounds %u, lost dirty bits %u, lost writes %d\n", rounds, lost,
	       n != writes);
	check(!lost && n == writes && dirty, "dirty %u lost %u", dirty, lost);
	return 0;
}
