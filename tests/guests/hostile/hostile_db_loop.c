// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_db_loop.c - a debug exception whose delivery raises another
 *
 * An instruction breakpoint on the first instruction of the handler of #DB,
 * which runs on a stack of its own: every delivery ends in the next one and no
 * instruction is ever executed. Only an intercept of #DB gets the CPU back
 * (CVE-2015-8104, which used a data breakpoint on the stack; that one ends
 * some emulators).
 * Expected: runs into its time-out, or dies with a sentence.
 */
#include "guest.h"

void db_entry(void);
asm("db_entry: nop; iretq");

int main(void)
{
	struct cpu *cpu = this_cpu();

	printf("breakpoint on its own handler\n");
	serial_flush();
	cpu->tss.ist[2] = (ulong)cpu + 0x4000;
	gate_set(DB_VECTOR, db_entry, 0, 3);
	asm volatile("mov %0, %%dr0; mov %1, %%dr7"
		     :
		     : "r"((ulong)db_entry), "r"(0x402ul));
	asm volatile("pushf; orl $0x100, (%%rsp); popf; nop" : : : "memory");
	printf("came back\n");
	return 0;
}
