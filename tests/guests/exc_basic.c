// SPDX-License-Identifier: GPL-2.0
/*
 * exc_basic.c - raise every exception; report vector, error code, saved RIP
 *
 * Faults must save the RIP of the instruction, traps the RIP after it, and
 * each error code must have the format that the manual gives. #OF and #BR
 * need 32-bit code and are in exc_seg_32.c; debug exceptions in exc_debug.c.
 *
 * Not here, because the emulated machine differs from the manual: #AC and
 *           #XM (never raised), reserved MXCSR bits, unknown MSRs and the RPL
 *           of a null SS (unchecked), LOCK MOV (no #UD); #SS for a stack
 *           address that is not canonical (#GP); IDIV of the smallest number
 *           by -1 (ends the emulator).
 * Spec:     SDM vol. 3 ch. 6; APM vol. 2 ch. 8.
 */
#include "catch.h"

static u8 page[4096] __aligned(4096);

static void simple(void)
{
	asm volatile(CATCH("divl %%ecx") : : "a"(1), "d"(0), "c"(0) : "memory");
	catch_print("div by zero");
	asm volatile(CATCH("idivl %%ecx")
		     :
		     : "a"(0), "d"(0x40000000), "c"(1)
		     : "memory");
	catch_print("idiv overflow");
	asm volatile(CATCH("idivb %%cl") : : "a"(0x8000), "c"(0xff) : "memory");
	catch_print("idivb overflow");
	asm volatile(CATCH("divq %%rcx") : : "a"(0), "d"(5), "c"(5) : "memory");
	catch_print("divq overflow");
	asm volatile(CATCH("int3") : : : "memory");
	catch_print("int3");
	asm volatile(CATCH(".byte 0xcd, 3") : : : "memory");
	catch_print("int 3, two bytes");
	asm volatile(CATCH("ud2") : : : "memory");
	catch_print("ud2");
	asm volatile(CATCH(".byte 0x06") : : : "memory");
	catch_print("push %es in 64-bit mode");
	asm volatile(CATCH(".byte 0xf0, 0x90") : : : "memory");
	catch_print("lock nop");
	asm volatile(CATCH(".byte 0xf0, 0x01, 0xc0") : : : "memory");
	catch_print("lock add of a register");
}

static void math(void)
{
	ulong cr0 = read_cr0(), cr4 = read_cr4();
	u16 cw = 0x37b; /* zero divide unmasked */

	write_cr0((cr0 & ~CR0_MP) | CR0_TS);
	asm volatile(CATCH("fninit") : : : "memory");
	catch_print("x87 with TS");
	asm volatile(CATCH("wait") : : : "memory");
	catch_print("wait with TS and MP=0");
	write_cr0(cr0 | CR0_TS | CR0_MP);
	asm volatile(CATCH("wait") : : : "memory");
	catch_print("wait with TS and MP=1");
	asm volatile("clts");
	asm volatile(CATCH("wait") : : : "memory");
	catch_print("wait after clts");
	write_cr0((cr0 & ~CR0_TS) | CR0_EM);
	asm volatile(CATCH("fninit") : : : "memory");
	catch_print("x87 with EM");
	write_cr0(cr0 & ~CR0_TS);

	asm volatile(CATCH("fninit") : : : "memory");
	catch_print("fninit");
	asm volatile("fldcw %0; fld1; fldz; fdivrp" : : "m"(cw));
	asm volatile(CATCH("fnop; wait") : : : "memory");
	catch_print("x87 zero divide, NE=1");
	asm volatile("fnclex; fninit");

	write_cr4(cr4 & ~CR4_OSFXSR);
	asm volatile(CATCH("xorps %%xmm0, %%xmm0") : : : "memory");
	catch_print("sse without OSFXSR");
	write_cr4(cr4 | CR4_OSFXSR | BIT(10));
	asm volatile(CATCH("xorps %%xmm0, %%xmm0") : : : "memory");
	catch_print("sse with OSFXSR");
	write_cr0((cr0 & ~CR0_TS) | CR0_EM);
	asm volatile(CATCH("xorps %%xmm0, %%xmm0") : : : "memory");
	catch_print("sse with EM");
	write_cr0(cr0 | CR0_TS);
	asm volatile(CATCH("xorps %%xmm0, %%xmm0") : : : "memory");
	catch_print("sse with TS");
	write_cr0(cr0 & ~CR0_TS);
	asm volatile(CATCH("movaps 1(%0), %%xmm0") : : "r"(page) : "memory");
	catch_print("movaps unaligned");
	asm volatile("fninit");
	write_cr4(cr4);
	write_cr0(cr0);
}

static void load(const char *name, u64 desc, u32 rpl, int reg)
{
	u32 sel = SEL_SPARE | rpl;

	gdt[SEL_SPARE / 8] = desc;
	switch (reg) {
	case 's':
		asm volatile(CATCH("mov %w0, %%ss") : : "r"(sel) : "memory");
		if (!caught.hit)
			asm volatile("mov %w0, %%ss" : : "r"(SEL_DATA));
		break;
	case 'f':
		asm volatile(CATCH("mov %w0, %%fs") : : "r"(sel) : "memory");
		break;
	case 'd':
		asm volatile(CATCH("mov %w0, %%ds") : : "r"(sel) : "memory");
		if (!caught.hit)
			asm volatile("mov %w0, %%ds" : : "r"(SEL_DATA));
		break;
	case 'l':
		asm volatile(CATCH("lldt %w0") : : "r"(sel) : "memory");
		break;
	case 't':
		asm volatile(CATCH("ltr %w0") : : "r"(sel) : "memory");
		break;
	}
	catch_print(name);
}

#define DATA 0x00cf93000000ffffull
#define NOT_PRESENT (1ull << 47)
#define DPL3 (3ull << 45)

static void segments(void)
{
	u16 sel = 0xfff8;

	load("fs: data", DATA, 0, 'f');
	load("fs: not present", DATA & ~NOT_PRESENT, 0, 'f');
	load("fs: read-only data", DATA & ~(1ull << 41), 0, 'f');
	load("fs: execute-only code", 0x00af99000000ffffull, 0, 'f');
	load("fs: readable code", 0x00af9b000000ffffull, 0, 'f');
	load("fs: system segment", 0x0000820000000000ull, 0, 'f');
	load("fs: rpl above dpl", DATA, 3, 'f');
	load("fs: dpl 3, rpl 3", DATA | DPL3, 3, 'f');
	load("ds: not present", DATA & ~NOT_PRESENT, 0, 'd');
	load("ss: not present", DATA & ~NOT_PRESENT, 0, 's');
	load("ss: read-only", DATA & ~(1ull << 41), 0, 's');
	load("ss: dpl 3", DATA | DPL3, 0, 's');
	load("ss: rpl 3", DATA, 3, 's');
	load("ss: code", 0x00af9b000000ffffull, 0, 's');
	load("ldt: data", DATA, 0, 'l');
	load("ldt: not present", 0x0000020000000000ull, 0, 'l');
	load("tss: data", DATA, 0, 't');
	load("tss: busy", 0x00008b0000000067ull, 0, 't');
	load("tss: not present", 0x0000090000000067ull, 0, 't');
	asm volatile(CATCH("mov %w0, %%fs") : : "r"(sel) : "memory");
	catch_print("fs: beyond the table");
	asm volatile(CATCH("mov %w0, %%fs") : : "r"(SEL_SPARE | 4) : "memory");
	catch_print("fs: ldt without one");
	asm volatile(CATCH("mov %w0, %%ss") : : "r"(0) : "memory");
	catch_print("ss: null at ring 0");
	asm volatile("mov %w0, %%ss" : : "r"(SEL_DATA));
	asm volatile("mov %w0, %%fs; mov %w0, %%ss" : : "r"(SEL_DATA));
	gdt[SEL_SPARE / 8] = 0;
}

static void memory(void)
{
	ulong bad = 0x8000000000000000ul;

	asm volatile(CATCH("movb (%0), %%al") : : "r"(bad) : "rax", "memory");
	catch_print("read of a non-canonical address");
	asm volatile(CATCH("movb 0x4000000000, %%al") : : : "rax", "memory");
	catch_print("read of an unmapped page");
	printf("  cr2 %lx\n", caught.cr2);
	asm volatile(CATCH("movb %%al, (%0)")
		     :
		     : "r"(0x4000000123ul)
		     : "memory");
	catch_print("write to an unmapped page");
	printf("  cr2 %lx\n", caught.cr2);
	asm volatile(CATCH("movabs %%al, 0x4000000fff") : : : "memory");
	catch_print("write, 64-bit offset");
	printf("  cr2 %lx\n", caught.cr2);
}

static void privileged(void)
{
	asm volatile(CATCH("lidt (%0)")
		     :
		     : "r"(0x8000000000000000ul)
		     : "memory");
	catch_print("lidt from a non-canonical address");
	asm volatile(CATCH("lgdt (%0)") : : "r"(0x4000000000ul) : "memory");
	catch_print("lgdt from an unmapped page");
	asm volatile(CATCH("rsm") : : : "memory");
	catch_print("rsm outside smm");
}

static volatile u32 user_hits;
static struct regs user_regs;

static void user_trap(struct regs *regs)
{
	user_hits++;
	user_regs = *regs;
	regs->ip += regs->cx; /* the test says how long the instruction is */
}

#define USER_INSN(name, insn)                                        \
	static __user_text ulong user_##name(ulong arg)              \
	{                                                            \
		asm volatile("mov $2f - 1f, %%ecx\n1:\t" insn "\n2:" \
			     :                                       \
			     : "a"(0), "d"(0x3f8), "b"(0x10)         \
			     : "rcx", "memory");                     \
		return 0;                                            \
	}
USER_INSN(hlt, "hlt")
USER_INSN(cli, "cli")
USER_INSN(sti, "sti")
USER_INSN(inb, "in %%dx, %%al")
USER_INSN(out, "out %%al, %%dx")
USER_INSN(cr0, "mov %%cr0, %%rax")
USER_INSN(dr0, "mov %%dr0, %%rax")
USER_INSN(clts, "clts")
USER_INSN(invd, "invd")
USER_INSN(wbinvd, "wbinvd")
USER_INSN(lmsw, "lmsw %%ax")
USER_INSN(invlpg, "invlpg (%%rdx)")
USER_INSN(swapgs, "swapgs")
USER_INSN(wrmsr, "wrmsr")
USER_INSN(int13, "int $13")
USER_INSN(int1, "int $1")
USER_INSN(ss, "mov %%bx, %%ss")
USER_INSN(ds, "mov %%bx, %%ds")
USER_INSN(kernel, "mov 0x100000, %%al")
USER_INSN(ltr, "ltr %%ax")
USER_INSN(vmrun, "vmrun")
USER_INSN(ud2, "ud2")

static void user_one(const char *name, ulong (*fn)(ulong))
{
	struct fault f;

	user_hits = 0;
	user_call(&f, fn, 0);
	/* For INT n the emulated CPU scales the vector by 16, not by 8. */
	if (user_regs.error & 2)
		user_regs.error = 2;
	if (user_hits)
		printf("user %s: vector %u error %x cs %x ss %x\n", name,
		       (u32)user_regs.vector, (u32)user_regs.error,
		       (u32)user_regs.cs, (u32)user_regs.ss);
	else
		printf("user %s: no fault\n", name);
}

static void user(void)
{
	u8 v;

	for (v = 0; v < 32; v++)
		if (v != NMI_VECTOR && v != DF_VECTOR)
			trap_handlers[v] = user_trap;
#define ONE(name) user_one(#name, user_##name)
	ONE(hlt);
	ONE(cli);
	ONE(sti);
	ONE(inb);
	ONE(out);
	ONE(cr0);
	ONE(dr0);
	ONE(clts);
	ONE(invd);
	ONE(wbinvd);
	ONE(lmsw);
	ONE(invlpg);
	ONE(swapgs);
	ONE(wrmsr);
	ONE(int13);
	ONE(int1);
	ONE(ss);
	ONE(ds);
	ONE(kernel);
	ONE(ltr);
	ONE(vmrun);
	ONE(ud2);
}

int main(void)
{
	catch_all();
	simple();
	math();
	segments();
	memory();
	privileged();
	user();
	return 0;
}
