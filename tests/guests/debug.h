/* SPDX-License-Identifier: GPL-2.0 */
/*
 * debug.h - debug registers, and a handler that notes what #DB tells
 */
#ifndef DEBUG_H
#define DEBUG_H

#include "guest.h"

#define MAX_HITS 24

static struct {
	ulong ip, dr6, flags;
} hits[MAX_HITS];
static u32 nhits;
static bool set_rf; /* so that a code breakpoint is left behind */

#define DEFINE_DR(n)                                          \
	static inline ulong read_dr##n(void)                  \
	{                                                     \
		ulong v;                                      \
		asm volatile("mov %%dr" #n ", %0" : "=r"(v)); \
		return v;                                     \
	}                                                     \
	static inline void write_dr##n(ulong v)               \
	{                                                     \
		asm volatile("mov %0, %%dr" #n : : "r"(v));   \
	}
DEFINE_DR(0)
DEFINE_DR(1)
DEFINE_DR(2)
DEFINE_DR(3)
DEFINE_DR(6)
DEFINE_DR(7)

#define DR6_INIT 0xffff0ff0ul

static void db(struct regs *regs)
{
	if (nhits < MAX_HITS) {
		hits[nhits].ip = regs->ip;
		hits[nhits].flags = regs->flags;
		hits[nhits].dr6 = read_dr6();
	}
	nhits++;
	write_dr6(DR6_INIT);
	if (set_rf)
		regs->flags |= EFLAGS_RF;
}

static void report(const char *name, ulong base)
{
	u32 i;

	printf("%s: %u\n", name, nhits);
	for (i = 0; i < nhits && i < MAX_HITS; i++)
		printf("  +%lx dr6 %lx tf %u rf %u\n", hits[i].ip - base,
		       hits[i].dr6 & 0xe00f, !!(hits[i].flags & EFLAGS_TF),
		       !!(hits[i].flags & EFLAGS_RF));
	nhits = 0;
}

#endif /* DEBUG_H */
