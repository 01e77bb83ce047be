// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_triple.c - triple fault
 *
 * Expected: the machine dies with a sentence.
 */
#include "guest.h"

int main(void)
{
	struct desc_ptr none = { 0, 0 };

	printf("no interrupt table from here\n");
	serial_flush();
	asm volatile("lidt %0; ud2" : : "m"(none));
	return 0;
}
