// SPDX-License-Identifier: GPL-2.0
/*
 * lib/insn_exec.c - carry out one decoded instruction
 *
 * The instruction touched something that is not memory, or memory that we
 * watch; so we do in C what the CPU would have done. The memory operand comes
 * in and goes out as a value: this file never follows an address. Results are
 * those of the CPU bit for bit, flags included; the host test runs the same
 * instructions natively and compares.
 *
 * Layer:    lib. Called from run/.
 * Locks:    none; pure functions, any context.
 * Not here: decoding is lib/insn.c; reading and writing the operand, and
 *           atomicity, are the caller's.
 * Spec:     APM vol. 3 chapter 3.
 * Tour:     after lib/insn_special.c.
 */
#include <linux/errno.h>
#include <linux/types.h>
#include <asm/processor-flags.h>

#include "lib/insn.h"

#define FLAGS_ARITH                                                      \
	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | \
	 X86_EFLAGS_SF | X86_EFLAGS_OF)

/* Everything an instruction works on. */
struct work {
	const struct vam_insn *insn;
	struct vam_regs *regs;
	u64 *mem;
	bool *write;
	unsigned int bits; /* of the operation */
};

static u64 truncate(u64 value, unsigned int size)
{
	return size >= 8 ? value : value & ((1ull << (8 * size)) - 1);
}

static u64 sign_extend(u64 value, unsigned int size)
{
	unsigned int shift = 64 - 8 * size;

	return (u64)((s64)(value << shift) >> shift);
}

static bool top_bit(const struct work *w, u64 value)
{
	return value >> (w->bits - 1) & 1;
}

static u64 get_gpr(const struct vam_regs *regs, unsigned int nr, bool high,
		   unsigned int size)
{
	return truncate(regs->gpr[nr] >> (high ? 8 : 0), size);
}

/* Writing 32 bits clears the upper half, writing fewer keeps the rest. */
static void set_gpr(struct vam_regs *regs, unsigned int nr, bool high,
		    unsigned int size, u64 value)
{
	u64 *gpr = &regs->gpr[nr];

	switch (size) {
	case 1:
		if (high)
			*gpr = (*gpr & ~0xff00ull) | (value & 0xff) << 8;
		else
			*gpr = (*gpr & ~0xffull) | (value & 0xff);
		break;
	case 2:
		*gpr = (*gpr & ~0xffffull) | (value & 0xffff);
		break;
	case 4:
		*gpr = (u32)value;
		break;
	default:
		*gpr = value;
		break;
	}
}

static u64 get_arg(const struct work *w, u8 arg, unsigned int size)
{
	const struct vam_insn *insn = w->insn;

	switch (arg) {
	case VAM_ARG_REG:
		return get_gpr(w->regs, insn->reg, insn->reg_high, size);
	case VAM_ARG_RM:
		if (!insn->has_mem)
			return get_gpr(w->regs, insn->rm, insn->rm_high, size);
		return truncate(w->mem[0], size);
	case VAM_ARG_MOFFS:
		return truncate(w->mem[0], size);
	case VAM_ARG_ACC:
		return get_gpr(w->regs, VAM_RAX, false, size);
	case VAM_ARG_IMM:
		return truncate(insn->imm, size);
	case VAM_ARG_CL:
		return w->regs->gpr[VAM_RCX] & 0xff;
	default:
		return 0;
	}
}

static void set_mem(const struct work *w, u64 value)
{
	w->mem[0] = truncate(value, w->insn->memsize);
	*w->write = true;
}

static void set_arg(const struct work *w, u8 arg, u64 value)
{
	const struct vam_insn *insn = w->insn;

	switch (arg) {
	case VAM_ARG_REG:
		set_gpr(w->regs, insn->reg, insn->reg_high, insn->opsize,
			value);
		break;
	case VAM_ARG_RM:
		if (insn->has_mem)
			set_mem(w, value);
		else
			set_gpr(w->regs, insn->rm, insn->rm_high, insn->opsize,
				value);
		break;
	case VAM_ARG_MOFFS:
		set_mem(w, value);
		break;
	case VAM_ARG_ACC:
		set_gpr(w->regs, VAM_RAX, false, insn->opsize, value);
		break;
	}
}

static u64 get_dst(const struct work *w)
{
	return get_arg(w, w->insn->dst, w->insn->opsize);
}

static u64 get_src(const struct work *w)
{
	return get_arg(w, w->insn->src, w->insn->opsize);
}

static void set_dst(const struct work *w, u64 value)
{
	set_arg(w, w->insn->dst, value);
}

static void set_flags(const struct work *w, u64 mask, u64 flags)
{
	w->regs->rflags = (w->regs->rflags & ~mask) | (flags & mask);
}

static bool carry(const struct work *w)
{
	return w->regs->rflags & X86_EFLAGS_CF;
}

/* SF, ZF and PF, which follow from the result alone */
static u64 result_flags(const struct work *w, u64 result)
{
	u8 fold = result;
	u64 flags = 0;

	fold ^= fold >> 4;
	fold ^= fold >> 2;
	fold ^= fold >> 1;
	if (!(fold & 1))
		flags |= X86_EFLAGS_PF;
	if (!truncate(result, w->insn->opsize))
		flags |= X86_EFLAGS_ZF;
	if (top_bit(w, result))
		flags |= X86_EFLAGS_SF;
	return flags;
}

/* a + b + carry_in; sets the flags in @mask */
static u64 add(const struct work *w, u64 a, u64 b, bool carry_in, u64 mask)
{
	u64 result = truncate(a + b + carry_in, w->insn->opsize);
	u64 flags = result_flags(w, result);

	if (top_bit(w, (a & b) | ((a | b) & ~result)))
		flags |= X86_EFLAGS_CF;
	if (top_bit(w, (a ^ result) & (b ^ result)))
		flags |= X86_EFLAGS_OF;
	flags |= (a ^ b ^ result) & X86_EFLAGS_AF;
	set_flags(w, mask, flags);
	return result;
}

/* a - b - borrow; sets the flags in @mask */
static u64 subtract(const struct work *w, u64 a, u64 b, bool borrow, u64 mask)
{
	u64 result = truncate(a - b - borrow, w->insn->opsize);
	u64 flags = result_flags(w, result);

	if (top_bit(w, (~a & b) | ((~a | b) & result)))
		flags |= X86_EFLAGS_CF;
	if (top_bit(w, (a ^ b) & (a ^ result)))
		flags |= X86_EFLAGS_OF;
	flags |= (a ^ b ^ result) & X86_EFLAGS_AF;
	set_flags(w, mask, flags);
	return result;
}

/* AND, OR, XOR, TEST: CF and OF are cleared. */
static u64 logic(const struct work *w, u64 result)
{
	set_flags(w, FLAGS_ARITH, result_flags(w, result));
	return result;
}

static int exec_alu(const struct work *w)
{
	u64 mask = FLAGS_ARITH;
	u64 a = get_dst(w);
	u64 b = get_src(w);

	switch (w->insn->op) {
	case VAM_INSN_ADD:
		set_dst(w, add(w, a, b, false, mask));
		break;
	case VAM_INSN_ADC:
		set_dst(w, add(w, a, b, carry(w), mask));
		break;
	case VAM_INSN_SUB:
		set_dst(w, subtract(w, a, b, false, mask));
		break;
	case VAM_INSN_SBB:
		set_dst(w, subtract(w, a, b, carry(w), mask));
		break;
	case VAM_INSN_CMP:
		subtract(w, a, b, false, mask);
		break;
	case VAM_INSN_AND:
		set_dst(w, logic(w, a & b));
		break;
	case VAM_INSN_OR:
		set_dst(w, logic(w, a | b));
		break;
	case VAM_INSN_XOR:
		set_dst(w, logic(w, a ^ b));
		break;
	case VAM_INSN_TEST:
		logic(w, a & b);
		break;
	}
	return 0;
}

static int exec_unary(const struct work *w)
{
	u64 no_carry = FLAGS_ARITH & ~(u64)X86_EFLAGS_CF;
	u64 a = get_dst(w);

	switch (w->insn->op) {
	case VAM_INSN_INC:
		set_dst(w, add(w, a, 1, false, no_carry));
		break;
	case VAM_INSN_DEC:
		set_dst(w, subtract(w, a, 1, false, no_carry));
		break;
	case VAM_INSN_NEG:
		set_dst(w, subtract(w, 0, a, false, FLAGS_ARITH));
		break;
	case VAM_INSN_NOT:
		set_dst(w, truncate(~a, w->insn->opsize));
		break;
	}
	return 0;
}

/* SHL, SHR, SAR by @count, which is not 0 and may exceed the operand. */
static int exec_shift(const struct work *w, unsigned int count)
{
	u64 a = get_dst(w);
	u64 result, flags;
	bool out, overflow;

	switch (w->insn->op) {
	case VAM_INSN_SHL:
		result = truncate(a << count, w->insn->opsize);
		out = count <= w->bits && a >> (w->bits - count) & 1;
		overflow = top_bit(w, result) != out;
		break;
	case VAM_INSN_SHR:
		result = a >> count;
		out = a >> (count - 1) & 1;
		overflow = top_bit(w, a >> (count - 1));
		break;
	default:
		a = sign_extend(a, w->insn->opsize);
		result = truncate((s64)a >> count, w->insn->opsize);
		out = (s64)a >> (count - 1) & 1;
		overflow = false;
		break;
	}

	flags = result_flags(w, result);
	if (out)
		flags |= X86_EFLAGS_CF;
	if (overflow)
		flags |= X86_EFLAGS_OF;
	set_flags(w, FLAGS_ARITH, flags);
	set_dst(w, result);
	return 0;
}

/* Rotates touch CF and OF only; @left also says which way OF is made. */
static int finish_rotate(const struct work *w, u64 result, bool out, bool left)
{
	bool second = result >> (w->bits - 2) & 1;
	u64 flags = 0;

	if (out)
		flags |= X86_EFLAGS_CF;
	if (top_bit(w, result) != (left ? out : second))
		flags |= X86_EFLAGS_OF;
	set_flags(w, X86_EFLAGS_CF | X86_EFLAGS_OF, flags);
	set_dst(w, result);
	return 0;
}

static int exec_rotate(const struct work *w, unsigned int count)
{
	u64 a = get_dst(w);
	bool left = w->insn->op == VAM_INSN_ROL;
	u64 result = a;

	count %= w->bits;
	if (!left)
		count = w->bits - count;
	if (count && count != w->bits)
		result = truncate(a << count | a >> (w->bits - count),
				  w->insn->opsize);
	return finish_rotate(w, result, left ? result & 1 : top_bit(w, result),
			     left);
}

/* RCL and RCR: one bit at a time, CF is part of what turns. */
static int exec_rotate_carry(const struct work *w, unsigned int count)
{
	bool left = w->insn->op == VAM_INSN_RCL;
	u64 a = get_dst(w);
	bool c = carry(w);
	bool out;

	count %= w->bits + 1;
	if (!count) {
		set_dst(w, a);
		return 0;
	}
	while (count--) {
		if (left) {
			out = top_bit(w, a);
			a = truncate(a << 1 | c, w->insn->opsize);
		} else {
			out = a & 1;
			a = a >> 1 | (u64)c << (w->bits - 1);
		}
		c = out;
	}
	return finish_rotate(w, a, c, left);
}

static unsigned int shift_count(const struct work *w, u64 count)
{
	return count & (w->bits == 64 ? 63 : 31);
}

static int exec_shifts(const struct work *w)
{
	unsigned int count = shift_count(w, get_src(w));

	/* No flags change, but the operand is written all the same. */
	if (!count) {
		set_dst(w, get_dst(w));
		return 0;
	}

	switch (w->insn->op) {
	case VAM_INSN_ROL:
	case VAM_INSN_ROR:
		return exec_rotate(w, count);
	case VAM_INSN_RCL:
	case VAM_INSN_RCR:
		return exec_rotate_carry(w, count);
	default:
		return exec_shift(w, count);
	}
}

/*
 * SHLD, SHRD. A count above 16 on a 16-bit operand is undefined; like QEMU
 * and Intel's CPUs we go on with the destination's own bits.
 */
static int exec_double_shift(const struct work *w)
{
	const struct vam_insn *insn = w->insn;
	bool left = insn->op == VAM_INSN_SHLD;
	bool by_imm = insn->opcode == 0xa4 || insn->opcode == 0xac;
	unsigned int count;
	u64 a = get_dst(w);
	u64 b = get_src(w);
	u64 result, before, flags;

	count = shift_count(w, by_imm ? insn->imm : w->regs->gpr[VAM_RCX]);
	if (!count) {
		set_dst(w, a);
		return 0;
	}

	/* @before is one step short of the result: its end bit falls out. */
	if (w->bits == 16) {
		u64 wide = a | b << 16 | a << 32;

		if (left) {
			wide = a << 32 | b << 16 | a;
			before = (u16)(wide << (count - 1) >> 32);
			result = (u16)(wide << count >> 32);
		} else {
			before = (u16)(wide >> (count - 1));
			result = (u16)(wide >> count);
		}
	} else if (left) {
		before = a << (count - 1);
		if (count > 1)
			before |= b >> (w->bits - count + 1);
		result = truncate(a << count | b >> (w->bits - count),
				  insn->opsize);
	} else {
		before = a >> (count - 1);
		if (count > 1)
			before |= b << (w->bits - count + 1);
		result = truncate(a >> count | b << (w->bits - count),
				  insn->opsize);
	}

	flags = result_flags(w, result);
	if (left ? top_bit(w, before) : before & 1)
		flags |= X86_EFLAGS_CF;
	if (top_bit(w, before ^ result))
		flags |= X86_EFLAGS_OF;
	set_flags(w, FLAGS_ARITH, flags);
	set_dst(w, result);
	return 0;
}

/* The bit number's upper part is in the address already, see vam_insn_ea(). */
static int exec_bit(const struct work *w)
{
	u64 a = get_dst(w);
	u64 bit = 1ull << (get_src(w) & (w->bits - 1));

	set_flags(w, X86_EFLAGS_CF, a & bit ? X86_EFLAGS_CF : 0);
	switch (w->insn->op) {
	case VAM_INSN_BTS:
		set_dst(w, a | bit);
		break;
	case VAM_INSN_BTR:
		set_dst(w, a & ~bit);
		break;
	case VAM_INSN_BTC:
		set_dst(w, a ^ bit);
		break;
	}
	return 0;
}

static int exec_imul(const struct work *w)
{
	const struct vam_insn *insn = w->insn;
	bool three = insn->opcode != 0xaf;
	s64 a, b, product;
	bool overflow;

	a = sign_extend(get_src(w), insn->opsize);
	b = three ? (s64)insn->imm : (s64)sign_extend(get_dst(w), insn->opsize);
	overflow = __builtin_mul_overflow(a, b, &product);
	if ((s64)sign_extend(product, insn->opsize) != product)
		overflow = true;

	set_flags(w, X86_EFLAGS_CF | X86_EFLAGS_OF,
		  overflow ? X86_EFLAGS_CF | X86_EFLAGS_OF : 0);
	set_dst(w, product);
	return 0;
}

static int exec_cmpxchg(const struct work *w)
{
	u64 old = get_dst(w);
	u64 acc = get_arg(w, VAM_ARG_ACC, w->insn->opsize);
	u64 new = get_src(w);

	subtract(w, acc, old, false, FLAGS_ARITH);
	if (acc == old) {
		set_dst(w, new);
	} else {
		/* A register keeps even its upper half. */
		if (w->insn->has_mem)
			set_dst(w, old);
		set_arg(w, VAM_ARG_ACC, old);
	}
	return 0;
}

/* CMPXCHG8B and CMPXCHG16B: ZF alone tells the result. */
static int exec_cmpxchg_pair(const struct work *w)
{
	unsigned int half = w->insn->memsize / 2;
	struct vam_regs *regs = w->regs;
	u64 low, high;
	bool equal;

	if (half == 8) {
		low = w->mem[0];
		high = w->mem[1];
	} else {
		low = (u32)w->mem[0];
		high = w->mem[0] >> 32;
	}

	equal = low == get_gpr(regs, VAM_RAX, false, half) &&
		high == get_gpr(regs, VAM_RDX, false, half);
	set_flags(w, X86_EFLAGS_ZF, equal ? X86_EFLAGS_ZF : 0);
	*w->write = true;
	if (!equal) {
		set_gpr(regs, VAM_RAX, false, half, low);
		set_gpr(regs, VAM_RDX, false, half, high);
		return 0;
	}

	low = get_gpr(regs, VAM_RBX, false, half);
	high = get_gpr(regs, VAM_RCX, false, half);
	w->mem[0] = half == 8 ? low : low | high << 32;
	if (half == 8)
		w->mem[1] = high;
	return 0;
}

static u64 swap_bytes(u64 value, unsigned int size)
{
	switch (size) {
	case 2:
		return __builtin_bswap16(value);
	case 4:
		return __builtin_bswap32(value);
	default:
		return __builtin_bswap64(value);
	}
}

static int exec_move(const struct work *w)
{
	const struct vam_insn *insn = w->insn;
	u64 value = get_arg(w, insn->src, insn->srcsize);

	switch (insn->op) {
	case VAM_INSN_MOVSX:
		value = sign_extend(value, insn->srcsize);
		break;
	case VAM_INSN_MOVBE:
		value = swap_bytes(value, insn->opsize);
		break;
	case VAM_INSN_LEA:
		value = vam_insn_ea(insn, w->regs);
		break;
	case VAM_INSN_CMOVCC:
		/* A false condition still clears the upper half. */
		if (!vam_insn_cond(insn->cc, w->regs->rflags))
			value = get_dst(w);
		break;
	case VAM_INSN_SETCC:
		value = vam_insn_cond(insn->cc, w->regs->rflags);
		break;
	}
	set_dst(w, value);
	return 0;
}

/* XCHG and XADD: the source is written too, and first. */
static int exec_exchange(const struct work *w)
{
	u64 a = get_dst(w);
	u64 b = get_src(w);

	if (w->insn->op == VAM_INSN_XADD)
		b = add(w, a, b, false, FLAGS_ARITH);
	set_arg(w, w->insn->src, a);
	set_dst(w, b);
	return 0;
}

static int exec_string(const struct work *w)
{
	unsigned int size = w->insn->opsize;
	u64 acc = get_arg(w, VAM_ARG_ACC, size);

	switch (w->insn->op) {
	case VAM_INSN_MOVS:
	case VAM_INSN_INS:
		set_mem(w, w->mem[0]);
		break;
	case VAM_INSN_STOS:
		set_mem(w, acc);
		break;
	case VAM_INSN_LODS:
		set_dst(w, w->mem[0]);
		break;
	case VAM_INSN_SCAS:
		subtract(w, acc, truncate(w->mem[0], size), false, FLAGS_ARITH);
		break;
	case VAM_INSN_CMPS:
		subtract(w, truncate(w->mem[0], size),
			 truncate(w->mem[1], size), false, FLAGS_ARITH);
		break;
	}
	return 0;
}

static int exec_flag(const struct work *w)
{
	switch (w->insn->op) {
	case VAM_INSN_CLC:
		set_flags(w, X86_EFLAGS_CF, 0);
		break;
	case VAM_INSN_STC:
		set_flags(w, X86_EFLAGS_CF, X86_EFLAGS_CF);
		break;
	case VAM_INSN_CMC:
		set_flags(w, X86_EFLAGS_CF, ~w->regs->rflags);
		break;
	case VAM_INSN_CLD:
		set_flags(w, X86_EFLAGS_DF, 0);
		break;
	case VAM_INSN_STD:
		set_flags(w, X86_EFLAGS_DF, X86_EFLAGS_DF);
		break;
	}
	return 0;
}

int vam_insn_exec(const struct vam_insn *insn, struct vam_regs *regs,
		  u64 mem[2], bool *write)
{
	const struct work w = {
		.insn = insn,
		.regs = regs,
		.mem = mem,
		.write = write,
		.bits = insn->opsize * 8,
	};

	*write = false;
	switch (insn->op) {
	case VAM_INSN_NOP:
	case VAM_INSN_PAUSE:
		return 0;
	case VAM_INSN_MOV:
	case VAM_INSN_MOVZX:
	case VAM_INSN_MOVSX:
	case VAM_INSN_MOVBE:
	case VAM_INSN_LEA:
	case VAM_INSN_SETCC:
	case VAM_INSN_CMOVCC:
		return exec_move(&w);
	case VAM_INSN_ADD ... VAM_INSN_TEST:
		return exec_alu(&w);
	case VAM_INSN_INC ... VAM_INSN_NEG:
		return exec_unary(&w);
	case VAM_INSN_ROL ... VAM_INSN_SAR:
		return exec_shifts(&w);
	case VAM_INSN_SHLD:
	case VAM_INSN_SHRD:
		return exec_double_shift(&w);
	case VAM_INSN_XCHG:
	case VAM_INSN_XADD:
		return exec_exchange(&w);
	case VAM_INSN_CMPXCHG:
		return exec_cmpxchg(&w);
	case VAM_INSN_CMPXCHG8B:
		return exec_cmpxchg_pair(&w);
	case VAM_INSN_BT ... VAM_INSN_BTC:
		return exec_bit(&w);
	case VAM_INSN_IMUL:
		return exec_imul(&w);
	case VAM_INSN_CLC ... VAM_INSN_STD:
		return exec_flag(&w);
	case VAM_INSN_MOVS ... VAM_INSN_OUTS:
		return exec_string(&w);
	default:
		return -EOPNOTSUPP;
	}
}

bool vam_insn_cond(u8 cc, u64 rflags)
{
	bool sign = rflags & X86_EFLAGS_SF;
	bool overflow = rflags & X86_EFLAGS_OF;
	bool holds;

	switch (cc >> 1 & 7) {
	case 0:
		holds = overflow;
		break;
	case 1:
		holds = rflags & X86_EFLAGS_CF;
		break;
	case 2:
		holds = rflags & X86_EFLAGS_ZF;
		break;
	case 3:
		holds = rflags & (X86_EFLAGS_CF | X86_EFLAGS_ZF);
		break;
	case 4:
		holds = sign;
		break;
	case 5:
		holds = rflags & X86_EFLAGS_PF;
		break;
	case 6:
		holds = sign != overflow;
		break;
	default:
		holds = sign != overflow || rflags & X86_EFLAGS_ZF;
		break;
	}
	/* The odd ones are the negations. */
	return holds != (cc & 1);
}

static void move_gpr(struct vam_regs *regs, unsigned int nr, unsigned int size,
		     u64 distance)
{
	set_gpr(regs, nr, false, size, regs->gpr[nr] + distance);
}

bool vam_insn_string_step(const struct vam_insn *insn, struct vam_regs *regs,
			  u64 count)
{
	u64 distance = count * insn->opsize;
	bool zero = regs->rflags & X86_EFLAGS_ZF;

	if (regs->rflags & X86_EFLAGS_DF)
		distance = -distance;
	if (insn->op == VAM_INSN_MOVS || insn->op == VAM_INSN_LODS ||
	    insn->op == VAM_INSN_CMPS || insn->op == VAM_INSN_OUTS)
		move_gpr(regs, VAM_RSI, insn->addrsize, distance);
	if (insn->op == VAM_INSN_MOVS || insn->op == VAM_INSN_STOS ||
	    insn->op == VAM_INSN_CMPS || insn->op == VAM_INSN_SCAS ||
	    insn->op == VAM_INSN_INS)
		move_gpr(regs, VAM_RDI, insn->addrsize, distance);

	if (!insn->rep && !insn->repne)
		return false;
	move_gpr(regs, VAM_RCX, insn->addrsize, -count);
	if (!vam_insn_string_count(insn, regs))
		return false;
	if (insn->op == VAM_INSN_CMPS || insn->op == VAM_INSN_SCAS)
		return zero == insn->rep;
	return true;
}
