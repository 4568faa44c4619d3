/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real postern-auth between a played capture and a played firewall: what opens, and, above all,
 * what never does. Prints TAP; 040-auth runs it where it has the rights to.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth-harness.h"

static struct harness h;
static struct address client, stranger;
static const struct request open_ssh = {.proto = DOOR_TCP, .port = 22};
static int tests, failures;

static void result(bool good, const char *name)
{
	printf("%s %d - %s\n", good ? "ok" : "not ok", ++tests, name);
	fflush(stdout);
	failures += !good;
}

static void restart(void)
{
	uint64_t restored;
	int status;

	if (harness_start(&h, &restored, &status))
		return;
	harness_drain_log(&h);
	printf("Bail out! ended with status %#x instead of starting\n", (unsigned)status);
	exit(1);
}

/* A folder with a fresh record, two keys (1 has nat), the process running on it. */
static void set_up(void)
{
	harness_make(&h);
	harness_write_keys(&h);
	restart();
	harness_stop(&h);
	usleep(2000);
	harness_key(&h, false, 0); /* younger than the record */
	harness_key(&h, true, 0);
	harness_write_keys(&h);
	restart();
}

static bool no_order(void)
{
	struct order order;

	return !harness_order(&h, &order, 300);
}

static void sight(const uint8_t *knock, const struct address *source)
{
	harness_sight(&h, knock, 1, source);
}

/* Knocks with key 0, is let in. */
static struct order let_in(uint8_t knock[static KNOCK_SIZE], struct request request)
{
	struct order order = {0};

	harness_seal(&h, knock, 0, request, &client);
	sight(knock, &client);
	if (harness_order(&h, &order, 2000))
		harness_ack(&h, &order, 0);
	return order;
}

static bool status_says(const char *line)
{
	char with_end[128];

	snprintf(with_end, sizeof with_end, "%s\n", line);
	return strstr(harness_ask(&h, "status"), with_end) != NULL;
}

static sqlite3_int64 sql(const char *text)
{
	sqlite3_stmt *statement;
	sqlite3_int64 value = -1;
	sqlite3 *db;

	sqlite3_open(h.db, &db);
	if (sqlite3_prepare_v2(db, text, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return value;
}

static void opens(void)
{
	uint8_t knock[KNOCK_SIZE];
	struct order order;

	set_up();
	uint64_t before = harness_boot();
	order = let_in(knock, open_ssh);
	result(order.verb == ORDER_OPEN && order.grant == 1 && order.door.port == 22 &&
		   order.door.proto == DOOR_TCP && address_equal(&order.address, &client) &&
		   strcmp(order.key, "key0") == 0 && order.until_ms >= before + 30000 &&
		   order.until_ms <= harness_boot() + 30000,
	       "a valid knock becomes an order");
	result(harness_logged(&h, "event=opened key=key0 id=00001000 addr=198.51.100.7 door=tcp/22 "
				  "for=30s grant=1 via=spa"),
	       "acknowledged, it is told");
	result(status_says("grants=1") && status_says("accepted=1") && status_says("clock=ok"),
	       "status counts it");
	result(strstr(harness_ask(&h, "grants"), "grant=1 key=key0 id=00001000 addr=198.51.100.7 "
						 "door=tcp/22 since=") != NULL,
	       "grants shows it");
	result(harness_stop(&h) == 0, "ends in order when posternd has gone");
	result(sql("SELECT count(*) FROM grants") == 1 &&
		   sql("SELECT count(*) FROM history") == 1 &&
		   sql("SELECT last_grant FROM about") >= 1,
	       "the record has grant and history");
	harness_remove(&h);
}

static void all_doors(void)
{
	uint8_t knock[KNOCK_SIZE];
	struct order first, second;

	set_up();
	harness_seal(&h, knock, 0, (struct request){.seconds = 65535}, &client);
	sight(knock, &client);
	bool both = harness_order(&h, &first, 2000) && harness_order(&h, &second, 2000);
	result(both && first.door.port == 22 && second.door.port == 1194 &&
		   first.until_ms <= harness_boot() + 3600000 && no_order(),
	       "a knock for all opens all doors of the key, clipped to the greatest time");
	harness_remove(&h);
}

static void replays(void)
{
	uint8_t knock[KNOCK_SIZE], unbound[KNOCK_SIZE];

	set_up();
	let_in(knock, open_ssh);
	harness_drain_log(&h);
	sight(knock, &client);
	result(no_order() && status_says("duplicate=1") && status_says("refused=0"),
	       "the same packet again is a duplicate, and only counted");
	sight(knock, &stranger);
	result(no_order() && harness_logged(&h, "event=refused key=key0 reason=forged"),
	       "from another address its tag does not hold");
	harness_seal(&h, unbound, 1, open_ssh, NULL);
	sight(unbound, &client);
	struct order order;
	result(harness_order(&h, &order, 2000), "an unbound knock opens for who sends it");
	harness_ack(&h, &order, 0);
	sight(unbound, &stranger);
	result(no_order() && harness_logged(&h, "event=refused key=key1 addr=203.0.113.9 via=spa "
						"reason=replay"),
	       "sent again from elsewhere it is a replay, told");
	harness_remove(&h);
}

static void unbound_needs_nat(void)
{
	uint8_t knock[KNOCK_SIZE];

	set_up();
	harness_seal(&h, knock, 0, open_ssh, NULL);
	sight(knock, &client);
	result(no_order() && harness_logged(&h, "event=refused key=key0 reason=unbound"),
	       "an unbound knock of a key without nat opens nothing");
	harness_remove(&h);
}

/* A process that is killed at once after the order knows the knock when it is back. */
static void after_kill(void)
{
	uint8_t knock[KNOCK_SIZE];
	struct order order = {0};
	uint64_t restored;
	int status;

	set_up();
	harness_seal(&h, knock, 0, open_ssh, &client);
	sight(knock, &client);
	bool came = harness_order(&h, &order, 2000);
	harness_kill(&h);
	restart();
	sight(knock, &client);
	result(came && no_order() && harness_logged(&h, "event=refused key=key0 reason=replay"),
	       "killed between order and answer: the knock stays used");
	order = let_in(knock, open_ssh);
	harness_logged(&h, "event=opened");
	harness_ask(&h, "close all");
	harness_order(&h, &order, 2000);
	struct order last = let_in(knock, open_ssh);
	harness_logged(&h, "event=opened");
	usleep(300000); /* by now it is on record */
	harness_kill(&h);
	bool works = harness_start(&h, &restored, &status);
	result(works && restored == 1 && status_says("grants=1"),
	       "a recorded grant goes on in the next life");
	sight(knock, &client);
	result(no_order(), "and its knock stays used");
	harness_ask(&h, "close all");
	harness_order(&h, &order, 2000);
	harness_kill(&h);
	restart();
	result(let_in(knock, open_ssh).grant == last.grant + 1,
	       "no number of a grant is used twice, and none left out that is on record");
	harness_remove(&h);
}

static void after_loss(void)
{
	uint8_t knock[KNOCK_SIZE];

	set_up();
	let_in(knock, open_ssh);
	harness_kill(&h);
	unlink(h.db);
	restart();
	result(harness_logged(&h, "a new record was made"), "a lost record is told");
	sight(knock, &client);
	result(no_order() && harness_logged(&h, "event=refused key=key0 reason=floor"),
	       "after its loss no replay opens");
	harness_seal(&h, knock, 0, open_ssh, &client);
	sight(knock, &client);
	result(no_order() && strstr(harness_ask(&h, "status"), "old-keys-from=") != NULL,
	       "nor, for a window, any knock of an older key; status says until when");
	harness_stop(&h);
	size_t young = harness_key(&h, false, harness_now());
	harness_write_keys(&h);
	restart();
	harness_seal(&h, knock, young, open_ssh, &client);
	sight(knock, &client);
	struct order order;
	result(harness_order(&h, &order, 2000), "a younger key may knock at once");
	harness_remove(&h);
}

static void overwrite(const char *path, off_t at, const char *bytes)
{
	int fd = open(path, O_WRONLY);

	if (fd == -1 || pwrite(fd, bytes, strlen(bytes), at) < 0)
		printf("Bail out! cannot write %s\n", path), exit(1);
	close(fd);
}

static void after_corruption(off_t at, const char *name)
{
	uint8_t knock[KNOCK_SIZE];
	char corrupt[160];

	set_up();
	let_in(knock, open_ssh);
	harness_stop(&h);
	overwrite(h.db, at, "this is no database any more, nor is it anything else of use");
	restart();
	snprintf(corrupt, sizeof corrupt, "%s.corrupt", h.db);
	sight(knock, &client);
	result(harness_logged(&h, "event=attack what=record-corrupt") &&
		   access(corrupt, F_OK) == 0 && no_order() &&
		   harness_logged(&h, "event=refused reason=floor"),
	       name);
	harness_remove(&h);
}

static void clock_behind(void)
{
	uint8_t knock[KNOCK_SIZE];
	char change[128];

	set_up();
	harness_stop(&h);
	snprintf(change, sizeof change, "UPDATE about SET newest_ms = %llu RETURNING 1",
		 (unsigned long long)harness_now() + 1000000);
	sql(change);
	restart();
	result(harness_logged(&h, "event=attack what=clock-behind") && status_says("clock=behind"),
	       "a clock behind the record is told");
	harness_seal(&h, knock, 0, open_ssh, &client);
	sight(knock, &client);
	result(no_order() && harness_logged(&h, "event=refused reason=floor"),
	       "and no knock opens");
	result(strcmp(harness_ask(&h, "clock reset"), "clock=ok\n\n") == 0 &&
		   let_in(knock, open_ssh).grant != 0,
	       "clock reset ends that");
	harness_kill(&h);
	restart();
	result(status_says("clock=ok"), "for good");
	harness_remove(&h);
}

/* The record changes hands: who writes it must notice before a claim counts as durable. */
static void record_replaced(void)
{
	uint8_t knock[KNOCK_SIZE];

	set_up();
	unlink(h.db);
	harness_seal(&h, knock, 0, open_ssh, &client);
	sight(knock, &client);
	int status = harness_wait(&h);
	/* Whether the knock was the first to be written, or something of the start still was. */
	result(WIFEXITED(status) && WEXITSTATUS(status) == 4 &&
		   harness_logged(&h, "removed or replaced while in use") && no_order(),
	       "a record that is taken away while in use ends the process; nothing opens");
	close(h.process.channel);
	harness_remove(&h);
}

/* 100 keys, 10 knocks each, at once. */
static void crowd(void)
{
	enum { KEYS = 100, EACH = 10 };
	static uint8_t knocks[EACH][KEYS][KNOCK_SIZE];
	struct address address = client;
	struct order order;
	int orders = 0;

	set_up();
	harness_stop(&h);
	while (h.n_keys < KEYS)
		harness_key(&h, false, 0);
	harness_write_keys(&h);
	restart();
	for (int i = 0; i < EACH; i++)
		for (size_t k = 0; k < KEYS; k++)
			harness_seal(&h, knocks[i][k], k, open_ssh, &address);
	for (int i = 0; i < EACH; i++)
		harness_sight(&h, knocks[i][0], KEYS, &address);
	while (orders < KEYS * EACH && harness_order(&h, &order, 2000))
		orders += order.verb == ORDER_OPEN;
	result(orders == KEYS * EACH, "1,000 knocks of 100 keys at once: 1,000 orders");
	char *commits = strstr(harness_ask(&h, "status"), "commits=");
	result(commits != NULL && atoi(commits + 8) > 0 && atoi(commits + 8) < 100,
	       "in far fewer commits");
	printf("# %.*s\n", (int)strcspn(commits ? commits : "", "\n"), commits ? commits : "");
	harness_sight(&h, knocks[0][0], KEYS, &address);
	result(no_order(), "and none of them opens again");
	harness_remove(&h);
}

static void rate(void)
{
	uint8_t knocks[11][KNOCK_SIZE];
	struct order order;
	int orders = 0;

	set_up();
	for (int i = 0; i < 11; i++)
		harness_seal(&h, knocks[i], 0, open_ssh, &client);
	harness_sight(&h, knocks[0], 11, &client);
	while (harness_order(&h, &order, 300))
		orders++;
	result(orders == 10 && harness_logged(&h, "event=refused key=key0 reason=rate"),
	       "the eleventh knock of a key within a second is one too many");
	harness_remove(&h);
}

static void closing(void)
{
	uint8_t knock[KNOCK_SIZE];
	struct order order, other;
	struct request close_all = {.action = KNOCK_CLOSE};

	set_up();
	order = let_in(knock, open_ssh);
	harness_seal(&h, knock, 1, open_ssh, &client);
	sight(knock, &client);
	harness_order(&h, &other, 2000);
	harness_ack(&h, &other, 0);
	harness_seal(&h, knock, 0, close_all, &stranger);
	sight(knock, &stranger);
	result(no_order(), "a close knock from elsewhere closes nothing");
	harness_seal(&h, knock, 0, close_all, &client);
	sight(knock, &client);
	struct order closed = {0};
	result(harness_order(&h, &closed, 2000) && closed.verb == ORDER_CLOSE &&
		   closed.grant == order.grant && no_order() &&
		   harness_logged(&h, "event=closed grant=1 key=key0 why=close"),
	       "from the same address it closes its key's grant, and no other");
	result(strcmp(harness_ask(&h, "close 198.51.100.7"), "closed=1\n\n") == 0 &&
		   harness_order(&h, &closed, 2000) && closed.grant == other.grant,
	       "close by address closes what is left");
	harness_kill(&h);
	uint64_t restored = 1;
	int status;
	result(harness_start(&h, &restored, &status) && restored == 0,
	       "what was closed stays so after a crash");
	harness_remove(&h);
}

static void ending(void)
{
	uint8_t knock[KNOCK_SIZE];
	struct request brief = {.proto = DOOR_TCP, .port = 22, .seconds = 1};
	struct order order, closed = {0};

	set_up();
	order = let_in(knock, brief);
	uint64_t before = harness_boot();
	result(harness_order(&h, &closed, 3000) && closed.verb == ORDER_CLOSE &&
		   closed.grant == order.grant && harness_boot() - before < 1500 &&
		   harness_logged(&h, "event=closed grant=1 key=key0 addr=198.51.100.7 "
				      "door=tcp/22 why=expired"),
	       "a grant ends when its time is over");
	let_in(knock, open_ssh);
	order = let_in(knock, open_ssh);
	result(order.verb == ORDER_OPEN && harness_order(&h, &closed, 2000) &&
		   closed.verb == ORDER_CLOSE && closed.grant == order.grant - 1 &&
		   harness_logged(&h, "event=closed grant=2 why=replaced"),
	       "knocking again replaces it");
	harness_remove(&h);
}

static void firewall_refuses(void)
{
	uint8_t knock[KNOCK_SIZE];
	struct order order = {0};

	set_up();
	harness_seal(&h, knock, 0, open_ssh, &client);
	sight(knock, &client);
	harness_order(&h, &order, 2000);
	harness_ack(&h, &order, EPERM);
	result(harness_logged(&h, "event=refused key=key0 door=tcp/22 reason=firewall") &&
		   status_says("grants=0"),
	       "an order that the firewall refuses is no grant");
	harness_seal(&h, knock, 0, open_ssh, &client);
	sight(knock, &client);
	harness_order(&h, &order, 2000);
	close(h.firewall);
	h.firewall = -1;
	result(harness_logged(&h, "event=refused key=key0 reason=firewall"),
	       "nor is one to a firewall that has gone");
	harness_wait(&h);
	close(h.process.channel);
	harness_remove(&h);
}

static void revoked(void)
{
	uint8_t knock[KNOCK_SIZE];
	uint64_t restored = 1;
	int status;

	set_up();
	let_in(knock, open_ssh);
	harness_logged(&h, "event=opened");
	harness_stop(&h);
	h.keys[0].who.id ^= 1u << 20;
	harness_write_keys(&h);
	result(harness_start(&h, &restored, &status) && restored == 0 &&
		   harness_logged(&h, "event=closed grant=1 key=key0 why=revoked"),
	       "a key that has vanished loses its grants");
	harness_remove(&h);
}

static void unwritable(void)
{
	struct rlimit before, small;
	uint8_t knock[KNOCK_SIZE];
	struct order order;
	int orders = 0, knocks = 0;

	set_up();
	harness_stop(&h);
	getrlimit(RLIMIT_FSIZE, &before);
	small = (struct rlimit){.rlim_cur = 100000, .rlim_max = before.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	restart();
	setrlimit(RLIMIT_FSIZE, &before);
	harness_drain_log(&h);
	do {
		harness_seal(&h, knock, knocks % 2 ? 0 : 1, open_ssh, &client);
		sight(knock, &client);
		orders += harness_order(&h, &order, 500);
	} while (++knocks == orders && knocks < 100);
	int status = harness_wait(&h);
	result(orders == knocks - 1 && knocks > 1 && WIFEXITED(status) && WEXITSTATUS(status) == 4,
	       "a record that cannot be written ends the process; nothing opens");
	result(harness_logged(&h, "record cannot be written nothing opens") &&
		   harness_logged(&h, "event=refused reason=store"),
	       "and it says why");
	close(h.process.channel);
	h.process.channel = -1;
	restart();
	sight(knock, &client);
	printf("# %s before the limit\n", no_order() ? "claimed" : "not claimed");
	harness_remove(&h);
}

static void junk(void)
{
	static uint8_t knocks[SIGHTINGS_BATCH][KNOCK_SIZE];
	enum { BATCHES = 500 };
	char wanted[32];

	set_up();
	for (int i = 0; i < BATCHES; i++) {
		crypto_random(knocks, sizeof knocks);
		harness_sight(&h, knocks[0], SIGHTINGS_BATCH, &stranger);
	}
	snprintf(wanted, sizeof wanted, "noise=%d", BATCHES * SIGHTINGS_BATCH);
	result(no_order() && status_says(wanted) && status_says("refused=0"),
	       "16,000 packets of junk are counted, and nothing else");
	address_parse(&h.start.own[0], "192.0.2.1");
	uint8_t knock[KNOCK_SIZE];
	harness_seal(&h, knock, 0, open_ssh, &h.start.own[0]);
	sight(knock, &h.start.own[0]);
	result(no_order() && status_says("refused=0"), "a packet from our own address is junk");
	harness_remove(&h);
}

/* Value of a field in /proc/PID/task/TID/status, for all threads the same; or null. */
static bool all_threads_say(const char *field)
{
	char command[256];

	snprintf(command, sizeof command,
		 "test $(ls /proc/%d/task | wc -l) = 2 && "
		 "test $(cat /proc/%d/task/*/status | grep -c '^%s$') = 2",
		 (int)h.process.pid, (int)h.process.pid, field);
	return system(command) == 0;
}

static void locked_down(void)
{
	set_up();
	result(all_threads_say("CapEff:.0*") && all_threads_say("CapPrm:.0*") &&
		   all_threads_say("CapBnd:.0*") && all_threads_say("NoNewPrivs:.1"),
	       "no thread has a capability, nor can get one");
	if (getenv("NO_SECCOMP") != NULL)
		printf("ok %d - seccomp # SKIP a sanitizer build\n", ++tests);
	else
		result(all_threads_say("Seccomp:.2"), "every thread is under seccomp");
	harness_remove(&h);
}

static void twice(void)
{
	struct harness other;
	uint64_t restored;
	int status = 0;

	set_up();
	other = h;
	strcat(other.socket_path, "2");
	result(!harness_start(&other, &restored, &status) && WIFEXITED(status) &&
		   WEXITSTATUS(status) == 4 && harness_logged(&other, "another process uses it"),
	       "a second process does not get the record");
	harness_remove(&h);
}

int main(void)
{
	static void (*const all[])(void) = {
	    opens,        all_doors,  replays, unbound_needs_nat, after_kill,  after_loss,
	    clock_behind, crowd,      rate,    closing,           ending,      firewall_refuses,
	    revoked,      unwritable, junk,    record_replaced,   locked_down, twice,
	};

	signal(SIGPIPE, SIG_IGN);
	address_parse(&client, "198.51.100.7");
	address_parse(&stranger, "203.0.113.9");
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		all[i]();
	after_corruption(0, "a record without its head is set aside; no replay opens");
	after_corruption(4096, "nor after damage in its middle");
	printf("1..%d\n", tests);
	return failures > 0;
}
