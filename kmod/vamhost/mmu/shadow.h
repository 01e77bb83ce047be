/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mmu/shadow.h - what the files of mmu/ share
 *
 * A *shadow page* is a table that the CPU walks, made from one table of the
 * guest (or, "direct", from nothing but a range of guest-physical addresses).
 * It is found by the guest's frame and a *role*: how the guest's table is to
 * be understood.
 *
 * Layer:    mmu, private to it.
 * Locks:    mmu->lock guards everything here. Holders do not sleep.
 */
#ifndef VAM_MMU_SHADOW_H
#define VAM_MMU_SHADOW_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include "core/stat.h"
#include "lib/ptwalk.h"
#include "mmu/mmu.h"
#include "mmu/spte.h"

struct page;

/*
 * How a guest's table is understood. Equal roles and frames share a shadow
 * page. Of a direct page only level and rights are set.
 */
union vam_role {
	u32 word;
	struct {
		u32 level : 3; /* of the entries in it; 1: they map 4 KiB */
		u32 format : 2; /* enum vam_pt_format; 0: direct */
		u32 nx : 1;
		u32 pse : 1;
		u32 wp0 : 1; /* supervisor writes ignore W; then also: */
		u32 smep : 1;
		u32 smap : 1;
		u32 rights : 3; /* of the path to here; else all */
		u32 quadrant : 2; /* 32-bit: which part of the table */
	};
};

/**
 * struct vam_chain - pointers to shadow entries, when one does not do
 *
 * A list head is an unsigned long: 0, a pointer to an entry, or a pointer to
 * the first chunk of these with bit 0 set. Only the first has free places.
 */
struct vam_chain {
	u64 *spte[7];
	struct vam_chain *next;
};

/**
 * struct vam_shadow - one shadow page
 * @hash: in mmu->hash, by @gfn
 * @node: in mmu->lru, mmu->limbo or mmu->free
 * @unsync_node: in mmu->unsync, when @unsync
 * @spt: what the CPU walks
 * @old: the guest's entries as @spt was made from them; not when direct
 * @table: the guest's entries, NULL when direct or where no memory is
 * @gfn: the guest's table; when direct, what entry 0 maps
 * @role: see there
 * @parents: chain of the entries that lead here
 * @users: vCPUs whose root this is, and fills that hold it
 * @traced: the guest's writes to the table are seen; else it is @unsync,
 *          or there is nothing to trace
 * @unsync: the guest may have changed the table since
 * @closing: about to be traced again, within one vam_shadow_sync_all()
 * @idle: how often it was found unchanged while unsync
 * @writes: by the emulator since it was last used
 * @window: how many entries the last prefetch looked at
 * @next: and where it ended
 */
struct vam_shadow {
	struct hlist_node hash;
	struct list_head node;
	struct list_head unsync_node;
	u64 *spt;
	u64 *old;
	void *table;
	gfn_t gfn;
	union vam_role role;
	unsigned long parents;
	u32 users;
	bool traced;
	bool unsync;
	bool closing;
	u8 idle;
	u8 writes;
	u16 window;
	u16 next;
};

/* What we know of each frame of RAM; 16 bytes for 4 KiB. */
struct vam_frame {
	unsigned long writers; /* chain of small entries that may write to it */
	u32 shadows; /* shadow pages made from it */
	u32 traced; /* of these, how many need its writes be seen */
};

/* And of each 2 MiB block. */
struct vam_frames {
	unsigned long writers; /* chain of large entries that may write to it */
	u32 shadows; /* sum over its frames */
};

/*
 * What is ready when the lock is taken. More shadow pages are never needed at
 * once: five levels, or four roots and the levels below. Chunks are different:
 * when they run out, lists forget entries.
 */
#define VAM_MMU_NEED_PAGES 12
#define VAM_MMU_NEED_CHAINS 128

/* Counters kept per VM until a vCPU passes by. */
enum vam_mmu_count {
	VAM_MMU_COUNT_ZAP,
	VAM_MMU_COUNT_RECLAIM,
	VAM_MMU_COUNT_FLOOD,
	VAM_MMU_COUNT_UNSYNC,
	VAM_MMU_COUNT_SYNC_PAGE,
	VAM_MMU_COUNT_SYNC_ENTRY,
	VAM_MMU_COUNT_NR,
};

/**
 * struct vam_mmu - the shadow page tables of one VM
 *
 * (c) constant after creation; all else under @lock.
 */
struct vam_mmu {
	struct vam_vm *vm; /* (c) */
	struct list_head vms_node; /* for the shrinker, see cache.c */
	spinlock_t lock;

	struct vam_frame *frames; /* (c) by gfn */
	u64 nr_frames; /* (c) */
	struct vam_frames *blocks; /* (c) by gfn / 512 */
	struct hlist_head *hash; /* (c) */
	unsigned int hash_bits; /* (c) */
	u64 reserved[4][2]; /* (c) by format and nx: in entries of level 1 */

	struct list_head lru; /* in use, most recently used first */
	struct list_head unsync;
	struct list_head limbo; /* dropped, but a CPU may still walk them */
	struct list_head free; /* zeroed and ready */
	u64 *olds; /* free pages for vam_shadow.old, linked by the first word */
	unsigned int nr_free;
	unsigned int nr_olds;
	unsigned int nr_used; /* pages in use, those of @old included */
	unsigned int max_used; /* (c) */
	struct vam_chain *chains; /* free ones */
	unsigned int nr_chains;
	struct list_head chain_pages;

	/*
	 * A TLB may still hold a writable translation whose entry is gone, so
	 * that tracing a frame takes a flush even if no entry maps it.
	 */
	bool stale_writers;
	u32 split; /* counts entries dropped that INVLPG must forget whole */
	u32 emulated; /* writes reported by vam_mmu_guest_wrote() */
	u32 counts[VAM_MMU_COUNT_NR];
};

/* Device memory found by a vCPU, until it flushes its TLB. */
#define VAM_MMU_MMIO_SLOTS 4

/**
 * struct vam_mmu_vcpu - the vCPU's side
 *
 * (l) under mmu->lock, all else the vCPU's own thread.
 */
struct vam_mmu_vcpu {
	struct vam_paging paging; /* what the guest's registers make of it */
	union vam_role role; /* of the root */
	struct vam_shadow *root; /* (l) NULL: VAM_REQ_ROOT is set */
	struct vam_shadow pae; /* (l) the root in PAE format: four entries */
	struct page *pae_page; /* its memory, below 4 GiB */
	u64 cr0, cr3, cr4, efer; /* which @paging was made from */
	u32 split; /* mmu->split when the TLB was last flushed */
	struct {
		u64 key;
		gpa_t page;
	} mmio[VAM_MMU_MMIO_SLOTS];

	/* The last fault, to notice when there is no progress. */
	struct {
		gva_t gva;
		u64 rip;
		u64 regs;
		u64 clock;
		u32 error;
		u32 emulated;
		u32 repeats;
	} last;
};

/* cache.c: memory for all this */
void vam_mmu_cache_create(struct vam_mmu *mmu);
void vam_mmu_cache_add_vcpu(struct vam_mmu *mmu);
void vam_mmu_cache_destroy(struct vam_mmu *mmu);
int vam_mmu_lock(struct vam_mmu *mmu);
void vam_mmu_unlock(struct vam_mmu *mmu);
void vam_mmu_flush(struct vam_mmu *mmu);
struct vam_shadow *vam_shadow_take(struct vam_mmu *mmu, bool direct);
void vam_shadow_retire(struct vam_mmu *mmu, struct vam_shadow *shadow);
int vam_mmu_cache_init(void);
void vam_mmu_cache_exit(void);

/* chain.c: lists of shadow entries */
void vam_chain_add(struct vam_mmu *mmu, unsigned long *head, u64 *spte);
void vam_chain_remove(struct vam_mmu *mmu, unsigned long *head, u64 *spte);
u64 *vam_chain_pop(struct vam_mmu *mmu, unsigned long *head);

/* shadow.c: shadow pages */
struct vam_shadow *vam_shadow_of(u64 *spte);
struct vam_shadow *vam_shadow_child(u64 spte);
struct vam_shadow *vam_shadow_find(struct vam_mmu *mmu, gfn_t gfn,
				   union vam_role role);
struct vam_shadow *vam_shadow_get(struct vam_mmu *mmu, gfn_t gfn,
				  union vam_role role);
void vam_shadow_link(struct vam_mmu *mmu, struct vam_shadow *parent,
		     unsigned int i, struct vam_shadow *child, u32 rights);
void vam_shadow_map(struct vam_mmu *mmu, struct vam_shadow *shadow,
		    unsigned int i, gfn_t gfn, u64 spte);
void vam_shadow_drop(struct vam_mmu *mmu, struct vam_shadow *shadow,
		     unsigned int i);
void vam_shadow_zap(struct vam_mmu *mmu, struct vam_shadow *shadow);
struct hlist_head *vam_shadow_bucket(struct vam_mmu *mmu, gfn_t gfn);
gfn_t vam_shadow_leaf_gfn(const struct vam_shadow *shadow, unsigned int i);

/* trace.c: which frames the guest may write to without our knowledge */
bool vam_frame_unprotect(struct vam_mmu *mmu, gfn_t gfn);
void vam_shadow_start(struct vam_mmu *mmu, struct vam_shadow *shadow);
void vam_shadow_stop(struct vam_mmu *mmu, struct vam_shadow *shadow);
void vam_shadow_sync_entry(struct vam_mmu *mmu, struct vam_shadow *shadow,
			   unsigned int i);
void vam_shadow_sync(struct vam_mmu *mmu, struct vam_shadow *shadow);
void vam_shadow_sync_all(struct vam_mmu *mmu);

/* fill.c: entries from faults */
void vam_fill_prefetch(struct vam_mmu *mmu, struct vam_shadow *shadow,
		       unsigned int i, u64 entry);
bool vam_fill_link_root(struct vam_vcpu *vcpu, unsigned int i, bool make);
enum vam_mmu_verdict vam_mmu_fill(struct vam_vcpu *vcpu, gva_t gva, u32 access,
				  const struct vam_ptwalk *walk);

/**
 * vam_shadow_read() - the guest's entry now
 * @shadow: not direct
 * @i: of the shadow entry made from it
 *
 * Return: the entry; all ones where no memory is. Hostile.
 */
static inline u64 vam_shadow_read(const struct vam_shadow *shadow,
				  unsigned int i)
{
	bool narrow = shadow->role.format == VAM_PT_32;

	if (unlikely(!shadow->table))
		return narrow ? ~0U : ~0ULL;
	if (likely(!narrow))
		return READ_ONCE(((u64 *)shadow->table)[i]);
	return READ_ONCE(
		((u32 *)shadow->table)[shadow->role.level == 1 ? i : i >> 1]);
}

static inline void vam_mmu_count(struct vam_mmu *mmu, enum vam_mmu_count what)
{
	mmu->counts[what]++;
}

#endif /* VAM_MMU_SHADOW_H */
