/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supply.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "listener.h"
#include "log.h"
#include "posternd.h"

enum { QUESTIONS = 1024, LAST_BREATHS = 100, KEYS_MOST = 64 * 1024 * 1024 };

/* ---- what other programs check ---- */

enum check { CHECK_PASSED, CHECK_REFUSED, CHECK_FAILED };

/* By the program of this role, which is told START unless that is null; with the reason. */
static enum check run_check(const struct supply *supply, enum role role,
			    const struct spawn_user *user, const struct start *start,
			    const int *own, size_t n_own, struct error *why)
{
	char name[32], program[CONFIG_PATH + sizeof(name)];
	const char *const argv[] = {name, "-t", NULL};
	int status;

	snprintf(name, sizeof(name), "postern-%s", msg_role(role));
	snprintf(program, sizeof(program), "%s/%s", supply->programs, name);
	status = spawn_check(program, argv, user, start, own, n_own, why);
	if (status == PROCESS_DONE)
		return CHECK_PASSED;
	if (status == -1)
		error_set(why, "cannot run %s: %s", program, strerror(errno));
	else if (why->text[0] == '\0')
		error_set(why, "%s -t ended with status %d, and does not say why", name, status);
	return status == PROCESS_BAD_KEYS ? CHECK_REFUSED : CHECK_FAILED;
}

/* ---- the key file ---- */

static int check_key_file(struct supply *supply, int fd, const char *path, struct error *error)
{
	struct stat status;

	if (fstat(fd, &status) == -1 || !S_ISREG(status.st_mode))
		return error_set(error, "%s is no regular file", path);
	if (status.st_uid != 0 && status.st_uid != geteuid())
		return error_set(error,
				 "%s does not belong to root; if it is Postern's key file, and "
				 "nothing else: chown root %s",
				 path, path);
	if ((status.st_mode & 077) != 0)
		return error_set(error,
				 "%s is open to others; if it is Postern's key file, and nothing "
				 "else: chmod 600 %s",
				 path, path);
	if (status.st_size > KEYS_MOST)
		return error_set(error, "%s is longer than %d bytes; is it the right file?", path,
				 KEYS_MOST);
	mark_print(supply->keys_mark, &status);
	return 0;
}

/* By the kernel: no byte of it comes into our memory. What was checked is what auth gets. */
static int copy_of(int file, const char *path, struct error *error)
{
	int copy = memfd_create("postern-keys", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ssize_t size = copy == -1 ? -1 : 1;

	while (size > 0)
		size = sendfile(copy, file, NULL, KEYS_MOST);
	if (size == 0 &&
	    fcntl(copy, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0)
		return copy;
	error_set(error, "%s cannot be copied: %s", path, strerror(errno));
	if (copy != -1)
		close(copy);
	return -1;
}

/* Is it content? It says why not. That it could not say so is no fault of the keys. */
static int check_content(const struct supply *supply, int copy, const char *path,
			 struct error *error)
{
	const struct spawn_user user = {supply->auth.uid, supply->auth.gid};
	const bool root = geteuid() == 0; /* a check by hand needs not be */
	const int own[PROCESS_AUTH_KEYS - PROCESS_FIRST + 1] = {-1, -1, copy};
	struct error why;
	enum check result;

	lseek(copy, 0, SEEK_SET);
	result = run_check(supply, ROLE_AUTH, root ? &user : NULL, NULL, own,
			   sizeof(own) / sizeof(*own), &why);
	if (result == CHECK_PASSED)
		return 0;
	if (result == CHECK_FAILED) {
		*error = why;
		return POSTERND_BAD_HOST;
	}
	error_set(error, "%s is not right: %s", path, why.text);
	return POSTERND_BAD_CONFIG;
}

int supply_check_keys(struct supply *supply, struct error *error)
{
	const char *path = supply->config.keys;
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), copy = -1;
	int status = POSTERND_BAD_CONFIG;

	if (file == -1) {
		error_set(error, "cannot open %s: %s; posternctl key add makes it", path,
			  strerror(errno));
		return POSTERND_BAD_CONFIG;
	}
	if (check_key_file(supply, file, path, error) == 0) {
		copy = copy_of(file, path, error);
		status = copy == -1 ? POSTERND_BAD_HOST : check_content(supply, copy, path, error);
	}
	close(file);
	if (status == 0)
		supply->keys = copy;
	else if (copy != -1)
		close(copy);
	return status;
}

/* ---- folders ---- */

/* Is it the suite's own, or can it become so: is nothing in it, or what posternd or auth make there? */
static bool can_be_ours(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	bool others = false, ours = false;

	if (folder == NULL)
		return false;
	while ((entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, "state.db") == 0 || strcmp(entry->d_name, "empty") == 0)
			ours = true;
		else if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			others = true;
	closedir(folder);
	return ours || !others;
}

/* What would make it right; for somebody else's folder that would be harm, and is not told. */
static int refuse_folder(const char *path, mode_t mode, uid_t uid, const char *why,
			 struct error *error)
{
	if (!can_be_ours(path))
		return error_set(error, "%s %s, and others use it: name a folder of Postern's own",
				 path, why);
	return error_set(error, "%s %s: chown %u %s; chmod %o %s", path, why, uid, path, mode,
			 path);
}

/* 0: it is as it must be. 1: it is not there. */
static int check_folder(const char *path, mode_t mode, uid_t uid, struct error *error)
{
	struct stat status;

	if (lstat(path, &status) == -1)
		return errno == ENOENT ? 1 : error_set(error, "%s: %s", path, strerror(errno));
	if (!S_ISDIR(status.st_mode))
		return error_set(error, "%s is no folder", path);
	if (status.st_uid != uid)
		return refuse_folder(path, mode, uid, "belongs to another user", error);
	if ((status.st_mode & 0777 & ~mode) != 0)
		return refuse_folder(path, mode, uid, "is open to others", error);
	return 0;
}

/* Made if it is not there; its parent must be. */
static int need_folder(const char *path, mode_t mode, uid_t uid, gid_t gid, struct error *error)
{
	bool made = mkdir(path, mode) == 0;

	if (!made && errno != EEXIST)
		return error_set(error, "cannot make %s: %s", path, strerror(errno));
	if (made && (chmod(path, mode) == -1 || (uid != geteuid() && chown(path, uid, gid) == -1)))
		return error_set(error, "cannot give %s to uid %u: %s", path, uid, strerror(errno));
	return check_folder(path, mode, uid, error);
}

/* "/run/postern" and "/run/postern/empty"; CONFIG_SOCKET is much shorter than CONFIG_PATH. */
static void name_roots(char folder[static CONFIG_SOCKET], struct supply *supply)
{
	const char *control = supply->config.control;

	snprintf(folder, CONFIG_SOCKET, "%.*s", (int)(strrchr(control, '/') - control), control);
	snprintf(supply->root, sizeof(supply->root), "%s/empty", folder);
}

static int need_folders(struct supply *supply, struct error *error)
{
	char folder[CONFIG_SOCKET];

	name_roots(folder, supply);
	if (folder[0] != '\0' && need_folder(folder, 0755, 0, 0, error) != 0)
		return -1;
	if (need_folder(supply->root, 0755, 0, 0, error) != 0)
		return -1;
	return need_folder(supply->config.state, 0700, supply->auth.uid, supply->auth.gid, error)
		   ? -1
		   : 0;
}

/* ---- the control socket ---- */

static bool is_dead(pid_t pid)
{
	return pid > 0 && kill(pid, 0) == -1 && errno == ESRCH;
}

/* A posternd that was killed leaves processes that hold its socket until they have ended, too. 0: somebody
 * answers; or errno. */
static int wait_for_end(const char *path)
{
	static const struct timespec pause = {.tv_nsec = 20000000};
	pid_t pid;
	int result = listener_of(path, &pid);

	for (int i = 0; result == 0 && is_dead(pid) && i < LAST_BREATHS; i++) {
		nanosleep(&pause, NULL);
		result = listener_of(path, &pid);
	}
	return result == 0 ? 0 : errno;
}

/* What an earlier life left behind may go; what answers, or is no socket, may not. */
static int clear_path(const struct sockaddr_un *name, struct error *error)
{
	struct stat status;

	if (lstat(name->sun_path, &status) == -1)
		return errno == ENOENT
			   ? 0
			   : error_set(error, "%s: %s", name->sun_path, strerror(errno));
	if (!S_ISSOCK(status.st_mode))
		return error_set(error, "%s is there and is no socket; remove it", name->sun_path);
	if (wait_for_end(name->sun_path) != ECONNREFUSED)
		return error_set(error, "somebody answers at %s: does posternd run already?",
				 name->sun_path);
	return unlink(name->sun_path) == -1
		   ? error_set(error, "cannot remove %s: %s", name->sun_path, strerror(errno))
		   : 0;
}

/* For the group that may ask; root alone without it. */
static void open_to_group(const char *path)
{
	const struct group *group = getgrnam("postern");

	if (group == NULL)
		log_info(
		    "there is no group postern, so root alone can ask at %s: groupadd --system "
		    "postern",
		    path);
	else if (chown(path, (uid_t)-1, group->gr_gid) == -1 || chmod(path, 0660) == -1)
		log_warn("cannot give %s to the group postern: %s", path, strerror(errno));
}

static int listen_at(const char *path, struct error *error)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	mode_t mask;
	int fd, bound;

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	if (clear_path(&name, error) == -1)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(0177); /* never open to more than it is meant for */
	bound = fd == -1 ? -1 : bind(fd, (const struct sockaddr *)&name, sizeof(name));
	umask(mask);
	if (bound == -1 || listen(fd, QUESTIONS) == -1) {
		error_set(error, "cannot listen at %s: %s", path, strerror(errno));
		if (fd != -1)
			close(fd);
		return -1;
	}
	open_to_group(path);
	return fd;
}

int supply_open_control(struct supply *supply, struct supply *before, struct error *error)
{
	if (before == NULL || strcmp(before->config.control, supply->config.control) != 0)
		supply->control = listen_at(supply->config.control, error);
	else
		supply_return_control(before, supply);
	return supply->control == -1 ? -1 : 0;
}

void supply_return_control(struct supply *supply, struct supply *before)
{
	if (supply->control == -1 || strcmp(before->config.control, supply->config.control) != 0)
		return;
	before->control = supply->control;
	supply->control = -1;
}

/* ---- the rest ---- */

int supply_open_lock(int *lock, const struct supply *supply, struct error *error)
{
	const char *path = getenv("XTABLES_LOCKFILE"); /* as iptables has it */

	*lock = -1;
	if (supply->config.firewall != CONFIG_IPTC)
		return 0;
	if (path == NULL || path[0] == '\0')
		path = "/run/xtables.lock";
	*lock = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
	return *lock == -1
		   ? error_set(error, "cannot open the xtables lock %s: %s", path, strerror(errno))
		   : 0;
}

/* By who is to use it, who goes as far as can be gone without a change, and is to end then. */
static int check_firewall(const struct supply *supply, struct error *error)
{
	static struct start start; /* large */
	int own[PROCESS_FIREWALL_END - PROCESS_FIRST] = {-1, -1};
	int *lock = &own[PROCESS_FIREWALL_LOCK - PROCESS_FIRST];
	enum check result;

	if (supply_open_lock(lock, supply, error) == -1)
		return -1;
	supply_start(&start, supply);
	supply_start_as(&start, supply, ROLE_FIREWALL);
	result =
	    run_check(supply, ROLE_FIREWALL, NULL, &start, own, sizeof(own) / sizeof(*own), error);
	if (*lock != -1)
		close(*lock);
	return result == CHECK_PASSED ? 0 : -1;
}

/* So that none of them can do anything to another. */
static int check_users(const struct supply *supply, struct error *error)
{
	const uid_t uids[] = {supply->capture.uid, supply->auth.uid, supply->firewall.uid};
	bool root = false;

	for (size_t i = 0; i < 3; i++) {
		root = root || uids[i] == 0;
		if (uids[i] != 0 && uids[i] == uids[(i + 1) % 3])
			return error_set(error,
					 "two of the processes have one user, uid %u; name "
					 "three different users",
					 uids[i]);
	}
	if (root)
		log_warn("not all processes have a user of their own: some run as root");
	return 0;
}

static int look_at_host(struct supply *supply, struct error *error)
{
	const struct config *config = &supply->config;

	if (host_user(&supply->capture, config->user_capture, error) == -1 ||
	    host_user(&supply->auth, config->user_auth, error) == -1 ||
	    host_user(&supply->firewall, config->user_firewall, error) == -1 ||
	    check_users(supply, error) == -1)
		return -1;
	return host_boot_id(supply->boot_id, error);
}

int supply_check_host(struct supply *supply, struct error *error)
{
	char folder[CONFIG_SOCKET];

	if (look_at_host(supply, error) == -1 || host_rules(&supply->config, error) == -1)
		return -1;
	name_roots(folder, supply);
	if (folder[0] != '\0' && check_folder(folder, 0755, 0, error) == -1)
		return -1;
	return check_folder(supply->config.state, 0700, supply->auth.uid, error) == -1 ? -1 : 0;
}

bool supply_same_place(const struct supply *one, const struct supply *other)
{
	const struct config *a = &one->config, *b = &other->config;

	return a->firewall == b->firewall && strcmp(a->table, b->table) == 0 &&
	       strcmp(a->table6, b->table6) == 0 && strcmp(a->chain, b->chain) == 0 &&
	       strcmp(a->set4, b->set4) == 0 && strcmp(a->set6, b->set6) == 0;
}

int supply_make(struct supply *supply, struct supply *before, const char *path, struct error *error)
{
	/* What is in force is not put on trial again: a key must be revoked, too, while its table is away. */
	bool in_force = before != NULL && supply_same_place(supply, before);
	int status;

	if (look_at_host(supply, error) == -1 ||
	    (!in_force && host_rules(&supply->config, error) == -1) ||
	    need_folders(supply, error) == -1)
		return POSTERND_BAD_HOST;
	if (sources_check(&supply->config, path, error) == -1)
		return POSTERND_BAD_CONFIG;
	status = supply_check_keys(supply, error);
	if (status != 0)
		return status;
	if (supply_open_control(supply, before, error) == -1 ||
	    (!in_force && check_firewall(supply, error) == -1))
		return POSTERND_BAD_HOST;
	return 0;
}

void supply_start(struct start *start, const struct supply *supply)
{
	memset(start, 0, sizeof(*start));
	start->config = supply->config;
	memcpy(start->boot_id, supply->boot_id, sizeof(start->boot_id));
	start->refused = supply->refused;
	memcpy(start->config_mark, supply->config_mark, sizeof(start->config_mark));
	memcpy(start->keys_mark, supply->keys_mark, sizeof(start->keys_mark));
	start->n_own = host_own(start->own);
}

void supply_start_as(struct start *start, const struct supply *supply, enum role role)
{
	const struct host_user *user = role == ROLE_CAPTURE ? &supply->capture
				       : role == ROLE_AUTH  ? &supply->auth
							    : &supply->firewall;

	start->uid = user->uid;
	start->gid = user->gid;
	memcpy(start->root, role == ROLE_AUTH ? supply->config.state : supply->root,
	       sizeof(start->root));
}

void supply_free(struct supply *supply)
{
	sources_close(&supply->sources);
	if (supply->keys != -1)
		close(supply->keys);
	if (supply->control != -1) {
		close(supply->control);
		unlink(supply->config.control);
	}
	supply->keys = supply->control = -1;
}
