/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/insn.h - decode one x86 instruction; execute it on a memory value
 *
 * A CPU without decode assists tells us that an instruction faulted, but not
 * which one. We read its bytes from guest memory and find out: how long it is,
 * which memory it touches in which direction, and what it does. The bytes are
 * the guest's and another of its CPUs may be changing them: decode a copy, and
 * believe nothing about them that is not in struct vam_insn afterwards.
 *
 * Layer:    lib. Called from run/ and the backends.
 * Locks:    none; no allocation, no global state that is ever written, may run
 *           anywhere. A call looks at 15 bytes at most.
 * Not here: fetching the bytes and segment bases: run/. Permission checks and
 *           faults: the caller, from the fields below.
 * Spec:     APM vol. 3 chapter 1 and appendix A; SDM vol. 2 chapter 2.
 * Tour:     before lib/insn.c.
 */
#ifndef VAM_LIB_INSN_H
#define VAM_LIB_INSN_H

#include <linux/types.h>

#include "lib/regs.h"

#define VAM_INSN_MAX_LEN 15

/* No register: struct vam_insn's base or index */
#define VAM_INSN_NO_REG 0xff

/* How the code segment makes the CPU decode; the value is the address size. */
enum vam_insn_mode {
	VAM_INSN_16 = 2, /* real, virtual-8086 and 16-bit protected */
	VAM_INSN_32 = 4, /* CS.D set, compatibility mode as well */
	VAM_INSN_64 = 8, /* EFER.LMA and CS.L */
};

/*
 * What the instruction is. Three families: vam_insn_exec() carries out the
 * first; the second is for the caller, who reads the operands from the
 * fields; of the third only the length and the addressing fields are known.
 */
enum vam_insn_op {
	/* Length and addressing only; of vectors (map > 3) the length only. */
	VAM_INSN_OTHER = 0,

	/* vam_insn_exec() does these. */
	VAM_INSN_NOP, /* 90, 0F 1F and the prefetches */
	VAM_INSN_PAUSE,
	VAM_INSN_MOV, /* also MOVNTI; to and from any argument */
	VAM_INSN_MOVZX, /* source has srcsize bytes */
	VAM_INSN_MOVSX, /* also MOVSXD */
	VAM_INSN_MOVBE,
	VAM_INSN_LEA,
	VAM_INSN_ADD,
	VAM_INSN_OR,
	VAM_INSN_ADC,
	VAM_INSN_SBB,
	VAM_INSN_AND,
	VAM_INSN_SUB,
	VAM_INSN_XOR,
	VAM_INSN_CMP,
	VAM_INSN_TEST,
	VAM_INSN_INC,
	VAM_INSN_DEC,
	VAM_INSN_NOT,
	VAM_INSN_NEG,
	VAM_INSN_ROL,
	VAM_INSN_ROR,
	VAM_INSN_RCL,
	VAM_INSN_RCR,
	VAM_INSN_SHL,
	VAM_INSN_SHR,
	VAM_INSN_SAR,
	VAM_INSN_SHLD,
	VAM_INSN_SHRD,
	VAM_INSN_XCHG,
	VAM_INSN_CMPXCHG,
	VAM_INSN_CMPXCHG8B, /* memsize 8, or 16: CMPXCHG16B */
	VAM_INSN_XADD,
	VAM_INSN_BT,
	VAM_INSN_BTS,
	VAM_INSN_BTR,
	VAM_INSN_BTC,
	VAM_INSN_SETCC, /* condition in cc */
	VAM_INSN_CMOVCC,
	VAM_INSN_IMUL, /* two and three operand forms */
	VAM_INSN_CLC,
	VAM_INSN_STC,
	VAM_INSN_CMC,
	VAM_INSN_CLD,
	VAM_INSN_STD,

	/* String instructions: vam_insn_exec() does one element of them. */
	VAM_INSN_MOVS,
	VAM_INSN_CMPS,
	VAM_INSN_STOS,
	VAM_INSN_LODS,
	VAM_INSN_SCAS,
	VAM_INSN_INS,
	VAM_INSN_OUTS,

	/* The caller's from here on: vam_insn_exec() says -EOPNOTSUPP. */
	VAM_INSN_PUSH, /* src: RM, REG, IMM; opsize bytes */
	VAM_INSN_POP, /* dst: RM, REG */
	VAM_INSN_CALL, /* src: RM, or IMM: offset from next rip */
	VAM_INSN_JMP, /* src: RM, or IMM: offset from next rip */
	VAM_INSN_JCC, /* src: IMM: offset; condition in cc */
	VAM_INSN_RET, /* near; imm = bytes to drop */
	VAM_INSN_PUSHF,
	VAM_INSN_POPF,
	VAM_INSN_MOV_FROM_SREG, /* dst RM, segment number in reg */
	VAM_INSN_MOV_TO_SREG, /* src RM, segment number in reg */
	VAM_INSN_SSE_MOV, /* see struct vam_insn.is_mmx */
	VAM_INSN_MOV_FROM_CR, /* CR number in reg, GPR in rm */
	VAM_INSN_MOV_TO_CR, /* CR number in reg, GPR in rm */
	VAM_INSN_MOV_FROM_DR, /* DR number in reg, GPR in rm */
	VAM_INSN_MOV_TO_DR, /* DR number in reg, GPR in rm */
	VAM_INSN_CLTS,
	VAM_INSN_LMSW, /* src RM, 2 bytes */
	VAM_INSN_SMSW, /* dst RM; memory: 2 bytes */
	VAM_INSN_INVLPG, /* memory operand is not accessed */
	VAM_INSN_INVPCID, /* 16 byte descriptor, type in GPR reg */
	VAM_INSN_INVLPGA,
	VAM_INSN_CPUID,
	VAM_INSN_RDMSR,
	VAM_INSN_WRMSR,
	VAM_INSN_RDPMC,
	VAM_INSN_RDTSC,
	VAM_INSN_RDTSCP,
	VAM_INSN_XGETBV,
	VAM_INSN_XSETBV,
	VAM_INSN_HLT,
	VAM_INSN_MONITOR,
	VAM_INSN_MWAIT,
	VAM_INSN_INVD,
	VAM_INSN_WBINVD,
	VAM_INSN_CLFLUSH, /* also CLFLUSHOPT, CLWB; no data access */
	VAM_INSN_CLI,
	VAM_INSN_STI,
	VAM_INSN_IN, /* opsize bytes; see vam_insn_port() */
	VAM_INSN_OUT,
	VAM_INSN_INT, /* vector in imm */
	VAM_INSN_INT3,
	VAM_INSN_INTO,
	VAM_INSN_INT1,
	VAM_INSN_IRET,
	VAM_INSN_SYSCALL,
	VAM_INSN_SYSRET,
	VAM_INSN_SYSENTER,
	VAM_INSN_SYSEXIT,
	VAM_INSN_SWAPGS,
	VAM_INSN_RSM,
	VAM_INSN_LGDT, /* pseudo-descriptor of memsize bytes */
	VAM_INSN_LIDT,
	VAM_INSN_SGDT,
	VAM_INSN_SIDT,
	VAM_INSN_LLDT,
	VAM_INSN_LTR,
	VAM_INSN_SLDT,
	VAM_INSN_STR,
	VAM_INSN_VMCALL, /* 0F 01 C1, the other vendor's VMMCALL */
	VAM_INSN_VMMCALL,
	/* From here on vam_insn_is_virt(); so is INVLPGA. */
	VAM_INSN_VMRUN,
	VAM_INSN_VMLOAD,
	VAM_INSN_VMSAVE,
	VAM_INSN_STGI,
	VAM_INSN_CLGI,
	VAM_INSN_SKINIT,
	VAM_INSN_VMX, /* any other VT-x instruction */

	VAM_INSN_NR_OPS,
};

/* Where an operand of struct vam_insn is. */
enum vam_insn_arg {
	VAM_ARG_NONE,
	VAM_ARG_REG, /* GPR reg */
	VAM_ARG_RM, /* memory if has_mem, else GPR rm */
	VAM_ARG_MOFFS, /* memory at disp; has_mem is set */
	VAM_ARG_ACC, /* AL, AX, EAX, RAX */
	VAM_ARG_IMM,
	VAM_ARG_CL, /* shift count */
	VAM_ARG_DX, /* port number */
};

/*
 * struct vam_insn - one decoded instruction
 *
 * Sizes are in bytes. Register numbers have REX applied. Of a byte register
 * AH, CH, DH or BH the number is that of RAX, RCX, RDX or RBX and the flag
 * reg_high or rm_high is set.
 */
struct vam_insn {
	u64 imm; /* sign-extended; INT, IN, OUT, RET: zero-extended */
	s64 disp; /* sign-extended displacement, or MOFFS address */

	u8 op; /* enum vam_insn_op */
	u8 len; /* of the whole instruction */
	u8 mode; /* enum vam_insn_mode it was decoded for */
	u8 opsize; /* 1, 2, 4, 8: of the operation; GPR operands only */
	u8 addrsize; /* 2, 4, 8 */
	u8 srcsize; /* as opsize, but MOVZX and MOVSX: their source */
	u8 memsize; /* of the memory operand; 0: none or unknown */
	u8 stacksize; /* bytes pushed or popped by PUSH/POP/CALL/RET/... */

	u8 dst; /* enum vam_insn_arg, the operand written (or CMP's) */
	u8 src; /* enum vam_insn_arg, the other one */
	u8 cc; /* condition code 0..15 of SETCC, CMOVCC, JCC */
	u8 seg; /* enum vam_seg_num of the memory operand, or rSI */

	u8 map; /* 0: one byte, 1: 0F, 2: 0F 38, 3: 0F 3A, >3: VEX */
	u8 opcode; /* last opcode byte */
	u8 mod; /* ModRM fields */
	u8 reg; /* also the register encoded in the opcode byte */
	u8 rm; /* meaningful as a register if mod == 3 */

	u8 base; /* GPR or VAM_INSN_NO_REG */
	u8 index; /* GPR or VAM_INSN_NO_REG */
	u8 scale; /* 1, 2, 4, 8 */
	u8 rex; /* the REX prefix in effect or 0 */

	bool has_modrm;
	bool has_mem; /* explicit memory operand: vam_insn_ea() */
	bool reads_mem; /* string: reads [rSI] or [rDI] */
	bool writes_mem; /* may write; vam_insn_exec() says if */
	bool rip_relative;
	bool seg_override; /* an override that counts in this mode */
	bool rep; /* F3 */
	bool repne; /* F2; of two the last one */
	bool opsize_prefix; /* 66 */
	bool lock;
	bool reg_high;
	bool rm_high;
	bool is_string; /* memory is [rSI] and/or [rDI] */
	bool is_stack; /* touches the stack beside its operands */
	bool is_mmx; /* SSE_MOV: reg is MMX (else XMM) */
	bool needs_align; /* memory must be aligned to memsize, or #GP */
};

/**
 * vam_insn_decode - find out what an instruction is
 * @insn: Filled completely on success, undefined on error
 * @bytes: Copy of the instruction's bytes; no more than 15 are looked at
 * @n: How many bytes there are
 * @mode: How the code segment makes the CPU decode
 *
 * Prefixes and operand rules are AMD's where the vendors differ: in 64-bit
 * mode an operand size prefix shortens near branches.
 *
 * Return: 0; -ENODATA: the instruction is longer than @n, get more bytes
 * (never when @n is 15 or more); -E2BIG: longer than 15 bytes, raises #GP;
 * -EINVAL: raises #UD; -EOPNOTSUPP: not known here.
 */
int __must_check vam_insn_decode(struct vam_insn *insn, const u8 *bytes,
				 unsigned int n, enum vam_insn_mode mode);

/**
 * vam_insn_is_virt - is it an instruction of a virtualization extension?
 * @insn: Decoded instruction
 *
 * Context: any. Return: true for those that only a host executes, of either
 * vendor; false for the two that call a hypervisor.
 */
static inline bool vam_insn_is_virt(const struct vam_insn *insn)
{
	return insn->op >= VAM_INSN_VMRUN || insn->op == VAM_INSN_INVLPGA;
}

/**
 * vam_insn_ea - offset part of the memory operand's address
 * @insn: Decoded instruction with has_mem set
 * @regs: Registers before the instruction, rip pointing at it
 *
 * The segment base of @insn->seg is not added. Handles rip-relative operands,
 * bit offsets of BT and its relatives that reach outside of the operand, and
 * POP with an rSP base (which sees rSP after the pop).
 *
 * Return: the offset, truncated to the address size
 */
u64 vam_insn_ea(const struct vam_insn *insn, const struct vam_regs *regs);

/**
 * vam_insn_port - I/O port of IN, OUT, INS, OUTS
 * @insn: Decoded instruction
 * @regs: Registers before the instruction
 *
 * Return: the port number
 */
u16 vam_insn_port(const struct vam_insn *insn, const struct vam_regs *regs);

/**
 * vam_insn_exec - carry out an instruction on registers and a memory value
 * @insn: Decoded instruction of the first two families of enum vam_insn_op
 * @regs: Registers, changed as the instruction says; rip stays
 * @mem: In: the memory operand's old value if @insn->reads_mem, low bytes
 *	first, mem[1] the high half of CMPXCHG16B. Out: the new value, if any
 * @write: Set to whether mem is to be written (@insn->memsize bytes)
 *
 * Flags that the manuals leave undefined: AF is cleared by AND, OR, XOR, TEST
 * and shifts; OF of shifts by other than one is what a shift by one of the
 * last step gives; BT and relatives leave OF, SF, AF and PF alone; IMUL
 * leaves SF, ZF, AF and PF alone.
 *
 * CMPXCHG writes in any case, the old value when the comparison failed, as
 * the CPU does. To be atomic against other CPUs, the caller works on a copy
 * of the registers, stores with compare-and-exchange of the value it read,
 * and starts over when that fails.
 *
 * Strings: one element, without moving rSI, rDI and rCX. mem[0] is the
 * element at rSI (MOVS, LODS, OUTS, CMPS) or rDI (SCAS); CMPS has the element
 * at rDI in mem[1]. MOVS and STOS leave what is to be written at rDI in
 * mem[0]. INS and OUTS leave mem[0] alone: the caller moves it from or to the
 * port.
 *
 * Return: 0; -EOPNOTSUPP: the caller must do this one itself; nothing was
 * changed
 */
int __must_check vam_insn_exec(const struct vam_insn *insn,
			       struct vam_regs *regs, u64 mem[2], bool *write);

/**
 * vam_insn_cond - evaluate a condition code
 * @cc: 0..15 as in the low bits of Jcc, SETcc and CMOVcc
 * @rflags: Flags to evaluate it on
 *
 * Return: whether the condition holds
 */
bool vam_insn_cond(u8 cc, u64 rflags);

/**
 * vam_insn_string_count - how many elements are left to do
 * @insn: A string instruction
 * @regs: Registers
 *
 * Return: rCX, truncated to the address size, with a repeat prefix; else 1
 */
u64 vam_insn_string_count(const struct vam_insn *insn,
			  const struct vam_regs *regs);

/**
 * vam_insn_string_src - offset of the element at rSI
 * @insn: MOVS, LODS, CMPS or OUTS; the segment is @insn->seg
 * @regs: Registers
 *
 * Return: the offset, truncated to the address size
 */
u64 vam_insn_string_src(const struct vam_insn *insn,
			const struct vam_regs *regs);

/**
 * vam_insn_string_dst - offset of the element at rDI
 * @insn: MOVS, STOS, CMPS, SCAS or INS; the segment is always ES
 * @regs: Registers
 *
 * Return: the offset, truncated to the address size
 */
u64 vam_insn_string_dst(const struct vam_insn *insn,
			const struct vam_regs *regs);

/**
 * vam_insn_string_step - go on by some elements
 * @insn: A string instruction
 * @regs: rSI and rDI (those it uses) move by @count elements in the direction
 *	of RFLAGS.DF, rCX is reduced by @count if there is a repeat prefix
 * @count: Elements done; 1 for CMPS and SCAS. Not more than
 *	vam_insn_string_count()
 *
 * Return: true when the instruction has to go on (rip stays): a repeat prefix,
 * rCX not 0, and for CMPS and SCAS the ZF that the prefix asks for
 */
bool vam_insn_string_step(const struct vam_insn *insn, struct vam_regs *regs,
			  u64 count);

#endif /* VAM_LIB_INSN_H */
