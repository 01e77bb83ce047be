/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat/compat.h - make an older kernel look like the newest supported one
 *
 * Force-included before every file of ours. The modules are written as if
 * they lived in Linux 6.12; what an older kernel lacks is supplied by the
 * headers beside this one, each named for the kernel API it is about; the
 * files that use the API include them as <compat/NAME.h>.
 *
 * Not here: the probes are in compat/Kbuild, the table of shims in README.md.
 */
#ifndef VAM_COMPAT_H
#define VAM_COMPAT_H

#include <linux/version.h>

/* 6.1 is the oldest kernel that the tests boot; older ones lack too much. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "vamhost supports Linux 6.1 to 6.12: this kernel is older"
#endif

/* 6.13 and later move symbols of the lowest layer out of reach, see README. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#error "vamhost supports Linux 6.1 to 6.12: this kernel is newer"
#endif

#endif /* VAM_COMPAT_H */
