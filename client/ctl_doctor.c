/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "backends.h"
#include "doctor.h"
#include "doctor_boot.h"
#include "doctor_files.h"
#include "doctor_host.h"
#include "doctor_kernel.h"
#include "doctor_login.h"
#include "doctor_rules.h"
#include "paths.h"
#include "posternctl.h"
#include "say.h"
#include "table.h"

/* Every check there is, in this order. */
static const struct {
	const char *name;
	void (*check)(struct doctor *doctor);
} checks[] = {
    {"configuration", doctor_files_config},
    {"users", doctor_files_users},
    {"files", doctor_files_modes},
    {"keys", doctor_files_keys},
    {"lock", doctor_host_lock},
    {"kernel", doctor_kernel},
    {"groups", doctor_host_groups},
    {"interfaces", doctor_host_wire},
    {"log", doctor_host_log},
    {"managers", doctor_rules_managers},
    {"rules", doctor_rules_effects},
    {"daemon", doctor_host_daemon}, /* who has neither puts the rules in first */
    {"next-boot", doctor_boot},
    {"docker", doctor_rules_docker},
    {"services", doctor_host_services},
    {"clock", doctor_host_clock},
    {"pam", doctor_login_pam},
    {"sshd", doctor_login_sshd},
    {"second-way", doctor_rules_second_way},
};
enum { CHECKS = sizeof checks / sizeof *checks };

static const char *const levels[] = {"warning", "wrong"};

static const struct table_column columns[] = {
    {"check", TABLE_TEXT}, {"state", TABLE_TEXT}, {"finding", TABLE_TEXT}, {"remedy", TABLE_TEXT}};

/* The rules are as the configuration's backend needs them, or would; and does the daemon run? */
static int look_at_host(struct doctor *doctor)
{
	struct error error;
	if (look_read(&doctor->look, &error) != 0)
		return say(SAY_FAILED, "%s", error.text);
	doctor->looked = true;
	if (doctor->configured) {
		doctor->keeper = backends_keeper(&doctor->config, &doctor->look);
		running_ask(&doctor->running, &doctor->config);
	}
	return SAY_DONE;
}

static void run_checks(struct doctor *doctor)
{
	for (size_t i = 0; i < CHECKS; i++) {
		doctor->check = checks[i].name;
		checks[i].check(doctor);
	}
}

/* A row a finding, and one for each check that has none. */
static int print_json(const struct doctor *doctor)
{
	struct table *table = table_new(columns, sizeof columns / sizeof *columns);
	bool full = table != NULL;
	for (size_t i = 0; full && i < CHECKS; i++) {
		bool found = false;
		for (size_t j = 0; j < doctor->count; j++) {
			const struct doctor_finding *finding = &doctor->list[j];
			if (finding->check != checks[i].name)
				continue;
			found = true;
			full &=
			    table_row(table,
				      (const char *const[]){finding->check, levels[finding->level],
							    finding->text, finding->remedy}) == 0;
		}
		if (!found)
			full &= table_row(table, (const char *const[]){checks[i].name, "ok", NULL,
								       NULL}) == 0;
	}
	if (full)
		table_print(table, TABLE_JSON, stdout);
	table_free(table);
	return full ? SAY_DONE : say(SAY_FAILED, "out of memory");
}

/* The remedy on a line of its own, to be copied. */
static int print_text(const struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->count; i++) {
		const struct doctor_finding *finding = &doctor->list[i];
		printf("%s: %s: %s\n    %s\n", levels[finding->level], finding->check,
		       finding->text, finding->remedy);
	}
	if (doctor->count == 0)
		printf("%d checks, and nothing is wrong\n", (int)CHECKS);
	return SAY_DONE;
}

static int examine(struct doctor *doctor, const struct verb_call *call)
{
	struct error error;
	doctor->config_path = call->option[CTL_FILE];
	if (doctor->config_path == NULL)
		doctor->config_path = PATHS_CONFIG;
	doctor->configured = config_read(&doctor->config, doctor->config_path, &error) == 0;
	int code = look_at_host(doctor);
	if (code != SAY_DONE)
		return code;
	run_checks(doctor);
	code = call->option[CTL_JSON] != NULL ? print_json(doctor) : print_text(doctor);
	for (size_t i = 0; i < doctor->count; i++)
		if (doctor->list[i].level == DOCTOR_WRONG && code == SAY_DONE)
			code = SAY_REFUSED;
	return code;
}

int ctl_doctor(const struct verb_call *call)
{
	struct doctor *doctor = calloc(1, sizeof *doctor);
	if (geteuid() != 0) {
		free(doctor);
		return say(SAY_REFUSED, "only root can see all that has to be looked at");
	}
	if (doctor == NULL)
		return say(SAY_FAILED, "out of memory");
	int code = examine(doctor, call);
	look_free(&doctor->look);
	free(doctor);
	return code;
}
