/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "savefile.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "link.h"

enum { PACKETS_A_READ = 256 /* so that several descriptors share the time */ };

/* ---- in posternd ---- */

static int check_file(const struct source_config *config, struct error *error)
{
	struct stat status;

	if (stat(config->file, &status) == -1)
		return error_set(error, "cannot open %s: %s", config->file, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return error_set(error, "%s is no regular file", config->file);
	return 0;
}

static int open_file(struct source_held *held, size_t room, struct error *error)
{
	const char *path = held->config.file;
	struct stat status;
	int fd;

	if (room == 0)
		return error_set(error, "no room for a file beside the other sources");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1)
		return error_set(error, "cannot open %s: %s", path, strerror(errno));
	held->descriptors[held->n++] = fd;
	if (fstat(fd, &status) == -1 || !S_ISREG(status.st_mode))
		return error_set(error, "%s is no regular file", path);
	return 0;
}

/* ---- in postern-capture ---- */

/* There is at most one such source. */
static pcap_t *file;
static int file_descriptor;
static off_t at;
static uint64_t packets;

/* From its beginning, whoever else has read it: the place in it is our own. */
static ssize_t read_bytes(void *cookie, char *bytes, size_t size)
{
	ssize_t got = pread(file_descriptor, bytes, size, at);

	(void)cookie;
	at += got > 0 ? got : 0;
	return got;
}

/* By a cookie: a stream of its own would ask the kernel for more than capture may. */
static enum source_state begin(int descriptor, struct error *error)
{
	const cookie_io_functions_t functions = {.read = read_bytes};
	char text[PCAP_ERRBUF_SIZE] = "no memory";
	FILE *stream;

	file_descriptor = descriptor;
	stream = fopencookie(NULL, "r", functions);
	if (stream != NULL)
		file = pcap_fopen_offline(stream, text);
	if (file == NULL) {
		error_set(error, "not to be read: %.200s", text);
		return SOURCE_OVER;
	}
	if (link_known(pcap_datalink(file)))
		return SOURCE_FINE;
	error_set(error, "of a link that is not known here (DLT %d); record on another interface",
		  pcap_datalink(file));
	return SOURCE_OVER;
}

static uint64_t time_ms(const struct timeval *time)
{
	return (uint64_t)time->tv_sec * 1000 + (uint64_t)time->tv_usec / 1000;
}

static void take_packet(const struct pcap_pkthdr *header, const u_char *bytes, source_take *take,
			void *context)
{
	struct sighting sighting;
	enum packet_reason reason =
	    link_frame(&sighting, pcap_datalink(file), bytes, header->caplen);

	packets++;
	sighting.time_ms = time_ms(&header->ts);
	take(context, reason, reason == PACKET_OK ? &sighting : NULL);
}

static enum source_state read_some(int descriptor, source_take *take, void *context,
				   struct source_news *news, struct error *error)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;

	*news = (struct source_news){0};
	if (file == NULL && begin(descriptor, error) != SOURCE_FINE)
		return SOURCE_OVER;
	for (; news->packets < PACKETS_A_READ; news->packets++) {
		int got = pcap_next_ex(file, &header, &bytes);
		if (got != 1) {
			error_set(error, "%s after %llu packets",
				  got == PCAP_ERROR_BREAK ? "at its end" : pcap_geterr(file),
				  (unsigned long long)packets);
			return SOURCE_OVER;
		}
		take_packet(header, bytes, take, context);
	}
	news->more = true;
	return SOURCE_FINE;
}

const struct source savefile_source = {
    .name = "pcap", .check = check_file, .open = open_file, .read = read_some};
