// SPDX-License-Identifier: GPL-2.0
/*
 * irq_pit.c - the 8254's counters, modes 0 to 4, latches and read-back
 *
 * Counting is checked against real time only coarsely: the report says that a
 * counter moves, in which direction it wraps and what OUT does, never how
 * fast. Channel 2 is gated and watched through port 0x61.
 *
 * Not here: what the emulated 8254 lacks: OUT and the null-count bit between
 *           control word and count, the gate in mode 0, BCD.
 * Spec:     Intel 8254 data sheet.
 */
#include "guest.h"

static volatile u32 hits;

static void irq0(struct regs *regs)
{
	hits++;
	outb(0x20, 0x20);
}

static void program(u32 ch, u32 mode, u32 count)
{
	outb(0x43, ch << 6 | 0x30 | mode << 1);
	outb(0x40 + ch, count);
	outb(0x40 + ch, count >> 8);
}

static u32 latch(u32 ch)
{
	u32 lo;

	outb(0x43, ch << 6);
	lo = inb(0x40 + ch);
	return inb(0x40 + ch) << 8 | lo;
}

static u32 status(u32 ch)
{
	outb(0x43, 0xe0 | 2 << ch);
	return inb(0x40 + ch);
}

static bool wait_out(u32 ch, u32 level)
{
	u32 i;

	for (i = 0; i < 300000; i++)
		if (status(ch) >> 7 == level)
			return true;
	return false;
}

static void modes(void)
{
	u32 ch, mode, a, b, i, moved, bad;

	for (ch = 0; ch < 3; ch += 2) {
		outb(0x61, (inb(0x61) & ~3) | 1);
		for (mode = 0; mode < 4; mode++) {
			if (mode == 1)
				continue;
			program(ch, mode, 0x8000);
			printf("channel %u mode %u: status %02x\n", ch, mode,
			       status(ch) & 0x3f);
			a = latch(ch);
			moved = bad = 0;
			for (i = 0; i < 2000; i++) {
				b = latch(ch);
				moved |= a != b;
				bad |= b > 0x8000;
				a = b;
			}
			/* counters in modes 0 and 4 go on past 0 */
			printf("  counts %u, above the start %u\n", moved,
			       mode ? bad : 0);
		}
	}
}

static void out_pin(void)
{
	program(0, 0, 2000);
	printf("mode 0: out reaches 1: %u\n", wait_out(0, 1));
	printf("  stays: %u\n", status(0) >> 7);
	program(0, 0, 0xffff);
	printf("  until a count is loaded: %u\n", status(0) >> 7);

	program(0, 3, 2000);
	printf("mode 3: high %u, low %u, high %u\n", wait_out(0, 1),
	       wait_out(0, 0), wait_out(0, 1));

	outb(0x61, inb(0x61) & ~3);
	program(2, 0, 2000);
	printf("gate 0: out %u\n", inb(0x61) >> 5 & 1);
	outb(0x61, (inb(0x61) & ~3) | 1);
	program(2, 0, 2000);
	printf("gate 1: out reaches 1: %u", wait_out(2, 1));
	printf(", port 61 says %u\n", inb(0x61) >> 5 & 1);
	printf("port 61 low bits: %x", inb(0x61) & 3);
	outb(0x61, (inb(0x61) & ~3) | 2);
	printf(" %x", inb(0x61) & 3);
	outb(0x61, inb(0x61) & ~3);
	printf(" %x\n", inb(0x61) & 3);
}

static void access(void)
{
	u32 a, b, c, d;

	/* Read-back of status and count at once: status first. */
	program(0, 2, 0xffff);
	outb(0x43, 0xc2);
	a = inb(0x40);
	b = inb(0x40);
	b |= inb(0x40) << 8;
	printf("read-back: status %02x, count in range %u\n", a & 0x3f,
	       b > 0xe000);

	/* A latched count does not move until it is read. */
	outb(0x43, 0);
	delay_us(300);
	outb(0x43, 0);
	a = inb(0x40);
	a |= inb(0x40) << 8;
	delay_us(300);
	b = latch(0);
	printf("latch holds: %u, then moves on: %u\n", a > b, a != b);

	/* One-byte access. */
	outb(0x43, 0x14);
	outb(0x40, 0x80);
	a = status(0);
	outb(0x43, 0x24);
	outb(0x40, 0x40);
	b = status(0);
	printf("low byte only: %02x, high byte only: %02x\n", a & 0x3f,
	       b & 0x3f);
	outb(0x43, 0);
	c = inb(0x40);
	outb(0x43, 0);
	d = inb(0x40);
	printf("high byte reads in range: %u\n", c <= 0x40 && d <= 0x40);
}

static bool wait_hits(u32 n)
{
	u32 i;

	for (i = 0; i < 300000 && hits < n; i++) {
		asm volatile("sti; nop; nop; cli" : : : "memory");
		inb(0x61);
	}
	return hits >= n;
}

static void interrupts(void)
{
	outb(0x20, 0x11);
	outb(0x21, 0x40);
	outb(0x21, 4);
	outb(0x21, 1);
	outb(0x21, 0xff);
	trap_handlers[0x40] = irq0;
	lapic_enable();
	lapic_write(0x350, 0x700);

	program(0, 0, 1000);
	delay_us(3000);
	hits = 0;
	outb(0x21, 0xfe);
	printf("mode 0: came %u", wait_hits(1));
	delay_us(5000);
	wait_hits(2);
	printf(", times %u\n", hits);
	program(0, 2, 1000);
	hits = 0;
	printf("mode 2: came five times: %u\n", wait_hits(5));
	program(0, 3, 1000);
	hits = 0;
	printf("mode 3: came five times: %u\n", wait_hits(5));
	program(0, 0, 1000);
	wait_hits(1000);
	hits = 0;
	program(0, 4, 1000);
	printf("mode 4: came %u\n", wait_hits(1));
	program(0, 2, 1193);
	hits = 0;
	while (hits < 3) {
		sti_hlt();
		cli();
	}
	printf("hlt: woken\n");
	outb(0x21, 0xff);
	outb(0x43, 0x30);
}

int main(void)
{
	cli();
	tsc_per_us();
	modes();
	out_pin();
	access();
	interrupts();
	return 0;
}
