// SPDX-License-Identifier: GPL-2.0
/*
 * cpu_misc.c - instructions that a hypervisor may have to take care of
 *
 * Cache, monitor and descriptor-table instructions in rings 0 and 3, and the
 * ones that do not exist for this guest.
 *
 * Not here: SMAP-like features that only some CPUs have; RDPMC of counters.
 * Spec:     SDM vol. 2; APM vol. 3.
 */
#include "catch.h"

static struct regs user_regs;
static u32 user_hits;

static void user_trap(struct regs *regs)
{
	user_hits++;
	user_regs = *regs;
	regs->ip += regs->cx;
}

#define USER_INSN(name, insn)                                        \
	static __user_text ulong user_##name(ulong arg)              \
	{                                                            \
		asm volatile("mov $2f - 1f, %%ecx\n1:\t" insn "\n2:" \
			     :                                       \
			     : "a"(0), "d"(0), "b"(arg)              \
			     : "rcx", "memory");                     \
		return 0;                                            \
	}
USER_INSN(sgdt, "sgdt (%%rbx)")
USER_INSN(sidt, "sidt (%%rbx)")
USER_INSN(sldt, "sldt %%eax")
USER_INSN(str, "str %%eax")
USER_INSN(smsw, "smsw %%eax")
USER_INSN(cpuid, "mov %%rbx, %%rsi; cpuid; mov %%rsi, %%rbx")
USER_INSN(pause, "pause")
USER_INSN(lgdt, "lgdt (%%rbx)")
USER_INSN(invlpga, "invlpga")
USER_INSN(vmload, "vmload")
USER_INSN(stgi, "stgi")
USER_INSN(rdmsr, "rdmsr")
USER_INSN(cr3, "mov %%rax, %%cr3")
USER_INSN(cr8, "mov %%cr8, %%rax")
USER_INSN(dr7, "mov %%rax, %%dr7")
USER_INSN(lldt, "lldt %%ax")

static u8 scratch[64] __user_data;

static void user_one(const char *name, ulong (*fn)(ulong))
{
	struct fault f;

	user_hits = 0;
	user_call(&f, fn, (ulong)scratch);
	if (user_hits)
		printf("ring 3 %s: vector %u error %x\n", name,
		       (u32)user_regs.vector, (u32)user_regs.error);
	else
		printf("ring 3 %s: no fault\n", name);
}

static u8 gdt_copy[10], idt_copy[10];

static void tables(void)
{
	u8 other[10];
	ulong v;

	asm volatile("sgdt %0; sidt %1" : "=m"(gdt_copy), "=m"(idt_copy));
	asm volatile("lgdt %0; lidt %1" : : "m"(gdt_copy), "m"(idt_copy));
	asm volatile("sgdt %0" : "=m"(other));
	printf("gdt kept: %u, limit %x\n", !memcmp(gdt_copy, other, 10),
	       *(u16 *)other);
	asm volatile("sidt %0" : "=m"(other));
	printf("idt kept: %u, limit %x\n", !memcmp(idt_copy, other, 10),
	       *(u16 *)other);
	asm volatile("str %0" : "=r"(v));
	printf("tr %lx", v & 0xffff);
	asm volatile("sldt %0" : "=r"(v));
	printf(" ldt %lx\n", v & 0xffff);
	/* An LDT: system descriptor of 16 bytes, one data segment in it. */
	{
		u64 *ldt = page_alloc();

		ldt[1] = 0x00cf93000000ffff;
		gdt[SEL_SPARE / 8] = 0xfff | ((ulong)ldt & 0xffffff) << 16 |
				     0x82ull << 40;
		gdt[SEL_SPARE / 8 + 1] = 0;
		asm volatile("lldt %w0" : : "r"(SEL_SPARE));
		asm volatile("sldt %0" : "=r"(v));
		printf("ldt %lx\n", v & 0xffff);
		asm volatile(CATCH("mov %w0, %%fs") : : "r"(0xc) : "memory");
		catch_print("a segment from the ldt");
		printf("accessed bit set: %u\n", (u32)(ldt[1] >> 40 & 1));
		asm volatile("mov %w0, %%fs; lldt %w1"
			     :
			     : "r"(SEL_DATA), "r"(0));
	}
	asm volatile("lar %k1, %k0" : "=r"(v) : "r"(SEL_CODE64) : "cc");
	printf("lar %lx", v & 0xf0ff00);
	asm volatile("lsl %k1, %k0" : "=r"(v) : "r"(SEL_DATA) : "cc");
	printf(" lsl %lx", v);
	asm volatile("verw %w1; setz %b0"
		     : "=q"(v)
		     : "r"(SEL_DATA), "0"(0)
		     : "cc");
	printf(" verw %lu", v & 0xff);
	asm volatile("verw %w1; setz %b0"
		     : "=q"(v)
		     : "r"(SEL_CODE64), "0"(0)
		     : "cc");
	printf(" %lu\n", v & 0xff);
}

static void rings0(void)
{
	u32 *p = page_alloc();

	asm volatile(CATCH("wbinvd") : : : "memory");
	catch_print("wbinvd");
	asm volatile(CATCH("clflush (%0)") : : "r"(p) : "memory");
	catch_print("clflush");
	asm volatile(CATCH("prefetcht0 (%0)")
		     :
		     : "r"(0x6666000000ul)
		     : "memory");
	catch_print("prefetch of nothing");
	asm volatile(CATCH("invlpg (%0)") : : "r"(0x6666000000ul) : "memory");
	catch_print("invlpg of nothing");
	asm volatile(CATCH("invlpg (%0)")
		     :
		     : "r"(0x8000000000000000ul)
		     : "memory");
	catch_print("invlpg, not canonical");
	asm volatile(CATCH("mfence; lfence; sfence") : : : "memory");
	catch_print("fences");
	asm volatile(CATCH("pause") : : : "memory");
	catch_print("pause");
	asm volatile(CATCH("vmrun") : : "a"(0) : "memory");
	catch_print("vmrun with SVME=0");
	asm volatile(CATCH("vmload") : : "a"(0) : "memory");
	catch_print("vmload with SVME=0");
	asm volatile(CATCH("vmsave") : : "a"(0) : "memory");
	catch_print("vmsave with SVME=0");
	asm volatile(CATCH("clgi") : : : "memory");
	catch_print("clgi with SVME=0");
	asm volatile(CATCH(".byte 0x0f, 0x01, 0xc1") : : "a"(0) : "memory");
	printf("vmcall: vector %u\n", caught.hit ? (u32)caught.regs.vector : 0);
	caught.hit = 0;
	asm volatile(CATCH(".byte 0x0f, 0x01, 0xc4") : : : "memory");
	catch_print("vmxoff");
	asm volatile(CATCH(".byte 0x0f, 0x0b") : : : "memory");
	catch_print("ud2");
	asm volatile(CATCH(".byte 0x0f, 0xb9, 0xc0") : : : "memory");
	catch_print("ud1");
	asm volatile(CATCH(".byte 0x62, 0, 0") : : : "memory");
	catch_print("bound's opcode");
	asm volatile(CATCH(".byte 0xd6") : : : "rax", "memory");
	catch_print("salc's opcode");
	asm volatile(CATCH(".byte 0x9a, 0, 0, 0, 0, 0, 0") : : : "memory");
	catch_print("far call's opcode");
	/* Sixteen bytes are one too many. */
	asm volatile(
		CATCH(".byte 0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x90")
		:
		:
		: "memory");
	catch_print("16 bytes of nop");
	asm volatile(
		CATCH(".byte 0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x90")
		:
		:
		: "memory");
	catch_print("15 bytes of nop");
}

int main(void)
{
	u8 v;

	catch_all();
	tables();
	rings0();
	for (v = 0; v < 32; v++)
		if (v != NMI_VECTOR && v != DF_VECTOR)
			trap_handlers[v] = user_trap;
#define ONE(name) user_one(#name, user_##name)
	ONE(sgdt);
	ONE(sidt);
	ONE(sldt);
	ONE(str);
	ONE(smsw);
	ONE(cpuid);
	ONE(pause);
	ONE(lgdt);
	ONE(invlpga);
	ONE(vmload);
	ONE(stgi);
	ONE(rdmsr);
	ONE(cr3);
	ONE(cr8);
	ONE(dr7);
	ONE(lldt);
	if (cpu_has(&feat_umip)) {
		write_cr4(read_cr4() | CR4_UMIP);
		ONE(sgdt);
		ONE(sidt);
		ONE(sldt);
		ONE(str);
		ONE(smsw);
		write_cr4(read_cr4() & ~CR4_UMIP);
	}
	return 0;
}
