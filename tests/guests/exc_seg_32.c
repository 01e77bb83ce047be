// SPDX-License-Identifier: GPL-2.0
/*
 * exc_seg_32.c - exceptions and segmentation that only 32-bit code has
 *
 * INTO, BOUND, non-zero bases, far transfers, call gates between rings and
 * descriptor checks; first unpaged, then once more with paging on.
 *
 * Not here: segment limits (the emulated CPU checks none); task switches
 *           (cpu_tss_32.c).
 * Spec:     SDM vol. 3 ch. 5, 6; APM vol. 2 ch. 4.
 */
#include "catch.h"

#define SPARE(n) (SEL_SPARE + 8 * (n))

static u64 segment(u32 base, u32 limit, u32 type, u32 flags)
{
	return (limit & 0xffff) | (u64)(base & 0xffffff) << 16 |
	       (u64)type << 40 | (u64)(limit >> 16 & 0xf) << 48 |
	       (u64)flags << 52 | (u64)(base >> 24) << 56;
}

static u32 bounds[2] = { 10, 20 };
static u8 data[8192] __aligned(4096);

static void simple(void)
{
	asm volatile(CATCH("into") : : : "memory");
	catch_print("into, OF=0");
	asm volatile("movb $0x7f, %%al; incb %%al\n\t" CATCH("into")
		     :
		     :
		     : "eax", "memory", "cc");
	catch_print("into, OF=1");
	asm volatile("movl $0, caught; movl $15, %%eax\n\t" CATCH(
			     "bound %%eax, bounds")
		     :
		     : "m"(bounds)
		     : "eax", "memory");
	catch_print("bound inside");
	asm volatile("movl $21, %%eax\n\t" CATCH("bound %%eax, bounds")
		     :
		     : "m"(bounds)
		     : "eax", "memory");
	catch_print("bound above");
	asm volatile("movl $9, %%eax\n\t" CATCH("bound %%eax, bounds")
		     :
		     : "m"(bounds)
		     : "eax", "memory");
	catch_print("bound below");
	asm volatile(CATCH(".byte 0x62, 0xc0") : : : "memory");
	catch_print("bound with a register");
	asm volatile(CATCH("aam $0") : : : "eax", "memory", "cc");
	catch_print("aam 0");
	asm volatile(CATCH(".byte 0xf0, 0x90") : : : "memory");
	catch_print("lock nop");
	asm volatile(CATCH(".byte 0x0f, 0x05") : : : "memory");
	printf("syscall outside long mode: %u\n",
	       caught.hit ? (u32)caught.regs.vector : 0);
	caught.hit = 0;
}

static void use_fs(u64 desc)
{
	gdt[SEL_SPARE / 8] = desc;
	asm volatile("mov %w0, %%fs" : : "r"(SEL_SPARE));
}

static void bases(void)
{
	u32 v, from, to, n;

	memset(data, 0, sizeof(data));
	*(u32 *)(data + 100) = 0x12345678;
	use_fs(segment((u32)data, 0xfff, 0x93, 4));
	asm volatile("movl %%fs:100, %0" : "=r"(v));
	printf("fs with a base: %x\n", v);
	asm volatile("movl %0, %%fs:104" : : "r"(0xabcdef01));
	printf("written: %x\n", *(u32 *)(data + 104));
	asm volatile("mov %%fs, %0" : "=r"(v));
	printf("selector: %x\n", v & 0xffff);
	use_fs(segment(0, 0, 0x93, 4));
	asm volatile("mov %%fs, %0" : "=r"(v));
	printf("selector: %x\n", v & 0xffff);
	/* A string instruction: source overridden, destination in ES. */
	use_fs(segment((u32)data, 0xfff, 0x93, 4));
	from = 100;
	to = (u32)data + 200;
	n = 4;
	asm volatile("fs rep movsb"
		     : "+S"(from), "+D"(to), "+c"(n)
		     :
		     : "memory");
	printf("rep movs from fs: %x\n", *(u32 *)(data + 200));
}

static void transfers(void)
{
	struct {
		u32 offset;
		u16 sel;
	} __attribute__((packed)) to;
	u32 v;

	asm volatile("ljmp %1, $1f; 1: mov %%cs, %0"
		     : "=r"(v)
		     : "i"(SEL_CODE32));
	printf("far jump: cs %x\n", v & 0xffff);
	gdt[SPARE(0) / 8] = segment(0, 0xfffff, 0x9b, 0xc);
	asm volatile("ljmp %1, $1f; 1: mov %%cs, %0; ljmp %2, $2f; 2:"
		     : "=r"(v)
		     : "i"(SPARE(0)), "i"(SEL_CODE32));
	printf("far jump to another: cs %x\n", v & 0xffff);
	gdt[SPARE(0) / 8] = segment(0, 0xfffff, 0x1b, 0xc);
	to.sel = SPARE(0);
	to.offset = 0;
	asm volatile(CATCH("ljmp *%0") : : "m"(to) : "memory");
	catch_print("far jump, absent");
	gdt[SPARE(0) / 8] = segment(0, 0xfffff, 0xfb, 0xc);
	asm volatile(CATCH("ljmp *%0") : : "m"(to) : "memory");
	catch_print("far jump to ring 3 code");
	to.sel = SEL_DATA;
	asm volatile(CATCH("lcall *%0") : : "m"(to) : "memory");
	catch_print("far call of data");
	to.sel = 0;
	asm volatile(CATCH("lcall *%0") : : "m"(to) : "memory");
	catch_print("far call of null");
	to.sel = 0xfff8;
	asm volatile(CATCH("ljmp *%0") : : "m"(to) : "memory");
	catch_print("far jump beyond the table");
	asm volatile("push %%cs; push $1f; lret; 1: mov %%cs, %0" : "=r"(v));
	printf("far return: cs %x\n", v & 0xffff);
	asm volatile("push $0; push $0\n\t" CATCH("lret") "add $8, %%esp"
		     :
		     :
		     : "memory");
	catch_print("far return to null");
	/* Conforming code keeps the ring. */
	gdt[SPARE(0) / 8] = segment(0, 0xfffff, 0x9f, 0xc);
	asm volatile("lcall %1, $1f; jmp 2f; 1: mov %%cs, %0; lret; 2:"
		     : "=&r"(v)
		     : "i"(SPARE(0)));
	printf("conforming code: cs %x\n", v & 0xffff);
}

/* A call gate: same ring, and from ring 3 with two parameters copied. */
static u32 got[6] __attribute__((used));
void gate_entry(void);
asm("gate_entry: mov %cs, got; mov %ss, got+4\n"
    "mov (%esp), %eax; mov %eax, got+8\n"
    "mov 4(%esp), %eax; mov %eax, got+12\n"
    "mov 8(%esp), %eax; mov %eax, got+16\n"
    "mov 12(%esp), %eax; mov %eax, got+20\n"
    "lret $8\n");

static u64 call_gate(u16 sel, void (*entry)(void), u32 params, u32 dpl)
{
	return ((u32)entry & 0xffff) | (u64)sel << 16 | (u64)params << 32 |
	       (u64)(0x8c | dpl << 5) << 40 | (u64)((u32)entry >> 16) << 48;
}

static __user_text ulong user_gate(ulong arg)
{
	ulong sp1, sp2;

	asm volatile(
		"mov %%esp, %0; push $0x2222; push $0x1111; lcall %2, $0; mov %%esp, %1"
		: "=&r"(sp1), "=&r"(sp2)
		: "i"(SPARE(1) | 3)
		: "eax", "memory");
	return sp1 - sp2;
}

static u32 user_hits;
static struct regs user_regs;

static void user_gp(struct regs *regs)
{
	user_hits++;
	user_regs = *regs;
	regs->ip += 7;
}

static __user_text ulong user_gate_deny(ulong arg)
{
	asm volatile("lcall %0, $0" : : "i"(SPARE(1) | 3) : "eax", "memory");
	return 0;
}

static void gates(void)
{
	struct fault f;
	ulong v;

	memset(got, 0, sizeof(got));
	gdt[SPARE(1) / 8] = call_gate(SEL_CODE32, gate_entry, 0, 0);
	asm volatile("push $0x44; push $0x33; lcall %0, $0"
		     :
		     : "i"(SPARE(1))
		     : "eax", "memory");
	printf("call gate, same ring: cs %x ss %x return cs %x, stack %x %x\n",
	       got[0] & 0xffff, got[1] & 0xffff, got[3] & 0xffff, got[4],
	       got[5]);
	memset(got, 0, sizeof(got));
	gdt[SPARE(1) / 8] = call_gate(SEL_CODE32, gate_entry, 2, 3);
	v = user_call(&f, user_gate, 0);
	printf("call gate from ring 3: cs %x ss %x return cs %x, parameters %x %x, stack %lx, fault %u\n",
	       got[0] & 0xffff, got[1] & 0xffff, got[3] & 0xffff, got[4],
	       got[5], v, f.hit);
	trap_handlers[GP_VECTOR] = user_gp;
	trap_handlers[NP_VECTOR] = user_gp;
	gdt[SPARE(1) / 8] = call_gate(SEL_CODE32, gate_entry, 0, 0);
	user_call(&f, user_gate_deny, 0);
	printf("gate of ring 0 from ring 3: vector %u error %x\n",
	       (u32)user_regs.vector, (u32)user_regs.error);
	gdt[SPARE(1) / 8] = call_gate(SEL_CODE32, gate_entry, 0, 3) &
			    ~(1ull << 47);
	user_call(&f, user_gate_deny, 0);
	printf("absent gate: vector %u error %x\n", (u32)user_regs.vector,
	       (u32)user_regs.error);
	gdt[SPARE(1) / 8] = call_gate(0, gate_entry, 0, 3);
	user_call(&f, user_gate_deny, 0);
	printf("gate to null: vector %u error %x\n", (u32)user_regs.vector,
	       (u32)user_regs.error);
	gdt[SPARE(1) / 8] = call_gate(SEL_DATA, gate_entry, 0, 3);
	user_call(&f, user_gate_deny, 0);
	printf("gate to data: vector %u error %x\n", (u32)user_regs.vector,
	       (u32)user_regs.error);
	catch_on(GP_VECTOR);
	catch_on(NP_VECTOR);
}

static void loads(void)
{
	static const struct {
		const char *name;
		u32 type, rpl;
	} tests[] = { { "data", 0x93, 0 },
		      { "read-only", 0x91, 0 },
		      { "expand down", 0x97, 0 },
		      { "code, readable", 0x9b, 0 },
		      { "code, not readable", 0x99, 0 },
		      { "absent", 0x13, 0 },
		      { "tss", 0x89, 0 },
		      { "rpl above dpl", 0x93, 3 } };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		gdt[SEL_SPARE / 8] = segment(0, 0xfffff, tests[i].type, 0xc);
		printf("%s\n", tests[i].name);
		asm volatile(CATCH("mov %w0, %%fs")
			     :
			     : "r"(SEL_SPARE | tests[i].rpl)
			     : "memory");
		catch_print("  fs");
		asm volatile(CATCH("mov %w0, %%ss")
			     :
			     : "r"(SEL_SPARE | tests[i].rpl)
			     : "memory");
		catch_print("  ss");
		asm volatile("mov %w0, %%ss; mov %w0, %%fs" : : "r"(SEL_DATA));
	}
	asm volatile(CATCH("mov %w0, %%ss") : : "r"(0) : "memory");
	catch_print("ss null");
	asm volatile("mov %w0, %%fs" : : "r"(0));
	asm volatile(CATCH("lldt %w0") : : "r"(SEL_DATA) : "memory");
	catch_print("lldt of data");
	asm volatile("mov %w0, %%fs" : : "r"(SEL_DATA));
}

static u32 page_dir[1024] __aligned(4096);

int main(void)
{
	u32 round, i;

	catch_all();
	simple();
	for (round = 0; round < 2; round++) {
		printf("paging %u\n", round);
		bases();
		transfers();
		gates();
		loads();
		if (round == 0) {
			write_cr4(read_cr4() | CR4_PSE);
			for (i = 0; i < 1024; i++)
				page_dir[i] = i << 22 | 0x87;
			write_cr3((ulong)page_dir);
			write_cr0(read_cr0() | CR0_PG);
		}
	}
	return 0;
}
