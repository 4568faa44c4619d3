/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build.h"

#include "source.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "live.h"
#include "logtext.h"
#include "nflog.h"
#include "savefile.h"

enum { RECEIVE_BUFFER = 8 << 20 }; /* bytes that the kernel may hold for us in a flood */

static const struct source *const sources[] = {
    [SOURCE_NFLOG] = &nflog_source,
#ifdef HAVE_PCAP
    [SOURCE_PCAP] = &live_source,
    [SOURCE_SAVEFILE] = &savefile_source,
#endif
    [SOURCE_LOG] = &logtext_source,
};

enum { SOURCES = sizeof sources / sizeof *sources };

const struct source *source_of(uint32_t kind)
{
	return kind < SOURCES ? sources[kind] : NULL;
}

int source_check(const struct source_config *config, struct error *error)
{
	const struct source *source = source_of(config->kind);

	if (source == NULL)
		return error_set(error, "a source that is not built in");
	return source->check == NULL ? 0 : source->check(config, error);
}

static void close_descriptors(struct source_held *held)
{
	for (size_t i = 0; i < held->n; i++)
		close(held->descriptors[i]);
	held->n = 0;
}

int source_open(struct source_held *held, const struct source_config *config, size_t room,
		struct error *error)
{
	if (source_check(config, error) == -1)
		return -1;
	memset(held, 0, sizeof *held);
	held->config = *config;
	held->wake = -1;
	if (source_of(config->kind)->open(held, room, error) == 0)
		return 0;
	close_descriptors(held);
	return -1;
}

void source_close(struct source_held *held)
{
	const struct source *source = source_of(held->config.kind);

	if (source->close != NULL)
		source->close(held);
	close_descriptors(held);
}

/* Forced where we may (in the first namespace); elsewhere as much as the system's limit allows. */
void source_enlarge(int descriptor)
{
	int size = RECEIVE_BUFFER;

	if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
		(void)setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}
