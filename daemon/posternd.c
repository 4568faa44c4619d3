/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build.h"

#include "posternd.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "background.h"
#include "children.h"
#include "clocks.h"
#include "config.h"
#include "log.h"
#include "notify.h"
#include "paths.h"
#include "reload.h"
#include "supply.h"

enum {
	FIRST_TRIES = 20,
	LISTENS_MS = 2000 /* between two looks for a syslog, while there is none */
};

static struct {
	char config[4096], pid_file[4096], programs[4096]; /* absolute */
	bool foreground, check, print;
} options = {
    .config = PATHS_CONFIG,
    .programs = LIBEXECDIR,
};

static struct supply supply; /* what is in force */
static struct children children;
static bool ending;
static bool worked; /* once, at least */
static bool mute;   /* there is no syslog: supply.log leads nowhere */

/* ---- the command line ---- */

static void print_help(void)
{
	printf("usage: posternd [-n] [-f FILE] [-p PIDFILE] [-l FOLDER]\n"
	       "       posternd -t | -T [-f FILE] [-l FOLDER]\n"
	       "       posternd -h | --help | --version\n"
	       "  -f FILE     configuration, instead of %s\n"
	       "  -n          stay in the foreground, and log to stderr\n"
	       "  -p PIDFILE  instead of posternd.pid beside the control socket\n"
	       "  -t          check configuration, keys, users and folders, and end\n"
	       "  -T          print the configuration in force, and end\n"
	       "  -l FOLDER   where the other programs are, for tests\n"
	       "Options of the configuration (section, name, type, default, range):\n",
	       options.config);
	config_print_options(stdout);
}

static void make_absolute(char path[static 4096], const char *given)
{
	char folder[2048];

	if (given[0] == '/' || getcwd(folder, sizeof(folder)) == NULL)
		snprintf(path, 4096, "%.2047s", given);
	else
		snprintf(path, 4096, "%s/%.2047s", folder, given);
}

static _Noreturn void misused(void)
{
	fprintf(stderr, "posternd: wrong usage; \"posternd --help\" tells more\n");
	exit(POSTERND_USAGE);
}

static void read_options(int argc, char **argv)
{
	static const struct option words[] = {
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "f:hl:np:tT", words, NULL)) != -1) {
		switch (option) {
		case 'f':
			make_absolute(options.config, optarg);
			break;
		case 'l':
			make_absolute(options.programs, optarg);
			break;
		case 'p':
			make_absolute(options.pid_file, optarg);
			break;
		case 'n':
			options.foreground = true;
			break;
		case 't':
			options.check = true;
			break;
		case 'T':
			options.print = true;
			break;
		case 'h':
			print_help();
			exit(POSTERND_DONE);
		case 'V':
			puts(PACKAGE_STRING);
			exit(POSTERND_DONE);
		default:
			misused();
		}
	}
	if (optind != argc || (options.check && options.print))
		misused();
}

/* ---- the log ---- */

/* A new socket, for syslog may have been started again. Without one, the old is of use as long as it takes
 * lines; then nothing is heard of us, but that keeps nobody from getting in. Who works without a log gets
 * one by a new life. */
static void renew_log(void)
{
	int fd;

	if (options.foreground || (mute && children.state == CHILDREN_STARTING))
		return;
	fd = log_open();
	if (fd == -1 && supply.log != -1 && (mute || log_works()))
		return;
	if (fd != -1 && mute && children.state == CHILDREN_WORKING)
		children_end(&children);
	mute = fd == -1;
	if (mute) {
		log_warn("no syslog at /dev/log: nothing will be logged until there is one");
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	}
	if (supply.log != -1)
		close(supply.log);
	supply.log = fd;
	if (worked)
		log_start("posternd", fd);
}

/* ---- what to do ---- */

static _Noreturn void end(int status)
{
	children_end(&children); /* whoever is left sees our end */
	if (worked)
		unlink(options.pid_file);
	reload_forget();
	supply_free(&supply);
	exit(status);
}

static void start(void)
{
	struct error error;

	renew_log();
	if (children.sources_broken)
		sources_close(&supply.sources);
	children.sources_broken = false;
	if (sources_open(&supply.sources, &supply.config, &error) == -1) {
		log_error("%s", error.text);
		children_put_off(&children);
		return;
	}
	if (children_start(&children, &supply, &error) == -1)
		log_error("%s", error.text);
}

/* None is left: the end, or a new life. */
static void none_is_left(void)
{
	if (ending)
		end(POSTERND_DONE);
	if (!worked) {
		log_error("the processes did not start%s",
			  options.foreground ? "" : "; the log says why");
		end(POSTERND_BAD_HOST);
	}
	if (children.due_ms <= clocks_boot_ms())
		start();
}

static void all_work(void)
{
	struct log_event event;
	struct error error;

	if (!worked && background_write_pid(options.pid_file, &error) == -1) {
		log_error("%s", error.text);
		end(POSTERND_BAD_HOST);
	}
	if (!worked) {
		worked = true;
		background_done();
		log_start("posternd", supply.log);
	}
	log_event(&event, LOG_INFO, "started");
	log_text(&event, "state", "ready");
	log_send(&event);
	notify_ready();
}

static void handle_signals(int signals)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			reload_ask();
		} else if (info.ssi_signo != SIGCHLD) {
			ending = true;
			notify_stopping();
			children_end(&children);
		}
	}
	renew_log(); /* so that a death is heard even if syslog was started again */
	children_reap(&children);
}

static int block_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGQUIT);
	sigaddset(&signals, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) == -1)
		return -1;
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int timeout_ms(void)
{
	int due_ms = children_timeout_ms(&children);

	return mute && (due_ms == -1 || due_ms > LISTENS_MS) ? LISTENS_MS : due_ms;
}

static _Noreturn void loop(int signals)
{
	struct pollfd polls[CHILDREN + 1 + CONFIG_SOURCES];

	for (;;) {
		if (worked && !ending)
			reload_turn(&supply, &children, options.config);
		if (children.state == CHILDREN_NONE)
			none_is_left();
		children_poll(&children, polls);
		polls[CHILDREN] = (struct pollfd){.fd = signals, .events = POLLIN};
		sources_poll(&supply.sources, polls + CHILDREN + 1);
		if (poll(polls, CHILDREN + 1 + CONFIG_SOURCES, timeout_ms()) == -1 &&
		    errno != EINTR)
			log_fatal("cannot wait: %s", strerror(errno));
		sources_polled(&supply.sources, polls + CHILDREN + 1);
		if (children_polled(&children, polls))
			all_work();
		if (polls[CHILDREN].revents != 0)
			handle_signals(signals);
		children_tick(&children);
		if (mute || !log_works())
			renew_log();
	}
}

/* ---- the beginning ---- */

static _Noreturn void check_and_end(void)
{
	struct error error;
	int status = POSTERND_BAD_CONFIG;

	/* The host first: it knows the user as whom the keys are read. */
	if (supply_check_host(&supply, &error) == -1) {
		log_error("%s", error.text);
		exit(POSTERND_BAD_HOST);
	}
	if (sources_check(&supply.config, options.config, &error) == 0)
		status = supply_check_keys(&supply, &error);
	if (status != 0) {
		log_error("%s", error.text);
		exit(status);
	}
	puts("OK");
	exit(POSTERND_DONE);
}

static void choose_pid_file(void)
{
	const char *control = supply.config.control;

	if (options.pid_file[0] == '\0')
		snprintf(options.pid_file, sizeof(options.pid_file), "%.*s/posternd.pid",
			 (int)(strrchr(control, '/') - control), control);
}

/* What a process of a posternd that was killed still has open is free in a moment. */
static int open_first_sources(struct error *error)
{
	static const struct timespec pause = {.tv_nsec = 50000000};
	int result = sources_open(&supply.sources, &supply.config, error);

	for (int i = 0; result == -1 && i < FIRST_TRIES; i++) {
		nanosleep(&pause, NULL);
		result = sources_open(&supply.sources, &supply.config, error);
	}
	return result;
}

static void begin(void)
{
	struct error error;
	int status;

	if (geteuid() != 0) {
		log_error("only root can start it");
		exit(POSTERND_BAD_HOST);
	}
	if (chdir("/") == -1)
		log_fatal("cannot enter /: %s", strerror(errno));
	if (!options.foreground && background_enter(&error) == -1)
		log_fatal("%s", error.text);
	notify_start();
	umask(022);
	choose_pid_file();
	renew_log();
	status = supply_make(&supply, NULL, options.config, &error);
	if (status == 0 && open_first_sources(&error) == -1)
		status = POSTERND_BAD_HOST;
	if (status != 0) {
		log_error("%s", error.text);
		end(status);
	}
}

/* What whoever started us may have left in an odd way. */
static void set_right(void)
{
	int fd;

	do /* 0 to 2 are open */
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd != -1 && fd < 3);
	if (fd != -1)
		close(fd);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_IGN); /* if stderr breaks, only lines are lost */
}

int main(int argc, char **argv)
{
	struct error error;
	int signals;

	set_right();
	log_start("posternd", -1);
	read_options(argc, argv);
	supply = (struct supply)SUPPLY_NOTHING;
	supply.programs = options.programs;
	children_clear(&children);
	mark_of(supply.config_mark, options.config);
	if (config_read(&supply.config, options.config, &error) == -1) {
		log_error("%s", error.text);
		return POSTERND_BAD_CONFIG;
	}
	if (options.print) {
		config_print(&supply.config, stdout);
		return POSTERND_DONE;
	}
	if (options.check)
		check_and_end();
	begin();
	signals = block_signals();
	if (signals == -1)
		log_fatal("cannot wait for signals: %s", strerror(errno));
	start();
	loop(signals);
}
