/* SPDX-License-Identifier: GPL-2.0 */
/*
 * access_matrix.h - every kind of access against every set of rights
 *
 * Shared by the access_* payloads, one for each table format. For each page
 * size and setting of CR0.WP, CR4.SMEP, CR4.SMAP, EFLAGS.AC and EFER.NXE (or
 * CR4.PSE) the test page is mapped with every set of rights in the leaf, and
 * for each of them every single restriction is put in each upper entry.
 * Each line gives the outcomes for open upper entries ("--" or the error
 * code, in the order of kinds[]) and a hash over the restricted ones.
 *
 * Not printed, because architectures leave it open: accessed bits after a
 * fault. Taken as set: P in the error code of a reserved bit (QEMU leaves it
 * 0, manuals and CPUs say 1). Implicit accesses come from ring 3, where SMAP ignores EFLAGS.AC
 * with certainty (QEMU looks at AC for those from ring 0).
 */
#include "paging.h"

#define OFF_LDT 0x00 /* a descriptor, for implicit accesses */
#define OFF_CODE 0x10 /* RET */
#define OFF_DATA 0x20

static const u32 kinds[] = {
	0,
	ACC_WRITE,
	ACC_FETCH,
	ACC_USER,
	ACC_USER | ACC_WRITE,
	ACC_USER | ACC_FETCH,
	ACC_IMPLICIT,
};

struct restriction {
	u64 clear, set;
};

static u32 mismatches;

static __user_text ulong load_from_ldt(ulong sel)
{
	asm volatile("mov %w0, %%fs" : : "r"(sel));
	return 0;
}

/* The test page as local descriptor table: loading FS reads it. */
static void ldt_set(ulong va)
{
	u64 *d = &gdt[SEL_SPARE / 8];

	d[0] = 15 | (u64)(va & 0xffffff) << 16 | 0x82ull << 40 |
	       (u64)(va >> 24 & 0xff) << 56;
#ifdef __x86_64__
	d[1] = va >> 32;
#endif
	asm volatile("lldt %w0" : : "r"(SEL_SPARE));
}

static void page_fill(void *page)
{
	memset(page, 0, 64);
	*(u64 *)page = 0x00cff3000000ffff; /* user data, accessed */
	*((u8 *)page + OFF_CODE) = 0xc3;
}

struct supervisor_job {
	ulong va;
	u32 kind;
	bool ac;
};

static void supervisor(void *data)
{
	struct supervisor_job *job = data;
	ulong va = job->va;

	flags_write((flags_read() & ~EFLAGS_AC) | (job->ac ? EFLAGS_AC : 0));
	if (job->kind & ACC_WRITE)
		asm volatile("movb $0x5a, (%0)"
			     :
			     : "r"(va + OFF_DATA)
			     : "memory");
	else if (job->kind & ACC_FETCH)
		asm volatile("call *%0" : : "r"(va + OFF_CODE) : "memory");
	else
		asm volatile("testb $1, (%0)"
			     :
			     : "r"(va + OFF_DATA)
			     : "memory");
	flags_write(flags_read() & ~EFLAGS_AC);
}

static void access(struct fault *f, ulong va, u32 kind, bool ac)
{
	struct supervisor_job job = { va, kind, ac };

	switch (kind) {
	case ACC_USER:
		user_try_read(f, va + OFF_DATA);
		break;
	case ACC_USER | ACC_WRITE:
		user_try_write(f, va + OFF_DATA);
		break;
	case ACC_USER | ACC_FETCH:
		user_try_fetch(f, va + OFF_CODE);
		break;
	case ACC_IMPLICIT:
		user_call(f, load_from_ldt, 7);
		break;
	default:
		guard(f, supervisor, &job);
	}
}

static u8 judge(const struct paging *pg, ulong va, u32 kind, bool ac)
{
	struct fault f;
	struct walk w;
	u32 level;
	bool dirty;

	pt_walk(pg, va, kind | (ac ? ACC_AC : 0), &w);
	invlpg(va);
	access(&f, va, kind, ac);
	if (f.hit && f.error & ERR_RSVD)
		f.error |= ERR_P;
	if (f.hit != w.fault ||
	    (f.hit && (f.vector != PF_VECTOR || f.error != w.error))) {
		if (mismatches++ < 20)
			fail("kind %x: want %d %x, got %d vector %u %x", kind,
			     w.fault, w.error, f.hit, f.vector, f.error);
		goto out;
	}
	if (f.hit && f.cr2 != va + (kind & ACC_FETCH	? OFF_CODE :
				    kind & ACC_IMPLICIT ? OFF_LDT :
							  OFF_DATA))
		fail("kind %x: cr2 %lx", kind, f.cr2);
	if (w.fault)
		goto out;
	dirty = pte_get(pg, w.at[w.leaf]) & PTE_D;
	if (dirty != !!(kind & ACC_WRITE) && mismatches++ < 20)
		fail("kind %x: dirty %d", kind, dirty);
	for (level = w.leaf; level <= pg->levels; level++)
		if (!(pte_get(pg, w.at[level]) & PTE_A) &&
		    !(pg->levels == 3 && level == 3) && mismatches++ < 20)
			fail("kind %x: level %u not accessed", kind, level);
out:
	return f.hit ? f.error : 0xff;
}

/*
 * One line: the leaf entry is given; the upper ones are open, then carry
 * one restriction after the other at each level.
 */
static void line(const struct paging *pg, ulong va, u32 leaf, u64 leaf_pte,
		 bool ac, const struct restriction *limits, u32 nlimits)
{
	u32 kind, level, top = pg->levels == 3 ? 2 : pg->levels, i;
	u64 hash = HASH_INIT, at[6], open[6];
	u8 r;

	for (level = leaf; level <= top; level++) {
		at[level] = pt_entry(pg, va, level);
		open[level] = level == leaf ? leaf_pte : pte_get(pg, at[level]);
		open[level] &= ~(PTE_A | PTE_D);
	}
	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		for (level = leaf; level <= top; level++)
			pte_set(pg, at[level], open[level]);
		r = judge(pg, va, kinds[kind], ac);
		if (r == 0xff)
			printf(" --");
		else
			printf(" %02x", r);
	}
	for (level = leaf + 1; level <= top; level++) {
		for (i = 0; i < nlimits; i++) {
			for (kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
				u32 l;

				for (l = leaf; l <= top; l++)
					pte_set(pg, at[l], open[l]);
				pte_set(pg, at[level],
					(open[level] & ~limits[i].clear) |
						limits[i].set);
				hash = hash_u64(hash,
						judge(pg, va, kinds[kind], ac));
			}
		}
	}
	for (level = leaf; level <= top; level++)
		pte_set(pg, at[level], open[level]);
	printf(" %08x\n", (u32)(hash ^ hash >> 32));
}

/* All leaf rights for one setting of the control registers. */
static void setting(const char *what, struct paging *pg, ulong va, u32 leaf,
		    u64 pa, bool ac, const struct restriction *limits,
		    u32 nlimits, u64 reserved)
{
	u32 i, n = pg->levels == 2 ? 8 : 16;
	u64 pte;

	for (i = 0; i < n; i++) {
		pte = pa | (i & 7) | (i & 8 ? PTE_NX : 0);
		if (leaf > 1)
			pte |= PTE_PS;
		printf("%s %c%c%c%c", what, i & 1 ? 'p' : '-',
		       i & 2 ? 'w' : '-', i & 4 ? 'u' : '-', i & 8 ? 'n' : '-');
		/* absent pages all look alike: no need for each restriction */
		line(pg, va, leaf, pte, ac, limits, i & 1 ? nlimits : 0);
		if ((i & 7) == 7 && reserved) {
			printf("%s rsvd%c", what, i & 8 ? 'n' : '-');
			line(pg, va, leaf, pte | reserved, ac, limits, 0);
		}
	}
}
