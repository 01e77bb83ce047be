// SPDX-License-Identifier: GPL-2.0
/*
 * smp_pt.c - two CPUs edit the same page tables and shoot down each other
 *
 * Both pick slots at random, map them to random frames (or to nothing), ask
 * the other CPU by interrupt to flush, and then both must see the new frame.
 * A lock per slot keeps the two from meaning different things with it.
 */
#include "paging.h"

#define SLOTS 48
#define FRAMES 64
#define SHOOTDOWN 0x50

static struct paging pg;
static ulong va;
static u32 *frame[FRAMES];
static struct spinlock locks[SLOTS];
static u32 mapped[SLOTS]; /* FRAMES: to nothing */
static u32 rounds, wrong[2];
static volatile ulong flush_at[2]; /* what the CPU of that index must flush */
static volatile bool both_done[2];

static void shootdown(struct regs *regs)
{
	u32 me = this_cpu()->id;

	invlpg(flush_at[me]);
	__atomic_store_n(&flush_at[me], 0, __ATOMIC_RELEASE);
	lapic_eoi();
}

static void flush_other(ulong at)
{
	u32 other = !this_cpu()->id;

	/* only this CPU writes there, and only one request at a time */
	__atomic_store_n(&flush_at[other], at, __ATOMIC_RELEASE);
	ipi_send(other, SHOOTDOWN);
	while (__atomic_load_n(&flush_at[other], __ATOMIC_ACQUIRE))
		cpu_relax();
}

static bool seen_wrong(u32 slot)
{
	ulong at = va + slot * 0x1000;
	struct fault f;

	cli(); /* guard() and interrupts share the stack, not the state */
	if (mapped[slot] == FRAMES) {
		try_read(&f, at);
		sti();
		return !f.hit;
	}
	sti();
	return *(volatile u32 *)at != mapped[slot];
}

static bool try_lock(u32 slot)
{
	return !__atomic_exchange_n(&locks[slot].held, 1, __ATOMIC_ACQUIRE);
}

static void worker(void *arg)
{
	u32 me = this_cpu()->id, i;
	struct rng rng;

	rng_seed(&rng, 77 + me);
	sti();
	for (i = 0; i < rounds; i++) {
		u32 slot = rng_below(&rng, SLOTS),
		    n = rng_below(&rng, FRAMES + 8);
		ulong at = va + slot * 0x1000;

		if (n > FRAMES)
			n = FRAMES;
		/* whoever waits must go on answering: interrupts are on */
		while (!try_lock(slot))
			cpu_relax();
		wrong[me] += seen_wrong(slot);
		mapped[slot] = n;
		pte_set(&pg, pt_entry(&pg, at, 1),
			n < FRAMES ? ((ulong)frame[n] | PTE_P | PTE_W) : 0);
		invlpg(at);
		flush_other(at);
		wrong[me] += seen_wrong(slot);
		if (n < FRAMES)
			__atomic_fetch_add((volatile u32 *)(at + 8), 1,
					   __ATOMIC_RELAXED);
		spin_unlock(&locks[slot]);
	}
	both_done[me] = true;
	while (!both_done[!me])
		cpu_relax();
	cli();
}

int main(void)
{
	u32 i, writes = 0, slots = 0;

	rounds = cmdline_u64("rounds", 3000);
	va = test_area(&pg, 4);
	for (i = 0; i < FRAMES; i++) {
		frame[i] = page_alloc();
		frame[i][0] = i;
	}
	for (i = 0; i < SLOTS; i++) {
		mapped[i] = FRAMES;
		pt_map(&pg, va + i * 0x1000, 0, 0, 1);
	}
	trap_handlers[SHOOTDOWN] = shootdown;
	if (smp_start(2) != 2) {
		fail("no second CPU");
		return 1;
	}
	cpu_start(1, worker, NULL);
	worker(NULL);
	cpu_join(1);
	for (i = 0; i < FRAMES; i++)
		writes += frame[i][2];
	for (i = 0; i < SLOTS; i++)
		slots += !(pte_get(&pg, pt_entry(&pg, va + i * 0x1000, 1)) &
			   PTE_P) == (mapped[i] == FRAMES);
	/* how many writes there are depends on the seeds alone */
	printf("rounds %u each, wrong %u %u, writes %u, slots %u\n", rounds,
	       wrong[0], wrong[1], writes, slots);
	check(!wrong[0] && !wrong[1], "stale translations");
	return 0;
}
