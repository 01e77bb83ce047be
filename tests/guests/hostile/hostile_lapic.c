// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_lapic.c - random writes to the local APIC, timers of period 1, storms
 *
 * Two CPUs flood each other and themselves with interrupts of every delivery
 * mode but those that stop CPU 0, write random registers in random widths, and
 * run periodic timers with the shortest period there is.
 * Expected: exits, or dies with a sentence.
 */
#include "guest.h"

static volatile u32 taken;

static void irq(struct regs *regs)
{
	taken++;
	lapic_eoi();
}

static void storm(void *arg)
{
	struct rng rng;
	u32 i, id = this_cpu()->id;

	rng_seed(&rng, cmdline_u64("seed", 1) + 100 * id);
	lapic_write(0x3e0, 0xb);
	lapic_write(0x320, 0x20090);
	lapic_write(0x380, 1);
	sti();
	for (i = 0; i < 3000; i++) {
		u64 r = rng_next(&rng);

		switch (r % 8) {
		case 0:
			lapic_write(0x380, (r >> 8) % 3);
			break;
		case 1:
			lapic_write(0x3e0, r >> 8);
			break;
		case 2: /* fixed, lowest priority, SMI, reserved: to anybody */
			lapic_write(0x310, r >> 32);
			lapic_write(0x300, (r >> 8 & 0xc83ff) | 0x4020);
			break;
		case 3:
			lapic_write(0x300, 0x40000 | (0x30 + (r >> 8) % 0xc0));
			break;
		case 4:
			lapic_write(0x300, 0xc0000 | (0x30 + (r >> 8) % 0xc0));
			break;
		case 5: /* any register but ICR: also read-only ones */
			if ((r >> 8 & 0xff0) != 0x300)
				lapic_write(r >> 8 & 0xff0, r >> 32 | 0x20);
			break;
		case 6:
			lapic_read(r >> 8 & 0xffc);
			*(volatile u8 *)(LAPIC_BASE + (r >> 20 & 0xfff));
			break;
		case 7:
			lapic_eoi();
			break;
		}
		if (i % 64 == 0) {
			lapic_write(0xf0, 0x1ff);
			lapic_write(0x80, 0);
		}
	}
	cli();
	lapic_write(0x320, 0x10000);
	lapic_write(0x380, 0);
}

int main(void)
{
	u32 v, cpus;

	for (v = 0x10; v < 0x100; v++)
		if (v >= 0x20 && v != 0x80)
			trap_handlers[v] = irq;
	trap_handlers[NMI_VECTOR] = irq;
	cpus = smp_start(2);
	if (cpus > 1)
		cpu_start(1, storm, NULL);
	storm(NULL);
	printf("alive\n");
	return 0;
}
