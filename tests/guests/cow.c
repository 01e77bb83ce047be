// SPDX-License-Identifier: GPL-2.0
/*
 * cow.c - pages shared read-only, copied by the fault handler on a write
 *
 * Two address spaces share frames as after fork. Writes, from ring 0 and
 * ring 3, fault; the handler copies and allows the write, or just allows it
 * when the frame has no other user. Neither side may see the other's data.
 */
#include "paging.h"

#define PAGES 48

static struct paging parent, child;
static const struct paging *running;
static ulong va;
static u32 users[0x3000]; /* of each frame of the pool, by number */
static u32 copies, reuses, user_faults;

static u32 *count_of(u64 pa)
{
	return &users[(pa - POOL_START) >> 12];
}

static void page_fault(struct regs *regs)
{
	ulong at = read_cr2() & ~0xffful;
	u64 e = pt_entry(running, at, 1), pte = pte_get(running, e),
	    old = pte_addr(pte);

	if (at - va >= PAGES * 0x1000ul ||
	    (regs->error & ~ERR_U) != (ERR_P | ERR_W)) {
		fail("page fault at %lx error %lx", read_cr2(),
		     (ulong)regs->error);
		exit(1);
	}
	user_faults += regs->error & ERR_U ? 1 : 0;
	if (*count_of(old) > 1) {
		void *copy = page_alloc();

		memcpy(copy, (void *)(ulong)old, 0x1000);
		--*count_of(old);
		*count_of((ulong)copy) = 1;
		pte_set(running, e, (ulong)copy | PTE_ALL);
		copies++;
	} else {
		pte_set(running, e, old | PTE_ALL);
		reuses++;
	}
	invlpg(at);
}

static void enter(const struct paging *as)
{
	running = as;
	write_cr3(as->root);
}

static void fork(void)
{
	u32 i;

	for (i = 0; i < PAGES; i++) {
		u64 e = pt_entry(&parent, va + i * 0x1000ul, 1);
		u64 c = pt_entry(&child, va + i * 0x1000ul, 1);
		u64 pa = pte_addr(pte_get(&parent, e)),
		    gone = pte_addr(pte_get(&child, c));

		if (gone && --*count_of(gone) == 0)
			page_free((void *)(ulong)gone);
		pte_set(&parent, e, pa | PTE_P | PTE_U);
		pte_set(&child, c, pa | PTE_P | PTE_U);
		++*count_of(pa);
	}
	write_cr3(read_cr3());
}

static __user_text ulong user_store(ulong at)
{
	*(volatile u32 *)(at + 8) += 3;
	return *(volatile u32 *)(at + 8);
}

static u32 contents(const struct paging *as)
{
	u64 hash = HASH_INIT;
	u32 i;

	enter(as);
	for (i = 0; i < PAGES; i++) {
		hash = hash_u64(hash, *(volatile u32 *)(va + i * 0x1000ul));
		hash = hash_u64(hash, *(volatile u32 *)(va + i * 0x1000ul + 8));
	}
	return hash ^ hash >> 32;
}

int main(void)
{
	u32 round, i;
	struct rng rng;
	struct fault f;

	va = test_area(&parent, 4);
	child = parent;
	child.root = root_alloc(&child);
	for (i = 0; i < PAGES; i++) {
		ulong p = (ulong)page_alloc();

		*count_of(p) = 1;
		pt_map(&parent, va + i * 0x1000ul, p, PTE_ALL, 1);
	}
	trap_handlers[PF_VECTOR] = page_fault;
	rng_seed(&rng, 9);
	for (round = 0; round < 60; round++) {
		enter(&parent);
		fork();
		for (i = 0; i < 60; i++) {
			ulong at = va + rng_below(&rng, PAGES) * 0x1000ul;

			enter(rng_next(&rng) >> 40 & 1 ? &child : &parent);
			if (rng_next(&rng) >> 40 & 1)
				*(volatile u32 *)at += round * 64 + i;
			else
				user_call(&f, user_store, at);
		}
		printf("round %u: parent %08x child %08x copies %u reuses %u user %u\n",
		       round, contents(&parent), contents(&child), copies,
		       reuses, user_faults);
	}
	return 0;
}
