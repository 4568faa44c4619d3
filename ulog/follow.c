/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "follow.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
	/* What waits for capture, where the file is cut off meanwhile: one page at least for each piece, however
	 * small it is, so 256 pieces at most. What has no room waits in the file. */
	PIPE = 1024 * 1024,
	PIECE = 65536,     /* bytes at once */
	PIECES_A_TEND = 64 /* others wait for posternd, too */
};

/* Of the file: its content, and that it is renamed. Of its folder: that there is a new one. */
enum { FILE_CHANGES = IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF };
enum { FOLDER_CHANGES = IN_CREATE | IN_MOVED_TO | IN_ONLYDIR };

struct follow {
	int wake; /* epoll, of the four below */
	int inotify, timer, pipe;
	int file; /* -1: there is none */
	int file_watch, folder_watch;
	bool waiting; /* the file was renamed; the new one is not there yet, or empty */
	bool emptied; /* the old one was read to its end since the new one has something */
	bool unheard; /* that it is not there was told */
	bool failed;  /* it could not be read: what it has is as good as read */
	off_t from;   /* what is before that in the file is not for capture, but one byte at most */
	off_t size;   /* the greatest that it was seen to have */
	bool cut;     /* some of it is lost, which capture is to be told */
};

static int explain(struct error *error, const char *path)
{
	return error_set(error, "log: cannot follow %s: %s", path,
			 errno == EINVAL ? "it is no regular file" : strerror(errno));
}

/* ---- opening and closing ---- */

static int add(struct follow *follow, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	return fd == -1 ? -1 : epoll_ctl(follow->wake, EPOLL_CTL_ADD, fd, &event);
}

static int make(struct follow *follow, int *reading)
{
	int ends[2];

	follow->wake = epoll_create1(EPOLL_CLOEXEC);
	follow->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	follow->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (follow->wake == -1 || add(follow, follow->inotify, EPOLLIN) == -1 ||
	    add(follow, follow->timer, EPOLLIN) == -1 || pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1)
		return -1;
	fcntl(ends[0], F_SETPIPE_SZ, PIPE); /* or as much as it has */
	*reading = ends[0];
	follow->pipe = ends[1];
	return add(follow, follow->pipe, 0);
}

/* Instead of the one before. */
static void watch_file(struct follow *follow, const char *path)
{
	int watch = inotify_add_watch(follow->inotify, path, FILE_CHANGES);

	if (watch != follow->file_watch && follow->file_watch != -1)
		inotify_rm_watch(follow->inotify, follow->file_watch);
	follow->file_watch = watch;
}

static void watch_folder(struct follow *follow, const char *path)
{
	char folder[SOURCE_FILE];

	snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
	follow->folder_watch =
	    inotify_add_watch(follow->inotify, folder[0] == '\0' ? "/" : folder, FOLDER_CHANGES);
}

/* A file whose size is always 0, whatever can be read. */
static bool is_made_up(int fd)
{
	struct statfs system;

	return fstatfs(fd, &system) == -1 || system.f_type == PROC_SUPER_MAGIC ||
	       system.f_type == SYSFS_MAGIC || system.f_type == DEBUGFS_MAGIC ||
	       system.f_type == TRACEFS_MAGIC;
}

/* A descriptor; or -1 with errno. */
static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (fd == -1)
		return -1;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && !is_made_up(fd))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

/* From where to on: what goes into the pipe first ends a line, or is within one. */
static int go_to(struct follow *follow, off_t to)
{
	follow->from = to;
	if (to > 0)
		return lseek(follow->file, to - 1, SEEK_SET) == -1 ? -1 : 0;
	if (write(follow->pipe, "\n", 1) != 1)
		return -1;
	return follow->file == -1 ? 0 : lseek(follow->file, 0, SEEK_SET) == -1 ? -1 : 0;
}

/* What it has at the start was there before us. */
static int begin(struct follow *follow, const char *path)
{
	watch_folder(follow, path);
	watch_file(follow, path);
	follow->file = open_file(path);
	if (follow->file == -1)
		return errno == ENOENT ? go_to(follow, 0) : -1;
	return go_to(follow, lseek(follow->file, 0, SEEK_END));
}

int follow_open(struct source_held *held, size_t room, struct error *error)
{
	static const struct follow nothing = {.wake = -1,
					      .inotify = -1,
					      .timer = -1,
					      .pipe = -1,
					      .file = -1,
					      .file_watch = -1,
					      .folder_watch = -1};
	struct follow *follow = malloc(sizeof *follow);

	if (room == 0 || follow == NULL) {
		free(follow);
		return error_set(error, "log: no room beside the other sources");
	}
	*follow = nothing;
	held->own = follow;
	if (make(follow, &held->descriptors[0]) == 0) {
		held->n = 1;
		held->wake = follow->wake;
		if (begin(follow, held->config.file) == 0)
			return 0;
	}
	explain(error, held->config.file);
	follow_close(held);
	return -1;
}

void follow_close(struct source_held *held)
{
	struct follow *follow = held->own;
	const int fds[] = {follow->wake, follow->inotify, follow->timer, follow->pipe,
			   follow->file};

	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		if (fds[i] != -1)
			close(fds[i]);
	free(follow);
}

/* Of what is in the pipe nothing is needed: it comes again. */
static bool empty_pipe(const struct source_held *held, int size)
{
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	bool emptied = nowhere != -1 && (size == 0 || splice(held->descriptors[0], NULL, nowhere,
							     NULL, (size_t)size, 0) == size);

	if (nowhere != -1)
		close(nowhere);
	return emptied;
}

/* Who reads is another now, and does not know where its predecessor stopped, if that has read anything. What
 * is left in the pipe may be of an earlier file: then it stays, and the first line is not heard. */
void follow_renew(struct source_held *held)
{
	struct follow *follow = held->own;
	off_t at = follow->file == -1 ? 0 : lseek(follow->file, 0, SEEK_CUR);
	int left;

	if (ioctl(held->descriptors[0], FIONREAD, &left) == 0 && at >= left &&
	    empty_pipe(held, left))
		go_to(follow, at - left > follow->from ? at - left : follow->from);
}

/* ---- following ---- */

enum moved { MOVED_SOME, MOVED_ALL, NO_ROOM, FAILED };

static enum moved move_piece(struct follow *follow)
{
	static const char lost[2] = {FOLLOW_LOST, '\n'};
	/* Where it does not go on at the beginning, the byte before ends the line, or does not. */
	const ssize_t ends = follow->from == 0 ? 2 : 1;
	ssize_t size;

	if (follow->cut && write(follow->pipe, lost, (size_t)ends) != ends)
		return errno == EAGAIN ? NO_ROOM : FAILED;
	follow->cut = false;
	size = splice(follow->file, NULL, follow->pipe, NULL, PIECE,
		      SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (size == -1)
		return errno == EAGAIN ? NO_ROOM : errno == EINTR ? MOVED_SOME : FAILED;
	return size == 0 ? MOVED_ALL : MOVED_SOME;
}

static void tell_of(const struct source_held *held, source_tell *tell, bool good, const char *what)
{
	char text[SOURCE_FILE + 160];

	snprintf(text, sizeof text, "log: %s %s", held->config.file, what);
	tell(good, text);
}

/* Copied and cut, as logrotate's copytruncate does: it is smaller than it was. What comes now is from
 * its beginning; what was there to be read, and was not, is gone. What was written since the last look
 * may be so, too, unseen. */
static void look_for_cut(struct source_held *held, source_tell *tell)
{
	struct follow *follow = held->own;
	off_t at = lseek(follow->file, 0, SEEK_CUR);
	struct stat status;

	if (fstat(follow->file, &status) == -1)
		return;
	if (status.st_size < at || status.st_size < follow->size) {
		follow->cut = follow->cut || at < follow->size;
		tell_of(held, tell, at >= follow->size,
			at >= follow->size
			    ? "was cut off; it is read from its beginning"
			    : "was cut off before all of it was read: lines are lost; it is read "
			      "from its beginning");
		lseek(follow->file, 0, SEEK_SET);
		follow->size = follow->from = 0;
	}
	if (status.st_size > follow->size)
		follow->size = status.st_size;
}

static void take_new(struct source_held *held, int file)
{
	struct follow *follow = held->own;

	if (follow->file != -1)
		close(follow->file);
	follow->file = file;
	follow->size = follow->from = 0;
	follow->waiting = follow->emptied = false;
	watch_file(follow, held->config.file);
}

/* Renamed: who writes may go on writing to the old one for a while, even when the new one is there;
 * but not once there is something in the new one. So the old one is read to its end then, once more,
 * and left. True: there is more to read now. */
static bool look_for_new(struct source_held *held)
{
	struct follow *follow = held->own;
	struct stat now, old;
	int file;

	follow->waiting = stat(held->config.file, &now) == -1 || fstat(follow->file, &old) == -1 ||
			  now.st_ino != old.st_ino || now.st_dev != old.st_dev;
	if (!follow->waiting)
		return false;
	inotify_add_watch(follow->inotify, held->config.file, FILE_CHANGES);
	if (stat(held->config.file, &now) == -1 || now.st_size == 0)
		return false;
	if (!follow->emptied) {
		follow->emptied = true;
		return true;
	}
	file = open_file(held->config.file);
	if (file == -1)
		return false;
	take_new(held, file);
	/* Whatever the old one ends with: a line ends there. */
	follow->cut = go_to(follow, 0) == -1 || follow->cut;
	return true;
}

/* As if it were read. What capture has of a line stays without its end. */
static void skip_all(struct follow *follow)
{
	follow->from = lseek(follow->file, 0, SEEK_END);
	follow->cut = true;
	if (follow->from > 0)
		lseek(follow->file, follow->from - 1, SEEK_SET);
}

/* It comes for the first time. */
static void look_for_first(struct source_held *held, source_tell *tell)
{
	struct follow *follow = held->own;
	int file;

	if (follow->folder_watch == -1)
		watch_folder(follow, held->config.file);
	file = open_file(held->config.file);
	if (file != -1) {
		take_new(held, file);
		if (follow->failed)
			skip_all(follow);
		follow->failed = false;
		tell_of(held, tell, true, "is there now");
	} else if (!follow->unheard) {
		tell_of(held, tell, false,
			errno == ENOENT   ? "is not there; nothing is heard until it is"
			: errno == EINVAL ? "is no regular file; nothing is heard until it is"
					  : strerror(errno));
	}
	follow->unheard = file == -1;
}

/* What is to wake us next: room in the pipe, or the time, where no watch can. */
static void set_wake(struct follow *follow, bool full, bool more)
{
	struct epoll_event event = {.events = full ? EPOLLOUT : 0, .data.fd = follow->pipe};
	struct itimerspec time = {{0, 0}, {0, 0}};
	bool blind = follow->file == -1 || follow->waiting || follow->file_watch == -1;

	if (more)
		time.it_value.tv_nsec = 1000000;
	else if (blind)
		time.it_value.tv_sec = 1;
	epoll_ctl(follow->wake, EPOLL_CTL_MOD, follow->pipe, &event);
	timerfd_settime(follow->timer, 0, &time, NULL);
}

/* Of no interest but that it came. */
static void drain(const struct follow *follow)
{
	static char unread[4096];

	while (read(follow->inotify, unread, sizeof unread) > 0)
		;
	while (read(follow->timer, unread, sizeof unread) > 0)
		;
}

/* Moves what there is. The last that was found. */
static enum moved move_all(struct source_held *held, source_tell *tell)
{
	struct follow *follow = held->own;
	enum moved moved = MOVED_ALL;

	for (int i = 0; i < PIECES_A_TEND && follow->file != -1; i++) {
		look_for_cut(held, tell);
		moved = move_piece(follow);
		if (moved == NO_ROOM || moved == FAILED)
			return moved;
		if (moved == MOVED_ALL && !look_for_new(held))
			return moved;
	}
	return moved;
}

void follow_tend(struct source_held *held, source_tell *tell)
{
	struct follow *follow = held->own;
	enum moved moved;

	drain(follow);
	if (follow->file == -1)
		look_for_first(held, tell);
	moved = move_all(held, tell);
	if (moved == FAILED) {
		tell_of(held, tell, false, strerror(errno));
		close(follow->file);
		follow->file = -1;
		follow->from = 0;
		follow->unheard = follow->failed = true;
	}
	set_wake(follow, moved == NO_ROOM, moved == MOVED_SOME);
}
