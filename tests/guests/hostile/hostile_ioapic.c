// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_ioapic.c - random IOAPIC registers and redirections, lines moving
 *
 * Level entries for edge lines and the other way round, reserved delivery
 * modes, destinations that do not exist, an 8254 with period 1 behind it.
 * Expected: exits, or dies with a sentence (an INIT to the only CPU).
 */
#include "guest.h"

#define IOAPIC 0xfec00000ul

static void irq(struct regs *regs)
{
	lapic_eoi();
}

int main(void)
{
	struct rng rng;
	u32 i, v;

	for (v = 0x20; v < 0x100; v++)
		if (v != 0x80)
			trap_handlers[v] = irq;
	trap_handlers[NMI_VECTOR] = irq;
	lapic_enable();
	rng_seed(&rng, cmdline_u64("seed", 1));
	outb(0x43, 0x34);
	outb(0x40, 1);
	outb(0x40, 0);
	sti();
	for (i = 0; i < 20000; i++) {
		u64 r = rng_next(&rng);
		u32 reg = r >> 56 & 0x3f, value = r;

		if (reg >= 0x10 && !(reg & 1)) {
			value |= 0x20; /* no vectors of exceptions */
			if ((value >> 8 & 7) == 5)
				value &=
					~0x500u; /* INIT would end it too soon */
		}
		*(volatile u32 *)IOAPIC = r >> 48 & 1 ? reg : r >> 40 & 0xff;
		if (*(volatile u32 *)IOAPIC >= 0x10 &&
		    !(*(volatile u32 *)IOAPIC & 1) && !(value & 0x20))
			continue;
		*(volatile u32 *)(IOAPIC + 0x10) = value;
		*(volatile u32 *)(IOAPIC + (r >> 16 & 0xffc));
		*(volatile u32 *)(IOAPIC + 0x40) =
			r >> 8; /* EOI register of newer ones */
		if (i % 16 == 0) {
			outb(0x3f9, 2);
			outb(0x3f9, 0);
			lapic_write(0x80, 0);
		}
	}
	cli();
	printf("alive\n");
	return 0;
}
