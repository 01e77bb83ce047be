// SPDX-License-Identifier: GPL-2.0
/*
 * bench_exits.c - what each kind of exit and each page-table event costs
 *
 * Part of the benchmark (tests/bench), not of the differential tests: its
 * report is numbers. In a machine that counts instructions the time-stamp
 * counter does, so that one run is exact; the median of several samples
 * leaves out those that a tick of the host hit.
 *
 * A line is "row NAME iters EVENTS ticks TICKS", for one median sample, with
 * what reading the counter costs taken off; "row NAME none" where the machine
 * has no such event.
 */
#include "paging.h"

#define SAMPLES 15
#define FILLS 7 /* samples that need memory never seen before */
#define FLAGS (PTE_P | PTE_W | PTE_A | PTE_D)
#define PAGE 0x1000ul
#define LARGE 0x200000ul
#define FRAMES 0x3000000ul /* 16 MiB that nothing else uses */
/* 1 GiB each, hence each with a page directory of its own */
#define REGION(n) (0x4000000000ul + (n)*0x40000000ul)

static struct paging pg;
static u64 stamp_cost;
static ulong other_root;

static inline u64 stamp(void)
{
	u64 v;

	asm volatile("rdtsc; shl $32, %%rdx; or %%rdx, %%rax"
		     : "=a"(v)
		     :
		     : "rdx", "memory", "cc");
	return v;
}

#define TIMED(...)                             \
	({                                     \
		u64 start_ = stamp();          \
		__VA_ARGS__;                   \
		stamp() - start_ - stamp_cost; \
	})
/* As straight code: no loop to take off. */
#define TIMES16(insn) ".rept 16\n\t" insn "\n\t.endr"

static inline void touch(ulong va)
{
	u8 v;

	asm volatile("movb (%1), %0" : "=q"(v) : "r"(va) : "memory");
}

static void touch_pages(ulong va, ulong step, u32 n)
{
	for (; n; n--, va += step)
		touch(va);
}

static u64 *table(ulong va, u32 level)
{
	return (u64 *)(ulong)(pt_entry(&pg, va, level) & ~(PAGE - 1));
}

/* A leaf table at va, all of it mapped to frames. */
static u64 *leaf(ulong va, ulong frames, u64 flags)
{
	volatile u64 *pt = table(va, 1);
	u32 i;

	for (i = 0; i < 512; i++)
		pt[i] = (frames + i * PAGE) | flags;
	return (u64 *)pt;
}

/* ---- exits ---- */

static u64 hypercall(u32 i)
{
	return TIMED(asm volatile(TIMES16("xor %%eax, %%eax; vmmcall")
				  :
				  :
				  : "rax", "memory"));
}

static u64 port_in(u32 i)
{
	return TIMED(asm volatile(TIMES16("in $0x21, %%al") : : : "rax"));
}

static u64 port_out(u32 i)
{
	return TIMED(asm volatile(TIMES16("out %%al, $0x21") : : "a"(0xff)));
}

static u64 mmio_read(u32 i)
{
	return TIMED(asm volatile(TIMES16("mov (%0), %%eax")
				  :
				  : "r"(LAPIC_BASE + 0x20)
				  : "rax", "memory"));
}

static u64 mmio_write(u32 i)
{
	return TIMED(asm volatile(TIMES16("movl $0, (%0)")
				  :
				  : "r"(LAPIC_BASE + 0xb0)
				  : "memory"));
}

static u64 cpuid_leaf(u32 i)
{
	return TIMED(asm volatile(TIMES16("xor %%eax, %%eax; cpuid")
				  :
				  :
				  : "rax", "rbx", "rcx", "rdx"));
}

static u64 msr_read(u32 i)
{
	return TIMED(asm volatile(TIMES16("rdmsr")
				  :
				  : "c"(MSR_APIC_BASE)
				  : "rax", "rdx"));
}

/* With a live vector register, which a host may have to save and restore. */
static u64 port_in_fpu(u32 i)
{
	u64 ticks;

	write_cr0(read_cr0() & ~(ulong)(CR0_TS | CR0_EM));
	write_cr4(read_cr4() | CR4_OSFXSR);
	asm volatile("pxor %xmm0, %xmm0");
	ticks = port_in(i);
	write_cr4(read_cr4() & ~(ulong)CR4_OSFXSR);
	return ticks;
}

static volatile u32 irqs;

asm(".globl bench_irq, bench_pf\n"
    "bench_irq:\n"
    "	push %rax\n"
    "	xor %eax, %eax\n"
    "	movabs %eax, 0xfee000b0\n" /* EOI */
    "	pop %rax\n"
    "	incl irqs\n"
    "	iretq\n"
    /* behind "mov (%rdi), %al" */
    "bench_pf:\n"
    "	add $8, %rsp\n"
    "	addq $2, (%rsp)\n"
    "	iretq\n");
void bench_irq(void);
void bench_pf(void);

static u64 irq_self(u32 i)
{
	u64 ticks;

	gate_set(0x40, bench_irq, 0, 0);
	irqs = 0;
	sti();
	ticks = TIMED(lapic_write(0x300, 0x44040); while (!irqs););
	cli();
	gate_reset(0x40);
	return ticks;
}

/* ---- page tables ---- */

static u64 page_fault(u32 i)
{
	u64 ticks;

	gate_set(PF_VECTOR, bench_pf, 0, 0);
	ticks = TIMED(asm volatile(TIMES16(".byte 0x8a, 0x07")
				   :
				   : "D"(REGION(0))
				   : "rax", "memory"));
	gate_reset(PF_VECTOR);
	return ticks;
}

static u64 cr3_reload(u32 i)
{
	return TIMED(asm volatile(TIMES16("mov %0, %%cr3")
				  :
				  : "r"(pg.root)
				  : "memory"));
}

static u64 cr3_switch(u32 i)
{
	return TIMED(asm volatile(TIMES16("mov %0, %%cr3; mov %1, %%cr3")
				  :
				  : "r"(other_root), "r"(pg.root)
				  : "memory"));
}

/* n entries change to other frames; the reload that follows is timed. */
static u64 cr3_dirty(u32 i, u32 n)
{
	volatile u64 *pt = table(REGION(1), 1);
	ulong frames = FRAMES + (i & 1) * LARGE;
	u32 k;

	touch_pages(REGION(1), PAGE, 512);
	for (k = 0; k < n; k++)
		pt[k] = (frames + k * PAGE) | FLAGS;
	return TIMED(write_cr3(pg.root));
}

static u64 cr3_dirty_1(u32 i)
{
	return cr3_dirty(i, 1);
}

static u64 cr3_dirty_512(u32 i)
{
	return cr3_dirty(i, 512);
}

static u64 flush_page(u32 i)
{
	touch(REGION(1));
	return TIMED(asm volatile(TIMES16("invlpg (%0)")
				  :
				  : "r"(REGION(1))
				  : "memory"));
}

static u64 remap_page(u32 i)
{
	volatile u64 *pte = (u64 *)(ulong)pt_entry(&pg, REGION(1), 1);
	u64 new = (FRAMES + (i & 1) * LARGE) | FLAGS;

	return TIMED(*pte = new; invlpg(REGION(1)); touch(REGION(1)));
}

/* Used, and left alone through several flushes: traced by any shadow. */
static u64 leaf_first_write(u32 i)
{
	volatile u64 *pte = (u64 *)(ulong)pt_entry(&pg, REGION(1), 1);
	u64 new = (FRAMES + (i & 1) * LARGE) | FLAGS;
	u32 n;

	for (n = 0; n < 5; n++) {
		touch_pages(REGION(1), PAGE, 16);
		write_cr3(pg.root);
	}
	touch_pages(REGION(1), PAGE, 16);
	return TIMED(*pte = new);
}

/* Entries that nothing uses yet, in a directory that is in use. */
static u64 dir_write(u32 i)
{
	volatile u64 *pd = table(REGION(2), 2);
	u64 new = pd[0] ^ (i & 1 ? PTE_U : 0);

	touch(REGION(2));
	return TIMED(asm volatile("mov %0, %%rdi\n\t"
				  ".rept 64\n\t"
				  "mov %1, (%%rdi)\n\t"
				  "add $8, %%rdi\n\t"
				  ".endr"
				  :
				  : "r"(pd + 64), "r"(new)
				  : "rdi", "memory"));
}

/* A new leaf table becomes part of the address space and is used. */
static u64 dir_grow(u32 i)
{
	volatile u64 *pd = table(REGION(3), 2);
	ulong va = REGION(3) + (i + 1) * LARGE;
	u64 *pt = page_alloc();

	pt[0] = FRAMES | FLAGS;
	touch(REGION(3));
	return TIMED(pd[i + 1] = (ulong)pt | FLAGS; touch(va));
}

static ulong fresh(u32 region, u32 i, u64 flags)
{
	ulong va = REGION(region) + i * LARGE;

	leaf(va, FRAMES + i * LARGE, flags);
	return va;
}

static inline u64 fill_pages(ulong va, ulong step, u32 n)
{
	return TIMED(asm volatile("1: movb (%0), %%al\n\t"
				  "add %1, %0\n\t"
				  "dec %2\n\t"
				  "jnz 1b"
				  : "+r"(va), "+r"(step), "+r"(n)
				  :
				  : "rax", "memory", "cc"));
}

static u64 fill(u32 i)
{
	return fill_pages(fresh(4, i, FLAGS), PAGE, 512);
}

/* The CPU, or whoever stands in for it, has to set the accessed bit. */
static u64 fill_accessed(u32 i)
{
	return fill_pages(fresh(5, i, PTE_P | PTE_W), PAGE, 512);
}

/* So far apart that filling a few neighbours is of no use. */
static u64 fill_sparse(u32 i)
{
	ulong va = fresh(6, i, FLAGS);

	touch(va);
	return fill_pages(va + 32 * PAGE, 32 * PAGE, 15);
}

static u64 fill_large(u32 i)
{
	volatile u64 *pd = table(REGION(7), 2);
	u32 k;

	for (k = 0; k < 8; k++)
		pd[8 * i + k] = (FRAMES + k * LARGE) | FLAGS | PTE_PS;
	return fill_pages(REGION(7) + 8 * i * LARGE, LARGE, 8);
}

/* ---- all of them ---- */

static const struct row {
	const char *name;
	u32 events, samples;
	u64 (*fn)(u32 i);
} rows[] = {
	{ "hypercall", 16, SAMPLES, hypercall },
	{ "port_in", 16, SAMPLES, port_in },
	{ "port_out", 16, SAMPLES, port_out },
	{ "port_in_fpu", 16, SAMPLES, port_in_fpu },
	{ "mmio_read", 16, SAMPLES, mmio_read },
	{ "mmio_write", 16, SAMPLES, mmio_write },
	{ "cpuid", 16, SAMPLES, cpuid_leaf },
	{ "rdmsr", 16, SAMPLES, msr_read },
	{ "irq_self", 1, SAMPLES, irq_self },
	{ "page_fault", 16, SAMPLES, page_fault },
	{ "cr3_reload", 16, SAMPLES, cr3_reload },
	{ "cr3_switch", 32, SAMPLES, cr3_switch },
	{ "cr3_dirty_1", 1, SAMPLES, cr3_dirty_1 },
	{ "cr3_dirty_512", 1, SAMPLES, cr3_dirty_512 },
	{ "invlpg", 16, SAMPLES, flush_page },
	{ "pte_invlpg_touch", 1, SAMPLES, remap_page },
	{ "leaf_first_write", 1, SAMPLES, leaf_first_write },
	{ "dir_write", 64, SAMPLES, dir_write },
	{ "dir_grow", 1, SAMPLES, dir_grow },
	{ "fill", 512, FILLS, fill },
	{ "fill_accessed", 512, FILLS, fill_accessed },
	{ "fill_sparse", 15, FILLS, fill_sparse },
	{ "fill_large", 8, FILLS, fill_large },
};

static void one(void *row)
{
	const struct row *r = row;
	u64 ticks[SAMPLES], t;
	u32 i, k;

	for (i = 0; i < r->samples; i++) {
		t = r->fn(i);
		for (k = i; k && ticks[k - 1] > t; k--)
			ticks[k] = ticks[k - 1];
		ticks[k] = t;
	}
	t = ticks[r->samples / 2];
	if ((s64)t < 0)
		t = 0;
	printf("row %s iters %u ticks %llu\n", r->name, r->events, t);
	if (cmdline_u64("spread", 0))
		printf("spread %s %llu..%llu\n", r->name, ticks[0],
		       ticks[r->samples - 1]);
}

int main(void)
{
	struct fault f;
	u32 i;

	for (i = 0; i < 8; i++) {
		u64 t = TIMED();

		stamp_cost = i ? stamp_cost : t;
	}
	pg.levels = 4;
	pg.root = read_cr3();
	other_root = (ulong)page_alloc();
	memcpy((void *)other_root, (void *)pg.root, PAGE);
	lapic_enable();
	leaf(REGION(1), FRAMES, FLAGS);
	leaf(REGION(2), FRAMES, FLAGS);
	leaf(REGION(3), FRAMES, FLAGS);
	table(REGION(7), 2);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (guard(&f, one, (void *)&rows[i])) {
			if (f.vector == UD_VECTOR)
				printf("row %s none\n", rows[i].name);
			else
				fail("row %s: trap %u at %lx", rows[i].name,
				     f.vector, f.ip);
		}
	return 0;
}
