// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_pic.c - random command words to both 8259s under a fast 8254
 *
 * Expected: exits.
 */
#include "guest.h"

static void irq(struct regs *regs)
{
	outb(0xa0, 0x20);
	outb(0x20, 0x20);
}

int main(void)
{
	static const u16 ports[] = { 0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1 };
	struct rng rng;
	u32 i, v;

	for (v = 0; v < 0x100; v++)
		if (v != 0x80)
			trap_handlers[v] = irq;
	lapic_enable();
	lapic_write(0x350, 0x700);
	rng_seed(&rng, cmdline_u64("seed", 1));
	outb(0x43, 0x34);
	outb(0x40, 1);
	outb(0x40, 0);
	for (i = 0; i < 30000; i++) {
		u64 r = rng_next(&rng);
		u16 port = ports[(r >> 32) % 6];

		/* a level-triggered line that nothing lowers would never end */
		outb(port, port > 0x400 ? 0 : r >> 8);
		inb(ports[(r >> 40) % 6]);
		if (i % 32 == 0)
			asm volatile("sti; nop; nop; cli");
		if (i % 256 == 0) {
			outb(0x20, 0x11);
			outb(0x21, 0x40);
			outb(0x21, 4);
			outb(0x21, 1);
			outb(0x21, 0xfe);
		}
	}
	printf("alive\n");
	return 0;
}
