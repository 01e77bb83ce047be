// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_pit.c - an 8254 that fires as fast as it can, in every mode
 *
 * Period 1 (and the forbidden ones) on all channels, through the 8259 and the
 * IOAPIC at once; random control words; counts and latches out of step.
 * Expected: exits.
 */
#include "guest.h"

static volatile u32 hits;

static void irq(struct regs *regs)
{
	hits++;
	outb(0x20, 0x20);
	lapic_eoi();
}

int main(void)
{
	struct rng rng;
	u32 i;

	trap_handlers[0x40] = irq;
	trap_handlers[0x50] = irq;
	lapic_enable();
	lapic_write(0x350, 0x700);
	outb(0x20, 0x11);
	outb(0x21, 0x40);
	outb(0x21, 4);
	outb(0x21, 1);
	outb(0x21, 0xfe);
	*(volatile u32 *)0xfec00000 = 0x15;
	*(volatile u32 *)0xfec00010 = 0;
	*(volatile u32 *)0xfec00000 = 0x14;
	*(volatile u32 *)0xfec00010 = 0x50;
	rng_seed(&rng, cmdline_u64("seed", 1));
	for (i = 0; i < 12; i++) {
		u64 t0 = rdtsc();

		outb(0x43, 0x30 | (i % 6) << 1);
		outb(0x40, i < 6 ? 1 : 2);
		outb(0x40, 0);
		sti();
		while (rdtsc() - t0 < 50000000)
			cpu_relax();
		cli();
	}
	sti();
	for (i = 0; i < 20000; i++) {
		u64 r = rng_next(&rng);

		outb(0x40 + (r >> 32) % 4, r);
		inb(0x40 + (r >> 40) % 4);
		outb(0x61, r >> 16);
	}
	cli();
	printf("alive\n");
	return 0;
}
