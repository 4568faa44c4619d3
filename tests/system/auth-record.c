/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What postern-auth remembers, and what becomes of it: killed, deleted, damaged, replaced, unwritable.
 */
#include "auth-scene.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A process that is killed at once after the order knows the knock when it is back. */
static unsigned commits(void)
{
	const char *at = strstr(harness_ask(&scene, "status"), "commits=");

	return at == NULL ? 0 : (unsigned)atoi(at + 8);
}

/* Until what has happened is on record: it comes a moment later, and then there is nothing to write. */
static void wait_for_record(void)
{
	unsigned before = 0;

	for (unsigned same = 0; same < 3; same++) {
		usleep(100000);
		unsigned now = commits();
		if (now != before)
			same = 0;
		before = now;
	}
}

static void after_kill(void)
{
	uint8_t knock[KNOCK_SIZE];
	struct order order = {0};
	uint64_t restored;
	int status;

	scene_set_up();
	harness_seal(&scene, knock, 0, scene_open_ssh, &scene_client);
	scene_sight(knock, &scene_client);
	bool came = harness_order(&scene, &order, HARNESS_PATIENCE_MS);
	harness_kill(&scene);
	scene_restart();
	scene_sight(knock, &scene_client);
	scene_result(came && scene_no_order() &&
			 harness_logged(&scene, "event=refused key=key0 reason=replay"),
		     "killed between order and answer: the knock stays used");
	order = scene_let_in(knock, scene_open_ssh);
	harness_logged(&scene, "event=opened");
	harness_ask(&scene, "close all");
	harness_order(&scene, &order, HARNESS_PATIENCE_MS);
	struct order last = scene_let_in(knock, scene_open_ssh);
	harness_logged(&scene, "event=opened");
	wait_for_record();
	harness_kill(&scene);
	bool works = harness_start(&scene, &restored, &status);
	scene_result(works && restored == 1 && scene_status("grants=1"),
		     "a recorded grant goes on in the next life");
	scene_sight(knock, &scene_client);
	scene_result(scene_no_order(), "and its knock stays used");
	harness_ask(&scene, "close all");
	harness_order(&scene, &order, HARNESS_PATIENCE_MS);
	harness_kill(&scene);
	scene_restart();
	scene_result(scene_let_in(knock, scene_open_ssh).grant == last.grant + 1,
		     "no number of a grant is used twice, and none left out that is on record");
	harness_remove(&scene);
}

static void after_loss(void)
{
	uint8_t knock[KNOCK_SIZE];

	scene_set_up();
	scene_let_in(knock, scene_open_ssh);
	harness_kill(&scene);
	unlink(scene.db);
	scene_restart();
	scene_result(harness_logged(&scene, "a new record was made"), "a lost record is told");
	scene_sight(knock, &scene_client);
	scene_result(scene_no_order() &&
			 harness_logged(&scene, "event=refused key=key0 reason=floor"),
		     "after its loss no replay opens");
	harness_seal(&scene, knock, 0, scene_open_ssh, &scene_client);
	scene_sight(knock, &scene_client);
	scene_result(scene_no_order() &&
			 strstr(harness_ask(&scene, "status"), "old-keys-from=") != NULL,
		     "nor, for a window, any knock of an older key; status says until when");
	harness_stop(&scene);
	size_t young = harness_key(&scene, false, harness_now());
	harness_write_keys(&scene);
	scene_restart();
	harness_seal(&scene, knock, young, scene_open_ssh, &scene_client);
	scene_sight(knock, &scene_client);
	struct order order;
	scene_result(harness_order(&scene, &order, HARNESS_PATIENCE_MS),
		     "a younger key may knock at once");
	harness_remove(&scene);
}

static void after_corruption(off_t at, const char *name)
{
	uint8_t knock[KNOCK_SIZE];
	char corrupt[160];

	scene_set_up();
	scene_let_in(knock, scene_open_ssh);
	harness_stop(&scene);
	scene_overwrite(scene.db, at,
			"this is no database any more, nor is it anything else of use");
	scene_restart();
	snprintf(corrupt, sizeof corrupt, "%s.corrupt", scene.db);
	scene_sight(knock, &scene_client);
	scene_result(harness_logged(&scene, "event=attack what=record-corrupt") &&
			 access(corrupt, F_OK) == 0 && scene_no_order() &&
			 harness_logged(&scene, "event=refused reason=floor"),
		     name);
	harness_remove(&scene);
}

static void clock_behind(void)
{
	uint8_t knock[KNOCK_SIZE];
	char change[128];

	scene_set_up();
	harness_stop(&scene);
	snprintf(change, sizeof change, "UPDATE about SET newest_ms = %llu RETURNING 1",
		 (unsigned long long)harness_now() + 1000000);
	scene_sql(change);
	scene_restart();
	scene_result(harness_logged(&scene, "event=attack what=clock-behind") &&
			 scene_status("clock=behind"),
		     "a clock behind the record is told");
	harness_seal(&scene, knock, 0, scene_open_ssh, &scene_client);
	scene_sight(knock, &scene_client);
	scene_result(scene_no_order() && harness_logged(&scene, "event=refused reason=floor"),
		     "and no knock opens");
	scene_result(strcmp(harness_ask(&scene, "clock reset"), "clock=ok\n\n") == 0 &&
			 scene_let_in(knock, scene_open_ssh).grant != 0,
		     "clock reset ends that");
	harness_kill(&scene);
	scene_restart();
	scene_result(scene_status("clock=ok"), "for good");
	harness_remove(&scene);
}

/* The record changes hands: who writes it must notice before a claim counts as durable. */
static void record_replaced(void)
{
	uint8_t knock[KNOCK_SIZE];

	scene_set_up();
	unlink(scene.db);
	harness_seal(&scene, knock, 0, scene_open_ssh, &scene_client);
	scene_sight(knock, &scene_client);
	int status = harness_wait(&scene);
	/* Whether the knock was the first to be written, or something of the start still was. */
	scene_result(WIFEXITED(status) && WEXITSTATUS(status) == 4 &&
			 harness_logged(&scene, "removed or replaced while in use") &&
			 scene_no_order(),
		     "a record that is taken away while in use ends the process; nothing opens");
	close(scene.process.channel);
	harness_remove(&scene);
}

static void revoked(void)
{
	uint8_t knock[KNOCK_SIZE];
	uint64_t restored = 1;
	int status;

	scene_set_up();
	scene_let_in(knock, scene_open_ssh);
	harness_logged(&scene, "event=opened");
	harness_stop(&scene);
	scene.keys[0].who.id ^= 1u << 20;
	harness_write_keys(&scene);
	scene_result(harness_start(&scene, &restored, &status) && restored == 0 &&
			 harness_logged(&scene, "event=closed grant=1 key=key0 why=revoked"),
		     "a key that has vanished loses its grants");
	harness_remove(&scene);
}

static void unwritable(void)
{
	struct rlimit before, small;
	uint8_t knock[KNOCK_SIZE];
	struct order order;
	int orders = 0, knocks = 0;

	scene_set_up();
	harness_stop(&scene);
	getrlimit(RLIMIT_FSIZE, &before);
	small = (struct rlimit){.rlim_cur = 100000, .rlim_max = before.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	scene_restart();
	setrlimit(RLIMIT_FSIZE, &before);
	harness_drain_log(&scene);
	do {
		harness_seal(&scene, knock, knocks % 2 ? 0 : 1, scene_open_ssh, &scene_client);
		scene_sight(knock, &scene_client);
		orders += harness_order(&scene, &order, HARNESS_PATIENCE_MS);
	} while (++knocks == orders && knocks < 100);
	int status = harness_wait(&scene);
	scene_result(orders == knocks - 1 && knocks > 1 && WIFEXITED(status) &&
			 WEXITSTATUS(status) == 4,
		     "a record that cannot be written ends the process; nothing opens");
	scene_result(harness_logged(&scene, "record cannot be written nothing opens") &&
			 harness_logged(&scene, "event=refused reason=store"),
		     "and it says why");
	close(scene.process.channel);
	scene.process.channel = -1;
	scene_restart();
	scene_sight(knock, &scene_client);
	printf("# %s before the limit\n", scene_no_order() ? "claimed" : "not claimed");
	harness_remove(&scene);
}

static void twice(void)
{
	struct harness other;
	uint64_t restored;
	int status = 0;

	scene_set_up();
	other = scene;
	strcat(other.socket_path, "2");
	scene_result(!harness_start(&other, &restored, &status) && WIFEXITED(status) &&
			 WEXITSTATUS(status) == 4 &&
			 harness_logged(&other, "another process uses it"),
		     "a second process does not get the record");
	harness_remove(&scene);
}

void record_cases(void)
{
	after_kill();
	after_loss();
	after_corruption(0, "a record without its head is set aside; no replay opens");
	after_corruption(4096, "nor after damage in its middle");
	clock_behind();
	record_replaced();
	revoked();
	unwritable();
	twice();
}
