// SPDX-License-Identifier: GPL-2.0
/*
 * cpu_real_32.c - real mode for a while: interrupts, ports, strings, faults
 *
 * Leaves protected mode, works through cpu_real_32.S, comes back, and prints
 * the words that code has left. Three times, the last two after running with
 * paging on in between.
 *
 * Not here: segment limits (the emulated CPU checks none in real mode); the
 *           real-mode start of another CPU (every payload with two has it).
 * Spec:     SDM vol. 3 ch. 20; APM vol. 2 ch. 1.2.
 */
#include "guest.h"

#define REAL 0x9000
#define RESULTS 0xb000

void real_run(void);
extern char real_start[], real_end[];

static u32 page_dir[1024] __aligned(4096);

static void round(void)
{
	u16 *results = (u16 *)RESULTS;
	u32 i;

	memcpy((void *)REAL, real_start, real_end - real_start);
	memset(results, 0, 128);
	real_run();
	for (i = 0; i < 40; i++)
		printf("%04x%c", results[i], i % 10 == 9 ? '\n' : ' ');
	printf("protected again: %llu\n", read_cr0() & CR0_PE);
}

int main(void)
{
	u32 i;

	lapic_enable();
	lapic_write(0x350, 0x700);
	round();
	for (i = 0; i < 1024; i++)
		page_dir[i] = i << 22 | 0x87;
	write_cr4(read_cr4() | CR4_PSE);
	write_cr3((ulong)page_dir);
	for (i = 0; i < 2; i++) {
		write_cr0(read_cr0() | CR0_PG);
		printf("paging on, then off\n");
		write_cr0(read_cr0() & ~CR0_PG);
		round();
	}
	return 0;
}
