// SPDX-License-Identifier: GPL-2.0
/*
 * exc_nested.c - page faults raised by the delivery of events
 *
 * The IDT, the TSS, the GDT and the stacks are moved to pages that come and
 * go. A fault during delivery must name the page, leave the interrupted state
 * as it was, and leave nothing of the first event behind; once the page is
 * there again the event is delivered exactly once.
 *
 * Spec: SDM vol. 3 ch. 6.12, 6.14; APM vol. 2 ch. 8.9.
 */
#include "catch.h"
#include "map.h"

#define IDT_VA (MAP_AREA + 0x0e00) /* vectors below 32 on the first page */
#define GDT_VA (MAP_AREA + 0x10000)
#define TSS_VA (MAP_AREA + 0x20fc0) /* IST 5 and up on the second page */
#define STACK_VA (MAP_AREA + 0x30000)
#define FAR_SEL 0x1008

static struct regs pf;
static ulong pf_cr2, mend_va, mend_pa;
static u32 npf;
static volatile u32 nsoft __attribute__((used)), nipi __attribute__((used));

static void show_pf(const char *what)
{
	printf("%s: faults %u", what, npf);
	if (npf)
		printf(" cr2 %lx error %x if %u", pf_cr2, (u32)pf.error,
		       !!(pf.flags & EFLAGS_IF));
	printf(", soft %u, ipi %u\n", nsoft, nipi);
	npf = nsoft = nipi = 0;
}

/* Bring the page back and run the instruction again. */
static void mend(struct regs *regs)
{
	npf++;
	pf = *regs;
	pf_cr2 = read_cr2();
	map(mend_va, mend_pa, PTE_P | PTE_W);
	if (npf > 3)
		exit(1);
}

static void lose(ulong va, ulong pa)
{
	mend_va = va & ~0xffful;
	mend_pa = pa & ~0xffful;
	map(va & ~0xffful, pa & ~0xffful, 0);
}

static void soft(struct regs *regs)
{
	nsoft++;
}

static void ipi(struct regs *regs)
{
	nipi++;
	lapic_eoi();
}

static void self_ipi(u8 vector)
{
	u32 i;

	ipi_send(0, vector);
	sti();
	for (i = 0; i < 100; i++)
		cpu_relax();
	cli();
}

/* For stacks of their own: the library's stubs need a CPU's own stack. */
void soft_raw(void);
void ipi_raw(void);
asm("soft_raw: incl nsoft; iretq\n"
    "ipi_raw: incl nipi; push %rax; mov $0xfee000b0, %eax; movl $0, (%rax); pop %rax; iretq");

static void gate(u8 vector, void (*entry)(void), u16 sel, u8 ist)
{
	u16 *g = (u16 *)(IDT_VA + 16 * vector);
	ulong at = (ulong)entry;

	g[0] = at;
	g[1] = sel;
	((u8 *)g)[4] = ist;
	g[3] = at >> 16;
}

int main(void)
{
	struct desc_ptr old, new;
	struct cpu *cpu = this_cpu();
	u8 *idt_pages = pages_alloc(2, 4096), *gdt_pages = pages_alloc(2, 4096);
	u8 *tss_pages = pages_alloc(2, 4096), *stack = pages_alloc(2, 4096);
	struct tss *tss = (struct tss *)(tss_pages + 0xfc0);
	u64 *spare = (u64 *)(gdt_pages + SEL_TSS);
	u32 i;

	lapic_enable();
	cpu_by_id(0)->apic_id = lapic_read(0x20) >> 24;
	trap_handlers[PF_VECTOR] = mend;
	trap_handlers[0x90] = soft;
	trap_handlers[0x91] = ipi;

	for (i = 0; i < 2; i++) {
		map(MAP_AREA + i * 4096, (ulong)idt_pages + i * 4096,
		    PTE_P | PTE_W);
		map((TSS_VA & ~0xffful) + i * 4096, (ulong)tss_pages + i * 4096,
		    PTE_P | PTE_W);
		map(GDT_VA + i * 4096, (ulong)gdt_pages + i * 4096,
		    PTE_P | PTE_W);
		map(STACK_VA + i * 4096, (ulong)stack + i * 4096,
		    PTE_P | PTE_W);
	}

	asm volatile("sidt %0" : "=m"(old));
	memcpy(idt_pages + 0xe00, (void *)old.base, 4096 - 0xe00 + 0xc00);
	new.limit = 0xfff;
	new.base = IDT_VA;
	asm volatile("lidt %0" : : "m"(new));

	asm volatile("int $0x90");
	self_ipi(0x91);
	show_pf("all there");

	lose(MAP_AREA + 0x1000, (ulong)idt_pages + 0x1000);
	asm volatile("int $0x90");
	show_pf("idt lost, int n");
	/* The interrupt had been acknowledged when its delivery failed. */
	lose(MAP_AREA + 0x1000, (ulong)idt_pages + 0x1000);
	self_ipi(0x91);
	printf("idt lost, ipi: faults %u cr2 %lx error %x, isr bit %u irr bit %u, ipi %u\n",
	       npf, pf_cr2, (u32)pf.error, lapic_read(0x140) >> 17 & 1,
	       lapic_read(0x240) >> 17 & 1, nipi);
	lapic_eoi();
	npf = nipi = 0;
	self_ipi(0x91);
	show_pf("afterwards");

	/* The gate's code segment, on a second page of the GDT. */
	asm volatile("sgdt %0" : "=m"(old));
	memcpy(gdt_pages, (void *)old.base, old.limit + 1);
	*(u64 *)(gdt_pages + FAR_SEL) = gdt[SEL_CODE / 8];
	new.limit = 0x1fff;
	new.base = GDT_VA;
	asm volatile("lgdt %0" : : "m"(new));
	gate(0x90, soft_raw, FAR_SEL, 0);
	gate(0x91, ipi_raw, FAR_SEL, 0);
	asm volatile("int $0x90");
	self_ipi(0x91);
	show_pf("gdt moved");
	lose(GDT_VA + 0x1000, (ulong)gdt_pages + 0x1000);
	asm volatile("int $0x90");
	self_ipi(0x91);
	show_pf("gdt lost, int n");
	lose(GDT_VA + 0x1000, (ulong)gdt_pages + 0x1000);
	self_ipi(0x91);
	lapic_eoi();
	show_pf("gdt lost, ipi");
	gate(0x90, soft_raw, SEL_CODE, 5);
	gate(0x91, ipi_raw, SEL_CODE, 5);

	/* The TSS on two pages, the stack pointer in the second one. */
	memcpy(tss, &cpu->tss, sizeof(*tss));
	tss->ist[4] = STACK_VA + 0x1000 + 16;
	asm volatile("sgdt %0" : "=m"(old));
	spare[0] = (sizeof(*tss) - 1) | ((u64)TSS_VA & 0xffffff) << 16 |
		   0x89ull << 40 | ((u64)TSS_VA >> 24 & 0xff) << 56;
	spare[1] = (u64)TSS_VA >> 32;
	asm volatile("ltr %w0" : : "r"(SEL_TSS));
	asm volatile("int $0x90");
	self_ipi(0x91);
	show_pf("tss moved");
	lose(TSS_VA + 0x40, (ulong)tss_pages + 0x1000);
	asm volatile("int $0x90");
	self_ipi(0x91);
	show_pf("tss lost, int n");
	lose(TSS_VA + 0x40, (ulong)tss_pages + 0x1000);
	self_ipi(0x91);
	lapic_eoi();
	show_pf("tss lost, ipi");

	/* The frame crosses a page border; either side may be missing. */
	for (i = 0; i < 2; i++) {
		lose(STACK_VA + i * 4096, (ulong)stack + i * 4096);
		asm volatile("int $0x90");
		self_ipi(0x91);
		show_pf(i ? "upper half of the frame lost, int n" :
			    "lower half of the frame lost, int n");
		lose(STACK_VA + i * 4096, (ulong)stack + i * 4096);
		self_ipi(0x91);
		lapic_eoi();
		show_pf(i ? "upper half of the frame lost, ipi" :
			    "lower half of the frame lost, ipi");
	}
	*pte_of(STACK_VA) &= ~PTE_W;
	mend_va = STACK_VA;
	mend_pa = (ulong)stack;
	invlpg(STACK_VA);
	asm volatile("int $0x90");
	show_pf("lower half of the frame read-only, int n");
	return 0;
}
