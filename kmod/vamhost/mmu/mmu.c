// SPDX-License-Identifier: GPL-2.0
/*
 * mmu/mmu.c - translation for a guest: faults, address spaces, flushes
 *
 * The shadow tables are treated as a big TLB: what the guest may expect of
 * a TLB is all that they promise. Absent and more restrictive entries are
 * never remembered against the guest, since a fault always looks at its
 * tables as they are; everything else is up to date after the flushes that
 * the architecture demands.
 *
 * Layer:    mmu. Called from run and dev.
 * Locks:    mmu->lock, see shadow.h. Walks of the guest's tables take none.
 * Not here: making entries, fill.c; shadow pages, shadow.c; tracing, trace.c.
 * Spec:     SDM vol. 3 ch. 4; APM vol. 2 ch. 5.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <asm/cpufeature.h>
#include <asm/processor-flags.h>
#include <asm/processor.h>
#include "core/alloc.h"
#include "core/hw.h"
#include "core/trace.h"
#include "core/vm.h"
#include "mmu/shadow.h"

static_assert(VAM_ACCESS_WRITE == VAM_PTWALK_WRITE);
static_assert(VAM_ACCESS_USER == VAM_PTWALK_USER);
static_assert(VAM_ACCESS_FETCH == VAM_PTWALK_FETCH);
static_assert(VAM_PF_PRESENT == VAM_PTWALK_PRESENT);
static_assert(VAM_PF_RSVD == VAM_PTWALK_RSVD);

#define UNPAGED_LEVEL (VAM_PT_MAX_LEVEL + 1)
#define REPEATS_MAX 1000 /* of one fault without any progress */
#define MMIO_NONE 1 /* no key: keys of real pages have bit 0 clear */

static u64 read_entry(void *ctx, gpa_t gpa, bool wide)
{
	const void *va = vam_mem_va(ctx, gpa);

	if (unlikely(!va))
		return wide ? ~0ULL : ~0U;
	return wide ? READ_ONCE(*(const u64 *)va) : READ_ONCE(*(const u32 *)va);
}

static bool update_entry(void *ctx, gpa_t gpa, u64 old, u64 new, bool wide)
{
	void *va = vam_mem_va(ctx, gpa);

	if (unlikely(!va))
		return true;
	if (wide)
		return cmpxchg((u64 *)va, old, new) == old;
	return cmpxchg((u32 *)va, (u32)old, (u32) new) == (u32)old;
}

/* --- mode ----------------------------------------------------------------- */

/* The four entries that a PAE guest's CPU loads with CR3. */
static int load_pdptes(struct vam_vcpu *vcpu, u64 pdpte[4])
{
	gpa_t gpa = vcpu->sys.cr3 & 0xffffffe0;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		pdpte[i] = read_entry(vcpu->vm, gpa + i * 8, true);
		if (!vam_pae_pdpte_is_valid(pdpte[i],
					    vcpu->mmu->paging.phys_bits))
			return -EINVAL;
	}
	return 0;
}

/* What vcpu->sys makes of translation. Leaves all as it was on -EINVAL. */
static int update_mode(struct vam_vcpu *vcpu)
{
	const struct vam_sys *sys = &vcpu->sys;
	struct vam_mmu_vcpu *m = vcpu->mmu;
	struct vam_paging p = m->paging;
	union vam_role role = { .word = 0 };
	int err;

	p.format = VAM_PT_NONE;
	p.levels = 0;
	if (sys->cr0 & X86_CR0_PG) {
		if (sys->efer & EFER_LMA) {
			p.format = VAM_PT_LONG;
			p.levels = sys->cr4 & X86_CR4_LA57 ? 5 : 4;
			p.root = sys->cr3 & VAM_PTE_ADDR;
		} else if (sys->cr4 & X86_CR4_PAE) {
			err = load_pdptes(vcpu, p.pdpte);
			if (err)
				return err;
			p.format = VAM_PT_PAE;
			p.levels = 3;
		} else {
			p.format = VAM_PT_32;
			p.levels = 2;
			p.root = sys->cr3 & 0xfffff000;
		}
	}
	p.wp = sys->cr0 & X86_CR0_WP;
	p.nx = sys->efer & EFER_NX;
	p.pse = sys->cr4 & X86_CR4_PSE;
	p.smep = sys->cr4 & X86_CR4_SMEP;
	p.smap = sys->cr4 & X86_CR4_SMAP;
	vam_paging_set_reserved(&p);
	m->paging = p;

	role.rights = VAM_RIGHT_ALL;
	role.format = p.format;
	if (p.format) {
		role.nx = p.nx && p.format != VAM_PT_32;
		role.pse = p.pse && p.format == VAM_PT_32;
		role.wp0 = !p.wp;
		role.smep = !p.wp && p.smep;
		role.smap = !p.wp && p.smap;
	}
	role.level = p.format == VAM_PT_LONG ? p.levels : 3;
	m->role = role;
	m->cr0 = sys->cr0;
	m->cr3 = sys->cr3;
	m->cr4 = sys->cr4;
	m->efer = sys->efer;
	return 0;
}

static void forget_mmio(struct vam_mmu_vcpu *m)
{
	unsigned int i;

	for (i = 0; i < VAM_MMU_MMIO_SLOTS; i++)
		m->mmio[i].key = MMIO_NONE;
}

/* Counters that came up where no vCPU was known. */
static void collect_counts(struct vam_mmu *mmu, struct vam_vcpu *vcpu)
{
	static const u8 stat[VAM_MMU_COUNT_NR] = {
		[VAM_MMU_COUNT_ZAP] = VAM_STAT_mmu_zap,
		[VAM_MMU_COUNT_RECLAIM] = VAM_STAT_mmu_reclaim,
		[VAM_MMU_COUNT_FLOOD] = VAM_STAT_mmu_flood,
		[VAM_MMU_COUNT_UNSYNC] = VAM_STAT_mmu_unsync,
		[VAM_MMU_COUNT_SYNC_PAGE] = VAM_STAT_mmu_sync_page,
		[VAM_MMU_COUNT_SYNC_ENTRY] = VAM_STAT_mmu_sync_entry,
	};
	unsigned int i;

	for (i = 0; i < VAM_MMU_COUNT_NR; i++) {
		vcpu->stat[stat[i]] += mmu->counts[i];
		mmu->counts[i] = 0;
	}
}

/* --- roots ---------------------------------------------------------------- */

static void leave_root(struct vam_mmu_vcpu *m)
{
	if (m->root && m->root != &m->pae)
		m->root->users--;
	m->root = NULL;
}

/* Lock held, by vam_mmu_lock() if @make. False: there is none yet. */
static bool choose_root(struct vam_vcpu *vcpu, bool make)
{
	struct vam_mmu *mmu = vcpu->vm->mmu;
	struct vam_mmu_vcpu *m = vcpu->mmu;
	struct vam_shadow *root = &m->pae;
	unsigned int i;

	if (m->paging.format == VAM_PT_LONG) {
		gfn_t gfn = gpa_to_gfn(m->paging.root);

		root = make ? vam_shadow_get(mmu, gfn, m->role) :
			      vam_shadow_find(mmu, gfn, m->role);
		if (!root)
			return false;
		list_move(&root->node, &mmu->lru);
	} else {
		for (i = 0; i < 4; i++)
			if (!vam_fill_link_root(vcpu, i, make) && !make)
				return false;
	}
	if (root != m->root) {
		leave_root(m);
		m->root = root;
		if (root != &m->pae)
			root->users++;
	}
	vam_hw->set_root(vcpu, __pa(root->spt));
	return true;
}

int vam_mmu_load_root(struct vam_vcpu *vcpu)
{
	struct vam_mmu *mmu = vcpu->vm->mmu;
	struct vam_mmu_vcpu *m = vcpu->mmu;

	/* Registers may have been set from outside. */
	if ((m->cr0 ^ vcpu->sys.cr0) | (m->cr3 ^ vcpu->sys.cr3) |
	    (m->cr4 ^ vcpu->sys.cr4) | (m->efer ^ vcpu->sys.efer)) {
		if (update_mode(vcpu))
			return vam_vm_kill(
				vcpu->vm,
				"reserved bits in the PAE page directory pointers at %#llx",
				vcpu->sys.cr3);
	}
	forget_mmio(m);
	if (vam_mmu_lock(mmu))
		return vam_vm_kill(vcpu->vm,
				   "no memory for shadow page tables");
	vam_stat_inc(vcpu, VAM_STAT_mmu_root_miss);
	vam_shadow_sync_all(mmu);
	choose_root(vcpu, true);
	m->split = mmu->split;
	collect_counts(mmu, vcpu);
	vam_vcpu_request(vcpu, VAM_REQ_TLB);
	vam_mmu_unlock(mmu);
	return 0;
}

int vam_mmu_set_cr3(struct vam_vcpu *vcpu, bool keep)
{
	struct vam_mmu *mmu = vcpu->vm->mmu;
	struct vam_mmu_vcpu *m = vcpu->mmu;
	u64 pdpte[4], cr3 = vcpu->sys.cr3;
	bool found;

	switch (m->paging.format) {
	case VAM_PT_PAE:
		if (load_pdptes(vcpu, pdpte))
			return -EINVAL;
		memcpy(m->paging.pdpte, pdpte, sizeof(pdpte));
		break;
	case VAM_PT_LONG:
		m->paging.root = cr3 & VAM_PTE_ADDR;
		break;
	case VAM_PT_32:
		m->paging.root = cr3 & 0xfffff000;
		break;
	default:
		m->cr3 = cr3;
		return 0;
	}
	m->cr3 = cr3;
	forget_mmio(m);

	/* What may be kept may also be forgotten: @keep makes no difference. */
	spin_lock(&mmu->lock);
	if (!list_empty(&mmu->unsync))
		vam_shadow_sync_all(mmu);
	found = choose_root(vcpu, false);
	m->split = mmu->split;
	vam_vcpu_request(vcpu, VAM_REQ_TLB);
	vam_mmu_unlock(mmu);

	if (found)
		vam_stat_inc(vcpu, VAM_STAT_mmu_root_hit);
	else
		vam_vcpu_request(vcpu, VAM_REQ_ROOT);
	return 0;
}

int vam_mmu_mode_changed(struct vam_vcpu *vcpu)
{
	int err = update_mode(vcpu);

	if (err)
		return err;
	forget_mmio(vcpu->mmu);
	/* The rest comes before the next entry. */
	vam_vcpu_request(vcpu, VAM_REQ_ROOT);
	vam_vcpu_request(vcpu, VAM_REQ_TLB);
	return 0;
}

/* --- flushes -------------------------------------------------------------- */

/* The entry of the last level for @gva, if it may be out of date. */
static void sync_address(struct vam_vcpu *vcpu, gva_t gva)
{
	struct vam_shadow *shadow = vcpu->mmu->root;
	unsigned int i, level;

	while (shadow) {
		level = shadow->role.level;
		i = spte_index(gva, level);
		if (shadow == &vcpu->mmu->pae)
			i &= 3;
		if (level == 1) {
			if (shadow->unsync)
				vam_shadow_sync_entry(vcpu->vm->mmu, shadow, i);
			return;
		}
		if (!shadow->spt[i] || spte_is_leaf(shadow->spt[i], level))
			return;
		shadow = vam_shadow_child(shadow->spt[i]);
	}
}

void vam_mmu_invlpg(struct vam_vcpu *vcpu, gva_t gva)
{
	struct vam_mmu *mmu = vcpu->vm->mmu;
	struct vam_mmu_vcpu *m = vcpu->mmu;

	if (m->paging.format != VAM_PT_LONG)
		gva = (u32)gva;
	forget_mmio(m);
	spin_lock(&mmu->lock);
	if (!list_empty(&mmu->unsync))
		sync_address(vcpu, gva);
	/*
	 * Of a large page, any address must do; but in the TLB it may be in
	 * pieces, as it was in our tables.
	 */
	if (m->split != mmu->split) {
		m->split = mmu->split;
		vam_vcpu_request(vcpu, VAM_REQ_TLB);
	}
	vam_mmu_unlock(mmu);

	preempt_disable();
	vam_hw->flush_gva(vcpu, gva);
	preempt_enable();
}

static void flush_all(struct vam_vcpu *vcpu)
{
	struct vam_mmu *mmu = vcpu->vm->mmu;

	forget_mmio(vcpu->mmu);
	spin_lock(&mmu->lock);
	vam_shadow_sync_all(mmu);
	vcpu->mmu->split = mmu->split;
	vam_vcpu_request(vcpu, VAM_REQ_TLB);
	vam_mmu_unlock(mmu);
}

/*
 * Only translations of the address space in force are ever kept, and each
 * load of CR3 forgets all: so what is asked for others has happened already.
 */
void vam_mmu_invpcid(struct vam_vcpu *vcpu, unsigned int type, u16 pcid,
		     gva_t gva)
{
	u16 current_pcid =
		vcpu->sys.cr4 & X86_CR4_PCIDE ? vcpu->sys.cr3 & 0xfff : 0;

	switch (type) {
	case 0:
		if (pcid == current_pcid)
			vam_mmu_invlpg(vcpu, gva);
		break;
	case 1:
		if (pcid == current_pcid)
			flush_all(vcpu);
		break;
	default:
		flush_all(vcpu);
	}
}

/* --- translation and faults ----------------------------------------------- */

static u32 walk_access(struct vam_vcpu *vcpu, u32 access)
{
	u32 bits = access &
		   (VAM_ACCESS_WRITE | VAM_ACCESS_USER | VAM_ACCESS_FETCH);

	if (!(access & (VAM_ACCESS_USER | VAM_ACCESS_IMPLICIT)) &&
	    (vcpu->regs.rflags & X86_EFLAGS_AC))
		bits |= VAM_PTWALK_AC;
	return bits;
}

static enum vam_ptwalk_result walk_guest(struct vam_vcpu *vcpu, gva_t gva,
					 u32 access, struct vam_ptwalk *walk)
{
	const struct vam_paging *paging = &vcpu->mmu->paging;

	if (paging->levels)
		return vam_ptwalk(paging, gva, access, walk);
	walk->gpa = (u32)gva;
	walk->level = UNPAGED_LEVEL;
	walk->rights = VAM_RIGHT_ALL;
	return VAM_PTWALK_OK;
}

/*
 * Look into our own tables as into a TLB, for what is no write: a write must
 * set the dirty bit. False says nothing, the guest's tables are to be asked.
 */
static bool look_up(struct vam_vcpu *vcpu, gva_t gva, u32 access, gpa_t *gpa)
{
	struct vam_mmu *mmu = vcpu->vm->mmu;
	struct vam_mmu_vcpu *m = vcpu->mmu;
	u32 rights = VAM_RIGHT_ALL;
	struct vam_shadow *shadow;
	unsigned int i, level;
	bool found = false;
	u64 spte;

	/* The root may be another's; the rights may hide a user's page. */
	if ((access & VAM_ACCESS_WRITE) || m->paging.format != VAM_PT_LONG ||
	    m->role.smap || (READ_ONCE(vcpu->requests) & BIT(VAM_REQ_ROOT)))
		return false;

	spin_lock(&mmu->lock);
	for (shadow = m->root; shadow; shadow = vam_shadow_child(spte)) {
		level = shadow->role.level;
		i = spte_index(gva, level);
		spte = shadow->spt[i];
		if (!(spte & SPTE_P))
			break;
		rights &= vam_pt_rights(spte);
		if (!spte_is_leaf(spte, level))
			continue;
		found = vam_paging_allows(&m->paging, rights,
					  walk_access(vcpu, access));
		*gpa = gfn_to_gpa(vam_shadow_leaf_gfn(shadow, i)) |
		       (gva & ((VAM_PAGE_SIZE << (9 * (level - 1))) - 1));
		break;
	}
	spin_unlock(&mmu->lock);
	return found;
}

bool vam_mmu_translate(struct vam_vcpu *vcpu, gva_t gva, u32 access, gpa_t *gpa,
		       u32 *error)
{
	enum vam_ptwalk_result result;
	unsigned int tries = 1000;
	struct vam_ptwalk walk;

	if (look_up(vcpu, gva, access, gpa))
		return true;
	do {
		result =
			walk_guest(vcpu, gva, walk_access(vcpu, access), &walk);
	} while (result == VAM_PTWALK_CHANGED && --tries);

	if (result == VAM_PTWALK_OK) {
		*gpa = walk.gpa;
		return true;
	}
	/* Still changing: the entry was certainly absent at some time. */
	*error = result == VAM_PTWALK_FAULT ?
			 walk.error :
			 access & (VAM_ACCESS_WRITE | VAM_ACCESS_USER);
	vam_stat_inc(vcpu, VAM_STAT_mmu_guest_fault);
	return false;
}

/*
 * Does the same instruction fault again and again, with nothing between but
 * host interrupts? Tables that map themselves can be made so that what
 * cannot be emulated cannot be executed either.
 */
static bool is_stuck(struct vam_vcpu *vcpu, gva_t gva, u32 error)
{
	u64 clock = vcpu->stat[VAM_STAT_entries] -
		    vcpu->stat[VAM_STAT_exit_irq] -
		    vcpu->stat[VAM_STAT_exit_nmi];
	struct vam_mmu_vcpu *m = vcpu->mmu;
	u32 emulated = READ_ONCE(vcpu->vm->mmu->emulated);
	u64 before = m->last.clock, regs;
	unsigned int i;

	m->last.clock = clock;
	if (likely(gva != m->last.gva || vcpu->regs.rip != m->last.rip ||
		   error != m->last.error || clock != before + 1)) {
		m->last.gva = gva;
		m->last.rip = vcpu->regs.rip;
		m->last.error = error;
		m->last.repeats = 0;
		return false;
	}
	regs = vcpu->regs.rflags;
	for (i = 0; i < VAM_NR_GPRS; i++)
		regs = regs * 31 + vcpu->regs.gpr[i];
	if (regs != m->last.regs || emulated != m->last.emulated) {
		m->last.regs = regs;
		m->last.emulated = emulated;
		m->last.repeats = 0;
		return false;
	}
	return ++m->last.repeats > REPEATS_MAX;
}

static enum vam_mmu_verdict handle_fault(struct vam_vcpu *vcpu, gva_t gva,
					 u32 error,
					 struct vam_mmu_answer *answer)
{
	struct vam_mmu *mmu = vcpu->vm->mmu;
	struct vam_mmu_vcpu *m = vcpu->mmu;
	enum vam_mmu_verdict verdict;
	struct vam_ptwalk walk;
	u32 access;
	u64 key;

	if (m->paging.format != VAM_PT_LONG)
		gva = (u32)gva;
	access = error;
	/* Not for the user, though he runs: it is for a descriptor table. */
	if (m->paging.smap && !(error & VAM_ACCESS_USER) && vcpu->cpl == 3)
		access |= VAM_ACCESS_IMPLICIT;
	access = walk_access(vcpu, access);

	key = (gva & VAM_PAGE_MASK) | access;
	if (m->mmio[gva >> VAM_PAGE_SHIFT & (VAM_MMU_MMIO_SLOTS - 1)].key ==
	    key) {
		answer->gpa =
			m->mmio[gva >> VAM_PAGE_SHIFT & (VAM_MMU_MMIO_SLOTS - 1)]
				.page |
			page_off(gva);
		return VAM_MMU_MMIO;
	}

	switch (walk_guest(vcpu, gva, access, &walk)) {
	case VAM_PTWALK_OK:
		break;
	case VAM_PTWALK_FAULT:
		answer->error = walk.error;
		vam_stat_inc(vcpu, VAM_STAT_mmu_guest_fault);
		return VAM_MMU_GUEST;
	case VAM_PTWALK_CHANGED:
		return VAM_MMU_RETRY;
	}

	answer->gpa = walk.gpa;
	if (gpa_to_gfn(walk.gpa) >= mmu->nr_frames) {
		unsigned int i = gva >> VAM_PAGE_SHIFT &
				 (VAM_MMU_MMIO_SLOTS - 1);

		m->mmio[i].key = key;
		m->mmio[i].page = walk.gpa & VAM_PAGE_MASK;
		return VAM_MMU_MMIO;
	}

	if (is_stuck(vcpu, gva, error)) {
		vam_vm_kill(
			vcpu->vm,
			"no progress at rip %#llx: it faults at %#llx for ever",
			vcpu->regs.rip, gva);
		return VAM_MMU_STOP;
	}
	if (vam_mmu_lock(mmu)) {
		vam_vm_kill(vcpu->vm, "no memory for shadow page tables");
		return VAM_MMU_STOP;
	}
	verdict = vam_mmu_fill(vcpu, gva, access, &walk);
	collect_counts(mmu, vcpu);
	vam_mmu_unlock(mmu);
	if (verdict == VAM_MMU_WRITE)
		vam_stat_inc(vcpu, VAM_STAT_mmu_trace_write);
	return verdict;
}

enum vam_mmu_verdict vam_mmu_fault(struct vam_vcpu *vcpu, gva_t gva, u32 error,
				   struct vam_mmu_answer *answer)
{
	enum vam_mmu_verdict verdict = handle_fault(vcpu, gva, error, answer);

	trace_vam_fault(vcpu, gva, error, verdict);
	return verdict;
}

/* --- life ----------------------------------------------------------------- */

static void vm_destroy(struct vam_vm *vm)
{
	struct vam_mmu *mmu = vm->mmu;

	vam_mmu_cache_destroy(mmu);
	kvfree(mmu->hash);
	kvfree(mmu->blocks);
	kvfree(mmu->frames);
	kfree(mmu);
	vm->mmu = NULL;
}

static void set_reserved(struct vam_mmu *mmu)
{
	struct vam_paging p = { .phys_bits = boot_cpu_data.x86_phys_bits };

	for (p.format = VAM_PT_32; p.format <= VAM_PT_LONG; p.format++) {
		p.nx = false;
		mmu->reserved[p.format][0] = vam_pt_reserved(&p, 1, true);
		p.nx = true;
		mmu->reserved[p.format][1] = vam_pt_reserved(&p, 1, true);
	}
}

static int vm_create(struct vam_vm *vm)
{
	struct vam_mmu *mmu = vam_zalloc(sizeof(*mmu));
	u64 n = vm->mem.size >> VAM_PAGE_SHIFT;
	int err;

	if (!mmu)
		return -ENOMEM;
	mmu->vm = vm;
	spin_lock_init(&mmu->lock);
	INIT_LIST_HEAD(&mmu->lru);
	INIT_LIST_HEAD(&mmu->unsync);
	INIT_LIST_HEAD(&mmu->limbo);
	INIT_LIST_HEAD(&mmu->free);
	INIT_LIST_HEAD(&mmu->chain_pages);
	mmu->nr_frames = n;
	mmu->hash_bits = clamp(ilog2(n) - 5, 6, 16);
	mmu->frames = vam_zalloc_array(n, sizeof(*mmu->frames));
	mmu->blocks = vam_zalloc_array(DIV_ROUND_UP(n, VAM_BLOCK_PAGES),
				       sizeof(*mmu->blocks));
	mmu->hash = vam_zalloc_array(1UL << mmu->hash_bits, sizeof(*mmu->hash));
	err = -ENOMEM;
	if (!mmu->frames || !mmu->blocks || !mmu->hash)
		goto err_free;
	set_reserved(mmu);
	vm->mmu = mmu;
	vam_mmu_cache_create(mmu);
	return 0;

err_free:
	kvfree(mmu->hash);
	kvfree(mmu->blocks);
	kvfree(mmu->frames);
	kfree(mmu);
	return err;
}

static int vcpu_create(struct vam_vcpu *vcpu)
{
	struct vam_mmu_vcpu *m = vam_zalloc(sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->pae_page = vam_alloc_pages(GFP_KERNEL | GFP_DMA32, 0, NUMA_NO_NODE);
	if (!m->pae_page) {
		kfree(m);
		return -ENOMEM;
	}
	vam_pin_add(&vcpu->vm->pins, VAM_PIN_SHADOW, 1);
	set_page_private(m->pae_page, (unsigned long)&m->pae);
	m->pae.spt = page_address(m->pae_page);
	m->pae.role.level = 3;
	m->pae.role.format = VAM_PT_PAE;
	m->pae.users = 1;

	m->paging.phys_bits = boot_cpu_data.x86_phys_bits;
	m->paging.giga = boot_cpu_has(X86_FEATURE_GBPAGES);
	m->paging.ctx = vcpu->vm;
	m->paging.read = read_entry;
	m->paging.update = update_entry;
	forget_mmio(m);
	vcpu->mmu = m;
	vam_mmu_cache_add_vcpu(vcpu->vm->mmu);
	return 0;
}

static void vcpu_destroy(struct vam_vcpu *vcpu)
{
	struct vam_mmu *mmu = vcpu->vm->mmu;
	struct vam_mmu_vcpu *m = vcpu->mmu;
	unsigned int i;

	/* Also waits for whoever still has a flush to ask of this vCPU. */
	spin_lock(&mmu->lock);
	/* The shrinker asks flushes of whoever is in the table. */
	vcpu->vm->vcpus[vcpu->id] = NULL;
	leave_root(m);
	for (i = 0; i < 4; i++)
		vam_shadow_drop(mmu, &m->pae, i);
	spin_unlock(&mmu->lock);

	set_page_private(m->pae_page, 0);
	__free_page(m->pae_page);
	vam_pin_add(&vcpu->vm->pins, VAM_PIN_SHADOW, -1);
	kfree(m);
	vcpu->mmu = NULL;
}

/* The run loop asks for a root before the first entry. */
static void vcpu_reset(struct vam_vcpu *vcpu)
{
	update_mode(vcpu);
	forget_mmio(vcpu->mmu);
}

const struct vam_part vam_mmu_part = {
	.name = "mmu",
	.vm_create = vm_create,
	.vm_destroy = vm_destroy,
	.vcpu_create = vcpu_create,
	.vcpu_destroy = vcpu_destroy,
	.vcpu_reset = vcpu_reset,
};

int vam_mmu_init(void)
{
	return vam_mmu_cache_init();
}

void vam_mmu_exit(void)
{
	vam_mmu_cache_exit();
}
