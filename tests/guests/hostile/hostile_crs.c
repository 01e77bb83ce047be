// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_crs.c - random control registers, debug registers and segments
 *
 * Each round writes one register with flipped bits under guard and puts it
 * back if that is still possible. mode=1 does not put back.
 * Expected: exits, or dies with a sentence.
 */
#include "catch.h"

static void one(u32 which, u64 v)
{
	u16 sel = v;

	switch (which) {
	case 0:
		asm volatile(CATCH("mov %0, %%cr0") : : "r"(v) : "memory");
		break;
	case 1:
		asm volatile(CATCH("mov %0, %%cr2") : : "r"(v) : "memory");
		break;
	case 2:
		asm volatile(CATCH("mov %0, %%cr3") : : "r"(v) : "memory");
		break;
	case 3:
		asm volatile(CATCH("mov %0, %%cr4") : : "r"(v) : "memory");
		break;
	case 4:
		asm volatile(CATCH("mov %0, %%cr8") : : "r"(v) : "memory");
		break;
	case 5:
		asm volatile(CATCH("mov %0, %%dr6") : : "r"(v) : "memory");
		break;
	case 6:
		asm volatile(CATCH("mov %0, %%dr7") : : "r"(v) : "memory");
		break;
	case 7:
		asm volatile(CATCH("mov %0, %%dr0") : : "r"(v) : "memory");
		break;
	case 8:
		asm volatile(CATCH("mov %0, %%ds") : : "r"(sel) : "memory");
		break;
	case 9:
		asm volatile(CATCH("mov %0, %%fs") : : "r"(sel) : "memory");
		break;
	case 10:
		asm volatile(CATCH("mov %0, %%gs") : : "r"(sel) : "memory");
		break;
	case 11:
		asm volatile(CATCH("lldt %0") : : "r"(sel) : "memory");
		break;
	case 12:
		asm volatile(CATCH("lmsw %0") : : "r"(sel) : "memory");
		break;
	case 13:
		asm volatile(CATCH("push %0; popf") "cld; cli\n\t"
			     :
			     : "r"(v & ~0x100ull)
			     : "memory", "cc");
		break;
	case 14:
		asm volatile(CATCH("xsetbv")
			     :
			     : "a"((u32)v), "d"((u32)(v >> 32)), "c"(0)
			     : "memory");
		break;
	case 15:
		asm volatile(CATCH("wrmsr")
			     :
			     : "a"((u32)v), "d"((u32)(v >> 32)), "c"(MSR_EFER)
			     : "memory");
		break;
	}
}

/* A trap outside the one instruction: breakpoints go, all else is the end. */
static void trap(struct regs *regs)
{
	if (regs->ip >= caught.at && regs->ip <= caught.resume) {
		catch_trap(regs);
		return;
	}
	if (regs->vector != DB_VECTOR) {
		printf("lost by trap %u\n", (u32)regs->vector);
		exit(0);
	}
	asm volatile("mov %0, %%dr7" : : "r"(0x400ul));
	regs->flags &= ~EFLAGS_TF;
}

int main(void)
{
	ulong cr0 = read_cr0(), cr3 = read_cr3(), cr4 = read_cr4();
	u64 efer = rdmsr(MSR_EFER), good[16] = { 0 };
	u32 i, mode = cmdline_u64("mode", 0);
	struct rng rng;

	rng_seed(&rng, cmdline_u64("seed", 1));
	for (i = 0; i < 32; i++)
		if (i != NMI_VECTOR && i != DF_VECTOR)
			trap_handlers[i] = trap;
	good[0] = cr0;
	good[2] = cr3;
	good[3] = cr4;
	good[5] = 0xffff0ff0;
	good[6] = 0x400;
	good[8] = good[9] = good[10] = SEL_DATA;
	good[12] = cr0 & 0xffff;
	good[13] = 2;
	good[14] = 1;
	good[15] = efer;
	for (i = 0; i < 20000; i++) {
		u32 which = rng_below(&rng, 16);
		u64 flip = rng_next(&rng) & rng_next(&rng) & rng_next(&rng);

		/* keep what this code itself stands on, most of the time */
		if (!mode) {
			if (which == 0)
				flip &= ~0x80000001ull;
			if (which == 2)
				flip &= 0xfff;
			if (which == 3)
				flip &= ~0x1020ull;
			if (which == 15)
				flip &= ~0x500ull;
		}
		one(which, good[which] ^ flip);
		one(which, good[which]);
	}
	printf("alive\n");
	return 0;
}
