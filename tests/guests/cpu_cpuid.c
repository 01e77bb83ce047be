// SPDX-License-Identifier: GPL-2.0
/*
 * cpu_cpuid.c - what CPUID says agrees with itself and with the CPU
 *
 * Never the leaves themselves: a virtual CPU is allowed to have less. Only that
 * the basics are there, that dynamic bits follow the control registers, and
 * that a feature is either announced and works or not announced.
 *
 * Spec: SDM vol. 2 CPUID; APM vol. 3 appendix E.
 */
#include "catch.h"

static bool bit(u32 leaf, u32 reg, u32 n)
{
	struct feature f = { leaf, reg, n, "" };

	return cpu_has(&f);
}

static bool works(u32 vector)
{
	bool ok = !caught.hit;

	if (caught.hit && caught.regs.vector != vector)
		fail("vector %u", (u32)caught.regs.vector);
	caught.hit = 0;
	return ok;
}

/* A feature that is announced must work. */
static void announced(const char *name, bool said, bool ok)
{
	check(!said || ok, "%s announced, does not work", name);
	printf("%s: consistent %u\n", name, !said || ok);
}

int main(void)
{
	struct cpuid a = cpuid(0, 0), b;
	u64 base = rdmsr(MSR_APIC_BASE);
	u32 max = a.eax, ext = cpuid(0x80000000, 0).eax, i, size;

	catch_all();
	printf("max leaf at least 1: %u, extended at least 80000001: %u\n",
	       max >= 1, ext >= 0x80000001);
	printf("fpu %u de %u pse %u tsc %u msr %u pae %u apic %u\n",
	       bit(1, 3, 0), bit(1, 3, 2), bit(1, 3, 3), bit(1, 3, 4),
	       bit(1, 3, 5), bit(1, 3, 6), bit(1, 3, 9));
	printf("pge %u cmov %u pat %u fxsr %u sse %u sse2 %u\n", bit(1, 3, 13),
	       bit(1, 3, 15), bit(1, 3, 16), bit(1, 3, 24), bit(1, 3, 25),
	       bit(1, 3, 26));
	printf("long mode %u nx %u syscall %u\n", bit(0x80000001, 3, 29),
	       bit(0x80000001, 3, 20), bit(0x80000001, 3, 11));
	printf("apic id %x like the apic's %x\n", cpuid(1, 0).ebx >> 24,
	       base & 0x800 ? lapic_read(0x20) >> 24 : 0);
	b = cpuid(0x80000008, 0);
	printf("physical bits 32 to 52: %u, linear 48 or 57: %u\n",
	       (b.eax & 0xff) >= 32 && (b.eax & 0xff) <= 52,
	       (b.eax >> 8 & 0xff) == 48 || (b.eax >> 8 & 0xff) == 57);

	printf("osxsave follows cr4:");
	if (cpu_has(&feat_xsave)) {
		printf(" %u", !bit(1, 2, 27));
		write_cr4(read_cr4() | CR4_OSXSAVE);
		printf(" %u", bit(1, 2, 27));
		/* Leaf 0xd: the size of what is on, not more than the size of all. */
		b = cpuid(0xd, 0);
		printf(" x87 and sse %u size on %u max not less %u",
		       (b.eax & 3) == 3, b.ebx, b.ecx >= b.ebx);
		size = 576;
		for (i = 2; i < 32; i++) {
			if (!(b.eax >> i & 1))
				continue;
			if (cpuid(0xd, i).ebx + cpuid(0xd, i).eax > size)
				size = cpuid(0xd, i).ebx + cpuid(0xd, i).eax;
		}
		printf(" components fit %u", size <= b.ecx);
		asm volatile(CATCH("xsetbv")
			     :
			     : "c"(0), "a"(b.eax), "d"(b.edx)
			     : "memory");
		printf(" all settable %u", !caught.hit);
		if (caught.hit)
			caught.hit = 0;
		printf(" size then max %u",
		       cpuid(0xd, 0).ebx == cpuid(0xd, 0).ecx);
		asm volatile("xsetbv" : : "c"(0), "a"(1), "d"(0));
		write_cr4(read_cr4() & ~CR4_OSXSAVE);
		printf(" %u", !bit(1, 2, 27));
	}
	printf("\n");

	/* Beyond the last leaf nothing odd happens. */
	cpuid(max + 1, 0);
	cpuid(ext + 1, 0);
	cpuid(0x7fffffff, 0xffffffff);
	printf("high halves cleared: ");
	{
		u64 ra = ~0ull, rb = ~0ull, rc = ~0ull, rd = ~0ull;

		ra = 0xffffffff00000000;
		rc = 0xffffffff00000000;
		asm volatile("cpuid" : "+a"(ra), "=b"(rb), "+c"(rc), "=d"(rd));
		printf("%u\n", !(ra >> 32) && !(rb >> 32) && !(rc >> 32) &&
				       !(rd >> 32));
	}

	asm volatile(CATCH("cmpxchg16b (%0)")
		     :
		     : "r"((ulong)page_alloc()), "a"(0), "d"(0), "b"(0), "c"(0)
		     : "memory", "cc");
	announced("cx16", cpu_has(&feat_cx16), works(UD_VECTOR));
	asm volatile(CATCH("rdtscp") : : : "rax", "rcx", "rdx", "memory");
	announced("rdtscp", cpu_has(&feat_rdtscp), works(UD_VECTOR));
	asm volatile(CATCH("popcnt %%eax, %%ecx") : : : "rcx", "memory", "cc");
	announced("popcnt", bit(1, 2, 23), works(UD_VECTOR));
	asm volatile(CATCH("rdrand %%eax") : : : "rax", "memory", "cc");
	announced("rdrand", bit(1, 2, 30), works(UD_VECTOR));
	asm volatile(CATCH("movbe (%0), %%eax")
		     :
		     : "r"((ulong)page_alloc())
		     : "rax", "memory");
	announced("movbe", bit(1, 2, 22), works(UD_VECTOR));
	asm volatile(CATCH("andn %%eax, %%ecx, %%edx")
		     :
		     :
		     : "rdx", "memory", "cc");
	announced("bmi1", bit(7, 1, 3), works(UD_VECTOR));
	write_cr4(read_cr4() | CR4_OSFXSR);
	write_cr0((read_cr0() & ~(CR0_EM | CR0_TS)) | CR0_MP);
	asm volatile(CATCH("pshufb %%xmm0, %%xmm0") : : : "memory");
	announced("ssse3", bit(1, 2, 9), works(UD_VECTOR));
	asm volatile(CATCH("pmulld %%xmm0, %%xmm0") : : : "memory");
	announced("sse4.1", bit(1, 2, 19), works(UD_VECTOR));
	asm volatile(CATCH("aesenc %%xmm0, %%xmm0") : : : "memory");
	announced("aes", bit(1, 2, 25), works(UD_VECTOR));
	asm volatile(CATCH("clflush (%0)")
		     :
		     : "r"((ulong)page_alloc())
		     : "memory");
	announced("clflush", bit(1, 3, 19), works(UD_VECTOR));
	asm volatile(CATCH("stac") : : : "memory", "cc");
	announced("smap", cpu_has(&feat_smap), works(UD_VECTOR));
	asm volatile("pushf; andl $~0x40000, (%%rsp); popf"
		     :
		     :
		     : "memory", "cc");
	if (cpu_has(&feat_smep)) {
		asm volatile(CATCH("mov %0, %%cr4")
			     :
			     : "r"(read_cr4() | CR4_SMEP)
			     : "memory");
		works(GP_VECTOR);
		check(read_cr4() & CR4_SMEP, "smep not kept");
		write_cr4(read_cr4() & ~CR4_SMEP);
	}
	return 0;
}
