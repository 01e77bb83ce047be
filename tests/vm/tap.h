/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tap.h - tests as sentences, results as TAP
 *
 *	TEST(destroy_waits_for_running_vcpu)
 *	{
 *		ASSERT(vm_create(&vm, ...) == 0);
 *		EXPECT_EQ(x, y);
 *	}
 *
 *	TAP_MAIN()
 *
 * A test that returns without a failed check has passed. ASSERT leaves the
 * test, EXPECT goes on. SKIP says why. A test that takes longer than its time
 * ends the program: whatever hangs must not look like success.
 */
#ifndef TESTS_VM_TAP_H
#define TESTS_VM_TAP_H

#include <stdbool.h>

struct tap_test {
	const char *name;
	void (*run)(void);
	struct tap_test *next;
};

void tap_add(struct tap_test *test);
__attribute__((format(printf, 3, 4))) void tap_fail(const char *file, int line,
						    const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void tap_note(const char *fmt, ...);
void tap_skip(const char *why);
int tap_main(int argc, char **argv);

/* Seconds that a test may take; may be set at any time. */
void tap_time(unsigned int seconds);

#define TEST(sentence)                                                      \
	static void test_##sentence(void);                                  \
	__attribute__((constructor)) static void add_##sentence(void)       \
	{                                                                   \
		static struct tap_test test = { #sentence, test_##sentence, \
						0 };                        \
		tap_add(&test);                                             \
	}                                                                   \
	static void test_##sentence(void)

#define EXPECT(condition) \
	((condition) ? 1 : (tap_fail(__FILE__, __LINE__, "%s", #condition), 0))

#define ASSERT(condition)               \
	do {                            \
		if (!EXPECT(condition)) \
			return;         \
	} while (0)

#define EXPECT_EQ(a, b)                                                      \
	({                                                                   \
		long long tap_a = (long long)(a), tap_b = (long long)(b);    \
		if (tap_a != tap_b)                                          \
			tap_fail(__FILE__, __LINE__,                         \
				 "%s is %lld, not %s = %lld", #a, tap_a, #b, \
				 tap_b);                                     \
		tap_a == tap_b;                                              \
	})

#define ASSERT_EQ(a, b)               \
	do {                          \
		if (!EXPECT_EQ(a, b)) \
			return;       \
	} while (0)

#define SKIP(why)              \
	do {                   \
		tap_skip(why); \
		return;        \
	} while (0)

#define TAP_MAIN()                           \
	int main(int argc, char **argv)      \
	{                                    \
		return tap_main(argc, argv); \
	}

#endif /* TESTS_VM_TAP_H */
