/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor_host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <unistd.h>

#include "boot.h"
#include "edits.h"
#include "holder.h"
#include "logfile.h"
#include "outward.h"
#include "paths.h"
#include "program.h"
#include "rules.h"
#include "say.h"

#define CONFIG_WORD "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

enum { CONFIG_MOST = 65536, LOCK_TRIES = 100, LOCK_PAUSE_MS = 50 };
enum { BAD_CONFIG = 1 }; /* as which posternd -t ends then */

/* Why posternd takes the configuration not at all; false: it does, or the host is what it does not take. */
static bool is_refused(char why[static DOCTOR_TEXT], const char *path)
{
	const char *const argv[] = {"posternd", "-t", "-f", path, NULL};
	struct program_output output;
	int status =
	    program_exists(argv[0]) ? program_run(&output, argv, NULL, CONFIG_MOST, NULL) : -1;
	if (status == BAD_CONFIG)
		snprintf(why, DOCTOR_TEXT, "%s", output.said);
	if (status >= 0)
		program_free(&output);
	return status == BAD_CONFIG;
}

/* What it refused at its latest reload may be put right since. */
static void find_unread(struct doctor *doctor)
{
	char why[DOCTOR_TEXT], reload[SAY_COMMAND];
	const char *path = doctor->config_path, *refused = doctor->running.error.text;
	if (is_refused(why, path)) {
		doctor_find(doctor, DOCTOR_WARNING,
			    "%s is not what the daemon has read, nor does posternd take it: %s",
			    path, why);
		doctor_remedy_edit(doctor, path);
		return;
	}
	doctor_find(doctor, DOCTOR_WARNING,
		    "%s is not what the daemon has read, which may work otherwise than it says%s%s",
		    path, refused[0] == '\0' ? "" : "; it refused its latest reload: ", refused);
	say_command(reload, "reload", path);
	doctor_remedy(doctor, "%s%s%s%s", refused[0] == '\0' ? "" : "${EDITOR:-vi} ",
		      refused[0] == '\0' ? "" : SAY_QUOTED(path), refused[0] == '\0' ? "" : " && ",
		      reload);
}

/* By the marks of the files: of what is in its keys the daemon tells nothing. */
static void check_reload(struct doctor *doctor)
{
	const struct running *running = &doctor->running;
	if (running_has_other_config(running, doctor->config_path))
		find_unread(doctor);
	if (!running_has_other_keys(running, doctor->config.keys))
		return;
	doctor_find(doctor, DOCTOR_WRONG,
		    "%s is not what the daemon has read: whose key is new or another can't knock, "
		    "and whose is gone still can",
		    doctor->config.keys);
	doctor_remedy_verb(doctor, "reload");
}

/* Of another configuration's the unit knows nothing. */
static void check_start(struct doctor *doctor)
{
	enum boot_start start = boot_start("posternd");
	if (strcmp(doctor->config_path, PATHS_CONFIG) != 0 ||
	    access("/run/systemd/system", F_OK) != 0 ||
	    (start != BOOT_DISABLED && start != BOOT_NO_UNIT))
		return;
	doctor_find(doctor, DOCTOR_WARNING,
		    "at its next start nothing starts posternd here: nobody could knock");
	doctor_remedy(doctor, "%ssystemctl unmask posternd && systemctl enable posternd",
		      start == BOOT_DISABLED ? ""
					     : "cp " PATHS_DOC
					       "/posternd.service /etc/systemd/system/ && ");
}

void doctor_host_daemon(struct doctor *doctor)
{
	if (!doctor->configured)
		return;
	if (doctor->running.answers) {
		check_reload(doctor);
		check_start(doctor);
		return;
	}
	doctor_find(doctor, DOCTOR_WRONG, "the daemon does not answer: %s",
		    doctor->running.error.text);
	if (doctor_has_unit("posternd.service"))
		doctor_remedy_unit(doctor, "posternd.service");
	else
		doctor_remedy(doctor, "posternd -f %s", SAY_QUOTED(doctor->config_path));
}

/* ---- the xtables lock */

static const char *lock_path(void)
{
	const char *path = getenv("XTABLES_LOCKFILE");
	return path != NULL ? path : "/run/xtables.lock";
}

/* False: somebody has it, and keeps it. */
static bool lock_is_free(int fd)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			return true;
		usleep(LOCK_PAUSE_MS * 1000);
	}
	return false;
}

/* Of a container, its host sees more. Not all that have the file open are to be ended. */
static void find_locker(struct doctor *doctor, const struct stat *file)
{
	char name[PROGRAM_NAME];
	long pid = holder_of_lock(file);
	program_name(name, pid);
	if (pid == 0) {
		doctor_find(
		    doctor, DOCTOR_WRONG,
		    "%s is held by a process that can't be seen from here: no grant can be "
		    "written meanwhile; if this is a container, that is to be run on its host",
		    lock_path());
		doctor_remedy(doctor,
			      "kill $(grep -ls 'lock:.* FLOCK .* %02x:%02x:%lu ' "
			      "/proc/[0-9]*/fdinfo/* | cut -d/ -f3)",
			      major(file->st_dev), minor(file->st_dev),
			      (unsigned long)file->st_ino);
		return;
	}
	doctor_find(doctor, DOCTOR_WRONG,
		    "%s is held by process %ld (%s): no grant can be written meanwhile",
		    lock_path(), pid, name);
	doctor_remedy(doctor, "kill %ld", pid);
}

void doctor_host_lock(struct doctor *doctor)
{
	struct stat status;
	if (!doctor->configured || doctor->config.firewall != CONFIG_IPTC)
		return;
	int fd = open(lock_path(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return; /* made by who first takes it */
	if (!lock_is_free(fd) && fstat(fd, &status) == 0)
		find_locker(doctor, &status);
	close(fd);
}

/* ---- NFLOG groups */

static void find_reader(struct doctor *doctor, unsigned group, long pid)
{
	char name[PROGRAM_NAME];
	program_name(name, pid);
	if (pid == 0) {
		doctor_find(
		    doctor, DOCTOR_WRONG,
		    "the NFLOG group %u is read by a program that can't be seen from here, so "
		    "posternd can't: have rules and configuration name another group",
		    group);
		doctor_remedy_edit(doctor, doctor->config_path);
		return;
	}
	doctor_find(doctor, DOCTOR_WRONG,
		    "the NFLOG group %u is read by another program, %s (process %ld), so posternd "
		    "can't",
		    group, name, pid);
	doctor_remedy(doctor, "kill %ld", pid);
}

/* posternd's own socket is no other's. */
static void check_group(struct doctor *doctor, unsigned group, unsigned long address)
{
	char name[PROGRAM_NAME];
	const struct source_config *source = rules_nflog(&doctor->config);
	for (uint32_t i = 0; source != NULL && i < source->n_groups; i++) {
		if (source->groups[i] != group)
			continue;
		long pid = holder_of_netlink(NETLINK_NETFILTER, address);
		program_name(name, pid);
		if (strncmp(name, "postern", strlen("postern")) != 0)
			find_reader(doctor, group, pid);
	}
}

/* While the daemon runs it has them. */
void doctor_host_groups(struct doctor *doctor)
{
	char line[200];
	unsigned group;
	unsigned long address;
	FILE *file = doctor->configured && !doctor->running.answers
			 ? fopen("/proc/net/netfilter/nfnetlink_log", "re")
			 : NULL;
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, "%u %lu", &group, &address) == 2)
			check_group(doctor, group, address);
	if (file != NULL)
		fclose(file);
}

/* ---- the wire */

/* "eth0, eth1": those there are but lo, and the first of them by which strangers come. */
static const char *list_interfaces(char text[static DOCTOR_TEXT])
{
	const struct outward *outward = outward_interfaces();
	struct if_nameindex *all = if_nameindex();
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; all != NULL && all[i].if_name != NULL && used < DOCTOR_TEXT; i++)
		if (strcmp(all[i].if_name, "lo") != 0)
			used += (size_t)snprintf(text + used, DOCTOR_TEXT - used, "%s%s",
						 used > 0 ? ", " : "", all[i].if_name);
	if_freenameindex(all);
	return outward->count > 0 ? outward->names[0] : "any";
}

/* The name is one of the host's, and no word for sed. */
static void remedy_interface(struct doctor *doctor, const char *name, const char *other)
{
	char quoted[SOURCE_INTERFACE + 2];
	snprintf(quoted, sizeof quoted, "\"%s\"", name);
	if (name[strspn(name, CONFIG_WORD)] == '\0' && other[strspn(other, CONFIG_WORD)] == '\0' &&
	    edits_has(doctor->config_path, quoted))
		doctor_remedy(doctor, "sed -i '/^[^#]*interface/s/%s/\"%s\"/' %s", quoted, other,
			      SAY_QUOTED(doctor->config_path));
	else
		doctor_remedy_edit(doctor, doctor->config_path);
}

static void check_interfaces(struct doctor *doctor, const struct source_config *source)
{
	char there[DOCTOR_TEXT];
	const char *other = list_interfaces(there);
	for (uint32_t i = 0; i < source->n_interfaces; i++) {
		const char *name = source->interfaces[i];
		if (strcmp(name, "any") == 0 || if_nametoindex(name) != 0)
			continue;
		doctor_find(doctor, DOCTOR_WARNING,
			    "there is no interface %s, on which knocks are to be heard; there are: "
			    "%s",
			    name, there);
		remedy_interface(doctor, name, other);
	}
	if (source->n_interfaces != 1 || strcmp(source->interfaces[0], "lo") != 0)
		return;
	doctor_find(
	    doctor, DOCTOR_WARNING,
	    "knocks are to be heard on lo alone, by which no stranger's comes; there are: %s",
	    there);
	remedy_interface(doctor, "lo", other);
}

void doctor_host_wire(struct doctor *doctor)
{
	const struct config *config = &doctor->config;
	for (uint32_t i = 0; doctor->configured && i < config->n_sources; i++)
		if (config->sources[i].kind == SOURCE_PCAP)
			check_interfaces(doctor, &config->sources[i]);
}

/* ---- the log of text */

/* A syslog opens it with the first line; but it may have none of the kernel's at all. */
static void check_log_there(struct doctor *doctor, const char *file)
{
	static const char config[] = "/etc/rsyslog.conf", off[] = "#module(load=\"imklog\"";
	if (access(file, F_OK) == 0)
		return;
	doctor_find(doctor, DOCTOR_WARNING,
		    "%s, from which knocks are to be heard, is not there: nothing that the kernel "
		    "tells has been written to it%s",
		    file, edits_found(config, off) ? ", for rsyslog does not read that" : "");
	if (edits_found(config, off))
		doctor_remedy(doctor, "sed -i '/^%s/s/^#//' %s && %s", off, config,
			      doctor_has_unit("rsyslog.service")
				  ? "systemctl restart rsyslog"
				  : "kill $(cat /run/rsyslogd.pid) && sleep 1 && rsyslogd");
	else
		doctor_remedy_edit(doctor, doctor->config_path);
}

void doctor_host_log(struct doctor *doctor)
{
	const struct config *config = &doctor->config;
	for (uint32_t i = 0; doctor->configured && i < config->n_sources; i++) {
		const char *file = config->sources[i].file;
		if (config->sources[i].kind != SOURCE_LOG)
			continue;
		if (logfile_written(file)) {
			check_log_there(doctor, file);
			continue;
		}
		doctor_find(doctor, DOCTOR_WRONG,
			    "no program writes %s, from which knocks are to be heard%s", file,
			    access(file, F_OK) == 0 ? "" : ", and it is not there");
		if (doctor_has_unit("rsyslog.service"))
			doctor_remedy_unit(doctor, "rsyslog.service");
		else
			doctor_remedy_package(doctor, "rsyslog");
	}
}

/* ---- the clock */

/* Without systemd, or its bus, nothing is true. */
static bool systemd_says(const char *property)
{
	const char *const argv[] = {"timedatectl", "show", "--property", property, "--value", NULL};
	struct program_output output;
	bool yes = program_run(&output, argv, NULL, CONFIG_MOST, NULL) == 0 &&
		   strcmp(output.text, "yes\n") == 0;
	program_free(&output);
	return yes;
}

/* In microseconds: the error that the kernel reckons with once nothing has set the clock for long, as
 * adjtimex(2) has it. (Its STA_UNSYNC says less: chrony, but for "rtcsync", never takes that away.) */
enum { ERROR_UNKEPT_US = 16000000 };

/* What can keep it is not always installed. */
void doctor_host_clock(struct doctor *doctor)
{
	struct timex state = {0};
	if (adjtimex(&state) >= 0 && state.maxerror < ERROR_UNKEPT_US)
		return;
	if (systemd_says("NTP")) {
		doctor_find(doctor, DOCTOR_WARNING,
			    "what keeps the clock runs, but has not set it: no server has answered "
			    "yet");
		doctor_remedy(doctor, program_exists("chronyc") ? "chronyc -n sources"
								: "timedatectl timesync-status");
		return;
	}
	doctor_find(
	    doctor, DOCTOR_WARNING,
	    "the clock is not kept by anything: if it goes wrong by more than clock.window, "
	    "knocks are refused");
	if (systemd_says("CanNTP"))
		doctor_remedy(doctor, "timedatectl set-ntp true");
	else
		doctor_remedy_package(doctor, "chrony");
}

/* ---- services of the host on knock ports */

/* The set as text, without this port. False: nothing would be left, or not to be said. */
static bool text_without(char text[static PORTSET_TEXT], const struct portset *set, uint16_t port)
{
	struct portset less = {0};
	for (uint32_t i = 0; i < set->n_ranges; i++) {
		uint16_t first = set->ranges[i].first, last = set->ranges[i].last;
		if (less.n_ranges + 2 > PORTSET_RANGES)
			return false;
		bool inside = port >= first && port <= last;
		if (!inside || first < port) {
			less.ranges[less.n_ranges].first = first;
			less.ranges[less.n_ranges++].last = inside ? (uint16_t)(port - 1) : last;
		}
		if (inside && port < last) {
			less.ranges[less.n_ranges].first = (uint16_t)(port + 1);
			less.ranges[less.n_ranges++].last = last;
		}
	}
	less.count = set->count - 1;
	portset_print(text, &less);
	return less.n_ranges > 0;
}

/* The port is taken out of the set as it stands in the file. */
static void remedy_service(struct doctor *doctor, const struct portset *set, uint16_t port)
{
	char old[PORTSET_TEXT], new[PORTSET_TEXT], quoted[PORTSET_TEXT + 2];
	portset_print(old, set);
	snprintf(quoted, sizeof quoted, "\"%s\"", old);
	if (text_without(new, set, port) && strlen(old) + strlen(new) < DOCTOR_TEXT / 2 &&
	    edits_has(doctor->config_path, quoted))
		doctor_remedy(doctor, "sed -i 's/\"%s\"/\"%s\"/' %s", old, new,
			      SAY_QUOTED(doctor->config_path));
	else
		doctor_remedy_edit(doctor, doctor->config_path);
}

static void check_service(struct doctor *doctor, const char *proto, unsigned port)
{
	const struct config *config = &doctor->config;
	const struct portset *sets[] = {&config->spa, &config->sequence};
	bool udp = strcmp(proto, "udp") == 0;
	for (size_t i = udp ? 0 : 1; i < 2; i++) {
		if (!portset_contains(sets[i], (uint16_t)port))
			continue;
		doctor_find(
		    doctor, DOCTOR_WRONG,
		    "a service of this host listens on %s/%u, which takes knocks: it is not "
		    "reached any more, and might answer a knock",
		    proto, port);
		remedy_service(doctor, sets[i], (uint16_t)port);
		return;
	}
}

/* "0: 00000000:0035 00000000:0000 07 ..." */
static void check_line(struct doctor *doctor, const char *proto, const char *line)
{
	char address[40], other[40];
	unsigned port, other_port, state;
	bool udp = strcmp(proto, "udp") == 0;
	if (sscanf(line, " %*u: %39[0-9A-F]:%x %39[0-9A-F]:%x %x", address, &port, other,
		   &other_port, &state) != 5)
		return;
	bool v6 = strlen(address) == 32;
	bool local = v6 ? strcmp(address, "00000000000000000000000001000000") == 0
			: strcmp(address + 6, "7F") == 0;
	if (local || other_port != 0 || state != (udp ? 0x07 : 0x0a))
		return;
	check_service(doctor, proto, port);
}

/* Both families may be one socket; it is told once. */
void doctor_host_services(struct doctor *doctor)
{
	static const struct {
		const char *proto, *path;
	} tables[] = {{"udp", "/proc/net/udp"},
		      {"udp", "/proc/net/udp6"},
		      {"tcp", "/proc/net/tcp"},
		      {"tcp", "/proc/net/tcp6"}};
	char line[400];
	for (size_t i = 0; doctor->configured && i < sizeof tables / sizeof *tables; i++) {
		FILE *file = fopen(tables[i].path, "re");
		while (file != NULL && fgets(line, sizeof line, file) != NULL) {
			size_t before = doctor->count;
			check_line(doctor, tables[i].proto, line);
			bool again =
			    doctor->count > before && before > 0 &&
			    strcmp(doctor->list[before].text, doctor->list[before - 1].text) == 0;
			doctor->count -= again;
		}
		if (file != NULL)
			fclose(file);
	}
}
