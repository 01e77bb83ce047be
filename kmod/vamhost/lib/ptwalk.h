/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/ptwalk.h - walk a guest's page tables as its CPU would
 *
 * Layer:    lib. Pure; memory is reached through two callbacks.
 */
#ifndef VAM_LIB_PTWALK_H
#define VAM_LIB_PTWALK_H

#include <linux/types.h>
#include "lib/addr.h"

/* Bits of an entry that mean the same in all formats. */
#define VAM_PTE_P (1ULL << 0)
#define VAM_PTE_W (1ULL << 1)
#define VAM_PTE_U (1ULL << 2)
#define VAM_PTE_A (1ULL << 5)
#define VAM_PTE_D (1ULL << 6)
#define VAM_PTE_PS (1ULL << 7)
#define VAM_PTE_NX (1ULL << 63)
#define VAM_PTE_ADDR 0x000ffffffffff000ULL

/* Rights, and those that entries have in common along a walk. */
#define VAM_RIGHT_X (1u << 0)
#define VAM_RIGHT_W (1u << 1) /* where an entry has it */
#define VAM_RIGHT_U (1u << 2) /* likewise */
#define VAM_RIGHT_ALL 7u

/* What kind of access; the first three as in the page-fault error code. */
#define VAM_PTWALK_WRITE (1u << 1)
#define VAM_PTWALK_USER (1u << 2)
#define VAM_PTWALK_FETCH (1u << 4)
#define VAM_PTWALK_AC (1u << 5) /* explicit access with EFLAGS.AC set */

/* Answers in the page-fault error code. */
#define VAM_PTWALK_PRESENT (1u << 0)
#define VAM_PTWALK_RSVD (1u << 3)

enum vam_pt_format {
	VAM_PT_NONE, /* unpaged */
	VAM_PT_32, /* two levels of 1024 entries of 4 bytes */
	VAM_PT_PAE, /* four registers over two levels */
	VAM_PT_LONG, /* four or five levels */
};

#define VAM_PT_MAX_LEVEL 5

/**
 * struct vam_paging - how a vCPU translates; derived from its registers
 * @format: enum vam_pt_format
 * @levels: 0 unpaged, 2, 3 (the PAE registers count), 4, 5
 * @wp: supervisor writes respect W
 * @nx: bit 63 takes the right to execute; else it is reserved
 * @pse: 4 MiB pages in the 32-bit format
 * @giga: 1 GiB pages exist
 * @smep: supervisor mode does not execute user pages
 * @smap: nor touch them, but with EFLAGS.AC
 * @phys_bits: width of a guest-physical address
 * @root: table of the highest level (not with PAE)
 * @pdpte: the PAE registers, checked when they were loaded
 * @reserved: by level, and whether the entry ends the walk: bits that must
 *            be 0; set by vam_paging_set_reserved()
 * @ctx: for the callbacks
 * @read: the entry at @gpa, of 8 or 4 bytes; all ones where no memory is
 * @update: replace entry @old at @gpa by @new; false when it is @old no more
 */
struct vam_paging {
	u8 format;
	u8 levels;
	bool wp;
	bool nx;
	bool pse;
	bool giga;
	bool smep;
	bool smap;
	u8 phys_bits;
	gpa_t root;
	u64 pdpte[4];
	u64 reserved[VAM_PT_MAX_LEVEL + 1][2];
	void *ctx;
	u64 (*read)(void *ctx, gpa_t gpa, bool wide);
	bool (*update)(void *ctx, gpa_t gpa, u64 old, u64 new, bool wide);
};

/**
 * struct vam_ptwalk - what a walk found
 * @gpa: where the access goes
 * @level: of the entry that ended the walk: 1 for a 4 KiB page, ...
 * @rights: VAM_RIGHT_* that all entries give
 * @error: page-fault error code, after VAM_PTWALK_FAULT
 * @entry: the entries by level, with the accessed and dirty bits now set
 */
struct vam_ptwalk {
	gpa_t gpa;
	unsigned int level;
	u32 rights;
	u32 error;
	u64 entry[VAM_PT_MAX_LEVEL + 1];
};

enum vam_ptwalk_result {
	VAM_PTWALK_OK,
	VAM_PTWALK_FAULT, /* see @error */
	VAM_PTWALK_CHANGED, /* someone writes faster than we walk: try later */
};

/* Does an entry of @level end the walk? (If it is present and not reserved.) */
static inline bool vam_pt_is_leaf(unsigned int format, bool pse, bool giga,
				  unsigned int level, u64 entry)
{
	if (level == 1)
		return true;
	if (!(entry & VAM_PTE_PS))
		return false;
	if (level == 2)
		return format != VAM_PT_32 || pse;
	return level == 3 && giga;
}

/* Where an entry leads: a table, or the first byte of a page. */
static inline gpa_t vam_pt_address(unsigned int format, unsigned int level,
				   bool leaf, u64 entry)
{
	if (!leaf || level == 1)
		return entry & VAM_PTE_ADDR;
	if (format == VAM_PT_32) /* bits 39:32 are in 20:13, SDM 4.3 */
		return (entry & 0xffc00000) | ((entry >> 13 & 0xff) << 32);
	return entry & VAM_PTE_ADDR & (~0ULL << (12 + 9 * (level - 1)));
}

/* The rights that one entry gives. */
static inline u32 vam_pt_rights(u64 entry)
{
	return (entry & (VAM_PTE_W | VAM_PTE_U)) | (~entry >> 63);
}

/**
 * vam_pt_reserved() - which bits of a present entry must be 0
 * @paging: format, nx, giga and phys_bits are used
 * @level: of the entry
 * @leaf: whether it ends the walk
 */
u64 vam_pt_reserved(const struct vam_paging *paging, unsigned int level,
		    bool leaf);

/* vam_paging_set_reserved() - fill in @reserved from the other fields. */
void vam_paging_set_reserved(struct vam_paging *paging);

/**
 * vam_pae_pdpte_is_valid() - may this be loaded into a PAE register?
 * @pdpte: from memory
 * @phys_bits: width of a guest-physical address
 */
bool vam_pae_pdpte_is_valid(u64 pdpte, unsigned int phys_bits);

/**
 * vam_paging_allows() - do the rights found along a walk allow an access?
 * @paging: the mode
 * @rights: VAM_RIGHT_*
 * @access: VAM_PTWALK_*
 */
bool vam_paging_allows(const struct vam_paging *paging, u32 rights, u32 access);

/**
 * vam_ptwalk() - translate one address, set accessed and dirty bits
 * @paging: the mode; not unpaged
 * @gva: canonical where that matters
 * @access: VAM_PTWALK_*
 * @walk: out
 *
 * Everything read is hostile; every entry is read once a try, and the number
 * of tries is bounded. Context: as the callbacks. Return: see the enum.
 */
enum vam_ptwalk_result vam_ptwalk(const struct vam_paging *paging, gva_t gva,
				  u32 access, struct vam_ptwalk *walk);

#endif /* VAM_LIB_PTWALK_H */
