// SPDX-License-Identifier: GPL-2.0
/*
 * exc_breakpoint.c - the four breakpoint registers
 *
 * Fault or trap, which instruction a #DB is reported at, what DR6 holds, and
 * how RF suppresses an instruction breakpoint; code, data and port I/O.
 *
 * The emulated VMRUN puts the guest's DR7 in place but does not arm what it
 * says, so that under any hypervisor nothing fires there.
 *
 * Not here: single step, exc_debug.c.
 * Spec:     SDM vol. 3 ch. 17; APM vol. 2 ch. 13.
 */
#include "debug.h"

static volatile u64 word[4] __aligned(64) __attribute__((used));

extern char bp_a[], bp_b[], bp_c[];

static __attribute__((noinline, noclone)) void run_code(void)
{
	asm volatile(".globl bp_a, bp_b, bp_c\n"
		     "bp_a: nop\n"
		     "bp_b: xor %%eax, %%eax; cpuid\n"
		     "bp_c: nop\n"
		     :
		     :
		     : "rax", "rbx", "rcx", "rdx", "memory");
}

static void code(void)
{
	set_rf = true;
	write_dr6(DR6_INIT);
	write_dr0((ulong)bp_a);
	write_dr1((ulong)bp_b);
	write_dr2((ulong)bp_c);
	write_dr7(0x400 | 1 << 1 | 1 << 3 | 1 << 5);
	run_code();
	write_dr7(0x400);
	report("code breakpoints", (ulong)bp_a);
	write_dr3((ulong)bp_a);
	write_dr7(0x400 | 1 << 0 | 1 << 6);
	run_code();
	write_dr7(0x400);
	report("two on one address", (ulong)bp_a);
	run_code();
	report("disabled", (ulong)bp_a);
	write_dr7(0x400 | 1 << 1);
	asm volatile("pushf; orl $0x10000, (%%rsp); popf\n\t" : : : "memory");
	run_code();
	write_dr7(0x400);
	report("popf cannot set rf", (ulong)bp_a);
	set_rf = false;
}

#define ACCESS(name, insns)                                           \
	do {                                                          \
		extern char access_##name[];                          \
		asm volatile(".globl access_" #name "\n"              \
			     "access_" #name ":\n\t" insns            \
			     :                                        \
			     :                                        \
			     : "rax", "rcx", "rsi", "rdi", "memory"); \
		report("data " #name, (ulong)access_##name);          \
	} while (0)

static void data(void)
{
	write_dr6(DR6_INIT);
	write_dr0((ulong)&word[0]);
	write_dr1((ulong)&word[1]);
	write_dr2((ulong)&word[2] + 2);
	write_dr3((ulong)&word[3]);
	/* 0: write 1 byte, 1: read or write 4, 2: write 2, 3: read or write 8 */
	write_dr7(0x400 | 0xaa | 0x1ul << 16 | 0xful << 20 | 0x5ul << 24 |
		  0xbul << 28);
	ACCESS(write0, "movb $1, word; nop");
	ACCESS(read0, "movb word, %%al; nop");
	ACCESS(write0_wide, "movq $1, word; nop");
	ACCESS(write0_beside, "movb $1, word+1; nop");
	ACCESS(read1, "movl word+8, %%eax; nop");
	ACCESS(write1_last, "movb $1, word+11; nop");
	ACCESS(write1_beside, "movb $1, word+12; nop");
	ACCESS(write2, "movw $1, word+18; nop");
	ACCESS(write2_beside, "movw $1, word+16; nop");
	ACCESS(write3, "movb $1, word+31; nop");
	ACCESS(lock1, "lock incl word+8; nop");
	ACCESS(push,
	       "mov %%rsp, %%rax; lea word+8, %%rsp; push %%rax; mov %%rax, %%rsp; nop");
	write_dr7(0x400);
	ACCESS(off, "movb $1, word; nop");
}

static void io(void)
{
	ulong cr4 = read_cr4();

	write_cr4(cr4 | CR4_DE);
	write_dr6(DR6_INIT);
	write_dr0(0x80);
	write_dr7(0x400 | 1 << 1 | 2ul << 16);
	ACCESS(out80, "xor %%eax, %%eax; out %%al, $0x80; nop");
	ACCESS(in80, "in $0x80, %%al; nop");
	ACCESS(out81, "xor %%eax, %%eax; out %%al, $0xed; nop");
	write_dr7(0x400);
	write_cr4(cr4);
}

int main(void)
{
	trap_handlers[DB_VECTOR] = db;
	write_dr7(0x400);
	write_dr6(DR6_INIT);
	code();
	data();
	io();
	return 0;
}
