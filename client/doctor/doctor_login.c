/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor_login.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "file.h"
#include "program.h"

#define PAM_FILE  "/etc/pam.d/sshd"
#define MODULE    "pam_postern.so"
#define SSHD_FILE "/etc/ssh/sshd_config"

enum { PAM_MOST = 65536, SSHD_MOST = 65536 };

/* What /etc/pam.d/sshd says of accounts; lines are counted from 1, 0: there is none. */
struct pam {
	unsigned first; /* the first that has to do with accounts, ours apart */
	unsigned ours;
	unsigned early; /* one before ours that may end the question */
	char early_text[120];
	char control[80], path[256]; /* of ours */
	bool allows;                 /* ours names addresses that need no knock */
};

/* "[success=1 default=ignore]" is one word. */
static void take_word(char *word, size_t size, const char **text)
{
	const char *at = *text + strspn(*text, " \t");
	size_t length = *at == '[' ? strcspn(at, "]") + 1 : strcspn(at, " \t");
	if (length > strlen(at))
		length = strlen(at);
	snprintf(word, size, "%.*s", (int)length, at);
	*text = at + length;
}

/* May the account be let in by this line, without those that come after? */
static bool may_end(const char *control)
{
	static const char *const plain[] = {"sufficient", "include", "substack"};
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (strcasecmp(control, plain[i]) == 0)
			return true;
	return strstr(control, "success=") != NULL && strstr(control, "success=ok") == NULL &&
	       strstr(control, "success=ignore") == NULL;
}

static void read_line(struct pam *pam, const char *line, unsigned number)
{
	const char *rest = line;
	char kind[40], control[80], module[256];
	take_word(kind, sizeof kind, &rest);
	take_word(control, sizeof control, &rest);
	take_word(module, sizeof module, &rest);
	bool include = strcmp(kind, "@include") == 0 && strstr(control, "account") != NULL;
	if (!include && strcasecmp(kind + (*kind == '-'), "account") != 0)
		return;
	if (!include && strstr(module, MODULE) != NULL) {
		pam->ours = number;
		pam->allows = strstr(rest, " allow=") != NULL;
		memcpy(pam->control, control, sizeof control);
		memcpy(pam->path, module, sizeof module);
		return;
	}
	if (pam->first == 0)
		pam->first = number;
	if (pam->ours != 0 || pam->early != 0 || !(include || may_end(control)))
		return;
	pam->early = number;
	snprintf(pam->early_text, sizeof pam->early_text, "%s", line);
}

static bool read_pam(struct pam *pam)
{
	struct file_text text = {0};
	unsigned number = 0;
	*pam = (struct pam){0};
	int fd = file_open(PAM_FILE, NULL);
	bool read_it = fd >= 0 && file_read(&text, fd, PAM_MOST, PAM_FILE, NULL) == 0;
	if (fd >= 0)
		close(fd);
	char *rest = read_it ? text.text : NULL, *line;
	while ((line = strsep(&rest, "\n")) != NULL) {
		number++;
		line[strcspn(line, "#")] = '\0';
		read_line(pam, line, number);
	}
	file_free(&text);
	return read_it;
}

/* Where a module without a path is looked for: distributions differ. */
static bool module_is_there(const char *name)
{
	static const char *const folders[] = {"/lib*/security", "/lib*/*/security",
					      "/usr/lib*/security", "/usr/lib*/*/security"};
	char pattern[320];
	bool found = name[0] == '/' && access(name, R_OK) == 0;
	for (size_t i = 0; name[0] != '/' && i < sizeof folders / sizeof *folders; i++) {
		glob_t paths;
		snprintf(pattern, sizeof pattern, "%s/%s", folders[i], name);
		if (glob(pattern, 0, NULL, &paths) == 0)
			found = true;
		globfree(&paths);
	}
	return found;
}

/* The path to write into the file: where PAM finds it by name, the name. */
static const char *module_path(void)
{
	return module_is_there(MODULE) ? MODULE : PAMDIR "/" MODULE;
}

static void check_control(struct doctor *doctor, const struct pam *pam)
{
	if (strcasecmp(pam->control, "required") == 0 || strcasecmp(pam->control, "requisite") == 0)
		return;
	doctor_find(doctor, DOCTOR_WRONG,
		    PAM_FILE ":%u: " MODULE " is %s there, so that a no of its keeps nobody out",
		    pam->ours, pam->control);
	doctor_remedy(doctor, "sed -i '%uc account required %s max_age=60s' " PAM_FILE, pam->ours,
		      pam->path);
}

static void check_module(struct doctor *doctor, const struct pam *pam)
{
	if (module_is_there(pam->path))
		return;
	doctor_find(doctor, DOCTOR_WRONG,
		    PAM_FILE ":%u: there is no module %s: nobody can log in by ssh", pam->ours,
		    pam->path);
	doctor_remedy(doctor, "sed -i '%us,[^ ]*" MODULE ",%s,' " PAM_FILE, pam->ours,
		      module_path());
}

void doctor_login_pam(struct doctor *doctor)
{
	struct pam pam;
	if (!read_pam(&pam))
		return;
	if (pam.ours == 0) {
		if (!module_is_there(module_path()))
			return; /* it is not installed */
		doctor_find(
		    doctor, DOCTOR_WARNING,
		    "sshd does not ask PAM whether an address has knocked, so while a door is open "
		    "only the firewall does: " PAM_FILE " has no " MODULE);
		doctor_remedy(doctor, "sed -i '%ui account required %s max_age=60s' " PAM_FILE,
			      pam.first > 0 ? pam.first : 1, module_path());
		return;
	}
	check_control(doctor, &pam);
	check_module(doctor, &pam);
	if (pam.early == 0)
		return;
	doctor_find(doctor, DOCTOR_WRONG,
		    PAM_FILE
		    ":%u: %s comes after line %u (%s), which may let in before it is asked",
		    pam.ours, MODULE, pam.early, pam.early_text);
	doctor_remedy(doctor, "sed -i -e '%ud' -e '%ui account required %s max_age=60s' " PAM_FILE,
		      pam.ours, pam.early, pam.path);
}

unsigned doctor_login_strict(void)
{
	struct pam pam;
	return read_pam(&pam) && !pam.allows ? pam.ours : 0;
}

/* How the sshd that runs is made to read its file again: as it was started, by systemd or by itself. What
 * is said of its configuration tells where its number is. */
enum { RELOAD = 200 };
static void print_reload(char text[static RELOAD], const char *said)
{
	char file[100] = "";
	const char *found = strstr(said, "\npidfile ");
	text[0] = '\0';
	if (found != NULL)
		sscanf(found, "\npidfile %99[^\n']", file);
	if (doctor_has_unit("ssh.service") || doctor_has_unit("sshd.service"))
		snprintf(text, RELOAD, " && systemctl try-reload-or-restart %s",
			 doctor_has_unit("ssh.service") ? "ssh" : "sshd");
	else if (access(file, F_OK) == 0)
		snprintf(text, RELOAD, " && kill -HUP \"$(cat '%s')\"", file);
}

/* What sshd itself says that it is configured to do. */
void doctor_login_sshd(struct doctor *doctor)
{
	static const struct {
		const char *is, *why, *wanted;
	} settings[] = {
	    {"\nusedns yes\n", "gives PAM names instead of addresses, and pam_postern then says no",
	     "UseDNS no"},
	    {"\nusepam no\n", "asks no PAM, and so not whether an address has knocked",
	     "UsePAM yes"},
	};
	static const char *const argv[] = {"sshd", "-T", NULL};
	char reload[RELOAD];
	struct program_output output;
	struct pam pam;
	if (!read_pam(&pam) || pam.ours == 0 || !program_exists("sshd"))
		return;
	int status = program_run(&output, argv, NULL, SSHD_MOST, NULL);
	for (size_t i = 0; status == 0 && i < 2; i++)
		if (strstr(output.text, settings[i].is) != NULL) {
			doctor_find(doctor, DOCTOR_WRONG, "sshd %s", settings[i].why);
			print_reload(reload, output.text);
			doctor_remedy(doctor, "sed -i '1i %s' " SSHD_FILE "%s", settings[i].wanted,
				      reload);
		}
	program_free(&output);
}
