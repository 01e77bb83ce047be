/* SPDX-License-Identifier: GPL-2.0 */
/* shim/linux/kernel.h - the small macros that everybody uses */
#ifndef SHIM_LINUX_KERNEL_H
#define SHIM_LINUX_KERNEL_H

#include <linux/bits.h>
#include <linux/minmax.h>
#include <linux/types.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))
#define round_down(x, y) ((x) & ~((__typeof__(x))(y)-1))
#define round_up(x, y) round_down((x) + (y)-1, y)
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr)-offsetof(type, member)))
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a)-1)) == 0)

#endif /* SHIM_LINUX_KERNEL_H */
