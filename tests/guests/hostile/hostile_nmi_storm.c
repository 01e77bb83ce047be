// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_nmi_storm.c - NMIs to oneself and the other CPU, from handlers too
 *
 * Expected: exits.
 */
#include "guest.h"

static volatile u32 hits[2];

static void nmi(struct regs *regs)
{
	u32 id = this_cpu()->id;

	if (++hits[id] % 4) {
		lapic_write(0x310, (hits[id] & 1) << 24);
		lapic_write(0x300, 0x4400);
	}
	if (hits[id] % 7 == 0)
		cpuid(0, 0);
}

static void storm(void *arg)
{
	u32 i;

	for (i = 0; i < 3000; i++) {
		lapic_write(0x310, (i & 1) << 24);
		lapic_write(0x300, 0x4400);
		if (i % 16 == 0)
			asm volatile("sti; nop; cli");
	}
}

int main(void)
{
	trap_handlers[NMI_VECTOR] = nmi;
	lapic_enable();
	if (smp_start(2) == 2)
		cpu_start(1, storm, NULL);
	storm(NULL);
	cpu_join(1);
	printf("alive\n");
	return 0;
}
