// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_hypercall.c - every hypercall number, with random arguments
 *
 * From ring 0 and ring 3. On a bare machine VMMCALL is an invalid opcode and
 * skipped.
 * Expected: exits, or dies with a sentence.
 */
#include "guest.h"

static void skip3(struct regs *regs)
{
	regs->ip += 3;
}

static __user_text ulong user_call_all(ulong n)
{
	ulong i;

	for (i = 0; i < n; i++)
		asm volatile("mov %0, %%rax; vmmcall"
			     :
			     : "r"(i)
			     : "rax", "memory");
	return 0;
}

int main(void)
{
	struct fault f;
	struct rng rng;
	u32 i;

	trap_handlers[UD_VECTOR] = skip3;
	trap_handlers[GP_VECTOR] = skip3;
	rng_seed(&rng, cmdline_u64("seed", 1));
	for (i = 0; i < 20000; i++) {
		u64 nr = i < 1000 ? i : rng_next(&rng) >> (i & 63);

		asm volatile(
			"mov %4, %%r8; mov %4, %%r9; mov %4, %%r10; vmmcall"
			: "+a"(nr)
			: "D"(rng_next(&rng)), "S"(rng_next(&rng)),
			  "d"(rng_next(&rng)), "c"(rng_next(&rng)),
			  "b"(rng_next(&rng))
			: "r8", "r9", "r10", "memory");
	}
	printf("ring 0 done\n");
	user_call(&f, user_call_all, 1000);
	printf("ring 3 done\n");
	return 0;
}
