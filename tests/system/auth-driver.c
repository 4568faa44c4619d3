/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real postern-auth between a played capture and a played firewall: what opens, and, above all,
 * what never does. Prints TAP; 040-auth runs it where it has the rights to.
 */
#include "auth-scene.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto.h"

static void opens(void)
{
	uint8_t knock[KNOCK_SIZE];
	struct order order;

	scene_set_up();
	uint64_t before = harness_boot();
	order = scene_let_in(knock, scene_open_ssh);
	scene_result(order.verb == ORDER_OPEN && order.grant == 1 && order.door.port == 22 &&
			 order.door.proto == DOOR_TCP &&
			 address_equal(&order.address, &scene_client) &&
			 strcmp(order.key, "key0") == 0 && order.until_ms >= before + 30000 &&
			 order.until_ms <= harness_boot() + 30000,
		     "a valid knock becomes an order");
	scene_result(scene.announced == 1, "which was said to come");
	scene_result(harness_logged(
			 &scene, "event=opened key=key0 id=00001000 addr=198.51.100.7 door=tcp/22 "
				 "for=30s grant=1 via=spa"),
		     "acknowledged, it is told");
	scene_result(scene_status("grants=1") && scene_status("accepted=1") &&
			 scene_status("clock=ok"),
		     "status counts it");
	scene_result(strstr(harness_ask(&scene, "grants"),
			    "grant=1 key=key0 id=00001000 addr=198.51.100.7 "
			    "door=tcp/22 since=") != NULL,
		     "grants shows it");
	scene_result(harness_stop(&scene) == 0, "ends in order when posternd has gone");
	scene_result(scene_sql("SELECT count(*) FROM grants") == 1 &&
			 scene_sql("SELECT count(*) FROM history") == 1 &&
			 scene_sql("SELECT last_grant FROM about") >= 1,
		     "the record has grant and history");
	harness_remove(&scene);
}

static void all_doors(void)
{
	uint8_t knock[KNOCK_SIZE];
	struct order first, second;

	scene_set_up();
	harness_seal(&scene, knock, 0, (struct request){.seconds = 65535}, &scene_client);
	scene_sight(knock, &scene_client);
	bool both = harness_order(&scene, &first, HARNESS_PATIENCE_MS) &&
		    harness_order(&scene, &second, HARNESS_PATIENCE_MS);
	scene_result(both && first.door.port == 22 && second.door.port == 1194 &&
			 first.until_ms <= harness_boot() + 3600000 && scene_no_order(),
		     "a knock for all opens all doors of the key, clipped to the greatest time");
	harness_remove(&scene);
}

static void replays(void)
{
	uint8_t knock[KNOCK_SIZE], unbound[KNOCK_SIZE];

	scene_set_up();
	scene_let_in(knock, scene_open_ssh);
	harness_drain_log(&scene);
	scene_sight(knock, &scene_client);
	scene_result(scene_no_order() && scene_status("duplicate=1") && scene_status("refused=0"),
		     "the same packet again is a duplicate, and only counted");
	scene_sight(knock, &scene_stranger);
	scene_result(scene_no_order() &&
			 harness_logged(&scene, "event=refused key=key0 reason=forged"),
		     "from another address its tag does not hold");
	harness_seal(&scene, unbound, 1, scene_open_ssh, NULL);
	scene_sight(unbound, &scene_client);
	struct order order;
	scene_result(harness_order(&scene, &order, HARNESS_PATIENCE_MS),
		     "an unbound knock opens for who sends it");
	harness_ack(&scene, &order, 0);
	scene_sight(unbound, &scene_stranger);
	scene_result(scene_no_order() &&
			 harness_logged(&scene, "event=refused key=key1 addr=203.0.113.9 via=spa "
						"reason=replay"),
		     "sent again from elsewhere it is a replay, told");
	harness_remove(&scene);
}

static void unbound_needs_nat(void)
{
	uint8_t knock[KNOCK_SIZE];

	scene_set_up();
	harness_seal(&scene, knock, 0, scene_open_ssh, NULL);
	scene_sight(knock, &scene_client);
	scene_result(scene_no_order() &&
			 harness_logged(&scene, "event=refused key=key0 reason=unbound"),
		     "an unbound knock of a key without nat opens nothing");
	harness_remove(&scene);
}

/* 100 keys, 10 knocks each, at once. */
static void crowd(void)
{
	enum { KEYS = 100, EACH = 10 };
	static uint8_t knocks[EACH][KEYS][KNOCK_SIZE];
	struct address address = scene_client;
	struct order order;
	int orders = 0;

	scene_set_up();
	harness_stop(&scene);
	while (scene.n_keys < KEYS)
		harness_key(&scene, false, 0);
	harness_write_keys(&scene);
	scene_restart();
	for (int i = 0; i < EACH; i++)
		for (size_t k = 0; k < KEYS; k++)
			harness_seal(&scene, knocks[i][k], k, scene_open_ssh, &address);
	for (int i = 0; i < EACH; i++)
		harness_sight(&scene, knocks[i][0], KEYS, &address);
	while (orders < KEYS * EACH && harness_order(&scene, &order, HARNESS_PATIENCE_MS))
		orders += order.verb == ORDER_OPEN;
	scene_result(orders == KEYS * EACH, "1,000 knocks of 100 keys at once: 1,000 orders");
	char *commits = strstr(harness_ask(&scene, "status"), "commits=");
	scene_result(commits != NULL && atoi(commits + 8) > 0 && atoi(commits + 8) < 100,
		     "in far fewer commits");
	printf("# %.*s\n", (int)strcspn(commits ? commits : "", "\n"), commits ? commits : "");
	harness_sight(&scene, knocks[0][0], KEYS, &address);
	scene_result(scene_no_order(), "and none of them opens again");
	harness_remove(&scene);
}

static void rate(void)
{
	uint8_t knocks[12][KNOCK_SIZE];
	struct order order;
	int orders = 0;

	scene_set_up();
	for (int i = 0; i < 12; i++)
		harness_seal(&scene, knocks[i], 0, scene_open_ssh,
			     i < 11 ? &scene_client : &scene_stranger);
	harness_sight(&scene, knocks[0], 11, &scene_client);
	harness_sight(&scene, knocks[11], 1, &scene_stranger);
	while (orders < 10 && harness_order(&scene, &order, HARNESS_PATIENCE_MS))
		orders++;
	scene_result(orders == 10 && scene_no_order() &&
			 harness_logged(&scene, "event=refused key=key0 reason=rate"),
		     "the eleventh knock of a key within a second is one too many");
	scene_result(strstr(harness_line, " addr=203.0.113.9 ") != NULL && scene_status("late=1"),
		     "... but told only where the key has nothing open");
	harness_remove(&scene);
}

static void closing(void)
{
	uint8_t knock[KNOCK_SIZE];
	struct order order, other;
	struct request close_all = {.action = KNOCK_CLOSE};

	scene_set_up();
	order = scene_let_in(knock, scene_open_ssh);
	harness_seal(&scene, knock, 1, scene_open_ssh, &scene_client);
	scene_sight(knock, &scene_client);
	harness_order(&scene, &other, HARNESS_PATIENCE_MS);
	harness_ack(&scene, &other, 0);
	harness_seal(&scene, knock, 0, close_all, &scene_stranger);
	scene_sight(knock, &scene_stranger);
	scene_result(scene_no_order(), "a close knock from elsewhere closes nothing");
	harness_seal(&scene, knock, 0, close_all, &scene_client);
	scene_sight(knock, &scene_client);
	struct order closed = {0};
	scene_result(harness_order(&scene, &closed, HARNESS_PATIENCE_MS) &&
			 closed.verb == ORDER_CLOSE && closed.grant == order.grant &&
			 scene_no_order() &&
			 harness_logged(&scene, "event=closed grant=1 key=key0 why=close"),
		     "from the same address it closes its key's grant, and no other");
	scene_result(
	    strcmp(harness_ask(&scene, "close 198.51.100.7"), "closed=1 logins=1\n\n") == 0 &&
		harness_order(&scene, &closed, HARNESS_PATIENCE_MS) && closed.grant == other.grant,
	    "close by address closes what is left");
	harness_kill(&scene);
	uint64_t restored = 1;
	int status;
	scene_result(harness_start(&scene, &restored, &status) && restored == 0,
		     "what was closed stays so after a crash");
	harness_remove(&scene);
}

/* A grant of a second, and how many milliseconds after its order it was closed. */
static uint64_t brief_grant(void)
{
	const struct request brief = {.proto = DOOR_TCP, .port = 22, .seconds = 1};
	uint8_t knock[KNOCK_SIZE];
	struct order order, closed = {0};

	order = scene_let_in(knock, brief);
	uint64_t before = harness_boot();
	if (!harness_order(&scene, &closed, HARNESS_PATIENCE_MS) || closed.verb != ORDER_CLOSE ||
	    closed.grant != order.grant ||
	    !harness_logged(&scene,
			    "event=closed key=key0 addr=198.51.100.7 door=tcp/22 why=expired"))
		return UINT64_MAX;
	return harness_boot() - before;
}

static void ending(void)
{
	uint8_t knock[KNOCK_SIZE];
	struct order order, closed = {0};
	unsigned tries = 1;

	scene_set_up();
	uint64_t took = brief_grant();
	while (took >= 1500 && took != UINT64_MAX && tries++ < 10) /* this machine was busy */
		took = brief_grant();
	scene_result(took < 1500, "a grant ends when its time is over");
	scene_let_in(knock, scene_open_ssh);
	order = scene_let_in(knock, scene_open_ssh);
	scene_result(order.verb == ORDER_OPEN &&
			 harness_order(&scene, &closed, HARNESS_PATIENCE_MS) &&
			 closed.verb == ORDER_CLOSE && closed.grant == order.grant - 1 &&
			 harness_logged(&scene, "event=closed why=replaced"),
		     "knocking again replaces it");
	harness_remove(&scene);
}

/* posternd ends, and the firewall answers the first of two orders, in the time that is left for that, if
 * this machine is not too busy: whether the first has opened. */
static bool last_order(uint8_t knocks[static 2][KNOCK_SIZE])
{
	struct order order = {0};

	scene_set_up();
	harness_seal(&scene, knocks[0], 0, scene_open_ssh, &scene_client);
	harness_seal(&scene, knocks[1], 1, scene_open_ssh, &scene_client);
	scene_sight(knocks[0], &scene_client);
	scene_sight(knocks[1], &scene_client);
	harness_leave(&scene);
	bool ordered = harness_order(&scene, &order, HARNESS_PATIENCE_MS);
	harness_ack(&scene, &order, 0);
	return ordered && harness_logged(&scene, "key=key0 id=00001000") &&
	       strstr(harness_line, "event=opened") != NULL;
}

static void at_the_end(void)
{
	uint8_t knocks[2][KNOCK_SIZE];
	bool opened = last_order(knocks);

	for (unsigned tries = 1; !opened && tries < 10; tries++) {
		harness_remove(&scene);
		opened = last_order(knocks);
	}
	scene_result(opened, "what capture sent before the end still opens");
	bool told = harness_logged(&scene, "event=refused key=key1 reason=firewall");
	scene_result(told && harness_stop(&scene) == 0,
		     "and what the firewall does not answer is told as refused");
	uint64_t restored = 0;
	int status;
	scene_result(harness_start(&scene, &restored, &status) && restored == 1,
		     "the next life has what was opened, and no more");
	scene_sight(knocks[1], &scene_client);
	scene_result(scene_no_order(), "and both claims");
	harness_remove(&scene);
}

static void firewall_refuses(void)
{
	uint8_t knock[KNOCK_SIZE];
	struct order order = {0};

	scene_set_up();
	harness_seal(&scene, knock, 0, scene_open_ssh, &scene_client);
	scene_sight(knock, &scene_client);
	harness_order(&scene, &order, HARNESS_PATIENCE_MS);
	harness_ack(&scene, &order, EPERM);
	scene_result(harness_logged(&scene, "event=refused key=key0 door=tcp/22 reason=firewall") &&
			 scene_status("grants=0"),
		     "an order that the firewall refuses is no grant");
	harness_seal(&scene, knock, 0, scene_open_ssh, &scene_client);
	scene_sight(knock, &scene_client);
	harness_order(&scene, &order, HARNESS_PATIENCE_MS);
	close(scene.firewall);
	scene.firewall = -1;
	scene_result(harness_logged(&scene, "event=refused key=key0 reason=firewall"),
		     "nor is one to a firewall that has gone");
	harness_wait(&scene);
	close(scene.process.channel);
	harness_remove(&scene);
}

static void junk(void)
{
	static uint8_t knocks[SIGHTINGS_BATCH][KNOCK_SIZE];
	enum { BATCHES = 500 };
	char wanted[32];

	scene_set_up();
	for (int i = 0; i < BATCHES; i++) {
		crypto_random(knocks, sizeof knocks);
		harness_sight(&scene, knocks[0], SIGHTINGS_BATCH, &scene_stranger);
	}
	snprintf(wanted, sizeof wanted, "noise=%d", BATCHES * SIGHTINGS_BATCH);
	scene_result(scene_no_order() && scene_status(wanted) && scene_status("refused=0") &&
			 scene.announced == 0,
		     "16,000 packets of junk are counted, and nothing else");
	address_parse(&scene.start.own[0], "192.0.2.1");
	uint8_t knock[KNOCK_SIZE];
	harness_seal(&scene, knock, 0, scene_open_ssh, &scene.start.own[0]);
	scene_sight(knock, &scene.start.own[0]);
	scene_result(scene_no_order() && scene_status("refused=0"),
		     "a packet from our own address is junk");
	harness_remove(&scene);
}

/* Value of a field in /proc/PID/task/TID/status, for all threads the same; or null. */
static bool all_threads_say(const char *field)
{
	char command[256];

	snprintf(command, sizeof command,
		 "test $(ls /proc/%d/task | wc -l) = 2 && "
		 "test $(cat /proc/%d/task/*/status | grep -c '^%s$') = 2",
		 (int)scene.process.pid, (int)scene.process.pid, field);
	return system(command) == 0;
}

static void locked_down(void)
{
	scene_set_up();
	if (getenv("SPARE_THREAD") != NULL)
		scene_result(true, "capabilities # SKIP the sanitizer has a thread of its own");
	else
		scene_result(all_threads_say("CapEff:.0*") && all_threads_say("CapPrm:.0*") &&
				 all_threads_say("CapBnd:.0*") && all_threads_say("NoNewPrivs:.1"),
			     "no thread has a capability, nor can get one");
	if (getenv("NO_SECCOMP") != NULL)
		scene_result(true, "seccomp # SKIP a sanitizer build");
	else
		scene_result(all_threads_say("Seccomp:.2"), "every thread is under seccomp");
	harness_remove(&scene);
}

static void lying_capture(void)
{
	static struct sightings batch = {.count = SIGHTINGS_BATCH + 1};

	scene_set_up();
	msg_send(scene.capture, MSG_SIGHTINGS, &batch);
	int status = harness_wait(&scene);
	scene_result(WIFEXITED(status) && WEXITSTATUS(status) == 3 &&
			 harness_logged(&scene, "event=attack what=bad-message from=capture"),
		     "a batch that says it holds more than it can ends the process");
	close(scene.process.channel);
	harness_remove(&scene);
}

/* Exit status of the program on this file, by hand; its words are in a file beside it. */
static int check_by_hand(const char *option, const char *file)
{
	char command[512];

	snprintf(command, sizeof command, "'%s/daemon/auth/postern-auth' %s <'%s' 2>'%s/said'",
		 getenv("builddir") ? getenv("builddir") : ".", option, file, scene.folder);
	int status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool said(const char *words)
{
	char path[128], text[512] = "";

	snprintf(path, sizeof path, "%s/said", scene.folder);
	FILE *file = fopen(path, "r");
	if (file == NULL)
		return false;
	size_t size = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[size] = '\0';
	return strstr(text, words) != NULL;
}

static void key_file(void)
{
	scene_set_up();
	scene_result(check_by_hand("-t", scene.keys_path) == 0 && said(""), "-t: a good key file");
	scene_overwrite(scene.keys_path, 20, " oops ");
	scene_result(check_by_hand("-t", scene.keys_path) == 1 && said("keys: line 1: "),
		     "-t: a wrong one, with its line");
	scene_result(check_by_hand("-t", "/dev/null") == 0, "-t: an empty one");
	scene_result(check_by_hand("-x", "/dev/null") == 2 && said("postern-auth -t"),
		     "another option is wrong usage");
	scene_result(check_by_hand("", "/dev/null") == 3 && said("start posternd instead"),
		     "by hand it does not run");
	harness_remove(&scene);
}

int main(void)
{
	static void (*const all[])(void) = {
	    opens, all_doors,   replays,       unbound_needs_nat, crowd,
	    rate,  closing,     ending,        at_the_end,        firewall_refuses,
	    junk,  locked_down, lying_capture, key_file,          record_cases,
	};

	scene_begin();
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		all[i]();
	return scene_end();
}
