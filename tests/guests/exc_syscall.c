// SPDX-License-Identifier: GPL-2.0
/*
 * exc_syscall.c - SYSCALL, SYSRET and SWAPGS
 *
 * From 64-bit and compatibility-mode code: where they go, what is in RCX, R11,
 * RSP and the flags, which selectors are loaded, and what happens while they
 * are switched off.
 *
 * Not here: SYSENTER, which not every maker's CPU has in long mode; SYSRET to
 *           an address that is not canonical (makers differ too).
 *           Of the flags after SYSCALL only AC: the emulated CPU loses the rest.
 * Spec:     SDM vol. 2; APM vol. 3.
 */
#include "catch.h"

#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_CSTAR 0xc0000083
#define MSR_SFMASK 0xc0000084

static struct {
	u64 rcx, r11, rsp, cs, ss, flags, which;
} in __attribute__((used));

void entry64(void);
void entry32(void);
/* Save what there is, then back to ring 3 by INT 0x80's way: IRETQ. */
asm("entry64: movq $1, in+48; jmp 1f\n"
    "entry32: movq $2, in+48; jmp 1f\n"
    "1: mov %rcx, in; mov %r11, in+8; mov %rsp, in+16\n"
    "mov %cs, %eax; mov %rax, in+24; mov %ss, %eax; mov %rax, in+32\n"
    "mov kernel_stack, %rsp; pushf; pop in+40\n"
    "pushq $0x3b; push user_sp; pushq $2; push back_cs; push back_ip; iretq\n");

static u64 kernel_stack __attribute__((used));
static u64 user_sp __attribute__((used)), back_cs __attribute__((used)),
	back_ip __attribute__((used));
static u8 kstack[4096] __aligned(16);
static u8 ustack[4096] __user_data __aligned(16);

static struct regs last;
static u32 faults;

/* Ends the visit of ring 3 or reports its fault; either way back to resume. */
static u64 resume __attribute__((used)), saved_sp __attribute__((used));

static void leave(struct regs *regs)
{
	last = *regs;
	faults++;
	regs->cs = SEL_CODE64;
	regs->ss = SEL_DATA;
	regs->ip = resume;
	regs->sp = saved_sp;
	regs->flags = 2;
}

extern char user_syscall[], user_syscall_back[], user32_syscall[],
	user32_syscall_back[];
asm(".pushsection .user.text, \"ax\"\n"
    "user_syscall: syscall\n"
    "user_syscall_back: ud2\n"
    ".code32\n"
    "user32_syscall: syscall\n"
    "user32_syscall_back: ud2\n"
    ".code64\n"
    ".popsection");

static void visit(const char *what, const char *at, const char *back, u64 cs,
		  u64 flags)
{
	memset(&in, 0, sizeof(in));
	faults = 0;
	kernel_stack = (u64)(kstack + sizeof(kstack));
	user_sp = (u64)(ustack + 2048);
	back_cs = cs;
	back_ip = (u64)back;
	asm volatile(
		"movq $1f, resume; push %%rbp; push %%rbx; mov %%rsp, saved_sp\n\t"
		"mov $0x1111, %%ecx; mov $0x2222, %%r11d\n\t"
		"pushq $0x3b; push user_sp; push %0; push %1; push %2; iretq\n"
		"1: pop %%rbx; pop %%rbp"
		:
		: "r"(flags), "r"(cs), "r"(at)
		: "rax", "rcx", "r11", "memory", "cc");
	printf("%s: ", what);
	if (in.which) {
		printf("entry %llu rcx %s r11 %llx rsp %s cs %llx ss %llx ac %llu, ",
		       in.which,
		       in.rcx == (u64)back ? "next" :
		       in.rcx == 0x1111	   ? "kept" :
					     "other",
		       in.r11, in.rsp == user_sp ? "kept" : "set", in.cs, in.ss,
		       in.flags >> 18 & 1);
	}
	printf("then vector %u at %s in cs %x\n", (u32)last.vector,
	       (ulong)last.ip == (ulong)back ? "next" :
	       (ulong)last.ip == (ulong)at   ? "start" :
					       "other",
	       (u32)last.cs);
}

static void ret(const char *what, int wide, u64 rcx, u64 r11)
{
	faults = 0;
	user_sp = (u64)(ustack + 2048);
	if (wide)
		asm volatile(
			"movq $1f, resume; push %%rbp; push %%rbx; mov %%rsp, saved_sp\n\t"
			"mov %0, %%rcx; mov %1, %%r11; mov user_sp, %%rsp; sysretq\n"
			"1: pop %%rbx; pop %%rbp"
			:
			: "r"(rcx), "r"(r11)
			: "rax", "rcx", "r11", "memory", "cc");
	else
		asm volatile(
			"movq $1f, resume; push %%rbp; push %%rbx; mov %%rsp, saved_sp\n\t"
			"mov %0, %%rcx; mov %1, %%r11; mov user_sp, %%rsp; sysretl\n"
			"1: pop %%rbx; pop %%rbp"
			:
			: "r"(rcx), "r"(r11)
			: "rax", "rcx", "r11", "memory", "cc");
	printf("%s: vector %u cs %x ss %x flags %llx ip %s\n", what,
	       (u32)last.vector, (u32)last.cs, (u32)last.ss,
	       last.flags & 0x47fd5, last.ip == rcx ? "right" : "wrong");
}

int main(void)
{
	need(&feat_syscall);
	trap_handlers[UD_VECTOR] = leave;
	trap_handlers[GP_VECTOR] = leave;
	wrmsr(MSR_STAR, (u64)0x33 << 48 | (u64)SEL_CODE64 << 32);
	wrmsr(MSR_LSTAR, (u64)entry64);
	wrmsr(MSR_CSTAR, (u64)entry32);
	wrmsr(MSR_SFMASK, 0);

	visit("syscall with SCE=0", user_syscall, user_syscall_back, SEL_USER64,
	      2);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
	visit("syscall", user_syscall, user_syscall_back, SEL_USER64, 2);
	visit("syscall, flags set", user_syscall, user_syscall_back, SEL_USER64,
	      0x40cd7);
	wrmsr(MSR_SFMASK, 0x40cd5);
	visit("syscall, flags masked", user_syscall, user_syscall_back,
	      SEL_USER64, 0x40cd7);
	wrmsr(MSR_SFMASK, 0);
	visit("syscall, 32-bit", user32_syscall, user32_syscall_back,
	      SEL_USER32, 0x8d7);

	ret("sysretq", 1, (u64)user_syscall_back, 0x2);
	ret("sysretq, flags", 1, (u64)user_syscall_back, 0x40cd7);
	ret("sysretl", 0, (u64)user32_syscall_back, 0x2);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~EFER_SCE);
	catch_on(UD_VECTOR);
	asm volatile(CATCH("sysretq") : : "c"(0x400000) : "memory");
	catch_print("sysretq with SCE=0");
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);

	/* SWAPGS around it, many times: nothing is mixed up. */
	{
		u32 i, bad = 0;

		trap_handlers[UD_VECTOR] = leave;
		wrmsr(0xc0000101, 0x1000);
		wrmsr(0xc0000102, 0x2000);
		for (i = 0; i < 1001; i++)
			asm volatile("swapgs");
		bad += rdmsr(0xc0000101) != 0x2000;
		bad += rdmsr(0xc0000102) != 0x1000;
		printf("swapgs 1001 times: bad %u\n", bad);
	}
	return 0;
}
