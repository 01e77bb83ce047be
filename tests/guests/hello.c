// SPDX-License-Identifier: GPL-2.0
/*
 * hello.c - says hello, from ring 0 and from ring 3
 *
 * The smallest run that shows a machine working: text on the serial port, a
 * call into user mode and back, a page fault that arrives where it should.
 */
#include "guest.h"

static __user_text ulong twice(ulong x)
{
	return 2 * x;
}

int main(void)
{
	struct fault f;

	printf("hello from a guest\n");
	printf("user mode says %lu\n", user_call(&f, twice, 21));
	check(!f.hit, "trap %u in user mode", f.vector);

	check(try_read(&f, 0x4000000000), "no fault");
	printf("vector %u error %x address %lx\n", f.vector, f.error, f.cr2);
	return 0;
}
