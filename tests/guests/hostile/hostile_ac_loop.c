// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_ac_loop.c - an alignment check whose delivery raises another
 *
 * Ring 3 with AC set, a misaligned access, and a handler's stack that is
 * misaligned too: without an intercept of #AC some CPUs never come back
 * (CVE-2015-5307). Where alignment is not checked it just spins.
 * Expected: runs into its time-out, or dies with a sentence.
 */
#include "guest.h"

static u8 words[16] __user_data;

static __user_text ulong misaligned(ulong arg)
{
	asm volatile("pushf; orl $0x40000, (%%rsp); popf" : : : "memory");
	while (arg)
		*(volatile u32 *)(words + 1) += 1;
	return 0;
}

static void ac(struct regs *regs)
{
	/* once more, at once */
}

int main(void)
{
	struct fault f;

	printf("alignment checks\n");
	serial_flush();
	write_cr0(read_cr0() | CR0_AM);
	trap_handlers[AC_VECTOR] = ac;
	this_cpu()->tss.sp[0] -= 3;
	user_call(&f, misaligned, 1);
	return 0;
}
