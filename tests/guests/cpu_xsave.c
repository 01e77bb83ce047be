// SPDX-License-Identifier: GPL-2.0
/*
 * cpu_xsave.c - XSETBV's rules, and vector state of two CPUs kept apart
 *
 * Spec: SDM vol. 1 ch. 13, vol. 2 XSETBV; APM vol. 2 ch. 11.5.
 */
#include "catch.h"
#include "map.h"

static u8 pattern[2][8][32] __aligned(32) __attribute__((used));
static u8 found[2][8][32] __aligned(32) __attribute__((used));
static u32 bad[2];
static bool avx;

static void xset(const char *name, u32 index, u64 v)
{
	asm volatile(CATCH("xsetbv")
		     :
		     : "c"(index), "a"((u32)v), "d"((u32)(v >> 32))
		     : "memory");
	catch_print(name);
}

static u64 xget(void)
{
	u32 lo, hi;

	asm volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	return (u64)hi << 32 | lo;
}

static void sse_on(void *arg)
{
	write_cr0((read_cr0() & ~(CR0_EM | CR0_TS)) | CR0_MP);
	write_cr4(read_cr4() | CR4_OSFXSR | BIT(10));
	if (cpu_has(&feat_xsave)) {
		write_cr4(read_cr4() | CR4_OSXSAVE);
		asm volatile("xsetbv" : : "c"(0), "a"(avx ? 7 : 3), "d"(0));
	}
}

#define EACH(op, n) \
	op(0, n) op(1, n) op(2, n) op(3, n) op(4, n) op(5, n) op(6, n) op(7, n)
#define LOAD_AVX(r, n) "vmovups pattern+" #n "*256+" #r "*32, %%ymm" #r ";"
#define SAVE_AVX(r, n) "vmovups %%ymm" #r ", found+" #n "*256+" #r "*32;"
#define LOAD_SSE(r, n) "movups pattern+" #n "*256+" #r "*32, %%xmm" #r ";"
#define SAVE_SSE(r, n) "movups %%xmm" #r ", found+" #n "*256+" #r "*32;"

static void work(void *arg)
{
	u32 id = (ulong)arg, round, i;

	for (round = 0; round < 500; round++) {
		for (i = 0; i < 256; i++)
			((u8 *)pattern[id])[i] = i * 7 + round + id * 101;
		if (id == 0) {
			if (avx)
				asm volatile(EACH(LOAD_AVX, 0) : : : "memory");
			else
				asm volatile(EACH(LOAD_SSE, 0) : : : "memory");
		} else {
			if (avx)
				asm volatile(EACH(LOAD_AVX, 1) : : : "memory");
			else
				asm volatile(EACH(LOAD_SSE, 1) : : : "memory");
		}
		switch (round % 5) {
		case 0:
			cpuid(0, 0);
			break;
		case 1:
			outb(0x80, round);
			break;
		case 2:
			write_cr3(read_cr3());
			break;
		case 3:
			lapic_read(0x20);
			break;
		case 4:
			for (i = 0; i < 3000; i++)
				cpu_relax();
		}
		if (id == 0) {
			if (avx)
				asm volatile(EACH(SAVE_AVX, 0) : : : "memory");
			else
				asm volatile(EACH(SAVE_SSE, 0) : : : "memory");
		} else {
			if (avx)
				asm volatile(EACH(SAVE_AVX, 1) : : : "memory");
			else
				asm volatile(EACH(SAVE_SSE, 1) : : : "memory");
		}
		for (i = 0; i < 8; i++)
			bad[id] += !!memcmp(pattern[id][i], found[id][i],
					    avx ? 32 : 16);
	}
}

static u8 area[4096] __aligned(64);

static void save_restore(void)
{
	u32 i, same;

	memset(area, 0, sizeof(area));
	asm volatile("fninit; fldpi; fld1");
	asm volatile(EACH(LOAD_SSE, 0) : : : "memory");
	asm volatile("xsave64 %0" : "+m"(area) : "a"(3), "d"(0));
	printf("xsave: header %llx\n", *(u64 *)(area + 512) & 3);
	asm volatile("fninit; xorps %%xmm0, %%xmm0; xorps %%xmm3, %%xmm3"
		     :
		     :
		     : "memory");
	asm volatile("xrstor64 %0" : : "m"(area), "a"(3), "d"(0));
	asm volatile(EACH(SAVE_SSE, 0) : : : "memory");
	for (i = same = 0; i < 8; i++)
		same += !memcmp(pattern[0][i], found[0][i], 16);
	printf("xrstor: %u of 8 registers\n", same);
	*(u64 *)(area + 512) = 0;
	asm volatile("xrstor64 %0" : : "m"(area), "a"(3), "d"(0));
	asm volatile(EACH(SAVE_SSE, 0) : : : "memory");
	for (i = same = 0; i < 8; i++)
		same += !*(u64 *)found[0][i] && !*(u64 *)(found[0][i] + 8);
	printf("initial state: %u of 8 zero\n", same);
	*(u64 *)(area + 512) = BIT(62);
	asm volatile(CATCH("xrstor64 %0")
		     :
		     : "m"(area), "a"(3), "d"(0)
		     : "memory");
	catch_print("xrstor of a component that is off");
	*(u64 *)(area + 512) = 0;
	asm volatile(CATCH("xsave64 1(%0)")
		     :
		     : "r"(area), "a"(3), "d"(0)
		     : "memory");
	catch_print("xsave unaligned");
}

int main(void)
{
	need(&feat_xsave);
	catch_all();
	avx = cpuid(1, 0).ecx >> 28 & 1;
	asm volatile(CATCH("xgetbv") : : "c"(0) : "rax", "rdx", "memory");
	catch_print("xgetbv with OSXSAVE=0");
	xset("xsetbv with OSXSAVE=0", 0, 1);
	printf("osxsave in cpuid: %u", cpuid(1, 0).ecx >> 27 & 1);
	write_cr4(read_cr4() | CR4_OSXSAVE);
	printf(" %u\n", cpuid(1, 0).ecx >> 27 & 1);
	printf("xcr0 %llx\n", xget());
	xset("x87 only", 0, 1);
	xset("x87 and sse", 0, 3);
	printf("xcr0 %llx\n", xget());
	xset("nothing", 0, 0);
	xset("sse only", 0, 2);
	xset("avx without sse", 0, 5);
	xset("bit 63", 0, BIT(63) | 3);
	xset("bit 8", 0, BIT(8) | 3);
	xset("xcr1", 1, 3);
	printf("xcr0 %llx\n", xget());
	if (avx) {
		catch_on(UD_VECTOR);
		write_cr4(read_cr4() | CR4_OSFXSR);
		asm volatile(CATCH("vxorps %%ymm0, %%ymm0, %%ymm0")
			     :
			     :
			     : "memory");
		catch_print("avx while off in xcr0");
		xset("avx", 0, 7);
		printf("xcr0 %llx\n", xget());
		asm volatile(CATCH("vxorps %%ymm0, %%ymm0, %%ymm0")
			     :
			     :
			     : "memory");
		catch_print("avx while on");
		printf("size: %u\n", cpuid(0xd, 0).ebx);
		xset("x87 and sse", 0, 3);
		printf("size: %u\n", cpuid(0xd, 0).ebx);
	}
	sse_on(NULL);
	save_restore();
	if (smp_start(2) == 2) {
		on_cpu(1, sse_on, NULL);
		cpu_start(1, work, (void *)1);
	}
	work(NULL);
	cpu_join(1);
	printf("two CPUs, 500 rounds: bad %u %u\n", bad[0], bad[1]);
	return 0;
}
