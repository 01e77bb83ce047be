// SPDX-License-Identifier: GPL-2.0
/*
 * mmu/chain.c - lists of shadow entries
 *
 * Two questions need them: which entries can write to this frame, and which
 * entries lead to this shadow page. Nearly always the answer is one entry, and
 * then the list costs nothing but its head. Since every shadow entry can be
 * made again, a list is never let grow beyond a bound: the oldest entries are
 * dropped, so that no guest can make us search for long.
 *
 * Layer:    mmu.
 * Locks:    mmu->lock.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include "mmu/shadow.h"

#define CHUNKS_MAX 16

static struct vam_chain *chunk_of(unsigned long head)
{
	return head & 1 ? (struct vam_chain *)(head - 1) : NULL;
}

static struct vam_chain *take_chunk(struct vam_mmu *mmu)
{
	struct vam_chain *c = mmu->chains;

	if (!c)
		return NULL;
	mmu->chains = c->next;
	mmu->nr_chains--;
	memset(c, 0, sizeof(*c));
	return c;
}

static void give_chunk(struct vam_mmu *mmu, struct vam_chain *c)
{
	c->next = mmu->chains;
	mmu->chains = c;
	mmu->nr_chains++;
}

static unsigned int used_places(const struct vam_chain *c)
{
	unsigned int n = 0;

	while (n < ARRAY_SIZE(c->spte) && c->spte[n])
		n++;
	return n;
}

/* A shadow entry is only a copy: the next access makes it again. */
static void forget(struct vam_mmu *mmu, u64 *spte)
{
	WRITE_ONCE(*spte, 0);
	mmu->stale_writers = true;
	mmu->split++;
}

/* The list is too long: forget the entries of its last chunk. */
static void drop_oldest(struct vam_mmu *mmu, struct vam_chain *first)
{
	struct vam_chain *c = first, *last;
	unsigned int i, n;

	for (n = 2; c->next && c->next->next; n++)
		c = c->next;
	last = c->next;
	if (!last || n < CHUNKS_MAX)
		return;
	c->next = NULL;
	for (i = 0; i < ARRAY_SIZE(last->spte); i++)
		forget(mmu, last->spte[i]);
	give_chunk(mmu, last);
}

/**
 * vam_chain_add() - add an entry to a list
 * @mmu: the VM's
 * @head: of the list
 * @spte: not in it
 */
void vam_chain_add(struct vam_mmu *mmu, unsigned long *head, u64 *spte)
{
	struct vam_chain *c = chunk_of(*head), *more;
	unsigned int n;

	if (!*head) {
		*head = (unsigned long)spte;
		return;
	}
	if (!c) {
		c = take_chunk(mmu);
		if (!c) {
			forget(mmu, (u64 *)*head);
			*head = (unsigned long)spte;
			return;
		}
		c->spte[0] = (u64 *)*head;
		c->spte[1] = spte;
		*head = (unsigned long)c | 1;
		return;
	}
	n = used_places(c);
	if (n < ARRAY_SIZE(c->spte)) {
		c->spte[n] = spte;
		return;
	}
	drop_oldest(mmu, c);
	more = take_chunk(mmu);
	if (!more) {
		forget(mmu, c->spte[0]);
		c->spte[0] = spte;
		return;
	}
	more->spte[0] = spte;
	more->next = c;
	*head = (unsigned long)more | 1;
}

/**
 * vam_chain_pop() - take an entry off a list
 * @mmu: the VM's
 * @head: of the list
 *
 * Return: the entry, or NULL when the list is empty.
 */
u64 *vam_chain_pop(struct vam_mmu *mmu, unsigned long *head)
{
	struct vam_chain *c = chunk_of(*head);
	unsigned int n;
	u64 *spte;

	if (!c) {
		spte = (u64 *)*head;
		*head = 0;
		return spte;
	}
	n = used_places(c);
	spte = c->spte[n - 1];
	c->spte[n - 1] = NULL;
	if (n == 1) {
		*head = c->next ? (unsigned long)c->next | 1 : 0;
		give_chunk(mmu, c);
	}
	return spte;
}

/**
 * vam_chain_remove() - take one certain entry off a list
 * @mmu: the VM's
 * @head: of the list
 * @spte: in it
 */
void vam_chain_remove(struct vam_mmu *mmu, unsigned long *head, u64 *spte)
{
	struct vam_chain *c;
	unsigned int i;
	u64 *other;

	if (*head == (unsigned long)spte) {
		*head = 0;
		return;
	}
	for (c = chunk_of(*head); c; c = c->next) {
		for (i = 0; i < ARRAY_SIZE(c->spte); i++) {
			if (c->spte[i] != spte)
				continue;
			/* The last one fills the hole, unless it is it. */
			other = vam_chain_pop(mmu, head);
			if (other != spte)
				c->spte[i] = other;
			return;
		}
	}
	WARN_ON_ONCE(1);
}
