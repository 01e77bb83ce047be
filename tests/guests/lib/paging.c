// SPDX-License-Identifier: GPL-2.0
/*
 * paging.c - page tables of every format, and the model of a walk
 *
 * The model is written from the manuals, plainly, without regard to speed;
 * where the two vendors differ, payloads do not go.
 *
 * Spec: SDM vol. 3 ch. 4 (4.6 access rights, 4.7 error code); APM vol. 2
 * ch. 5.
 */
#include "lib.h"
#include "paging.h"

void cr0_set(ulong bits, bool on)
{
	ulong old = read_cr0(), new = on ? old | bits : old & ~bits;

	if (new != old)
		write_cr0(new);
}

void cr4_set(ulong bits, bool on)
{
	ulong old = read_cr4(), new = on ? old | bits : old & ~bits;

	if (new != old)
		write_cr4(new);
}

void efer_set(u64 bits, bool on)
{
	u64 old = rdmsr(MSR_EFER), new = on ? old | bits : old & ~bits;

	if (new != old)
		wrmsr(MSR_EFER, new);
}

void paging_now(struct paging *pg)
{
	ulong cr0 = read_cr0(), cr4 = read_cr4();

	pg->levels = 2;
	if (cr4 & CR4_PAE)
		pg->levels = 3;
#ifdef __x86_64__
	pg->levels = cr4 & CR4_LA57 ? 5 : 4;
#endif
	pg->root = read_cr3() & (pg->levels == 3 ? ~31ull : ~4095ull);
	pg->pse = cr4 & CR4_PSE;
	pg->wp = cr0 & CR0_WP;
	pg->smep = cr4 & CR4_SMEP;
	pg->smap = cr4 & CR4_SMAP;
	pg->nxe = cpu_has(&feat_nx) && rdmsr(MSR_EFER) & EFER_NXE;
	pg->phys_bits = phys_bits();
}

static bool is_leaf(const struct paging *pg, u64 pte, u32 level)
{
	if (level == 1)
		return true;
	if (!(pte & PTE_PS))
		return false;
	if (pg->levels == 2)
		return pg->pse;
	return level == 2 || (level == 3 && pg->levels > 3);
}

static u64 reserved_bits(const struct paging *pg, u64 pte, u32 level)
{
	u64 high = (BIT(52) - 1) & ~(BIT(pg->phys_bits) - 1);
	bool large = level > 1 && is_leaf(pg, pte, level);

	if (pg->levels == 2)
		return large ? BIT(21) : 0;
	if (!pg->nxe)
		high |= PTE_NX;
	if (pg->levels == 3)
		high |= 0x7ff0000000000000ull;
	if (level > 3)
		return high | PTE_PS;
	if (large)
		high |= (BIT(pt_shift(pg, level)) - 1) & ~0x1fffull;
	return high;
}

static u64 leaf_addr(const struct paging *pg, u64 pte, u64 va, u32 level)
{
	u64 below = BIT(pt_shift(pg, level)) - 1, pa = pte_addr(pte);

	if (pg->levels == 2 && level == 2) /* PSE-36: address bits 39:32 */
		pa = (pte & 0xffc00000) | (pte & 0x1fe000) << 19;
	return (pa & ~below) | (va & below);
}

static bool allowed(const struct paging *pg, u32 how, u64 rights)
{
	bool user_page = rights & PTE_U;

	if (how & ACC_USER && !user_page)
		return false;
	if (how & ACC_FETCH) {
		if (rights & PTE_NX)
			return false;
		if (!(how & ACC_USER) && user_page && pg->smep)
			return false;
		return true;
	}
	if (!(how & ACC_USER) && user_page && pg->smap &&
	    (how & ACC_IMPLICIT || !(how & ACC_AC)))
		return false;
	if (how & ACC_WRITE && !(rights & PTE_W))
		return !(how & ACC_USER) && !pg->wp;
	return true;
}

void pt_walk(const struct paging *pg, u64 va, u32 how, struct walk *w)
{
	u64 table = pg->root, rights = PTE_W | PTE_U, pte;
	bool pae = pg->levels > 2;
	u32 level;

	memset(w, 0, sizeof(*w));
	w->fault = true;
	if (how & ACC_WRITE)
		w->error |= ERR_W;
	if (how & ACC_USER)
		w->error |= ERR_U;
	if (how & ACC_FETCH && (pg->smep || (pae && pg->nxe)))
		w->error |= ERR_ID;

	for (level = pg->levels;; level--) {
		w->leaf = level;
		w->at[level] = table + pt_index(pg, va, level) * pt_bytes(pg);
		pte = pte_get(pg, w->at[level]);
		if (!(pte & PTE_P))
			return;
		if (pg->levels == 3 && level == 3) {
			table = pte_addr(pte); /* no rights in a PDPTE */
			continue;
		}
		if (pte & reserved_bits(pg, pte, level)) {
			w->error |= ERR_P | ERR_RSVD;
			return;
		}
		rights &= pte | PTE_NX;
		if (pae)
			rights |= pte & PTE_NX;
		if (is_leaf(pg, pte, level))
			break;
		table = pte_addr(pte);
	}
	if (!allowed(pg, how, rights)) {
		w->error |= ERR_P;
		return;
	}
	w->fault = false;
	w->pa = leaf_addr(pg, pte, va, level);
}

u64 pt_entry(const struct paging *pg, u64 va, u32 level)
{
	u64 table = pg->root, at, pte;
	u32 l;

	for (l = pg->levels;; l--) {
		at = table + pt_index(pg, va, l) * pt_bytes(pg);
		if (l == level)
			return at;
		pte = pte_get(pg, at);
		if (!(pte & PTE_P)) {
			pte = (ulong)page_alloc() | PTE_P;
			if (pg->levels != 3 || l != 3)
				pte |= PTE_W | PTE_U;
			pte_set(pg, at, pte);
		}
		table = pte_addr(pte);
	}
}

void pt_map(const struct paging *pg, u64 va, u64 pa, u64 flags, u32 level)
{
	if (level > 1)
		flags |= PTE_PS;
	pte_set(pg, pt_entry(pg, va, level), pa | flags);
}

u64 root_alloc(const struct paging *pg)
{
	u64 root = (ulong)page_alloc();
#ifdef __x86_64__
	/* slot 0 is the first 4 GiB in either format */
	if (pg->levels == 5) {
		*(u64 *)root = (ulong)boot_pml4 | PTE_ALL;
	} else {
		*(u64 *)root = boot_pml4[0];
	}
#else
	struct paging own = *pg;
	u32 mib, step = pg->levels == 2 ? 4 : 2;

	own.root = root;
	for (mib = 0; mib < 4096; mib += step)
		pt_map(&own, (u64)mib << 20, (u64)mib << 20,
		       mib >= 4 && mib < 8 ? PTE_ALL :
		       mib >= 0xfe0	   ? PTE_P | PTE_W | PTE_PCD | PTE_PWT :
					     PTE_P | PTE_W,
		       2);
#endif
	return root;
}

#ifndef __x86_64__
void paging_on(u32 levels)
{
	struct paging pg = { .levels = levels, .pse = true };

	cr0_set(CR0_PG, false);
	pg.root = root_alloc(&pg);
	cr4_set(CR4_PAE, levels == 3);
	cr4_set(CR4_PSE, levels == 2);
	write_cr3(pg.root);
	cr0_set(CR0_PG, true);
}
#endif

ulong test_area(struct paging *pg, u32 levels)
{
#ifdef __x86_64__
	paging_now(pg);
	return 1ul << 39;
#else
	ulong area = 0x40000000, at;

	paging_on(levels);
	paging_now(pg);
	for (at = area; at < area + 0x10000000; at += 0x200000)
		pte_set(pg, pt_entry(pg, at, 2), 0);
	write_cr3(pg->root);
	return area;
#endif
}
