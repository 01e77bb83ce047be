// SPDX-License-Identifier: GPL-2.0
/*
 * cpu_msr.c - model-specific registers: what they keep and what they refuse
 *
 * Not here, because the emulated CPU differs from the manual: unknown registers
 *           and the TSC by RDMSR (read as 0), addresses that are not canonical
 *           and reserved EFER bits (taken).
 * Spec:     SDM vol. 4; APM vol. 2 ch. 3, appendix A.
 */
#include "catch.h"

static void keeps(const char *name, u32 msr, u64 v)
{
	struct fault f;
	u64 old, now = 0;

	if (rdmsr_faults(&f, msr, &old)) {
		printf("%s: unreadable, vector %u\n", name, f.vector);
		return;
	}
	if (wrmsr_faults(&f, msr, v)) {
		printf("%s: refuses %llx, vector %u error %x\n", name, v,
		       f.vector, f.error);
		return;
	}
	rdmsr_faults(&f, msr, &now);
	wrmsr_faults(&f, msr, old);
	printf("%s: %llx -> %llx\n", name, v, now);
}

static void tsc(void)
{
	u64 a = rdtsc(), b, c;
	u32 i, back = 0;

	for (i = 0; i < 10000; i++) {
		b = rdtsc();
		back += b < a;
		a = b;
	}
	printf("tsc goes back: %u times\n", back);
	c = rdtsc();
	if (cpu_has(&feat_rdtscp)) {
		u32 aux, lo, hi;

		wrmsr(0xc0000103, 0x12345678);
		asm volatile("rdtscp" : "=a"(lo), "=d"(hi), "=c"(aux));
		printf("rdtscp: aux %x, later %u\n", aux,
		       ((u64)hi << 32 | lo) >= c);
	}
	/* TSD: user mode may not read it. */
	write_cr4(read_cr4() | CR4_TSD);
	asm volatile(CATCH("rdtsc") : : : "rax", "rdx", "memory");
	catch_print("rdtsc in ring 0 with TSD");
	write_cr4(read_cr4() & ~CR4_TSD);
}

static struct regs user_regs;
static u32 user_hits;

static void user_gp(struct regs *regs)
{
	user_hits++;
	user_regs = *regs;
	regs->ip += 2;
}

static __user_text ulong user_rdtsc(ulong arg)
{
	asm volatile("rdtsc" : : : "rax", "rdx");
	return 0;
}

static __user_text ulong user_gs(ulong at)
{
	ulong v;

	asm volatile("mov %%gs:0, %0" : "=r"(v));
	return v;
}

static ulong user_word __user_data = 0x1234567887654321;

static void user_tsc(void)
{
	struct fault f;

	trap_handlers[GP_VECTOR] = user_gp;
	user_call(&f, user_rdtsc, 0);
	printf("rdtsc in ring 3: faults %u\n", user_hits);
	write_cr4(read_cr4() | CR4_TSD);
	user_hits = 0;
	user_call(&f, user_rdtsc, 0);
	printf("rdtsc in ring 3 with TSD: faults %u vector %u error %x\n",
	       user_hits, (u32)user_regs.vector, (u32)user_regs.error);
	write_cr4(read_cr4() & ~CR4_TSD);
	trap_handlers[GP_VECTOR] = NULL;
}

static ulong words[2] = { 0xaaaa, 0xbbbb };

static void bases(void)
{
	struct fault f;
	ulong v;

	wrmsr(0xc0000100, (ulong)&words[0]);
	asm volatile("mov %%fs:0, %0" : "=r"(v));
	printf("fs base: %lx", v);
	asm volatile("mov %%fs:8, %0" : "=r"(v));
	printf(" %lx\n", v);
	wrmsr(0xc0000101, (ulong)&words[0]);
	wrmsr(0xc0000102, (ulong)&words[1]);
	asm volatile("mov %%gs:0, %0" : "=r"(v));
	printf("gs base: %lx", v);
	asm volatile("swapgs; mov %%gs:0, %0; swapgs" : "=r"(v));
	printf(", swapped: %lx", v);
	asm volatile("mov %%gs:0, %0" : "=r"(v));
	printf(", back: %lx\n", v);
	printf("gs and kernel gs: %u %u\n",
	       rdmsr(0xc0000101) == (ulong)&words[0],
	       rdmsr(0xc0000102) == (ulong)&words[1]);
	asm volatile("mov %0, %%gs" : : "r"(SEL_DATA));
	printf("a selector load clears the base: %llx\n", rdmsr(0xc0000101));
	wrmsr(0xc0000101, (ulong)&user_word);
	v = user_call(&f, user_gs, 0);
	printf("ring 3 sees gs: %lx, fault %u\n", v, f.hit);
	wrmsr(0xc0000101, 0x8888000000ul);
	v = user_call(&f, user_gs, 0);
	printf("gs into nowhere: fault %u vector %u error %x cr2 %lx\n", f.hit,
	       f.vector, f.error, f.cr2);
	if (cpu_has(&feat_fsgsbase)) {
		catch_on(UD_VECTOR);
		asm volatile(CATCH("rdfsbase %%rax") : : : "rax", "memory");
		catch_print("rdfsbase without FSGSBASE");
		write_cr4(read_cr4() | CR4_FSGSBASE);
		asm volatile("wrfsbase %0" : : "r"(0x123456789abcul));
		asm volatile("rdfsbase %0" : "=r"(v));
		printf("wrfsbase: %lx %llx\n", v, rdmsr(0xc0000100));
		asm volatile("wrgsbase %0" : : "r"(0xffff87654321abcdul));
		asm volatile("rdgsbase %0" : "=r"(v));
		printf("wrgsbase: %lx %llx\n", v, rdmsr(0xc0000101));
		asm volatile("wrgsbase %k0" : : "r"(0xffffffffu));
		printf("wrgsbase of 32 bits: %llx\n", rdmsr(0xc0000101));
		write_cr4(read_cr4() & ~CR4_FSGSBASE);
	}
}

static void efer(void)
{
	u64 v = rdmsr(MSR_EFER);
	struct fault f;

	printf("efer: lme %u lma %u nxe %u\n", !!(v & EFER_LME),
	       !!(v & EFER_LMA), !!(v & EFER_NXE));
	wrmsr(MSR_EFER, v | EFER_SCE);
	printf("sce: %llx\n", rdmsr(MSR_EFER) & 0xd01);
	wrmsr(MSR_EFER, v & ~EFER_NXE);
	printf("nxe off: %llx\n", rdmsr(MSR_EFER) & 0xd01);
	/* LMA is read-only: writes of it change nothing. */
	wrmsr_faults(&f, MSR_EFER, v & ~EFER_LMA);
	printf("lma written 0: still %u\n", !!(rdmsr(MSR_EFER) & EFER_LMA));
	wrmsr(MSR_EFER, v);
}

int main(void)
{
	catch_all();
	trap_handlers[GP_VECTOR] = NULL;
	trap_handlers[PF_VECTOR] = NULL;
	keeps("star", 0xc0000081, 0x0023001012345678);
	keeps("lstar", 0xc0000082, 0xffff800012345678);
	keeps("cstar", 0xc0000083, 0x00007f0012345678);
	keeps("sfmask", 0xc0000084, 0x47700);
	keeps("fs base", 0xc0000100, 0x00007fffffffffff);
	keeps("gs base", 0xc0000101, 0xffff800000000000);
	keeps("kernel gs base", 0xc0000102, 0xffffffffffffffff);
	if (cpu_has(&feat_rdtscp))
		keeps("tsc aux", 0xc0000103, 0x12345678);
	keeps("sysenter cs", 0x174, 0x10);
	keeps("sysenter esp", 0x175, 0x12345678);
	keeps("sysenter eip", 0x176, 0x87654321);
	keeps("pat", 0x277, 0x0007040600070406);
	keeps("pat, all uncacheable", 0x277, 0);
	printf("apic base: %llx enabled %llu boot cpu %llu\n",
	       rdmsr(MSR_APIC_BASE) & 0xfffff000,
	       rdmsr(MSR_APIC_BASE) >> 11 & 1, rdmsr(MSR_APIC_BASE) >> 8 & 1);
	efer();
	tsc();
	user_tsc();
	bases();
	return 0;
}
