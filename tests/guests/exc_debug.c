// SPDX-License-Identifier: GPL-2.0
/*
 * exc_debug.c - single step and the debug registers as registers
 *
 * Which instruction a #DB is reported at and what DR6 holds. Instructions
 * that leave a virtual machine (CPUID, port I/O, RDMSR) are stepped over too:
 * whoever emulates them owes the guest the single-step trap.
 *
 * Not here: breakpoints, exc_breakpoint.c; ICEBP and DR7.GD, which the
 *           emulated machine does not have; stepping through a repeated
 *           string instruction, where it traps once too often.
 * Spec:     SDM vol. 3 ch. 17; APM vol. 2 ch. 13.
 */
#include "catch.h"
#include "debug.h"

/* Steps over `insns`, from the instruction after POPF to the next POPF. */
#define STEP(name, insns)                                                    \
	do {                                                                 \
		extern char step_##name[];                                   \
		asm volatile("pushf; pushf; orl $0x100, (%%rsp); popf\n"     \
			     ".globl step_" #name "\n"                       \
			     "step_" #name ":\n\t" insns "\n\t"              \
			     "popf\n\t"                                      \
			     :                                               \
			     :                                               \
			     : "rax", "rdi", "rbx", "rcx", "rdx", "memory"); \
		report("step " #name, (ulong)step_##name);                   \
	} while (0)

static volatile u64 word __attribute__((used));

static void single_step(void)
{
	STEP(nop, "nop; nop");
	STEP(cpuid, "xor %%eax, %%eax; cpuid; nop");
	STEP(port, "mov $0x80, %%dx; out %%al, %%dx; in %%dx, %%al; nop");
	STEP(rdmsr, "mov $0xc0000080, %%ecx; rdmsr; wrmsr; nop");
	STEP(cr,
	     "mov %%cr3, %%rax; mov %%rax, %%cr3; mov %%cr0, %%rax; mov %%rax, %%cr0; nop");
	STEP(invlpg, "invlpg word; nop");
	STEP(lapic, "mov 0xfee00030, %%eax; nop");
	STEP(movss, "mov %%ss, %%eax; mov %%eax, %%ss; nop; nop");
	STEP(pushf, "pushf; pop %%rax; nop");
	STEP(cli, "cli; nop");
	STEP(call, "call 1f; jmp 2f; 1: ret; 2: nop");
	STEP(rdtsc, "rdtsc; nop");
	STEP(dr, "mov %%dr7, %%rax; mov %%rax, %%dr7; nop");
	STEP(wbinvd, "wbinvd; nop");
	STEP(int3, "nop; int $0x81; nop");
}

static ulong int81_flags;

static void int81(struct regs *regs)
{
	int81_flags = flags_read();
	printf("int 0x81: saved tf %u, tf in handler %u\n",
	       !!(regs->flags & EFLAGS_TF), !!(int81_flags & EFLAGS_TF));
}

static void aliases(void)
{
	ulong cr4 = read_cr4();

	write_cr4(cr4 | CR4_DE);
	catch_on(UD_VECTOR);
	asm volatile(CATCH("mov %%dr4, %%rax") : : : "rax", "memory");
	catch_print("dr4 with DE=1");
	write_cr4(cr4);
	asm volatile(CATCH("mov %%dr4, %%rax") : : : "rax", "memory");
	catch_print("dr4 with DE=0");
}

static void registers(void)
{
	write_dr0(0x1111111111111111);
	write_dr1(0x2222222222222222);
	write_dr2(0x3333333333333333);
	write_dr3(0x4444444444444444);
	printf("dr0-3 %lx %lx %lx %lx\n", read_dr0(), read_dr1(), read_dr2(),
	       read_dr3());
	write_dr6(0xffffffff);
	printf("dr6 ones %lx\n", read_dr6() & 0xe00f);
	write_dr6(0);
	printf("dr6 zeros %lx\n", read_dr6() & 0xe00f);
	write_dr7(0x400);
	printf("dr7 %lx\n", read_dr7());
}

int main(void)
{
	trap_handlers[DB_VECTOR] = db;
	trap_handlers[0x81] = int81;
	write_dr7(0x400);
	write_dr6(DR6_INIT);
	single_step();
	aliases();
	registers();
	return 0;
}
