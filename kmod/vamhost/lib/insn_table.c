// SPDX-License-Identifier: GPL-2.0
/*
 * lib/insn_table.c - the opcode tables
 *
 * Every opcode of the one-byte and the 0F map has a row, so that the decoder
 * never has to guess a length: what we cannot emulate is OTHER, what the CPU
 * rejects is UD. The 0F 38 and 0F 3A maps are regular enough to need none.
 *
 * Layer:    lib, read by insn.c only.
 * Spec:     APM vol. 3 appendix A, tables.
 * Tour:     after lib/insn.h, before lib/insn.c.
 */
#include "lib/insn_table.h"

/* clang-format off */
#define ARGS(d, s) (VAM_ARG_##d | VAM_ARG_##s << 4)

#define MODRM ROW_MODRM
#define BYTE ROW_BYTE
#define RD ROW_RD
#define WR ROW_WR
#define RW ROW_RW
#define LOCK ROW_LOCK
#define DEF64 ROW_DEF64
#define NO64 ROW_NO64
#define MEM ROW_MEM
#define SPECIAL ROW_SPECIAL
#define STRING ROW_STRING
#define STACK ROW_STACK
#define ZEXT ROW_ZEXT
#define MAX4 ROW_MAX4
#define I8 ROW_I8
#define I16 ROW_I16
#define IZ ROW_IZ
#define IV ROW_IV

#define ROW(op, d, s, flags) { VAM_INSN_##op, ARGS(d, s), flags }
#define PLAIN(op) ROW(op, NONE, NONE, 0)
#define OTHER(flags) ROW(OTHER, NONE, NONE, flags)
#define GROUP(n, d, s, f) { VAM_GROUP_##n, ARGS(d, s), ROW_GROUP | MODRM | (f) }
#define UD { VAM_ROW_UD, 0, 0 }

/* The six encodings of an arithmetic operation; @wr is 0 for CMP. */
#define ALU(code, op, wr)                                              \
	[code] = ROW(op, RM, REG, MODRM | BYTE | RD | (wr)),           \
	[(code) + 1] = ROW(op, RM, REG, MODRM | RD | (wr)),            \
	[(code) + 2] = ROW(op, REG, RM, MODRM | BYTE | RD),            \
	[(code) + 3] = ROW(op, REG, RM, MODRM | RD),                   \
	[(code) + 4] = ROW(op, ACC, IMM, BYTE | IZ),                   \
	[(code) + 5] = ROW(op, ACC, IMM, IZ)

const struct vam_insn_row vam_insn_map0[256] = {
	ALU(0x00, ADD, WR | LOCK),
	ALU(0x08, OR, WR | LOCK),
	ALU(0x10, ADC, WR | LOCK),
	ALU(0x18, SBB, WR | LOCK),
	ALU(0x20, AND, WR | LOCK),
	ALU(0x28, SUB, WR | LOCK),
	ALU(0x30, XOR, WR | LOCK),
	ALU(0x38, CMP, 0),

	/* PUSH and POP of segment registers, decimal adjustment */
	[0x06] = OTHER(NO64 | STACK), [0x07] = OTHER(NO64 | STACK),
	[0x0e] = OTHER(NO64 | STACK), [0x0f] = UD, /* never looked up */
	[0x16] = OTHER(NO64 | STACK), [0x17] = OTHER(NO64 | STACK),
	[0x1e] = OTHER(NO64 | STACK), [0x1f] = OTHER(NO64 | STACK),
	[0x26] = UD, [0x27] = OTHER(NO64),
	[0x2e] = UD, [0x2f] = OTHER(NO64),
	[0x36] = UD, [0x37] = OTHER(NO64),
	[0x3e] = UD, [0x3f] = OTHER(NO64),

	/* In 64-bit mode these bytes are REX prefixes and never get here. */
	[0x40 ... 0x47] = ROW(INC, OREG, NONE, 0),
	[0x48 ... 0x4f] = ROW(DEC, OREG, NONE, 0),
	[0x50 ... 0x57] = ROW(PUSH, NONE, OREG, DEF64 | STACK),
	[0x58 ... 0x5f] = ROW(POP, OREG, NONE, DEF64 | STACK),

	[0x60] = OTHER(NO64 | STACK), [0x61] = OTHER(NO64 | STACK),
	[0x62] = OTHER(NO64 | MODRM | MEM), /* BOUND */
	[0x63] = OTHER(MODRM | SPECIAL), /* ARPL, MOVSXD */
	[0x64 ... 0x67] = UD,
	[0x68] = ROW(PUSH, NONE, IMM, IZ | DEF64 | STACK),
	[0x69] = ROW(IMUL, REG, RM, MODRM | RD | IZ),
	[0x6a] = ROW(PUSH, NONE, IMM, I8 | DEF64 | STACK),
	[0x6b] = ROW(IMUL, REG, RM, MODRM | RD | I8),
	[0x6c] = ROW(INS, NONE, DX, BYTE | STRING | WR),
	[0x6d] = ROW(INS, NONE, DX, MAX4 | STRING | WR),
	[0x6e] = ROW(OUTS, DX, NONE, BYTE | STRING | RD),
	[0x6f] = ROW(OUTS, DX, NONE, MAX4 | STRING | RD),

	[0x70 ... 0x7f] = ROW(JCC, NONE, IMM, I8 | DEF64),

	[0x80] = GROUP(1, RM, IMM, BYTE | I8),
	[0x81] = GROUP(1, RM, IMM, IZ),
	[0x82] = GROUP(1, RM, IMM, BYTE | I8 | NO64),
	[0x83] = GROUP(1, RM, IMM, I8),
	[0x84] = ROW(TEST, RM, REG, MODRM | BYTE | RD),
	[0x85] = ROW(TEST, RM, REG, MODRM | RD),
	[0x86] = ROW(XCHG, RM, REG, MODRM | BYTE | RW | LOCK),
	[0x87] = ROW(XCHG, RM, REG, MODRM | RW | LOCK),
	[0x88] = ROW(MOV, RM, REG, MODRM | BYTE | WR),
	[0x89] = ROW(MOV, RM, REG, MODRM | WR),
	[0x8a] = ROW(MOV, REG, RM, MODRM | BYTE | RD),
	[0x8b] = ROW(MOV, REG, RM, MODRM | RD),
	[0x8c] = ROW(MOV_FROM_SREG, RM, NONE, MODRM | WR | ROW_M2 | SPECIAL),
	[0x8d] = ROW(LEA, REG, NONE, MODRM | MEM),
	[0x8e] = ROW(MOV_TO_SREG, NONE, RM, MODRM | RD | ROW_M2 | SPECIAL),
	[0x8f] = GROUP(1A, RM, NONE, DEF64),

	[0x90] = ROW(XCHG, OREG, ACC, SPECIAL), /* NOP, PAUSE */
	[0x91 ... 0x97] = ROW(XCHG, OREG, ACC, 0),
	[0x98] = OTHER(0), [0x99] = OTHER(0),
	[0x9a] = OTHER(NO64 | STACK | ROW_IFAR),
	[0x9b] = OTHER(0),
	[0x9c] = ROW(PUSHF, NONE, NONE, DEF64 | STACK),
	[0x9d] = ROW(POPF, NONE, NONE, DEF64 | STACK),
	[0x9e] = OTHER(0), [0x9f] = OTHER(0), /* SAHF, LAHF */

	[0xa0] = ROW(MOV, ACC, MOFFS, BYTE | ROW_IADDR | RD),
	[0xa1] = ROW(MOV, ACC, MOFFS, ROW_IADDR | RD),
	[0xa2] = ROW(MOV, MOFFS, ACC, BYTE | ROW_IADDR | WR),
	[0xa3] = ROW(MOV, MOFFS, ACC, ROW_IADDR | WR),
	[0xa4] = ROW(MOVS, NONE, NONE, BYTE | STRING | RW),
	[0xa5] = ROW(MOVS, NONE, NONE, STRING | RW),
	[0xa6] = ROW(CMPS, NONE, NONE, BYTE | STRING | RD),
	[0xa7] = ROW(CMPS, NONE, NONE, STRING | RD),
	[0xa8] = ROW(TEST, ACC, IMM, BYTE | IZ),
	[0xa9] = ROW(TEST, ACC, IMM, IZ),
	[0xaa] = ROW(STOS, NONE, ACC, BYTE | STRING | WR),
	[0xab] = ROW(STOS, NONE, ACC, STRING | WR),
	[0xac] = ROW(LODS, ACC, NONE, BYTE | STRING | RD),
	[0xad] = ROW(LODS, ACC, NONE, STRING | RD),
	[0xae] = ROW(SCAS, ACC, NONE, BYTE | STRING | RD),
	[0xaf] = ROW(SCAS, ACC, NONE, STRING | RD),

	[0xb0 ... 0xb7] = ROW(MOV, OREG, IMM, BYTE | IV),
	[0xb8 ... 0xbf] = ROW(MOV, OREG, IMM, IV),

	[0xc0] = GROUP(2, RM, IMM, BYTE | I8),
	[0xc1] = GROUP(2, RM, IMM, I8),
	[0xc2] = ROW(RET, NONE, NONE, I16 | ZEXT | DEF64 | STACK),
	[0xc3] = ROW(RET, NONE, NONE, DEF64 | STACK),
	[0xc4] = OTHER(NO64 | MODRM | MEM), /* LES */
	[0xc5] = OTHER(NO64 | MODRM | MEM), /* LDS */
	[0xc6] = GROUP(11, RM, IMM, BYTE | I8),
	[0xc7] = GROUP(11, RM, IMM, IZ),
	[0xc8] = OTHER(ROW_IENTER | DEF64 | STACK),
	[0xc9] = OTHER(DEF64 | STACK),
	[0xca] = OTHER(I16 | ZEXT | STACK), [0xcb] = OTHER(STACK),
	[0xcc] = ROW(INT3, NONE, NONE, STACK),
	[0xcd] = ROW(INT, NONE, NONE, I8 | ZEXT | STACK),
	[0xce] = ROW(INTO, NONE, NONE, NO64 | STACK),
	[0xcf] = ROW(IRET, NONE, NONE, STACK),

	[0xd0] = GROUP(2, RM, ONE, BYTE),
	[0xd1] = GROUP(2, RM, ONE, 0),
	[0xd2] = GROUP(2, RM, CL, BYTE),
	[0xd3] = GROUP(2, RM, CL, 0),
	[0xd4] = OTHER(NO64 | I8), [0xd5] = OTHER(NO64 | I8), /* AAM, AAD */
	[0xd6] = OTHER(NO64), /* SALC */
	[0xd7] = OTHER(0), /* XLAT */
	[0xd8 ... 0xdf] = OTHER(MODRM), /* x87 */

	[0xe0 ... 0xe3] = OTHER(I8 | DEF64), /* LOOP, JCXZ */
	[0xe4] = ROW(IN, ACC, IMM, BYTE | I8 | ZEXT),
	[0xe5] = ROW(IN, ACC, IMM, MAX4 | I8 | ZEXT),
	[0xe6] = ROW(OUT, IMM, ACC, BYTE | I8 | ZEXT),
	[0xe7] = ROW(OUT, IMM, ACC, MAX4 | I8 | ZEXT),
	[0xe8] = ROW(CALL, NONE, IMM, IZ | DEF64 | STACK),
	[0xe9] = ROW(JMP, NONE, IMM, IZ | DEF64),
	[0xea] = OTHER(NO64 | ROW_IFAR),
	[0xeb] = ROW(JMP, NONE, IMM, I8 | DEF64),
	[0xec] = ROW(IN, ACC, DX, BYTE),
	[0xed] = ROW(IN, ACC, DX, MAX4),
	[0xee] = ROW(OUT, DX, ACC, BYTE),
	[0xef] = ROW(OUT, DX, ACC, MAX4),

	[0xf0] = UD, [0xf2 ... 0xf3] = UD, /* prefixes */
	[0xf1] = ROW(INT1, NONE, NONE, STACK),
	[0xf4] = PLAIN(HLT),
	[0xf5] = PLAIN(CMC),
	[0xf6] = GROUP(3, NONE, NONE, BYTE),
	[0xf7] = GROUP(3, NONE, NONE, 0),
	[0xf8] = PLAIN(CLC),
	[0xf9] = PLAIN(STC),
	[0xfa] = PLAIN(CLI),
	[0xfb] = PLAIN(STI),
	[0xfc] = PLAIN(CLD),
	[0xfd] = PLAIN(STD),
	[0xfe] = GROUP(4, RM, NONE, BYTE),
	[0xff] = GROUP(5, NONE, NONE, 0),
};

/* A row of the 0F map that insn.c: resolve_vector() may turn into SSE_MOV */
#define SSE OTHER(MODRM | SPECIAL)

const struct vam_insn_row vam_insn_map1[256] = {
	[0x00] = GROUP(6, NONE, NONE, 0),
	[0x01] = OTHER(MODRM | SPECIAL),
	[0x02 ... 0x03] = OTHER(MODRM), /* LAR, LSL */
	[0x04] = UD,
	[0x05] = PLAIN(SYSCALL),
	[0x06] = PLAIN(CLTS),
	[0x07] = PLAIN(SYSRET),
	[0x08] = PLAIN(INVD),
	[0x09] = PLAIN(WBINVD),
	[0x0a ... 0x0c] = UD, /* 0B: UD2 */
	[0x0d] = ROW(NOP, NONE, NONE, MODRM), /* PREFETCHW */
	[0x0e] = OTHER(0), /* FEMMS */
	[0x0f] = OTHER(MODRM | I8), /* 3DNow! */

	[0x10 ... 0x11] = SSE,
	[0x12 ... 0x17] = OTHER(MODRM),
	[0x18 ... 0x1f] = ROW(NOP, NONE, NONE, MODRM),

	[0x20] = ROW(MOV_FROM_CR, NONE, NONE, MODRM | ROW_NOMOD | SPECIAL),
	[0x21] = ROW(MOV_FROM_DR, NONE, NONE, MODRM | ROW_NOMOD | SPECIAL),
	[0x22] = ROW(MOV_TO_CR, NONE, NONE, MODRM | ROW_NOMOD | SPECIAL),
	[0x23] = ROW(MOV_TO_DR, NONE, NONE, MODRM | ROW_NOMOD | SPECIAL),
	[0x24 ... 0x27] = UD,
	[0x28 ... 0x29] = SSE,
	[0x2a] = OTHER(MODRM),
	[0x2b] = SSE,
	[0x2c ... 0x2f] = OTHER(MODRM),

	[0x30] = PLAIN(WRMSR),
	[0x31] = PLAIN(RDTSC),
	[0x32] = PLAIN(RDMSR),
	[0x33] = PLAIN(RDPMC),
	[0x34] = PLAIN(SYSENTER),
	[0x35] = PLAIN(SYSEXIT),
	[0x36] = UD,
	[0x37] = OTHER(0), /* GETSEC */
	[0x38 ... 0x3f] = UD, /* 38 and 3A: never looked up */

	[0x40 ... 0x4f] = ROW(CMOVCC, REG, RM, MODRM | RD),
	[0x50 ... 0x6d] = OTHER(MODRM),
	[0x6e ... 0x6f] = SSE,
	[0x70 ... 0x73] = OTHER(MODRM | I8),
	[0x74 ... 0x76] = OTHER(MODRM),
	[0x77] = OTHER(0), /* EMMS */
	[0x78 ... 0x79] = SSE, /* VMREAD, VMWRITE, EXTRQ, INSERTQ */
	[0x7a ... 0x7b] = UD,
	[0x7c ... 0x7d] = OTHER(MODRM),
	[0x7e ... 0x7f] = SSE,

	[0x80 ... 0x8f] = ROW(JCC, NONE, IMM, IZ | DEF64),
	[0x90 ... 0x9f] = ROW(SETCC, RM, NONE, MODRM | BYTE | WR),

	[0xa0 ... 0xa1] = OTHER(DEF64 | STACK), /* PUSH, POP FS */
	[0xa2] = PLAIN(CPUID),
	[0xa3] = ROW(BT, RM, REG, MODRM | RD),
	[0xa4] = ROW(SHLD, RM, REG, MODRM | RW | I8),
	[0xa5] = ROW(SHLD, RM, REG, MODRM | RW),
	[0xa6 ... 0xa7] = UD,
	[0xa8 ... 0xa9] = OTHER(DEF64 | STACK), /* PUSH, POP GS */
	[0xaa] = PLAIN(RSM),
	[0xab] = ROW(BTS, RM, REG, MODRM | RW | LOCK),
	[0xac] = ROW(SHRD, RM, REG, MODRM | RW | I8),
	[0xad] = ROW(SHRD, RM, REG, MODRM | RW),
	[0xae] = OTHER(MODRM | SPECIAL),
	[0xaf] = ROW(IMUL, REG, RM, MODRM | RD),

	[0xb0] = ROW(CMPXCHG, RM, REG, MODRM | BYTE | RW | LOCK),
	[0xb1] = ROW(CMPXCHG, RM, REG, MODRM | RW | LOCK),
	[0xb2] = OTHER(MODRM | MEM), /* LSS */
	[0xb3] = ROW(BTR, RM, REG, MODRM | RW | LOCK),
	[0xb4 ... 0xb5] = OTHER(MODRM | MEM), /* LFS, LGS */
	[0xb6] = ROW(MOVZX, REG, RM, MODRM | RD | ROW_M1),
	[0xb7] = ROW(MOVZX, REG, RM, MODRM | RD | ROW_M2),
	[0xb8] = OTHER(MODRM | SPECIAL), /* POPCNT */
	[0xb9] = UD, /* UD1 */
	[0xba] = GROUP(8, RM, IMM, I8),
	[0xbb] = ROW(BTC, RM, REG, MODRM | RW | LOCK),
	[0xbc ... 0xbd] = OTHER(MODRM), /* BSF, BSR, TZCNT, LZCNT */
	[0xbe] = ROW(MOVSX, REG, RM, MODRM | RD | ROW_M1),
	[0xbf] = ROW(MOVSX, REG, RM, MODRM | RD | ROW_M2),

	[0xc0] = ROW(XADD, RM, REG, MODRM | BYTE | RW | LOCK),
	[0xc1] = ROW(XADD, RM, REG, MODRM | RW | LOCK),
	[0xc2] = OTHER(MODRM | I8),
	[0xc3] = ROW(MOV, RM, REG, MODRM | MEM | WR | SPECIAL), /* MOVNTI */
	[0xc4 ... 0xc6] = OTHER(MODRM | I8),
	[0xc7] = GROUP(9, NONE, NONE, SPECIAL),
	[0xc8 ... 0xcf] = OTHER(0), /* BSWAP */

	[0xd0 ... 0xd5] = OTHER(MODRM),
	[0xd6] = SSE,
	[0xd7 ... 0xe6] = OTHER(MODRM),
	[0xe7] = SSE,
	[0xe8 ... 0xef] = OTHER(MODRM),
	[0xf0] = SSE,
	[0xf1 ... 0xfe] = OTHER(MODRM),
	[0xff] = UD, /* UD0 */
};

/* Rows of a group: operands come from the opcode's row if it has any. */
#define SUB_ROW(op, flags) { VAM_INSN_##op, 0, flags }

const struct vam_insn_row vam_insn_groups[VAM_NR_GROUPS][8] = {
	[VAM_GROUP_1] = {
		SUB_ROW(ADD, RW | LOCK), SUB_ROW(OR, RW | LOCK),
		SUB_ROW(ADC, RW | LOCK), SUB_ROW(SBB, RW | LOCK),
		SUB_ROW(AND, RW | LOCK), SUB_ROW(SUB, RW | LOCK),
		SUB_ROW(XOR, RW | LOCK), SUB_ROW(CMP, RD),
	},
	[VAM_GROUP_1A] = {
		SUB_ROW(POP, WR | STACK), UD, UD, UD, UD, UD, UD, UD,
	},
	[VAM_GROUP_2] = {
		/* 6 is not in the manuals, and every CPU does SHL for it. */
		SUB_ROW(ROL, RW), SUB_ROW(ROR, RW),
		SUB_ROW(RCL, RW), SUB_ROW(RCR, RW),
		SUB_ROW(SHL, RW), SUB_ROW(SHR, RW),
		SUB_ROW(SHL, RW), SUB_ROW(SAR, RW),
	},
	[VAM_GROUP_3] = {
		ROW(TEST, RM, IMM, RD | IZ), ROW(TEST, RM, IMM, RD | IZ),
		ROW(NOT, RM, NONE, RW | LOCK), ROW(NEG, RM, NONE, RW | LOCK),
		OTHER(0), OTHER(0), OTHER(0), OTHER(0), /* MUL, DIV */
	},
	[VAM_GROUP_4] = {
		SUB_ROW(INC, RW | LOCK), SUB_ROW(DEC, RW | LOCK),
		UD, UD, UD, UD, UD, UD,
	},
	[VAM_GROUP_5] = {
		ROW(INC, RM, NONE, RW | LOCK), ROW(DEC, RM, NONE, RW | LOCK),
		ROW(CALL, NONE, RM, RD | DEF64 | STACK),
		OTHER(MEM | STACK), /* far call */
		ROW(JMP, NONE, RM, RD | DEF64),
		OTHER(MEM), /* far jump */
		ROW(PUSH, NONE, RM, RD | DEF64 | STACK),
		UD,
	},
	[VAM_GROUP_6] = {
		ROW(SLDT, RM, NONE, WR | ROW_M2),
		ROW(STR, RM, NONE, WR | ROW_M2),
		ROW(LLDT, NONE, RM, RD | ROW_M2),
		ROW(LTR, NONE, RM, RD | ROW_M2),
		OTHER(0), OTHER(0), /* VERR, VERW */
		UD, UD,
	},
	[VAM_GROUP_7] = {
		SUB_ROW(SGDT, WR | ROW_MDESC), SUB_ROW(SIDT, WR | ROW_MDESC),
		SUB_ROW(LGDT, RD | ROW_MDESC), SUB_ROW(LIDT, RD | ROW_MDESC),
		ROW(SMSW, RM, NONE, WR | ROW_M2),
		OTHER(0), /* RSTORSSP */
		ROW(LMSW, NONE, RM, RD | ROW_M2),
		SUB_ROW(INVLPG, 0),
	},
	[VAM_GROUP_8] = {
		UD, UD, UD, UD,
		SUB_ROW(BT, RD), SUB_ROW(BTS, RW | LOCK),
		SUB_ROW(BTR, RW | LOCK), SUB_ROW(BTC, RW | LOCK),
	},
	[VAM_GROUP_9] = {
		UD,
		ROW(CMPXCHG8B, RM, NONE, RW | LOCK | MEM),
		UD,
		OTHER(MEM), OTHER(MEM), OTHER(MEM), /* XRSTORS, XSAVEC, XSAVES */
		OTHER(0), OTHER(0), /* RDRAND, RDSEED, RDPID, VT-x */
	},
	[VAM_GROUP_11] = {
		SUB_ROW(MOV, WR), UD, UD, UD, UD, UD, UD,
		OTHER(SPECIAL), /* XABORT, XBEGIN */
	},
};

const u8 vam_insn_0f01[64] = {
	/* C0: ENCLV */ VAM_INSN_OTHER, VAM_INSN_VMCALL, VAM_INSN_VMX, VAM_INSN_VMX,
	/* C4 */ VAM_INSN_VMX, VAM_INSN_OTHER, VAM_ROW_UD, VAM_ROW_UD,
	/* C8 */ VAM_INSN_MONITOR, VAM_INSN_MWAIT,
	/* CA: CLAC, STAC */ VAM_INSN_OTHER, VAM_INSN_OTHER,
	/* CC: SEAMRET and relatives, ENCLS */
	VAM_INSN_OTHER, VAM_INSN_OTHER, VAM_INSN_OTHER, VAM_INSN_OTHER,
	/* D0 */ VAM_INSN_XGETBV, VAM_INSN_XSETBV, VAM_ROW_UD, VAM_ROW_UD,
	/* D4: VMFUNC, XEND, XTEST, ENCLU */
	VAM_INSN_VMX, VAM_INSN_OTHER, VAM_INSN_OTHER, VAM_INSN_OTHER,
	/* D8 */ VAM_INSN_VMRUN, VAM_INSN_VMMCALL,
	/* DA */ VAM_INSN_VMLOAD, VAM_INSN_VMSAVE,
	/* DC */ VAM_INSN_STGI, VAM_INSN_CLGI,
	/* DE */ VAM_INSN_SKINIT, VAM_INSN_INVLPGA,
	/* E0 */ VAM_INSN_SMSW, VAM_INSN_SMSW, VAM_INSN_SMSW, VAM_INSN_SMSW,
	/* E4 */ VAM_INSN_SMSW, VAM_INSN_SMSW, VAM_INSN_SMSW, VAM_INSN_SMSW,
	/* E8: shadow stacks, load tracking, protection keys */
	VAM_INSN_OTHER, VAM_INSN_OTHER, VAM_INSN_OTHER, VAM_ROW_UD,
	VAM_INSN_OTHER, VAM_INSN_OTHER, VAM_INSN_OTHER, VAM_INSN_OTHER,
	/* F0 */ VAM_INSN_LMSW, VAM_INSN_LMSW, VAM_INSN_LMSW, VAM_INSN_LMSW,
	/* F4 */ VAM_INSN_LMSW, VAM_INSN_LMSW, VAM_INSN_LMSW, VAM_INSN_LMSW,
	/* F8 */ VAM_INSN_SWAPGS, VAM_INSN_RDTSCP,
	/* FA: MONITORX, MWAITX, CLZERO, RDPRU, INVLPGB, TLBSYNC */
	VAM_INSN_OTHER, VAM_INSN_OTHER, VAM_INSN_OTHER, VAM_INSN_OTHER,
	VAM_INSN_OTHER, VAM_INSN_OTHER,
};
/* clang-format on */
