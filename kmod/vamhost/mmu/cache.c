// SPDX-License-Identifier: GPL-2.0
/*
 * mmu/cache.c - memory for shadow pages: ready before the lock, within budget
 *
 * Nothing below mmu->lock may sleep, so whoever takes the lock first makes
 * sure that enough is at hand. A VM has a budget; beyond it, and when the host
 * is short of memory, the least recently used shadow pages go. A page that
 * went is not used again before all vCPUs were made to forget it.
 *
 * Layer:    mmu.
 * Locks:    mmu->lock; vms_lock for the list of all VMs, taken before it.
 */
#include <linux/mm.h>
#include <linux/mutex.h>
#include <compat/shrinker.h>
#include "core/alloc.h"
#include "core/vm.h"
#include "mmu/shadow.h"

#define FREE_MAX 48 /* pages kept ready, more go back to the host */
#define BUDGET_SHARE 50 /* one page in so many of RAM */
#define BUDGET_MIN 64
#define BUDGET_VCPU 32 /* more of them for each vCPU */
#define RECLAIM_BATCH 16

static DEFINE_MUTEX(vms_lock);
static LIST_HEAD(vms);
static struct shrinker *shrinker;

static u64 *alloc_table(struct vam_mmu *mmu)
{
	struct page *page = vam_alloc_pages(GFP_KERNEL, 0, NUMA_NO_NODE);

	if (!page)
		return NULL;
	vam_pin_add(&mmu->vm->pins, VAM_PIN_SHADOW, 1);
	return page_address(page);
}

static void free_table(struct vam_mmu *mmu, u64 *table)
{
	free_page((unsigned long)table);
	vam_pin_add(&mmu->vm->pins, VAM_PIN_SHADOW, -1);
}

static void free_shadow(struct vam_mmu *mmu, struct vam_shadow *shadow)
{
	set_page_private(virt_to_page(shadow->spt), 0);
	free_table(mmu, shadow->spt);
	kfree(shadow);
}

static struct vam_shadow *alloc_shadow(struct vam_mmu *mmu)
{
	struct vam_shadow *shadow = vam_zalloc(sizeof(*shadow));

	if (!shadow)
		return NULL;
	shadow->spt = alloc_table(mmu);
	if (!shadow->spt) {
		kfree(shadow);
		return NULL;
	}
	set_page_private(virt_to_page(shadow->spt), (unsigned long)shadow);
	return shadow;
}

static void put_old(struct vam_mmu *mmu, u64 *old)
{
	*(u64 **)old = mmu->olds;
	mmu->olds = old;
	mmu->nr_olds++;
}

static u64 *take_old(struct vam_mmu *mmu)
{
	u64 *old = mmu->olds;

	mmu->olds = *(u64 **)old;
	mmu->nr_olds--;
	return old;
}

static void put_chains(struct vam_mmu *mmu, u64 *table)
{
	struct vam_chain *c = (struct vam_chain *)table;
	unsigned int i;

	/* The first remembers the page, for the end. */
	list_add(&virt_to_page(table)->lru, &mmu->chain_pages);
	for (i = 0; i < PAGE_SIZE / sizeof(*c); i++) {
		c[i].next = mmu->chains;
		mmu->chains = &c[i];
		mmu->nr_chains++;
	}
}

/* One of each kind that is short; the lock is not held. */
static int top_up(struct vam_mmu *mmu)
{
	struct vam_shadow *shadow = NULL;
	u64 *old = NULL, *chains = NULL;

	if (READ_ONCE(mmu->nr_free) < VAM_MMU_NEED_PAGES) {
		shadow = alloc_shadow(mmu);
		if (!shadow)
			return -ENOMEM;
	}
	if (READ_ONCE(mmu->nr_olds) < VAM_MMU_NEED_PAGES) {
		old = alloc_table(mmu);
		if (!old) {
			if (shadow)
				free_shadow(mmu, shadow);
			return -ENOMEM;
		}
	}
	if (READ_ONCE(mmu->nr_chains) < VAM_MMU_NEED_CHAINS)
		chains = alloc_table(mmu); /* or do without */

	spin_lock(&mmu->lock);
	if (shadow) {
		list_add(&shadow->node, &mmu->free);
		mmu->nr_free++;
	}
	if (old)
		put_old(mmu, old);
	if (chains)
		put_chains(mmu, chains);
	spin_unlock(&mmu->lock);
	return 0;
}

/* Drop @n pages' worth of the least recently used; lock held. */
static unsigned int reclaim(struct vam_mmu *mmu, unsigned int n)
{
	struct vam_shadow *shadow, *next;
	unsigned int before = mmu->nr_used;

	list_for_each_entry_safe_reverse(shadow, next, &mmu->lru, node) {
		if (before - mmu->nr_used >= n)
			break;
		if (shadow->users)
			continue;
		vam_mmu_count(mmu, VAM_MMU_COUNT_RECLAIM);
		vam_shadow_zap(mmu, shadow);
	}
	return before - mmu->nr_used;
}

/* Lock held. */
static bool is_ready(struct vam_mmu *mmu)
{
	return mmu->nr_free >= VAM_MMU_NEED_PAGES &&
	       mmu->nr_olds >= VAM_MMU_NEED_PAGES;
}

/**
 * vam_mmu_lock() - take the lock, with enough at hand to handle a fault
 * @mmu: the VM's
 *
 * Context: may sleep. Return: 0 with the lock held; -ENOMEM without.
 */
int vam_mmu_lock(struct vam_mmu *mmu)
{
	bool tried = false;
	int err = 0;

	spin_lock(&mmu->lock);
	while (unlikely(!is_ready(mmu) ||
			(!tried && mmu->nr_chains < VAM_MMU_NEED_CHAINS / 2))) {
		/* Last resort: what is in use becomes what is at hand. */
		if (err) {
			if (!reclaim(mmu, RECLAIM_BATCH)) {
				spin_unlock(&mmu->lock);
				return err;
			}
			vam_mmu_flush(mmu);
			if (is_ready(mmu))
				break;
		}
		spin_unlock(&mmu->lock);
		err = top_up(mmu);
		tried = true;
		spin_lock(&mmu->lock);
	}
	if (unlikely(mmu->nr_used + 2 * VAM_MMU_NEED_PAGES > mmu->max_used)) {
		reclaim(mmu, RECLAIM_BATCH);
		vam_mmu_flush(mmu);
	}
	return 0;
}

/**
 * vam_mmu_flush() - make all vCPUs forget translations; reuse what went
 * @mmu: the VM's, locked
 *
 * On return no CPU uses a translation or walks a table from before.
 */
void vam_mmu_flush(struct vam_mmu *mmu)
{
	struct vam_shadow *shadow, *next;

	vam_vcpus_request_sync(mmu->vm, VAM_REQ_TLB, NULL);
	mmu->stale_writers = false;
	list_for_each_entry_safe(shadow, next, &mmu->limbo, node) {
		list_move(&shadow->node, &mmu->free);
		mmu->nr_free++;
	}
}

/* Give back to the host what is ready beyond @max. */
static void trim(struct vam_mmu *mmu, unsigned int max)
{
	struct vam_shadow *shadow;

	while (mmu->nr_free > max) {
		shadow = list_first_entry(&mmu->free, struct vam_shadow, node);
		list_del(&shadow->node);
		mmu->nr_free--;
		free_shadow(mmu, shadow);
	}
	while (mmu->nr_olds > max)
		free_table(mmu, take_old(mmu));
}

/**
 * vam_mmu_unlock() - the opposite of vam_mmu_lock()
 * @mmu: the VM's
 */
void vam_mmu_unlock(struct vam_mmu *mmu)
{
	if (unlikely(!list_empty(&mmu->limbo)))
		vam_mmu_flush(mmu);
	if (unlikely(mmu->nr_free > FREE_MAX || mmu->nr_olds > FREE_MAX))
		trim(mmu, FREE_MAX);
	spin_unlock(&mmu->lock);
}

/**
 * vam_shadow_take() - a zeroed shadow page, not yet known to anyone
 * @mmu: the VM's, locked by vam_mmu_lock()
 * @direct: it needs no copy of the guest's entries
 */
struct vam_shadow *vam_shadow_take(struct vam_mmu *mmu, bool direct)
{
	struct vam_shadow *shadow =
		list_first_entry(&mmu->free, struct vam_shadow, node);

	mmu->nr_free--;
	mmu->nr_used += direct ? 1 : 2;
	if (!direct)
		shadow->old = take_old(mmu);
	list_move(&shadow->node, &mmu->lru);
	return shadow;
}

/**
 * vam_shadow_retire() - nobody knows this page any more, but CPUs may
 * @mmu: the VM's, locked
 * @shadow: emptied
 */
void vam_shadow_retire(struct vam_mmu *mmu, struct vam_shadow *shadow)
{
	mmu->nr_used--;
	if (shadow->old) {
		mmu->nr_used--;
		put_old(mmu, shadow->old);
		shadow->old = NULL;
	}
	list_move(&shadow->node, &mmu->limbo);
}

static unsigned long count_shadows(struct shrinker *s,
				   struct shrink_control *sc)
{
	unsigned long n = 0;
	struct vam_mmu *mmu;

	if (!mutex_trylock(&vms_lock))
		return 0;
	list_for_each_entry(mmu, &vms, vms_node)
		n += READ_ONCE(mmu->nr_used);
	mutex_unlock(&vms_lock);
	return n ?: SHRINK_EMPTY;
}

static unsigned long scan_shadows(struct shrinker *s, struct shrink_control *sc)
{
	unsigned long freed = 0;
	struct vam_mmu *mmu;

	if (!mutex_trylock(&vms_lock))
		return SHRINK_STOP;
	list_for_each_entry(mmu, &vms, vms_node) {
		if (freed >= sc->nr_to_scan)
			break;
		if (!spin_trylock(&mmu->lock))
			continue;
		freed += reclaim(mmu, sc->nr_to_scan - freed);
		if (!list_empty(&mmu->limbo))
			vam_mmu_flush(mmu);
		trim(mmu, VAM_MMU_NEED_PAGES);
		spin_unlock(&mmu->lock);
	}
	/* The next round takes it from another VM first. */
	if (!list_empty(&vms))
		list_rotate_left(&vms);
	mutex_unlock(&vms_lock);
	return freed;
}

/**
 * vam_mmu_cache_create() - budget and lists of a new VM
 * @mmu: zeroed, but for @vm and the lists
 *
 * Context: may sleep.
 */
void vam_mmu_cache_create(struct vam_mmu *mmu)
{
	struct vam_vm *vm = mmu->vm;
	u64 budget = vm->config_mmu_pages;

	if (!budget)
		budget = (vm->mem.size >> VAM_PAGE_SHIFT) / BUDGET_SHARE;
	mmu->max_used = clamp_t(u64, budget, BUDGET_MIN, U32_MAX / 2);

	mutex_lock(&vms_lock);
	list_add(&mmu->vms_node, &vms);
	mutex_unlock(&vms_lock);
}

/**
 * vam_mmu_cache_add_vcpu() - a vCPU more that wants its tables
 * @mmu: the VM's
 *
 * A small VM gets more than its share, so that its vCPUs do not drive out each
 * other's tables; a budget asked for stays as it is.
 */
void vam_mmu_cache_add_vcpu(struct vam_mmu *mmu)
{
	unsigned int want = BUDGET_MIN + BUDGET_VCPU * (mmu->vm->nr_vcpus + 1);

	if (!mmu->vm->config_mmu_pages)
		mmu->max_used = max(mmu->max_used, want);
}

/**
 * vam_mmu_cache_destroy() - give back everything, in use or not
 * @mmu: the VM's; no vCPU is left
 *
 * Context: may sleep.
 */
void vam_mmu_cache_destroy(struct vam_mmu *mmu)
{
	struct vam_shadow *shadow, *next;
	struct page *page, *next_page;

	mutex_lock(&vms_lock);
	list_del(&mmu->vms_node);
	mutex_unlock(&vms_lock);

	list_splice_init(&mmu->limbo, &mmu->free);
	list_splice_init(&mmu->lru, &mmu->free);
	list_for_each_entry_safe(shadow, next, &mmu->free, node) {
		if (shadow->old)
			put_old(mmu, shadow->old);
		free_shadow(mmu, shadow);
		cond_resched();
	}
	while (mmu->nr_olds)
		free_table(mmu, take_old(mmu));
	list_for_each_entry_safe(page, next_page, &mmu->chain_pages, lru) {
		list_del(&page->lru);
		free_table(mmu, page_address(page));
	}
}

/**
 * vam_mmu_cache_init() - listen to the host's wish for memory
 *
 * Context: module load. Return: 0 or -ENOMEM.
 */
int vam_mmu_cache_init(void)
{
	shrinker = shrinker_alloc(0, "vamhost-shadow");
	if (!shrinker)
		return -ENOMEM;
	shrinker->count_objects = count_shadows;
	shrinker->scan_objects = scan_shadows;
	shrinker_register(shrinker);
	return 0;
}

/* vam_mmu_cache_exit() - the opposite; no VM is left. */
void vam_mmu_cache_exit(void)
{
	shrinker_free(shrinker);
}
