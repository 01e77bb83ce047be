// SPDX-License-Identifier: GPL-2.0
/*
 * cpu_state.c - registers survive every kind of exit
 *
 * All general registers, flags, segment selectors and bases, debug registers,
 * x87, SSE and AVX state are filled with a pattern; then one instruction that
 * leaves a virtual machine is run; then everything is compared. What the
 * instruction itself changes is left out of the comparison.
 */
#include "catch.h"
#include "map.h"

#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101
#define MSR_KERNEL_GS 0xc0000102

/* Order: rax rbx rcx rdx rsi rdi rbp r8-r15, then flags. */
static u64 before[16] __attribute__((used)), after[16] __attribute__((used));
static u64 saved_sp __attribute__((used));
static u8 ymm_in[16][32] __aligned(32) __attribute__((used));
static u8 ymm_out[16][32] __aligned(32) __attribute__((used));
static u8 fx_in[512] __aligned(16) __attribute__((used)),
	fx_out[512] __aligned(16) __attribute__((used));
static bool avx;
static volatile u32 irqs;

static const char *const names[16] = { "rax", "rbx", "rcx", "rdx",
				       "rsi", "rdi", "rbp", "r8",
				       "r9",  "r10", "r11", "r12",
				       "r13", "r14", "r15", "flags" };

#define LOAD_ALL                                                               \
	"push before+120; popf\n\t"                                            \
	"mov before, %%rax; mov before+8, %%rbx; mov before+16, %%rcx\n\t"     \
	"mov before+24, %%rdx; mov before+32, %%rsi; mov before+40, %%rdi\n\t" \
	"mov before+48, %%rbp; mov before+56, %%r8; mov before+64, %%r9\n\t"   \
	"mov before+72, %%r10; mov before+80, %%r11; mov before+88, %%r12\n\t" \
	"mov before+96, %%r13; mov before+104, %%r14; mov before+112, %%r15\n\t"
#define SAVE_ALL                                                              \
	"mov %%rax, after; mov %%rbx, after+8; mov %%rcx, after+16\n\t"       \
	"mov %%rdx, after+24; mov %%rsi, after+32; mov %%rdi, after+40\n\t"   \
	"mov %%rbp, after+48; mov %%r8, after+56; mov %%r9, after+64\n\t"     \
	"mov %%r10, after+72; mov %%r11, after+80; mov %%r12, after+88\n\t"   \
	"mov %%r13, after+96; mov %%r14, after+104; mov %%r15, after+112\n\t" \
	"pushf; pop after+120; cld\n\t"

static void fill(u32 round)
{
	struct rng rng;
	u32 i, j;

	rng_seed(&rng, 1000 + round);
	for (i = 0; i < 15; i++)
		before[i] = rng_next(&rng);
	before[15] = 0x8d7; /* all status flags, IF clear */
	for (i = 0; i < 16; i++)
		for (j = 0; j < 32; j++)
			ymm_in[i][j] = rng_next(&rng) >> 20;
	for (i = 0; i < 8; i++)
		for (j = 0; j < 8; j++) /* significands and valid exponents */
			fx_in[32 + 16 * i + j] = rng_next(&rng) >> 24;
}

static void vectors_load(void)
{
	asm volatile("fninit; fldpi; fldl2e; fld1; fldln2");
	if (avx)
		asm volatile(
			"vmovups ymm_in, %%ymm0; vmovups ymm_in+32, %%ymm1; vmovups ymm_in+64, %%ymm2\n\t"
			"vmovups ymm_in+96, %%ymm3; vmovups ymm_in+224, %%ymm7; vmovups ymm_in+256, %%ymm8\n\t"
			"vmovups ymm_in+480, %%ymm15"
			:
			:
			: "memory");
	else
		asm volatile(
			"movups ymm_in, %%xmm0; movups ymm_in+32, %%xmm1; movups ymm_in+480, %%xmm15"
			:
			:
			: "memory");
	asm volatile("fxsave64 fx_in" : : : "memory");
}

static u32 vectors_differ(void)
{
	static const u8 used[] = { 0, 1, 2, 3, 7, 8, 15 };
	u32 i, bad = 0;

	asm volatile("fxsave64 fx_out" : : : "memory");
	bad += !!memcmp(fx_in, fx_out, 416);
	if (!avx)
		return bad;
	asm volatile(
		"vmovups %%ymm0, ymm_out; vmovups %%ymm1, ymm_out+32; vmovups %%ymm2, ymm_out+64\n\t"
		"vmovups %%ymm3, ymm_out+96; vmovups %%ymm7, ymm_out+224; vmovups %%ymm8, ymm_out+256\n\t"
		"vmovups %%ymm15, ymm_out+480"
		:
		:
		: "memory");
	for (i = 0; i < ARRAY_SIZE(used); i++)
		bad += !!memcmp(ymm_in[used[i]], ymm_out[used[i]], 32);
	return bad;
}

static ulong dr(u32 n)
{
	ulong v;

	switch (n) {
	case 0:
		asm volatile("mov %%dr0, %0" : "=r"(v));
		return v;
	case 1:
		asm volatile("mov %%dr1, %0" : "=r"(v));
		return v;
	case 2:
		asm volatile("mov %%dr2, %0" : "=r"(v));
		return v;
	case 3:
		asm volatile("mov %%dr3, %0" : "=r"(v));
		return v;
	default:
		asm volatile("mov %%dr7, %0" : "=r"(v));
		return v;
	}
}

static void system_load(void)
{
	wrmsr(MSR_FS_BASE, 0x123456789000);
	wrmsr(MSR_GS_BASE, 0xffff800012345678);
	wrmsr(MSR_KERNEL_GS, 0x7f0011223344);
	wrmsr(0xc0000081, 0x0023001000000000);
	wrmsr(0xc0000082, 0xffff888812345678);
	wrmsr(0xc0000084, 0x4700);
	wrmsr(0x174, 8);
	wrmsr(0x175, 0x123456);
	wrmsr(0x176, 0xffff808012345678);
	asm volatile(
		"mov %0, %%dr0; mov %1, %%dr1; mov %2, %%dr2; mov %3, %%dr3"
		:
		: "r"(0x1111000011110000ul), "r"(0x2222000022220000ul),
		  "r"(0x3333000033330000ul), "r"(0x4444000044440000ul));
	asm volatile("mov %0, %%dr7" : : "r"(0x400ul));
}

static u32 system_differ(void)
{
	u32 bad = 0;

	bad += rdmsr(MSR_FS_BASE) != 0x123456789000;
	bad += rdmsr(MSR_GS_BASE) != 0xffff800012345678;
	bad += rdmsr(MSR_KERNEL_GS) != 0x7f0011223344;
	bad += rdmsr(0xc0000081) != 0x0023001000000000;
	bad += rdmsr(0xc0000082) != 0xffff888812345678;
	bad += rdmsr(0xc0000084) != 0x4700;
	bad += rdmsr(0x174) != 8;
	bad += rdmsr(0x175) != 0x123456;
	bad += rdmsr(0x176) != 0xffff808012345678;
	bad += dr(0) != 0x1111000011110000 || dr(1) != 0x2222000022220000;
	bad += dr(2) != 0x3333000033330000 || dr(3) != 0x4444000044440000;
	bad += dr(7) != 0x400;
	return bad;
}

static void compare(const char *what, u32 changed)
{
	u32 i, bad = 0;

	for (i = 0; i < 16; i++) {
		u64 mask = i == 15 ? 0xcd5 : ~0ull;

		if (changed >> i & 1)
			continue;
		if ((before[i] ^ after[i]) & mask) {
			bad++;
			fail("%s: %s %llx became %llx", what, names[i],
			     before[i], after[i]);
		}
	}
	printf("%s: general %u, vectors %u, system %u differ\n", what, bad,
	       vectors_differ(), system_differ());
}

#define RAX BIT(0)
#define RBX BIT(1)
#define RCX BIT(2)
#define RDX BIT(3)
#define RSI BIT(4)
#define RDI BIT(5)
#define FLAGS BIT(15)

#define EXIT(what, changed, prepare, insns)                                        \
	do {                                                                       \
		fill(round++);                                                     \
		prepare;                                                           \
		vectors_load();                                                    \
		system_load();                                                     \
		asm volatile(                                                      \
			"push %%rbp; push %%rbx; mov %%rsp, saved_sp\n\t" LOAD_ALL \
				insns SAVE_ALL                                     \
			"cmp %%rsp, saved_sp; jne .; pop %%rbx; pop %%rbp"         \
			:                                                          \
			:                                                          \
			: "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9",           \
			  "r10", "r11", "r12", "r13", "r14", "r15", "memory",      \
			  "cc");                                                   \
		compare(what, changed);                                            \
	} while (0)

static void ipi(struct regs *regs)
{
	irqs++;
	lapic_eoi();
}

static void pf(struct regs *regs)
{
	irqs++;
	*pte_of(MAP_AREA) |= PTE_P;
}

static void ud(struct regs *regs)
{
	irqs++;
	regs->ip += 2;
}

int main(void)
{
	u32 round = 0;

	cli();
	lapic_enable();
	cpu_by_id(0)->apic_id = lapic_read(0x20) >> 24;
	trap_handlers[0x90] = ipi;
	trap_handlers[PF_VECTOR] = pf;
	trap_handlers[UD_VECTOR] = ud;
	map(MAP_AREA, (ulong)page_alloc(), PTE_P | PTE_W);
	write_cr0((read_cr0() & ~(CR0_EM | CR0_TS)) | CR0_MP);
	write_cr4(read_cr4() | CR4_OSFXSR | BIT(10));
	if (cpu_has(&feat_xsave) && (cpuid(1, 0).ecx >> 28 & 1)) {
		write_cr4(read_cr4() | CR4_OSXSAVE);
		asm volatile("xsetbv" : : "c"(0), "a"(7), "d"(0));
		avx = true;
	}

	EXIT("nothing", 0, (void)0, "nop\n\t");
	EXIT("cpuid", RAX | RBX | RCX | RDX, before[0] = 0, "cpuid\n\t");
	EXIT("out", 0, before[3] = 0x80, "out %%al, %%dx\n\t");
	EXIT("in", RAX, before[3] = 0x5000, "in %%dx, %%eax\n\t");
	EXIT("rep outsb", RSI | RCX,
	     (before[3] = 0x80, before[2] = 5, before[4] = (u64)ymm_in),
	     "rep outsb\n\t");
	EXIT("rep insb", RDI | RCX,
	     (before[3] = 0x5000, before[2] = 5, before[5] = (u64)ymm_out),
	     "rep insb\n\t");
	EXIT("rdmsr", RAX | RDX, before[2] = MSR_EFER, "rdmsr\n\t");
	EXIT("wrmsr", 0,
	     (before[2] = 0x175, before[0] = 0x123456, before[3] = 0),
	     "wrmsr\n\t");
	EXIT("rdtsc", RAX | RDX, (void)0, "rdtsc\n\t");
	EXIT("mov from cr0", RAX, (void)0, "mov %%cr0, %%rax\n\t");
	EXIT("mov to cr0", 0, before[0] = read_cr0(), "mov %%rax, %%cr0\n\t");
	EXIT("mov to cr3", 0, before[3] = read_cr3(), "mov %%rdx, %%cr3\n\t");
	EXIT("mov to cr4", 0, before[14] = read_cr4(), "mov %%r15, %%cr4\n\t");
	EXIT("mov to cr8", 0, before[8] = 0, "mov %%r9, %%cr8\n\t");
	EXIT("clts", 0, (void)0, "clts\n\t");
	EXIT("invlpg", 0, before[6] = MAP_AREA, "invlpg (%%rbp)\n\t");
	EXIT("wbinvd", 0, (void)0, "wbinvd\n\t");
	EXIT("pause", 0, (void)0, "pause\n\t");
	EXIT("mmio read", RAX, before[1] = 0xfee00020,
	     "mov (%%rbx), %%eax\n\t");
	EXIT("mmio write", 0, (before[1] = 0xfee00380, before[0] = 0),
	     "mov %%eax, (%%rbx)\n\t");
	EXIT("first touch of a page", RAX,
	     (invlpg(MAP_AREA), before[10] = MAP_AREA),
	     "mov (%%r11), %%rax\n\t");
	EXIT("#PF", 0,
	     (*pte_of(MAP_AREA) &= ~PTE_P, invlpg(MAP_AREA),
	      before[9] = MAP_AREA),
	     "mov %%rax, 8(%%r10)\n\t");
	EXIT("#UD", 0, (void)0, "ud2\n\t");
	EXIT("interrupt", FLAGS,
	     (ipi_send(0, 0x90), before[15] = 0x2d7 | 0x800),
	     "nop; nop; cli\n\t");
	EXIT("hlt", FLAGS, (ipi_send(0, 0x90), before[15] = 0x0d7),
	     "sti; hlt; cli\n\t");
	EXIT("write to a page table", 0, before[1] = (u64)pte_of(MAP_AREA),
	     "lock orq $0, (%%rbx)\n\tstc; push before+120; popf\n\t");
	EXIT("mov to dr7", 0, before[7] = 0x400, "mov %%r8, %%dr7\n\t");
	EXIT("mov from dr0", RCX, (void)0, "mov %%dr0, %%rcx\n\t");
	EXIT("lidt", 0, (void)0,
	     "sub $16, %%rsp; sidt (%%rsp); lidt (%%rsp); add $16, %%rsp; push before+120; popf\n\t");
	EXIT("swapgs twice", 0, (void)0, "swapgs; swapgs\n\t");
	EXIT("string over a fresh page", RSI | RDI | RCX,
	     (invlpg(MAP_AREA), before[4] = MAP_AREA,
	      before[5] = MAP_AREA + 2048, before[2] = 256),
	     "rep movsq\n\t");
	printf("traps and interrupts: %u\n", irqs);
	return 0;
}
