/* SPDX-License-Identifier: GPL-2.0 */
/*
 * catch.h - run single instructions and keep everything a fault says
 *
 * guard() unwinds to C; here the payload states the one instruction that may
 * fault and gets the whole trap frame, so that RIP, RFLAGS and the error code
 * can be reported. CATCH() is for inline assembly: label 1 is the instruction,
 * label 2 the place to go on.
 *
 *	catch_on(GP_VECTOR);
 *	asm volatile(CATCH("wrmsr") : : "c"(msr), "a"(0), "d"(0) : "memory");
 *	if (caught.hit) ... caught.regs.error ...
 */
#ifndef CATCH_H
#define CATCH_H

#include "guest.h"

static struct caught {
	volatile u32 hit; /* how many traps since CATCH() began */
	ulong at, resume; /* label 1, label 2 */
	ulong cr2;
	struct regs regs;
} caught __attribute__((used));

#ifdef __x86_64__
#define CATCH_MOV "movq"
#else
#define CATCH_MOV "movl"
#endif

/* Offsets as numbers: the assembler cannot see the structure. */
#ifdef __x86_64__
#define CATCH_AT "8"
#define CATCH_RESUME "16"
#else
#define CATCH_AT "4"
#define CATCH_RESUME "8"
#endif
_Static_assert(offsetof(struct caught, at) == sizeof(ulong), "CATCH_AT");
_Static_assert(offsetof(struct caught, resume) == 2 * sizeof(ulong),
	       "CATCH_RESUME");

#define CATCH(insn)                                              \
	"movl $0, caught\n\t" CATCH_MOV " $1f, caught+" CATCH_AT \
	"\n\t" CATCH_MOV " $2f, caught+" CATCH_RESUME "\n"       \
	"1:\t" insn "\n"                                         \
	"2:\n\t"

/* Handler: keep the frame, go on at label 2. */
static inline void catch_trap(struct regs *regs)
{
	caught.hit++;
	caught.regs = *regs;
	caught.cr2 = read_cr2();
	regs->ip = caught.resume;
	regs->flags &= ~(EFLAGS_TF | EFLAGS_RF);
}

static inline void catch_on(u8 vector)
{
	trap_handlers[vector] = catch_trap;
}

/* Every exception but NMI and #DF. */
static inline void catch_all(void)
{
	u8 v;

	for (v = 0; v < 32; v++)
		if (v != NMI_VECTOR && v != DF_VECTOR)
			catch_on(v);
}

/* "de: vector 0 error 0 rip+0" or "nop: no fault" */
static inline void catch_print(const char *name)
{
	if (!caught.hit)
		printf("%s: no fault\n", name);
	else
		printf("%s: vector %u error %x rip+%lx\n", name,
		       (u32)caught.regs.vector, (u32)caught.regs.error,
		       (ulong)caught.regs.ip - caught.at);
	caught.hit = 0;
}

#endif
