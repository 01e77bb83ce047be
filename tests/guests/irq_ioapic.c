// SPDX-License-Identifier: GPL-2.0
/*
 * irq_ioapic.c - the IOAPIC's registers, and edge and level interrupts by it
 *
 * Two pins have a source that can be driven: 2 (8254 channel 0) and 4 (the
 * UART's transmitter-empty interrupt). A level interrupt must set remote IRR,
 * stay quiet until EOI and come again while the line is up.
 *
 * Spec: Intel 82093AA data sheet; SDM vol. 3 ch. 10.
 */
#include "guest.h"

#define IOAPIC 0xfec00000ul
#define UART 0x3f8

static u32 order[32], norder;
static bool drop_line, no_eoi;

static u32 io_read(u32 reg)
{
	*(volatile u32 *)IOAPIC = reg;
	return *(volatile u32 *)(IOAPIC + 0x10);
}

static void io_write(u32 reg, u32 v)
{
	*(volatile u32 *)IOAPIC = reg;
	*(volatile u32 *)(IOAPIC + 0x10) = v;
}

static void entry(u32 pin, u32 low, u32 high)
{
	io_write(0x11 + 2 * pin, high);
	io_write(0x10 + 2 * pin, low);
}

static void uart_line(int on)
{
	while (!(inb(UART + 5) & 0x40))
		;
	outb(UART + 4, 0x0b);
	outb(UART + 1, on ? 2 : 0);
	if (!on)
		inb(UART + 2);
}

static void handler(struct regs *regs)
{
	if (norder < ARRAY_SIZE(order))
		order[norder] = regs->vector;
	norder++;
	if (drop_line)
		outb(UART + 1, 0);
	if (!no_eoi)
		lapic_eoi();
}

static void window(void)
{
	u32 i;

	for (i = 0; i < 20; i++)
		asm volatile("sti; nop; nop; cli" : : : "memory");
}

static void tell(const char *what)
{
	u32 i;

	uart_line(0);
	printf("%s:", what);
	for (i = 0; i < norder && i < ARRAY_SIZE(order); i++)
		printf(" %x", order[i]);
	printf("\n");
	serial_flush();
	norder = 0;
}

/*
 * One rising edge of OUT of channel 0. The 8259 hears of it as well and its
 * (masked) request register tells when it came.
 */
static void pit_edge(void)
{
	u32 i;

	outb(0x43, 0x30);
	outb(0x20, 0x11);
	outb(0x21, 0x40);
	outb(0x21, 4);
	outb(0x21, 1);
	outb(0x21, 0xff);
	outb(0x40, 0x20);
	outb(0x40, 0);
	outb(0x20, 0x0a);
	for (i = 0; i < 1000000 && !(inb(0x20) & 1); i++)
		cpu_relax();
	check(i < 1000000, "8254 silent");
}

static void registers(void)
{
	static const u32 v[] = { 0x10000, 0x1a5ff, 0x18931, 0x10031 };
	u32 i, pin;

	printf("entries %u\n", (io_read(1) >> 16 & 0xff) + 1);
	io_write(0, 0x05000000);
	printf("id %x\n", io_read(0) & 0x0f000000);
	io_write(0, 0);
	io_write(1, 0xffffffff);
	printf("version is read-only: %u\n", (io_read(1) >> 16 & 0xff) + 1);
	*(volatile u32 *)IOAPIC = 0x12;
	printf("select reads %x\n", *(volatile u32 *)IOAPIC & 0xff);
	for (i = 0; i < ARRAY_SIZE(v); i++) {
		entry(7, v[i], 0x5a000000);
		printf("entry 7 %05x: %05x %08x\n", v[i], io_read(0x1e),
		       io_read(0x1f) & 0xff000000);
	}
	entry(7, 0x1ffff & ~0x700, 0);
	printf("status bits are read-only: %x\n", io_read(0x1e) & 0x5000);
	for (pin = 0; pin < 24; pin++)
		entry(pin, 0x10000 | pin, pin << 24);
	for (pin = 0; pin < 24; pin++)
		if (io_read(0x10 + 2 * pin) != (0x10000 | pin) ||
		    io_read(0x11 + 2 * pin) != pin << 24)
			printf("pin %u lost its entry\n", pin);
	for (pin = 0; pin < 24; pin++)
		entry(pin, 0x10000, 0);
}

static void edge(void)
{
	drop_line = true;
	entry(4, 0x71, 0);
	uart_line(1);
	window();
	tell("edge");
	uart_line(1);
	window();
	tell("edge again");

	drop_line = false;
	uart_line(1);
	window();
	window();
	tell("line stays up");

	entry(4, 0x10071, 0);
	uart_line(1);
	window();
	norder = 0;
	uart_line(0);
	entry(4, 0x10071, 0);
	tell("masked");

	entry(2, 0x72, 0);
	pit_edge();
	window();
	tell("8254 on pin 2");
	entry(2, 0x10072, 0);
	pit_edge();
	window();
	tell("8254 masked");

	/* Priorities between two pins, both pending. */
	drop_line = true;
	entry(4, 0x71, 0);
	entry(2, 0x82, 0);
	uart_line(1);
	pit_edge();
	window();
	tell("higher vector first");
	entry(2, 0x62, 0);
	uart_line(1);
	pit_edge();
	window();
	tell("other way round");
	entry(2, 0x10000, 0);

	entry(4, 0x971, 0x01000000);
	lapic_write(0xd0, 0x01000000);
	lapic_write(0xe0, 0xffffffff);
	uart_line(1);
	window();
	tell("lowest priority, logical");
	entry(4, 0x871, 0x02000000);
	uart_line(1);
	window();
	tell("logical, nobody");
	entry(4, 0x71, 0x05000000);
	uart_line(1);
	window();
	tell("physical, nobody");
	entry(4, 0x10000, 0);
}

static void level(void)
{
	u32 a, b, c;

	drop_line = false;
	no_eoi = true;
	entry(4, 0x8075, 0);
	a = io_read(0x18) >> 14 & 1;
	uart_line(1);
	b = io_read(0x18) >> 14 & 1;
	window();
	window();
	c = lapic_read(0x180 + 0x75 / 32 * 16) >> (0x75 % 32) & 1;
	printf("remote irr before %u, up %u, tmr %u\n", a, b, c);
	tell("without eoi");
	b = io_read(0x18) >> 14 & 1;
	lapic_eoi();
	c = io_read(0x18) >> 14 & 1;
	printf("remote irr before eoi %u, after %u\n", b, c);
	window();
	norder = 0;

	no_eoi = false;
	drop_line = true;
	uart_line(1);
	window();
	tell("handler drops the line");

	/* While the line is up every EOI brings the next one. */
	drop_line = false;
	no_eoi = true;
	uart_line(1);
	window();
	lapic_eoi();
	window();
	lapic_eoi();
	window();
	uart_line(0);
	lapic_eoi();
	window();
	tell("line up over two eois");

	/* Masked while up: comes when unmasked. */
	no_eoi = false;
	drop_line = true;
	entry(4, 0x18075, 0);
	uart_line(1);
	window();
	a = norder;
	entry(4, 0x8075, 0);
	window();
	b = norder;
	printf("level masked %u, unmasked %u\n", a, b);
	tell("unmasked");
	entry(4, 0x10000, 0);
}

int main(void)
{
	u32 v;

	cli();
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
	tsc_per_us();
	outb(0x43, 0x30); /* channel 0 silent */
	lapic_enable();
	lapic_write(0x350, 0x10000);
	for (v = 0x60; v < 0x90; v++)
		if (v != 0x80)
			trap_handlers[v] = handler;
	registers();
	edge();
	level();
	return 0;
}
