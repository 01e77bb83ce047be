// SPDX-License-Identifier: GPL-2.0
/*
 * mmu/shadow.c - find, make, link and drop shadow pages
 *
 * The guest believes it owns its page tables. The CPU never sees them: it
 * runs on tables that are built here. They are kept when the guest switches
 * to another address space, found again by the guest's frame and role, and
 * dropped when the guest's table is not one any more or memory is short.
 * Every entry is on one list: of its page if it maps one writably, of the
 * shadow page if it leads to one. So everything can be undone exactly.
 *
 * Layer:    mmu.
 * Locks:    mmu->lock.
 * Not here: what an entry must contain, fill.c; when the guest's writes are
 *           seen, trace.c; memory for the pages, cache.c.
 */
#include <linux/hash.h>
#include <linux/mm.h>
#include "core/mem.h"
#include "core/trace.h"
#include "core/vm.h"
#include "mmu/shadow.h"

/* vam_shadow_of() - the shadow page that an entry lies in. */
struct vam_shadow *vam_shadow_of(u64 *spte)
{
	return (struct vam_shadow *)page_private(virt_to_page(spte));
}

/* vam_shadow_child() - the shadow page that a link leads to. */
struct vam_shadow *vam_shadow_child(u64 spte)
{
	return (struct vam_shadow *)page_private(
		pfn_to_page((spte & SPTE_ADDR) >> PAGE_SHIFT));
}

/* vam_shadow_bucket() - where the shadow pages of a frame are. */
struct hlist_head *vam_shadow_bucket(struct vam_mmu *mmu, gfn_t gfn)
{
	return &mmu->hash[hash_64(gfn, mmu->hash_bits)];
}

/**
 * vam_shadow_leaf_gfn() - which frame (the first one) an entry maps
 * @shadow: any
 * @i: a present entry that maps a page
 */
gfn_t vam_shadow_leaf_gfn(const struct vam_shadow *shadow, unsigned int i)
{
	union vam_role role = shadow->role;
	gpa_t gpa;

	if (!role.format)
		return shadow->gfn + ((gfn_t)i << (9 * (role.level - 1)));
	gpa = vam_pt_address(role.format, role.level, true, shadow->old[i]);
	if (role.format == VAM_PT_32 && role.level == 2 && (i & 1))
		gpa += VAM_BLOCK_SIZE;
	return gpa_to_gfn(gpa);
}

/* The list that a writable mapping of @gfn is on. */
static unsigned long *writers_of(struct vam_mmu *mmu, gfn_t gfn,
				 unsigned int level)
{
	if (level > 1)
		return &mmu->blocks[gfn / VAM_BLOCK_PAGES].writers;
	return &mmu->frames[gfn].writers;
}

/**
 * vam_shadow_drop() - make one entry absent
 * @mmu: the VM's
 * @shadow: where
 * @i: which
 */
void vam_shadow_drop(struct vam_mmu *mmu, struct vam_shadow *shadow,
		     unsigned int i)
{
	unsigned int level = shadow->role.level;
	u64 *p = &shadow->spt[i], spte = *p;

	if (!spte)
		return;
	WRITE_ONCE(*p, 0);
	if (!spte_is_leaf(spte, level)) {
		struct vam_shadow *child = vam_shadow_child(spte);

		/* A large page of the guest's in pieces of ours. */
		if (!child->role.format)
			mmu->split++;
		vam_chain_remove(mmu, &child->parents, p);
		return;
	}
	if (level > 1 && shadow->role.format)
		mmu->split++; /* of 1 GiB or 4 MiB: in pieces, too */
	if (spte & SPTE_W) {
		gfn_t gfn = vam_shadow_leaf_gfn(shadow, i);

		unsigned long *writers = writers_of(mmu, gfn, level);

		mmu->stale_writers = true;
		if (likely(*writers == (unsigned long)p))
			*writers = 0;
		else
			vam_chain_remove(mmu, writers, p);
	}
}

/**
 * vam_shadow_link() - let an entry lead to another shadow page
 * @mmu: the VM's
 * @parent: where
 * @i: which, absent
 * @child: the other
 * @rights: VAM_RIGHT_* of the entry
 */
void vam_shadow_link(struct vam_mmu *mmu, struct vam_shadow *parent,
		     unsigned int i, struct vam_shadow *child, u32 rights)
{
	u64 spte = spte_make(__pa(child->spt), rights);

	/* The four entries of the PAE format have no rights: reserved bits. */
	if (parent->role.format == VAM_PT_PAE && parent->role.level == 3)
		spte = __pa(child->spt) | SPTE_P;
	vam_chain_add(mmu, &child->parents, &parent->spt[i]);
	WRITE_ONCE(parent->spt[i], spte);
}

/**
 * vam_shadow_map() - let an entry map a page
 * @mmu: the VM's
 * @shadow: where; shadow->old[i] is up to date
 * @i: which
 * @gfn: first frame of the page, in RAM
 * @spte: what shall be there
 */
void vam_shadow_map(struct vam_mmu *mmu, struct vam_shadow *shadow,
		    unsigned int i, gfn_t gfn, u64 spte)
{
	vam_shadow_drop(mmu, shadow, i);
	if (spte & SPTE_W)
		vam_chain_add(mmu, writers_of(mmu, gfn, shadow->role.level),
			      &shadow->spt[i]);
	WRITE_ONCE(shadow->spt[i], spte);
}

/**
 * vam_shadow_find() - is there a shadow page for this table in this role?
 * @mmu: the VM's
 * @gfn: the table
 * @role: its role
 */
struct vam_shadow *vam_shadow_find(struct vam_mmu *mmu, gfn_t gfn,
				   union vam_role role)
{
	struct vam_shadow *shadow;

	hlist_for_each_entry(shadow, vam_shadow_bucket(mmu, gfn), hash) {
		if (shadow->gfn == gfn && shadow->role.word == role.word)
			return shadow;
	}
	return NULL;
}

/* The part of the guest's table that a shadow page is made from. */
static void *table_of(struct vam_mmu *mmu, gfn_t gfn, union vam_role role)
{
	void *table = vam_mem_va(mmu->vm, gfn_to_gpa(gfn));

	if (table && role.format == VAM_PT_32)
		table += role.quadrant << (role.level == 1 ? 11 : 10);
	return table;
}

/**
 * vam_shadow_get() - find or make a shadow page
 * @mmu: the VM's, locked by vam_mmu_lock()
 * @gfn: the table
 * @role: its role
 *
 * From here on the guest's writes to the table are seen, unless it is unsync:
 * so entries must be read (again) after this call. Return: the page, never
 * NULL.
 */
struct vam_shadow *vam_shadow_get(struct vam_mmu *mmu, gfn_t gfn,
				  union vam_role role)
{
	struct vam_shadow *shadow = vam_shadow_find(mmu, gfn, role);

	if (shadow)
		return shadow;
	shadow = vam_shadow_take(mmu, !role.format);
	shadow->gfn = gfn;
	shadow->role = role;
	shadow->parents = 0;
	shadow->users = 0;
	shadow->traced = false;
	shadow->unsync = false;
	shadow->closing = false;
	shadow->idle = 0;
	shadow->writes = 0;
	shadow->window = 0;
	shadow->next = 0;
	shadow->table = role.format ? table_of(mmu, gfn, role) : NULL;
	hlist_add_head(&shadow->hash, vam_shadow_bucket(mmu, gfn));
	if (role.format)
		vam_shadow_start(mmu, shadow);
	return shadow;
}

/**
 * vam_shadow_zap() - drop a shadow page and every way to it
 * @mmu: the VM's
 * @shadow: the page; if it is a vCPU's root, that vCPU will look for another
 *
 * Its memory is reused after the next vam_mmu_flush(), which comes with the
 * unlock at the latest.
 */
void vam_shadow_zap(struct vam_mmu *mmu, struct vam_shadow *shadow)
{
	struct vam_vm *vm = mmu->vm;
	unsigned int i;
	u64 *parent;

	trace_vam_zap(vm, shadow->gfn, shadow->role.word);
	vam_mmu_count(mmu, VAM_MMU_COUNT_ZAP);
	for (i = 0; i < SPTES; i++)
		if (shadow->spt[i])
			vam_shadow_drop(mmu, shadow, i);
	while ((parent = vam_chain_pop(mmu, &shadow->parents))) {
		if (!shadow->role.format)
			mmu->split++;
		WRITE_ONCE(*parent, 0);
	}
	hlist_del(&shadow->hash);
	if (shadow->role.format)
		vam_shadow_stop(mmu, shadow);

	for (i = 0; shadow->users && i < vm->nr_vcpus; i++) {
		struct vam_vcpu *vcpu = vm->vcpus[i];

		if (!vcpu || vcpu->mmu->root != shadow)
			continue;
		vcpu->mmu->root = NULL;
		shadow->users--;
		vam_vcpu_request(vcpu, VAM_REQ_ROOT);
	}
	vam_shadow_retire(mmu, shadow);
}
