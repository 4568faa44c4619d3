/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "source pcap" from a file, as tcpdump -w makes them: every packet in it with its own time, as fast
 * as it can be read, and then nothing more. Each start of capture reads it from its beginning. For
 * tests, and to look again at what was recorded. The file is as hostile as its packets are: posternd
 * opens it and reads no byte; libpcap reads it, after lockdown (so it allocates, once, its buffer).
 */
#ifndef SAVEFILE_H
#define SAVEFILE_H

#include "source.h"

extern const struct source savefile_source;

#endif
