// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_mmio_insn.c - instructions nobody expects on device registers
 *
 * x87, SSE, AVX, atomics, far pointers, stack switches, descriptor tables and
 * page-table walks that land in the APIC, the IOAPIC, a hole, or a page table
 * of the guest's own. The hypervisor may refuse with a sentence; it must not
 * do half of it to itself. target=0..3 and insn=N choose one; without insn all
 * are tried in turn.
 * Expected: exits, or dies with a sentence.
 */
#include "catch.h"
#include "map.h"

static u64 target;

/* clang-format off */
#define INSNS(X) \
	X("movups (%0), %%xmm0") X("movups %%xmm0, (%0)") \
	X("movaps %%xmm0, (%0)") X("movdqu (%0), %%xmm1") \
	X("movntdq %%xmm0, (%0)") X("movq %%xmm0, (%0)") \
	X("addps (%0), %%xmm0") X("paddd (%0), %%xmm0") \
	X("vmovups (%0), %%ymm0") X("vmovups %%ymm0, (%0)") X("flds (%0)") \
	X("fldl (%0)") X("fstps (%0)") X("fstpl (%0)") X("fldt (%0)") \
	X("fstpt (%0)") X("frstor (%0)") X("fxsave (%0)") X("fxrstor (%0)") \
	X("fnstenv (%0)") X("fnstcw (%0)") X("fldcw (%0)") X("ldmxcsr (%0)") \
	X("stmxcsr (%0)") X("movq %%mm0, (%0)") X("lock cmpxchg8b (%0)") \
	X("lock cmpxchg16b (%0)") X("xaddq %%rax, (%0)") X("bts %%rax, (%0)") \
	X("btq $63, (%0)") X("shld $4, %%eax, (%0)") \
	X("shrd %%cl, %%eax, (%0)") X("mull (%0)") X("imulq (%0)") \
	X("divl (%0)") X("push (%0)") X("popq (%0)") X("movbe (%0), %%eax") \
	X("movbe %%eax, (%0)") X("lgdt (%0)") X("sidt (%0)") X("str (%0)") \
	X("smsw (%0)") X("lss (%0), %%eax") X("lfs (%0), %%eax") \
	X("verr (%0)") X("lar (%0), %%eax") X("lldt (%0)") X("clflush (%0)") \
	X("prefetcht0 (%0)") X("invlpg (%0)") X("movnti %%rax, (%0)") \
	X("bsf (%0), %%eax") X("popcnt (%0), %%eax") X("cmovz (%0), %%rax") \
	X("setz (%0)") X("movsxd (%0), %%rax") X("mov %%ds, (%0)") \
	X("mov (%0), %%es") X("enter $8, $1; leave") X("rep stosb") \
	X("rep lodsq") X("xsave (%0)") X("xrstor (%0)") \
	X("andn (%0), %%eax, %%ecx") X("shlx %%eax, (%0), %%ecx")
/* clang-format on */

static void try_insn(u32 n)
{
	u32 k = 0;

#define X(text)                                                            \
	if (k++ == n) {                                                    \
		asm volatile("mov %%rsp, %%rbx\n\t" CATCH(                 \
				     text) "mov %%rbx, %%rsp; cld\n\t"     \
			     :                                             \
			     : "r"(target), "a"(0x1000), "c"(4ul), "d"(0), \
			       "S"(target), "D"(target)                    \
			     : "rbx", "rbp", "memory", "cc");              \
		return;                                                    \
	}
	INSNS(X)
#undef X
}

int main(void)
{
	struct desc_ptr gdt_old;
	static const char *const names[] = { "apic", "ioapic", "hole",
					     "page table" };
	u32 n, t, only_t = cmdline_u64("target", 99),
		  only = cmdline_u64("insn", 9999), all = 0;

#define X(text) all++;
	INSNS(X)
#undef X
	asm volatile("sgdt %0" : "=m"(gdt_old));
	catch_all();
	write_cr0((read_cr0() & ~(CR0_EM | CR0_TS)) | CR0_MP);
	write_cr4(read_cr4() | CR4_OSFXSR | BIT(10));
	if (cpu_has(&feat_xsave)) {
		write_cr4(read_cr4() | CR4_OSXSAVE);
		asm volatile("xsetbv"
			     :
			     : "c"(0), "a"(cpuid(1, 0).ecx >> 28 & 1 ? 7 : 3),
			       "d"(0));
	}
	map(MAP_AREA, (ulong)page_alloc(), PTE_P | PTE_W);
	for (t = 0; t < 4; t++) {
		if (only_t != 99 && only_t != t)
			continue;
		printf("%s\n", names[t]);
		for (n = 0; n < all; n++) {
			if (only != 9999 && only != n)
				continue;
			target = t == 0 ? 0xfee00380 :
				 t == 1 ? 0xfec00000 :
				 t == 2 ? 0xfd000010 :
					  (ulong)pte_of(MAP_AREA + 0x100000);
			try_insn(n);
			asm volatile("lgdt %0" : : "m"(gdt_old));
			asm volatile(
				"mov %w0, %%es; mov %w0, %%ss; mov %w0, %%fs"
				:
				: "r"(SEL_DATA));
			asm volatile("fninit");
		}
	}
	printf("alive\n");
	return 0;
}
