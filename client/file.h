/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that hold secrets: read whole into memory that is wiped afterwards, replaced in one step
 * (a new file beside the old one, made durable, then renamed), so that a crash leaves the old or
 * the new, never a half. Nothing passes through stdio, whose buffers nobody wipes.
 */
#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "error.h"

struct file_text {
	char *text; /* with a terminator; null before it is read */
	size_t size;
};

/* To read it. What is no file (a pipe, a device), whose reading might never end, is refused. The descriptor; or
 * -1, with errno as well. */
int file_open(const char *path, struct error *error);

/* All that can be read from the descriptor (of a terminal, one line), up to most bytes. what is
 * named in errors. 0 or -1; the caller frees either way. */
int file_read(struct file_text *text, int fd, size_t most, const char *what, struct error *error);
void file_free(struct file_text *text); /* wipes */

/* 0, or -1 with errno. */
int file_write(int fd, const void *bytes, size_t size);

/* Writes a file of mode 0600, or of the owner and mode of like where it is not null. Where the path is
 * taken already: replaces it, or fails with errno EEXIST. 0; or -1, and unless the
 * error says otherwise nothing has changed. */
int file_replace(const char *path, const void *bytes, size_t size, const struct stat *like,
		 bool replace, struct error *error);

/* Under another name of the same folder, in place of what has it. 0, or -1. */
int file_move(const char *from, const char *to, struct error *error);

/* Is this a file, our own or root's, that nobody else can read or write? The error has the remedy. What
 * is no regular file (a pipe) is for who made it to guard. */
int file_check_private(int fd, const char *path, struct error *error);

#endif
