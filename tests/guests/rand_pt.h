/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rand_pt.h - random page tables and random accesses against the model
 *
 * Shared by the payloads for each table format. A pool of frames serves as
 * tables of every level at once; random entries point to random tables, to
 * data or to large pages, with random rights, reserved bits now and then.
 * After each batch of edits comes a flush (CR3 or INVLPG), then random
 * accesses, and each outcome must be what the model of the walk says:
 * fault and error code, the frame read or written, accessed and dirty bits.
 * Several roots share the pool and are switched; control bits change.
 *
 * Command line: seed=N rounds=N. One line each hundred rounds: counts and a
 * hash of outcomes and of all tables. Left out of it, because open: accessed
 * bits. Taken as set: P in the error code of a reserved bit (QEMU: 0).
 *
 * Offsets within any frame: 0xf00 code (RET), 0xf08 written, 0xf10 its
 * number. Entries that a walk can reach lie elsewhere, so that data is
 * harmless as a table and the other way round.
 */
#include "paging.h"

#define TABLES 14
#define DATA 16
#define ROOTS 4
#define LARGE 0x1000000ul
#define CODE 0xf00
#define STORE 0xf08
#define NUMBER 0xf10

static struct paging pg;
static u64 roots[ROOTS];
static u64 tables[TABLES], data[DATA];
static struct rng rng;
static u32 root_slots[3], slots[4];
static u32 faults, successes, mismatches;
static u64 hash = HASH_INIT;

static bool one_in(u32 n)
{
	return rng_below(&rng, n) == 0;
}

static void frame_init(u64 at, u32 number)
{
	*(u8 *)(ulong)(at + CODE) = 0xc3;
	*(u32 *)(ulong)(at + NUMBER) = number;
}

static u64 random_rights(void)
{
	u32 rare = 3 * pg.levels;
	u64 r = PTE_P;

	/* mostly open: levels of coin tosses would leave nothing */
	r |= one_in(rare) ? 0 : PTE_W;
	r |= one_in(rare) ? 0 : PTE_U;
	r |= one_in(2) ? PTE_A : 0;
	r |= one_in(4) ? PTE_D : 0;
	r |= one_in(8) ? PTE_G : 0; /* without CR4.PGE: nothing */
	if (pg.levels > 2 && one_in(2 * rare))
		r |= PTE_NX;
	if (one_in(2 * rare))
		r &= ~PTE_P;
	if (pg.levels > 2 && one_in(40))
		r |= BIT(51);
	return r;
}

static u64 random_entry(void)
{
	switch (rng_below(&rng, 10)) {
	case 0:
		if (one_in(2))
			return 0;
		return data[rng_below(&rng, DATA)] | random_rights();
	case 1:
		return LARGE | random_rights() | PTE_PS;
	case 2: /* a large page with a reserved bit, or PAT in a small one */
		if (pg.levels == 2 || !one_in(4))
			return LARGE | random_rights() | PTE_PS;
		return LARGE | 0x2000 | random_rights() | PTE_PS;
	case 3:
		if (pg.levels >= 4 && one_in(2))
			return random_rights() | PTE_PS; /* 2M or 1G at 0 */
		/* fall through */
	case 4:
	case 5:
		if (pg.levels >= 4 && one_in(2))
			return tables[rng_below(&rng, TABLES)] |
			       random_rights();
		return data[rng_below(&rng, DATA)] | random_rights();
	default:
		return tables[rng_below(&rng, TABLES)] | random_rights();
	}
}

/* Returns true if only a new load of CR3 can make it count. */
static bool edit(void)
{
	u64 at, pte;

	if (one_in(12)) {
		at = roots[rng_below(&rng, ROOTS)] +
		     root_slots[rng_below(&rng, 3)] * pt_bytes(&pg);
		pte = tables[rng_below(&rng, TABLES)];
		/* four special entries in PAE: nothing but P is allowed */
		pte |= pg.levels == 3 ? PTE_P : random_rights();
		pte_set(&pg, at, one_in(10) ? 0 : pte);
		return pg.levels == 3;
	}
	at = tables[rng_below(&rng, TABLES)] +
	     slots[rng_below(&rng, 4)] * pt_bytes(&pg);
	if (one_in(4)) { /* only change some rights */
		pte = pte_get(&pg, at);
		pte_set(&pg, at, pte ^ BIT(rng_below(&rng, 3)));
	} else {
		pte_set(&pg, at, random_entry());
	}
	return false;
}

static ulong random_va(void)
{
	u64 va = (u64)root_slots[rng_below(&rng, 3)]
		 << pt_shift(&pg, pg.levels);
	u32 level;

	for (level = pg.levels - 1; level >= 1; level--)
		va |= (u64)slots[rng_below(&rng, 4)] << pt_shift(&pg, level);
	if (pg.levels >= 4 && va >> (pt_shift(&pg, pg.levels) + 8))
		va |= ~(BIT(pt_shift(&pg, pg.levels) + 9) - 1);
	return va;
}

struct job {
	ulong at;
	u32 how;
	u32 value;
};

static void supervisor(void *arg)
{
	struct job *j = arg;
	ulong flags = flags_read();

	flags_write((flags & ~EFLAGS_AC) | (j->how & ACC_AC ? EFLAGS_AC : 0));
	if (j->how & ACC_FETCH)
		asm volatile("call *%0" : : "r"(j->at) : "memory");
	else if (j->how & ACC_WRITE)
		*(volatile u32 *)j->at = j->value;
	else
		j->value = *(volatile u32 *)j->at;
	flags_write(flags);
}

static struct job user_job __user_data;

static __user_text ulong user(ulong unused)
{
	if (user_job.how & ACC_FETCH)
		asm volatile("call *%0" : : "r"(user_job.at) : "memory");
	else if (user_job.how & ACC_WRITE)
		*(volatile u32 *)user_job.at = user_job.value;
	else
		return *(volatile u32 *)user_job.at;
	return 0;
}

static void run(struct fault *f, struct job *j)
{
	if (!(j->how & ACC_USER)) {
		guard(f, supervisor, j);
		return;
	}
	user_job = *j;
	j->value = user_call(f, user, 0);
}

static void mismatch(u32 round, const char *what, ulong va, u32 how,
		     const struct walk *w, const struct fault *f)
{
	u32 level;

	fail("round %u: %s: va %lx access %x: model %s %x, CPU %s %u %x", round,
	     what, va, how, w->fault ? "fault" : "ok", w->error,
	     f->hit ? "fault" : "ok", f->vector, f->error);
	for (level = pg.levels; level >= w->leaf; level--)
		printf("  level %u: %llx\n", level, pte_get(&pg, w->at[level]));
	if (++mismatches >= 10)
		exit(1);
}

static void access(u32 round, bool flush)
{
	static const u32 kinds[] = { 0,
				     ACC_WRITE,
				     ACC_FETCH,
				     ACC_USER,
				     ACC_USER | ACC_WRITE,
				     ACC_USER | ACC_FETCH };
	struct job j = { 0, kinds[rng_below(&rng, 6)], rng_next(&rng) >> 32 };
	ulong va = random_va();
	u64 leaf_before = 0;
	struct walk w;
	struct fault f;
	u32 level, stored = j.value;

	if (!(j.how & ACC_USER) && one_in(2))
		j.how |= ACC_AC;
	pt_walk(&pg, va, j.how, &w);
	/* never run what is not ours to run */
	if (j.how & ACC_FETCH && !w.fault &&
	    *(volatile u8 *)(ulong)(w.pa + CODE) != 0xc3) {
		j.how &= ~ACC_FETCH;
		pt_walk(&pg, va, j.how, &w);
	}
	j.at = va + (j.how & ACC_FETCH ? CODE :
		     j.how & ACC_WRITE ? STORE :
					 NUMBER);
	if (!w.fault)
		leaf_before = pte_get(&pg, w.at[w.leaf]);
	if (flush)
		invlpg(va);
	run(&f, &j);

	if (f.hit && f.error & ERR_RSVD)
		f.error |= ERR_P;
	if (f.hit != w.fault ||
	    (f.hit &&
	     (f.vector != PF_VECTOR || f.error != w.error || f.cr2 != j.at))) {
		mismatch(round, "outcome", va, j.how, &w, &f);
		return;
	}
	hash = hash_u64(hash, f.hit ? f.error : w.pa | 1);
	if (f.hit) {
		faults++;
		return;
	}
	successes++;
	if (!(j.how & (ACC_WRITE | ACC_FETCH)) &&
	    j.value != *(volatile u32 *)(ulong)(w.pa + NUMBER))
		mismatch(round, "value read", va, j.how, &w, &f);
	/* nothing is stored where there is no memory */
	if (j.how & ACC_WRITE && w.pa < 0x4000000 &&
	    stored != *(volatile u32 *)(ulong)(w.pa + STORE))
		mismatch(round, "value written", va, j.how, &w, &f);
	for (level = w.leaf; level <= pg.levels; level++)
		if (!(pte_get(&pg, w.at[level]) & PTE_A) &&
		    !(pg.levels == 3 && level == 3))
			mismatch(round, "accessed bit", va, j.how, &w, &f);
	if (!!(pte_get(&pg, w.at[w.leaf]) & PTE_D) !=
	    (leaf_before & PTE_D || j.how & ACC_WRITE))
		mismatch(round, "dirty bit", va, j.how, &w, &f);
}

static void control_bits(void)
{
	u64 root = pg.root;

	cr0_set(CR0_WP, one_in(2));
	if (cpu_has(&feat_smep))
		cr4_set(CR4_SMEP, one_in(2));
	if (cpu_has(&feat_smap))
		cr4_set(CR4_SMAP, one_in(2));
	if (pg.levels > 2)
		efer_set(EFER_NXE, !one_in(4));
	paging_now(&pg);
	pg.root = root;
}

static u32 tables_hash(void)
{
	u64 h = HASH_INIT;
	u32 i, k;

	for (i = 0; i < TABLES; i++)
		for (k = 0; k < 4; k++)
			h = hash_u64(
				h,
				pte_get(&pg,
					tables[i] + slots[k] * pt_bytes(&pg)) &
					~PTE_A);
	return h ^ h >> 32;
}

static void frames_init(void)
{
	u32 i;

	slots[1] = 1;
	slots[2] = 2;
	slots[3] = pg.levels == 2 ? 1023 : 511;
	root_slots[0] = pg.levels == 2 ? 256 : 1;
	root_slots[1] = root_slots[0] + 1;
	root_slots[2] = pg.levels >= 4 ? 510 : root_slots[0];
	for (i = 0; i < TABLES; i++)
		frame_init(tables[i] = (ulong)page_alloc(), 1000 + i);
	for (i = 0; i < DATA; i++)
		frame_init(data[i] = (ulong)page_alloc(), 2000 + i);
	for (i = 0; i < 1024; i++)
		frame_init(LARGE + i * 0x1000ul, 3000 + i);
	for (i = 0; i < ROOTS; i++) {
		u32 k;

		roots[i] = root_alloc(&pg);
		for (k = 0; k < 3; k++)
			pte_set(&pg, roots[i] + root_slots[k] * pt_bytes(&pg),
				0);
	}
	for (i = 0; i < 200; i++)
		edit();
	pg.root = roots[0];
	write_cr3(pg.root);
}

static int rand_pt(u32 levels)
{
	u32 round, rounds = cmdline_u64("rounds", 3000), i;

	if (levels > 2)
		need(&feat_nx);
	if (phys_bits() > 51)
		skip("reserved address bit");
	rng_seed(&rng, cmdline_u64("seed", 1));
	test_area(&pg, levels);
	frames_init();
	/*
	 * Some edits clear an entry's address: frame 0 is a table, too, and a
	 * BIOS leaves its own there.
	 */
	for (i = 0; i < 0x1000; i++)
		asm volatile("movb $0, (%0)" : : "r"((ulong)i) : "memory");
	/* SMAP must not hinder our own look at what user mode may touch. */
	flags_write(flags_read() | EFLAGS_AC);
	for (round = 1; round <= rounds; round++) {
		u32 edits = 1 + rng_below(&rng, 8);
		bool reload = one_in(2);

		for (i = 0; i < edits; i++)
			reload |= edit();
		if (one_in(16)) {
			control_bits();
			reload = true;
		}
		if (one_in(4)) {
			pg.root = roots[rng_below(&rng, ROOTS)];
			reload = true;
		}
		if (reload)
			write_cr3(pg.root);
		for (i = 0; i < 6; i++)
			access(round, !reload);
		if (round % 100 == 0)
			printf("round %u: faults %u ok %u outcomes %08x tables %08x\n",
			       round, faults, successes,
			       (u32)(hash ^ hash >> 32), tables_hash());
	}
	return 0;
}
