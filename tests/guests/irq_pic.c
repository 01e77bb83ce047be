// SPDX-License-Identifier: GPL-2.0
/*
 * irq_pic.c - drive the 8259 pair through its documented behaviour
 *
 * Proves that masks, priorities, rotation, every EOI form, poll mode, special
 * mask mode, IRR/ISR reads, the ELCR and the cascade register behave as the
 * 8259A data sheet says. Two lines can be raised at will: IRQ 0 (8254) and
 * IRQ 4 (the UART's transmitter-empty interrupt).
 *
 * Not here: a spurious IRQ 7 needs a line that drops between INTR and INTA;
 *           the emulated machine acknowledges in one step, so none can occur.
 * Spec:     Intel 8259A data sheet.
 */
#include "guest.h"

#define PIC1_CMD 0x20
#define PIC1_DATA 0x21
#define PIC2_CMD 0xa0
#define PIC2_DATA 0xa1
#define ELCR1 0x4d0
#define ELCR2 0x4d1
#define UART 0x3f8

#define IRQ_PIT 0
#define IRQ_UART 4

static volatile u32 count[16];
static volatile u32 order[32], norder;
static volatile int eoi_in_handler;

static void pic_init(u32 icw4)
{
	outb(PIC1_CMD, 0x11);
	outb(PIC1_DATA, 0x40);
	outb(PIC1_DATA, 0x04);
	outb(PIC1_DATA, icw4);
	outb(PIC2_CMD, 0x11);
	outb(PIC2_DATA, 0x48);
	outb(PIC2_DATA, 0x02);
	outb(PIC2_DATA, icw4);
	outb(PIC1_DATA, 0xff);
	outb(PIC2_DATA, 0xff);
}

static u32 irr(void)
{
	outb(PIC1_CMD, 0x0a);
	return inb(PIC1_CMD);
}

static u32 isr(void)
{
	outb(PIC1_CMD, 0x0b);
	return inb(PIC1_CMD);
}

static u32 poll(void)
{
	outb(PIC1_CMD, 0x0c);
	return inb(PIC1_CMD);
}

/* The line follows IER bit 1 while the transmitter is empty. */
static void uart_line(int on)
{
	while (!(inb(UART + 5) & 0x40))
		;
	outb(UART + 4, 0x0b);
	outb(UART + 1, on ? 2 : 0);
	if (!on)
		inb(UART + 2);
}

/* Half a count leaves the counter stopped with OUT low. */
static void pit_idle(void)
{
	outb(0x43, 0x30);
	outb(0x40, 0xff);
}

/* One rising edge on IRQ 0. */
static void pit_edge(void)
{
	ulong n;

	outb(0x43, 0x30);
	outb(0x40, 0x20);
	outb(0x40, 0x00);
	for (n = 0; n < 100000 && !(irr() & 1); n++)
		;
}

static void handler(struct regs *r)
{
	u32 irq = r->vector - 0x40;

	count[irq]++;
	if (norder < 32)
		order[norder++] = irq;
	if (irq == IRQ_UART)
		outb(UART + 1, 0);
	if (eoi_in_handler) {
		if (irq >= 8)
			outb(PIC2_CMD, 0x20);
		outb(PIC1_CMD, 0x20);
	}
}

/* Printing moves the UART's line, so a scenario prints when it is over. */
static u8 seen[64];
static u32 nseen;

static void see(u32 value)
{
	if (nseen < sizeof(seen))
		seen[nseen++] = value;
}

static void tell(const char *scenario)
{
	u32 i;

	uart_line(0);
	pit_idle();
	printf("%s:", scenario);
	for (i = 0; i < nseen; i++)
		printf(" %02x", seen[i]);
	printf("\n");
	serial_flush();
	nseen = 0;
}

static void masks(void)
{
	static const u8 v[] = { 0xff, 0x00, 0xa5, 0x5a, 0xef };
	u32 i;

	pic_init(0x01);
	for (i = 0; i < sizeof(v); i++) {
		outb(PIC1_DATA, v[i]);
		outb(PIC2_DATA, (u8)~v[i]);
		see(inb(PIC1_DATA));
		see(inb(PIC2_DATA));
	}
	tell("masks read back");

	outb(PIC1_DATA, 0xa5);
	outb(PIC1_CMD, 0x11);
	outb(PIC1_DATA, 0x40);
	outb(PIC1_DATA, 0x04);
	outb(PIC1_DATA, 0x01);
	see(inb(PIC1_DATA));
	tell("icw1 clears the mask");
	pic_init(0x01);
}

static void polled(void)
{
	pic_init(0x01);
	pit_idle();
	uart_line(0);
	see(irr() & 0x10);
	see(isr());
	see(poll() & 0x80);
	tell("idle: irr isr poll");

	uart_line(1);
	see(irr() & 0x10);
	see(isr());
	see(poll() & 0x80);
	outb(PIC1_DATA, 0xef);
	see(poll());
	see(irr() & 0x10);
	see(isr());
	see(poll() & 0x80);
	outb(PIC1_CMD, 0x20);
	see(isr());
	see(poll() & 0x80);
	tell("masked, then polled once, then eoi");

	/* A request of higher priority passes, one of lower priority waits. */
	pic_init(0x01);
	uart_line(1);
	outb(PIC1_DATA, 0xee);
	see(poll());
	see(isr());
	pit_edge();
	see(poll());
	see(isr());
	uart_line(0);
	uart_line(1);
	see(irr() & 0x10);
	see(poll() & 0x80);
	tell("4, then 0, then 4 waits");

	outb(PIC1_CMD, 0x20);
	see(isr());
	see(poll() & 0x80);
	outb(PIC1_CMD, 0x64);
	see(isr());
	see(poll());
	see(isr());
	outb(PIC1_CMD, 0x60);
	see(isr());
	outb(PIC1_CMD, 0x64);
	see(isr());
	tell("eoi, specific eoi, poll, wrong eoi, right eoi");
}

static void both(void)
{
	uart_line(1);
	pit_edge();
}

static void take_two(const char *what)
{
	u32 i, v;

	outb(PIC1_DATA, 0xff);
	both();
	outb(PIC1_DATA, 0xee);
	for (i = 0; i < 2; i++) {
		v = poll();
		see(v);
		outb(PIC1_CMD, 0x60 | (v & 7));
	}
	see(isr());
	tell(what);
}

static void priorities(void)
{
	char name[] = "lowest 0";
	u32 i;

	pic_init(0x01);
	take_two("default order");
	for (i = 0; i < 8; i++) {
		outb(PIC1_CMD, 0xc0 | i);
		name[7] = '0' + i;
		take_two(name);
	}
	outb(PIC1_CMD, 0xc7);

	/* Rotate on specific EOI: the ended level becomes the lowest. */
	outb(PIC1_DATA, 0xff);
	both();
	outb(PIC1_DATA, 0xee);
	see(poll());
	outb(PIC1_CMD, 0xe0);
	see(isr());
	see(poll());
	outb(PIC1_CMD, 0x64);
	see(isr());
	tell("rotate on specific eoi");
	take_two("0 is lowest now");
	outb(PIC1_CMD, 0xc7);

	outb(PIC1_DATA, 0xff);
	both();
	outb(PIC1_DATA, 0xee);
	see(poll());
	outb(PIC1_CMD, 0xa0);
	see(isr());
	see(poll());
	outb(PIC1_CMD, 0x20);
	see(isr());
	tell("rotate on eoi");
	take_two("0 is lowest again");
	pic_init(0x01);
	take_two("init restores the order");
}

static void special_mask(void)
{
	pic_init(0x01);
	pit_edge();
	outb(PIC1_DATA, 0xee);
	see(poll());
	uart_line(1);
	see(poll() & 0x80);
	outb(PIC1_CMD, 0x68);
	outb(PIC1_DATA, 0xef);
	see(poll());
	see(isr());
	outb(PIC1_CMD, 0x48);
	outb(PIC1_CMD, 0x64);
	outb(PIC1_CMD, 0x60);
	see(isr());
	tell("special mask mode lets 4 past 0");
}

static void level(void)
{
	u32 i;

	outb(ELCR1, 0xff);
	outb(ELCR2, 0xff);
	see(inb(ELCR1));
	see(inb(ELCR2));
	outb(ELCR1, 0);
	outb(ELCR2, 0);
	see(inb(ELCR1));
	see(inb(ELCR2));
	tell("elcr: writable bits, then cleared");

	pic_init(0x01);
	outb(ELCR1, 1 << IRQ_UART);
	outb(PIC1_DATA, 0xef);
	uart_line(1);
	for (i = 0; i < 3; i++) {
		see(poll());
		see(isr());
		outb(PIC1_CMD, 0x20);
	}
	uart_line(0);
	see(irr() & 0x10);
	see(poll() & 0x80);
	tell("level: again after each eoi, gone with the line");
	outb(ELCR1, 0);

	pic_init(0x01);
	outb(PIC1_DATA, 0xef);
	uart_line(1);
	for (i = 0; i < 3; i++) {
		see(poll() & 0x80);
		outb(PIC1_CMD, 0x20);
	}
	tell("edge: once");
}

static void wait_count(u32 irq, u32 n)
{
	u32 i;

	for (i = 0; i < 100000 && count[irq] < n; i++)
		cpu_relax();
}

static void cascade(void)
{
	pic_init(0x01);
	outb(PIC2_CMD, 0x0c);
	see(inb(PIC2_CMD) & 0x80);
	outb(PIC2_CMD, 0x0b);
	see(inb(PIC2_CMD));
	outb(PIC1_DATA, 0xfb);
	see(poll() & 0x80);
	tell("slave idle: poll, isr; master poll");
}

static void delivered(void)
{
	u32 i;

	pic_init(0x01);
	eoi_in_handler = 1;
	uart_line(1);
	outb(PIC1_DATA, 0xee);
	for (i = 0; i < 1000; i++)
		cpu_relax();
	see(count[IRQ_UART]);
	sti();
	wait_count(IRQ_UART, 1);
	cli();
	see(count[IRQ_UART]);
	see(isr());
	tell("count with IF=0, with IF=1; isr");

	/* Both wait; order of delivery is by priority. */
	outb(PIC1_DATA, 0xee);
	both();
	norder = 0;
	sti();
	wait_count(IRQ_UART, 2);
	wait_count(IRQ_PIT, 1);
	cli();
	for (i = 0; i < norder; i++)
		see(order[i]);
	see(isr());
	tell("order of two; isr");

	/* Without EOI the lower priority is held back, the higher passes. */
	eoi_in_handler = 0;
	uart_line(1);
	sti();
	wait_count(IRQ_UART, 3);
	cli();
	see(isr());
	pit_edge();
	sti();
	wait_count(IRQ_PIT, 2);
	cli();
	see(isr());
	see(count[IRQ_PIT]);
	uart_line(0);
	uart_line(1);
	sti();
	for (i = 0; i < 1000; i++)
		cpu_relax();
	cli();
	see(count[IRQ_UART]);
	see(irr() & 0x10);
	eoi_in_handler = 1;
	outb(PIC1_CMD, 0x20);
	outb(PIC1_CMD, 0x20);
	sti();
	wait_count(IRQ_UART, 4);
	cli();
	see(count[IRQ_UART]);
	see(isr());
	tell("no eoi: isr, 0 passes, 4 waits; eoi: 4 comes");

	/* Automatic EOI: the in-service bit never stays. */
	eoi_in_handler = 0;
	pic_init(0x03);
	uart_line(1);
	outb(PIC1_DATA, 0xee);
	sti();
	wait_count(IRQ_UART, 5);
	cli();
	see(count[IRQ_UART]);
	see(isr());
	tell("auto eoi: count, isr");

	/* Another vector base. */
	outb(PIC1_CMD, 0x11);
	outb(PIC1_DATA, 0x48);
	outb(PIC1_DATA, 0x04);
	outb(PIC1_DATA, 0x01);
	outb(PIC1_DATA, 0xef);
	uart_line(1);
	sti();
	wait_count(8 + IRQ_UART, 1);
	cli();
	see(count[8 + IRQ_UART]);
	see(isr());
	outb(PIC1_CMD, 0x20);
	see(isr());
	tell("base 0x48: count, isr, isr after eoi");
	outb(PIC1_DATA, 0xff);
}

int main(void)
{
	u32 v;

	for (v = 0x40; v < 0x50; v++)
		trap_handlers[v] = handler;
	cli();
	lapic_enable();
	lapic_write(0x350, 0x700); /* LINT0 takes what the 8259 sends */
	masks();
	polled();
	priorities();
	special_mask();
	level();
	cascade();
	delivered();
	return 0;
}
