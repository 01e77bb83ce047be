// SPDX-License-Identifier: GPL-2.0
/*
 * mmio_traced.c - writes of every form to page tables that are in use
 *
 * A hypervisor with shadow tables watches the guest's tables, so that each
 * write to one may have to be carried out by it. The same instruction is run
 * on a live table and on ordinary memory with the same contents; registers,
 * flags and memory must come out alike. The mapping that the table makes must
 * go on working, and a mapping written in an odd way must work as well.
 *
 * Spec: SDM vol. 2; APM vol. 3.
 */
#include "catch.h"
#include "map.h"

#define SPAN 256 /* bytes compared, around the place written to */
#define MIDDLE 128

static u8 *table; /* the live table's page, the next page is plain RAM */
static u64 *live; /* an entry of it that maps a page */
static u8 *plain; /* RAM for comparison, two pages */
static u8 scratch[512] __aligned(64) __attribute__((used));

/* Contents whose entries are all absent: bit 0 of every quadword clear. */
static void fill(u8 *at)
{
	u32 i;

	for (i = 0; i < SPAN; i++)
		at[i] = i % 8 ? i * 37 + 11 : (i * 29) & 0xfe;
}

struct outcome {
	u64 ax, cx, flags;
	long di, si;
	u8 memory[SPAN];
};

static struct outcome now[2];
static u32 alike, all;

/* RBX and RDI: the place, RSI: scratch memory, RAX: 0x1122334455667788. */
#define FORM(offset, text)                                                  \
	do {                                                                \
		u32 side;                                                   \
		for (side = 0; side < 2; side++) {                          \
			u8 *base = (side ? plain : table) + (offset);       \
			struct outcome *o = &now[side];                     \
			u64 ax = 0x1122334455667788, cx = 3, fl;            \
			ulong di = (ulong)base, si = (ulong)scratch;        \
			fill(base - MIDDLE);                                \
			asm volatile("push %%rbp; mov %%rsp, %%rbp\n\t"     \
				     "push $2; popf\n\t" text "\n\t"        \
				     "mov %%rbp, %%rsp\n\t"                 \
				     "pushf; pop %%r15; cld; pop %%rbp\n\t" \
				     "mov %%r15, %[fl]"                     \
				     : "+a"(ax), "+c"(cx), [fl] "=r"(fl),   \
				       "+D"(di), "+S"(si)                   \
				     : "b"(base), "d"(0x5566)               \
				     : "r8", "r15", "memory", "cc");        \
			o->ax = ax;                                         \
			o->cx = cx;                                         \
			o->flags = fl & 0x4c5;                              \
			o->di = di - (ulong)base;                           \
			o->si = si - (ulong)scratch;                        \
			memcpy(o->memory, base - MIDDLE, SPAN);             \
			memset(base - MIDDLE, 0, SPAN);                     \
		}                                                           \
		judge(text, offset);                                        \
	} while (0)

static void judge(const char *text, u32 offset)
{
	u32 i;

	all++;
	if (!memcmp(&now[0], &now[1], sizeof(now[0]))) {
		alike++;
		return;
	}
	fail("%s at %x: unlike ram", text, offset);
	printf("  rax %llx %llx rcx %llx %llx flags %llx %llx rdi %ld %ld rsi %ld %ld\n",
	       now[0].ax, now[1].ax, now[0].cx, now[1].cx, now[0].flags,
	       now[1].flags, now[0].di, now[1].di, now[0].si, now[1].si);
	for (i = 0; i < SPAN; i++)
		if (now[0].memory[i] != now[1].memory[i]) {
			printf("  byte %d: %x %x\n", (int)i - MIDDLE,
			       now[0].memory[i], now[1].memory[i]);
			break;
		}
}

static void tell(const char *what)
{
	*(volatile u32 *)MAP_AREA += 1;
	printf("%s: %u of %u alike, mapping %u\n", what, alike, all,
	       *(volatile u32 *)MAP_AREA);
	alike = all = 0;
}

static void integers(u32 at)
{
	FORM(at, "movb %%al, (%%rbx)");
	FORM(at, "movb %%ah, (%%rbx)");
	FORM(at, "movw %%ax, (%%rbx)");
	FORM(at, "movl %%eax, (%%rbx)");
	FORM(at, "movq %%rax, (%%rbx)");
	FORM(at, "movb $0x12, (%%rbx)");
	FORM(at, "movw $0x1234, (%%rbx)");
	FORM(at, "movl $0x12345678, (%%rbx)");
	FORM(at, "movq $-2, (%%rbx)");
	FORM(at, "mov %%ds, (%%rbx)");
	FORM(at, "movnti %%rax, (%%rbx)");
	FORM(at, "addb %%al, (%%rbx)");
	FORM(at, "addw %%ax, (%%rbx)");
	FORM(at, "addl %%eax, (%%rbx)");
	FORM(at, "addq %%rax, (%%rbx)");
	FORM(at, "orq $0x60, (%%rbx)");
	FORM(at, "andq $-0x21, (%%rbx)");
	FORM(at, "andb $0xfe, (%%rbx)");
	FORM(at, "xorl $0x1000, (%%rbx)");
	FORM(at, "subw $1, (%%rbx)");
	FORM(at, "stc; adcq $0, (%%rbx)");
	FORM(at, "stc; sbbl $0, (%%rbx)");
	FORM(at, "incq (%%rbx); test %%eax, %%eax");
	FORM(at, "decl (%%rbx); test %%eax, %%eax");
	FORM(at, "negq (%%rbx)");
	FORM(at, "notb (%%rbx)");
	FORM(at, "shlq (%%rbx)");
	FORM(at, "rorl (%%rbx)");
	FORM(at, "sarw (%%rbx)");
	FORM(at, "btsq $5, (%%rbx); sbb %%edx, %%edx");
	FORM(at, "btrq $6, (%%rbx); sbb %%edx, %%edx");
	FORM(at, "btcl $9, (%%rbx); sbb %%edx, %%edx");
	FORM(at, "mov $77, %%r8d; bts %%r8, (%%rbx); sbb %%edx, %%edx");
	FORM(at, "mov $-7, %%r8; btr %%r8, (%%rbx); sbb %%edx, %%edx");
	FORM(at, "sete (%%rbx)");
	FORM(at, "xchg %%rax, (%%rbx)");
	FORM(at, "xchg %%al, (%%rbx)");
	FORM(at, "lock addq $2, (%%rbx)");
	FORM(at, "lock xadd %%rax, (%%rbx)");
	FORM(at,
	     "mov (%%rbx), %%rax; mov $2, %%ecx; lock cmpxchg %%rcx, (%%rbx)");
	FORM(at, "lock cmpxchg %%rcx, (%%rbx)");
	FORM(at,
	     "mov (%%rbx), %%eax; mov 4(%%rbx), %%edx; mov %%rbx, %%r8; mov $6, %%ebx; lock cmpxchg8b (%%r8); mov %%r8, %%rbx");
	FORM(at, "shld $4, %%rax, (%%rbx); test %%eax, %%eax");
	FORM(at, "shrd $4, %%eax, (%%rbx); test %%eax, %%eax");
	FORM(at, "movbe %%rax, (%%rbx)");
	FORM(at, "push %%rax; popq (%%rbx)");
}

static void stacks(u32 at)
{
	FORM(at, "lea (%%rbx), %%rsp; push %%rax");
	FORM(at, "lea (%%rbx), %%rsp; pushw %%ax");
	FORM(at, "lea (%%rbx), %%rsp; push $-2");
	FORM(at, "lea (%%rbx), %%rsp; pushf");
	FORM(at, "lea (%%rbx), %%rsp; pushq (%%rsi)");
	FORM(at, "lea (%%rbx), %%rsp; call 1f; 1: nop");
	FORM(at, "lea (%%rbx), %%rsp; push %%fs");
	FORM(at,
	     "lea (%%rbx), %%rsp; mov %%rbp, %%r8; mov %%rax, %%rbp; enter $16, $0; mov %%r8, %%rbp");
	FORM(at, "lea (%%rbx), %%rsp; push %%rax; popq 8(%%rsi)");
}

static void strings(u32 at)
{
	FORM(at, "stosb");
	FORM(at, "stosq");
	FORM(at, "rep stosb");
	FORM(at, "rep stosw");
	FORM(at, "rep stosq");
	FORM(at, "std; rep stosl; cld");
	FORM(at, "movsb");
	FORM(at, "movsq");
	FORM(at, "rep movsb");
	FORM(at, "rep movsl");
	FORM(at, "rep movsq");
	FORM(at, "mov $13, %%ecx; rep movsb");
	FORM(at,
	     "lea 8(%%rdi), %%rsi; mov $20, %%ecx; rep movsb; lea scratch, %%rsi");
	FORM(at,
	     "lea -8(%%rdi), %%rsi; mov $40, %%ecx; rep movsb; lea scratch, %%rsi");
	FORM(at,
	     "lea (%%rdi), %%rsi; lea scratch+256, %%rdi; rep movsq; lea (%%rbx), %%rdi; lea scratch, %%rsi");
	FORM(at, "mov $0x5000, %%edx; rep insb");
	FORM(at, "mov $0x5000, %%edx; rep insl");
	FORM(at,
	     "mov $0x80, %%edx; lea (%%rbx), %%rsi; rep outsb; lea scratch, %%rsi");
	FORM(at,
	     "lea (%%rbx), %%rsi; repe cmpsb; lea scratch, %%rsi; lea (%%rbx), %%rdi");
	FORM(at, "repne scasb");
}

static void vectors(u32 at)
{
	FORM(at, "movups %%xmm0, (%%rbx)");
	FORM(at, "movdqu %%xmm1, (%%rbx)");
	FORM(at, "movq %%xmm0, (%%rbx)");
	FORM(at, "movd %%xmm0, (%%rbx)");
	FORM(at, "movlps %%xmm0, (%%rbx)");
	FORM(at, "movhps %%xmm0, (%%rbx)");
	FORM(at, "movss %%xmm0, (%%rbx)");
	FORM(at, "movq %%mm0, (%%rbx)");
	FORM(at, "fld1; fstps (%%rbx)");
	FORM(at, "fldpi; fstpl (%%rbx)");
	FORM(at, "fldpi; fstpt (%%rbx)");
	FORM(at, "fldpi; fistpll (%%rbx)");
	FORM(at, "fnstcw (%%rbx)");
	FORM(at, "stmxcsr (%%rbx)");
	FORM(at, "sidt (%%rbx)");
	FORM(at, "smsw (%%rbx)");
	FORM(at, "str (%%rbx)");
}

static void aligned(u32 at)
{
	FORM(at, "movaps %%xmm0, (%%rbx)");
	FORM(at, "movntdq %%xmm0, (%%rbx)");
	if (cpu_has(&feat_cx16)) {
		FORM(at,
		     "mov (%%rbx), %%rax; mov 8(%%rbx), %%rdx; mov %%rbx, %%r8; mov $8, %%ebx; mov $10, %%ecx; lock cmpxchg16b (%%r8); mov %%r8, %%rbx");
	}
}

/* Entries that map something, written so: the mapping must follow. */
static void effects(void)
{
	ulong a = (ulong)page_alloc(), b = (ulong)page_alloc();
	volatile u32 *va = (volatile u32 *)(MAP_AREA + 0x5000);
	u64 *pte = pte_of((ulong)va), entry = a | 3;

	*(u32 *)a = 0xaaaa;
	*(u32 *)b = 0xbbbb;
#define EFFECT(name, insns, ...)                                    \
	do {                                                        \
		asm volatile(insns                                  \
			     :                                      \
			     : __VA_ARGS__                          \
			     : "r8", "rsi", "rdi", "memory", "cc"); \
		invlpg((ulong)va);                                  \
		printf("%s: %x\n", name, *va);                      \
	} while (0)
	EFFECT("two halves", "movl %1, 4(%0); movl %2, (%0)", "r"(pte), "r"(0),
	       "r"((u32)a | 3));
	EFFECT("bytes",
	       "mov %1, %%r8; movb %%r8b, 1(%0); shr $8, %%r8; movb %%r8b, 2(%0)",
	       "r"(pte), "r"(b >> 8));
	EFFECT("movs", "mov %0, %%rdi; mov %1, %%rsi; movsq", "r"(pte),
	       "r"(&entry));
	EFFECT("xor", "xorq %1, (%0)", "r"(pte), "r"(a ^ b));
	entry = a | 3;
	EFFECT("sse", "movq (%1), %%xmm0; movq %%xmm0, (%0)", "r"(pte),
	       "r"(&entry));
	EFFECT("xchg", "mov %1, %%r8; xchg %%r8, (%0)", "r"(pte), "r"(b | 3));
	EFFECT("push",
	       "mov %%rsp, %%r8; mov %0, %%rsp; push %1; mov %%r8, %%rsp",
	       "r"(pte + 1), "r"(a | 3));
}

int main(void)
{
	static const u32 offsets[] = { 0x400, 0x404, 0x401, 0x7ff,
				       0xffe, 0xffc, 0xff9 };
	u32 i;

	for (i = 0; i < sizeof(scratch); i++)
		scratch[i] = i % 8 ? i * 73 + 5 : (i * 31) & 0xfe;
	write_cr0((read_cr0() & ~(CR0_EM | CR0_TS)) | CR0_MP);
	write_cr4(read_cr4() | CR4_OSFXSR | BIT(10));
	asm volatile("movups scratch, %%xmm0; movups scratch+16, %%xmm1; fninit"
		     :
		     :
		     : "memory");

	/* the area's last table must be one whose neighbour is free */
	table = pages_alloc(2, 8192);
	plain = pages_alloc(2, 8192);
	map(MAP_AREA + 0x200000, (ulong)page_alloc(), PTE_P | PTE_W);
	map(MAP_AREA, (ulong)page_alloc(), PTE_P | PTE_W);
	{
		u64 *pml4 = (u64 *)(read_cr3() & ~0xffful);
		u64 *pdpt = (u64 *)(ulong)(pml4[0] & ~0xfffull);
		u64 *pd = (u64 *)(ulong)(pdpt[256] & ~0xfffull);

		memcpy(table, (void *)(ulong)(pd[0] & ~0xfffull), 4096);
		pd[0] = (ulong)table | PTE_P | PTE_W;
		invlpg(MAP_AREA);
	}
	live = pte_of(MAP_AREA);
	check((u8 *)live == table, "table not in use");

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		printf("offset %x\n", offsets[i]);
		integers(offsets[i]);
		tell("  integers");
		stacks(offsets[i]);
		tell("  stacks");
		strings(offsets[i]);
		tell("  strings");
		vectors(offsets[i]);
		asm volatile("emms; fninit");
		tell("  vectors");
	}
	aligned(0x800);
	tell("aligned");
	effects();
	tell("after all");
	return 0;
}
