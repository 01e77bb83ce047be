// SPDX-License-Identifier: GPL-2.0
/*
 * mmu/fill.c - make shadow entries from what a fault found
 *
 * The guest's tables have been walked and allow the access; now the same path
 * is made in our tables. Each of the guest's entries is read once more after
 * its table is traced: if it is not what the walk saw, the guest simply faults
 * again. With CR0.WP set, each entry gives the rights that the guest's
 * entry gives, and the CPU combines them. Without, the last entry must say it
 * all, so the rights of the path are part of the role.
 *
 * Layer:    mmu.
 * Locks:    mmu->lock, taken with vam_mmu_lock().
 * Not here: walking the guest's tables, lib/ptwalk.c.
 */
#include <linux/mm.h>
#include <linux/pfn.h>
#include "core/mem.h"
#include "core/trace.h"
#include "core/vm.h"
#include "mmu/shadow.h"

/*
 * How many neighbours are made along with an entry: a few, and twice as many
 * each time when the guest goes on where the last ones ended.
 */
#define PREFETCH_MIN 8
#define PREFETCH_MAX 128
#define PREFETCH_DIRECT 64

#define SMAP_PATIENCE 3 /* see vam_mmu_fill() */

/* What a fill is about, for the functions below. */
struct fill {
	struct vam_vcpu *vcpu;
	struct vam_mmu *mmu;
	gva_t gva;
	gfn_t gfn;
	u32 access; /* VAM_PTWALK_* */
	const struct vam_ptwalk *walk;
};

/* The rights that a guest's last entry gives, together with its role. */
static u32 leaf_rights(union vam_role role, u64 entry)
{
	u32 rights = role.rights & vam_pt_rights(entry);

	/* Not for the user at all: then what the kernel may do counts. */
	if (role.wp0 && !(rights & VAM_RIGHT_U))
		rights |= VAM_RIGHT_W;
	/* The first write must set the dirty bit. */
	if (!(entry & VAM_PTE_D))
		rights &= ~VAM_RIGHT_W;
	return rights;
}

/*
 * With CR0.WP clear the kernel may write to a user's read-only page. Our CPU
 * has it set: so the page is a writable page of the kernel's from here on,
 * until the user's next access makes it his again.
 */
static bool is_kernel_write(union vam_role role, u32 rights, u32 access)
{
	return role.wp0 && !(rights & VAM_RIGHT_W) && (rights & VAM_RIGHT_U) &&
	       (access & (VAM_PTWALK_WRITE | VAM_PTWALK_USER)) ==
		       VAM_PTWALK_WRITE;
}

static u32 fault_rights(const struct fill *f, union vam_role role, u64 entry)
{
	u32 rights = leaf_rights(role, entry);

	if (!is_kernel_write(role, role.rights & vam_pt_rights(entry),
			     f->access))
		return rights;
	rights |= VAM_RIGHT_W;
	rights &= ~VAM_RIGHT_U;
	if (role.smep)
		rights &= ~VAM_RIGHT_X;
	return rights;
}

static hpa_t host_address(struct vam_mmu *mmu, gfn_t gfn)
{
	return PFN_PHYS(page_to_pfn(vam_mem_page(mmu->vm, gfn)));
}

/* Map a frame by an entry that is absent now: the short way. */
static void map_small(struct vam_mmu *mmu, struct vam_shadow *shadow,
		      unsigned int i, gfn_t gfn, u32 rights)
{
	struct vam_frame *frame = &mmu->frames[gfn];
	u64 *spte = &shadow->spt[i];

	if (frame->traced)
		rights &= ~VAM_RIGHT_W;
	if (rights & VAM_RIGHT_W) {
		if (likely(!frame->writers))
			frame->writers = (unsigned long)spte;
		else
			vam_chain_add(mmu, &frame->writers, spte);
	}
	WRITE_ONCE(*spte, spte_make(host_address(mmu, gfn), rights));
}

/**
 * vam_fill_prefetch() - make an entry that nobody has asked for yet
 * @mmu: the VM's
 * @shadow: of level 1, not direct
 * @i: an absent entry; old[i] is @entry
 * @entry: the guest's, hostile
 *
 * Does nothing if the guest could tell, by the accessed and dirty bits.
 */
void vam_fill_prefetch(struct vam_mmu *mmu, struct vam_shadow *shadow,
		       unsigned int i, u64 entry)
{
	union vam_role role = shadow->role;
	u64 must = VAM_PTE_P | VAM_PTE_A;
	gfn_t gfn;

	if ((entry & (must | mmu->reserved[role.format][role.nx])) != must)
		return;
	gfn = gpa_to_gfn(entry & VAM_PTE_ADDR);
	if (gfn >= mmu->nr_frames)
		return;
	map_small(mmu, shadow, i, gfn, leaf_rights(role, entry));
}

static void prefetch_table(struct fill *f, struct vam_shadow *shadow,
			   unsigned int i)
{
	unsigned int k = i & ~(PREFETCH_MIN - 1), end, n = 0;

	if (i == shadow->next && i) {
		shadow->window = min(shadow->window * 2, PREFETCH_MAX);
		k = i;
	} else {
		shadow->window = PREFETCH_MIN;
	}
	end = min_t(unsigned int, k + shadow->window, SPTES);
	shadow->next = end;
	for (; k < end; k++) {
		u64 entry;

		if (shadow->spt[k])
			continue;
		entry = vam_shadow_read(shadow, k);
		shadow->old[k] = entry;
		vam_fill_prefetch(f->mmu, shadow, k, entry);
		n += shadow->spt[k] != 0;
	}
	f->vcpu->stat[VAM_STAT_mmu_prefetch] += n;
}

static void prefetch_direct(struct fill *f, struct vam_shadow *shadow,
			    unsigned int i)
{
	unsigned int k = i & ~(PREFETCH_DIRECT - 1), end = k + PREFETCH_DIRECT;
	unsigned int n = 0;

	for (; k < end; k++) {
		if (shadow->spt[k] || shadow->gfn + k >= f->mmu->nr_frames)
			continue;
		map_small(f->mmu, shadow, k, shadow->gfn + k,
			  shadow->role.rights);
		n++;
	}
	f->vcpu->stat[VAM_STAT_mmu_prefetch] += n;
}

/* The entry that maps the page. */
static enum vam_mmu_verdict map_page(struct fill *f, struct vam_shadow *shadow,
				     unsigned int i)
{
	unsigned int level = shadow->role.level;
	enum vam_mmu_verdict verdict = VAM_MMU_RETRY;
	union vam_role role = shadow->role;
	struct vam_mmu *mmu = f->mmu;
	u64 entry = 0, spte;
	gfn_t gfn = f->gfn;
	u32 rights;

	if (level > 1)
		gfn &= ~(gfn_t)(VAM_BLOCK_PAGES - 1);
	if (role.format) {
		entry = f->walk->entry[level];
		rights = fault_rights(f, role, entry);
	} else {
		rights = role.rights;
	}
	if (level == 1 && (rights & VAM_RIGHT_W) && mmu->frames[gfn].traced) {
		if (!(f->access & VAM_PTWALK_WRITE)) {
			rights &= ~VAM_RIGHT_W;
		} else if (!vam_frame_unprotect(mmu, gfn)) {
			rights &= ~VAM_RIGHT_W;
			verdict = VAM_MMU_WRITE;
		}
	}

	spte = spte_make(host_address(mmu, gfn), rights);
	if (level > 1) {
		spte |= SPTE_LARGE;
		vam_stat_inc(f->vcpu, VAM_STAT_mmu_large);
	}
	if (role.format && shadow->old[i] != entry) {
		vam_shadow_drop(mmu, shadow, i);
		shadow->old[i] = entry;
	}
	if (shadow->spt[i] == spte) {
		vam_stat_inc(f->vcpu, VAM_STAT_mmu_spurious);
	} else {
		vam_shadow_map(mmu, shadow, i, gfn, spte);
		vam_stat_inc(f->vcpu, VAM_STAT_mmu_fill);
		trace_vam_fill(f->vcpu, f->gva, f->walk->gpa, level, spte);
	}
	if (level == 1 && role.format)
		prefetch_table(f, shadow, i);
	else if (level == 1)
		prefetch_direct(f, shadow, i);
	return verdict;
}

/* Make entry @i lead to that shadow page. */
static struct vam_shadow *descend(struct vam_mmu *mmu,
				  struct vam_shadow *shadow, unsigned int i,
				  gfn_t gfn, union vam_role role, u32 rights)
{
	u64 spte = shadow->spt[i], want;
	struct vam_shadow *child;

	if (spte && !spte_is_leaf(spte, shadow->role.level)) {
		child = vam_shadow_child(spte);
		want = spte_make(__pa(child->spt), rights);
		if (child->gfn == gfn && child->role.word == role.word &&
		    !((want ^ spte) & (SPTE_W | SPTE_U | SPTE_NX)))
			return child;
	}
	child = vam_shadow_get(mmu, gfn, role);
	vam_shadow_drop(mmu, shadow, i);
	vam_shadow_link(mmu, shadow, i, child, rights);
	/* What was never reached this way cannot be in a TLB and be stale. */
	if (child->unsync)
		vam_shadow_sync(mmu, child);
	return child;
}

/* An entry of the four that are the root in PAE format. */
static struct vam_shadow *descend_root(struct fill *f, unsigned int i)
{
	if (!vam_fill_link_root(f->vcpu, i, true))
		return NULL;
	return vam_shadow_child(f->vcpu->mmu->pae.spt[i]);
}

/**
 * vam_fill_link_root() - bring one of the four root entries up to date
 * @vcpu: whose guest is not in long mode; mmu->lock held
 * @i: which
 * @make: make the shadow page if there is none (vam_mmu_lock() was used)
 *
 * Return: true when the entry leads somewhere, or need not; false when the
 * guest's entry is absent and @make is set, or the shadow page is missing.
 */
bool vam_fill_link_root(struct vam_vcpu *vcpu, unsigned int i, bool make)
{
	struct vam_mmu *mmu = vcpu->vm->mmu;
	struct vam_mmu_vcpu *m = vcpu->mmu;
	struct vam_shadow *root = &m->pae, *child;
	union vam_role role = m->role;
	u64 spte = root->spt[i];
	gfn_t gfn;

	role.level = 2;
	switch (m->paging.format) {
	case VAM_PT_PAE:
		if (!(m->paging.pdpte[i] & VAM_PTE_P)) {
			vam_shadow_drop(mmu, root, i);
			return !make;
		}
		gfn = gpa_to_gfn(m->paging.pdpte[i] & VAM_PTE_ADDR);
		break;
	case VAM_PT_32:
		gfn = gpa_to_gfn(m->paging.root);
		role.quadrant = i;
		break;
	default:
		gfn = (gfn_t)i << 18;
	}

	if (spte) {
		child = vam_shadow_child(spte);
		if (child->gfn == gfn && child->role.word == role.word)
			return true;
		vam_shadow_drop(mmu, root, i);
	}
	child = make ? vam_shadow_get(mmu, gfn, role) :
		       vam_shadow_find(mmu, gfn, role);
	if (!child)
		return false;
	vam_shadow_link(mmu, root, i, child, 0);
	return true;
}

/* From a guest's table to the next. */
static struct vam_shadow *
descend_table(struct fill *f, struct vam_shadow *shadow, unsigned int i)
{
	unsigned int level = shadow->role.level;
	u64 entry = f->walk->entry[level];
	union vam_role role = shadow->role;
	u32 rights = vam_pt_rights(entry);

	role.level = level - 1;
	role.quadrant = role.format == VAM_PT_32 ? i & 1 : 0;
	if (role.wp0) {
		role.rights &= rights;
		rights = VAM_RIGHT_ALL;
	}
	return descend(f->mmu, shadow, i, gpa_to_gfn(entry & VAM_PTE_ADDR),
		       role, rights);
}

/* From a guest's large page, or within one, to smaller pieces of it. */
static struct vam_shadow *
descend_piece(struct fill *f, struct vam_shadow *shadow, unsigned int i)
{
	unsigned int level = shadow->role.level;
	gfn_t mask = ~0ULL << (9 * (level - 1));
	union vam_role role = { .word = 0 };
	u32 rights = VAM_RIGHT_ALL;

	role.level = level - 1;
	role.rights = shadow->role.rights;
	if (shadow->role.format) {
		role.rights = VAM_RIGHT_ALL;
		rights = fault_rights(f, shadow->role, f->walk->entry[level]);
		if (shadow->role.wp0) {
			role.rights = rights;
			rights = VAM_RIGHT_ALL;
		}
	}
	return descend(f->mmu, shadow, i, f->gfn & mask, role, rights);
}

static bool may_be_large(const struct fill *f)
{
	return f->walk->level >= 2 && vam_mem_is_large(f->vcpu->vm, f->gfn) &&
	       !f->mmu->blocks[f->gfn / VAM_BLOCK_PAGES].shadows;
}

/**
 * vam_mmu_fill() - make the entries for an access that the guest allows
 * @vcpu: whose access, on its thread; lock taken by vam_mmu_lock()
 * @gva: where to
 * @access: VAM_PTWALK_*
 * @walk: the path through the guest's tables; unpaged: level above all others
 *
 * Return: VAM_MMU_RETRY or VAM_MMU_WRITE.
 */
enum vam_mmu_verdict vam_mmu_fill(struct vam_vcpu *vcpu, gva_t gva, u32 access,
				  const struct vam_ptwalk *walk)
{
	struct fill f = { vcpu,	  vcpu->vm->mmu, gva, gpa_to_gfn(walk->gpa),
			  access, walk };
	struct vam_mmu_vcpu *m = vcpu->mmu;
	struct vam_shadow *shadow = m->root, *path[VAM_PT_MAX_LEVEL];
	enum vam_mmu_verdict verdict = VAM_MMU_RETRY;
	unsigned int level, i, n = 0;

	/*
	 * With SMAP, making the page the kernel's would hide from the CPU that
	 * it is the user's: the write is done for the guest. If that cannot be,
	 * the same fault comes back, and then the page is the kernel's.
	 */
	if (m->role.smap && is_kernel_write(m->role, walk->rights, access) &&
	    m->last.repeats < SMAP_PATIENCE)
		return VAM_MMU_WRITE;

	while (shadow) {
		/* What is on the path stays, whatever else must go. */
		shadow->users++;
		path[n++] = shadow;
		shadow->writes = 0;
		level = shadow->role.level;
		i = spte_index(gva, level);
		if (shadow == &m->pae) {
			shadow = descend_root(&f, i & 3);
			continue;
		}
		list_move(&shadow->node, &f.mmu->lru);
		if (shadow->role.format) {
			u64 entry = vam_shadow_read(shadow, i);

			if (entry != walk->entry[level])
				break; /* changed since: once more */
			if (level > 1 && shadow->old[i] != entry) {
				vam_shadow_drop(f.mmu, shadow, i);
				shadow->old[i] = entry;
			}
		}
		if (level == 1 || (level == 2 && may_be_large(&f))) {
			verdict = map_page(&f, shadow, i);
			break;
		}
		if (level > walk->level && shadow->role.format)
			shadow = descend_table(&f, shadow, i);
		else
			shadow = descend_piece(&f, shadow, i);
	}
	while (n)
		path[--n]->users--;
	return verdict;
}
