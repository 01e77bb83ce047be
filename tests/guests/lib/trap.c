// SPDX-License-Identifier: GPL-2.0
/*
 * trap.c - exceptions and interrupts, guarded calls, user mode
 *
 * A trap goes to the payload's handler for its vector if there is one; else
 * an exception inside guard() ends that call; else it ends the run.
 *
 * Of a CPU's block, the low part is struct cpu, then come the stacks for
 * double faults, NMI, entries from ring 3, and (growing down from the end)
 * the one that C code runs on.
 */
#include "lib.h"

trap_fn trap_handlers[256];

#define USER_RETURN 0x80 /* vector by which user_call() comes back */

struct gate {
	u16 low, sel;
	u8 ist, type;
	u16 mid;
#ifdef __x86_64__
	u32 high, unused;
#endif
} __attribute__((packed));
static struct gate idt[256] __aligned(16);

static u8 user_stack[MAX_CPUS][4096] __user_data __aligned(16);

void gate_set(u8 vector, void (*entry)(void), u8 dpl, u8 ist)
{
	ulong at = (ulong)entry;
	struct gate *g = &idt[vector];

	g->low = at;
	g->sel = SEL_CODE;
	g->ist = ist;
	g->type = 0x8e | dpl << 5;
	g->mid = at >> 16;
#ifdef __x86_64__
	g->high = at >> 32;
#endif
}

void gate_reset(u8 vector)
{
	u8 ist = 0;

#ifdef __x86_64__
	if (vector == DF_VECTOR)
		ist = 1;
	else if (vector == NMI_VECTOR)
		ist = 2;
#endif
	gate_set(vector, (void (*)(void))(trap_stubs + 16 * vector),
		 vector == USER_RETURN ? 3 : 0, ist);
}

void trap_init(void)
{
	u32 i;

	for (i = 0; i < 256; i++)
		gate_reset(i);
}

void trap_init_cpu(struct cpu *cpu)
{
	struct desc_ptr idt_ptr = { sizeof(idt) - 1, (ulong)idt };
	ulong tss = (ulong)&cpu->tss, block = (ulong)cpu;
	u32 sel = SEL_TSS + 16 * cpu->id;

#ifdef __x86_64__
	cpu->tss.ist[0] = block + 0x2000;
	cpu->tss.ist[1] = block + 0x3000;
	cpu->tss.sp[0] = block + 0x5000;
	gdt[sel / 8 + 1] = tss >> 32;
#else
	cpu->tss.sp0 = block + 0x5000;
	cpu->tss.ss0 = SEL_DATA;
#endif
	cpu->tss.iomap = sizeof(cpu->tss);
	gdt[sel / 8] = (sizeof(cpu->tss) - 1) | (u64)(tss & 0xffffff) << 16 |
		       0x89ull << 40 | (u64)(tss >> 24 & 0xff) << 56;
	asm volatile("lgdt %0; lidt %1; ltr %w2"
		     :
		     : "m"(gdt_ptr), "m"(idt_ptr), "r"(sel)
		     : "memory");
}

static void __noreturn leave(struct cpu *cpu)
{
	guard_leave(cpu->recover);
}

void trap_c(struct regs *regs)
{
	struct cpu *cpu = this_cpu();
	u8 vector = regs->vector;

	if (trap_handlers[vector]) {
		trap_handlers[vector](regs);
		return;
	}
	if (vector == USER_RETURN && cpu->recover) {
		cpu->user_result = regs->ax;
		leave(cpu);
	}
	if (vector < 32 && vector != NMI_VECTOR && cpu->recover) {
		cpu->fault.hit = true;
		cpu->fault.vector = vector;
		cpu->fault.error = regs->error;
		cpu->fault.cr2 = vector == PF_VECTOR ? read_cr2() : 0;
		cpu->fault.ip = regs->ip;
		cpu->fault.flags = regs->flags;
		leave(cpu);
	}
	fail("cpu %u: trap %u error %lx at %lx cr2 %lx", cpu->id, vector,
	     (ulong)regs->error, (ulong)regs->ip,
	     vector == PF_VECTOR ? read_cr2() : 0);
	exit(1);
}

bool guard(struct fault *f, void (*fn)(void *), void *arg)
{
	struct cpu *cpu = this_cpu();
	void *outer = cpu->recover;

	cpu->fault.hit = false;
	guard_save(&cpu->recover, fn, arg);
#ifndef __x86_64__
	asm volatile("mov %0, %%ds; mov %0, %%es" : : "r"(SEL_DATA) : "memory");
#endif
	cpu->recover = outer;
	*f = cpu->fault;
	cpu->fault.hit = false;
	return f->hit;
}

#ifndef __x86_64__
__attribute__((regparm(2)))
#endif
static __user_text void
user_start(ulong (*fn)(ulong), ulong arg)
{
	asm volatile("int %1" : : "a"(fn(arg)), "i"(USER_RETURN));
	__builtin_unreachable();
}

/* Nothing is written to the user stack here: SMAP may be on. */
static void to_user(void *data)
{
	struct user_entry *entry = data;
	u32 id = this_cpu()->id;

	entry->ip = (ulong)user_start;
	entry->sp = (ulong)(user_stack[id] + sizeof(user_stack[id]) - 64) -
		    sizeof(ulong);
	user_enter(entry);
}

ulong user_call(struct fault *f, ulong (*fn)(ulong), ulong arg)
{
	struct user_entry entry = { 0, 0, (ulong)fn, arg };

	guard(f, to_user, &entry);
	return f->hit ? 0 : this_cpu()->user_result;
}

struct access {
	ulong va;
	u8 value;
};

static void access_read(void *data)
{
	struct access *a = data;

	asm volatile("movb (%1), %0" : "=q"(a->value) : "r"(a->va) : "memory");
}

static void access_write(void *data)
{
	struct access *a = data;

	asm volatile("movb %0, (%1)" : : "q"(a->value), "r"(a->va) : "memory");
}

static void access_fetch(void *data)
{
	struct access *a = data;

	asm volatile("call *%0" : : "r"(a->va) : "memory");
}

bool try_read(struct fault *f, ulong va)
{
	struct access a = { va, 0 };

	return guard(f, access_read, &a);
}

bool try_write(struct fault *f, ulong va, u8 value)
{
	struct access a = { va, value };

	return guard(f, access_write, &a);
}

bool try_fetch(struct fault *f, ulong va)
{
	struct access a = { va, 0 };

	return guard(f, access_fetch, &a);
}

static __user_text ulong user_read(ulong va)
{
	u8 value;

	asm volatile("movb (%1), %0" : "=q"(value) : "r"(va) : "memory");
	return value;
}

static __user_text ulong user_write(ulong va)
{
	asm volatile("movb $0x5a, (%0)" : : "r"(va) : "memory");
	return 0;
}

static __user_text ulong user_fetch(ulong va)
{
	asm volatile("call *%0" : : "r"(va) : "memory");
	return 0;
}

bool user_try_read(struct fault *f, ulong va)
{
	user_call(f, user_read, va);
	return f->hit;
}

bool user_try_write(struct fault *f, ulong va)
{
	user_call(f, user_write, va);
	return f->hit;
}

bool user_try_fetch(struct fault *f, ulong va)
{
	user_call(f, user_fetch, va);
	return f->hit;
}

struct msr_access {
	u32 msr;
	u64 value;
};

static void msr_read(void *data)
{
	struct msr_access *a = data;

	a->value = rdmsr(a->msr);
}

static void msr_write(void *data)
{
	struct msr_access *a = data;

	wrmsr(a->msr, a->value);
}

bool rdmsr_faults(struct fault *f, u32 msr, u64 *value)
{
	struct msr_access a = { msr, 0 };

	guard(f, msr_read, &a);
	*value = a.value;
	return f->hit;
}

bool wrmsr_faults(struct fault *f, u32 msr, u64 value)
{
	struct msr_access a = { msr, value };

	return guard(f, msr_write, &a);
}
