// SPDX-License-Identifier: GPL-2.0
/*
 * smp_start.c - INIT and start-up IPIs
 *
 * The second CPU is started at several addresses in real mode and reports what
 * it finds; a start-up IPI to a running CPU changes nothing; INIT stops one
 * wherever it is (spinning, halted, in a handler, with interrupts off), and a
 * start-up IPI without INIT before it is ignored.
 *
 * Spec: SDM vol. 3 ch. 8.4, 9.1; MultiProcessor Specification B.4.
 */
#include "guest.h"

#define REPORT 0x7000 /* where the started code leaves its findings */

/* 32 bytes of report: see offsets in the code. Position-independent. */
extern char ap_probe[], ap_probe_end[];
asm(".code16\n"
    "ap_probe:\n"
    "cli\n"
    "mov %cs, %ax\n"
    "mov %ax, %cs:0x100\n" /* kept beside the code: DS is 0 */
    "mov %ds, %bx\n"
    "xor %cx, %cx; mov %cx, %ds\n"
    "mov %ax, 0x7000; mov %bx, 0x7002\n"
    "mov %ss, %ax; mov %ax, 0x7004; mov %es, %ax; mov %ax, 0x7006\n"
    "mov %cr0, %eax; mov %eax, 0x7008\n"
    "mov %cr4, %eax; mov %eax, 0x700c\n"
    "mov %cr3, %eax; mov %eax, 0x7010\n"
    "xor %sp, %sp; mov $0x1000, %ax; mov %ax, %ss; mov $0x100, %sp\n"
    "pushf; pop %ax; mov %ax, 0x7014\n"
    "mov %dr7, %eax; mov %eax, 0x7018\n"
    "mov $0xc0000080, %ecx; rdmsr; mov %eax, 0x701c\n"
    "lock incl 0x7020\n"
    "1: pause; incl 0x7024; jmp 1b\n"
    "ap_probe_end:\n"
    ".code64\n");

static volatile u32 *report = (volatile u32 *)REPORT;

static void wait_ms(u32 ms)
{
	delay_us(ms * 1000);
}

static void icr(u32 low)
{
	lapic_write(0x310, 1 << 24);
	lapic_write(0x300, low);
	while (lapic_read(0x300) & 0x1000)
		cpu_relax();
}

static bool started(u32 times)
{
	u32 i;

	for (i = 0; i < 200 && report[8] < times; i++)
		wait_ms(1);
	return report[8] >= times;
}

static bool running(void)
{
	u32 before = report[9], i;

	for (i = 0; i < 100; i++) {
		wait_ms(1);
		if (report[9] != before)
			return true;
	}
	return false;
}

static void clear(void)
{
	u32 i;

	for (i = 0; i < 10; i++)
		report[i] = 0;
}

static void show(const char *what)
{
	printf("%s: cs %x ds %x ss %x es %x cr0 %x cr4 %x cr3 %x flags %x dr7 %x efer %x\n",
	       what, report[0] & 0xffff, report[0] >> 16, report[1] & 0xffff,
	       report[1] >> 16, report[2] & ~0x60000000u, report[3], report[4],
	       report[5] & 0xffff, report[6], report[7]);
}

static void at(u32 page)
{
	clear();
	memcpy((void *)(ulong)(page << 12), ap_probe, ap_probe_end - ap_probe);
	icr(0x4500);
	wait_ms(10);
	icr(0x4600 | page);
	printf("start at %x: %u\n", page << 12, started(1));
	show("  found");
}

static volatile u32 beat;
static volatile bool in_handler;

static void work_spin(void *arg)
{
	for (;;)
		beat++;
}

static void work_halt(void *arg)
{
	cli();
	for (;;)
		hlt();
}

static void stuck(struct regs *regs)
{
	in_handler = true;
	for (;;)
		beat++;
}

static void work_handler(void *arg)
{
	sti();
	for (;;)
		cpu_relax();
}

static void work_int(void *arg)
{
	asm volatile(
		"mov $0x1234, %%rax; mov %%rax, %%dr0; mov $0x402, %%rax; mov %%rax, %%dr7; "
		"pushf; orl $0x4d5, (%%rsp); popf; 1: incl %0; jmp 1b"
		: "+m"(beat)
		:
		: "rax");
}

/* From long mode, wherever it is, to real mode and back to the library. */
static void reset_while(const char *what, void (*fn)(void *), bool ipi)
{
	struct cpu *cpu = cpu_by_id(1);

	cpu->online = false;
	cpu->fn = NULL;
	clear();
	icr(0x4500);
	wait_ms(10);
	printf("%s: %u cpus", what, smp_start(2));
	cpu_start(1, fn, NULL);
	wait_ms(20);
	if (ipi) {
		ipi_send(1, 0x90);
		wait_ms(20);
		printf(", in handler %u", in_handler);
	}
	icr(0x4500);
	wait_ms(10);
	clear();
	memcpy((void *)0x9000, ap_probe, ap_probe_end - ap_probe);
	icr(0x4609);
	printf(", restarted %u\n", started(1));
	show("  found");
}

int main(void)
{
	u32 before;

	lapic_enable();
	cpu_by_id(0)->apic_id = lapic_read(0x20) >> 24;
	tsc_per_us();
	trap_handlers[0x90] = stuck;
	at(0x09);
	at(0x10);
	at(0x20);
	at(0x9f);

	/* It runs now: more start-up IPIs are ignored. */
	printf("runs: %u\n", running());
	icr(0x4610);
	icr(0x4620);
	wait_ms(20);
	printf("start-up while running: starts %u, runs %u\n", report[8],
	       running());

	/* INIT stops it; it waits for start-up. */
	icr(0x4500);
	wait_ms(20);
	before = report[9];
	printf("init: runs %u\n", running());
	icr(0x4500);
	icr(0x4500);
	wait_ms(10);
	printf("init again: moved %u\n", report[9] != before);
	icr(0x4609);
	printf("start-up: %u\n", started(2));
	/* The second of the two that the protocol sends is ignored. */
	icr(0x4610);
	wait_ms(20);
	printf("second start-up: starts %u\n", report[8]);

	reset_while("spinning", work_spin, false);
	reset_while("halted", work_halt, false);
	reset_while("in a handler", work_handler, true);
	reset_while("odd flags", work_int, false);

	/* Ordinary interrupts do not reach one that waits for start-up. */
	icr(0x4500);
	wait_ms(10);
	clear();
	ipi_send(1, 0x90);
	icr(0x4400);
	wait_ms(20);
	printf("waiting for start-up, ipi and nmi: starts %u\n", report[8]);
	cpu_by_id(1)->online = false;
	cpu_by_id(1)->fn = NULL;
	printf("cpus at the end: %u\n", smp_start(2));
	return 0;
}
