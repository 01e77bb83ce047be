// SPDX-License-Identifier: GPL-2.0
/*
 * cpu_tss_32.c - hardware task switches
 *
 * CALL, JMP and interrupts through a TSS or a task gate, IRET back: all
 * registers come from the new TSS and go to the old one, busy bits, NT, the
 * back link and CR0.TS change, and CR3 is loaded without any MOV to CR3, so
 * that a hypervisor with shadow tables must notice.
 *
 * Spec: SDM vol. 3 ch. 7; APM vol. 2 ch. 12.
 */
#include "catch.h"

#define SEL_B SEL_SPARE
#define SEL_GATE (SEL_SPARE + 8)

static struct tss b __attribute__((used));
static u8 stack_b[4096] __aligned(16), stack0_b[4096] __aligned(16);
static u32 dir_a[1024] __aligned(4096), dir_b[1024] __aligned(4096);
static u32 seen[12] __attribute__((used));
static u32 *probe = (u32 *)0x40000000;

/* Runs as task B; each turn of the loop ends in a switch back to A. */
void task_b(void);
asm("task_b:\n"
    "mov %eax, seen; mov %ebx, seen+4; mov %esi, seen+8; mov %ebp, seen+12\n"
    "pushf; pop seen+16; mov %cr0, %eax; mov %eax, seen+20; clts\n"
    "str %eax; movzwl %ax, %eax; mov %eax, seen+24; mov %cr3, %eax; mov %eax, seen+28\n"
    "mov %esp, seen+32; mov 0x40000000, %eax; mov %eax, seen+36\n"
    "mov $0x77, %edi\n"
    "testl $0x4000, seen+16; jz 1f\n"
    "iret\n"
    "jmp task_b\n"
    "1: ljmp $0x68, $0\n"
    "jmp task_b\n");

static u64 tss_desc(const void *at, u32 limit, u32 dpl)
{
	u32 base = (u32)at;

	return limit | (u64)(base & 0xffffff) << 16 |
	       (u64)(0x89 | dpl << 5) << 40 | (u64)(base >> 24) << 56;
}

static void prepare(void)
{
	memset(&b, 0, sizeof(b));
	memset(seen, 0, sizeof(seen));
	b.ip = (u32)task_b;
	b.flags = 2;
	b.ax = 0x1111;
	b.bx = 0x2222;
	b.si = 0x3333;
	b.bp = 0x4444;
	b.sp = (u32)(stack_b + sizeof(stack_b));
	b.cs = SEL_CODE32;
	b.ss = b.ds = b.es = b.fs = b.gs = SEL_DATA;
	b.sp0 = (u32)(stack0_b + sizeof(stack0_b));
	b.ss0 = SEL_DATA;
	b.cr3 = (u32)dir_b;
	b.iomap = sizeof(b);
	gdt[SEL_B / 8] = tss_desc(&b, sizeof(b) - 1, 0);
}

static void report(const char *what)
{
	u16 tr;
	ulong cr0 = read_cr0();

	asm volatile("str %0" : "=r"(tr));
	printf("%s: registers %x %x %x %x, nt %u ts %u tr %x cr3 %s stack %s\n",
	       what, seen[0], seen[1], seen[2], seen[3], seen[4] >> 14 & 1,
	       seen[5] >> 3 & 1, seen[6], seen[7] == (u32)dir_b ? "new" : "old",
	       seen[8] == (u32)(stack_b + sizeof(stack_b)) ? "right" : "wrong");
	printf("  link %x, edi saved %x, busy a %u b %u, ts %u, tr %x, nt %u, cr3 %s\n",
	       b.link, b.di, (u32)(gdt[SEL_TSS / 8] >> 41 & 1),
	       (u32)(gdt[SEL_B / 8] >> 41 & 1), (u32)(cr0 >> 3 & 1), tr,
	       (u32)(flags_read() >> 14 & 1),
	       (read_cr3() & ~0xfffu) == (u32)dir_a ? "old" :
	       (read_cr0() & CR0_PG)		    ? "new" :
						      "off");
	asm volatile("clts");
	flags_write(flags_read() & ~0x4000ul);
}

static void switches(void)
{
	struct cpu *cpu = this_cpu();

	cpu->tss.cr3 = (u32)dir_a;
	prepare();
	asm volatile("lcall %0, $0" : : "i"(SEL_B) : "memory", "cc");
	report("call");
	asm volatile("lcall %0, $0" : : "i"(SEL_B) : "memory", "cc");
	report("call, goes on behind iret");
	prepare();
	cpu->tss.cr3 = (u32)dir_a;
	asm volatile("ljmp %0, $0" : : "i"(SEL_B) : "memory", "cc");
	report("jmp");
	prepare();
	gdt[SEL_GATE / 8] = (u64)SEL_B << 16 | 0x85ull << 40;
	asm volatile("lcall %0, $0" : : "i"(SEL_GATE) : "memory", "cc");
	report("call of a task gate");
}

struct gate32 {
	u16 low, sel, type, high;
};

static void interrupts(void)
{
	struct desc_ptr idtr;
	struct gate32 *idt;

	asm volatile("sidt %0" : "=m"(idtr));
	idt = (struct gate32 *)idtr.base;
	prepare();
	idt[0x90] = (struct gate32){ 0, SEL_B, 0x8500, 0 };
	asm volatile("int $0x90" : : : "memory", "cc");
	report("int through a task gate");
	prepare();
	lapic_enable();
	cpu_by_id(0)->apic_id = lapic_read(0x20) >> 24;
	ipi_send(0, 0x90);
	asm volatile("sti; nop; nop; cli" : : : "memory", "cc");
	lapic_eoi();
	report("interrupt through a task gate");
}

static void refused(void)
{
	prepare();
	gdt[SEL_B / 8] = tss_desc(&b, 0x66, 0);
	asm volatile(CATCH("lcall %0, $0") : : "i"(SEL_B) : "memory", "cc");
	catch_print("short tss");
	gdt[SEL_B / 8] = tss_desc(&b, 0x67, 0) & ~(1ull << 47);
	asm volatile(CATCH("lcall %0, $0") : : "i"(SEL_B) : "memory", "cc");
	catch_print("absent tss");
	gdt[SEL_B / 8] = tss_desc(&b, 0x67, 0) | 1ull << 41;
	asm volatile(CATCH("lcall %0, $0") : : "i"(SEL_B) : "memory", "cc");
	catch_print("busy tss");
}

int main(void)
{
	u32 i;

	catch_all();
	for (i = 0; i < 1024; i++)
		dir_a[i] = dir_b[i] = i << 22 | 0x87;
	dir_a[256] = 0x800000 | 0x87;
	dir_b[256] = 0xc00000 | 0x87;
	*(u32 *)0x800000 = 0xaaaa;
	*(u32 *)0xc00000 = 0xbbbb;
	switches();
	interrupts();
	refused();

	write_cr4(read_cr4() | CR4_PSE);
	write_cr3((ulong)dir_a);
	write_cr0(read_cr0() | CR0_PG);
	printf("paging: probe %x\n", *(volatile u32 *)probe);
	switches();
	printf("probe in b %x, in a %x\n", seen[9], *(volatile u32 *)probe);
	interrupts();
	printf("probe in b %x, in a %x\n", seen[9], *(volatile u32 *)probe);
	refused();
	return 0;
}
