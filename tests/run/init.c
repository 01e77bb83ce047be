// SPDX-License-Identifier: GPL-2.0
/*
 * tests/run/init.c - the first program of the emulated host
 *
 * Brings the machine up (mounts, time-outs of the kernel's watchdogs, the
 * share, the module), runs one command with its output on the second serial
 * port, unloads the module, looks for what was left behind, and as its very
 * last act writes the token to a port of its own. The build machine believes
 * nothing but that token: a panic, hang or reset before it is a failure.
 *
 * Channels: ttyS0 kernel log, ttyS1 the command, debug port 0x5f4 the token.
 * Not here: judging the kernel log is tests/run/scanlog.sh.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define TOKEN_PORT 0x5f4
#define TAP_TTY "/dev/ttyS1"
#define MODULE_PATH "/rig/vamhost.ko"
#define LEDGER_PATH "/sys/kernel/debug/vamhost/ledger"
/* Page tables, slabs and per-CPU lists wander by a few MiB in any run. */
#define MEMORY_SLACK_KB (12 * 1024L)
#define MSR_EFER 0xc0000080
#define EFER_SVME (1ULL << 12)

static struct {
	bool module; /* load vamhost before the command */
	bool share; /* mount the 9p export at /share */
	bool interactive; /* terminal semantics on ttyS1 */
	bool memcheck; /* compare free memory before and after */
	char params[1024]; /* module parameters */
} conf;

static int tap_fd = -1;
static int leaks;

static void tap(const char *fmt, ...)
{
	char buf[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(buf) - 1)
		n = sizeof(buf) - 1;
	if (write(tap_fd, buf, n) < 0)
		perror("rig: write to " TAP_TTY);
}

static void leak(const char *fmt, ...)
{
	char buf[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	leaks++;
	tap("# rig: LEAK: %s\n", buf);
	printf("rig: LEAK: %s\n", buf);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return; /* not every kernel has every knob */
	if (write(fd, text, strlen(text)) < 0)
		printf("rig: %s: %s\n", path, strerror(errno));
	close(fd);
}

static void mount_at(const char *type, const char *src, const char *dir,
		     const char *options)
{
	mkdir(dir, 0755);
	if (mount(src, dir, type, 0, options))
		printf("rig: mount %s: %s\n", dir, strerror(errno));
}

static void read_conf(void)
{
	char line[1200], *value;
	FILE *f = fopen("/rig/conf", "r");

	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		value = strchr(line, '=');
		if (!value)
			continue;
		*value++ = 0;
		if (!strcmp(line, "module"))
			conf.module = *value == '1';
		else if (!strcmp(line, "share"))
			conf.share = *value == '1';
		else if (!strcmp(line, "interactive"))
			conf.interactive = *value == '1';
		else if (!strcmp(line, "memcheck"))
			conf.memcheck = *value == '1';
		else if (!strcmp(line, "params"))
			snprintf(conf.params, sizeof(conf.params), "%s", value);
	}
	fclose(f);
}

static int run_quietly(const char *command)
{
	int status = system(command);

	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

/* Plain bytes out, so that reports can be compared; a terminal if wanted. */
static void open_tap(void)
{
	struct termios t;

	tap_fd = open(TAP_TTY, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (tap_fd < 0) {
		printf("rig: %s: %s\n", TAP_TTY, strerror(errno));
		tap_fd = dup(1);
		return;
	}
	if (tcgetattr(tap_fd, &t))
		return;
	cfsetspeed(&t, B115200);
	if (!conf.interactive) {
		cfmakeraw(&t);
		t.c_cflag |= CLOCAL;
	}
	tcsetattr(tap_fd, TCSANOW, &t);
}

static void setup(void)
{
	mount_at("proc", "proc", "/proc", NULL);
	mount_at("sysfs", "sysfs", "/sys", NULL);
	mount_at("devtmpfs", "dev", "/dev", NULL);
	mkdir("/dev/pts", 0755);
	mkdir("/dev/shm", 01777);
	mount_at("devpts", "devpts", "/dev/pts", NULL);
	mount_at("tmpfs", "tmp", "/tmp", NULL);
	mount_at("debugfs", "debugfs", "/sys/kernel/debug", NULL);
	mount_at("tracefs", "tracefs", "/sys/kernel/tracing", NULL);
	mount_at("cgroup2", "cgroup2", "/sys/fs/cgroup", NULL);
	/* Short enough that a stall is in the log before the run's time-out. */
	write_file("/proc/sys/kernel/hung_task_timeout_secs", "20");
	write_file("/proc/sys/kernel/hung_task_check_interval_secs", "5");
	write_file("/proc/sys/kernel/hung_task_warnings", "4");
	read_conf();
	open_tap();
	setenv("PATH", "/bin:/sbin:/usr/bin:/usr/sbin:/tests", 1);
	setenv("HOME", "/", 1);
	if (conf.interactive)
		setenv("TERM", "vt100", 1);
	if (conf.share) {
		mkdir("/share", 0755);
		if (run_quietly("modprobe -a virtio_pci 9pnet_virtio 9p") ||
		    mount("share", "/share", "9p", 0,
			  "trans=virtio,version=9p2000.L,msize=262144"))
			tap("# rig: cannot mount /share: %s\n",
			    strerror(errno));
	}
}

/* Free pages that CPUs keep at hand; meminfo does not count them as free. */
static long percpu_free_kb(void)
{
	char line[256];
	long pages, sum = 0;
	FILE *f = fopen("/proc/zoneinfo", "r");

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " count: %ld", &pages) == 1)
			sum += pages;
	fclose(f);
	return sum * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Memory that nobody holds, after giving back what can be given back. */
static long free_memory_kb(void)
{
	static const char *const wanted[] = { "MemFree", "Buffers", "Cached",
					      "SReclaimable" };
	char name[64];
	long value, sum = 0;
	size_t i;
	FILE *f;

	sync();
	write_file("/proc/sys/vm/drop_caches", "3");
	f = fopen("/proc/meminfo", "r");
	if (!f)
		return 0;
	while (fscanf(f, "%63[^:]: %ld%*[^\n]\n", name, &value) == 2)
		for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (!strcmp(name, wanted[i]))
				sum += value;
	fclose(f);
	return sum + percpu_free_kb();
}

static bool module_loaded(const char *name)
{
	char line[512];
	size_t len = strlen(name);
	bool found = false;
	FILE *f = fopen("/proc/modules", "r");

	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f))
		found = !strncmp(line, name, len) && line[len] == ' ';
	fclose(f);
	return found;
}

static int load_module(void)
{
	int fd = open(MODULE_PATH, O_RDONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0 || syscall(SYS_finit_module, fd, conf.params, 0))
		err = errno;
	if (fd >= 0)
		close(fd);
	if (err)
		tap("Bail out! cannot load %s: %s\n", MODULE_PATH,
		    strerror(err));
	return err;
}

static int run_command(void)
{
	int status;
	pid_t pid, done;

	pid = fork();
	if (pid == 0) {
		setsid();
		/*
		 * Job control for a human only: the exit of a session's
		 * leader hangs its terminal up and loses what is unsent.
		 */
		if (conf.interactive)
			ioctl(tap_fd, TIOCSCTTY, 0);
		dup2(tap_fd, 0);
		dup2(tap_fd, 1);
		dup2(tap_fd, 2);
		if (conf.interactive)
			execl("/bin/sh", "-sh", NULL);
		else
			execl("/bin/sh", "sh", "/rig/run", NULL);
		_exit(127);
	}
	if (pid < 0)
		return 126;
	while ((done = wait(&status)) != pid)
		if (done < 0 && errno != EINTR)
			return 126;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* A VM that somebody forgot keeps the module busy: that is a leak, too. */
static void unload_module(void)
{
	struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
	int i, err = 0;

	for (i = 0; i < 100; i++) {
		if (!syscall(SYS_delete_module, "vamhost", O_NONBLOCK))
			return;
		err = errno;
		if (err != EBUSY && err != EAGAIN)
			break;
		nanosleep(&pause, NULL);
	}
	leak("vamhost cannot be unloaded: %s", strerror(err));
}

/* Every number in the ledger counts something that must be gone by now. */
static void check_ledger(void)
{
	char line[256];
	const char *p;
	FILE *f = fopen(LEDGER_PATH, "r");

	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		p = line + strcspn(line, " \t:=");
		if (strpbrk(p, "123456789")) {
			line[strcspn(line, "\n")] = 0;
			leak("ledger: %s", line);
		}
	}
	fclose(f);
}

static void check_threads(void)
{
	char path[300], comm[64];
	struct dirent *d;
	DIR *dir = opendir("/proc");
	FILE *f;

	while (dir && (d = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%s/comm", d->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fgets(comm, sizeof(comm), f) && !strncmp(comm, "vam/", 4)) {
			comm[strcspn(comm, "\n")] = 0;
			leak("thread %s (%s) is still there", d->d_name, comm);
		}
		fclose(f);
	}
	if (dir)
		closedir(dir);
}

static void check_slabs(void)
{
	char line[512];
	FILE *f = fopen("/proc/slabinfo", "r");

	if (!f)
		return;
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, "vam", 3)) {
			line[strcspn(line, " \n")] = 0;
			leak("slab cache %s is still there", line);
		}
	fclose(f);
}

/* Unloaded means that no CPU is left in SVM operation. */
static void check_cpus(void)
{
	char path[64];
	uint64_t efer;
	int cpu, fd;

	if (module_loaded("kvm_amd") || run_quietly("modprobe msr"))
		return;
	for (cpu = 0;; cpu++) {
		snprintf(path, sizeof(path), "/dev/cpu/%d/msr", cpu);
		fd = open(path, O_RDONLY);
		if (fd < 0) {
			if (errno == ENOENT)
				break;
			continue; /* offline */
		}
		if (pread(fd, &efer, sizeof(efer), MSR_EFER) == sizeof(efer) &&
		    (efer & EFER_SVME))
			leak("EFER.SVME is still set on CPU %d", cpu);
		close(fd);
	}
}

static void check_leaks(long memory_before)
{
	long lost;
	int i;

	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (module_loaded("vamhost")) {
		check_ledger();
		unload_module();
	}
	check_threads();
	check_slabs();
	check_cpus();
	if (!conf.memcheck)
		return;
	/* Freeing by RCU and per-CPU lists takes a moment: look again. */
	for (i = 0; i < 10; i++) {
		lost = memory_before - free_memory_kb();
		if (lost <= MEMORY_SLACK_KB)
			return;
		usleep(100 * 1000);
	}
	leak("%ld KiB of memory did not come back", lost);
}

/* The whole kernel log, also what was too quiet for the console. */
static void dump_log(void)
{
	int size = klogctl(10 /* SYSLOG_ACTION_SIZE_BUFFER */, NULL, 0);
	char *buf = size > 0 ? malloc(size) : NULL;
	int n = buf ? klogctl(3 /* SYSLOG_ACTION_READ_ALL */, buf, size) : 0;

	if (n > 0) {
		printf("rig: kernel log begins\n");
		fwrite(buf, 1, n, stdout);
		printf("rig: kernel log ends\n");
	}
	fflush(stdout);
	tcdrain(1);
	free(buf);
}

static void write_token(const char *word, int code)
{
	char text[64], *p;

	snprintf(text, sizeof(text), "vam-rig-%s exit=%d leaks=%d\n", word,
		 code, leaks);
	if (ioperm(TOKEN_PORT, 1, 1)) {
		printf("rig: ioperm: %s\n", strerror(errno));
		return;
	}
	for (p = text; *p; p++)
		outb(*p, TOKEN_PORT);
}

int main(int argc, char **argv)
{
	long memory;
	int code;

	/* As /bin/rigtoken CODE: the command is about to reset the machine. */
	if (getpid() != 1) {
		write_token("reset", argc > 1 ? atoi(argv[1]) : 0);
		return 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	setup();
	memory = conf.memcheck ? free_memory_kb() : 0;
	/* Booting is quiet for speed; from here on a hang should show all. */
	klogctl(8 /* SYSLOG_ACTION_CONSOLE_LEVEL */, NULL, 7);
	if (conf.module && load_module())
		code = 126;
	else
		code = run_command();
	check_leaks(memory);
	tcdrain(tap_fd);
	dump_log();
	write_token("done", code);
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}
