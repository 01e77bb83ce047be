// SPDX-License-Identifier: GPL-2.0
/*
 * dev_ports.c - every form of IN and OUT, on ports with and without a device
 *
 * Nobody answers at 0x5000, so all sizes read ones and writes vanish. The
 * UART's scratch register (0x3ff) and the CMOS data port give string forms
 * something to read back. Addresses cross pages, run backwards, and fault in
 * the middle.
 *
 * Spec: SDM vol. 2 IN, INS, OUT, OUTS.
 */
#include "catch.h"
#include "map.h"

#define NOBODY 0x5000
#define SCRATCH 0x3ff

static u8 *buf, *far;

static void plain(void)
{
	u64 a;

	printf("nobody: %x %x %x\n", inb(NOBODY), inw(NOBODY), inl(NOBODY));
	outb(NOBODY, 1);
	outw(NOBODY, 2);
	outl(NOBODY, 3);
	outb(0x80, 0x55);
	outb(0xed, 0x55);
	printf("still: %x\n", inl(NOBODY));
	asm volatile("in %%dx, %%al"
		     : "=a"(a)
		     : "0"(0x1122334455667788), "d"(NOBODY));
	printf("al only: %llx\n", a);
	asm volatile("in %%dx, %%ax"
		     : "=a"(a)
		     : "0"(0x1122334455667788), "d"(NOBODY));
	printf("ax only: %llx\n", a);
	asm volatile("in %%dx, %%eax"
		     : "=a"(a)
		     : "0"(0x1122334455667788), "d"(NOBODY));
	printf("eax clears the rest: %llx\n", a);
	asm volatile(".byte 0x48; in %%dx, %%eax"
		     : "=a"(a)
		     : "0"(0x1122334455667788), "d"(NOBODY));
	printf("rex.w: %llx\n", a);
	asm volatile("in $0xed, %%al" : "=a"(a) : "0"(0x1122334455667700));
	outb(SCRATCH, 0x5a);
	asm volatile("in %%dx, %%al"
		     : "=a"(a)
		     : "0"(0x1122334455667788), "d"(0xabcd00000000 + SCRATCH));
	printf("dx only: %llx\n", a);
	/* ports wrap at 64K: nothing faults up there in ring 0 */
	printf("last ports: %x %x\n", inb(0xffff), inl(0xfffc));
}

#define INS(insn, port, at, count)                    \
	do {                                          \
		ulong di = (ulong)(at), cx = (count); \
		asm volatile(insn                     \
			     : "+D"(di), "+c"(cx)     \
			     : "d"(port)              \
			     : "memory");             \
		moved = di - (ulong)(at);             \
		left = cx;                            \
	} while (0)
#define OUTS(insn, port, at, count)                   \
	do {                                          \
		ulong si = (ulong)(at), cx = (count); \
		asm volatile(insn                     \
			     : "+S"(si), "+c"(cx)     \
			     : "d"(port)              \
			     : "memory");             \
		moved = si - (ulong)(at);             \
		left = cx;                            \
	} while (0)

static long moved;
static ulong left;

static void tell(const char *what, const u8 *p, u32 n)
{
	u32 i;

	printf("%s:", what);
	for (i = 0; i < n; i++)
		printf(" %02x", p[i]);
	printf(", moved %ld, left %lx\n", moved, left);
}

static void strings(void)
{
	u32 i;

	memset(buf, 0, 64);
	outb(SCRATCH, 0x77);
	INS("insb", SCRATCH, buf, 5);
	tell("insb", buf, 4);
	INS("insw", NOBODY, buf, 5);
	tell("insw", buf, 4);
	memset(buf, 0, 64);
	INS("insl", NOBODY, buf, 5);
	tell("insl", buf, 8);
	memset(buf, 0, 64);
	INS("rep insb", SCRATCH, buf, 5);
	tell("rep insb", buf, 8);
	memset(buf, 0, 64);
	INS("rep insw", NOBODY, buf, 3);
	tell("rep insw", buf, 8);
	memset(buf, 0, 64);
	INS("rep insl", NOBODY, buf, 1);
	tell("rep insl", buf, 8);
	memset(buf, 0, 64);
	INS("rep insb", SCRATCH, buf, 0);
	tell("rep insb of none", buf, 4);
	memset(buf, 0, 64);
	INS("std; rep insb; cld", SCRATCH, buf + 7, 3);
	tell("backwards", buf, 9);
	memset(buf, 0, 64);
	INS("std; rep insw; cld", NOBODY, buf + 4, 2);
	tell("backwards, words", buf, 8);

	for (i = 0; i < 64; i++)
		buf[i] = 0x30 + i;
	OUTS("outsb", SCRATCH, buf, 5);
	printf("outsb: %x, moved %ld, left %lx\n", inb(SCRATCH), moved, left);
	OUTS("rep outsb", SCRATCH, buf, 5);
	printf("rep outsb: %x, moved %ld, left %lx\n", inb(SCRATCH), moved,
	       left);
	OUTS("std; rep outsb; cld", SCRATCH, buf + 9, 5);
	printf("backwards: %x, moved %ld, left %lx\n", inb(SCRATCH), moved,
	       left);
	OUTS("rep outsw", NOBODY, buf, 5);
	printf("rep outsw: moved %ld, left %lx\n", moved, left);
	OUTS("rep outsl", NOBODY, buf, 5);
	printf("rep outsl: moved %ld, left %lx\n", moved, left);
	OUTS("addr32 rep outsb", SCRATCH, buf, 3);
	printf("32-bit addresses: %x, moved %ld, left %lx\n", inb(SCRATCH),
	       moved, left);
	asm volatile("mov %0, %%fs" : : "r"(SEL_DATA));
	OUTS("fs outsb", SCRATCH, buf + 20, 3);
	printf("fs: %x, moved %ld\n", inb(SCRATCH), moved);

	/* Over a page border, both pages fresh. */
	memset(far, 0, 8192);
	INS("rep insb", SCRATCH, far + 4090, 12);
	tell("across pages", far + 4088, 16);
	invlpg((ulong)far);
	invlpg((ulong)far + 4096);
	INS("rep insl", NOBODY, far + 4090, 3);
	tell("unaligned across pages", far + 4088, 16);
	for (i = 0; i < 32; i++)
		far[4080 + i] = i;
	invlpg((ulong)far);
	invlpg((ulong)far + 4096);
	OUTS("rep outsb", SCRATCH, far + 4080, 32);
	printf("out across pages: %x, moved %ld, left %lx\n", inb(SCRATCH),
	       moved, left);
	memset(buf, 0, 64);
	INS("rep insb", SCRATCH, far, 5000);
	printf("5000 bytes: moved %ld, left %lx, first %x last %x\n", moved,
	       left, far[0], far[4999]);
}

/* The second page is missing: what was moved stays, the rest can go on. */
static void faults(void)
{
	ulong di, cx;
	u64 old = *pte_of((ulong)far + 4096);

	memset(far, 0, 4096);
	*pte_of((ulong)far + 4096) = 0;
	invlpg((ulong)far + 4096);
	di = (ulong)far + 4092;
	cx = 10;
	asm volatile(CATCH("rep insb")
		     : "+D"(di), "+c"(cx)
		     : "d"(SCRATCH)
		     : "memory");
	catch_print("rep insb into a missing page");
	printf("  cr2 +%lx, moved %ld, left %lu\n", caught.cr2 - (ulong)far,
	       di - (ulong)far - 4092, cx);
	di = (ulong)far + 4094;
	asm volatile(CATCH("insl") : "+D"(di) : "d"(NOBODY) : "memory");
	catch_print("insl half on a missing page");
	printf("  moved %ld, bytes %02x %02x\n", di - (ulong)far - 4094,
	       far[4094], far[4095]);
	*pte_of((ulong)far + 4096) = old & ~PTE_W;
	invlpg((ulong)far + 4096);
	di = (ulong)far + 4095;
	cx = 3;
	asm volatile(CATCH("rep insb")
		     : "+D"(di), "+c"(cx)
		     : "d"(SCRATCH)
		     : "memory");
	catch_print("rep insb into a read-only page");
	printf("  cr2 +%lx, moved %ld, left %lu\n", caught.cr2 - (ulong)far,
	       di - (ulong)far - 4095, cx);
	di = (ulong)far + 4092;
	cx = 10;
	asm volatile(CATCH("rep outsb")
		     : "+S"(di), "+c"(cx)
		     : "d"(SCRATCH)
		     : "memory");
	catch_print("rep outsb from a read-only page");
	printf("  moved %ld, left %lu\n", di - (ulong)far - 4092, cx);
	*pte_of((ulong)far + 4096) = 0;
	invlpg((ulong)far + 4096);
	di = (ulong)far + 4092;
	cx = 10;
	asm volatile(CATCH("rep outsb")
		     : "+S"(di), "+c"(cx)
		     : "d"(SCRATCH)
		     : "memory");
	catch_print("rep outsb from a missing page");
	printf("  cr2 +%lx, moved %ld, left %lu\n", caught.cr2 - (ulong)far,
	       di - (ulong)far - 4092, cx);
}

/* The I/O permission map of the TSS, for ring 3. */
static struct regs user_regs;
static u32 user_hits;

static void user_gp(struct regs *regs)
{
	user_hits++;
	user_regs = *regs;
	regs->ip += regs->bx;
}

static __user_text ulong user_in(ulong port)
{
	ulong v = 0xdead;

	asm volatile("mov $2f - 1f, %%ebx\n1: in %%dx, %%al\n2:"
		     : "+a"(v)
		     : "d"(port)
		     : "rbx");
	return v & 0xff;
}

static __user_text ulong user_inl(ulong port)
{
	ulong v = 0xdead;

	asm volatile("mov $2f - 1f, %%ebx\n1: in %%dx, %%eax\n2:"
		     : "+a"(v)
		     : "d"(port)
		     : "rbx");
	return v;
}

static void permission(void)
{
	struct cpu *cpu = this_cpu();
	u8 *page = pages_alloc(4, 4096);
	struct tss *tss = (struct tss *)page;
	struct fault f;
	ulong v;

	trap_handlers[GP_VECTOR] = user_gp;
	memcpy(tss, &cpu->tss, sizeof(*tss));
	tss->iomap = sizeof(*tss);
	memset(page + sizeof(*tss), 0xff, 8193);
	page[sizeof(*tss) + SCRATCH / 8] &= ~0x80;
	page[sizeof(*tss) + NOBODY / 8] = 0xf0;
	gdt[SEL_TSS / 8] = (sizeof(*tss) + 8192) |
			   ((ulong)tss & 0xffffff) << 16 | 0x89ull << 40 |
			   ((ulong)tss >> 24 & 0xff) << 56;
	asm volatile("ltr %w0" : : "r"(SEL_TSS));
	outb(SCRATCH, 0x42);
	v = user_call(&f, user_in, SCRATCH);
	printf("ring 3, allowed: %lx faults %u\n", v, user_hits);
	user_hits = 0;
	user_call(&f, user_in, 0x80);
	printf("ring 3, denied: faults %u vector %u error %x\n", user_hits,
	       (u32)user_regs.vector, (u32)user_regs.error);
	user_hits = 0;
	v = user_call(&f, user_inl, NOBODY);
	printf("ring 3, four allowed: %lx faults %u\n", v, user_hits);
	user_hits = 0;
	user_call(&f, user_inl, NOBODY + 1);
	printf("ring 3, three of four allowed: faults %u\n", user_hits);
	user_hits = 0;
	user_call(&f, user_in, 0xffff);
	printf("ring 3, last port denied: faults %u\n", user_hits);
}

int main(void)
{
	catch_on(PF_VECTOR);
	buf = page_alloc();
	far = (u8 *)MAP_AREA;
	map((ulong)far, (ulong)page_alloc(), PTE_P | PTE_W);
	map((ulong)far + 4096, (ulong)page_alloc(), PTE_P | PTE_W);
	plain();
	strings();
	faults();
	permission();
	return 0;
}
