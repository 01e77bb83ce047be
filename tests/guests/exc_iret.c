// SPDX-License-Identifier: GPL-2.0
/*
 * exc_iret.c - IRETQ to every kind of place, good and bad
 *
 * What IRETQ checks before it changes anything (fault at the IRETQ, state
 * kept), what it restores, and that flags take effect at the target.
 *
 * Not here: what the emulated CPU does not do by the manual: RIP that is not
 *           canonical, an absent SS (#NP for #SS), CS with both L and D.
 * Spec:     SDM vol. 2 IRET; APM vol. 3 IRET.
 */
#include "catch.h"

static struct {
	u64 ip, cs, flags, sp, ss;
} frame __attribute__((used));
static ulong got_flags __attribute__((used)), got_cs __attribute__((used));

/* IRETQ with the given frame; comes back at label 2 or through a fault. */
#define IRET(before)                                                       \
	asm volatile(                                                      \
		"mov %%rsp, %%r12\n\t"                                     \
		"movq $2f, frame\n\t"                                      \
		"mov %%rsp, %%rax\n\t"                                     \
		"mov frame+24, %%rcx; test %%rcx, %%rcx; jz 3f\n\t"        \
		"mov %%rcx, %%rax\n"                                       \
		"3:\tpush frame+32; push %%rax; push frame+16;"            \
		"push frame+8; push frame\n\t" before CATCH(               \
			"iretq") "pushf; pop got_flags; mov %%cs, got_cs;" \
				 "mov %%r12, %%rsp; cld\n\t"               \
		:                                                          \
		:                                                          \
		: "rax", "rcx", "r12", "memory", "cc")

static void one(const char *name, u64 cs, u64 flags, u64 ss)
{
	frame.cs = cs;
	frame.flags = flags;
	frame.ss = ss;
	frame.sp = 0;
	IRET("");
	asm volatile("mov %w0, %%ss; push %q1; popf"
		     :
		     : "r"(SEL_DATA), "r"(2ul));
	if (caught.hit)
		printf("%s: vector %u error %x rip+%lx cs %x\n", name,
		       (u32)caught.regs.vector, (u32)caught.regs.error,
		       (ulong)caught.regs.ip - caught.at, (u32)caught.regs.cs);
	else
		printf("%s: flags %lx cs %lx\n", name, got_flags & ~0x10000ul,
		       got_cs);
	caught.hit = 0;
}

static struct regs user_regs;
static u32 user_hits;

static void user_trap(struct regs *regs)
{
	user_hits++;
	user_regs = *regs;
	regs->cs = SEL_CODE64;
	regs->ss = SEL_DATA;
	regs->ip = caught.resume;
	regs->sp = regs->bp;
	regs->flags = 2;
}

/* Where ring 3 lands: the first instruction traps. */
static __user_text __attribute__((naked)) void user_land(void)
{
	asm volatile("ud2");
}

static u8 user_page[4096] __user_data __aligned(4096);

static void to_user(const char *name, u64 cs, u64 flags, u64 ss)
{
	user_hits = 0;
	asm volatile("push %%rbp\n\t"
		     "mov %%rsp, %%rbp\n\t"
		     "push %0; push %1; push %2; push %3; push %4\n\t" CATCH(
			     "iretq") "pop %%rbp"
		     :
		     : "r"(ss), "r"(user_page + 4000), "r"(flags), "r"(cs),
		       "r"((ulong)user_land)
		     : "rax", "memory", "cc");
	if (user_hits)
		printf("%s: vector %u error %x cs %x ss %x sp %lx flags %lx, %s\n",
		       name, (u32)user_regs.vector, (u32)user_regs.error,
		       (u32)user_regs.cs, (u32)user_regs.ss,
		       (ulong)user_regs.sp & 0xfff,
		       (ulong)user_regs.flags & ~0x10000ul,
		       user_regs.ip == (ulong)user_land ? "arrived" : "stayed");
	else
		printf("%s: nothing\n", name);
}

int main(void)
{
	u8 v;

	catch_all();
	one("plain", SEL_CODE64, 0x2, SEL_DATA);
	one("all status flags", SEL_CODE64, 0x8d7, SEL_DATA);
	one("direction", SEL_CODE64, 0x402, SEL_DATA);
	one("iopl 3", SEL_CODE64, 0x3002, SEL_DATA);
	one("ac and id", SEL_CODE64, 0x240002, SEL_DATA);
	one("ss null", SEL_CODE64, 2, 0);
	one("cs null", 0, 2, SEL_DATA);
	one("cs data", SEL_DATA, 2, SEL_DATA);
	one("cs beyond the table", 0xfff8, 2, SEL_DATA);
	one("cs dpl 3, rpl 0", SEL_USER64 & ~3, 2, SEL_DATA);
	one("ss code", SEL_CODE64, 2, SEL_CODE64);
	one("ss dpl 3, rpl 0", SEL_CODE64, 2, SEL_UDATA & ~3);
	one("ss beyond the table", SEL_CODE64, 2, 0xfff8);
	gdt[SEL_SPARE / 8] = 0x00af1b000000ffffull;
	one("cs absent", SEL_SPARE, 2, SEL_DATA);
	asm volatile("pushf; orl $0x4000, (%%rsp); popf" : : : "memory", "cc");
	one("NT set", SEL_CODE64, 2, SEL_DATA);
	asm volatile("pushf; andl $~0x4000, (%%rsp); popf"
		     :
		     :
		     : "memory", "cc");

	for (v = 0; v < 32; v++)
		if (v != NMI_VECTOR && v != DF_VECTOR)
			trap_handlers[v] = user_trap;
	to_user("ring 3", SEL_USER64, 2, SEL_UDATA);
	to_user("ring 3, flags", SEL_USER64, 0x246cd7, SEL_UDATA);
	to_user("ring 3, 32-bit", SEL_USER32, 2, SEL_UDATA);
	to_user("ring 3, null ss", SEL_USER64, 2, 3);
	to_user("ring 3, ss rpl 0", SEL_USER64, 2, SEL_UDATA & ~3);
	to_user("ring 3, ss dpl 0", SEL_USER64, 2, SEL_DATA | 3);
	to_user("ring 3, cs dpl 0", SEL_CODE64 | 3, 2, SEL_UDATA);
	return 0;
}
