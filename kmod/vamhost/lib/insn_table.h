/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/insn_table.h - what the opcode tables tell the decoder
 *
 * One row per opcode: the operation, its operands, and a word of properties.
 * Groups (opcodes that use ModRM.reg as further opcode bits) add a second row,
 * whose word is or-ed to the first one's.
 *
 * Layer:    lib, private to insn.c, insn_table.c and insn_special.c.
 * Spec:     APM vol. 3 appendix A.
 */
#ifndef VAM_LIB_INSN_TABLE_H
#define VAM_LIB_INSN_TABLE_H

#include <linux/bits.h>
#include <linux/types.h>

#include "lib/insn.h"

#define REX_B 1
#define REX_X 2
#define REX_R 4
#define REX_W 8

/* struct vam_insn_row.op: always raises #UD */
#define VAM_ROW_UD 0xff

/* Only in rows: register in the opcode byte, and the constant one. */
#define VAM_ARG_OREG 0xe
#define VAM_ARG_ONE 0xf

/* struct vam_insn_row.flags */
#define ROW_MODRM BIT(0) /* a ModRM byte follows */
#define ROW_BYTE BIT(1) /* operates on bytes */
#define ROW_RD BIT(2) /* reads a memory operand */
#define ROW_WR BIT(3) /* may write a memory operand */
#define ROW_LOCK BIT(4) /* LOCK is legal if the destination is memory */
#define ROW_DEF64 BIT(5) /* 64-bit mode: operand size is 8 or 2 */
#define ROW_NO64 BIT(6) /* #UD in 64-bit mode */
#define ROW_MEM BIT(7) /* #UD if ModRM names a register */
#define ROW_GROUP BIT(8) /* op is a group number */
#define ROW_SPECIAL BIT(9) /* insn.c: resolve_special() finishes the row */
#define ROW_STRING BIT(10) /* memory operands at rSI and rDI */
#define ROW_STACK BIT(11) /* pushes or pops */
#define ROW_ZEXT BIT(12) /* immediate is not sign-extended */
#define ROW_MAX4 BIT(13) /* operand size is 4 at most */
#define ROW_NOMOD BIT(14) /* ModRM always names a register */
#define ROW_ALIGN BIT(15) /* memory operand must be aligned */

/* Immediates */
#define ROW_I8 (1u << 16)
#define ROW_I16 (2u << 16)
#define ROW_IZ (3u << 16) /* operand size, at most 4 */
#define ROW_IV (4u << 16) /* operand size */
#define ROW_IENTER (5u << 16) /* 2 + 1 bytes */
#define ROW_IFAR (6u << 16) /* offset of operand size, then 2 bytes */
#define ROW_IADDR (7u << 16) /* address size: moffs */
#define ROW_IMASK (7u << 16)

/* Size of the memory operand when it is not the operand size */
#define ROW_M1 (1u << 20)
#define ROW_M2 (2u << 20)
#define ROW_M4 (3u << 20)
#define ROW_M8 (4u << 20)
#define ROW_M16 (5u << 20)
#define ROW_MDESC (6u << 20) /* limit and base: 6 or 10 bytes */
#define ROW_MMASK (7u << 20)

#define ROW_RW (ROW_RD | ROW_WR)

struct vam_insn_row {
	u8 op; /* enum vam_insn_op, VAM_ROW_UD or enum vam_insn_group */
	u8 args; /* destination in the low nibble, source in the high one */
	u32 flags;
};

enum vam_insn_group {
	VAM_GROUP_1, /* 80-83 */
	VAM_GROUP_1A, /* 8F */
	VAM_GROUP_2, /* C0, C1, D0-D3 */
	VAM_GROUP_3, /* F6, F7 */
	VAM_GROUP_4, /* FE */
	VAM_GROUP_5, /* FF */
	VAM_GROUP_6, /* 0F 00 */
	VAM_GROUP_7, /* 0F 01 with memory */
	VAM_GROUP_8, /* 0F BA */
	VAM_GROUP_9, /* 0F C7 */
	VAM_GROUP_11, /* C6, C7 */
	VAM_NR_GROUPS,
};

extern const struct vam_insn_row vam_insn_map0[256];
extern const struct vam_insn_row vam_insn_map1[256];
extern const struct vam_insn_row vam_insn_groups[VAM_NR_GROUPS][8];

/* 0F 01 with a register form: the ModRM byte is the opcode, C0..FF */
extern const u8 vam_insn_0f01[64];

static inline bool is_long(const struct vam_insn *insn)
{
	return insn->mode == VAM_INSN_64;
}

/**
 * vam_insn_row_resolve - finish a row that ModRM and prefixes have a say in
 * @insn: Instruction, decoded up to its displacement
 * @row: In: the opcode's row. Out: the operation's, or op is VAM_ROW_UD
 *
 * Return: 0; -EINVAL: raises #UD
 */
int vam_insn_row_resolve(struct vam_insn *insn, struct vam_insn_row *row);

#endif /* VAM_LIB_INSN_TABLE_H */
