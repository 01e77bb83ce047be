// SPDX-License-Identifier: GPL-2.0
/*
 * dev_uart.c - the 16550: registers, divisor latch, loopback, FIFO, interrupt
 *
 * The report itself goes through the device under test, so every scenario
 * puts the line settings back before it prints. Received bytes come from
 * loopback, the interrupt from the empty transmitter and from loopback.
 *
 * Spec: National Semiconductor PC16550D data sheet.
 */
#include "guest.h"

#define COM 0x3f8
#define RBR 0
#define IER 1
#define IIR 2
#define LCR 3
#define MCR 4
#define LSR 5
#define MSR 6
#define SCR 7

static u8 seen[64];
static u32 nseen;

static u8 get(u32 reg)
{
	return inb(COM + reg);
}

static void set(u32 reg, u8 v)
{
	outb(COM + reg, v);
}

static void see(u8 v)
{
	if (nseen < sizeof(seen))
		seen[nseen++] = v;
}

static void idle(void)
{
	while (!(get(LSR) & 0x40))
		cpu_relax();
}

static void tell(const char *what)
{
	u32 i;

	set(LCR, 3);
	set(MCR, 3);
	set(IER, 0);
	set(IIR, 7);
	printf("%s:", what);
	for (i = 0; i < nseen; i++)
		printf(" %02x", seen[i]);
	printf("\n");
	nseen = 0;
	serial_flush();
	idle();
}

static void registers(void)
{
	static const u8 v[] = { 0x00, 0xff, 0xa5, 0x5a };
	u32 i;

	for (i = 0; i < sizeof(v); i++) {
		set(SCR, v[i]);
		see(get(SCR));
	}
	tell("scratch");
	for (i = 0; i < sizeof(v); i++) {
		set(LCR, v[i] & 0x3f);
		see(get(LCR));
	}
	tell("line control");
	set(LCR, 0x83);
	set(0, 0x34);
	set(1, 0x12);
	see(get(0));
	see(get(1));
	set(0, 1);
	set(1, 0);
	set(LCR, 3);
	see(get(IER));
	set(IER, 0x0f);
	see(get(IER));
	set(IER, 0xf0);
	see(get(IER));
	set(IER, 0);
	tell("divisor latch, then interrupt enable");
	see(get(LSR) & 0x61);
	see(get(IIR));
	set(IIR, 0);
	see(get(IIR));
	set(IIR, 1);
	see(get(IIR));
	tell("line status, fifo bits");
	for (i = 0; i < sizeof(v); i++) {
		set(MCR, v[i]);
		see(get(MCR));
	}
	tell("modem control");
}

static void loopback(void)
{
	u32 i;

	set(IIR, 7);
	set(MCR, 0x10);
	for (i = 0; i < 16; i++) {
		set(MCR, 0x10 | i);
		see(get(MSR) & 0xf0);
	}
	tell("modem lines in loopback");

	set(IIR, 0);
	set(MCR, 0x13);
	see(get(LSR) & 1);
	for (i = 0; i < 5; i++) {
		u32 n;

		set(RBR, 0x11 * (i + 1));
		for (n = 0; n < 100000 && !(get(LSR) & 1); n++)
			cpu_relax();
		see(get(LSR) & 1);
		see(get(RBR));
		see(get(LSR) & 1);
	}
	tell("bytes in loopback");

	set(IIR, 7);
	set(MCR, 0x13);
	for (i = 0; i < 8; i++) {
		set(RBR, 0x80 + i);
		idle();
		delay_us(100);
	}
	for (i = 0; i < 9; i++) {
		see(get(LSR) & 1);
		if (get(LSR) & 1)
			see(get(RBR));
	}
	tell("eight through the fifo");

	set(IIR, 7);
	set(MCR, 0x13);
	set(RBR, 0x42);
	idle();
	delay_us(100);
	set(IIR, 3); /* clear the receiver */
	see(get(LSR) & 1);
	tell("fifo cleared");
}

static volatile u32 hits;
static u8 iir[8];

static void irq4(struct regs *regs)
{
	u8 why = get(IIR);

	if (hits < sizeof(iir))
		iir[hits] = why & 0x0f;
	hits++;
	if ((why & 0x0e) == 4)
		see(get(RBR));
	if ((why & 0x0e) == 2 || (why & 1))
		set(IER, get(IER) & ~2);
	outb(0x20, 0x20);
}

static void wait_hits(u32 n)
{
	u32 i;

	for (i = 0; i < 100000 && hits < n; i++)
		asm volatile("sti; nop; nop; cli" : : : "memory");
}

static void told_hits(const char *what)
{
	u32 i;

	see(hits);
	for (i = 0; i < hits && i < sizeof(iir); i++)
		see(iir[i]);
	hits = 0;
	tell(what);
}

static void interrupts(void)
{
	lapic_enable();
	lapic_write(0x350, 0x700);
	outb(0x20, 0x11);
	outb(0x21, 0x40);
	outb(0x21, 4);
	outb(0x21, 1);
	outb(0x21, 0xef);
	trap_handlers[0x44] = irq4;

	idle();
	set(MCR, 0x0b);
	set(IER, 2);
	wait_hits(1);
	told_hits("transmitter empty: hits, iir");

	/* Reading IIR takes the reason away. */
	set(MCR, 0x0b);
	cli();
	set(IER, 2);
	see(get(IIR) & 0xf);
	see(get(IIR) & 0xf);
	told_hits("iir read twice");
	outb(0x20, 0x0c);
	inb(0x20);
	outb(0x20, 0x20);

	set(IIR, 0);
	set(MCR, 0x1b);
	set(IER, 1);
	set(RBR, 0x77);
	wait_hits(1);
	told_hits("received in loopback: byte, hits, iir");

	outb(0x21, 0xff);
}

int main(void)
{
	tsc_per_us();
	cli();
	serial_flush();
	idle();
	registers();
	loopback();
	interrupts();
	return 0;
}
