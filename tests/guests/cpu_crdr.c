// SPDX-License-Identifier: GPL-2.0
/*
 * cpu_crdr.c - control registers: what they keep, what they refuse
 *
 * Not here: reserved and inconsistent bits of CR0, CR3 and CR4, and PAE or
 *           LME changes in long mode: the emulated CPU takes them all.
 * Spec:     SDM vol. 3 ch. 2.5; APM vol. 2 ch. 3.1.
 */
#include "catch.h"

static void cr0_bits(void)
{
	static const struct {
		const char *name;
		ulong bit;
	} bits[] = { { "MP", CR0_MP },
		     { "TS", CR0_TS },
		     { "WP", CR0_WP },
		     { "AM", CR0_AM },
		     { "NE", CR0_NE } };
	ulong cr0 = read_cr0(), a, b;
	u32 i;

	printf("cr0 %lx\n", cr0 & ~0x60000000ul);
	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		write_cr0(cr0 | bits[i].bit);
		a = read_cr0();
		write_cr0(cr0 & ~bits[i].bit);
		b = read_cr0();
		printf("%s: set %u clear %u, others kept %u\n", bits[i].name,
		       !!(a & bits[i].bit), !(b & bits[i].bit),
		       !((a ^ cr0) & ~bits[i].bit) &&
			       !((b ^ cr0) & ~bits[i].bit));
	}
	write_cr0(cr0);
	write_cr0(cr0 & ~(ulong)BIT(4));
	printf("ET stays: %lu\n", read_cr0() >> 4 & 1);
	write_cr0(cr0 | CR0_CD);
	printf("CD alone: %lu\n", read_cr0() >> 30 & 1);
	write_cr0(cr0);
}

static void lmsw(void)
{
	ulong cr0 = read_cr0(), v;
	u16 w;

	write_cr0(cr0 & ~(CR0_TS | CR0_MP | CR0_EM));
	asm volatile("smsw %0" : "=r"(v));
	printf("smsw: %lx\n", v & 0xffff);
	asm volatile("smsw %0" : "=m"(w));
	printf("smsw to memory: %x\n", w);
	asm volatile("lmsw %w0" : : "r"(0x000b));
	printf("lmsw b: %lx\n", read_cr0() & 0xf);
	asm volatile("clts");
	printf("clts: %lx\n", read_cr0() & 0xf);
	asm volatile("lmsw %w0" : : "r"(0x0000));
	printf("lmsw cannot clear PE: %lx\n", read_cr0() & 0xf);
	asm volatile("lmsw %w0" : : "r"(0xfff1));
	printf("lmsw sees four bits: %lx\n", read_cr0() & 0xffff);
	w = 3;
	asm volatile("lmsw %0" : : "m"(w));
	printf("lmsw from memory: %lx\n", read_cr0() & 0xf);
	write_cr0(cr0);
}

static void cr4_bits(void)
{
	static const struct {
		const char *name;
		ulong bit;
		const struct feature *f;
	} bits[] = { { "TSD", CR4_TSD, NULL },
		     { "DE", CR4_DE, NULL },
		     { "PSE", CR4_PSE, NULL },
		     { "PGE", CR4_PGE, &feat_pge },
		     { "OSFXSR", CR4_OSFXSR, NULL },
		     { "OSXMMEXCPT", BIT(10), NULL },
		     { "PCE", BIT(8), NULL },
		     { "SMEP", CR4_SMEP, &feat_smep },
		     { "FSGSBASE", CR4_FSGSBASE, &feat_fsgsbase },
		     { "OSXSAVE", CR4_OSXSAVE, &feat_xsave } };
	ulong cr4 = read_cr4(), a, b;
	u32 i;

	printf("cr4 %lx\n", cr4);
	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		if (bits[i].f && !cpu_has(bits[i].f)) {
			printf("%s: missing\n", bits[i].name);
			continue;
		}
		write_cr4(cr4 | bits[i].bit);
		a = read_cr4();
		write_cr4(cr4 & ~bits[i].bit);
		b = read_cr4();
		printf("%s: %lx %lx\n", bits[i].name, a, b);
	}
	write_cr4(cr4);
}

static void others(void)
{
	ulong v, cr3 = read_cr3();

	asm volatile("mov %0, %%cr2" : : "r"(0x123456789abcdef0ul));
	printf("cr2 keeps %lx\n", read_cr2());
	write_cr3(cr3 | 0x18);
	printf("cr3 keeps PWT and PCD: %lx\n", read_cr3() & 0xfff);
	write_cr3(cr3);
	for (v = 0; v < 16; v += 3) {
		ulong r;

		asm volatile("mov %1, %%cr8; mov %%cr8, %0" : "=r"(r) : "r"(v));
		printf("cr8 %lx ", r);
	}
	printf("\n");
	asm volatile("mov %0, %%cr8" : : "r"(0ul));
	/* Bit 4 and up of the register operand count, not the 32-bit form. */
	asm volatile(
		"mov %1, %%r15; mov %%r15, %%cr2; mov %%cr2, %%r8; mov %%r8, %0"
		: "=r"(v)
		: "r"(0xfedcba9876543210ul)
		: "r8", "r15");
	printf("cr2 by r15 and r8: %lx\n", v);
	asm volatile(CATCH(".byte 0x0f, 0x22, 0xc8") : : : "memory");
	catch_print("mov to cr1");
	asm volatile(CATCH(".byte 0x0f, 0x20, 0xe8") : : : "rax", "memory");
	catch_print("mov from cr5");
	asm volatile(CATCH(".byte 0x0f, 0x22, 0xf8") : : : "memory");
	catch_print("mov to cr7");
	/* ModRM.mod is ignored: always a register. */
	asm volatile(".byte 0x0f, 0x20, 0x10" : "=a"(v) : "0"(0));
	printf("mod 0: %lx\n", v);
}

static void user_checks(void)
{
	ulong cr0 = read_cr0();

	/* TS set by MOV and cleared by CLTS decides #NM. */
	write_cr0((cr0 & ~CR0_EM) | CR0_TS);
	asm volatile(CATCH("fnstsw %%ax") : : : "rax", "memory");
	catch_print("x87 with TS");
	asm volatile("clts");
	asm volatile(CATCH("fnstsw %%ax") : : : "rax", "memory");
	catch_print("x87 after clts");
	write_cr0(cr0);
}

/* WP decides for ring 0 writes to read-only pages. */
static void wp(void)
{
	ulong cr0 = read_cr0();
	u64 *pml4 = (u64 *)(read_cr3() & ~0xffful);
	u64 *pdpt = (u64 *)(ulong)(pml4[0] & ~0xfffull);
	u64 *pd = (u64 *)(ulong)(pdpt[1] & ~0xfffull);
	volatile u8 *p = (volatile u8 *)0x40000000;
	u64 old = pd[0];
	u32 i;

	pd[0] = 0x2000000 | 0x81; /* RAM at 32 MiB, read-only, large */
	invlpg((ulong)p);
	for (i = 0; i < 3; i++) {
		write_cr0(i & 1 ? cr0 & ~CR0_WP : cr0 | CR0_WP);
		asm volatile(CATCH("movb $7, (%0)") : : "r"(p) : "memory");
		catch_print(i & 1 ? "read-only, WP=0" : "read-only, WP=1");
	}
	printf("written %u\n", *(volatile u8 *)0x2000000);
	write_cr0(cr0);
	pd[0] = old;
	invlpg((ulong)p);
}

int main(void)
{
	catch_all();
	cr0_bits();
	lmsw();
	cr4_bits();
	others();
	user_checks();
	wp();
	return 0;
}
