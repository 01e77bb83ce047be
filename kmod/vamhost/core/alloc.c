// SPDX-License-Identifier: GPL-2.0
/*
 * core/alloc.c - make the n-th allocation fail, in builds that ask for it
 *
 * Stock kernels have fault injection off. With VAM_FAILNTH=1 the tests set a
 * number through debugfs and run a sequence; the allocation with that number
 * fails, once.
 *
 * Layer:    core.
 * Locks:    none; the counters are atomic.
 */
#include <linux/atomic.h>
#include <linux/sched.h>
#include "core/alloc.h"

#ifdef VAM_FAILNTH
static atomic64_t made;
static atomic64_t fail_at;

bool vam_alloc_should_fail(void)
{
	s64 nth = atomic64_inc_return(&made);

	return nth == atomic64_read(&fail_at);
}

void vam_alloc_fail_nth(u64 nth)
{
	atomic64_set(&made, 0);
	atomic64_set(&fail_at, nth);
}

u64 vam_alloc_count(void)
{
	return atomic64_read(&made);
}
#endif
