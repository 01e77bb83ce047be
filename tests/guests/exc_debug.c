// SPDX-License-Identifier: GPL-2.0
/*
 * exc_debug.c - single step and the four breakpoint registers
 *
 * Which instruction a #DB is reported at, fault or trap, what DR6 holds, and
 * how RF suppresses an instruction breakpoint. Instructions that leave a
 * virtual machine (CPUID, port I/O, RDMSR) are stepped over too: whoever
 * emulates them owes the guest the single-step trap.
 *
 * Not here: ICEBP and DR7.GD, which the emulated machine does not have, and
 *           stepping through a repeated string instruction, where it traps
 *           once too often.
 * Spec:     SDM vol. 3 ch. 17; APM vol. 2 ch. 13.
 */
#include "catch.h"

#define MAX_HITS 24

static struct {
	ulong ip, dr6, flags;
} hits[MAX_HITS];
static u32 nhits;
static bool set_rf, stop_step;

#define DEFINE_DR(n)                                          \
	static ulong read_dr##n(void)                         \
	{                                                     \
		ulong v;                                      \
		asm volatile("mov %%dr" #n ", %0" : "=r"(v)); \
		return v;                                     \
	}                                                     \
	static void write_dr##n(ulong v)                      \
	{                                                     \
		asm volatile("mov %0, %%dr" #n : : "r"(v));   \
	}
DEFINE_DR(0)
DEFINE_DR(1)
DEFINE_DR(2)
DEFINE_DR(3)
DEFINE_DR(6)
DEFINE_DR(7)

#define DR6_INIT 0xffff0ff0ul

static void db(struct regs *regs)
{
	if (nhits < MAX_HITS) {
		hits[nhits].ip = regs->ip;
		hits[nhits].flags = regs->flags;
		hits[nhits].dr6 = read_dr6();
	}
	nhits++;
	write_dr6(DR6_INIT);
	if (set_rf)
		regs->flags |= EFLAGS_RF;
	if (stop_step)
		regs->flags &= ~EFLAGS_TF;
}

static void report(const char *name, ulong base)
{
	u32 i;

	printf("%s: %u\n", name, nhits);
	for (i = 0; i < nhits && i < MAX_HITS; i++)
		printf("  +%lx dr6 %lx tf %u rf %u\n", hits[i].ip - base,
		       hits[i].dr6 & 0xe00f, !!(hits[i].flags & EFLAGS_TF),
		       !!(hits[i].flags & EFLAGS_RF));
	nhits = 0;
}

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

static volatile u64 word[4] __aligned(64) __attribute__((used));

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
	code();
	data();
	io();
	registers();
	return 0;
}
