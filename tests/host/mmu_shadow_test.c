// SPDX-License-Identifier: GPL-2.0
/*
 * mmu_shadow_test.c - shadow page tables show a CPU what the guest's tables say
 *
 * The real mmu/ runs over simulated CPUs: each walks the shadow tables as
 * hardware does (CR0.WP and EFER.NXE set) and keeps whatever it found in a
 * TLB for as long as it may. The "guest" edits its tables through a mapping
 * of all its memory, flushes now and then, changes modes, and accesses random
 * addresses. Each outcome must be one that the tables gave at some moment
 * since the last flush; each fault must be what they say now. After each step
 * the invariants hold: nobody can write to a traced frame unseen, lists are
 * exact. At the end nothing is left allocated.
 */
#include <compat/shrinker.h>
#include "core/hw.h"
#include "core/vm.h"
#include "mmu/shadow.h"
#include "tap.h"

#define RAM_BLOCKS 6
#define RAM_PAGES (RAM_BLOCKS * VAM_BLOCK_PAGES - 100)
#define VCPUS 2
#define TLB_MAX 512
#define POOL 14 /* frames that serve as tables */
#define POOL_FIRST 0x400 /* first of them: block 2 */
#define LINEAR_FIRST 0x600 /* tables of the linear mapping: block 3 */
#define LOG_MAX 4096
#define LINEAR_SLOT 3 /* root entry of the linear mapping */

int shim_locks_held;
struct page shim_pages[ARENA_PAGES];
u8 *shim_arena;
unsigned long shim_pages_used, shim_fail_nth;
struct shim_cpuinfo boot_cpu_data = { .x86_phys_bits = 40 };
bool shim_gbpages = true;
static struct shrinker the_shrinker;
struct shrinker *shim_shrinker = &the_shrinker;
struct vam_pin_ledger vam_pin_total;

struct tlb {
	bool valid;
	gva_t gva; /* of its first byte */
	u64 size;
	hpa_t hpa;
	u32 rights;
	unsigned int born;
};

struct sim {
	struct vam_vcpu vcpu;
	hpa_t root;
	struct tlb tlb[TLB_MAX];
	unsigned int flushed; /* time of the last full flush by the guest */
};

/* What was in a table before an edit. */
struct undo {
	gpa_t gpa;
	u64 old;
	unsigned int time;
};

static struct vam_vm vm;
static struct sim cpus[VCPUS];
static struct page *ram[RAM_PAGES];
static u32 gfn_of[ARENA_PAGES];
static bool ram_large[RAM_BLOCKS];
static struct undo undo[LOG_MAX];
static unsigned int undo_first, undo_count, now;
static u64 seed;
static unsigned int wide; /* bytes of an entry */
static gfn_t roots[3];
static const char *failure;
static bool killed, no_memory;
static u64 count_ok, count_fault, count_mmio, count_write, count_stale;
static u64 count_race, count_look;
static struct vam_vcpu *racing; /* the vCPU that others race with, or NULL */

static gfn_t pool(void);
static gpa_t gpa_of(hpa_t hpa);
static void poke(gpa_t gpa, u64 value);
static unsigned int slot(void);
static u64 random_entry(void);
static gva_t linear(struct sim *s, gpa_t gpa);

#define CHECK(c, ...)                                                  \
	do {                                                           \
		if (!(c) && !failure) {                                \
			failure = #c;                                  \
			tap_note("%s:%d: %s", __func__, __LINE__, #c); \
			tap_note(__VA_ARGS__);                         \
		}                                                      \
	} while (0)

/* --- the kernel and the rest of the module --------------------------------- */

bool shim_fails(void)
{
	return shim_fail_nth && !--shim_fail_nth;
}

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)0)
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)0)
#endif

struct page *shim_alloc_page(void)
{
	static unsigned long hint;
	unsigned long i;

	if (shim_fails())
		return NULL;
	for (i = 0; i < ARENA_PAGES; i++) {
		struct page *page = &shim_pages[(hint + i) % ARENA_PAGES];

		if (page->used)
			continue;
		hint = page - shim_pages + 1;
		page->used = true;
		page->private = 0;
		shim_pages_used++;
		ASAN_UNPOISON_MEMORY_REGION(page_address(page), PAGE_SIZE);
		memset(page_address(page), 0, PAGE_SIZE);
		return page;
	}
	abort();
}

void shim_free_page(struct page *page)
{
	assert(page->used);
	page->used = false;
	shim_pages_used--;
	ASAN_POISON_MEMORY_REGION(page_address(page), PAGE_SIZE);
}

struct page *vam_mem_page(struct vam_vm *v, gfn_t gfn)
{
	return gfn < RAM_PAGES ? ram[gfn] : NULL;
}

bool vam_mem_is_large(struct vam_vm *v, gfn_t gfn)
{
	return gfn < RAM_PAGES && ram_large[gfn / VAM_BLOCK_PAGES];
}

void *vam_mem_va(struct vam_vm *v, gpa_t gpa)
{
	struct page *page = vam_mem_page(v, gpa_to_gfn(gpa));

	return page ? page_address(page) + page_off(gpa) : NULL;
}

int vam_vm_kill(struct vam_vm *v, const char *fmt, ...)
{
	killed = true;
	return VAM_STOP;
}

/*
 * A CPU is stopped only now: until here it may write wherever its TLB lets it,
 * and it is the CPU that does not hold the lock that writes.
 */
static void last_write(struct sim *s)
{
	gpa_t gpa = gfn_to_gpa(pool()) + slot() * wide;
	gva_t gva = linear(s, gpa);
	unsigned int i;

	if (s->vcpu.requests)
		return;
	for (i = 0; i < TLB_MAX; i++) {
		const struct tlb *t = &s->tlb[i];

		if (t->valid && gva - t->gva < t->size &&
		    (t->rights & VAM_RIGHT_W)) {
			CHECK(gpa_of(t->hpa + (gva - t->gva)) == gpa, "%llx",
			      gpa);
			poke(gpa, random_entry());
			count_race++;
			return;
		}
	}
}

void vam_vcpus_request_sync(struct vam_vm *v, enum vam_request req,
			    struct vam_vcpu *except)
{
	unsigned int i;

	for (i = 0; racing && i < v->nr_vcpus; i++)
		if (v->vcpus[i] && v->vcpus[i] != racing)
			last_write(&cpus[i]);
	for (i = 0; i < v->nr_vcpus; i++)
		if (v->vcpus[i] != except)
			vam_vcpu_request(v->vcpus[i], req);
}

static struct sim *sim_of(struct vam_vcpu *vcpu)
{
	return container_of(vcpu, struct sim, vcpu);
}

static void hw_set_root(struct vam_vcpu *vcpu, hpa_t root)
{
	sim_of(vcpu)->root = root;
}

static void hw_flush_gva(struct vam_vcpu *vcpu, gva_t gva)
{
	struct sim *s = sim_of(vcpu);
	unsigned int i;

	for (i = 0; i < TLB_MAX; i++)
		if (gva - s->tlb[i].gva < s->tlb[i].size)
			s->tlb[i].valid = false;
}

static const struct vam_hw_ops hw_ops = {
	.set_root = hw_set_root,
	.flush_gva = hw_flush_gva,
};
const struct vam_hw_ops *vam_hw = &hw_ops;

/* --- random ---------------------------------------------------------------- */

static unsigned int below(unsigned int n)
{
	return (tap_random(&seed) >> 20) % n;
}

static bool one_in(unsigned int n)
{
	return below(n) == 0;
}

/* --- the guest's memory ---------------------------------------------------- */

static u64 peek(gpa_t gpa)
{
	void *va = vam_mem_va(&vm, gpa);

	if (!va)
		return wide == 8 ? ~0ull : ~0u;
	return wide == 8 ? *(u64 *)va : *(u32 *)va;
}

static void poke(gpa_t gpa, u64 value)
{
	void *va = vam_mem_va(&vm, gpa);
	struct undo *u = &undo[(undo_first + undo_count) % LOG_MAX];

	if (!va)
		return;
	*u = (struct undo){ gpa, peek(gpa), ++now };
	if (undo_count < LOG_MAX)
		undo_count++;
	else
		undo_first = (undo_first + 1) % LOG_MAX;
	if (wide == 8)
		*(u64 *)va = value;
	else
		*(u32 *)va = value;
}

/* --- the reference: which outcomes may an access have? --------------------- */

struct goal {
	const struct vam_paging *p;
	gva_t gva;
	u32 access;
	unsigned int since;
	gpa_t gpa; /* looking for this */
	bool any_dirty; /* an entry on the way there had D */
	bool edited; /* or was edited since */
};

static bool reach(struct goal *g, unsigned int level, gpa_t table, u32 rights);

static bool try_entry(struct goal *g, unsigned int level, u64 e, u32 rights)
{
	const struct vam_paging *p = g->p;
	bool leaf;
	gpa_t to;

	if (!(e & VAM_PTE_P))
		return false;
	leaf = level == 1 ||
	       ((e & VAM_PTE_PS) &&
		((level == 2 && (p->format != VAM_PT_32 || p->pse)) ||
		 (level == 3 && p->giga && p->format == VAM_PT_LONG)));
	if (e & vam_pt_reserved(p, level, leaf))
		return false;
	rights &= vam_pt_rights(e);
	to = vam_pt_address(p->format, level, leaf, e);
	if (!leaf)
		return reach(g, level - 1, to, rights);
	if (!vam_paging_allows(p, rights, g->access))
		return false;
	to += g->gva & ((1ull << (wide == 8 ? 12 + 9 * (level - 1) :
					      12 + 10 * (level - 1))) -
			1);
	if (to != g->gpa)
		return false;
	g->any_dirty |= !!(e & VAM_PTE_D);
	return true;
}

static bool reach(struct goal *g, unsigned int level, gpa_t table, u32 rights)
{
	unsigned int bits = wide == 8 ? 9 : 10, i;
	gpa_t slot = table + (g->gva >> (12 + bits * (level - 1)) &
			      ((1u << bits) - 1)) *
				     wide;
	bool found = try_entry(g, level, peek(slot), rights);

	for (i = 0; i < undo_count; i++) {
		const struct undo *u = &undo[(undo_first + i) % LOG_MAX];

		if (u->gpa != slot || u->time <= g->since)
			continue;
		g->edited = true;
		found |= try_entry(g, level, u->old, rights);
	}
	return found;
}

static bool is_possible(struct goal *g)
{
	const struct vam_paging *p = g->p;

	if (p->format == VAM_PT_PAE)
		return reach(g, 2, p->pdpte[g->gva >> 30 & 3] & VAM_PTE_ADDR,
			     VAM_RIGHT_ALL);
	return reach(g, p->levels, p->root, VAM_RIGHT_ALL);
}

/* --- the simulated CPU ----------------------------------------------------- */

/* Walks the shadow tables; false with *error when the CPU faults. */
static bool hw_walk(struct sim *s, gva_t gva, struct tlb *t, u32 *error)
{
	const struct vam_sys *sys = &s->vcpu.sys;
	unsigned int level = 3;
	hpa_t table = s->root;
	bool is_long = sys->efer & EFER_LMA;

	if (is_long)
		level = sys->cr4 & X86_CR4_LA57 ? 5 : 4;
	CHECK(is_long || s->root < 1ull << 32, "PAE root above 4 GiB");
	t->rights = VAM_RIGHT_ALL;
	for (;; level--) {
		u64 *spt = page_address(pfn_to_page(table >> PAGE_SHIFT));
		unsigned int i = spte_index(gva, level);
		u64 e = spt[level == 3 && !is_long ? i & 3 : i];

		if (!(e & SPTE_P)) {
			*error = 0;
			return false;
		}
		CHECK(!(e & 0x000fff0000000000), "spte %llx", e);
		if (level == 3 && !is_long) {
			CHECK(!(e & 0x1e6), "PAE root entry %llx", e);
		} else {
			t->rights &= vam_pt_rights(e);
			if (spte_is_leaf(e, level)) {
				t->size = 1ull << (12 + 9 * (level - 1));
				t->gva = gva & ~(t->size - 1);
				t->hpa = e & SPTE_ADDR;
				CHECK(!(t->hpa & (t->size - 1)), "spte %llx",
				      e);
				t->born = now;
				t->valid = true;
				return true;
			}
		}
		table = e & SPTE_ADDR;
	}
}

static bool hw_allows(struct sim *s, u32 rights, u32 access)
{
	bool paging = s->vcpu.sys.cr0 & X86_CR0_PG;
	struct vam_paging p = {
		.wp = true,
		.smep = paging && (s->vcpu.sys.cr4 & X86_CR4_SMEP),
		.smap = paging && (s->vcpu.sys.cr4 & X86_CR4_SMAP),
	};

	return vam_paging_allows(&p, rights, access);
}

static void enter(struct sim *s)
{
	unsigned int i;

	s->vcpu.stat[VAM_STAT_entries]++;
	if (s->vcpu.requests & BIT(VAM_REQ_ROOT)) {
		s->vcpu.requests &= ~BIT(VAM_REQ_ROOT);
		vam_mmu_load_root(&s->vcpu);
	}
	if (s->vcpu.requests & BIT(VAM_REQ_TLB))
		for (i = 0; i < TLB_MAX; i++)
			s->tlb[i].valid = false;
	s->vcpu.requests = 0;
}

enum outcome { OK, FAULT, MMIO };

struct result {
	enum outcome outcome;
	gpa_t gpa;
	u32 error;
	void *va;
};

static gpa_t gpa_of(hpa_t hpa)
{
	struct page *page = pfn_to_page(hpa >> PAGE_SHIFT);
	gfn_t gfn = gfn_of[page - shim_pages];

	if (gfn < RAM_PAGES && ram[gfn] == page)
		return gfn_to_gpa(gfn) + page_off(hpa);
	CHECK(false, "host address %llx is not RAM", hpa);
	return 0;
}

/* The emulator's part: a write to a traced table, or refuses to. */
static void emulate(struct sim *s, gpa_t gpa, u64 value, struct result *r)
{
	count_write++;
	poke(gpa, value);
	vam_mmu_guest_wrote(&vm, gpa, wide);
	r->outcome = OK;
	r->gpa = gpa;
	r->va = vam_mem_va(&vm, gpa);
}

static void cpu_access(struct sim *s, gva_t gva, u32 access, u64 value,
		       struct result *r)
{
	struct vam_mmu_answer answer = { 0 };
	unsigned int i, tries;
	struct tlb *t, fresh;
	u32 error;

	s->vcpu.regs.rflags = access & VAM_PTWALK_AC ? X86_EFLAGS_AC : 0;
	s->vcpu.cpl = access & VAM_PTWALK_USER ? 3 : 0;
	s->vcpu.regs.rip += 4;
	for (tries = 0; tries < 64; tries++) {
		enter(s);
		if (killed)
			goto stop;
		t = NULL;
		for (i = 0; i < TLB_MAX; i++)
			if (s->tlb[i].valid &&
			    gva - s->tlb[i].gva < s->tlb[i].size)
				t = &s->tlb[i];
		if (!t) {
			t = &fresh;
			if (!hw_walk(s, gva, t, &error))
				goto fault;
			if (!one_in(8)) {
				s->tlb[below(TLB_MAX)] = fresh;
			}
		}
		if (hw_allows(s, t->rights, access)) {
			r->outcome = OK;
			r->gpa = gpa_of(t->hpa + (gva & (t->size - 1)));
			r->va = vam_mem_va(&vm, r->gpa);
			if (access & VAM_PTWALK_WRITE)
				poke(r->gpa & ~(u64)(wide - 1), value);
			return;
		}
		error = VAM_PTWALK_PRESENT;
		hw_flush_gva(&s->vcpu, gva);
fault:
		error |= access & (VAM_PTWALK_WRITE | VAM_PTWALK_USER |
				   VAM_PTWALK_FETCH);
		switch (vam_mmu_fault(&s->vcpu, gva, error, &answer)) {
		case VAM_MMU_RETRY:
			continue;
		case VAM_MMU_GUEST:
			r->outcome = FAULT;
			r->error = answer.error;
			return;
		case VAM_MMU_MMIO:
			r->outcome = MMIO;
			r->gpa = answer.gpa;
			return;
		case VAM_MMU_WRITE:
			if (one_in(20) && tries < 10) {
				vam_mmu_unprotect(&vm, gpa_to_gfn(answer.gpa));
				continue;
			}
			emulate(s, answer.gpa & ~(u64)(wide - 1), value, r);
			return;
		case VAM_MMU_STOP:
			goto stop;
		}
	}
	CHECK(false, "no progress at %llx access %x", gva, access);
	r->outcome = FAULT;
	return;
stop:
	CHECK(killed && no_memory, "killed for nothing, or stopped alive");
	r->outcome = FAULT;
}

/* --- invariants ------------------------------------------------------------ */

static unsigned int chain_length(unsigned long head)
{
	struct vam_chain *c = (void *)(head & ~1ul);
	unsigned int n = 0, i;

	if (!(head & 1))
		return !!head;
	for (; c; c = c->next)
		for (i = 0; i < ARRAY_SIZE(c->spte); i++)
			n += !!c->spte[i];
	return n;
}

static void check_leaf(struct vam_shadow *sp, unsigned int i, u64 e)
{
	gfn_t gfn = vam_shadow_leaf_gfn(sp, i);
	unsigned int level = sp->role.level;

	CHECK(gfn_to_gpa(gfn) == gpa_of(e & SPTE_ADDR), "gfn %llx", gfn);
	if (e & SPTE_W) {
		if (level == 1)
			CHECK(!vm.mmu->frames[gfn].traced, "gfn %llx", gfn);
		else
			CHECK(!vm.mmu->blocks[gfn / 512].shadows, "gfn %llx",
			      gfn);
	}
	if (sp->traced) {
		u64 entry = vam_shadow_read(sp, i);

		CHECK((entry & VAM_PTE_P) && (entry & VAM_PTE_A),
		      "level %u entry %llx", level, entry);
		CHECK(!((entry ^ sp->old[i]) & ~(VAM_PTE_A | VAM_PTE_D)),
		      "level %u entry %llx old %llx", level, entry, sp->old[i]);
	}
}

static void check_all(void)
{
	unsigned int writers = 0, links = 0, chained = 0, parents = 0, i, k;
	unsigned int pages = 0;
	struct vam_mmu *mmu = vm.mmu;
	struct vam_shadow *sp;

	list_for_each_entry(sp, &mmu->lru, node) {
		pages += 1 + !!sp->old;
		parents += chain_length(sp->parents);
		for (i = 0; i < SPTES; i++) {
			u64 e = sp->spt[i];

			if (!e)
				continue;
			if (!spte_is_leaf(e, sp->role.level)) {
				links++;
				continue;
			}
			writers += !!(e & SPTE_W);
			check_leaf(sp, i, e);
		}
	}
	for (i = 0; i < VCPUS; i++)
		for (k = 0; k < 4; k++)
			links += !!cpus[i].vcpu.mmu->pae.spt[k];
	for (i = 0; i < mmu->nr_frames; i++)
		chained += chain_length(mmu->frames[i].writers);
	for (i = 0; i < RAM_BLOCKS; i++)
		chained += chain_length(mmu->blocks[i].writers);
	CHECK(writers == chained, "%u %u", writers, chained);
	CHECK(links == parents, "%u %u", links, parents);
	CHECK(pages == mmu->nr_used, "%u %u", pages, mmu->nr_used);
	CHECK(mmu->nr_used <= mmu->max_used + 8, "%u", mmu->nr_used);
	CHECK(!shim_locks_held, "lock held");

	for (i = 0; i < VCPUS; i++) {
		struct sim *s = &cpus[i];

		if (s->vcpu.requests & (BIT(VAM_REQ_TLB) | BIT(VAM_REQ_ROOT)))
			continue;
		for (k = 0; k < TLB_MAX; k++) {
			gfn_t gfn, n;

			if (!s->tlb[k].valid || !(s->tlb[k].rights & 2))
				continue;
			gfn = gpa_to_gfn(gpa_of(s->tlb[k].hpa));
			for (n = 0; n < s->tlb[k].size >> 12; n++)
				CHECK(!mmu->frames[gfn + n].traced,
				      "vcpu %u may write to traced gfn %llx", i,
				      gfn + n);
		}
	}
}

/* --- the guest ------------------------------------------------------------- */

static const unsigned int slots8[] = { 0, 1, 2, 511 };
static const unsigned int slots4[] = { 0, 1, 512, 1023 };

static unsigned int slot(void)
{
	return wide == 8 ? slots8[below(4)] : slots4[below(4)];
}

static gva_t linear(struct sim *s, gpa_t gpa)
{
	switch (s->vcpu.mmu->paging.format) {
	case VAM_PT_LONG:
		return ((u64)LINEAR_SLOT
			<< (12 + 9 * (s->vcpu.mmu->paging.levels - 1))) +
		       gpa;
	case VAM_PT_PAE:
		return 0xc0000000 + gpa;
	case VAM_PT_32:
		return 0x80000000 + gpa;
	}
	return gpa;
}

/* A mapping of all RAM in the format in force, at the top entries. */
static void make_linear(const struct vam_paging *p)
{
	u64 rights = VAM_PTE_P | VAM_PTE_W | VAM_PTE_A | VAM_PTE_D;
	gpa_t base = gfn_to_gpa(LINEAR_FIRST);
	unsigned int level, i, r;

	for (i = 0; i < 8 * 512; i++)
		((u64 *)vam_mem_va(&vm, base + (i / 512) * 4096))[i % 512] = 0;
	if (p->format == VAM_PT_32) {
		/* small pages, PSE may be off: 12 MiB need 3 tables */
		for (i = 0; i < RAM_PAGES; i++)
			((u32 *)vam_mem_va(&vm,
					   base + i / 1024 * 4096))[i % 1024] =
				i << 12 | rights;
		for (r = 0; r < ARRAY_SIZE(roots); r++)
			for (i = 0; i < 4; i++)
				((u32 *)vam_mem_va(
					&vm, gfn_to_gpa(roots[r])))[512 + i] =
					(base + i * 4096) | rights;
		return;
	}
	for (i = 0; i < RAM_BLOCKS; i++)
		((u64 *)vam_mem_va(&vm, base))[i] = ((u64)i << 21) | rights |
						    VAM_PTE_PS;
	for (level = 3; level < p->levels; level++, base += 4096)
		((u64 *)vam_mem_va(&vm, base + 4096))[0] = base | rights;
	for (r = 0; r < ARRAY_SIZE(roots); r++)
		((u64 *)vam_mem_va(&vm, gfn_to_gpa(roots[r])))[LINEAR_SLOT] =
			p->format == VAM_PT_PAE ? base | VAM_PTE_P :
						  base | rights;
}

static gfn_t pool(void)
{
	return POOL_FIRST + below(POOL);
}

static u64 random_entry(void)
{
	u64 e = VAM_PTE_P | (one_in(12) ? 0 : VAM_PTE_W) |
		(one_in(12) ? 0 : VAM_PTE_U) | (one_in(3) ? 0 : VAM_PTE_A) |
		(one_in(3) ? VAM_PTE_D : 0);

	if (one_in(16))
		return 0;
	if (one_in(60))
		e |= wide == 8 ? BIT(45) : 0;
	if (one_in(20) && wide == 8)
		e |= VAM_PTE_NX;
	switch (below(8)) {
	case 0: /* a large page */
		return e | VAM_PTE_PS | (u64)below(3) << 22;
	case 1: /* no RAM there */
		return e | 0xe0000000 | below(4) << 12;
	case 2: /* the linear mapping's own tables are not to be hurt */
	case 3:
		return e | (u64)(0x800 + below(40)) << 12;
	default:
		return e | pool() << 12;
	}
}

static void guest_store(struct sim *s, gpa_t gpa, u64 value)
{
	struct result r = { 0 };

	cpu_access(s, linear(s, gpa), VAM_PTWALK_WRITE, value, &r);
	CHECK(r.outcome == OK, "linear mapping of %llx faults: %u %x", gpa,
	      r.outcome, r.error);
	CHECK(r.gpa == gpa, "linear mapping of %llx is %llx", gpa, r.gpa);
}

static void edit(struct sim *s)
{
	gfn_t table = one_in(6) ? roots[below(ARRAY_SIZE(roots))] : pool();
	unsigned int i = slot();
	gpa_t gpa = gfn_to_gpa(table) + i * wide;
	u64 value = random_entry();
	unsigned int k;

	if (table < POOL_FIRST || table >= POOL_FIRST + POOL) {
		/* roots: never the linear mapping, PAE only addresses */
		if (s->vcpu.mmu->paging.format != VAM_PT_LONG)
			i &= 1;
		gpa = gfn_to_gpa(table) + i * wide;
	}
	if (one_in(3)) /* only rights, or accessed and dirty */
		value = peek(gpa) ^ (1u << (below(6) + 1));
	if (s->vcpu.mmu->paging.format == VAM_PT_PAE && table < POOL_FIRST)
		value &= 0xfffffff000 | VAM_PTE_P;
	if (one_in(10)) {
		poke(gpa, value); /* a device */
		vam_mmu_guest_wrote(&vm, gpa, wide);
		return;
	}
	guest_store(s, gpa, value);
	for (k = 0; one_in(4) && k < 6; k++)
		guest_store(s, gfn_to_gpa(pool()) + slot() * wide,
			    random_entry());
}

static gva_t random_gva(const struct vam_paging *p)
{
	gva_t gva = 0;
	unsigned int level;

	if (!p->levels)
		return below(RAM_PAGES + 20) * 4096ull;
	if (p->format == VAM_PT_32)
		return (gva_t)slots4[below(2)] << 22 | (gva_t)slot() << 12;
	for (level = p->levels; level >= 1; level--) {
		u64 i = slot();

		if (level == 3 && p->format == VAM_PT_PAE)
			i &= 1;
		if (level == p->levels && i == 511 && level > 3) {
			gva = ~0ull << (12 + 9 * level);
		}
		gva |= i << (12 + 9 * (level - 1));
	}
	return gva;
}

static void check_dirty(struct goal *g, const struct vam_ptwalk *w, bool fresh)
{
	if (fresh && (g->access & VAM_PTWALK_WRITE))
		CHECK(g->any_dirty || g->edited, "dirty bit lost at %llx",
		      g->gva);
}

/* The tables say so now; without touching accessed and dirty bits. */
static bool update_nothing(void *ctx, gpa_t gpa, u64 old, u64 new, bool w)
{
	return true;
}

static void guest_access(struct sim *s)
{
	static const u32 kinds[] = { 0, 2, 4, 6, 16, 20 };
	u32 access = kinds[below(6)];
	const struct vam_paging *p = &s->vcpu.mmu->paging;
	struct vam_paging still = *p;
	struct goal g = { .p = &still, .since = s->flushed };
	enum vam_ptwalk_result expect;
	struct vam_ptwalk w = { 0 };
	struct result r = { 0 };
	gva_t gva = random_gva(p);
	u64 races;

	if (!(access & VAM_PTWALK_USER) && one_in(2))
		access |= VAM_PTWALK_AC;
	still.update = update_nothing;
	if (p->levels) {
		expect = vam_ptwalk(&still, gva, access, &w);
	} else {
		expect = VAM_PTWALK_OK;
		w.gpa = (u32)gva;
	}
	/* Do not let it scribble over the tables that all depends on. */
	if (access & VAM_PTWALK_WRITE)
		gva += 0x7f8 & ~7ull;
	w.gpa += gva & 0xfff;

	races = count_race;
	cpu_access(s, gva, access, 0, &r);
	/* Someone else edited meanwhile: before or after, both are right. */
	if (races != count_race && r.outcome == FAULT &&
	    !(expect == VAM_PTWALK_FAULT && w.error == r.error))
		expect = vam_ptwalk(&still, gva, access, &w);
	g.gva = gva;
	g.access = access;
	g.gpa = r.gpa;
	switch (r.outcome) {
	case FAULT:
		count_fault++;
		CHECK(expect == VAM_PTWALK_FAULT && w.error == r.error,
		      "gva %llx access %x: fault %x, expected %s %x", gva,
		      access, r.error,
		      expect == VAM_PTWALK_OK ? "none" : "fault", w.error);
		return;
	case MMIO:
		count_mmio++;
		CHECK(r.gpa >= (u64)RAM_PAGES << 12, "%llx", r.gpa);
		break;
	case OK:
		count_ok++;
		break;
	}
	if (!p->levels) {
		CHECK(r.gpa == w.gpa, "gva %llx gpa %llx", gva, r.gpa);
		return;
	}
	if (expect != VAM_PTWALK_OK || r.gpa != w.gpa)
		count_stale++;
	CHECK(is_possible(&g), "gva %llx access %x leads to %llx, now %llx",
	      gva, access, r.gpa, w.gpa);
	if (r.outcome == OK)
		check_dirty(&g, &w, true);
}

static void flush(struct sim *s)
{
	struct vam_sys *sys = &s->vcpu.sys;

	/* What others write while this goes on may be seen or not. */
	s->flushed = now;
	switch (below(4)) {
	case 0:
		vam_mmu_invpcid(&s->vcpu, 2, 0, 0);
		break;
	case 1:
		sys->cr4 ^= X86_CR4_PGE;
		CHECK(!vam_mmu_mode_changed(&s->vcpu), "mode");
		break;
	default:
		sys->cr3 = gfn_to_gpa(roots[below(ARRAY_SIZE(roots))]);
		CHECK(!vam_mmu_set_cr3(&s->vcpu, one_in(2)), "cr3");
	}
}

/* The emulator's translation: like a CPU's, with a TLB of its own. */
static void translate(struct sim *s)
{
	static const u32 kinds[] = { 0, 4, 16, 20, 2 };
	const struct vam_paging *p = &s->vcpu.mmu->paging;
	struct vam_paging still = *p;
	struct goal g = { .p = &still, .since = s->flushed };
	u32 access = kinds[below(5)], error = 0;
	struct vam_ptwalk w = { 0 };
	bool good;

	if (!p->levels)
		return;
	count_look++;
	enter(s);
	g.gva = random_gva(p) + below(4096);
	g.access = access;
	s->vcpu.regs.rflags = 0;
	still.update = update_nothing;
	good = vam_ptwalk(&still, g.gva, access, &w) == VAM_PTWALK_OK;
	if (vam_mmu_translate(&s->vcpu, g.gva, access, &g.gpa, &error))
		CHECK(is_possible(&g), "gva %llx access %x is %llx, now %llx",
		      g.gva, access, g.gpa, w.gpa);
	else
		CHECK(!good && error == w.error, "gva %llx: %x %x", g.gva,
		      error, w.error);
}

static void invlpg_and_look(struct sim *s)
{
	const struct vam_paging *p = &s->vcpu.mmu->paging;
	struct vam_paging still = *p;
	gva_t gva = random_gva(p);
	struct vam_ptwalk w;
	struct result r = { 0 };

	if (!p->levels)
		return;
	racing = NULL;
	vam_mmu_invlpg(&s->vcpu, gva + below(4096));
	still.update = update_nothing;
	cpu_access(s, gva, 0, 0, &r);
	if (vam_ptwalk(&still, gva, 0, &w) == VAM_PTWALK_OK)
		CHECK(r.outcome != FAULT && r.gpa == w.gpa,
		      "stale after INVLPG: gva %llx gpa %llx, now %llx", gva,
		      r.gpa, w.gpa);
	else
		CHECK(r.outcome == FAULT && r.error == w.error,
		      "stale after INVLPG: gva %llx gpa %llx", gva, r.gpa);
}

static void set_mode(struct sim *s, unsigned int format, bool la57)
{
	struct vam_sys *sys = &s->vcpu.sys;

	sys->cr0 = X86_CR0_PE | (format ? X86_CR0_PG : 0) |
		   (one_in(3) ? 0 : X86_CR0_WP);
	sys->cr4 = (format >= VAM_PT_PAE ? X86_CR4_PAE : 0) |
		   (format == VAM_PT_LONG && la57 ? X86_CR4_LA57 : 0) |
		   (one_in(2) ? X86_CR4_PSE : 0) |
		   (one_in(3) ? X86_CR4_SMEP : 0) |
		   (one_in(3) ? X86_CR4_SMAP : 0);
	sys->efer = (format == VAM_PT_LONG ? EFER_LME | EFER_LMA : 0) |
		    (one_in(3) ? 0 : EFER_NX);
	sys->cr3 = gfn_to_gpa(roots[0]);
	s->flushed = now;
	CHECK(!vam_mmu_mode_changed(&s->vcpu), "mode");
}

static void fill_tables(void)
{
	unsigned int i, r;

	for (i = 0; i < POOL * 512; i++)
		*(u64 *)vam_mem_va(&vm, gfn_to_gpa(POOL_FIRST) + i * 8) = 0;
	for (r = 0; r < ARRAY_SIZE(roots); r++)
		memset(vam_mem_va(&vm, gfn_to_gpa(roots[r])), 0, 4096);
	undo_count = undo_first = 0;
}

static void episode(unsigned int format, bool la57, unsigned int steps)
{
	struct vam_paging p = { .format = format,
				.levels = format == VAM_PT_LONG ? 4 + la57 :
					  format == VAM_PT_PAE	? 3 :
								  2 };
	unsigned int i;

	wide = format == VAM_PT_32 ? 4 : 8;
	for (i = 0; i < ARRAY_SIZE(roots); i++)
		roots[i] = 0x200 + 7 * i;
	fill_tables();
	if (format)
		make_linear(&p);
	for (i = 0; i < RAM_PAGES; i++)
		vam_mmu_guest_wrote(&vm, (u64)i << 12, 4096);
	for (i = 0; i < VCPUS; i++)
		set_mode(&cpus[i], format, la57);
	for (i = 0; i < steps && !failure; i++) {
		struct sim *s = &cpus[below(VCPUS)];
		struct shrink_control sc = { .nr_to_scan = 5 };

		racing = format ? &s->vcpu : NULL;
		switch (below(12)) {
		case 0:
		case 1:
		case 2:
			if (format)
				edit(s);
			break;
		case 3:
			invlpg_and_look(s);
			break;
		case 4:
			if (one_in(2))
				flush(s);
			else
				translate(s);
			break;
		case 5:
			if (one_in(30))
				set_mode(s, format, la57);
			if (one_in(30))
				the_shrinker.scan_objects(&the_shrinker, &sc);
			break;
		default:
			guest_access(s);
		}
		if (one_in(24))
			check_all();
	}
	racing = NULL;
}

/* --- life ------------------------------------------------------------------ */

static bool create(u32 budget)
{
	unsigned int i;

	memset(&vm, 0, sizeof(vm));
	memset(cpus, 0, sizeof(cpus));
	vm.mem.size = (u64)RAM_PAGES << 12;
	vm.config_mmu_pages = budget;
	if (vam_mmu_part.vm_create(&vm))
		return false;
	for (i = 0; i < VCPUS; i++) {
		struct vam_vcpu *vcpu = &cpus[i].vcpu;

		vcpu->vm = &vm;
		vcpu->id = i;
		if (vam_mmu_part.vcpu_create(vcpu))
			break;
		vam_mmu_part.vcpu_reset(vcpu);
		vcpu->requests |= BIT(VAM_REQ_ROOT);
		vm.vcpus[i] = vcpu;
		vm.nr_vcpus++;
	}
	return i == VCPUS;
}

static void destroy(void)
{
	unsigned int i;

	for (i = vm.nr_vcpus; i-- > 0;) {
		vm.vcpus[i] = NULL;
		vam_mmu_part.vcpu_destroy(&cpus[i].vcpu);
	}
	if (vm.mmu)
		vam_mmu_part.vm_destroy(&vm);
}

static void make_ram(void)
{
	unsigned long i;

	shim_arena = aligned_alloc(1 << 21, ARENA_PAGES * PAGE_SIZE);
	ASAN_POISON_MEMORY_REGION(shim_arena, ARENA_PAGES * PAGE_SIZE);
	for (i = 0; i < RAM_PAGES; i++) {
		ram[i] = shim_alloc_page();
		gfn_of[ram[i] - shim_pages] = i;
		ram_large[i / VAM_BLOCK_PAGES] = i / VAM_BLOCK_PAGES % 3 != 1 &&
						 i / VAM_BLOCK_PAGES < 5;
	}
}

/* --- certain sequences ------------------------------------------------------ */

#define S_L3 0x500ull /* tables of the sequences, nothing else uses them */
#define S_L2 0x501ull
#define S_L1 0x502ull
#define S_RIGHTS (VAM_PTE_P | VAM_PTE_W | VAM_PTE_A | VAM_PTE_D)
#define S_GVA (5ull << 39)

/* Reads through the CPU: where does it lead now? ~0 for a fault. */
static gpa_t look(struct sim *s, gva_t gva)
{
	struct result r = { 0 };

	cpu_access(s, gva, 0, 0, &r);
	return r.outcome == FAULT ? ~0ull : r.gpa;
}

static struct sim *start_sequence(void)
{
	struct vam_paging p = { .format = VAM_PT_LONG, .levels = 4 };
	struct sim *s = &cpus[0];
	unsigned int i;

	seed = 1;
	failure = NULL;
	if (!create(0))
		abort();
	wide = 8;
	for (i = 0; i < ARRAY_SIZE(roots); i++)
		roots[i] = 0x200 + 7 * i;
	fill_tables();
	for (i = 0; i < 3 * 512; i++)
		*(u64 *)vam_mem_va(&vm, gfn_to_gpa(S_L3) + i * 8) = 0;
	make_linear(&p);
	set_mode(s, VAM_PT_LONG, false);
	poke(gfn_to_gpa(roots[0]) + 5 * 8, gfn_to_gpa(S_L3) | S_RIGHTS);
	poke(gfn_to_gpa(S_L3), gfn_to_gpa(S_L2) | S_RIGHTS);
	return s;
}

static bool end_sequence(void)
{
	check_all();
	destroy();
	return !failure;
}

static void load_cr3(struct sim *s)
{
	CHECK(!vam_mmu_set_cr3(&s->vcpu, false), "cr3");
	s->flushed = now;
}

/* One INVLPG anywhere in a large page forgets all of it, in pieces or not. */
static bool large_page_is_forgotten_whole(gpa_t from, gpa_t to)
{
	struct sim *s = start_sequence();
	gpa_t l2 = gfn_to_gpa(S_L2);
	unsigned int i;

	poke(l2, from | S_RIGHTS | VAM_PTE_PS);
	for (i = 0; i < 512; i++)
		CHECK(look(s, S_GVA + i * 4096) == from + i * 4096, "%u", i);
	guest_store(s, l2, to | S_RIGHTS | VAM_PTE_PS);
	vam_mmu_invlpg(&s->vcpu, S_GVA + 0x3123);
	for (i = 0; i < 512; i++)
		CHECK(look(s, S_GVA + i * 4096) == to + i * 4096, "%u", i);
	return end_sequence();
}

/* A table linked anew is up to date, though it is unsync elsewhere. */
static bool new_link_is_up_to_date(void)
{
	struct sim *s = start_sequence();
	gpa_t l1 = gfn_to_gpa(S_L1), l2 = gfn_to_gpa(S_L2);
	gva_t other = S_GVA + (1 << 21);

	poke(l2, l1 | S_RIGHTS);
	poke(l1, 0x810000 | S_RIGHTS);
	poke(l1 + 8, 0x820000 | S_RIGHTS);
	CHECK(look(s, S_GVA) == 0x810000, "first");
	CHECK(look(s, S_GVA + 4096) == 0x820000, "second");
	guest_store(s, l1 + 8, 0x821000 | S_RIGHTS);
	CHECK(!list_empty(&vm.mmu->unsync), "not unsync");
	guest_store(s, l2 + 8, l1 | S_RIGHTS);
	CHECK(look(s, other) == 0x810000, "new link, first");
	CHECK(look(s, other + 4096) == 0x821000, "new link, second");
	return end_sequence();
}

/* A table written once is traced again after a few loads of CR3. */
static bool quiet_table_is_traced_again(void)
{
	struct sim *s = start_sequence();
	gpa_t l1 = gfn_to_gpa(S_L1);
	unsigned int i;

	poke(gfn_to_gpa(S_L2), l1 | S_RIGHTS);
	for (i = 0; i < 512; i++)
		poke(l1 + i * 8, 0x810000 | S_RIGHTS);
	CHECK(look(s, S_GVA) == 0x810000, "first");
	guest_store(s, l1, 0x811000 | S_RIGHTS);
	CHECK(!list_empty(&vm.mmu->unsync), "not unsync");
	for (i = 0; i < 5; i++) {
		load_cr3(s);
		CHECK(look(s, S_GVA) == 0x811000, "load %u", i);
	}
	CHECK(list_empty(&vm.mmu->unsync), "still unsync");
	CHECK(vm.mmu->frames[S_L1].traced == 1, "not traced");
	return end_sequence();
}

/* Each allocation fails once: the VM dies or lives, and nothing is lost. */
static bool survives_without_memory(void)
{
	unsigned long before = shim_pages_used;
	unsigned int n, i, deaths = 0;
	struct sim *s = &cpus[0];

	failure = NULL;
	no_memory = true;
	for (n = 1; n < 80 && !failure; n++) {
		killed = false;
		shim_fail_nth = n;
		if (create(0)) {
			wide = 8;
			make_linear(&(struct vam_paging){ .format = VAM_PT_LONG,
							  .levels = 4 });
			set_mode(s, VAM_PT_LONG, false);
			for (i = 0; i < 8 && !killed; i++)
				look(s, linear(s, (u64)i << 20));
			deaths += killed;
		}
		shim_fail_nth = 0;
		destroy();
		CHECK(shim_pages_used == before, "%lu pages left, %u",
		      shim_pages_used - before, n);
		CHECK(!vam_pin_read(&vm.pins, VAM_PIN_SHADOW), "ledger, %u", n);
	}
	CHECK(deaths, "memory never ran out");
	no_memory = killed = false;
	return !failure;
}

static bool run(unsigned int format, bool la57, u32 budget, u64 start)
{
	unsigned long before = shim_pages_used;
	unsigned int i;

	seed = start;
	failure = NULL;
	if (!create(budget))
		return false;
	for (i = 0; i < 6 && !failure; i++)
		episode(format, la57, 1500);
	/* and through all modes */
	for (i = 0; i < 6 && !failure; i++)
		episode(below(4), one_in(2), 300);
	if (!failure)
		check_all();
	destroy();
	CHECK(shim_pages_used == before, "%lu pages left",
	      shim_pages_used - before);
	CHECK(!vam_pin_read(&vm.pins, VAM_PIN_SHADOW), "ledger %lld",
	      vam_pin_read(&vm.pins, VAM_PIN_SHADOW));
	return !failure;
}

int main(int argc, char **argv)
{
	static const struct {
		unsigned int format;
		bool la57;
		u32 budget;
		const char *name;
	} runs[] = {
		{ VAM_PT_LONG, false, 0, "four levels" },
		{ VAM_PT_LONG, true, 0, "five levels" },
		{ VAM_PT_PAE, false, 0, "PAE" },
		{ VAM_PT_32, false, 0, "32-bit tables" },
		{ VAM_PT_NONE, false, 0, "no paging" },
		{ VAM_PT_LONG, false, 64, "four levels, smallest budget" },
		{ VAM_PT_PAE, false, 64, "PAE, smallest budget" },
		{ VAM_PT_32, false, 64, "32-bit tables, smallest budget" },
	};
	u64 first = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	unsigned int n = argc > 2 ? atoi(argv[2]) : 3, i, k;

	make_ram();
	vam_mmu_init();
	for (i = 0; i < ARRAY_SIZE(runs); i++) {
		bool good = true;

		for (k = 0; k < n && good; k++) {
			good = run(runs[i].format, runs[i].la57, runs[i].budget,
				   first + k);
			if (!good)
				tap_note("seed %llu", first + k);
		}
		tap_ok(good, runs[i].name);
	}
	tap_ok(survives_without_memory(), "each allocation may fail");
	/* block 0 is large in the host, block 1 is in pieces */
	tap_ok(large_page_is_forgotten_whole(0, 0x800000),
	       "INVLPG forgets a large page");
	tap_ok(large_page_is_forgotten_whole(0x200000, 0x800000),
	       "INVLPG forgets a large page in pieces");
	tap_ok(new_link_is_up_to_date(), "a table linked anew is up to date");
	tap_ok(quiet_table_is_traced_again(),
	       "a table not written to is traced again");
	tap_note("%llu writes in the last moment, %llu look-ups", count_race,
		 count_look);
	tap_note(
		"%llu accesses, %llu faults, %llu to devices, %llu stale, %llu emulated writes",
		count_ok, count_fault, count_mmio, count_stale, count_write);
	vam_mmu_exit();
	return tap_done();
}
