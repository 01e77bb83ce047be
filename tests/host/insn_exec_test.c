// SPDX-License-Identifier: GPL-2.0
/*
 * insn_exec_test.c - executed instructions do what the real CPU does
 *
 * Each case: random registers, flags and memory, one instruction out of a
 * table with random operand size, operands and immediate. It runs natively, and
 * through vam_insn_decode(), vam_insn_ea() and vam_insn_exec() on a copy. Then
 * registers, memory and the defined flags must be the same. Flags that the
 * manuals leave undefined are masked, row by row.
 *
 * Memory lies in a buffer below 4 GiB, so that 32-bit addresses reach it too.
 */
#define _GNU_SOURCE
#include <asm/processor-flags.h>
#include <cpuid.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/types.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/insn.h"
#include "native.h"
#include "tap.h"

#define CASES_PER_ROW 3000u
#define BUFFER_SIZE 65536u
#define MAX_NOTES 10u

#define CF X86_EFLAGS_CF
#define PF X86_EFLAGS_PF
#define AF X86_EFLAGS_AF
#define ZF X86_EFLAGS_ZF
#define SF X86_EFLAGS_SF
#define OF X86_EFLAGS_OF
#define DF X86_EFLAGS_DF
#define ARITH (CF | PF | AF | ZF | SF | OF)

/* clang-format off */
/* How a row's encoding varies. */
enum {
	BYTE_TOO = 1,	/* opcode - 1 is the byte form */
	MEM_ONLY = 2,
	IMM8 = 4,
	IMMZ = 8,	/* or one byte, in the byte form */
	MAP1 = 16,
	MAP38 = 32,
	NO16 = 64,	/* 66 means something else */
	GROUP = 128,	/* ModRM.reg is part of the opcode */
	COUNT = 256,	/* a shift: undefined flags depend on the count */
	BITS = 512,	/* a bit number in a register */
	LOCKED = 1024,	/* sometimes with LOCK */
	BYTE_REG = 2048,	/* the operand is a byte, opsize is not */
	PAIR = 4096,	/* rax:rdx often equals memory */
	ACC = 8192,	/* rax often equals the operand */
	ONE = 16384,	/* the shift count is in the opcode */
	NO_MODRM = 32768,	/* ACC,imm; register in the opcode */
	IMMV = 65536,
	NO64 = 131072,	/* no REX.W */
};
/* clang-format on */

struct row {
	const char *name;
	u8 opcode;
	u8 reg; /* of a GROUP */
	u32 how;
	u32 undefined; /* flags */
};

/* clang-format off */
static const struct row rows[] = {
	{ "add m,r", 0x01, 0, BYTE_TOO | LOCKED, 0 },
	{ "or m,r", 0x09, 0, BYTE_TOO | LOCKED, AF },
	{ "adc m,r", 0x11, 0, BYTE_TOO | LOCKED, 0 },
	{ "sbb m,r", 0x19, 0, BYTE_TOO | LOCKED, 0 },
	{ "and m,r", 0x21, 0, BYTE_TOO | LOCKED, AF },
	{ "sub m,r", 0x29, 0, BYTE_TOO | LOCKED, 0 },
	{ "xor m,r", 0x31, 0, BYTE_TOO | LOCKED, AF },
	{ "cmp m,r", 0x39, 0, BYTE_TOO, 0 },
	{ "add r,m", 0x03, 0, BYTE_TOO, 0 },
	{ "or r,m", 0x0b, 0, BYTE_TOO, AF },
	{ "adc r,m", 0x13, 0, BYTE_TOO, 0 },
	{ "sbb r,m", 0x1b, 0, BYTE_TOO, 0 },
	{ "and r,m", 0x23, 0, BYTE_TOO, AF },
	{ "sub r,m", 0x2b, 0, BYTE_TOO, 0 },
	{ "xor r,m", 0x33, 0, BYTE_TOO, AF },
	{ "cmp r,m", 0x3b, 0, BYTE_TOO, 0 },
	{ "add a,i", 0x05, 0, BYTE_TOO | NO_MODRM | IMMZ, 0 },
	{ "adc a,i", 0x15, 0, BYTE_TOO | NO_MODRM | IMMZ, 0 },
	{ "cmp a,i", 0x3d, 0, BYTE_TOO | NO_MODRM | IMMZ, 0 },
	{ "test a,i", 0xa9, 0, BYTE_TOO | NO_MODRM | IMMZ, AF },
	{ "add m,i", 0x81, 0, BYTE_TOO | GROUP | IMMZ | LOCKED, 0 },
	{ "or m,i", 0x81, 1, BYTE_TOO | GROUP | IMMZ, AF },
	{ "adc m,i", 0x81, 2, BYTE_TOO | GROUP | IMMZ, 0 },
	{ "sbb m,i", 0x81, 3, BYTE_TOO | GROUP | IMMZ, 0 },
	{ "and m,i", 0x81, 4, BYTE_TOO | GROUP | IMMZ | LOCKED, AF },
	{ "sub m,i", 0x81, 5, BYTE_TOO | GROUP | IMMZ, 0 },
	{ "xor m,i", 0x81, 6, BYTE_TOO | GROUP | IMMZ, AF },
	{ "cmp m,i", 0x81, 7, BYTE_TOO | GROUP | IMMZ, 0 },
	{ "add m,i8", 0x83, 0, GROUP | IMM8, 0 },
	{ "or m,i8", 0x83, 1, GROUP | IMM8 | LOCKED, AF },
	{ "adc m,i8", 0x83, 2, GROUP | IMM8, 0 },
	{ "sbb m,i8", 0x83, 3, GROUP | IMM8, 0 },
	{ "and m,i8", 0x83, 4, GROUP | IMM8, AF },
	{ "sub m,i8", 0x83, 5, GROUP | IMM8, 0 },
	{ "xor m,i8", 0x83, 6, GROUP | IMM8, AF },
	{ "cmp m,i8", 0x83, 7, GROUP | IMM8, 0 },
	{ "test m,r", 0x85, 0, BYTE_TOO, AF },
	{ "test m,i", 0xf7, 0, BYTE_TOO | GROUP | IMMZ, AF },
	{ "not m", 0xf7, 2, BYTE_TOO | GROUP | LOCKED, 0 },
	{ "neg m", 0xf7, 3, BYTE_TOO | GROUP | LOCKED, 0 },
	{ "inc m", 0xff, 0, BYTE_TOO | GROUP | LOCKED, 0 },
	{ "dec m", 0xff, 1, BYTE_TOO | GROUP | LOCKED, 0 },
	{ "mov m,r", 0x89, 0, BYTE_TOO, 0 },
	{ "mov r,m", 0x8b, 0, BYTE_TOO, 0 },
	{ "mov m,i", 0xc7, 0, BYTE_TOO | GROUP | IMMZ, 0 },
	{ "mov r,i", 0xb8, 0, NO_MODRM | IMMV, 0 },
	{ "movnti m,r", 0xc3, 0, MAP1 | MEM_ONLY | NO16, 0 },
	{ "movzx r,m8", 0xb6, 0, MAP1 | BYTE_REG, 0 },
	{ "movzx r,m16", 0xb7, 0, MAP1, 0 },
	{ "movsx r,m8", 0xbe, 0, MAP1 | BYTE_REG, 0 },
	{ "movsx r,m16", 0xbf, 0, MAP1, 0 },
	{ "movsxd r,m", 0x63, 0, 0, 0 },
	{ "movbe r,m", 0xf0, 0, MAP38 | MEM_ONLY, 0 },
	{ "movbe m,r", 0xf1, 0, MAP38 | MEM_ONLY, 0 },
	{ "lea r,m", 0x8d, 0, MEM_ONLY, 0 },
	{ "xchg m,r", 0x87, 0, BYTE_TOO | LOCKED, 0 },
	{ "xchg r,a", 0x91, 0, NO_MODRM, 0 },
	{ "xadd m,r", 0xc1, 0, MAP1 | BYTE_TOO | LOCKED, 0 },
	{ "cmpxchg m,r", 0xb1, 0, MAP1 | BYTE_TOO | ACC | LOCKED, 0 },
	{ "cmpxchg8b m", 0xc7, 1, MAP1 | GROUP | MEM_ONLY | PAIR | LOCKED, 0 },
	{ "rol m,i", 0xc1, 0, BYTE_TOO | GROUP | IMM8 | COUNT, 0 },
	{ "ror m,i", 0xc1, 1, BYTE_TOO | GROUP | IMM8 | COUNT, 0 },
	{ "rcl m,i", 0xc1, 2, BYTE_TOO | GROUP | IMM8 | COUNT, 0 },
	{ "rcr m,i", 0xc1, 3, BYTE_TOO | GROUP | IMM8 | COUNT, 0 },
	{ "shl m,i", 0xc1, 4, BYTE_TOO | GROUP | IMM8 | COUNT, AF },
	{ "shr m,i", 0xc1, 5, BYTE_TOO | GROUP | IMM8 | COUNT, AF },
	{ "sal m,i", 0xc1, 6, BYTE_TOO | GROUP | IMM8 | COUNT, AF },
	{ "sar m,i", 0xc1, 7, BYTE_TOO | GROUP | IMM8 | COUNT, AF },
	{ "rol m,cl", 0xd3, 0, BYTE_TOO | GROUP | COUNT, 0 },
	{ "ror m,cl", 0xd3, 1, BYTE_TOO | GROUP | COUNT, 0 },
	{ "rcl m,cl", 0xd3, 2, BYTE_TOO | GROUP | COUNT, 0 },
	{ "rcr m,cl", 0xd3, 3, BYTE_TOO | GROUP | COUNT, 0 },
	{ "shl m,cl", 0xd3, 4, BYTE_TOO | GROUP | COUNT, AF },
	{ "shr m,cl", 0xd3, 5, BYTE_TOO | GROUP | COUNT, AF },
	{ "sar m,cl", 0xd3, 7, BYTE_TOO | GROUP | COUNT, AF },
	{ "rol m,1", 0xd1, 0, BYTE_TOO | GROUP | ONE, 0 },
	{ "ror m,1", 0xd1, 1, BYTE_TOO | GROUP | ONE, 0 },
	{ "rcl m,1", 0xd1, 2, BYTE_TOO | GROUP | ONE, 0 },
	{ "rcr m,1", 0xd1, 3, BYTE_TOO | GROUP | ONE, 0 },
	{ "shl m,1", 0xd1, 4, BYTE_TOO | GROUP | ONE, AF },
	{ "shr m,1", 0xd1, 5, BYTE_TOO | GROUP | ONE, AF },
	{ "sar m,1", 0xd1, 7, BYTE_TOO | GROUP | ONE, AF },
	{ "shld m,r,i", 0xa4, 0, MAP1 | IMM8 | COUNT, AF },
	{ "shld m,r,cl", 0xa5, 0, MAP1 | COUNT, AF },
	{ "shrd m,r,i", 0xac, 0, MAP1 | IMM8 | COUNT, AF },
	{ "shrd m,r,cl", 0xad, 0, MAP1 | COUNT, AF },
	{ "bt m,i", 0xba, 4, MAP1 | GROUP | IMM8, PF | AF | SF | OF },
	{ "bts m,i", 0xba, 5, MAP1 | GROUP | IMM8 | LOCKED, PF | AF | SF | OF },
	{ "btr m,i", 0xba, 6, MAP1 | GROUP | IMM8, PF | AF | SF | OF },
	{ "btc m,i", 0xba, 7, MAP1 | GROUP | IMM8, PF | AF | SF | OF },
	{ "bt m,r", 0xa3, 0, MAP1 | BITS, PF | AF | SF | OF },
	{ "bts m,r", 0xab, 0, MAP1 | BITS | LOCKED, PF | AF | SF | OF },
	{ "btr m,r", 0xb3, 0, MAP1 | BITS, PF | AF | SF | OF },
	{ "btc m,r", 0xbb, 0, MAP1 | BITS, PF | AF | SF | OF },
	{ "imul r,m", 0xaf, 0, MAP1, PF | AF | ZF | SF },
	{ "imul r,m,i", 0x69, 0, IMMZ, PF | AF | ZF | SF },
	{ "imul r,m,i8", 0x6b, 0, IMM8, PF | AF | ZF | SF },
	{ "nop m", 0x1f, 0, MAP1, 0 },
	{ "clc", 0xf8, 0, NO_MODRM, 0 },
	{ "stc", 0xf9, 0, NO_MODRM, 0 },
	{ "cmc", 0xf5, 0, NO_MODRM, 0 },
	{ "cld", 0xfc, 0, NO_MODRM, 0 },
	{ "std", 0xfd, 0, NO_MODRM, 0 },
};
/* clang-format on */

static u64 seed = 0x2545f4914f6cdd1dull;
static u8 *buffer; /* what the native instruction works on */
static u8 *before; /* its contents before */
static u8 *code;
static unsigned int notes;
static u64 total;

static u64 any(void)
{
	return tap_random(&seed);
}

static unsigned int below(unsigned int limit)
{
	return (any() >> 20) % limit;
}

/* Values at the edges find more than random ones do. */
static u64 interesting(void)
{
	static const u64 edges[] = {
		0,	    1,		~0ull,
		0x7f,	    0x80,	0xff,
		0x7fff,	    0x8000,	0xffff,
		0x7fffffff, 0x80000000, 0xffffffff,
		1ull << 63, ~0ull >> 1, 0xaaaaaaaaaaaaaaaaull,
		0xf,
	};

	return below(3) ? any() : edges[below(ARRAY_SIZE(edges))];
}

/* One instruction under construction. */
struct built {
	u8 bytes[32];
	unsigned int len;
	bool has_mem;
};

static void put(struct built *b, u64 value, unsigned int size)
{
	memcpy(&b->bytes[b->len], &value, size);
	b->len += size;
}

/*
 * A memory operand in one of the forms the encoding has. Chooses the registers
 * so that the address is inside of the buffer.
 */
static void put_memory(struct built *b, struct vam_regs *regs, u8 rex,
		       unsigned int reg, bool addr32)
{
	u64 target = (u64)buffer + BUFFER_SIZE / 2 + below(1024) * 16;
	unsigned int base = below(16);
	unsigned int index = below(16);
	unsigned int scale = below(4);
	unsigned int form = below(6);
	s64 disp = (s32)any();
	u64 rest;

	b->has_mem = true;
	if (base == VAM_RSP || base == VAM_R12)
		base = VAM_RBX;
	if (index == VAM_RSP || index == base)
		index = base == VAM_R9 ? VAM_R10 : VAM_R9;
	if (form >= 4)
		rex |= index & 8 ? 2 : 0;
	if (form != 0 && form != 1)
		rex |= base & 8 ? 1 : 0;
	if (form == 3 || form == 4)
		disp = (s8)disp;
	/* The REX prefix and the opcode are in front: patch them later. */
	b->bytes[31] = rex;

	switch (form) {
	case 0: /* relative to rip: no registers; the caller fills it in */
		put(b, reg << 3 | 5, 1);
		b->bytes[30] = b->len;
		put(b, 0, 4);
		return;
	case 1: /* absolute */
		put(b, reg << 3 | 4, 1);
		put(b, 0x25, 1);
		put(b, target, 4);
		return;
	case 2: /* [base + disp32] */
		put(b, 0x80 | reg << 3 | (base & 7), 1);
		put(b, disp, 4);
		regs->gpr[base] = target - disp;
		break;
	case 3: /* [base + disp8] */
		put(b, 0x40 | reg << 3 | (base & 7), 1);
		put(b, disp, 1);
		regs->gpr[base] = target - disp;
		break;
	case 4: /* [base + index * scale + disp8] */
	case 5: /* [base + index * scale + disp32] */
		put(b, (form == 4 ? 0x44 : 0x84) | reg << 3, 1);
		put(b, scale << 6 | (index & 7) << 3 | (base & 7), 1);
		put(b, disp, form == 4 ? 1 : 4);
		rest = regs->gpr[index] << scale;
		regs->gpr[base] = target - disp - rest;
		break;
	}
	/* With 67, the upper half must not count. */
	if (addr32)
		regs->gpr[base] ^= any() << 32;
}

static bool clobbers_address(const struct row *row)
{
	return row->how & (COUNT | ACC | PAIR | BITS);
}

/* Build one instruction of a row and the registers for it. */
static void build(const struct row *row, struct built *b, struct vam_regs *regs)
{
	struct built tail = { .len = 0 };
	bool byte = row->how & BYTE_TOO && below(3) == 0;
	unsigned int size = below(3); /* 16, 32, 64 */
	unsigned int reg = row->how & GROUP ? row->reg : below(16);
	unsigned int rm = below(16);
	bool lock = row->how & LOCKED && below(4) == 0;
	bool mem = lock || row->how & MEM_ONLY || below(4);
	bool addr32 = mem && below(8) == 0;
	u8 rex = 0;
	unsigned int i, patch, opsize, imm = 0;
	u64 where;

	if (size == 0 && row->how & NO16)
		size = 1;
	/* rsp is the test's; AH to BH have its number in byte forms */
	if (!(row->how & GROUP) && reg == VAM_RSP && !byte)
		reg = VAM_RDI;
	if (rm == VAM_RSP)
		rm = byte || row->how & BYTE_REG ? 4 : VAM_R11;
	opsize = byte ? 1 : size == 0 ? 2 : size == 1 ? 4 : 8;

	for (i = 0; i < VAM_NR_GPRS; i++)
		regs->gpr[i] = interesting();
	regs->gpr[VAM_RSP] = 0;
	regs->rflags = 0x202 | (any() & (ARITH | DF));
	if (clobbers_address(row))
		regs->gpr[VAM_RCX] = below(4) ? below(70) : any();
	if (row->how & BITS && mem && reg != VAM_RSP)
		regs->gpr[reg] = (s64)(s16)any() >> below(12);

	if (!(row->how & GROUP))
		rex |= reg & 8 ? 4 : 0;
	if (size == 2 && !byte)
		rex |= 8;
	if (row->how & NO_MODRM) {
		if (row->opcode == 0xb8 || row->opcode == 0x91) {
			rex = (rex & 8) | (reg & 8 ? 1 : 0);
			reg = reg == VAM_RSP ? VAM_RBX : reg;
		}
	} else if (mem) {
		u64 rcx = regs->gpr[VAM_RCX];
		u64 bit = regs->gpr[reg];

		put_memory(&tail, regs, rex, reg & 7, addr32);
		rex = tail.bytes[31];
		/* If the address took a register with a role, pick again. */
		if (clobbers_address(row) &&
		    (rcx != regs->gpr[VAM_RCX] ||
		     (row->how & BITS && bit != regs->gpr[reg]))) {
			build(row, b, regs);
			return;
		}
	} else {
		rex |= rm & 8 ? 1 : 0;
		put(&tail, 0xc0 | (reg & 7) << 3 | (rm & 7), 1);
	}
	/* Byte registers 4 to 7: with REX they would be SPL; not SPL. */
	if ((byte || row->how & BYTE_REG) && !(row->how & NO_MODRM)) {
		if (rex && !(rex & 4) && byte && !(row->how & GROUP) &&
		    (reg & 7) == 4) {
			build(row, b, regs);
			return;
		}
		if (rex && !(rex & 1) && !mem && (rm & 7) == 4) {
			build(row, b, regs);
			return;
		}
	}

	if (row->how & IMM8)
		imm = 1;
	else if (row->how & IMMZ)
		imm = opsize < 4 ? opsize : 4;
	else if (row->how & IMMV)
		imm = opsize;

	b->len = 0;
	b->has_mem = tail.has_mem;
	if (size == 0 && !byte)
		put(b, 0x66, 1);
	if (addr32)
		put(b, 0x67, 1);
	if (lock)
		put(b, 0xf0, 1);
	if (rex)
		put(b, 0x40 | rex, 1);
	if (row->how & (MAP1 | MAP38))
		put(b, 0x0f, 1);
	if (row->how & MAP38)
		put(b, 0x38, 1);
	if (row->opcode == 0xb8 || row->opcode == 0x91)
		put(b, (row->opcode & 0xf8) | (reg & 7), 1);
	else
		put(b, row->opcode - byte, 1);
	patch = b->len + tail.bytes[30];
	memcpy(&b->bytes[b->len], tail.bytes, tail.len);
	b->len += tail.len;
	put(b, interesting(), imm);

	if (tail.bytes[30]) {
		where = (u64)buffer + BUFFER_SIZE / 2 + below(1024) * 16 -
			((u64)code + b->len);
		memcpy(&b->bytes[patch], &where, 4);
	}
}

/* Flags that the manuals leave open for this case. */
static u64 undefined_flags(const struct row *row, const struct vam_insn *insn,
			   const struct vam_regs *regs)
{
	unsigned int bits = insn->opsize * 8;
	unsigned int count;
	bool shift;

	if (!(row->how & COUNT))
		return row->undefined;

	count = row->how & IMM8 ? insn->imm : regs->gpr[VAM_RCX];
	count &= bits == 64 ? 63 : 31;
	if (!count)
		return 0; /* all unchanged */
	shift = insn->op >= VAM_INSN_SHL && insn->op <= VAM_INSN_SHRD;
	if (shift && count >= bits && insn->op != VAM_INSN_SAR)
		return row->undefined | OF | CF;
	return row->undefined | (count == 1 ? 0 : OF);
}

static bool is_undefined(const struct vam_insn *insn,
			 const struct vam_regs *regs)
{
	bool by_imm = insn->opcode == 0xa4 || insn->opcode == 0xac;
	u64 count = by_imm ? insn->imm : regs->gpr[VAM_RCX];

	return (insn->op == VAM_INSN_SHLD || insn->op == VAM_INSN_SHRD) &&
	       insn->opsize == 2 && (count & 31) > 16;
}

static void complain(const char *name, const char *what, const struct built *b,
		     u64 native, u64 ours)
{
	char hex[64] = "";
	unsigned int i;

	if (notes++ >= MAX_NOTES)
		return;
	for (i = 0; i < b->len; i++)
		sprintf(hex + 3 * i, "%02x ", b->bytes[i]);
	tap_note("%s: %s: %s native %#llx, ours %#llx", name, hex, what, native,
		 ours);
}

/* Same registers and same flags outside of @undefined? */
static bool same_regs(const char *name, const struct built *b,
		      const struct vam_regs *native,
		      const struct vam_regs *ours, u64 undefined)
{
	static const char *const names[] = {
		"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
		"r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15",
	};
	u64 mask = (ARITH | DF) & ~undefined;
	bool same = true;
	unsigned int i;

	for (i = 0; i < VAM_NR_GPRS; i++) {
		if (native->gpr[i] == ours->gpr[i])
			continue;
		complain(name, names[i], b, native->gpr[i], ours->gpr[i]);
		same = false;
	}
	if ((native->rflags ^ ours->rflags) & mask) {
		complain(name, "rflags", b, native->rflags & mask,
			 ours->rflags & mask);
		same = false;
	}
	return same;
}

/* Our half: on @before instead of the buffer. */
static bool emulate(const char *name, const struct built *b,
		    const struct vam_insn *insn, struct vam_regs *regs)
{
	u64 mem[2] = { any(), any() }; /* the caller need not clear it */
	bool write = false;
	u64 offset = 0;
	int err;

	if (insn->memsize) {
		offset = vam_insn_ea(insn, regs) - (u64)buffer;
		if (offset > BUFFER_SIZE - 16) {
			complain(name, "address", b, (u64)buffer,
				 vam_insn_ea(insn, regs));
			return false;
		}
	}
	if (insn->reads_mem)
		memcpy(mem, before + offset, insn->memsize);
	err = vam_insn_exec(insn, regs, mem, &write);
	if (err || (write && !insn->writes_mem)) {
		complain(name, "return value", b, 0, err);
		return false;
	}
	if (write)
		memcpy(before + offset, mem, insn->memsize);
	return true;
}

static bool same_memory(const char *name, const struct built *b)
{
	unsigned int i;

	if (!memcmp(buffer, before, BUFFER_SIZE))
		return true;
	for (i = 0; buffer[i] == before[i]; i++)
		;
	complain(name, "memory", b, buffer[i], before[i]);
	memcpy(before, buffer, BUFFER_SIZE);
	return false;
}

/* Make comparisons succeed as often as they fail. */
static void steer(const struct row *row, const struct vam_insn *insn,
		  struct vam_regs *regs)
{
	struct vam_regs copy = *regs;
	u64 at[2];

	if (!insn->memsize || below(2))
		return;
	memcpy(at, (void *)vam_insn_ea(insn, regs), sizeof(at));
	if (row->how & ACC)
		regs->gpr[VAM_RAX] = below(2) ? at[0] : (u32)at[0];
	if (row->how & PAIR) {
		regs->gpr[VAM_RAX] = at[0];
		regs->gpr[VAM_RDX] = insn->memsize == 16 ? at[1] : at[0] >> 32;
	}
	/* Not when the address itself hangs on them. */
	if (vam_insn_ea(insn, regs) != vam_insn_ea(insn, &copy))
		*regs = copy;
}

static bool run_case(const struct row *row)
{
	struct vam_regs start, native, ours;
	struct vam_insn insn;
	struct built b;
	u64 undefined;
	u64 fill[2], offset;
	int err;

	build(row, &b, &start);
	memcpy(code, b.bytes, b.len);
	code[b.len] = 0xc3;
	start.rip = (u64)code;
	err = vam_insn_decode(&insn, b.bytes, b.len, VAM_INSN_64);
	if (err || insn.len != b.len) {
		complain(row->name, "length", &b, b.len, err ?: insn.len);
		return false;
	}

	/* Fresh values where the operand is. */
	if (insn.memsize) {
		offset = vam_insn_ea(&insn, &start) - (u64)buffer;
		if (offset > BUFFER_SIZE - 16) {
			complain(row->name, "address", &b, 0, offset);
			return false;
		}
		fill[0] = interesting();
		fill[1] = interesting();
		memcpy(buffer + offset, fill, sizeof(fill));
		memcpy(before + offset, fill, sizeof(fill));
	}
	steer(row, &insn, &start);

	native = start;
	ours = start;
	undefined = undefined_flags(row, &insn, &start);
	native_run(&native, code);
	total++;
	if (!emulate(row->name, &b, &insn, &ours)) {
		memcpy(before, buffer, BUFFER_SIZE);
		return false;
	}
	if (is_undefined(&insn, &start)) {
		memcpy(before, buffer, BUFFER_SIZE);
		return true;
	}
	return same_memory(row->name, &b) &
	       same_regs(row->name, &b, &native, &ours, undefined);
}

static bool cpu_has_movbe(void)
{
	unsigned int eax, ebx, ecx, edx;

	return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && ecx & bit_MOVBE;
}

static void run_row(const struct row *row)
{
	unsigned int i, wrong = 0;
	char sentence[64];

	snprintf(sentence, sizeof(sentence), "%s does what the CPU does",
		 row->name);
	if (row->how & MAP38 && !cpu_has_movbe()) {
		tap_skip(sentence, "this CPU has no MOVBE");
		return;
	}
	notes = 0;
	for (i = 0; i < CASES_PER_ROW; i++)
		wrong += !run_case(row);
	if (!tap_ok(!wrong, sentence))
		tap_note("%u of %u cases differ", wrong, CASES_PER_ROW);
}

/* SETcc and CMOVcc have their condition in the opcode: sixteen rows each. */
static void run_conditions(void)
{
	char name[32];
	struct row row = { .name = name };
	unsigned int cc;

	for (cc = 0; cc < 16; cc++) {
		sprintf(name, "set%x m", cc);
		row.opcode = 0x90 + cc;
		row.how = MAP1 | GROUP | NO16 | BYTE_REG;
		run_row(&row);
		sprintf(name, "cmov%x r,m", cc);
		row.opcode = 0x40 + cc;
		row.how = MAP1;
		run_row(&row);
	}
}

/* A whole string instruction, element by element as the callers do it. */
static bool emulate_string(const struct vam_insn *insn, struct vam_regs *regs)
{
	u64 mem[2] = { 0, 0 };
	u64 src, dst;
	bool write;
	bool more = vam_insn_string_count(insn, regs) != 0;

	while (more) {
		src = vam_insn_string_src(insn, regs) - (u64)buffer;
		dst = vam_insn_string_dst(insn, regs) - (u64)buffer;
		if (src > BUFFER_SIZE - 8 || dst > BUFFER_SIZE - 8)
			return false;
		if (insn->op == VAM_INSN_SCAS)
			memcpy(&mem[0], before + dst, insn->memsize);
		else
			memcpy(&mem[0], before + src, insn->memsize);
		memcpy(&mem[1], before + dst, insn->memsize);
		if (vam_insn_exec(insn, regs, mem, &write) ||
		    write != insn->writes_mem)
			return false;
		if (write)
			memcpy(before + dst, mem, insn->memsize);
		more = vam_insn_string_step(insn, regs, 1);
	}
	return true;
}

static bool run_string_case(const char *name, u8 opcode)
{
	struct vam_regs start, native, ours;
	unsigned int size = below(4);
	unsigned int i, repeat = below(3);
	struct vam_insn insn;
	struct built b = { .len = 0 };
	bool addr32 = below(4) == 0;

	for (i = 0; i < VAM_NR_GPRS; i++)
		start.gpr[i] = interesting();
	start.gpr[VAM_RSP] = 0;
	start.gpr[VAM_RSI] = (u64)buffer + BUFFER_SIZE / 2 + below(64);
	start.gpr[VAM_RDI] = (u64)buffer + BUFFER_SIZE / 2 + below(64);
	start.gpr[VAM_RCX] = below(20);
	start.rflags = 0x202 | (any() & (ARITH | DF));
	start.rip = (u64)code;
	if (addr32) {
		start.gpr[VAM_RCX] |= any() << 32;
		start.gpr[VAM_RSI] |= any() << 32;
		start.gpr[VAM_RDI] |= any() << 32;
		put(&b, 0x67, 1);
	}
	/* Equal bytes, so that CMPS and SCAS go on for a while. */
	if (below(2)) {
		memset(buffer + BUFFER_SIZE / 2 - 256, start.gpr[VAM_RAX], 512);
		memcpy(before, buffer, BUFFER_SIZE);
	}

	if (repeat)
		put(&b, repeat == 1 ? 0xf2 : 0xf3, 1);
	if (size == 1)
		put(&b, 0x66, 1);
	if (size == 3)
		put(&b, 0x48, 1);
	put(&b, opcode + (size != 0), 1);
	memcpy(code, b.bytes, b.len);
	code[b.len] = 0xc3;
	if (vam_insn_decode(&insn, b.bytes, b.len, VAM_INSN_64) ||
	    insn.len != b.len || !insn.is_string)
		return false;

	native = start;
	ours = start;
	native_run(&native, code);
	total++;
	if (!emulate_string(&insn, &ours)) {
		complain(name, "string", &b, 0, 0);
		return false;
	}
	return same_memory(name, &b) & same_regs(name, &b, &native, &ours, 0);
}

static void run_strings(void)
{
	static const struct {
		const char *name;
		u8 opcode;
	} strings[] = {
		{ "movs", 0xa4 }, { "cmps", 0xa6 }, { "stos", 0xaa },
		{ "lods", 0xac }, { "scas", 0xae },
	};
	unsigned int i, n, wrong;
	char sentence[64];

	for (i = 0; i < ARRAY_SIZE(strings); i++) {
		notes = 0;
		wrong = 0;
		for (n = 0; n < CASES_PER_ROW; n++)
			wrong += !run_string_case(strings[i].name,
						  strings[i].opcode);
		snprintf(sentence, sizeof(sentence),
			 "%s with and without repeat does what the CPU does",
			 strings[i].name);
		tap_ok(!wrong, sentence);
	}
}

/*
 * Every ModRM and SIB byte, with and without REX.B, REX.X and 67: LEA on the
 * CPU against vam_insn_ea(). Nothing is accessed, so any address will do.
 */
static bool run_addresses(void)
{
	struct vam_regs start, native, ours;
	unsigned int modrm, sib, prefix, i;
	struct vam_insn insn;
	struct built b;
	u64 mem[2];
	bool write;

	for (prefix = 0; prefix < 8; prefix++) {
		for (modrm = 0; modrm < 0xc0; modrm++) {
			for (sib = 0; sib < 256; sib++) {
				/* rsp is not ours to compare */
				if ((modrm >> 3 & 7) == 4)
					continue;
				if ((modrm & 7) == 4 && (sib & 7) == 4 &&
				    !(prefix & 1))
					continue;
				b.len = 0;
				if (prefix & 4)
					put(&b, 0x67, 1);
				put(&b, 0x48 | (prefix & 3), 1);
				put(&b, 0x8d, 1);
				put(&b, modrm, 1);
				put(&b, sib, 1);
				put(&b, any(), 8);
				if (vam_insn_decode(&insn, b.bytes, 15,
						    VAM_INSN_64))
					return false;
				b.len = insn.len;
				memcpy(code, b.bytes, b.len);
				code[b.len] = 0xc3;
				for (i = 0; i < VAM_NR_GPRS; i++)
					start.gpr[i] = any();
				start.rflags = 0x202;
				start.rip = (u64)code;
				native = start;
				ours = start;
				native_run(&native, code);
				total++;
				if (vam_insn_exec(&insn, &ours, mem, &write) ||
				    !same_regs("lea", &b, &native, &ours, 0))
					return false;
			}
		}
	}
	return true;
}

int main(void)
{
	unsigned int i;
	char sentence[64];

	buffer = mmap(NULL, BUFFER_SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	before = malloc(BUFFER_SIZE);
	if (buffer == MAP_FAILED || code == MAP_FAILED || !before) {
		tap_ok(false, "there is memory below 4 GiB to work in");
		return tap_done();
	}
	for (i = 0; i < BUFFER_SIZE; i++)
		buffer[i] = any();
	memcpy(before, buffer, BUFFER_SIZE);

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		run_row(&rows[i]);
	run_conditions();
	run_strings();
	notes = 0;
	tap_ok(run_addresses(), "every addressing form gives LEA's address");
	snprintf(sentence, sizeof(sentence), "%llu cases ran natively", total);
	tap_ok(total >= 300000, sentence);
	free(before);
	return tap_done();
}
