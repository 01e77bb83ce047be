/* SPDX-License-Identifier: GPL-2.0 */
/*
 * seg.h - selectors and register names, for C and assembler
 *
 * One descriptor table for both flavours. User selectors stand in the order
 * that SYSRET wants; SEL_SPARE are four entries for a payload's own use.
 */
#ifndef SEG_H
#define SEG_H

#define SEL_CODE64 0x08
#define SEL_DATA 0x10
#define SEL_CODE32 0x18
#define SEL_CODE16 0x20
#define SEL_DATA16 0x28
#define SEL_USER32 0x33
#define SEL_UDATA 0x3b
#define SEL_USER64 0x43
#define SEL_SPARE 0x48
#define SEL_TSS 0x68 /* 16 bytes for each CPU */

#ifdef __x86_64__
#define SP_REG "rsp"
#define DI_REG "rdi"
#define AX_REG "rax"
#define SEL_CODE SEL_CODE64
#define SEL_UCODE SEL_USER64
#else
#define SP_REG "esp"
#define DI_REG "edi"
#define AX_REG "eax"
#define SEL_CODE SEL_CODE32
#define SEL_UCODE SEL_USER32
#endif

/* Where the start code of further CPUs is copied to. */
#define TRAMPOLINE 0x8000

#endif
