/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real postern-auth, in which one allocation fails: the first, the second, and so on until none
 * of a whole scene is left. Each time nothing opens that was not claimed for good, no knock opens
 * twice, and the log names what was missing, or nothing was. Prints TAP; 041-starved runs it.
 */
#include "auth-scene.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faulty.h"
#include "sequence.h"

/* So many keys that none knocks more often than it may, however fast this is. */
enum { KEYS = 900, NUMBERS = 1 << 17, PATIENCE_MS = 10000, LOG = 1 << 16, SENT = 3 };

static struct faulty *faulty;
static unsigned number, wrong; /* of rounds */

/* Of all rounds: what may be open in the firewall, by the number of its grant. */
static bool ordered[NUMBERS];

/* Of this one. */
static char text[LOG]; /* what was logged */
static size_t text_size;
static unsigned orders;
static uint8_t sent[SENT][KNOCK_SIZE]; /* knocks for which an order came */
static unsigned n_sent;
static bool ended, again; /* this life; and whether it is a later one */
static int status;

static void complain(const char *what)
{
	char copy[LOG], *rest = copy, *line;

	printf("# allocation %llu: %s\n", (unsigned long long)faulty->first, what);
	strcpy(copy, text);
	while ((line = strsep(&rest, "\n")) != NULL)
		printf("#     %s\n", line);
	wrong++;
}

static size_t key_of(unsigned which)
{
	return (number * SENT + which) % KEYS;
}

/* ---- the process, and what it says ---- */

static void read_log(void)
{
	ssize_t size;

	while (text_size < LOG - 2048 &&
	       (size = recv(scene.log, text + text_size, 2040, MSG_DONTWAIT)) > 0) {
		text_size += (size_t)size;
		text[text_size++] = '\n';
	}
	text[text_size] = '\0';
}

/* In a later life one knock is new. */
static void look_at(const struct order *order)
{
	char name[16];

	snprintf(name, sizeof name, "key%zu", key_of(2));
	if (again && strcmp(order->key, name) != 0)
		complain("a knock was accepted again");
	orders++;
	ordered[order->grant % NUMBERS] = true;
}

/* All that has come by now. */
static void hear(void)
{
	bool last = waitpid(scene.process.pid, &status, WNOHANG) == scene.process.pid;
	struct order order;

	while (harness_order(&scene, &order, 0)) {
		harness_ack(&scene, &order, 0);
		if (order.verb == ORDER_OPEN)
			look_at(&order);
	}
	read_log();
	ended = last;
}

/* Lets a moment pass. False: enough of them have, or the process has ended. */
static bool wait_on(int *left)
{
	poll(NULL, 0, 1);
	if (!ended)
		hear();
	return !ended && --*left > 0;
}

static void restored(const struct order *order)
{
	if (!ordered[order->grant % NUMBERS])
		complain("a grant goes on that never was");
}

/* Whether it works. */
static bool start(void)
{
	uint64_t count;

	ended = !harness_start(&scene, &count, &status);
	if (ended)
		read_log();
	return !ended;
}

/* It is to end, if it has not. Whether it did as it should. */
static bool stop(void)
{
	int left = PATIENCE_MS;

	if (!ended)
		harness_leave(&scene);
	while (!ended && wait_on(&left))
		continue;
	if (!ended) {
		complain("it does not end");
		harness_kill(&scene);
		return false;
	}
	scene.process.pid = 0;
	harness_forget(&scene);
	if (WIFSIGNALED(status))
		complain(strsignal(WTERMSIG(status)));
	return WIFEXITED(status) && WEXITSTATUS(status) == PROCESS_DONE;
}

/* ---- the scene ---- */

/* A line with these words comes after what was there. False: it does not, something is refused, or the
 * process ends. */
static bool comes(size_t from, const char *words)
{
	int left = PATIENCE_MS;

	while (strstr(text + from, words) == NULL && strstr(text + from, "=refused") == NULL)
		if (!wait_on(&left))
			break;
	return strstr(text + from, words) != NULL;
}

/* This knock has been sent: it opens, and is remembered. */
static bool lets_in(const uint8_t knock[static KNOCK_SIZE])
{
	unsigned before = orders;
	bool good = comes(text_size, "event=opened");

	if (orders > before)
		memcpy(sent[n_sent++], knock, KNOCK_SIZE);
	return good && orders == before + 1;
}

static bool by_packet(void)
{
	uint8_t knock[KNOCK_SIZE];

	harness_seal(&scene, knock, key_of(0), scene_open_ssh, &scene_client);
	scene_sight(knock, &scene_client);
	return lets_in(knock);
}

/* All 48, as a client sends them. */
static bool by_sequence(void)
{
	static struct sightings batch;
	const struct portset *ports = &scene.start.config.sequence;
	unsigned positions = sequence_positions(ports);
	uint8_t knock[KNOCK_SIZE], values[SEQUENCE_MOST];

	harness_seal(&scene, knock, key_of(1), scene_open_ssh, &scene_client);
	sequence_encode(values, positions, knock);
	batch.count = positions;
	for (unsigned i = 0; i < positions; i++)
		batch.list[i] = (struct sighting){
		    .source = scene_client,
		    .port = sequence_port(ports, (struct symbol){(uint8_t)i, values[i]}),
		    .proto = DOOR_UDP,
		    .kind = SIGHTING_TOUCH};
	msg_send(scene.capture, MSG_SIGHTINGS, &batch);
	return lets_in(knock);
}

static bool closes(void)
{
	const struct request request = {.action = KNOCK_CLOSE};
	uint8_t knock[KNOCK_SIZE];
	size_t from = text_size;

	harness_seal(&scene, knock, key_of(0), request, &scene_client);
	scene_sight(knock, &scene_client);
	return comes(from, "event=closed");
}

/* Whether the answer holds these words. */
static bool says(const char *line, const char *words)
{
	int fd = harness_question(&scene, line), left = PATIENCE_MS;
	size_t size = 0;
	ssize_t got = fd == -1 ? 0 : -1;

	while (got != 0 && size < 60000) {
		got = recv(fd, harness_answer + size, 4096, MSG_DONTWAIT);
		size += got > 0 ? (size_t)got : 0;
		if (got == -1 && !wait_on(&left))
			break;
	}
	harness_answer[size] = '\0';
	if (fd != -1)
		close(fd);
	return strstr(harness_answer, words) != NULL;
}

static bool answers(void)
{
	return says("status", "clock=ok") && says("grants", "addr=198.51.100.7") &&
	       says("check 198.51.100.7 door=tcp/22 user=nobody", "no reason=user") &&
	       says("open 203.0.113.9 tcp/22", "grant=") &&
	       says("block 203.0.113.8 for=1h", "closed=0") && says("blocks", "203.0.113.8") &&
	       says("history since=1m", "event=opened") &&
	       says("unblock 203.0.113.8", "unblocked=1");
}

static bool first_life(void)
{
	bool good = start() && by_packet() && answers() && by_sequence() && closes();

	return stop() && good;
}

/* What was used comes again, and then a new knock: were the first taken, its order would come before. */
static bool opens_once(void)
{
	uint8_t knock[KNOCK_SIZE];
	char line[64];
	size_t from = text_size;
	unsigned before = orders;
	int left = PATIENCE_MS;

	for (unsigned i = 0; i < n_sent; i++)
		scene_sight(sent[i], &scene_client);
	harness_seal(&scene, knock, key_of(2), scene_open_ssh, &scene_client);
	scene_sight(knock, &scene_client);
	snprintf(line, sizeof line, "event=opened key=key%zu ", key_of(2));
	while (strstr(text + from, line) == NULL && wait_on(&left))
		continue;
	return orders == before + 1;
}

static bool later_life(void)
{
	again = true;
	bool good = start() && opens_once() && says("close all", "closed=");

	return stop() && good;
}

static bool named(void)
{
	return strstr(text, "memory") != NULL;
}

/* One allocation fails, or all from there on; false: there were not so many. */
static bool round_of(uint64_t first, uint64_t count)
{
	number++;
	text_size = orders = n_sent = 0;
	text[0] = '\0';
	again = false;
	*faulty =
	    (struct faulty){.call = "memory", .error = ENOMEM, .first = first, .count = count};
	bool good = first_life();
	if (good)
		good = later_life();
	bool hit = faulty->failed > 0;
	if (!good && !hit)
		complain("what fails is not the test's doing");
	else if (!good && !named())
		complain("the log does not name it");
	faulty->count = 0;
	if (!good && !later_life())
		complain("afterwards it does not work");
	return hit;
}

/* ---- the stage ---- */

static void copy_program(void)
{
	char command[600];

	snprintf(scene.program, sizeof scene.program, "%s/postern-auth", scene.folder);
	snprintf(command, sizeof command, "cp '%s/tests/system/faulty-auth' %s",
		 getenv("builddir") ? getenv("builddir") : ".", scene.program);
	if (system(command) != 0)
		printf("Bail out! cannot copy the program\n"), exit(1);
}

static void share(void)
{
	char path[300];

	snprintf(path, sizeof path, "%s.faulty", scene.program);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1 || ftruncate(fd, sizeof *faulty) == -1)
		printf("Bail out! %s: %s\n", path, strerror(errno)), exit(1);
	faulty = mmap(NULL, sizeof *faulty, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (faulty == MAP_FAILED)
		printf("Bail out! %s: %s\n", path, strerror(errno)), exit(1);
}

static void set_up(void)
{
	harness_make(&scene);
	copy_program();
	share();
	portset_parse(&scene.start.config.sequence, "20480-32767", NULL);
	harness_write_keys(&scene);
	scene_restart();
	harness_stop(&scene);
	usleep(2000);
	while (scene.n_keys < KEYS) /* younger than the record */
		harness_key(&scene, false, 0);
	harness_write_keys(&scene);
	scene.restored = restored;
}

/* The allocations, every step-th of them. How many there are. */
static uint64_t all(uint64_t first, uint64_t step, uint64_t count, const char *name)
{
	unsigned before = wrong, rounds = number;

	for (; round_of(first, count) && wrong < before + 10; first += step)
		first = faulty->first; /* what it was in the end: see faulty.c */
	scene_result(wrong == before && number > rounds + 1, name);
	printf("# %u of about %llu allocations\n", number - rounds - 1, (unsigned long long)first);
	return first;
}

int main(int argc, char **argv)
{
	uint64_t step = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;

	if (argc > 3 || step == 0 || first == 0) {
		fputs("usage: auth-starved [STEP [FIRST]]\n", stderr);
		return 2;
	}
	scene_begin();
	set_up();
	all(first, step, 1,
	    "an allocation fails: nothing opens or is forgotten, and the log names it");
	all(first, step * 4, UINT64_MAX, "and where all that follow fail, too");
	harness_remove(&scene);
	return scene_end();
}
