// SPDX-License-Identifier: GPL-2.0
/*
 * irq_lapic.c - the local APIC as one CPU sees it
 *
 * Registers, the link of TPR and CR8, interrupt acceptance by priority class,
 * nesting, EOI, self-IPIs in every addressing form, LVT masks and the timer
 * in its modes. Where the CPU has a TSC deadline or x2APIC, they are checked
 * as well, but print the same line as where they are missing.
 *
 * Not here, because the emulated APIC differs from the manual: LVT masks
 *           while software-disabled, reserved LVT bits, disabling through
 *           MSR 0x1b (final there), spurious interrupts (none can occur).
 * Spec:     SDM vol. 3 ch. 10; APM vol. 2 ch. 16.
 */
#include "guest.h"

#define ID 0x20
#define TPR 0x80
#define PPR 0xa0
#define EOI 0xb0
#define LDR 0xd0
#define DFR 0xe0
#define SVR 0xf0
#define ISR 0x100
#define TMR 0x180
#define IRR 0x200
#define ESR 0x280
#define ICR 0x300
#define ICR2 0x310
#define LVT_TIMER 0x320
#define LVT_LINT0 0x350
#define LVT_ERROR 0x370
#define TIMER_INIT 0x380
#define TIMER_NOW 0x390
#define TIMER_DIV 0x3e0

static u32 order[64], norder;
static bool nest, no_eoi;
static void (*in_handler)(u32 vector);

static void handler(struct regs *regs)
{
	u32 vector = regs->vector;

	if (norder < ARRAY_SIZE(order))
		order[norder] = vector;
	norder++;
	if (in_handler)
		in_handler(vector);
	if (nest) {
		sti();
		cpu_relax();
		cpu_relax();
		cli();
		if (norder < ARRAY_SIZE(order))
			order[norder++] = vector | 0x1000; /* left again */
	}
	if (!no_eoi)
		lapic_eoi();
}

static void tell(const char *what)
{
	u32 i;

	printf("%s:", what);
	for (i = 0; i < norder && i < ARRAY_SIZE(order); i++)
		printf(order[i] & 0x1000 ? " -%x" : " %x", order[i] & 0xff);
	printf("\n");
	norder = 0;
}

/* Not with PAUSE: the emulated one keeps STI's shadow. */
static void open_once(void)
{
	asm volatile("sti; nop; nop; cli" : : : "memory");
}

static void window(void)
{
	u32 i;

	sti();
	for (i = 0; i < 50; i++)
		cpu_relax();
	cli();
}

static void self(u32 vector)
{
	lapic_write(ICR2, lapic_read(ID));
	lapic_write(ICR, 0x4000 | vector);
}

static void show_bits(const char *what, u32 base)
{
	u32 i;

	printf("%s:", what);
	for (i = 0; i < 256; i++)
		if (lapic_read(base + i / 32 * 16) >> i % 32 & 1)
			printf(" %x", i);
	printf("\n");
}

static void registers(void)
{
	u32 i, v;

	printf("id %x\n", lapic_read(ID) >> 24);
	printf("version at least 10: %u, lvt entries at least 4: %u\n",
	       (lapic_read(0x30) & 0xff) >= 0x10,
	       (lapic_read(0x30) >> 16 & 0xff) >= 3);
	lapic_write(LDR, 0xa5ffffff);
	lapic_write(DFR, 0x0fffffff);
	printf("ldr %x dfr %x\n", lapic_read(LDR), lapic_read(DFR));
	lapic_write(DFR, 0xffffffff);
	lapic_write(LDR, 0x01000000);
	printf("ldr %x dfr %x\n", lapic_read(LDR), lapic_read(DFR));
	lapic_write(SVR, 0x1ff);
	printf("svr %x\n", lapic_read(SVR) & 0x1ff);
	for (i = 0; i < 16; i++) {
		lapic_write(TIMER_DIV, i);
		printf("%x%s", lapic_read(TIMER_DIV),
		       i == 15 ? " divide\n" : " ");
	}
	for (i = LVT_TIMER; i <= LVT_ERROR; i += 16) {
		if (i == 0x330 || i == 0x340)
			continue;
		v = lapic_read(i);
		lapic_write(i, 0x10000 | 0x77);
		printf("lvt %x: %x", i, lapic_read(i) & 0x100ff);
		lapic_write(i, v | 0x10000);
		printf(" %x\n", lapic_read(i) & 0x10000);
	}
	lapic_write(ICR2, 0x12000000);
	printf("icr2 %x\n", lapic_read(ICR2));
	lapic_write(ESR, 0);
	printf("esr %x\n", lapic_read(ESR));
}

static ulong read_cr8(void)
{
	ulong v;

	asm volatile("mov %%cr8, %0" : "=r"(v) : : "memory");
	return v;
}

static void write_cr8(ulong v)
{
	asm volatile("mov %0, %%cr8" : : "r"(v) : "memory");
}

static void tpr(void)
{
	static const u8 v[] = { 0, 0x0f, 0x10, 0x5a, 0xf0, 0xff };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(v); i++) {
		lapic_write(TPR, v[i]);
		printf("tpr %02x: reads %02x ppr %02x cr8 %lx\n", v[i],
		       lapic_read(TPR), lapic_read(PPR), read_cr8());
	}
	for (i = 0; i < 16; i += 5) {
		write_cr8(i);
		printf("cr8 %x: reads %lx tpr %02x ppr %02x\n", i, read_cr8(),
		       lapic_read(TPR), lapic_read(PPR));
	}
	write_cr8(0);
}

static void show_state(u32 vector)
{
	check(lapic_read(ISR + vector / 32 * 16) >> vector % 32 & 1,
	      "%x not in service", vector);
	check(lapic_read(PPR) == (vector & 0xf0), "ppr %x in %x",
	      lapic_read(PPR), vector);
}

static void priorities(void)
{
	u32 i;

	self(0x31);
	self(0x35);
	self(0xf1);
	self(0x55);
	self(0x40);
	self(0x55);
	show_bits("irr", IRR);
	printf("ppr %x\n", lapic_read(PPR));
	window();
	tell("taken");
	show_bits("irr", IRR);
	show_bits("isr", ISR);

	/* In service: only a higher class comes through; ISR and PPR tell. */
	no_eoi = true;
	self(0x52);
	window();
	self(0x58);
	self(0x41);
	self(0x63);
	window();
	tell("without eoi");
	show_bits("isr", ISR);
	show_bits("irr", IRR);
	printf("ppr %x\n", lapic_read(PPR));
	lapic_eoi();
	show_bits("isr after eoi", ISR);
	printf("ppr %x\n", lapic_read(PPR));
	window();
	lapic_eoi();
	window();
	show_bits("isr after second eoi", ISR);
	tell("then");
	no_eoi = false;
	lapic_eoi();
	window();
	tell("last");
	lapic_eoi();
	lapic_eoi();
	show_bits("isr", ISR);
	window();
	lapic_eoi();
	norder = 0;

	nest = true;
	in_handler = show_state;
	self(0x31);
	self(0x71);
	self(0x51);
	window();
	tell("nested, all pending");
	nest = false;
	in_handler = NULL;

	for (i = 0; i < 0x90; i += 0x20) {
		lapic_write(TPR, i);
		self(0x31);
		self(0x55);
		self(0x71);
		window();
		printf("tpr %x ", i);
		tell("lets through");
		write_cr8(0);
		window();
		tell("  cr8 0 lets through");
	}
	write_cr8(3);
	self(0x3f);
	self(0x40);
	window();
	tell("cr8 3");
	write_cr8(2);
	window();
	tell("cr8 2");
	write_cr8(0);
}

static void raise_in_handler(u32 vector)
{
	if (vector == 0x61) {
		self(0x62);
		self(0x91);
		self(0x33);
	}
}

static void from_handler(void)
{
	in_handler = raise_in_handler;
	nest = true;
	self(0x61);
	window();
	tell("ipis from a handler");
	in_handler = NULL;
	nest = false;
}

static void addressing(void)
{
	lapic_write(ICR, 0x40000 | 0x4000 | 0x41);
	window();
	tell("shorthand self");
	lapic_write(ICR, 0x80000 | 0x4000 | 0x42);
	window();
	tell("shorthand all");
	lapic_write(ICR, 0xc0000 | 0x4000 | 0x43);
	window();
	tell("shorthand others");
	lapic_write(ICR2, 0xff000000);
	lapic_write(ICR, 0x4000 | 0x44);
	window();
	tell("physical broadcast");
	lapic_write(ICR2, 0x07000000);
	lapic_write(ICR, 0x4000 | 0x45);
	window();
	tell("physical, nobody");
	lapic_write(LDR, 0x04000000);
	lapic_write(ICR2, 0x06000000);
	lapic_write(ICR, 0x4800 | 0x46);
	window();
	tell("logical flat, one of two bits");
	lapic_write(ICR2, 0xfb000000);
	lapic_write(ICR, 0x4800 | 0x47);
	window();
	tell("logical flat, other bits");
	lapic_write(DFR, 0x0fffffff);
	lapic_write(LDR, 0x32000000);
	lapic_write(ICR2, 0x33000000);
	lapic_write(ICR, 0x4800 | 0x48);
	window();
	tell("logical cluster, mine");
	lapic_write(ICR2, 0x43000000);
	lapic_write(ICR, 0x4800 | 0x49);
	window();
	tell("logical cluster, another cluster");
	lapic_write(ICR2, 0x3d000000);
	lapic_write(ICR, 0x4800 | 0x4a);
	window();
	tell("logical cluster, another member");
	lapic_write(DFR, 0xffffffff);
	lapic_write(LDR, 0x01000000);
	lapic_write(ICR2, 0x01000000);
	lapic_write(ICR, 0x4900 | 0x4b);
	window();
	tell("lowest priority");
}

/* Software-disabled, fixed IPIs are not accepted. */
static void disabled(void)
{
	lapic_write(SVR, 0xff);
	self(0x51);
	window();
	tell("software disabled");
	lapic_write(SVR, 0x1ff);
	window();
	norder = 0;
	self(0x52);
	window();
	tell("enabled again");
}

static bool wait_hits(u32 n)
{
	u64 t0 = rdtsc(), limit = 2000000ull * tsc_per_us();

	while (norder < n && rdtsc() - t0 < limit)
		open_once();
	return norder >= n;
}

static void timer(void)
{
	u32 a, b, i, rises = 0;

	lapic_write(TIMER_DIV, 0xb);
	lapic_write(LVT_TIMER, 0xa0);
	lapic_write(TIMER_INIT, 0);
	printf("stopped: now %u\n", lapic_read(TIMER_NOW));
	lapic_write(TIMER_INIT, 0xffffffff);
	a = lapic_read(TIMER_NOW);
	delay_us(200);
	b = lapic_read(TIMER_NOW);
	printf("counts down: %u, init reads %x\n", b < a,
	       lapic_read(TIMER_INIT));
	lapic_write(TIMER_INIT, 0);
	printf("init 0 stops: now %u\n", lapic_read(TIMER_NOW));

	lapic_write(TIMER_INIT, 1000000);
	printf("one-shot came: %u", wait_hits(1));
	delay_us(5000);
	window();
	printf(", again: %u, now %u\n", norder > 1, lapic_read(TIMER_NOW));
	tell("one-shot");

	lapic_write(LVT_TIMER, 0x200a1);
	lapic_write(TIMER_INIT, 500000);
	printf("periodic came five times: %u\n", wait_hits(5));
	a = lapic_read(TIMER_NOW);
	for (i = 0; i < 100000 && !rises; i++) {
		b = lapic_read(TIMER_NOW);
		rises = b > a;
		a = b;
	}
	printf("reloads: %u, below init %u\n", rises, a <= 500000);
	lapic_write(LVT_TIMER, 0x300a1);
	window();
	norder = 0;
	delay_us(5000);
	window();
	printf("masked: came %u, still counts %u\n", norder,
	       lapic_read(TIMER_NOW) != 0);
	lapic_write(TIMER_INIT, 0);
	lapic_write(LVT_TIMER, 0x100a1);
	window();
	norder = 0;

	/* Pending while IF=0, delivered once. */
	lapic_write(LVT_TIMER, 0xa2);
	lapic_write(TIMER_INIT, 1000);
	for (i = 0; i < 1000000 && !(lapic_read(IRR + 0x50) & 4); i++)
		cpu_relax();
	show_bits("irr", IRR);
	window();
	tell("held back by IF");

	/* Slower with a bigger divisor: 128 against 1. */
	lapic_write(LVT_TIMER, 0x100a2);
	lapic_write(TIMER_DIV, 0xb);
	lapic_write(TIMER_INIT, 0xffffffff);
	delay_us(3000);
	a = 0xffffffff - lapic_read(TIMER_NOW);
	lapic_write(TIMER_DIV, 0xa);
	lapic_write(TIMER_INIT, 0xffffffff);
	delay_us(3000);
	b = 0xffffffff - lapic_read(TIMER_NOW);
	printf("divide by 128 is slower: %u\n", b < a / 8 && b > 0);
	lapic_write(TIMER_INIT, 0);
	lapic_write(TIMER_DIV, 0xb);

	/* HLT ends with the timer. */
	lapic_write(LVT_TIMER, 0xa3);
	for (i = 0; i < 3; i++) {
		lapic_write(TIMER_INIT, 100000);
		sti_hlt();
		cli();
	}
	lapic_write(TIMER_INIT, 0);
	tell("hlt");
}

static void lint0(void)
{
	u32 i;

	lapic_write(LVT_LINT0, 0x700);
	outb(0x20, 0x11);
	outb(0x21, 0xb0);
	outb(0x21, 4);
	outb(0x21, 1);
	outb(0x21, 0xfe);
	lapic_write(LVT_LINT0, 0x10700);
	outb(0x43, 0x30);
	outb(0x40, 0x10);
	outb(0x40, 0);
	outb(0x20, 0x0a);
	for (i = 0; i < 1000000 && !(inb(0x20) & 1); i++)
		cpu_relax();
	no_eoi = true;
	window();
	tell("lint0 masked");
	lapic_write(LVT_LINT0, 0x700);
	window();
	tell("lint0 extint");
	show_bits("not in isr", ISR);
	no_eoi = false;
	outb(0x20, 0x20);
	outb(0x21, 0xff);
	lapic_write(LVT_LINT0, 0x10700);
}

static void deadline(void)
{
	if (cpu_has(&feat_tsc_deadline)) {
		lapic_write(LVT_TIMER, 0x400a4);
		check(rdmsr(0x6e0) == 0, "deadline not 0 at first");
		wrmsr(0x6e0, rdtsc() + 1000 * tsc_per_us());
		check(wait_hits(1), "deadline: nothing came");
		check(norder == 1 && order[0] == 0xa4, "deadline: %u, %x",
		      norder, order[0]);
		check(rdmsr(0x6e0) == 0, "deadline not cleared");
		delay_us(3000);
		window();
		check(norder == 1, "deadline came %u times", norder);
		wrmsr(0x6e0, 1); /* long past: at once */
		window();
		check(norder == 2, "past deadline came %u times", norder);
		wrmsr(0x6e0, rdtsc() + 3000 * tsc_per_us());
		wrmsr(0x6e0, 0);
		delay_us(6000);
		window();
		check(norder == 2, "cleared deadline came");
		lapic_write(TIMER_INIT, 1000);
		check(lapic_read(TIMER_NOW) == 0,
		      "initial count in deadline mode");
		lapic_write(LVT_TIMER, 0x100a4);
		norder = 0;
	}
	printf("tsc deadline: checked where present\n");
}

static bool msr_bad(u32 msr, u64 v)
{
	struct fault f;

	return wrmsr_faults(&f, msr, v) && f.vector == GP_VECTOR && !f.error;
}

static void x2apic(void)
{
	u64 base = rdmsr(MSR_APIC_BASE), v;
	struct fault f;
	u32 id = lapic_read(ID) >> 24;

	if (cpu_has(&feat_x2apic)) {
		check(msr_bad(MSR_APIC_BASE, (base & ~0x800ull) | 0x400),
		      "disabled + x2apic accepted");
		check(rdmsr_faults(&f, 0x802, &v),
		      "x2apic register in xapic mode");
		wrmsr(MSR_APIC_BASE, base | 0x400);
		check(rdmsr(0x802) == id, "x2apic id");
		check(msr_bad(MSR_APIC_BASE, base), "x2apic to xapic accepted");
		check(rdmsr(0x80d) == ((id & ~15u) << 16 | 1u << (id & 15)),
		      "x2apic ldr");
		check(msr_bad(0x80d, 1), "ldr is writable");
		check(msr_bad(0x802, 1), "id is writable");
		check(msr_bad(0x80b, 1), "eoi takes 1");
		check(msr_bad(0x808, 0x100), "tpr takes a reserved bit");
		check(rdmsr_faults(&f, 0x83f, &v), "self ipi readable");
		check(rdmsr_faults(&f, 0x80e, &v), "dfr exists");
		check(rdmsr_faults(&f, 0x831, &v), "icr high exists");
		wrmsr(0x808, 0x50);
		check(read_cr8() == 5, "tpr and cr8");
		wrmsr(0x808, 0);
		wrmsr(0x83f, 0x66);
		wrmsr(0x830, (u64)id << 32 | 0x4067);
		check(rdmsr(0x820 + 3) == 0xc0, "irr %llx", rdmsr(0x823));
		in_handler = NULL;
		no_eoi = true;
		open_once();
		check(norder == 1 && order[0] == 0x67, "x2apic ipi");
		wrmsr(0x80b, 0);
		open_once();
		check(norder == 2 && order[1] == 0x66, "x2apic self ipi");
		wrmsr(0x80b, 0);
		no_eoi = false;
		norder = 0;
		wrmsr(MSR_APIC_BASE, base & ~0xc00ull);
		check(msr_bad(MSR_APIC_BASE, base | 0x400),
		      "disabled to x2apic accepted");
		wrmsr(MSR_APIC_BASE, base);
		check(!(cpuid(1, 0).edx >> 9 & 1) == 0,
		      "apic missing in cpuid");
		lapic_enable();
	}
	printf("x2apic: checked where present\n");
}

int main(void)
{
	u32 v;

	for (v = 0x30; v < 0x100; v++)
		if (v != 0x80)
			trap_handlers[v] = handler;
	cli();
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
	lapic_enable();
	tsc_per_us();
	registers();
	tpr();
	priorities();
	from_handler();
	addressing();
	disabled();
	timer();
	lint0();
	deadline();
	x2apic();
	return 0;
}
