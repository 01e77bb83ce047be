/* SPDX-License-Identifier: GPL-2.0 */
/*
 * shim/linux/types.h - the kernel's integer types, in user space
 *
 * The uapi header gives the __u64 family; the kernel's short names and the
 * attributes that it predefines are added here.
 */
#ifndef SHIM_LINUX_TYPES_H
#define SHIM_LINUX_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;

#ifndef __must_check
#define __must_check __attribute__((warn_unused_result))
#endif
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

#endif /* SHIM_LINUX_TYPES_H */
