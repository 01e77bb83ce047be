// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_insn.c - runs random bytes, in ring 3 and then in ring 0
 *
 * Faults are caught and the next bytes tried; a timer interrupt ends endless
 * loops. Ring 0 code may do anything to this machine, and mostly does.
 * Opcode 0xf1 and IDIV's overflow of the smallest number stop some emulators,
 * so the bytes of these are left out of the first positions only.
 * Command line: seed=N rounds=N ring=0|3.
 * Expected: exits, runs into its time-out, or dies with a sentence.
 */
#include "guest.h"

#define CODE 0x500000ul /* user memory */

static u64 resume __attribute__((used)), saved_sp __attribute__((used));
static u64 random_regs[16] __attribute__((used));
static u32 done;

static void back(struct regs *regs)
{
	if (regs->vector >= 32)
		lapic_eoi();
	done++;
	regs->ip = resume;
	regs->cs = SEL_CODE64;
	regs->ss = SEL_DATA;
	regs->sp = saved_sp;
	regs->flags = 2;
}

/* To CODE with random registers, by IRETQ; any trap comes back to 1. */
static void run(u64 cs, u64 ss, u64 sp, u64 ip)
{
	asm volatile(
		"push %%rbp; push %%rbx; push %%r12; push %%r13; push %%r14; push %%r15\n\t"
		"movq $1f, resume; mov %%rsp, saved_sp\n\t"
		"push %1; push %2; pushq $0x202; push %0; push %3\n\t"
		"mov random_regs, %%rax; mov random_regs+8, %%rbx; mov random_regs+16, %%rcx\n\t"
		"mov random_regs+24, %%rdx; mov random_regs+32, %%rsi; mov random_regs+40, %%rdi\n\t"
		"mov random_regs+48, %%rbp; mov random_regs+56, %%r8; mov random_regs+64, %%r9\n\t"
		"iretq\n"
		"1: mov %4, %%eax; mov %%eax, %%ds; mov %%eax, %%es; cld\n\t"
		"pop %%r15; pop %%r14; pop %%r13; pop %%r12; pop %%rbx; pop %%rbp"
		:
		: "D"(cs), "S"(ss), "d"(sp), "c"(ip), "i"(SEL_DATA)
		: "rax", "r8", "r9", "r10", "r11", "memory", "cc");
}

int main(void)
{
	u32 i, k, v, rounds = cmdline_u64("rounds", 8000),
		     ring = cmdline_u64("ring", 3);
	u8 *code = (u8 *)CODE;
	struct rng rng;

	rng_seed(&rng, cmdline_u64("seed", 1));
	for (v = 0; v < 256; v++)
		trap_handlers[v] = back;
	lapic_enable();
	lapic_write(0x3e0, 0xb);
	lapic_write(0x320, 0x90);
	write_cr0((read_cr0() & ~(CR0_EM | CR0_TS)) | CR0_MP);
	write_cr4(read_cr4() | CR4_OSFXSR);
	for (i = 0; i < rounds; i++) {
		for (k = 0; k < 64; k++)
			code[k] = rng_next(&rng) >> 24;
		if (i & 1) { /* two-byte opcodes are rare by chance */
			code[0] = 0x0f;
			code[1] = rng_next(&rng) >> 24;
		}
		for (k = 0; k < 64; k++)
			if (code[k] == 0xf1 || code[k] == 0xf7 ||
			    code[k] == 0xf6)
				code[k] = 0x90;
		for (k = 0; k < 16; k++)
			random_regs[k] = rng_next(&rng) >>
					 (rng_next(&rng) & 63);
		if (i % 3 == 0)
			random_regs[0] = CODE + 0x1000;
		lapic_write(0x380, 200000);
		if (ring == 3)
			run(SEL_USER64, SEL_UDATA, CODE + 0x8000, CODE);
		else
			run(SEL_CODE64, SEL_DATA, CODE + 0x8000, CODE);
	}
	printf("alive\n");
	return 0;
}
