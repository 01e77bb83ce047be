/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/addr.h - the kinds of address, and how to convert between them
 *
 * A hypervisor handles four address spaces at once; mixing two of them up is
 * the classical bug. The names say which one is meant: guest virtual (gva),
 * guest physical (gpa) and its frame number (gfn), host physical (hpa) and its
 * frame number (pfn is the kernel's word for it).
 *
 * Layer:    lib. Pure; also builds in user space.
 */
#ifndef VAM_LIB_ADDR_H
#define VAM_LIB_ADDR_H

#include <linux/types.h>

typedef u64 gva_t; /* guest virtual address */
typedef u64 gpa_t; /* guest physical address */
typedef u64 gfn_t; /* guest frame number: gpa >> 12 */
typedef u64 hpa_t; /* host physical address */

#define VAM_PAGE_SHIFT 12
#define VAM_PAGE_SIZE (1ULL << VAM_PAGE_SHIFT)
#define VAM_PAGE_MASK (~(VAM_PAGE_SIZE - 1))
#define VAM_BLOCK_SHIFT 21 /* a 2 MiB block: what guest RAM is made of */
#define VAM_BLOCK_SIZE (1ULL << VAM_BLOCK_SHIFT)
#define VAM_BLOCK_PAGES (1U << (VAM_BLOCK_SHIFT - VAM_PAGE_SHIFT))

static inline gfn_t gpa_to_gfn(gpa_t gpa)
{
	return gpa >> VAM_PAGE_SHIFT;
}

static inline gpa_t gfn_to_gpa(gfn_t gfn)
{
	return gfn << VAM_PAGE_SHIFT;
}

static inline unsigned int page_off(u64 addr)
{
	return addr & (VAM_PAGE_SIZE - 1);
}

#endif /* VAM_LIB_ADDR_H */
