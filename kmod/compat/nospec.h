/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat/nospec.h - UNTRAIN_RET_VM, for assembly
 *
 * For: kernels before 6.7, which have one UNTRAIN_RET for every border.
 * Delete when 6.1 is no longer supported.
 */
#ifndef VAM_COMPAT_NOSPEC_H
#define VAM_COMPAT_NOSPEC_H

#include <asm/nospec-branch.h>

#ifndef UNTRAIN_RET_VM
#define UNTRAIN_RET_VM UNTRAIN_RET
#endif

#endif /* VAM_COMPAT_NOSPEC_H */
