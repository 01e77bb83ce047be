/* SPDX-License-Identifier: GPL-2.0 */
/*
 * native.h - run a few bytes of code on the real CPU
 */
#ifndef HOST_NATIVE_H
#define HOST_NATIVE_H

#include "lib/regs.h"

/**
 * native_run - load registers, call code, store registers
 * @regs: All registers but RSP and RIP, and the arithmetic flags and DF
 * @code: Code that ends with RET and leaves RSP alone
 */
void native_run(struct vam_regs *regs, const void *code);

#endif /* HOST_NATIVE_H */
