/* SPDX-License-Identifier: GPL-2.0 */
/*
 * core/alloc.h - every allocation the module makes, in one place
 *
 * Two reasons for a layer over kmalloc() and friends: whatever lives for a VM
 * is charged to the memory cgroup of its creator, and a build with
 * VAM_FAILNTH=1 can make the n-th allocation fail, so that the tests can
 * execute each error path of ours on a kernel without fault injection.
 *
 * Layer:    core. Called from everywhere above lib.
 * Locks:    none; may sleep unless the gfp argument says otherwise.
 */
#ifndef VAM_CORE_ALLOC_H
#define VAM_CORE_ALLOC_H

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#ifdef VAM_FAILNTH
/* Is this allocation the one that has to fail? */
bool vam_alloc_should_fail(void);

/**
 * vam_alloc_fail_nth() - let one allocation fail, and count from zero
 * @nth: 1 for the next one, 0 for none
 */
void vam_alloc_fail_nth(u64 nth);

/* vam_alloc_count() - allocations since vam_alloc_fail_nth(). */
u64 vam_alloc_count(void);
#else
static inline bool vam_alloc_should_fail(void)
{
	return false;
}
#endif

/* Zeroed, charged to the current task's memory cgroup; kfree() frees it. */
static inline void *vam_zalloc(size_t size)
{
	return vam_alloc_should_fail() ? NULL :
					 kzalloc(size, GFP_KERNEL_ACCOUNT);
}

/* For arrays that may be large; kvfree() frees it. */
static inline void *vam_zalloc_array(size_t n, size_t size)
{
	return vam_alloc_should_fail() ? NULL :
					 kvcalloc(n, size, GFP_KERNEL_ACCOUNT);
}

/* 2^order zeroed pages; @gfp adds to the usual flags; __free_pages() frees. */
static inline struct page *vam_alloc_pages(gfp_t gfp, unsigned int order,
					   int node)
{
	if (vam_alloc_should_fail())
		return NULL;
	return alloc_pages_node(node, gfp | __GFP_ZERO | __GFP_ACCOUNT, order);
}

#endif /* VAM_CORE_ALLOC_H */
