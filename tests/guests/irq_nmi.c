// SPDX-License-Identifier: GPL-2.0
/*
 * irq_nmi.c - non-maskable interrupts: when they come, when they wait
 *
 * An NMI comes with IF clear, is held back until the handler's IRET while
 * another one is handled (one is remembered, not more), goes before a
 * maskable interrupt, and ends HLT.
 *
 * Spec: SDM vol. 3 ch. 6.7; APM vol. 2 ch. 8.2.3.
 */
#include "catch.h"

extern char trap_stubs[];

#define IPI 0x90
#define IOAPIC 0xfec00000ul

static char log[256];
static u32 nlog;
static u32 raise, depth;
static bool fault_inside, ipi_inside;

static void note(char c)
{
	if (nlog < sizeof(log) - 1)
		log[nlog++] = c;
}

static void tell(const char *what)
{
	log[nlog] = 0;
	printf("%s: %s\n", what, log);
	nlog = 0;
}

static void send_nmi(void)
{
	lapic_write(0x310, lapic_read(0x20));
	lapic_write(0x300, 0x4400);
}

static void settle(void)
{
	u32 i;

	for (i = 0; i < 50; i++)
		asm volatile("nop; nop" : : : "memory");
}

static void nmi(struct regs *regs)
{
	note('N');
	depth++;
	while (raise) {
		raise--;
		send_nmi();
		settle();
		note('r');
	}
	if (ipi_inside) {
		ipi_inside = false;
		ipi_send(0, IPI);
	}
	if (fault_inside) {
		fault_inside = false;
		asm volatile("int3");
		settle();
		note('i');
	}
	depth--;
	note(')');
}

static void ipi(struct regs *regs)
{
	note(regs->flags & EFLAGS_IF ? 'I' : '?');
	if (raise) {
		raise--;
		send_nmi();
		settle();
	}
	note(']');
	lapic_eoi();
}

static void int3(struct regs *regs)
{
	note('3');
}

static __user_text ulong user_spin(ulong n)
{
	volatile ulong i;

	for (i = 0; i < n; i++)
		;
	return i;
}

static ulong user_cs;

static void nmi_user(struct regs *regs)
{
	if (regs->cs != SEL_CODE) {
		user_cs = regs->cs;
		note('U');
	} else {
		note('K');
	}
}

int main(void)
{
	struct fault f;
	u32 i;

	cli();
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
	tsc_per_us();
	lapic_enable();
	cpu_by_id(0)->apic_id = lapic_read(0x20) >> 24;
	/* Nested ones must not start again at the top of one stack. */
	gate_set(NMI_VECTOR, (void (*)(void))(trap_stubs + 16 * NMI_VECTOR), 0,
		 0);
	trap_handlers[NMI_VECTOR] = nmi;
	trap_handlers[IPI] = ipi;
	trap_handlers[BP_VECTOR] = int3;

	send_nmi();
	settle();
	tell("with IF=0");
	sti();
	send_nmi();
	settle();
	cli();
	tell("with IF=1");

	raise = 1;
	send_nmi();
	settle();
	tell("one while one is handled");
	raise = 3;
	send_nmi();
	settle();
	tell("three while one is handled");

	/* Any IRET ends the blocking, also that of a fault in the handler. */
	raise = 1;
	fault_inside = true;
	send_nmi();
	settle();
	tell("fault in the handler");

	ipi_inside = true;
	send_nmi();
	note('.');
	settle();
	note('s');
	asm volatile("sti; nop; nop; nop; cli");
	tell("interrupt raised in the handler, then sti");

	raise = 1;
	ipi_send(0, IPI);
	asm volatile("sti; nop; nop; nop; cli");
	settle();
	tell("nmi in an interrupt handler");

	/* Both wait behind IRET; the frame has IF set. */
	sti();
	raise = 1;
	ipi_inside = true;
	send_nmi();
	settle();
	cli();
	tell("both wait: nmi first");

	for (i = 0; i < 100; i++) {
		send_nmi();
		settle();
		nlog = i < 99 ? 0 : nlog;
	}
	tell("a hundred, the last");

	/* By the IOAPIC, from the 8254, while halted with IF=0. */
	*(volatile u32 *)IOAPIC = 0x15;
	*(volatile u32 *)(IOAPIC + 16) = 0;
	*(volatile u32 *)IOAPIC = 0x14;
	*(volatile u32 *)(IOAPIC + 16) = 0x400;
	for (i = 0; i < 3; i++) {
		outb(0x43, 0x30);
		outb(0x40, 0);
		outb(0x40, 8);
		hlt();
	}
	tell("hlt with IF=0");

	trap_handlers[NMI_VECTOR] = nmi_user;
	outb(0x43, 0x30);
	outb(0x40, 0);
	outb(0x40, 4);
	user_call(&f, user_spin, 3000000);
	tell("in ring 3");
	printf("cs %lx\n", user_cs);
	*(volatile u32 *)(IOAPIC + 16) = 0x10000;
	return 0;
}
