// SPDX-License-Identifier: GPL-2.0
/*
 * exc_double.c - an exception while another is being delivered
 *
 * The table of the manuals: benign, contributory and page-fault class against
 * each other, either the second one is delivered in place of the first or
 * both become #DF with error code 0. The first exception's gate is spoilt in
 * six ways so that its delivery raises the second one.
 *
 * The index in error codes that name an IDT entry is not printed: the
 * emulated CPU scales it by 16 in long mode, the manual says 8. Nor is the
 * EXT bit, which that CPU never sets for an earlier exception; nor are there
 * lines for a stack or an entry point that is not canonical: the same CPU
 * raises #GP for the first and nothing for the second.
 * Spec:     SDM vol. 3 ch. 6.15 (interrupt 8); APM vol. 2 ch. 8.2.9.
 */
#include "catch.h"

#define BAD_STACK 4 /* IST number */

struct gate64 {
	u16 low, sel;
	u8 ist, type;
	u16 mid;
	u32 high, unused;
};

static struct gate64 *idt;

enum { DIV, UDEF, BREAK, NODEV, NOTP, STK, PROT, PAGE, SOFT, NFIRST };
static const struct {
	const char *name;
	u8 vector;
} firsts[NFIRST] = {
	{ "#DE", 0 },  { "#UD", 6 },  { "int3", 3 },
	{ "#NM", 7 },  { "#NP", 11 }, { "#SS", 12 },
	{ "#GP", 13 }, { "#PF", 14 }, { "int 0x90", 0x90 },
};

enum { ABSENT, TYPE, NULLCS, ABSENTCS, DATACS, NOSTACK, NSPOIL };
static const char *const spoils[NSPOIL] = {
	"gate absent", "gate type 0", "null cs",
	"absent cs",   "cs is data",  "stack unmapped",
};

static void raise(u32 first)
{
	switch (first) {
	case DIV:
		asm volatile(CATCH("divl %%ecx")
			     :
			     : "a"(1), "d"(0), "c"(0)
			     : "memory");
		break;
	case UDEF:
		asm volatile(CATCH("ud2") : : : "memory");
		break;
	case BREAK:
		asm volatile(CATCH("int3") : : : "memory");
		break;
	case NODEV:
		write_cr0(read_cr0() | CR0_TS);
		asm volatile(CATCH("fnop") : : : "memory");
		asm volatile("clts");
		break;
	case NOTP:
		asm volatile(CATCH("mov %w0, %%fs")
			     :
			     : "r"(SEL_SPARE)
			     : "memory");
		break;
	case STK:
		asm volatile(CATCH("mov %w0, %%ss")
			     :
			     : "r"(SEL_SPARE)
			     : "memory");
		break;
	case PROT:
		asm volatile(CATCH("mov %w0, %%fs") : : "r"(0xfff8) : "memory");
		break;
	case PAGE:
		asm volatile(CATCH("movb 0x7000000000, %%al")
			     :
			     :
			     : "rax", "memory");
		break;
	case SOFT:
		asm volatile(CATCH("int $0x90") : : : "memory");
		break;
	}
}

static void spoil(u8 vector, u32 how)
{
	struct gate64 *g = &idt[vector];

	switch (how) {
	case ABSENT:
		g->type &= 0x7f;
		break;
	case TYPE:
		g->type &= 0xf0;
		break;
	case NULLCS:
		g->sel = 0;
		break;
	case ABSENTCS:
		g->sel = SEL_SPARE + 8;
		break;
	case DATACS:
		g->sel = SEL_DATA;
		break;
	case NOSTACK:
		g->ist = BAD_STACK;
		break;
	}
}

int main(void)
{
	struct {
		u16 limit;
		u64 base;
	} __attribute__((packed)) idtr;
	struct cpu *cpu = this_cpu();
	u32 first, how, error;

	asm volatile("sidt %0" : "=m"(idtr));
	idt = (struct gate64 *)idtr.base;
	catch_all();
	catch_on(DF_VECTOR);
	catch_on(0x90);
	cpu->tss.ist[BAD_STACK - 1] = 0x6000000800;
	gdt[SEL_SPARE / 8] = 0x00cf13000000ffffull; /* absent data */
	gdt[SEL_SPARE / 8 + 1] = 0x00af1b000000ffffull; /* absent code */

	for (first = 0; first < NFIRST; first++) {
		raise(first);
		printf("%s: vector %u\n", firsts[first].name,
		       (u32)caught.regs.vector);
		for (how = 0; how < NSPOIL; how++) {
			spoil(firsts[first].vector, how);
			raise(first);
			gate_reset(firsts[first].vector);
			error = caught.regs.error;
			if (caught.regs.vector != PF_VECTOR)
				error &= error & 2 ? 6 : ~1u;
			printf("  %s: vector %u error %x rip+%lx hits %u",
			       spoils[how], (u32)caught.regs.vector, error,
			       (ulong)caught.regs.ip - caught.at, caught.hit);
			if (caught.regs.vector == PF_VECTOR)
				printf(" cr2 %lx", caught.cr2);
			printf("\n");
		}
	}
	return 0;
}
