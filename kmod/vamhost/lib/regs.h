/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/regs.h - general registers of a virtual CPU, by hardware number
 *
 * The decoder, the emulator of single instructions and the exit handlers all
 * name registers the way instruction encodings do, so one array indexed by
 * that number serves them all.
 *
 * Layer:    lib. Included everywhere.
 * Not here: segment contents, control registers and MSRs are in core/.
 * Spec:     APM vol. 3 section 1.2 (register numbers), vol. 1 section 3.1.
 */
#ifndef VAM_LIB_REGS_H
#define VAM_LIB_REGS_H

#include <linux/types.h>

/* Numbers as in ModRM, SIB and the low opcode bits, extended by REX. */
enum vam_gpr {
	VAM_RAX,
	VAM_RCX,
	VAM_RDX,
	VAM_RBX,
	VAM_RSP,
	VAM_RBP,
	VAM_RSI,
	VAM_RDI,
	VAM_R8,
	VAM_R9,
	VAM_R10,
	VAM_R11,
	VAM_R12,
	VAM_R13,
	VAM_R14,
	VAM_R15,
	VAM_NR_GPRS,
};

/* Numbers as in the reg field of MOV Sreg. */
enum vam_seg_num {
	VAM_SEG_ES,
	VAM_SEG_CS,
	VAM_SEG_SS,
	VAM_SEG_DS,
	VAM_SEG_FS,
	VAM_SEG_GS,
	VAM_NR_SEGS,
};

/* struct vam_regs - what every instruction may read or change */
struct vam_regs {
	u64 gpr[VAM_NR_GPRS]; /* indexed by enum vam_gpr */
	u64 rip;
	u64 rflags;
};

#endif /* VAM_LIB_REGS_H */
