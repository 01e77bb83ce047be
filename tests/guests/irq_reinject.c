// SPDX-License-Identifier: GPL-2.0
/*
 * irq_reinject.c - deliver events through pages the CPU has just forgotten
 *
 * Every delivery reads the IDT and the TSS, pushes on a stack and fetches the
 * handler. Here these lie on pages of their own and their translations are
 * dropped before each event (INVLPG, CR3 reload, a rewritten entry, a new
 * set of tables), so that a hypervisor with shadow tables gets its own faults
 * in the middle of the delivery. Each event must arrive exactly once, with
 * the right RIP, error code and CR2.
 *
 * Spec: APM vol. 2 ch. 15.7.2 (EXITINTINFO), 15.20; SDM vol. 3 ch. 24.9.3.
 */
#include "guest.h"
#include "map.h"

#define IDT_VA MAP_AREA
#define GDT_VA (MAP_AREA + 0x10000)
#define TSS_VA (MAP_AREA + 0x20000)
#define STACK_VA (MAP_AREA + 0x30000)
#define CODE_VA (MAP_AREA + 0x40000)
#define FAULT_VA (MAP_AREA + 0x50000)
#define ROUNDS 200

static volatile u64 hits __attribute__((used)), last_ip __attribute__((used)),
	last_error __attribute__((used)), last_cr2 __attribute__((used)),
	resume __attribute__((used));

/* Position-independent: copied to CODE_VA. EAX/RCX saved on the stack. */
extern char handlers[], handlers_end[], h_plain[], h_irq[], h_error[],
	h_fault[];
asm(".align 16\n"
    "handlers:\n"
    "h_plain: push %rax; incq hits; mov 8(%rsp), %rax; mov %rax, last_ip; pop %rax; iretq\n"
    "h_irq: push %rax; incq hits; mov 8(%rsp), %rax; mov %rax, last_ip\n"
    "  mov $0xfee000b0, %eax; movl $0, (%rax); pop %rax; iretq\n"
    /* faults go on at resume */
    "h_fault: push %rax; incq hits; mov 8(%rsp), %rax; mov %rax, last_ip\n"
    "  mov resume, %rax; mov %rax, 8(%rsp); pop %rax; iretq\n"
    "h_error: push %rax; incq hits; mov 8(%rsp), %rax; mov %rax, last_error\n"
    "  mov 16(%rsp), %rax; mov %rax, last_ip; mov %cr2, %rax; mov %rax, last_cr2\n"
    "  mov resume, %rax; mov %rax, 16(%rsp); pop %rax; add $8, %rsp; iretq\n"
    "handlers_end:\n");

static ulong pa[6]; /* idt, gdt, tss, stack (2), code */
static const ulong va[6] = { IDT_VA,   GDT_VA,		TSS_VA,
			     STACK_VA, STACK_VA + 4096, CODE_VA };
static ulong roots[4];

static void gate(u8 vector, char *entry)
{
	u16 *g = (u16 *)(pa[0] + 16 * vector);
	ulong at = CODE_VA + (entry - handlers);

	g[0] = at;
	g[1] = SEL_CODE;
	g[2] = 5 | 0x8e00;
	g[3] = at >> 16;
	*(u32 *)(g + 4) = at >> 32;
}

static void no_forget(u32 round)
{
}

static void forget_invlpg(u32 round)
{
	u32 i;

	for (i = 0; i < 6; i++)
		invlpg(va[i]);
}

static void forget_one(u32 round)
{
	invlpg(va[round % 6]);
}

static void forget_cr3(u32 round)
{
	write_cr3(read_cr3());
}

static void forget_rewrite(u32 round)
{
	u32 i;

	for (i = 0; i < 6; i++) {
		u64 *pte = pte_of(va[i]);

		*pte = 0;
		invlpg(va[i]);
		*pte = pa[i] | PTE_P | PTE_W;
	}
}

/* Entries without A and D: delivery sets them in the guest's tables. */
static void forget_ad(u32 round)
{
	forget_rewrite(round);
	write_cr3(read_cr3());
}

static void forget_roots(u32 round)
{
	write_cr3(roots[round % 4]);
}

/* The gate of another page frame: contents copied, frame exchanged. */
static void forget_frame(u32 round)
{
	static ulong other[6];
	u32 i = round % 6;
	ulong t = pa[i];

	if (!other[i])
		other[i] = (ulong)page_alloc();
	memcpy((void *)other[i], (void *)pa[i], 4096);
	pa[i] = other[i];
	other[i] = t;
	map(va[i], pa[i], PTE_P | PTE_W);
}

static const struct {
	const char *name;
	void (*forget)(u32 round);
} ways[] = {
	{ "nothing", no_forget },	 { "invlpg", forget_invlpg },
	{ "invlpg of one", forget_one }, { "cr3 reload", forget_cr3 },
	{ "rewritten", forget_rewrite }, { "a and d clear", forget_ad },
	{ "other root", forget_roots },	 { "other frame", forget_frame },
};

enum { INTN, IPI, NMI, UD, GP, PF, BP, DE, IPI_HLT, NEVENTS };
static const char *const events[NEVENTS] = { "int n", "ipi", "nmi",
					     "#UD",   "#GP", "#PF",
					     "int3",  "#DE", "ipi in hlt" };

/* Returns the distance of the saved RIP from the event's instruction. */
static u64 raise(u32 event)
{
	u64 at = 0;

#define RAISE(insn, ...)                                               \
	asm volatile("movq $2f, resume; mov $1f, %0\n1:\t" insn "\n2:" \
		     : "=&r"(at)                                       \
		     : __VA_ARGS__                                     \
		     : "rax", "rdx", "memory", "cc")
	switch (event) {
	case INTN:
		RAISE("int $0x90");
		break;
	case IPI:
		ipi_send(0, 0x91);
		RAISE("sti; nop; nop; cli");
		break;
	case IPI_HLT:
		ipi_send(0, 0x91);
		RAISE("sti; hlt; cli");
		break;
	case NMI:
		/* Where an NMI comes is up to the machine: no RIP. */
		lapic_write(0x310, lapic_read(0x20));
		lapic_write(0x300, 0x4400);
		while (!hits)
			cpu_relax();
		return 0;
	case UD:
		RAISE("ud2");
		break;
	case GP:
		RAISE("mov %w1, %%fs", "r"(0xfff8));
		break;
	case PF:
		RAISE("movb %%al, (%1)", "r"(FAULT_VA + 0x123));
		break;
	case BP:
		RAISE("int3");
		break;
	case DE:
		RAISE("mov $0, %%edx; div %%edx");
		break;
	}
	return last_ip - at;
}

int main(void)
{
	struct desc_ptr old, new;
	struct tss *tss;
	struct cpu *cpu = this_cpu();
	u32 way, event, i;

	cli();
	outb(0x21, 0xff);
	lapic_enable();
	cpu->apic_id = lapic_read(0x20) >> 24;
	for (i = 0; i < 6; i++) {
		pa[i] = (ulong)page_alloc();
		map(va[i], pa[i], PTE_P | PTE_W);
	}
	*pte_of(FAULT_VA) = 0;

	asm volatile("sidt %0; sgdt %1" : "=m"(old), "=m"(new));
	memcpy((void *)pa[0], (void *)old.base, 4096);
	memcpy((void *)pa[1], (void *)new.base, new.limit + 1);
	memcpy((void *)pa[5], handlers, handlers_end - handlers);
	tss = (struct tss *)pa[2];
	memcpy(tss, &cpu->tss, sizeof(*tss));
	tss->ist[4] = STACK_VA + 0x1000 + 24; /* the frame crosses a border */
	((u64 *)(pa[1] + SEL_TSS))[0] =
		(sizeof(*tss) - 1) | ((u64)TSS_VA & 0xffffff) << 16 |
		0x89ull << 40 | ((u64)TSS_VA >> 24 & 0xff) << 56;
	((u64 *)(pa[1] + SEL_TSS))[1] = (u64)TSS_VA >> 32;
	gate(0x90, h_plain);
	gate(0x91, h_irq);
	gate(NMI_VECTOR, h_plain);
	gate(BP_VECTOR, h_plain);
	gate(UD_VECTOR, h_fault);
	gate(DE_VECTOR, h_fault);
	gate(GP_VECTOR, h_error);
	gate(PF_VECTOR, h_error);

	for (i = 0; i < 4; i++) {
		roots[i] = i ? (ulong)page_alloc() : read_cr3();
		memcpy((void *)roots[i], (void *)read_cr3(), 4096);
	}
	old.base = IDT_VA;
	new.base = GDT_VA;
	asm volatile("lgdt %0; lidt %1; ltr %w2"
		     :
		     : "m"(new), "m"(old), "r"(SEL_TSS));

	for (way = 0; way < ARRAY_SIZE(ways); way++) {
		for (event = 0; event < NEVENTS; event++) {
			u64 ip = 0, total = 0, bad = 0;

			last_error = last_cr2 = 0;
			for (i = 0; i < ROUNDS; i++) {
				u64 now;

				hits = 0;
				ways[way].forget(i);
				now = raise(event);
				bad += i && now != ip;
				bad += event == PF &&
				       last_cr2 != FAULT_VA + 0x123;
				ip = now;
				total += hits;
			}
			printf("%s, %s: %llu events, rip+%llx, error %llx, bad %llu\n",
			       ways[way].name, events[event], total, ip,
			       event == GP || event == PF ? last_error : 0,
			       bad);
		}
	}
	return 0;
}
