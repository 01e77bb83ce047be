// SPDX-License-Identifier: GPL-2.0
/*
 * lib/ptwalk.c - walk a guest's page tables as its CPU would
 *
 * Finds where an access goes, or with which error code it faults, and sets
 * the accessed and dirty bits on the way, by compare and exchange, because
 * other CPUs of the guest write there too. The accessed bits of tables are set
 * on the way down, even if the walk then ends in a fault, as CPUs do.
 *
 * Layer:    lib. Called from mmu.
 * Locks:    none.
 * Spec:     SDM vol. 3 ch. 4; APM vol. 2 ch. 5.
 */
#include <linux/bits.h>
#include "lib/ptwalk.h"

#define TRIES 16

u64 vam_pt_reserved(const struct vam_paging *paging, unsigned int level,
		    bool leaf)
{
	u64 bits = 0;

	if (paging->format == VAM_PT_32) {
		if (level != 2 || !leaf)
			return 0;
		if (paging->phys_bits < 40)
			bits = 0xffULL << 13 &
			       ~0ULL << (paging->phys_bits - 32 + 13);
		return (bits & 0x1fe000) | BIT_ULL(21);
	}

	if (paging->phys_bits < 52)
		bits = GENMASK_ULL(51, paging->phys_bits);
	if (!paging->nx)
		bits |= VAM_PTE_NX;
	if (paging->format == VAM_PT_PAE)
		bits |= GENMASK_ULL(62, 52);
	if (leaf && level > 1) /* bit 12 is part of the memory type */
		bits |= GENMASK_ULL(12 + 9 * (level - 1) - 1, 13);
	if (!leaf && level >= 3)
		bits |= VAM_PTE_PS;
	return bits;
}

void vam_paging_set_reserved(struct vam_paging *paging)
{
	unsigned int level;

	for (level = 1; level <= VAM_PT_MAX_LEVEL; level++) {
		paging->reserved[level][0] =
			vam_pt_reserved(paging, level, false);
		paging->reserved[level][1] =
			vam_pt_reserved(paging, level, true);
	}
}

bool vam_pae_pdpte_is_valid(u64 pdpte, unsigned int phys_bits)
{
	u64 reserved = GENMASK_ULL(63, phys_bits) | GENMASK_ULL(8, 5) |
		       GENMASK_ULL(2, 1);

	return !(pdpte & VAM_PTE_P) || !(pdpte & reserved);
}

bool vam_paging_allows(const struct vam_paging *paging, u32 rights, u32 access)
{
	if ((access & VAM_PTWALK_FETCH) && !(rights & VAM_RIGHT_X))
		return false;
	if (access & VAM_PTWALK_USER) {
		if (!(rights & VAM_RIGHT_U))
			return false;
		return !(access & VAM_PTWALK_WRITE) || (rights & VAM_RIGHT_W);
	}
	if ((access & VAM_PTWALK_WRITE) && !(rights & VAM_RIGHT_W) &&
	    paging->wp)
		return false;
	if (!(rights & VAM_RIGHT_U))
		return true;
	if (access & VAM_PTWALK_FETCH)
		return !paging->smep;
	return !paging->smap || (access & VAM_PTWALK_AC);
}

static enum vam_ptwalk_result fault(const struct vam_paging *paging, u32 access,
				    u32 error, struct vam_ptwalk *walk)
{
	error |= access & (VAM_PTWALK_WRITE | VAM_PTWALK_USER);
	/* The bit exists only where the fetch can be told from a read. */
	if ((access & VAM_PTWALK_FETCH) &&
	    (paging->smep || (paging->nx && paging->format != VAM_PT_32)))
		error |= VAM_PTWALK_FETCH;
	walk->error = error;
	return VAM_PTWALK_FAULT;
}

static enum vam_ptwalk_result walk_once(const struct vam_paging *paging,
					gva_t gva, u32 access,
					struct vam_ptwalk *walk)
{
	bool wide = paging->format != VAM_PT_32, leaf;
	unsigned int level = paging->levels;
	u32 rights = VAM_RIGHT_ALL;
	gpa_t table = paging->root;
	u64 entry, want;
	gpa_t slot;

	if (paging->format == VAM_PT_PAE) {
		entry = paging->pdpte[gva >> 30 & 3];
		if (!(entry & VAM_PTE_P))
			return fault(paging, access, 0, walk);
		walk->entry[level] = entry;
		table = entry & VAM_PTE_ADDR;
		level--;
	}

	for (;; level--) {
		if (wide)
			slot = table +
			       (gva >> (12 + 9 * (level - 1)) & 511) * 8;
		else
			slot = table +
			       (gva >> (12 + 10 * (level - 1)) & 1023) * 4;
		entry = paging->read(paging->ctx, slot, wide);
		if (!(entry & VAM_PTE_P))
			return fault(paging, access, 0, walk);
		leaf = vam_pt_is_leaf(paging->format, paging->pse, paging->giga,
				      level, entry);
		if (entry & paging->reserved[level][leaf])
			return fault(paging, access,
				     VAM_PTWALK_PRESENT | VAM_PTWALK_RSVD,
				     walk);
		rights &= vam_pt_rights(entry);
		want = entry | VAM_PTE_A;
		if (leaf) {
			if (!vam_paging_allows(paging, rights, access))
				return fault(paging, access, VAM_PTWALK_PRESENT,
					     walk);
			if (access & VAM_PTWALK_WRITE)
				want |= VAM_PTE_D;
		}
		if (want != entry &&
		    !paging->update(paging->ctx, slot, entry, want, wide))
			return VAM_PTWALK_CHANGED;
		walk->entry[level] = want;
		table = vam_pt_address(paging->format, level, leaf, want);
		if (leaf)
			break;
	}

	walk->level = level;
	walk->rights = rights;
	walk->gpa = table + (gva & ((1ULL << (wide ? 12 + 9 * (level - 1) :
						     12 + 10 * (level - 1))) -
				    1));
	return VAM_PTWALK_OK;
}

enum vam_ptwalk_result vam_ptwalk(const struct vam_paging *paging, gva_t gva,
				  u32 access, struct vam_ptwalk *walk)
{
	enum vam_ptwalk_result result = VAM_PTWALK_CHANGED;
	unsigned int i;

	for (i = 0; i < TRIES && result == VAM_PTWALK_CHANGED; i++)
		result = walk_once(paging, gva, access, walk);
	return result;
}
