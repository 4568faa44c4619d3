/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drives a backend of the firewall's by hand: a line of standard input is a command, a line of standard
 * output its answer. The lock's file is that of XTABLES_LOCKFILE, as iptables has it. The wall clock
 * is wrapped, so that it can be set for this program alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clocks.h"
#include "firewall/backend.h"
#include "firewall/batch.h"
#include "firewall/living.h"
#include "firewall/order.h"
#include "own.h"

enum { OWN_DESCRIPTOR = 30, MAX_S = 3600 };

static struct start start;
static struct living living;
static struct batch batch;
static struct error error;
static int64_t step_ms;
static unsigned commits;
static const struct backend *backend;

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = __real_clock_gettime(clock, now);

	if (clock == CLOCK_REALTIME)
		now->tv_sec += step_ms / 1000;
	return result;
}

static int count_commit(const struct rules *rules, struct error *why)
{
	commits++;
	return backend->commit(rules, why);
}

static const struct backend counted = {.name = "counted", .commit = count_commit};

static struct rules all_rules(bool all)
{
	return (struct rules){.living = living.list, .n_living = living.n, .all = all};
}

/* open GRANT ADDRESS DOOR MILLISECONDS KEY: an order, checked, applied, but not committed yet. */
static void do_open(char *arguments)
{
	struct order order = {.verb = ORDER_OPEN};
	char address[64], door[16], key[64];
	uint64_t now_ms = clocks_boot_ms(), ms;

	if (sscanf(arguments, "%" SCNu64 " %63s %15s %" SCNu64 " %32s", &order.grant, address, door,
		   &ms, key) != 5 ||
	    address_parse(&order.address, address) != 0 ||
	    door_parse(&order.door, door, &error) != 0) {
		puts("usage");
		return;
	}
	order.until_ms = now_ms + ms;
	memcpy(order.key, key, strlen(key));
	puts(order_about(
		 batch_take(&batch, &living, &order, order_check(&order, &start, now_ms), now_ms)
		     ->fault)
		 ->name);
}

/* close GRANT */
static void do_close(char *arguments)
{
	struct order order = {.verb = ORDER_CLOSE, .grant = strtoull(arguments, NULL, 10)};
	uint64_t now_ms = clocks_boot_ms();

	puts(order_about(
		 batch_take(&batch, &living, &order, order_check(&order, &start, now_ms), now_ms)
		     ->fault)
		 ->name);
}

/* commit: what became of the orders since the last one */
static void do_commit(char *arguments)
{
	unsigned good = 0;
	int result;

	(void)arguments;
	commits = 0;
	batch_expire(&batch, &living, clocks_boot_ms());
	result = batch_commit(&batch, &living, &counted, &error);
	for (size_t i = 0; i < batch.n; i++)
		good += batch.list[i].fault == ORDER_FAULT_NOTHING;
	printf("commits=%u orders=%zu done=%u living=%zu%s%s\n", commits, batch.n, good, living.n,
	       result == 0 ? "" : " error=", result == 0 ? "" : error.text);
	batch_empty(&batch);
}

/* rewrite: all of it, both families */
static void do_rewrite(char *arguments)
{
	const struct rules rules = all_rules(true);

	(void)arguments;
	puts(backend->commit(&rules, &error) == 0 ? "done" : error.text);
}

static void do_look(char *arguments)
{
	static const char *const names[] = {"sound", "changed", "gone", "no-jump", "unreadable"};
	const struct rules rules = all_rules(false);
	enum backend_state state;

	(void)arguments;
	error.text[0] = '\0';
	state = backend->look(&rules, &error);
	printf("%s%s%s\n", names[state], state == BACKEND_SOUND ? "" : " ", error.text);
}

/* own ADDRESS */
static void do_own(char *arguments)
{
	static const char *const names[] = {"not", "is", "no-family", "unknown"};
	struct address address;

	puts(address_parse(&address, arguments) == 0 ? names[own_ask(OWN_DESCRIPTOR, &address)]
						     : "usage");
}

/* step MILLISECONDS: sets our wall clock, whole seconds */
static void do_step(char *arguments)
{
	step_ms += strtoll(arguments, NULL, 10);
	puts("done");
}

/* many FIRST COUNT MILLISECONDS: grants from that number on, for 10.0.0.0/8 */
static void do_many(char *arguments)
{
	struct order order = {.verb = ORDER_OPEN, .door = start.config.doors[0], .key = "many"};
	uint64_t now_ms = clocks_boot_ms(), count, ms;
	unsigned taken = 0;

	if (sscanf(arguments, "%" SCNu64 " %" SCNu64 " %" SCNu64, &order.grant, &count, &ms) != 3) {
		puts("usage");
		return;
	}
	order.until_ms = now_ms + ms;
	for (uint64_t i = 0; i < count && !batch_full(&batch); i++, order.grant++) {
		const uint8_t four[4] = {10, (uint8_t)(order.grant >> 16),
					 (uint8_t)(order.grant >> 8), (uint8_t)order.grant};
		address_from_v4(&order.address, four);
		taken +=
		    batch_take(&batch, &living, &order, order_check(&order, &start, now_ms), now_ms)
			->fault == ORDER_FAULT_NOTHING;
	}
	printf("%u\n", taken);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double ms_since(const struct timespec *from)
{
	struct timespec to;

	clock_gettime(CLOCK_MONOTONIC, &to);
	return (double)(to.tv_sec - from->tv_sec) * 1e3 +
	       (double)(to.tv_nsec - from->tv_nsec) / 1e6;
}

/* One order of a batch of its own, committed. */
static void alone(struct order *order, uint32_t verb)
{
	uint64_t now_ms = clocks_boot_ms();

	order->verb = verb;
	order->until_ms = now_ms + 60000;
	batch_empty(&batch);
	batch_take(&batch, &living, order, order_check(order, &start, now_ms), now_ms);
	if (batch_commit(&batch, &living, &counted, &error) == -1)
		fprintf(stderr, "%s\n", error.text);
	batch_empty(&batch);
}

/* time COUNT: a grant more is opened, and closed again: milliseconds until it is open */
static void do_time(char *arguments)
{
	static double took[1000];
	struct order order = {.grant = UINT64_MAX, .door = start.config.doors[0], .key = "timed"};
	size_t count = strtoul(arguments, NULL, 10);
	struct timespec from;

	address_parse(&order.address, "192.0.2.9");
	for (size_t i = 0; i < count && i < 1000; i++) {
		clock_gettime(CLOCK_MONOTONIC, &from);
		alone(&order, ORDER_OPEN);
		took[i] = ms_since(&from);
		alone(&order, ORDER_CLOSE);
	}
	qsort(took, count, sizeof(*took), by_size);
	printf("median=%.4f least=%.4f most=%.4f\n", took[count / 2], took[0], took[count - 1]);
}

static const struct {
	const char *name;
	void (*run)(char *arguments);
} verbs[] = {
    {"open", do_open},       {"close", do_close}, {"commit", do_commit},
    {"rewrite", do_rewrite}, {"look", do_look},   {"own", do_own},
    {"step", do_step},       {"many", do_many},   {"time", do_time},
};

static void run(char *line)
{
	size_t length;

	line[strcspn(line, "\n")] = '\0';
	length = strcspn(line, " ");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strlen(verbs[i].name) == length && strncmp(line, verbs[i].name, length) == 0) {
			verbs[i].run(line + length + (line[length] == ' '));
			return;
		}
	puts("usage");
}

/* What backend it is, and what it is told: the options of its section, in the order of the manual. */
static bool configure_backend(struct config *config, int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "iptc") == 0) {
		config->firewall = CONFIG_IPTC;
		snprintf(config->table, sizeof(config->table), "%s", argv[2]);
		snprintf(config->chain, sizeof(config->chain), "%s", argv[3]);
		config->mark = (uint32_t)strtoul(argv[4], NULL, 0);
	} else if (argc == 4 && strcmp(argv[1], "ipset") == 0) {
		config->firewall = CONFIG_IPSET;
		snprintf(config->set4, sizeof(config->set4), "%s", argv[2]);
		snprintf(config->set6, sizeof(config->set6), "%s", argv[3]);
	} else if ((argc == 5 || argc == 6) && strcmp(argv[1], "nft") == 0) {
		config->firewall = CONFIG_NFT;
		snprintf(config->table, sizeof(config->table), "%s", argv[2]);
		snprintf(config->set4, sizeof(config->set4), "%s", argv[3]);
		snprintf(config->set6, sizeof(config->set6), "%s", argv[4]);
		if (argc == 6)
			snprintf(config->table6, sizeof(config->table6), "%s", argv[5]);
	} else if (argc == 2 && strcmp(argv[1], "none") == 0) {
		config->firewall = CONFIG_NONE;
	}
	return config->firewall != 0;
}

static void configure(struct config *config)
{
	static const char *const doors[] = {"tcp/22", "udp/53", "sctp/5000"};

	config->grant_max_s = MAX_S;
	for (size_t i = 0; i < sizeof(doors) / sizeof(*doors); i++)
		door_parse(&config->doors[config->n_doors++], doors[i], NULL);
}

int main(int argc, char **argv)
{
	const char *path = getenv("XTABLES_LOCKFILE");
	char line[256];
	int lock;

	if (path == NULL || !configure_backend(&start.config, argc, argv)) {
		fputs("usage: XTABLES_LOCKFILE=FILE backend-drive iptc TABLE CHAIN MARK |\n"
		      "       ipset SET4 SET6 | nft TABLE SET4 SET6 | none\n",
		      stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	configure(&start.config);
	backend = backend_of(start.config.firewall);
	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (backend == NULL || lock == -1 || own_open(OWN_DESCRIPTOR, &error) == -1 ||
	    backend->start(&start.config, lock, &error) == -1) {
		fprintf(stderr, "%s\n",
			backend == NULL ? "not built in"
			: lock == -1    ? strerror(errno)
					: error.text);
		return 1;
	}
	while (fgets(line, sizeof(line), stdin) != NULL)
		run(line);
	return 0;
}
