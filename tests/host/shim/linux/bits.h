/* SPDX-License-Identifier: GPL-2.0 */
/* shim/linux/bits.h - single bits and runs of bits */
#ifndef SHIM_LINUX_BITS_H
#define SHIM_LINUX_BITS_H

#define BIT(n) (1ul << (n))
#define BIT_ULL(n) (1ull << (n))
#define GENMASK_ULL(h, l) ((~0ull << (l)) & (~0ull >> (63 - (h))))
#define GENMASK(h, l) ((unsigned long)GENMASK_ULL(h, l))

#endif /* SHIM_LINUX_BITS_H */
