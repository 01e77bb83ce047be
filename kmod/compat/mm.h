/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat/mm.h - vm_flags_set()
 *
 * For: kernels before 6.3, where drivers change vma->vm_flags themselves.
 * Delete when 6.1 is no longer supported.
 */
#ifndef VAM_COMPAT_MM_H
#define VAM_COMPAT_MM_H

#include <linux/mm.h>

#ifndef VAM_HAVE_VM_FLAGS_SET
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}
#endif

#endif /* VAM_COMPAT_MM_H */
