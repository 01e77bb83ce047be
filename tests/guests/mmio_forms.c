// SPDX-License-Identifier: GPL-2.0
/*
 * mmio_forms.c - device registers accessed by every common instruction form
 *
 * A hypervisor must decode whatever instruction touches a device register.
 * TMICT, TPR, DFR and the LVTs of the local APIC and IOREGSEL of the IOAPIC
 * serve as memory that is not memory. A hole at 0xfd000000 reads as all zeros
 * on some machines and all ones on others, so each access to it is compared
 * with the same access to RAM that holds the same.
 *
 * Not here: APIC accesses that are not 32 bits wide and aligned, whose effect
 *           the manual leaves open. Narrow ones go to the hole.
 * Spec:     SDM vol. 2; APM vol. 3.
 */
#include "catch.h"
#include "map.h"

#define REG \
	0xfee00380ul /* initial count of the timer: 32 bits, no effect while masked */
#define LVT 0xfee00320ul
#define HOLE 0xfd000000ul

static u32 reg(void)
{
	return *(volatile u32 *)REG;
}

static void set(u32 v)
{
	*(volatile u32 *)REG = v;
}

static u8 *mirror; /* RAM that reads like the hole */
static u32 hole32;

#define MASKED_FLAGS 0x8c5 /* not AF: logic leaves it undefined */

/* One destination-in-memory instruction on REG: what is left there, flags. */
#define RMW(insn, src)                                                     \
	do {                                                               \
		ulong fl;                                                  \
		set(0x11223344);                                           \
		asm volatile("push $2; popf; " insn "; pushf; pop %0"      \
			     : "=&r"(fl)                                   \
			     : "b"(REG), "a"(0x11223344), "c"((long)(src)) \
			     : "rdx", "memory", "cc");                     \
		printf("%-28s %08x flags %03lx\n", insn, reg(),            \
		       fl &MASKED_FLAGS);                                  \
	} while (0)

/* One source-in-memory instruction: RAX after, flags. */
#define LOAD(insn, at, value)                                         \
	do {                                                          \
		ulong fl, out = 0x8877665544332211;                   \
		set(value);                                           \
		asm volatile("push $2; popf; " insn "; pushf; pop %0" \
			     : "=&r"(fl), "+a"(out)                   \
			     : "b"(at), "c"(2ul), "d"(0xf0f0f0f0)     \
			     : "memory", "cc");                       \
		printf("%-28s %016lx flags %03lx\n", insn, out,       \
		       fl &MASKED_FLAGS);                             \
	} while (0)

/* RAX and flags after an access to the hole, and to RAM like it. */
#define HOLE_LOAD(insn)                                                       \
	do {                                                                  \
		ulong fl[2], out[2], i;                                       \
		for (i = 0; i < 2; i++) {                                     \
			memset(mirror, hole32, 8192);                         \
			out[i] = 0x8877665544332211;                          \
			asm volatile("push $2; popf; " insn "; pushf; pop %0" \
				     : "=&r"(fl[i]), "+a"(out[i])             \
				     : "b"(i ? (ulong)mirror : HOLE),         \
				       "c"(2ul), "d"(0xf0f0f0f0)              \
				     : "memory", "cc");                       \
			fl[i] &= MASKED_FLAGS;                                \
		}                                                             \
		printf("hole: %-28s %s\n", insn,                              \
		       out[0] == out[1] && fl[0] == fl[1] ? "like ram" :      \
							    "unlike ram");    \
		if (out[0] != out[1] || fl[0] != fl[1])                       \
			fail("rax %lx flags %lx, ram %lx %lx", out[0], fl[0], \
			     out[1], fl[1]);                                  \
	} while (0)

static u32 like_hole(const void *at, u32 n)
{
	const u8 *p = at;
	u32 i, same = 0;

	for (i = 0; i < n; i++)
		same += p[i] == (u8)hole32;
	return same;
}

static void stores(void)
{
	RMW("mov %%ecx, (%%rbx)", 0xa5a5a5a5);
	RMW("movl $0x12345678, (%%rbx)", 0);
	RMW("mov %%ecx, -0x80(%%rbx,%%rcx,4)", 0x20);
	RMW("mov %%ecx, 0x380 - 0x80(%%rbx,%%rcx,1)", 0x80 - 0x380);
	RMW("addr32 mov %%ecx, (%%ebx)", 0x77);
	RMW("movnti %%ecx, (%%rbx)", 0x5a5a5a5a);
	RMW("add %%ecx, (%%rbx)", 0xf0000000);
	RMW("addl $-1, (%%rbx)", 0);
	RMW("sub %%ecx, (%%rbx)", 0x11223344);
	RMW("and %%ecx, (%%rbx)", 0x0ff00ff0);
	RMW("andl $0xf, (%%rbx)", 0);
	RMW("or %%ecx, (%%rbx)", 0x80000000);
	RMW("orl $0x55, (%%rbx)", 0);
	RMW("xor %%ecx, (%%rbx)", 0x11223344);
	RMW("xorl $-1, (%%rbx)", 0);
	RMW("stc; adc %%ecx, (%%rbx)", 1);
	RMW("stc; sbb %%ecx, (%%rbx)", 1);
	RMW("incl (%%rbx)", 0);
	RMW("decl (%%rbx)", 0);
	RMW("notl (%%rbx)", 0);
	RMW("negl (%%rbx)", 0);
	RMW("cmp %%ecx, (%%rbx)", 0x11223344);
	RMW("cmpl $5, (%%rbx)", 0);
	RMW("testl $0x80, (%%rbx)", 0);
	RMW("test %%ecx, (%%rbx)", 0x44);
	RMW("btsl $7, (%%rbx); sbb %%edx, %%edx", 0);
	RMW("btrl $6, (%%rbx); sbb %%edx, %%edx", 0);
	RMW("btcl $0, (%%rbx); sbb %%edx, %%edx", 0);
	RMW("btl $6, (%%rbx); sbb %%edx, %%edx", 0);
	RMW("xchg %%ecx, (%%rbx)", 0x99999999);
	RMW("lock add %%ecx, (%%rbx)", 1);
	RMW("lock orl $1, (%%rbx)", 1);
	RMW("xadd %%ecx, (%%rbx)", 5);
	RMW("cmpxchg %%ecx, (%%rbx)", 0xcccccccc);
	RMW("inc %%eax; cmpxchg %%ecx, (%%rbx)", 0xcccccccc);
	RMW("shll (%%rbx)", 0);
	RMW("shrl (%%rbx)", 0);
	RMW("sarl %%cl, (%%rbx)", 1);
	RMW("roll (%%rbx)", 0);
	RMW("xor %%edi, %%edi; mov %%edi, (%%rbx)", 0);
}

static void loads(void)
{
	LOAD("mov (%%rbx), %%eax", REG, 0xdeadbeef);
	LOAD("movslq (%%rbx), %%rax", REG, 0xdeadbeef);
	LOAD("add (%%rbx), %%eax", REG, 0x10);
	LOAD("sub (%%rbx), %%eax", REG, 0x44332211);
	LOAD("and (%%rbx), %%eax", REG, 0xff);
	LOAD("or (%%rbx), %%eax", REG, 0x80000000);
	LOAD("xor (%%rbx), %%eax", REG, 0xffffffff);
	LOAD("cmp (%%rbx), %%eax", REG, 0x44332211);
	LOAD("test %%edx, (%%rbx)", REG, 0x0f);
	LOAD("imul (%%rbx), %%eax; test %%eax, %%eax", REG, 2);
	LOAD("mov -8(%%rbx,%%rcx,4), %%eax", REG, 0x1234);
	LOAD("mov 0xfee00380, %%eax", 0, 0x4321);
	LOAD("movabs 0xfee00380, %%eax", 0, 0x4322);
	LOAD("cmovc (%%rbx), %%eax", REG, 0x4323);
	LOAD("cmovnc (%%rbx), %%eax", REG, 0x4324);
	LOAD("mov %%rbx, %%r13; mov (%%r13), %%eax", REG, 0x4325);
	LOAD("mov %%rbx, %%r12; mov (%%r12), %%eax", REG, 0x4326);
	LOAD("mov %%rbx, %%r8; mov (%%r8), %%r9d; mov %%r9, %%rax", REG,
	     0x4327);
	LOAD("fs mov (%%rbx), %%eax", REG, 0x4328);
	HOLE_LOAD("push (%%rbx); pop %%rax");

	HOLE_LOAD("mov (%%rbx), %%al");
	HOLE_LOAD("mov (%%rbx), %%ah");
	HOLE_LOAD("mov (%%rbx), %%ax");
	HOLE_LOAD("mov (%%rbx), %%eax");
	HOLE_LOAD("mov (%%rbx), %%rax");
	HOLE_LOAD("movzbl (%%rbx), %%eax");
	HOLE_LOAD("movzbw (%%rbx), %%ax");
	HOLE_LOAD("movzwl (%%rbx), %%eax");
	HOLE_LOAD("movzwq (%%rbx), %%rax");
	HOLE_LOAD("movsbl (%%rbx), %%eax");
	HOLE_LOAD("movsbq (%%rbx), %%rax");
	HOLE_LOAD("movswl (%%rbx), %%eax");
	HOLE_LOAD("movslq (%%rbx), %%rax");
	HOLE_LOAD("mov 3(%%rbx), %%eax");
	HOLE_LOAD("mov 0xfff(%%rbx), %%rax");
	HOLE_LOAD("add (%%rbx), %%al");
	HOLE_LOAD("cmpb $0xff, (%%rbx)");
	HOLE_LOAD("cmpw $1, (%%rbx)");
	HOLE_LOAD("cmpq $-1, (%%rbx)");
	HOLE_LOAD("testb $0x80, (%%rbx)");
	HOLE_LOAD("movb $1, (%%rbx)");
	HOLE_LOAD("mov %%ah, (%%rbx)");
	HOLE_LOAD("movw $1, (%%rbx)");
	HOLE_LOAD("movq $1, (%%rbx)");
	printf("hole kept nothing: %u\n",
	       *(volatile u64 *)HOLE == *(volatile u64 *)(HOLE + 8));
	HOLE_LOAD("xchg %%rax, (%%rbx)");
	HOLE_LOAD("xchg %%al, (%%rbx)");
	HOLE_LOAD("incb (%%rbx)");
	HOLE_LOAD("setc (%%rbx)");
}

static void strings(void)
{
	u32 *ram = page_alloc(), i;
	ulong si, di, cx, ax;
	volatile u8 *hole = (volatile u8 *)HOLE;

	for (i = 0; i < 16; i++)
		ram[i] = 0x100 + i;
	/* RAM to device: the last one stays. */
	di = REG;
	si = (ulong)ram;
	asm volatile("movsl" : "+S"(si), "+D"(di) : : "memory");
	printf("movsl to: %x, %ld %ld\n", reg(), si - (ulong)ram, di - REG);
	di = REG + 4;
	si = (ulong)ram + 8;
	set(0);
	cx = 1;
	di = REG;
	asm volatile("std; rep movsl; cld"
		     : "+S"(si), "+D"(di), "+c"(cx)
		     :
		     : "memory");
	printf("rep movsl down: %x, %ld %ld left %lu\n", reg(), si - (ulong)ram,
	       di - REG, cx);
	set(0xabcdef01);
	si = REG;
	di = (ulong)ram;
	asm volatile("movsl" : "+S"(si), "+D"(di) : : "memory");
	printf("movsl from: %x, %ld %ld\n", ram[0], si - REG, di - (ulong)ram);
	memset(ram, ~hole32, 64);
	si = HOLE;
	di = (ulong)ram;
	cx = 9;
	asm volatile("rep movsb" : "+S"(si), "+D"(di), "+c"(cx) : : "memory");
	printf("rep movsb from the hole: %u bytes, left %lu\n",
	       like_hole(ram, 64), cx);
	memset(ram, ~hole32, 64);
	si = HOLE + 0xffc;
	di = (ulong)ram + 2;
	cx = 3;
	asm volatile("rep movsl" : "+S"(si), "+D"(di), "+c"(cx) : : "memory");
	printf("rep movsl across hole pages: %u bytes, left %lu\n",
	       like_hole(ram, 64), cx);
	si = (ulong)ram;
	di = HOLE + 8;
	cx = 100;
	asm volatile("rep movsq" : "+S"(si), "+D"(di), "+c"(cx) : : "memory");
	printf("rep movsq to the hole: %lx %lx left %lu, reads same %u\n",
	       si - (ulong)ram, di - HOLE, cx, hole[8] == (u8)hole32);
	di = HOLE + 0xff0;
	cx = 64;
	asm volatile("rep stosb" : "+D"(di), "+c"(cx) : "a"(0) : "memory");
	printf("rep stosb over hole pages: %lx left %lu\n", di - HOLE, cx);
	di = REG;
	cx = 1;
	asm volatile("rep stosl"
		     : "+D"(di), "+c"(cx)
		     : "a"(0x77777777)
		     : "memory");
	printf("rep stosl: %x left %lu\n", reg(), cx);
	si = REG;
	asm volatile("lodsl" : "+S"(si), "=a"(ax) : : "memory");
	printf("lodsl: %lx %ld\n", ax, si - REG);
	di = REG;
	asm volatile("scasl; setz %%al"
		     : "+D"(di), "=a"(ax)
		     : "a"(0x77777777)
		     : "memory");
	printf("scasl: %lx %ld\n", ax & 0xff, di - REG);
	si = HOLE;
	di = (ulong)ram;
	memset(ram, hole32, 64);
	ram[5] = ~hole32;
	cx = 64;
	asm volatile("repe cmpsb"
		     : "+S"(si), "+D"(di), "+c"(cx)
		     :
		     : "memory", "cc");
	printf("repe cmpsb: %ld left %lu\n", si - HOLE, cx);
	di = HOLE;
	cx = 50;
	asm volatile("repne scasb"
		     : "+D"(di), "+c"(cx)
		     : "a"(~hole32)
		     : "memory", "cc");
	printf("repne scasb: %ld left %lu\n", di - HOLE, cx);
	si = HOLE;
	di = HOLE + 0x2000;
	cx = 5;
	asm volatile("rep movsl" : "+S"(si), "+D"(di), "+c"(cx) : : "memory");
	printf("hole to hole: %ld %ld left %lu\n", si - HOLE,
	       di - HOLE - 0x2000, cx);
}

/* Half of the operand in RAM, half in the hole. */
static void straddle(void)
{
	u8 *ram = page_alloc();
	ulong va = MAP_AREA, a;

	map(va, (ulong)ram, PTE_P | PTE_W);
	map(va + 4096, HOLE, PTE_P | PTE_W | BIT(4));
	memset(ram, 0x22, 4096);
	asm volatile("mov (%1), %0" : "=r"(a) : "r"(va + 4092) : "memory");
	printf("qword half in a hole: %x %u\n", (u32)a, a >> 32 == hole32);
	asm volatile("mov %0, (%1)"
		     :
		     : "r"(0x3333333344444444), "r"(va + 4092)
		     : "memory");
	printf("written: %x\n", *(u32 *)(ram + 4092));
	map(va + 4096, 0, 0);
	catch_on(PF_VECTOR);
	map(va, HOLE, PTE_P | PTE_W | BIT(4));
	asm volatile(CATCH("mov (%1), %0")
		     : "=r"(a)
		     : "r"(va + 4092)
		     : "memory");
	catch_print("hole, then a missing page");
	map(va, HOLE, PTE_P | BIT(4));
	asm volatile(CATCH("movl $0, (%0)") : : "r"(va + 8) : "memory");
	catch_print("write to a read-only hole");
	asm volatile(CATCH("mov (%1), %k0") : "=r"(a) : "r"(va + 8) : "memory");
	catch_print("read of a read-only hole");
	trap_handlers[PF_VECTOR] = NULL;
}

/* The same register behind another virtual address, and from ring 3. */
static __user_text ulong user_read(ulong va)
{
	return *(volatile u32 *)va;
}

static void aliases(void)
{
	ulong va = MAP_AREA + 0x10000;
	struct fault f;
	ulong v;

	map(va, 0xfee00000, PTE_P | PTE_W | BIT(4));
	set(0x5555);
	printf("alias reads %x\n", *(volatile u32 *)(va + 0x380));
	*(volatile u32 *)(va + 0x380) = 0x6666;
	printf("alias writes %x\n", reg());
	map(va, 0xfee00000, PTE_P | PTE_U | BIT(4));
	v = user_call(&f, user_read, va + 0x380);
	printf("ring 3 reads %lx, fault %u\n", v, f.hit);
	v = user_call(&f, user_read, REG);
	printf("ring 3, supervisor page: fault %u vector %u error %x cr2 %lx\n",
	       f.hit, f.vector, f.error, f.cr2);
	map(va, HOLE, PTE_P | PTE_U | PTE_W | BIT(4));
	v = user_call(&f, user_read, va + 0x10);
	printf("ring 3 reads the hole: %u\n", v == hole32);
}

int main(void)
{
	asm volatile("mov %0, %%fs" : : "r"(SEL_DATA));
	mirror = pages_alloc(2, 4096);
	hole32 = *(volatile u32 *)HOLE;
	check(hole32 == 0 || hole32 == 0xffffffff, "hole reads %x", hole32);
	lapic_enable();
	lapic_write(0x320, 0x10000 | 0xff);
	stores();
	loads();
	strings();
	straddle();
	aliases();
	set(0);
	return 0;
}
