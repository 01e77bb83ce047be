// SPDX-License-Identifier: GPL-2.0
/*
 * lib/insn_special.c - opcodes whose meaning a table row cannot say
 *
 * What some opcodes do depends on ModRM, on prefixes that are part of the
 * opcode, or on the mode. Their rows are finished here, once the ModRM byte is
 * known. Encodings that the CPU rejects end here too.
 *
 * Layer:    lib, called from insn.c only.
 * Locks:    none; pure functions, any context.
 * Not here: sizes and immediates follow from the final row, in lib/insn.c.
 * Spec:     APM vol. 3 appendix A, tables, and the notes there.
 * Tour:     after lib/insn.c, before lib/insn_exec.c.
 */
#include <linux/errno.h>

#include "lib/insn_table.h"

/* The mandatory prefix; of several, F2 and F3 win over 66. */
enum simd_prefix { SIMD_NONE, SIMD_66, SIMD_F3, SIMD_F2 };

static enum simd_prefix simd_prefix(const struct vam_insn *insn)
{
	if (insn->repne)
		return SIMD_F2;
	if (insn->rep)
		return SIMD_F3;
	return insn->opsize_prefix ? SIMD_66 : SIMD_NONE;
}

/*
 * Loads and stores of MMX and XMM registers. Only those that move the low
 * bytes of the register, and clear the rest of it when they load.
 */
static int resolve_vector(struct vam_insn *insn, struct vam_insn_row *row)
{
	enum simd_prefix prefix = simd_prefix(insn);
	u32 gpr_size = insn->rex & REX_W ? ROW_M8 : ROW_M4;
	u32 flags = 0;

	switch (insn->opcode) {
	case 0x10: /* MOVUPS, MOVUPD, MOVSS, MOVSD */
	case 0x11:
		flags = prefix == SIMD_F3 ? ROW_M4 :
			prefix == SIMD_F2 ? ROW_M8 :
					    ROW_M16;
		flags |= insn->opcode == 0x10 ? ROW_RD : ROW_WR;
		break;
	case 0x28: /* MOVAPS, MOVAPD */
	case 0x29:
		if (prefix >= SIMD_F3)
			return -EINVAL;
		flags = ROW_M16 | ROW_ALIGN;
		flags |= insn->opcode == 0x28 ? ROW_RD : ROW_WR;
		break;
	case 0x2b: /* MOVNTPS, MOVNTPD, MOVNTSS, MOVNTSD */
		flags = prefix == SIMD_F3 ? ROW_M4 :
			prefix == SIMD_F2 ? ROW_M8 :
					    ROW_M16 | ROW_ALIGN;
		flags |= ROW_WR | ROW_MEM;
		break;
	case 0x6e: /* MOVD, MOVQ from a GPR or memory */
		if (prefix >= SIMD_F3)
			return -EINVAL;
		flags = ROW_RD | gpr_size;
		insn->is_mmx = prefix == SIMD_NONE;
		break;
	case 0x7e: /* the same to a GPR or memory; MOVQ from XMM or memory */
		if (prefix == SIMD_F2)
			return -EINVAL;
		flags = prefix == SIMD_F3 ? ROW_RD | ROW_M8 : ROW_WR | gpr_size;
		insn->is_mmx = prefix == SIMD_NONE;
		break;
	case 0x6f: /* MOVQ, MOVDQA, MOVDQU */
	case 0x7f:
		if (prefix == SIMD_F2)
			return -EINVAL;
		flags = prefix == SIMD_NONE ? ROW_M8 :
			prefix == SIMD_66   ? ROW_M16 | ROW_ALIGN :
					      ROW_M16;
		flags |= insn->opcode == 0x6f ? ROW_RD : ROW_WR;
		insn->is_mmx = prefix == SIMD_NONE;
		break;
	case 0x78: /* VMREAD, EXTRQ, INSERTQ */
	case 0x79: /* VMWRITE, EXTRQ, INSERTQ */
		if (prefix == SIMD_F3)
			return -EINVAL;
		if (prefix == SIMD_NONE)
			row->op = VAM_INSN_VMX;
		else if (insn->mod != 3)
			return -EINVAL;
		else if (insn->opcode == 0x78)
			row->flags |= ROW_I16; /* really two of one byte */
		return 0;
	case 0xd6: /* MOVQ; MOVQ2DQ and MOVDQ2Q */
		if (prefix == SIMD_NONE ||
		    (prefix >= SIMD_F3 && insn->mod != 3))
			return -EINVAL;
		if (prefix >= SIMD_F3)
			return 0;
		flags = ROW_WR | ROW_M8;
		break;
	case 0xe7: /* MOVNTQ, MOVNTDQ */
		if (prefix >= SIMD_F3)
			return -EINVAL;
		flags = prefix == SIMD_NONE ? ROW_M8 : ROW_M16 | ROW_ALIGN;
		flags |= ROW_WR | ROW_MEM;
		insn->is_mmx = prefix == SIMD_NONE;
		break;
	case 0xf0: /* LDDQU */
		if (prefix != SIMD_F2)
			return -EINVAL;
		flags = ROW_RD | ROW_M16 | ROW_MEM;
		break;
	}

	row->op = VAM_INSN_SSE_MOV;
	row->flags |= flags;
	return 0;
}

/* Control and debug registers: what exists, and how wide it is. */
static int resolve_crdr(struct vam_insn *insn, const struct vam_insn_row *row)
{
	if (row->op == VAM_INSN_MOV_FROM_DR || row->op == VAM_INSN_MOV_TO_DR)
		return insn->reg < 8 ? 0 : -EINVAL;

	/* AMD's way to reach CR8 without REX */
	if (insn->lock && insn->reg == 0) {
		insn->reg = 8;
		insn->lock = false;
	}
	switch (insn->reg) {
	case 0:
	case 2:
	case 3:
	case 4:
	case 8:
		return 0;
	default:
		return -EINVAL;
	}
}

static void resolve_0f01(struct vam_insn *insn, struct vam_insn_row *row)
{
	u8 modrm = insn->reg << 3 | (insn->rm & 7);

	if (insn->has_mem) {
		*row = vam_insn_groups[VAM_GROUP_7][insn->reg & 7];
		return;
	}

	row->op = vam_insn_0f01[modrm & 0x3f];
	if (row->op == VAM_INSN_SMSW)
		row->args = VAM_ARG_RM;
	else if (row->op == VAM_INSN_LMSW)
		row->args = VAM_ARG_RM << 4;
	else if (row->op == VAM_INSN_SWAPGS && !is_long(insn))
		row->op = VAM_ROW_UD;
}

/* FXSAVE and friends; the cache line flushes are the ones we must know. */
static void resolve_0fae(struct vam_insn *insn, struct vam_insn_row *row)
{
	enum simd_prefix prefix = simd_prefix(insn);

	if (!insn->has_mem || prefix >= SIMD_F3)
		return;
	if ((insn->reg & 7) == 7 || ((insn->reg & 7) == 6 && prefix == SIMD_66))
		row->op = VAM_INSN_CLFLUSH;
}

static void resolve_0fc7(struct vam_insn *insn, struct vam_insn_row *row)
{
	if (row->op == VAM_INSN_CMPXCHG8B)
		row->flags |= insn->rex & REX_W ? ROW_M16 | ROW_ALIGN : ROW_M8;
	else if ((insn->reg & 7) >= 6 && insn->has_mem)
		row->op = VAM_INSN_VMX;
}

static int resolve_special1(struct vam_insn *insn, struct vam_insn_row *row)
{
	switch (insn->opcode) {
	case 0x01:
		resolve_0f01(insn, row);
		return 0;
	case 0x20 ... 0x23:
		return resolve_crdr(insn, row);
	case 0xae:
		resolve_0fae(insn, row);
		return 0;
	case 0xb8: /* POPCNT; what it is without F3 only Itanium knew */
		return insn->rep ? 0 : -EINVAL;
	case 0xc3:
		return simd_prefix(insn) == SIMD_NONE ? 0 : -EINVAL;
	case 0xc7:
		resolve_0fc7(insn, row);
		return 0;
	default:
		return resolve_vector(insn, row);
	}
}

static int resolve_special0(struct vam_insn *insn, struct vam_insn_row *row)
{
	switch (insn->opcode) {
	case 0x63:
		if (is_long(insn))
			*row = (struct vam_insn_row){
				VAM_INSN_MOVSX, VAM_ARG_REG | VAM_ARG_RM << 4,
				ROW_MODRM | ROW_RD |
					(insn->opsize_prefix &&
							 !(insn->rex & REX_W) ?
						 ROW_M2 :
						 ROW_M4)
			};
		return 0;
	case 0x8c:
	case 0x8e:
		/* REX.R does not count; nobody loads CS this way. */
		insn->reg &= 7;
		if (insn->reg >= VAM_NR_SEGS ||
		    (insn->opcode == 0x8e && insn->reg == VAM_SEG_CS))
			return -EINVAL;
		return 0;
	case 0x90:
		if (insn->rex & REX_B)
			return 0;
		row->op = insn->rep ? VAM_INSN_PAUSE : VAM_INSN_NOP;
		row->args = 0;
		return 0;
	default: /* C6 /7, C7 /7: XABORT and XBEGIN are F8 only */
		return insn->mod == 3 && (insn->rm & 7) == 0 ? 0 : -EINVAL;
	}
}

int vam_insn_row_resolve(struct vam_insn *insn, struct vam_insn_row *row)
{
	const struct vam_insn_row *sub;

	if (row->flags & ROW_GROUP) {
		sub = &vam_insn_groups[row->op][insn->reg & 7];
		row->op = sub->op;
		row->flags |= sub->flags;
		if (!row->args)
			row->args = sub->args;
		if (insn->map == 0 && sub->op == VAM_INSN_OTHER &&
		    !(sub->flags & ROW_SPECIAL))
			row->args = 0;
	}
	if (row->op == VAM_ROW_UD)
		return -EINVAL;
	if (row->flags & ROW_SPECIAL)
		return insn->map == 1 ? resolve_special1(insn, row) :
					resolve_special0(insn, row);
	return 0;
}
