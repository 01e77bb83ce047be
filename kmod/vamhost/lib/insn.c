// SPDX-License-Identifier: GPL-2.0
/*
 * lib/insn.c - decode one x86 instruction
 *
 * One pass over at most 15 bytes: prefixes, opcode, ModRM with SIB and
 * displacement, immediates. Bytes are fetched through next_byte() and
 * next_signed(), which alone know how many there are; so whatever the guest
 * wrote there, we end after 15 bytes and never look beyond what we were given.
 *
 * Layer:    lib. Called from run/ and the backends.
 * Locks:    none; pure functions, any context.
 * Not here: the opcode tables are in lib/insn_table.c, opcodes that need more
 *           than a table in lib/insn_special.c, what instructions do in
 *           lib/insn_exec.c.
 * Spec:     APM vol. 3 chapter 1 and appendix A; SDM vol. 2 chapter 2.
 * Tour:     after lib/insn_table.c, before lib/insn_special.c.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/string.h>

#include "lib/insn_table.h"

/* What we read from: @limit bytes, all there are or all that may be. */
struct fetch {
	const u8 *bytes;
	unsigned int limit;
	unsigned int pos;
};

/* Why is there no next byte? */
static int out_of_bytes(const struct fetch *f)
{
	return f->limit == VAM_INSN_MAX_LEN ? -E2BIG : -ENODATA;
}

static int next_byte(struct fetch *f, u8 *byte)
{
	if (f->pos >= f->limit)
		return out_of_bytes(f);

	*byte = f->bytes[f->pos++];
	return 0;
}

/* Little-endian, sign-extended; @size is 0, 1, 2, 4 or 8. */
static int next_signed(struct fetch *f, unsigned int size, s64 *value)
{
	const u8 *from = f->bytes + f->pos;
	s32 four;
	s16 two;

	if (f->pos + size > f->limit)
		return out_of_bytes(f);

	f->pos += size;
	switch (size) {
	case 1:
		*value = (s8)*from;
		break;
	case 2:
		memcpy(&two, from, 2);
		*value = two;
		break;
	case 4:
		memcpy(&four, from, 4);
		*value = four;
		break;
	case 8:
		memcpy(value, from, 8);
		break;
	default:
		*value = 0;
		break;
	}
	return 0;
}

/* In 64-bit mode only FS and GS have a base, other overrides do nothing. */
static void set_override(struct vam_insn *insn, enum vam_seg_num seg)
{
	if (is_long(insn) && seg != VAM_SEG_FS && seg != VAM_SEG_GS)
		return;

	insn->seg = seg;
	insn->seg_override = true;
}

/* 26, 2E, 36, 3E; 64 to 67; F0, F2, F3: one bit per byte value */
static bool is_legacy_prefix(u8 byte)
{
	static const u32 prefixes[8] = {
		[1] = BIT(0x06) | BIT(0x0e) | BIT(0x16) | BIT(0x1e),
		[3] = BIT(0x04) | BIT(0x05) | BIT(0x06) | BIT(0x07),
		[7] = BIT(0x10) | BIT(0x12) | BIT(0x13),
	};

	return prefixes[byte >> 5] >> (byte & 31) & 1;
}

static void take_legacy_prefix(struct vam_insn *insn, u8 byte)
{
	switch (byte) {
	case 0x26:
		set_override(insn, VAM_SEG_ES);
		break;
	case 0x2e:
		set_override(insn, VAM_SEG_CS);
		break;
	case 0x36:
		set_override(insn, VAM_SEG_SS);
		break;
	case 0x3e:
		set_override(insn, VAM_SEG_DS);
		break;
	case 0x64:
		set_override(insn, VAM_SEG_FS);
		break;
	case 0x65:
		set_override(insn, VAM_SEG_GS);
		break;
	case 0x66:
		insn->opsize_prefix = true;
		break;
	case 0x67:
		insn->addrsize = insn->mode == VAM_INSN_32 ? 2 : 4;
		break;
	case 0xf0:
		insn->lock = true;
		break;
	case 0xf2:
		insn->repne = true;
		insn->rep = false;
		break;
	case 0xf3:
		insn->rep = true;
		insn->repne = false;
		break;
	}
}

/* Ends with the first byte that is no prefix in @byte. */
static int read_prefixes(struct fetch *f, struct vam_insn *insn, u8 *byte)
{
	int err;

	for (;;) {
		err = next_byte(f, byte);
		if (err)
			return err;

		if (is_long(insn) && (*byte & 0xf0) == 0x40) {
			insn->rex = *byte;
			continue;
		}
		if (!is_legacy_prefix(*byte))
			return 0;
		take_legacy_prefix(insn, *byte);
		/* REX counts only right in front of the opcode. */
		insn->rex = 0;
	}
}

/* [BX+SI] and so on: the eight addressing forms of the 8086 */
static int read_modrm16(struct fetch *f, struct vam_insn *insn)
{
	static const u8 bases[8] = {
		VAM_RBX, VAM_RBX, VAM_RBP, VAM_RBP,
		VAM_RSI, VAM_RDI, VAM_RBP, VAM_RBX,
	};
	static const u8 indices[4] = { VAM_RSI, VAM_RDI, VAM_RSI, VAM_RDI };

	if (insn->mod == 0 && insn->rm == 6)
		return next_signed(f, 2, &insn->disp);

	insn->base = bases[insn->rm];
	if (insn->rm < 4)
		insn->index = indices[insn->rm];
	return next_signed(f, insn->mod, &insn->disp);
}

static int read_modrm32(struct fetch *f, struct vam_insn *insn)
{
	unsigned int disp_size = insn->mod == 1 ? 1 : insn->mod == 2 ? 4 : 0;
	u8 base = insn->rm;
	u8 index;
	u8 sib;
	int err;

	if (base == 4) {
		err = next_byte(f, &sib);
		if (err)
			return err;
		base = sib & 7;
		index = (sib >> 3 & 7) | (insn->rex & REX_X ? 8 : 0);
		/* The code of rSP means none, that of r12 is a register. */
		if (index != 4)
			insn->index = index;
		insn->scale = 1 << (sib >> 6);
	}

	if (base == 5 && insn->mod == 0) {
		disp_size = 4;
		insn->rip_relative = is_long(insn) && insn->rm == 5;
	} else {
		insn->base = base | (insn->rex & REX_B ? 8 : 0);
	}
	return next_signed(f, disp_size, &insn->disp);
}

static int read_modrm(struct fetch *f, struct vam_insn *insn, u32 flags)
{
	u8 modrm;
	int err;

	err = next_byte(f, &modrm);
	if (err)
		return err;

	insn->has_modrm = true;
	insn->mod = flags & ROW_NOMOD ? 3 : modrm >> 6;
	insn->reg = (modrm >> 3 & 7) | (insn->rex & REX_R ? 8 : 0);
	insn->rm = modrm & 7;
	if (insn->mod == 3) {
		insn->rm |= insn->rex & REX_B ? 8 : 0;
		return 0;
	}

	insn->has_mem = true;
	err = insn->addrsize == 2 ? read_modrm16(f, insn) :
				    read_modrm32(f, insn);
	if (!insn->seg_override &&
	    (insn->base == VAM_RBP || insn->base == VAM_RSP))
		insn->seg = VAM_SEG_SS;
	return err;
}

/*
 * VEX, EVEX and XOP: the length, no more. The prefix replaces REX, the opcode
 * escapes and 66, F2, F3. @first is C4, C5, 62 or 8F.
 */
static int decode_vex(struct fetch *f, struct vam_insn *insn, u8 first)
{
	u8 p[3] = { 0 };
	unsigned int i, count;
	unsigned int imm_size = 0;
	s64 imm;
	u8 map;
	int err;

	if (insn->lock || insn->rep || insn->repne || insn->opsize_prefix ||
	    insn->rex)
		return -EINVAL;

	count = first == 0xc5 ? 1 : first == 0x62 ? 3 : 2;
	for (i = 0; i < count; i++) {
		err = next_byte(f, &p[i]);
		if (err)
			return err;
	}
	map = first == 0xc5 ? 1 : p[0] & (first == 0x62 ? 7 : 0x1f);
	if (first == 0x62 && (!(p[1] & 4) || p[0] & 8))
		return -EINVAL;
	if (first == 0x8f ? map < 8 || map > 10 : map == 0 || map > 6)
		return -EINVAL;
	/* R, X and B are stored inverted, at the top of the first byte. */
	if (is_long(insn))
		insn->rex = 0x40 | (~p[0] >> 5 & (count == 1 ? REX_R : 7));

	err = next_byte(f, &insn->opcode);
	if (err)
		return err;
	insn->map = 4 + map;

	if (map == 3 || map == 8)
		imm_size = 1;
	else if (map == 10)
		imm_size = 4;
	else if (map == 1 &&
		 ((insn->opcode & 0xfc) == 0x70 || insn->opcode == 0xc2 ||
		  (insn->opcode >= 0xc4 && insn->opcode <= 0xc6)))
		imm_size = 1;

	/* VZEROUPPER and VZEROALL have no ModRM. */
	if (map != 1 || insn->opcode != 0x77) {
		err = read_modrm(f, insn, 0);
		if (err)
			return err;
	}
	err = next_signed(f, imm_size, &imm);
	if (err)
		return err;
	insn->imm = imm;
	/* Not known, but never 0: someone might divide by it. */
	insn->opsize = 4;
	insn->srcsize = 4;
	return 0;
}

/* Do these two bytes start a VEX, EVEX or XOP encoding? */
static int is_vex(const struct fetch *f, const struct vam_insn *insn, u8 first)
{
	u8 second;

	if ((first & 0xfe) != 0xc4 && first != 0x62 && first != 0x8f)
		return 0;
	if (is_long(insn) && first != 0x8f)
		return 1;
	if (f->pos >= f->limit)
		return out_of_bytes(f);

	/* LES, LDS and BOUND need memory; POP has 0 where the map number is. */
	second = f->bytes[f->pos];
	return first == 0x8f ? (second & 0x1f) >= 8 : second >= 0xc0;
}

/* 0F 38: everything has a ModRM byte and no immediate. */
static void find_row_38(const struct vam_insn *insn, struct vam_insn_row *row)
{
	*row = (struct vam_insn_row){ VAM_INSN_OTHER, 0, ROW_MODRM };

	switch (insn->opcode) {
	case 0x2a:
		if (insn->opsize_prefix && !insn->rep && !insn->repne) {
			row->op = VAM_INSN_SSE_MOV;
			row->flags |= ROW_MEM | ROW_RD | ROW_M16 | ROW_ALIGN;
		}
		break;
	case 0x80:
	case 0x81:
		row->op = VAM_INSN_VMX;
		row->flags |= ROW_MEM;
		break;
	case 0x82:
		row->op = VAM_INSN_INVPCID;
		row->flags |= ROW_MEM | ROW_RD | ROW_M16;
		break;
	case 0xf0:
	case 0xf1:
		if (insn->rep || insn->repne)
			break; /* CRC32 */
		row->op = VAM_INSN_MOVBE;
		row->args = insn->opcode == 0xf0 ?
				    VAM_ARG_REG | VAM_ARG_RM << 4 :
				    VAM_ARG_RM | VAM_ARG_REG << 4;
		row->flags |= ROW_MEM;
		row->flags |= insn->opcode == 0xf0 ? ROW_RD : ROW_WR;
		break;
	}
}

static int find_row(struct fetch *f, struct vam_insn *insn, u8 byte,
		    struct vam_insn_row *row)
{
	int err;

	if (byte != 0x0f) {
		insn->opcode = byte;
		*row = vam_insn_map0[byte];
		return 0;
	}

	insn->map = 1;
	err = next_byte(f, &insn->opcode);
	if (err)
		return err;

	if (insn->opcode == 0x38 || insn->opcode == 0x3a) {
		insn->map = insn->opcode == 0x38 ? 2 : 3;
		err = next_byte(f, &insn->opcode);
		if (err)
			return err;
		if (insn->map == 2)
			find_row_38(insn, row);
		else
			*row = (struct vam_insn_row){ VAM_INSN_OTHER, 0,
						      ROW_MODRM | ROW_I8 };
		return 0;
	}

	*row = vam_insn_map1[insn->opcode];
	return 0;
}

static void set_sizes(struct vam_insn *insn, u32 flags)
{
	static const u8 mem_sizes[8] = { 0, 1, 2, 4, 8, 16, 6, 0 };
	bool wide = insn->rex & REX_W;
	u8 mem_size;

	if (flags & ROW_BYTE)
		insn->opsize = 1;
	else if (wide)
		insn->opsize = 8;
	else if (insn->mode == VAM_INSN_16)
		insn->opsize = insn->opsize_prefix ? 4 : 2;
	else if (insn->opsize_prefix)
		insn->opsize = 2;
	else
		insn->opsize = is_long(insn) && flags & ROW_DEF64 ? 8 : 4;

	if (flags & ROW_NOMOD || insn->op == VAM_INSN_INVPCID)
		insn->opsize = is_long(insn) ? 8 : 4;
	else if (insn->map == 1 && insn->opcode == 0xc3)
		insn->opsize = wide ? 8 : 4; /* MOVNTI */
	else if (flags & ROW_MAX4 && insn->opsize == 8)
		insn->opsize = 4;

	mem_size = mem_sizes[(flags & ROW_MMASK) >> 20];
	if ((flags & ROW_MMASK) == ROW_MDESC && is_long(insn))
		mem_size = 10;
	if (!mem_size)
		mem_size = insn->opsize;

	insn->srcsize = insn->opsize;
	if (insn->op == VAM_INSN_MOVZX || insn->op == VAM_INSN_MOVSX)
		insn->srcsize = mem_size;
	if (flags & ROW_STACK)
		insn->stacksize = insn->opsize;
	if (insn->has_mem || flags & ROW_STRING) {
		insn->reads_mem = flags & ROW_RD;
		insn->writes_mem = flags & ROW_WR;
		insn->needs_align = flags & ROW_ALIGN;
		if (flags & ROW_RW)
			insn->memsize = mem_size;
	}
}

static int read_immediate(struct fetch *f, struct vam_insn *insn, u32 flags)
{
	unsigned int size = 0;
	unsigned int more = 0;
	s64 value = 0;
	s64 ignored;
	int err;

	if (!(flags & ROW_IMASK))
		return 0;

	switch (flags & ROW_IMASK) {
	case ROW_I8:
		size = 1;
		break;
	case ROW_I16:
		size = 2;
		break;
	case ROW_IZ:
		size = insn->opsize < 4 ? insn->opsize : 4;
		break;
	case ROW_IV:
		size = insn->opsize;
		break;
	case ROW_IENTER:
		size = 2;
		more = 1;
		break;
	case ROW_IFAR:
		size = insn->opsize;
		more = 2;
		break;
	case ROW_IADDR:
		insn->has_mem = true;
		return next_signed(f, insn->addrsize, &insn->disp);
	}

	err = next_signed(f, size, &value);
	if (err)
		return err;
	if (flags & ROW_ZEXT)
		value &= (1ull << (8 * size)) - 1;
	insn->imm = value;
	return next_signed(f, more, &ignored);
}

static void set_operand(struct vam_insn *insn, u8 *to, u8 arg, u8 opcode_reg)
{
	if (arg == VAM_ARG_OREG) {
		arg = VAM_ARG_REG;
		insn->reg = opcode_reg;
	} else if (arg == VAM_ARG_ONE) {
		arg = VAM_ARG_IMM;
		insn->imm = 1;
	}
	*to = arg;
}

/* Without REX, byte registers 4 to 7 are AH, CH, DH, BH. */
static void split_high(const struct vam_insn *insn, u8 *reg, bool *high)
{
	if (!insn->rex && *reg >= 4) {
		*reg -= 4;
		*high = true;
	}
}

static void set_operands(struct vam_insn *insn, const struct vam_insn_row *row)
{
	u8 opcode_reg = (insn->opcode & 7) | (insn->rex & REX_B ? 8 : 0);

	set_operand(insn, &insn->dst, row->args & 0xf, opcode_reg);
	set_operand(insn, &insn->src, row->args >> 4, opcode_reg);
	insn->cc = insn->opcode & 0xf;

	if (insn->opsize == 1 &&
	    (insn->dst == VAM_ARG_REG || insn->src == VAM_ARG_REG))
		split_high(insn, &insn->reg, &insn->reg_high);
	if (insn->has_modrm && insn->mod == 3 && insn->srcsize == 1 &&
	    (insn->dst == VAM_ARG_RM || insn->src == VAM_ARG_RM))
		split_high(insn, &insn->rm, &insn->rm_high);
}

/* From the opcode on; prefixes are read and @byte is the first of it. */
static int decode_opcode(struct fetch *f, struct vam_insn *insn, u8 byte)
{
	struct vam_insn_row row;
	int err;

	err = find_row(f, insn, byte, &row);
	if (err)
		return err;
	if (row.op == VAM_ROW_UD && !(row.flags & ROW_GROUP))
		return -EINVAL;

	if (row.flags & ROW_MODRM) {
		err = read_modrm(f, insn, row.flags);
		if (err)
			return err;
	}
	err = vam_insn_row_resolve(insn, &row);
	if (err)
		return err;
	if (row.op == VAM_ROW_UD)
		return -EINVAL;
	if (row.flags & ROW_MEM && !insn->has_mem)
		return -EINVAL;
	if (row.flags & ROW_NO64 && is_long(insn))
		return -EINVAL;

	insn->op = row.op;
	/* MOFFS is memory before its address is read. */
	if ((row.flags & ROW_IMASK) == ROW_IADDR)
		insn->has_mem = true;
	set_sizes(insn, row.flags);
	err = read_immediate(f, insn, row.flags);
	if (err)
		return err;
	set_operands(insn, &row);

	if (insn->lock &&
	    !(row.flags & ROW_LOCK && insn->has_mem && row.flags & ROW_WR))
		return -EINVAL;
	insn->is_string = row.flags & ROW_STRING;
	insn->is_stack = row.flags & ROW_STACK;
	return 0;
}

int vam_insn_decode(struct vam_insn *insn, const u8 *bytes, unsigned int n,
		    enum vam_insn_mode mode)
{
	struct fetch f = {
		.bytes = bytes,
		.limit = n < VAM_INSN_MAX_LEN ? n : VAM_INSN_MAX_LEN,
	};
	u8 byte;
	int err;

	memset(insn, 0, sizeof(*insn));
	insn->mode = mode;
	insn->addrsize = mode;
	insn->seg = VAM_SEG_DS;
	insn->base = VAM_INSN_NO_REG;
	insn->index = VAM_INSN_NO_REG;
	insn->scale = 1;

	err = read_prefixes(&f, insn, &byte);
	if (err)
		return err;

	err = is_vex(&f, insn, byte);
	if (err < 0)
		return err;
	err = err ? decode_vex(&f, insn, byte) : decode_opcode(&f, insn, byte);
	if (err)
		return err;

	insn->len = f.pos;
	return 0;
}

static u64 truncate_addr(const struct vam_insn *insn, u64 addr)
{
	switch (insn->addrsize) {
	case 2:
		return (u16)addr;
	case 4:
		return (u32)addr;
	default:
		return addr;
	}
}

/* How far outside of its operand BT with a register bit number reaches. */
static u64 bit_offset(const struct vam_insn *insn, const struct vam_regs *regs)
{
	u64 number = regs->gpr[insn->reg];
	s64 words;

	switch (insn->opsize) {
	case 2:
		words = (s16)number >> 4;
		break;
	case 4:
		words = (s32)number >> 5;
		break;
	default:
		words = (s64)number >> 6;
		break;
	}
	return (u64)words * insn->opsize;
}

u64 vam_insn_ea(const struct vam_insn *insn, const struct vam_regs *regs)
{
	u64 addr = insn->disp;

	if (insn->base != VAM_INSN_NO_REG)
		addr += regs->gpr[insn->base];
	if (insn->index != VAM_INSN_NO_REG)
		addr += regs->gpr[insn->index] * insn->scale;
	if (insn->rip_relative)
		addr += regs->rip + insn->len;

	switch (insn->op) {
	case VAM_INSN_BT:
	case VAM_INSN_BTS:
	case VAM_INSN_BTR:
	case VAM_INSN_BTC:
		if (insn->src == VAM_ARG_REG)
			addr += bit_offset(insn, regs);
		break;
	case VAM_INSN_POP:
		if (insn->base == VAM_RSP)
			addr += insn->opsize;
		break;
	}
	return truncate_addr(insn, addr);
}

u16 vam_insn_port(const struct vam_insn *insn, const struct vam_regs *regs)
{
	if (insn->dst == VAM_ARG_IMM || insn->src == VAM_ARG_IMM)
		return insn->imm;
	return regs->gpr[VAM_RDX];
}

u64 vam_insn_string_count(const struct vam_insn *insn,
			  const struct vam_regs *regs)
{
	if (!insn->rep && !insn->repne)
		return 1;
	return truncate_addr(insn, regs->gpr[VAM_RCX]);
}

u64 vam_insn_string_src(const struct vam_insn *insn,
			const struct vam_regs *regs)
{
	return truncate_addr(insn, regs->gpr[VAM_RSI]);
}

u64 vam_insn_string_dst(const struct vam_insn *insn,
			const struct vam_regs *regs)
{
	return truncate_addr(insn, regs->gpr[VAM_RDI]);
}
