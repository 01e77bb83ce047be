// SPDX-License-Identifier: GPL-2.0
/*
 * irq_window.c - pending interrupts and the moment the CPU takes them
 *
 * Windows opened by STI, POPF, IRET, CR8 and gates; HLT and its wake-up,
 * many times over; interrupts in the middle of string instructions and in
 * ring 3. Nothing may be lost, doubled or early.
 *
 * Spec: SDM vol. 3 ch. 6.8; APM vol. 2 ch. 8.
 */
#include "guest.h"

#define IPI 0x90
#define TIMER 0x91

static volatile u32 ipis, ticks;
static volatile u32 user_ticks __user_data;
static struct regs last;

static void ipi(struct regs *regs)
{
	ipis++;
	last = *regs;
	lapic_eoi();
}

static void tick(struct regs *regs)
{
	ticks++;
	if (!user_ticks)
		last = *regs;
	if (regs->cs != SEL_CODE)
		user_ticks++;
	lapic_eoi();
}

static void send(void)
{
	ipi_send(0, IPI);
}

static u32 taken(void)
{
	u32 n = ipis;

	ipis = 0;
	return n;
}

static volatile u32 in_gate;

static void gate_handler(struct regs *regs)
{
	send();
	asm volatile("nop; nop; nop; nop");
	in_gate = ipis;
}

static void windows(void)
{
	send();
	asm volatile("nop; nop; nop");
	printf("cli: %u\n", taken());
	asm volatile("sti; nop; nop; cli");
	printf("sti: %u\n", taken());
	send();
	flags_write(flags_read() | EFLAGS_IF);
	asm volatile("nop; cli");
	printf("popf: %u\n", taken());
	send();
	asm volatile(
		"mov %%rsp, %%rax; push %0; push %%rax; pushf; orl $0x200, (%%rsp); push %1; push $1f; iretq; 1: nop; cli"
		:
		: "r"((u64)SEL_DATA), "r"((u64)SEL_CODE)
		: "rax", "memory");
	printf("iret: %u\n", taken());
	asm volatile("mov %0, %%cr8" : : "r"(9ul));
	sti();
	send();
	asm volatile("nop; nop; nop");
	printf("cr8 9: %u\n", taken());
	asm volatile("mov %0, %%cr8; nop; nop" : : "r"(8ul) : "memory");
	printf("cr8 8: %u\n", taken());
	asm volatile("mov %0, %%cr8" : : "r"(0ul));
	lapic_write(0x80, 0x90);
	send();
	asm volatile("nop; nop; nop");
	printf("tpr 90: %u\n", taken());
	lapic_write(0x80, 0x8f);
	asm volatile("nop; nop; nop");
	printf("tpr 8f: %u\n", taken());
	lapic_write(0x80, 0);
	cli();

	trap_handlers[0x81] = gate_handler;
	sti();
	asm volatile("int $0x81; nop; nop");
	printf("interrupt gate: inside %u, after %u\n", in_gate, taken());
	/* Same gate as a trap gate: IF stays. */
	{
		struct desc_ptr idt;

		asm volatile("sidt %0" : "=m"(idt));
		((u8 *)idt.base)[16 * 0x81 + 5] |= 1;
	}
	asm volatile("int $0x81; nop; nop");
	printf("trap gate: inside %u, after %u\n", in_gate, taken());
	gate_reset(0x81);
	cli();
	send();
	send();
	asm volatile("sti; nop; nop; nop; cli");
	printf("sent twice while pending: %u\n", taken());
}

static void timer_once(u32 count)
{
	lapic_write(0x3e0, 0xb);
	lapic_write(0x320, TIMER);
	lapic_write(0x380, count);
}

static void halts(void)
{
	u32 i;

	send();
	sti_hlt();
	cli();
	printf("hlt with one pending: %u\n", taken());
	ticks = 0;
	for (i = 0; i < 2000; i++) {
		timer_once(100 + (i * 37) % 3000);
		sti_hlt();
		cli();
	}
	printf("sti; hlt: %u of 2000\n", ticks);
	ticks = 0;
	sti();
	for (i = 0; i < 200; i++) {
		u32 before = ticks;

		cli();
		timer_once(50000);
		while (ticks == before) {
			sti_hlt();
			cli();
		}
		sti();
	}
	cli();
	printf("longer: %u of 200\n", ticks);
	/* Interrupts do not end HLT when they are masked by TPR. */
	for (i = 0; i < 3; i++)
		send();
	asm volatile("sti; nop; nop; cli");
	taken();
}

static void many(void)
{
	u32 i;

	sti();
	for (i = 0; i < 10000; i++) {
		send();
		while (ipis != i + 1)
			cpu_relax();
	}
	cli();
	printf("sent and taken one by one: %u\n", taken());
}

static void strings(void)
{
	u32 size = 0x100000, i, bad = 0;
	u8 *from = pages_alloc(256, 4096), *to = pages_alloc(256, 4096);
	struct rng rng;

	rng_seed(&rng, 7);
	for (i = 0; i < size; i += 8)
		*(u64 *)(from + i) = rng_next(&rng);
	lapic_write(0x3e0, 0xb);
	lapic_write(0x320, 0x20000 | TIMER);
	lapic_write(0x380, 200000);
	ticks = 0;
	sti();
	for (i = 0; i < 20 || ticks < 20; i++) {
		memset(to, i, size);
		memcpy(to, from, size);
		bad += !!memcmp(to, from, 4096);
		bad += !!memcmp(to + size - 4096, from + size - 4096, 4096);
		if (i == 200000)
			break;
	}
	cli();
	lapic_write(0x380, 0);
	for (i = 0; i < size; i += 8)
		bad += *(u64 *)(from + i) != *(u64 *)(to + i);
	printf("string copies under a timer: bad %u, interrupts %s\n", bad,
	       ticks >= 20 ? "came" : "missing");
	asm volatile("sti; nop; nop; cli");
}

static __user_text ulong user_spin(ulong n)
{
	ulong i;

	for (i = 0; i < n && !user_ticks; i++)
		;
	return i < n;
}

static void user(void)
{
	struct fault f;
	ulong ok;

	/* Periodic: the first ones may come before ring 3 is reached. */
	lapic_write(0x3e0, 0xb);
	lapic_write(0x320, 0x20000 | TIMER);
	lapic_write(0x380, 1000000);
	sti();
	ok = user_call(&f, user_spin, 2000000000);
	cli();
	lapic_write(0x380, 0);
	printf("ring 3: came %lu, cs %lx ss %lx if %u\n", ok, (ulong)last.cs,
	       (ulong)last.ss, !!(last.flags & EFLAGS_IF));
}

static volatile ulong sum_once __attribute__((used));

/* All registers of the interrupted loop survive a few hundred interrupts. */
static void registers(void)
{
	u64 start = rdtsc(), limit = 20000000ull * tsc_per_us();
	u32 bad = 0;

	lapic_write(0x320, 0x20000 | TIMER);
	lapic_write(0x380, 50000);
	ticks = 0;
	sti();
	while (ticks < 300 && rdtsc() - start < limit) {
		asm volatile(
			"mov $0x1111, %%rax; mov $0x2222, %%rbx; mov $0x3333, %%rdx\n\t"
			"mov $0x4444, %%rsi; mov $0x5555, %%rdi; mov $0x6666, %%r8\n\t"
			"mov $0x7777, %%r9; mov $0x8888, %%r10; mov $0x9999, %%r11\n\t"
			"mov $0xaaaa, %%r12; mov $0xbbbb, %%r13; mov $0xcccc, %%r14\n\t"
			"mov $0xdddd, %%r15; mov $2000, %%ecx; xor %%eax, %%eax; stc\n\t"
			"1: lea -1(%%ecx), %%ecx; jrcxz 2f; jmp 1b\n\t"
			"2: adc %%rcx, %%rax; lea (%%rbx,%%rdx), %%rax; add %%rsi, %%rax\n\t"
			"add %%rdi, %%rax; add %%r8, %%rax; add %%r9, %%rax; add %%r10, %%rax\n\t"
			"add %%r11, %%rax; add %%r12, %%rax; add %%r13, %%rax; add %%r14, %%rax\n\t"
			"add %%r15, %%rax; mov %%rax, sum_once\n\t"
			:
			:
			: "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9",
			  "r10", "r11", "r12", "r13", "r14", "r15", "memory",
			  "cc");
		bad += sum_once != 0x5fffa;
	}
	cli();
	lapic_write(0x380, 0);
	printf("registers: last sum %lx, bad %u\n", sum_once, bad);
	check(ticks >= 300, "only %u ticks", ticks);
	asm volatile("sti; nop; nop; cli");
}

int main(void)
{
	cli();
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
	lapic_enable();
	cpu_by_id(0)->apic_id = lapic_read(0x20) >> 24;
	trap_handlers[IPI] = ipi;
	trap_handlers[TIMER] = tick;
	windows();
	halts();
	many();
	strings();
	user();
	registers();
	return 0;
}
