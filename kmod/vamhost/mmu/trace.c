// SPDX-License-Identifier: GPL-2.0
/*
 * mmu/trace.c - know when the guest writes to its page tables
 *
 * A table with entries for other tables is *traced*: no shadow entry may write
 * to its frame, so each write faults, is emulated and reported. A table of
 * the last level is traced only until it is first written to; from then on
 * it is *unsync*: written freely, and compared with a copy whenever the
 * guest does something that flushes its TLB. A guest that relies on more
 * than the architecture promises of a TLB is wrong on any CPU. A table that
 * is found unchanged twice is traced again.
 *
 * Layer:    mmu.
 * Locks:    mmu->lock.
 * Spec:     SDM vol. 3 4.10 (what a TLB may hold, and until when).
 */
#include <linux/mm.h>
#include "core/mem.h"
#include "core/vm.h"
#include "mmu/shadow.h"

#define IDLE_MAX 2 /* clean comparisons before a table is traced again */
#define FLOOD_WRITES 4 /* unused between them, a table is dropped */

/* No shadow entry may write to this frame any more; needs a flush after. */
static void protect(struct vam_mmu *mmu, gfn_t gfn)
{
	struct vam_frame *frame = &mmu->frames[gfn];
	u64 *spte;

	while ((spte = vam_chain_pop(mmu, &frame->writers))) {
		WRITE_ONCE(*spte, *spte & ~SPTE_W);
		mmu->stale_writers = true;
	}
}

/* The first table in a block: large pages would hide writes to it. */
static void protect_block(struct vam_mmu *mmu, gfn_t gfn)
{
	struct vam_frames *block = &mmu->blocks[gfn / VAM_BLOCK_PAGES];
	u64 *spte;

	while ((spte = vam_chain_pop(mmu, &block->writers))) {
		WRITE_ONCE(*spte, 0);
		mmu->stale_writers = true;
		mmu->split++;
	}
}

static void start_trace(struct vam_mmu *mmu, struct vam_shadow *shadow)
{
	shadow->traced = true;
	if (!mmu->frames[shadow->gfn].traced++)
		protect(mmu, shadow->gfn);
}

static void stop_trace(struct vam_mmu *mmu, struct vam_shadow *shadow)
{
	shadow->traced = false;
	mmu->frames[shadow->gfn].traced--;
}

static void make_unsync(struct vam_mmu *mmu, struct vam_shadow *shadow)
{
	if (shadow->traced)
		stop_trace(mmu, shadow);
	shadow->unsync = true;
	shadow->idle = 0;
	list_add(&shadow->unsync_node, &mmu->unsync);
	vam_mmu_count(mmu, VAM_MMU_COUNT_UNSYNC);
}

static void end_unsync(struct vam_shadow *shadow)
{
	shadow->unsync = false;
	list_del(&shadow->unsync_node);
}

static void copy_table(struct vam_shadow *shadow)
{
	unsigned int i;

	/* An entry torn or changed in between only looks changed later. */
	if (shadow->table && shadow->role.format != VAM_PT_32) {
		memcpy(shadow->old, shadow->table, VAM_PAGE_SIZE);
		return;
	}
	for (i = 0; i < SPTES; i++)
		shadow->old[i] = vam_shadow_read(shadow, i);
}

/**
 * vam_shadow_start() - begin to follow a table
 * @mmu: the VM's
 * @shadow: new and empty, not direct
 */
void vam_shadow_start(struct vam_mmu *mmu, struct vam_shadow *shadow)
{
	struct vam_shadow *other;
	gfn_t gfn = shadow->gfn;
	struct vam_frame *frame;

	if (!shadow->table) {
		copy_table(shadow);
		return;
	}
	frame = &mmu->frames[gfn];
	if (!mmu->blocks[gfn / VAM_BLOCK_PAGES].shadows++)
		protect_block(mmu, gfn);
	if (frame->shadows++ && !frame->traced && shadow->role.level == 1) {
		/* Others of its kind are unsync: one more, then. */
		make_unsync(mmu, shadow);
		smp_mb(); /* as below */
		copy_table(shadow);
		return;
	}

	start_trace(mmu, shadow);
	if (mmu->stale_writers)
		vam_mmu_flush(mmu);
	/* Pairs with the barrier in vam_mmu_guest_wrote(): either the emulator
	 * sees that there is a shadow page, or we see what it wrote. */
	smp_mb();
	copy_table(shadow);
	if (shadow->role.level == 1)
		return;
	/* Unsync ones cannot be: nobody may write here any more. */
	hlist_for_each_entry(other, vam_shadow_bucket(mmu, gfn), hash) {
		if (other->gfn != gfn || !other->unsync)
			continue;
		end_unsync(other);
		start_trace(mmu, other);
		vam_shadow_sync(mmu, other);
	}
}

/**
 * vam_shadow_stop() - follow a table no more
 * @mmu: the VM's
 * @shadow: not direct
 */
void vam_shadow_stop(struct vam_mmu *mmu, struct vam_shadow *shadow)
{
	if (shadow->traced)
		stop_trace(mmu, shadow);
	if (shadow->unsync)
		end_unsync(shadow);
	if (!shadow->table)
		return;
	mmu->frames[shadow->gfn].shadows--;
	mmu->blocks[shadow->gfn / VAM_BLOCK_PAGES].shadows--;
}

/*
 * Roots of address spaces that are not in force have no parents, and in the
 * formats with PAE registers that goes for the level below.
 */
static bool may_be_root(const struct vam_shadow *shadow)
{
	if (shadow->role.format == VAM_PT_LONG)
		return shadow->role.level >= 4;
	return shadow->role.level >= 2;
}

static bool is_unused(const struct vam_shadow *shadow)
{
	return !shadow->parents && !shadow->users;
}

/**
 * vam_frame_unprotect() - the guest writes to a traced frame: let it, if that
 * can be
 * @mmu: the VM's
 * @gfn: the frame
 *
 * Return: true when a writable entry may be made; false when the write must be
 * emulated.
 */
bool vam_frame_unprotect(struct vam_mmu *mmu, gfn_t gfn)
{
	struct hlist_head *bucket = vam_shadow_bucket(mmu, gfn);
	struct vam_shadow *shadow;
	struct hlist_node *next;
	bool tables = false;

	hlist_for_each_entry_safe(shadow, next, bucket, hash) {
		if (shadow->gfn != gfn || !shadow->role.format)
			continue;
		/* What nothing leads to is most likely a table no more. */
		if (is_unused(shadow) && !may_be_root(shadow))
			vam_shadow_zap(mmu, shadow);
		else if (shadow->role.level > 1)
			tables = true;
	}
	if (tables)
		return false;
	hlist_for_each_entry(shadow, bucket, hash) {
		if (shadow->gfn == gfn && shadow->traced)
			make_unsync(mmu, shadow);
	}
	return true;
}

/* An entry of the last level, as prefetching makes it. */
static void sync_leaf(struct vam_mmu *mmu, struct vam_shadow *shadow,
		      unsigned int i, u64 entry)
{
	vam_shadow_drop(mmu, shadow, i); /* while old[i] is what it was */
	shadow->old[i] = entry;
	vam_fill_prefetch(mmu, shadow, i, entry);
	vam_mmu_count(mmu, VAM_MMU_COUNT_SYNC_ENTRY);
}

/**
 * vam_shadow_sync_entry() - bring one entry up to date
 * @mmu: the VM's
 * @shadow: not direct
 * @i: which
 */
void vam_shadow_sync_entry(struct vam_mmu *mmu, struct vam_shadow *shadow,
			   unsigned int i)
{
	u64 entry = vam_shadow_read(shadow, i);

	if (entry == shadow->old[i])
		return;
	if (shadow->role.level == 1) {
		sync_leaf(mmu, shadow, i, entry);
		return;
	}
	vam_shadow_drop(mmu, shadow, i);
	shadow->old[i] = entry;
}

/* Eight entries at a time: nearly all of them are as they were. */
static bool sync_wide(struct vam_mmu *mmu, struct vam_shadow *shadow)
{
	const u64 *new = shadow->table, *old = shadow->old;
	bool changed = false;
	unsigned int i, k;

	for (i = 0; i < SPTES; i += 8) {
		u64 diff = 0;

#pragma GCC unroll 8
		for (k = 0; k < 8; k++)
			diff |= READ_ONCE(new[i + k]) ^ old[i + k];
		if (likely(!diff))
			continue;
		changed = true;
		for (k = i; k < i + 8; k++)
			vam_shadow_sync_entry(mmu, shadow, k);
	}
	return changed;
}

static bool sync_narrow(struct vam_mmu *mmu, struct vam_shadow *shadow)
{
	bool changed = false;
	unsigned int i;

	for (i = 0; i < SPTES; i++) {
		if (likely(vam_shadow_read(shadow, i) == shadow->old[i]))
			continue;
		changed = true;
		vam_shadow_sync_entry(mmu, shadow, i);
	}
	return changed;
}

static bool compare(struct vam_mmu *mmu, struct vam_shadow *shadow)
{
	vam_mmu_count(mmu, VAM_MMU_COUNT_SYNC_PAGE);
	if (shadow->role.format == VAM_PT_32)
		return sync_narrow(mmu, shadow);
	return sync_wide(mmu, shadow);
}

/**
 * vam_shadow_sync() - bring a shadow page of the last level up to date
 * @mmu: the VM's
 * @shadow: of level 1, not direct, of a table in RAM
 */
void vam_shadow_sync(struct vam_mmu *mmu, struct vam_shadow *shadow)
{
	compare(mmu, shadow);
}

/**
 * vam_shadow_sync_all() - the guest flushed a TLB: bring all up to date
 * @mmu: the VM's
 */
void vam_shadow_sync_all(struct vam_mmu *mmu)
{
	struct vam_shadow *shadow, *next;
	bool closing = false;

	list_for_each_entry_safe(shadow, next, &mmu->unsync, unsync_node) {
		if (is_unused(shadow)) {
			vam_shadow_zap(mmu, shadow);
			continue;
		}
		if (compare(mmu, shadow)) {
			shadow->idle = 0;
			continue;
		}
		if (++shadow->idle < IDLE_MAX)
			continue;
		shadow->closing = true;
		start_trace(mmu, shadow);
		closing = true;
	}
	if (!closing)
		return;

	/* Once no CPU can write to them any more, the last look counts. */
	if (mmu->stale_writers)
		vam_mmu_flush(mmu);
	list_for_each_entry_safe(shadow, next, &mmu->unsync, unsync_node) {
		if (!shadow->closing)
			continue;
		shadow->closing = false;
		end_unsync(shadow);
		compare(mmu, shadow);
	}
}

/* Which shadow entries come from the guest's entry at this offset? */
static void update_at(struct vam_mmu *mmu, struct vam_shadow *shadow,
		      unsigned int offset)
{
	unsigned int n, i;

	if (shadow->role.format != VAM_PT_32) {
		vam_shadow_sync_entry(mmu, shadow, offset / 8);
		return;
	}
	n = offset / 4;
	if (shadow->role.level == 1) {
		if (n / 512 == shadow->role.quadrant)
			vam_shadow_sync_entry(mmu, shadow, n % 512);
		return;
	}
	if (n / 256 != shadow->role.quadrant)
		return;
	i = n % 256 * 2;
	vam_shadow_sync_entry(mmu, shadow, i);
	vam_shadow_sync_entry(mmu, shadow, i + 1);
}

void vam_mmu_guest_wrote(struct vam_vm *vm, gpa_t gpa, unsigned int len)
{
	unsigned int end = page_off(gpa) + len, at, size;
	struct vam_mmu *mmu = vm->mmu;
	gfn_t gfn = gpa_to_gfn(gpa);
	struct vam_shadow *shadow;
	struct hlist_node *next;

	/* Pairs with the barrier in vam_shadow_start(). */
	smp_mb();
	if (gfn >= mmu->nr_frames || !READ_ONCE(mmu->frames[gfn].shadows))
		return;

	spin_lock(&mmu->lock);
	mmu->emulated++;
	hlist_for_each_entry_safe(shadow, next, vam_shadow_bucket(mmu, gfn),
				  hash) {
		if (shadow->gfn != gfn || !shadow->role.format)
			continue;
		/* Rewritten but not used: then it can be made again later. */
		if (shadow->role.level > 1 &&
		    ++shadow->writes >= FLOOD_WRITES && !shadow->users) {
			vam_mmu_count(mmu, VAM_MMU_COUNT_FLOOD);
			vam_shadow_zap(mmu, shadow);
			continue;
		}
		size = shadow->role.format == VAM_PT_32 ? 4 : 8;
		for (at = page_off(gpa) & ~(size - 1);
		     at < end && at < VAM_PAGE_SIZE; at += size)
			update_at(mmu, shadow, at);
	}
	vam_mmu_unlock(mmu);
}

void vam_mmu_unprotect(struct vam_vm *vm, gfn_t gfn)
{
	struct vam_mmu *mmu = vm->mmu;
	struct vam_shadow *shadow;
	struct hlist_node *next;

	spin_lock(&mmu->lock);
	hlist_for_each_entry_safe(shadow, next, vam_shadow_bucket(mmu, gfn),
				  hash) {
		if (shadow->gfn == gfn && shadow->role.format)
			vam_shadow_zap(mmu, shadow);
	}
	vam_mmu_unlock(mmu);
}
