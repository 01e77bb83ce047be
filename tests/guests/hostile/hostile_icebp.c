// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_icebp.c - opcode 0xf1
 *
 * A #DB by rights; some emulated CPUs stop their machine instead, so that a
 * hypervisor under test must catch it first. Not for the bare machine.
 * Expected: exits, or dies with a sentence.
 */
#include "catch.h"

int main(void)
{
	catch_on(DB_VECTOR);
	printf("icebp\n");
	serial_flush();
	asm volatile(CATCH(".byte 0xf1") : : : "memory");
	catch_print("icebp");
	return 0;
}
