/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build.h"

#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"
#include "sandbox.h"

#ifdef SANITIZERS
/* The search for leaks at the end takes /proc and a process, which lockdown takes away. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

#define CAP(number) (UINT64_C(1) << (number))

/* What a role keeps when it has given up the rest. */
static const struct keeps {
	enum role role;
	const char *name;
	uint64_t capabilities; /* at most */
	unsigned own;          /* descriptors of its own that it must have, sources apart */
	unsigned descriptors;  /* that it may open in addition */
	bool files;            /* its root is its own folder, and it writes there */
} table[] = {
    {ROLE_CAPTURE, "postern-capture", 0, 1, 0, false},
    {ROLE_AUTH, "postern-auth", 0, PROCESS_AUTH_END - PROCESS_FIRST, 128, true},
    {ROLE_FIREWALL, "postern-firewall", CAP(CAP_NET_ADMIN) | CAP(CAP_NET_RAW),
     PROCESS_FIREWALL_END - PROCESS_FIRST, 16, false},
};

static const struct keeps *keeps_of(enum role role)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].role == role)
			return &table[i];
	log_bug("role %d is no child's", (int)role);
}

const char *process_name(enum role role)
{
	return keeps_of(role)->name;
}

static unsigned descriptors_given(const struct keeps *keeps, const struct start *start)
{
	return PROCESS_FIRST + keeps->own + (keeps->role == ROLE_CAPTURE ? start->n_sources : 0);
}

static void need_descriptors(unsigned first, unsigned end)
{
	for (unsigned i = first; i < end; i++)
		if (fcntl((int)i, F_GETFD) == -1)
			log_fatal(
			    "descriptor %u is missing: posternd starts this program, with what "
			    "it needs; start posternd instead",
			    i);
}

static bool is_socket(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

void process_begin(enum role role, struct start *start)
{
	static struct msg msg; /* large */
	const struct keeps *keeps = keeps_of(role);

	signal(SIGPIPE, SIG_IGN); /* whoever has gone is told of by errno */
	log_start(keeps->name, is_socket(PROCESS_LOG) ? PROCESS_LOG : -1);
	need_descriptors(0, PROCESS_FIRST + keeps->own);
	/* It was there before this program was. */
	if (msg_receive(PROCESS_PARENT, &msg, ROLE_POSTERND, role, MSG_STARTING) != 1)
		log_fatal("no start message from posternd");
	*start = msg.body.START;
	if (start->n_sources > SOURCE_DESCRIPTORS || start->n_own > MSG_OWN)
		log_bug("start message with more than fits");
	need_descriptors(PROCESS_FIRST, descriptors_given(keeps, start));
}

void process_ready(void)
{
	if (write(PROCESS_READY, "", 1) != 1) /* it waits no more, as something else has failed */
		exit(PROCESS_DONE);
	close(PROCESS_READY);
}

bool process_orphaned(enum role role, bool *said, struct msg *heard)
{
	static struct msg msg;
	int got = msg_receive(PROCESS_PARENT, &msg, ROLE_POSTERND, role, MSG_RUNNING);

	if (got == 1)
		*said = true;
	if (got == 1 && heard != NULL)
		*heard = msg;
	return got == -1;
}

static bool folder_empty(DIR *folder)
{
	const struct dirent *entry;

	while ((entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return false;
	return true;
}

static void check_root(const struct keeps *keeps, const struct start *start, DIR *folder)
{
	struct stat status;

	if (fstat(dirfd(folder), &status) == -1)
		log_fatal("cannot look at %s: %s", start->root, strerror(errno));
	if (keeps->files && (status.st_uid != start->uid || (status.st_mode & 077) != 0))
		log_fatal("%s must belong to uid %u and to nobody else: chown it, and chmod 700",
			  start->root, start->uid);
	if (!keeps->files && (status.st_uid != 0 || (status.st_mode & 022) != 0))
		log_fatal("%s must belong to root and be writable by nobody else: chown it, and "
			  "chmod 755",
			  start->root);
	if (!keeps->files && !folder_empty(folder))
		log_fatal("%s must be empty: remove what is in it", start->root);
}

static void enter_root(const struct keeps *keeps, const struct start *start)
{
	int fd = open(start->root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = fd == -1 ? NULL : fdopendir(fd);

	if (folder == NULL)
		log_fatal("cannot open %s: %s", start->root, strerror(errno));
	check_root(keeps, start, folder);
	/* By the descriptor: what was checked is what is entered. */
	if (fchdir(fd) == -1 || chroot(".") == -1 || chdir("/") == -1)
		log_fatal("cannot enter %s as root folder: %s", start->root, strerror(errno));
	closedir(folder);
}

/* A user namespace made by an ordinary user has no say in its supplementary groups. */
static bool groups_denied(void)
{
	char text[8] = "";
	int fd = open("/proc/self/setgroups", O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return false;
	if (read(fd, text, sizeof(text) - 1) == -1)
		text[0] = '\0';
	close(fd);
	return strncmp(text, "deny", 4) == 0;
}

static void drop_groups(bool denied)
{
	if (setgroups(0, NULL) == -1 && !(errno == EPERM && denied))
		log_fatal("cannot drop supplementary groups: %s", strerror(errno));
	if (!denied && getgroups(0, NULL) != 0)
		log_fatal("supplementary groups are left after they were dropped");
}

static void change_user(const struct start *start)
{
	uid_t uid = start->uid, r, e, s;
	gid_t gid = start->gid, rg, eg, sg;

	if (setresgid(gid, gid, gid) == -1 || setresuid(uid, uid, uid) == -1)
		log_fatal("cannot become uid %u gid %u: %s", uid, gid, strerror(errno));
	if (getresuid(&r, &e, &s) == -1 || r != uid || e != uid || s != uid ||
	    getresgid(&rg, &eg, &sg) == -1 || rg != gid || eg != gid || sg != gid)
		log_fatal("became another user than uid %u gid %u", uid, gid);
}

static void set_capabilities(uint64_t effective, uint64_t permitted)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
	    {.effective = (uint32_t)effective, .permitted = (uint32_t)permitted},
	    {.effective = (uint32_t)(effective >> 32), .permitted = (uint32_t)(permitted >> 32)},
	};

	if (syscall(SYS_capset, &head, data) == -1)
		log_fatal("cannot set capabilities: %s", strerror(errno));
}

static uint64_t get_permitted(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) == -1)
		log_fatal("cannot read capabilities: %s", strerror(errno));
	return data[0].permitted | (uint64_t)data[1].permitted << 32;
}

/* The bounding set first, which takes CAP_SETPCAP; keep at the end. */
static void drop_capabilities(uint64_t keep)
{
	uint64_t all = get_permitted();

	if ((all & keep) != keep)
		log_fatal("CAP_NET_ADMIN and CAP_NET_RAW are needed: start posternd as root");
	set_capabilities(all, all);
	for (unsigned long i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
		if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) == -1)
			log_fatal("cannot drop capability %lu: %s", i, strerror(errno));
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1)
		log_fatal("cannot clear ambient capabilities: %s", strerror(errno));
	set_capabilities(keep, keep);
	if (get_permitted() != keep)
		log_fatal("other capabilities are left than were kept");
}

/* A raw socket is what libiptc alone asks the kernel through. */
static uint64_t capabilities_of(const struct keeps *keeps, const struct start *start)
{
	if (keeps->role != ROLE_FIREWALL || start->config.firewall == CONFIG_IPTC)
		return keeps->capabilities;
	return start->config.firewall == CONFIG_NONE ? 0 : CAP(CAP_NET_ADMIN);
}

static void limit(int resource, const char *name, rlim_t most)
{
	struct rlimit both = {.rlim_cur = most, .rlim_max = most};

	if (setrlimit((__rlimit_resource_t)resource, &both) == -1)
		log_fatal("cannot set the limit of %s: %s", name, strerror(errno));
}

static bool stderr_is_file(void)
{
	struct stat status;

	return fstat(STDERR_FILENO, &status) == 0 && S_ISREG(status.st_mode);
}

void process_demote(enum role role, const struct start *start)
{
	const struct keeps *keeps = keeps_of(role);
	bool denied = groups_denied();
	pid_t parent = getppid();

	enter_root(keeps, start);
	drop_groups(denied);
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == -1)
		log_fatal("cannot keep capabilities: %s", strerror(errno));
	change_user(start);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		log_fatal("cannot set no_new_privs: %s", strerror(errno));
	drop_capabilities(capabilities_of(keeps, start));
	/* Both are reset by a change of user. The signal is a belt: PROCESS_PARENT's end tells, too. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1)
		log_fatal("cannot give up being dumpable: %s", strerror(errno));
	if (getppid() != parent) /* between the two */
		exit(PROCESS_DONE);
}

void process_confine(enum role role, const struct start *start)
{
	const struct keeps *keeps = keeps_of(role);
	struct error error;

	limit(RLIMIT_CORE, "core", 0);
	limit(RLIMIT_NPROC, "nproc", 0);
	limit(RLIMIT_NOFILE, "nofile", descriptors_given(keeps, start) + keeps->descriptors);
	/* With -n and stderr sent to a file, the log is one. */
	if (!keeps->files && !stderr_is_file())
		limit(RLIMIT_FSIZE, "fsize", 0);
	if (sandbox_enter(role, start->config.firewall, &error) == -1)
		log_fatal("%s", error.text);
}

void process_lockdown(enum role role, const struct start *start)
{
	process_demote(role, start);
	process_confine(role, start);
}
