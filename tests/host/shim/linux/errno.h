/* SPDX-License-Identifier: GPL-2.0 */
/* shim/linux/errno.h - error numbers, the uapi header has them */
#ifndef SHIM_LINUX_ERRNO_H
#define SHIM_LINUX_ERRNO_H

#include_next <linux/errno.h>

#endif /* SHIM_LINUX_ERRNO_H */
