// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_smc.c - the other CPU rewrites an instruction while it exits
 *
 * One CPU runs an instruction that a hypervisor must decode (a device access,
 * a port access, a write to a page table); the other one keeps exchanging its
 * bytes for others, and the mapping of the page it is on. What the hypervisor
 * decodes may not be what made it exit.
 * Expected: exits, or dies with a sentence.
 */
#include "catch.h"
#include "map.h"

static u8 *code;
static volatile bool stop;
static u64 pa[2];

/* Each ends in RET; all the same length. */
static const u8 forms[][8] = {
	{ 0x8b, 0x03, 0x90, 0x90, 0xc3 }, /* mov (%rbx), %eax */
	{ 0x89, 0x03, 0x90, 0x90, 0xc3 }, /* mov %eax, (%rbx) */
	{ 0x48, 0x89, 0x03, 0x90, 0xc3 }, /* mov %rax, (%rbx) */
	{ 0xf0, 0xff, 0x03, 0x90, 0xc3 }, /* lock incl (%rbx) */
	{ 0xf3, 0xa5, 0x90, 0x90, 0xc3 }, /* rep movsl */
	{ 0xee, 0x90, 0x90, 0x90, 0xc3 }, /* out %al, %dx */
	{ 0xf3, 0x6c, 0x90, 0x90, 0xc3 }, /* rep insb */
	{ 0x0f, 0x20, 0xd8, 0x90, 0xc3 }, /* mov %cr3, %rax */
	{ 0x0f, 0x01, 0x3b, 0x90, 0xc3 }, /* invlpg (%rbx) */
	{ 0x0f, 0xa2, 0x90, 0x90, 0xc3 }, /* cpuid */
	{ 0x0f, 0x0b, 0x90, 0x90, 0xc3 }, /* ud2 */
	{ 0xdd, 0x03, 0x90, 0x90, 0xc3 }, /* fldl (%rbx) */
	{ 0x66, 0x66, 0x66, 0x66, 0x66 }, /* no end */
};

static void change(void *arg)
{
	struct rng rng;
	u32 i = 0;

	rng_seed(&rng, cmdline_u64("seed", 1) + 7);
	while (!stop) {
		const u8 *form = forms[rng_below(&rng, ARRAY_SIZE(forms))];

		*(volatile u64 *)(pa[0]) = *(const u64 *)form;
		*(volatile u64 *)(pa[1]) = *(const u64 *)form;
		if (++i % 8 == 0)
			*(volatile u64 *)pte_of(MAP_AREA) = pa[i >> 3 & 1] |
							    PTE_P | PTE_W;
		if (i % 64 == 0)
			*(volatile u64 *)pte_of(MAP_AREA) = 0;
		if (i % 64 == 1)
			*(volatile u64 *)pte_of(MAP_AREA) = pa[0] | PTE_P |
							    PTE_W;
	}
}

int main(void)
{
	u64 targets[] = { 0xfee00380, 0xfd000000, 0, 0x2000000, 0xfec00010 };
	u32 i, faults = 0;

	catch_all();
	pa[0] = (ulong)page_alloc();
	pa[1] = (ulong)page_alloc();
	map(MAP_AREA, pa[0], PTE_P | PTE_W);
	code = (u8 *)MAP_AREA;
	targets[2] = (ulong)pte_of(MAP_AREA + 0x3000);
	memcpy((void *)pa[0], forms[0], 8);
	memcpy((void *)pa[1], forms[0], 8);
	if (smp_start(2) == 2)
		cpu_start(1, change, NULL);
	for (i = 0; i < 20000; i++) {
		ulong at = targets[i % ARRAY_SIZE(targets)], si = 0x2000000,
		      cx = 3, ax = 0, dx = 0x80, di = 0x2100000;

		asm volatile(
			"push %%rbp; mov %%rsp, %%rbp\n\t" CATCH(
				"call *%[code]") "mov %%rbp, %%rsp; pop %%rbp; cld\n\t"
			: "+a"(ax), "+c"(cx), "+d"(dx), "+S"(si), "+D"(di),
			  "+b"(at)
			: [code] "r"(code)
			: "memory", "cc", "r8", "r9", "r10", "r11");
		faults += caught.hit;
		if (i % 16 == 0)
			invlpg((ulong)code);
	}
	stop = true;
	printf("alive\n");
	return 0;
}
