/* SPDX-License-Identifier: GPL-2.0 */
/* shim/linux/string.h - memset() and relatives from the C library */
#ifndef SHIM_LINUX_STRING_H
#define SHIM_LINUX_STRING_H

#include <string.h>

#endif /* SHIM_LINUX_STRING_H */
