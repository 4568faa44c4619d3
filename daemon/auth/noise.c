/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "noise.h"

#include <string.h>

#include "crypto.h"
#include "hash.h"
#include "tell.h"

enum { PERIOD_MS = 60000, BITS = 65536 };

struct noise_counts noise_counts;

static struct hash_key secret;
static struct {
	uint64_t packets, lost;
	uint64_t since_ms; /* boot clock, of the first; meaningless while there is none */
	uint32_t marked;   /* bits that are set */
	uint8_t bitmap[BITS / 8];
} minute;

void noise_start(void)
{
	memset(&noise_counts, 0, sizeof noise_counts);
	memset(&minute, 0, sizeof minute);
	crypto_random(&secret, sizeof secret);
}

static void begin(const struct now *now)
{
	if (minute.packets == 0 && minute.lost == 0)
		minute.since_ms = now->boot_ms;
}

void noise_packet(const struct address *source, const struct now *now)
{
	uint32_t bit = (uint32_t)hash_of(&secret, source, sizeof *source) % BITS;
	uint8_t mask = (uint8_t)(1 << bit % 8);

	begin(now);
	minute.packets++;
	noise_counts.noise++;
	if (minute.bitmap[bit / 8] & mask)
		return;
	minute.bitmap[bit / 8] |= mask;
	minute.marked++;
}

void noise_more(uint64_t packets, uint32_t lost, const struct now *now)
{
	if (packets == 0 && lost == 0)
		return;
	begin(now);
	minute.packets += packets;
	minute.lost += lost;
	noise_counts.noise += packets;
	noise_counts.lost += lost;
}

/* For 1 <= x: halved until below two, and there by the series of the inverse hyperbolic tangent,
 * whose next term is under one in ten million. Libm is not linked for this alone. */
static double logarithm(double x)
{
	double result = 0;

	for (; x >= 2; x /= 2)
		result += 0.69314718055994531;
	double y = (x - 1) / (x + 1), power = y;
	for (int odd = 1; odd < 15; odd += 2, power *= y * y)
		result += 2 * power / odd;
	return result;
}

/* Of n sources in m slots a share of e^(-n/m) stays empty. A full map says "at least". */
static uint64_t sources(void)
{
	uint32_t empty = BITS - minute.marked;

	return (uint64_t)(BITS * logarithm(BITS / (double)(empty > 0 ? empty : 1)) + 0.5);
}

uint64_t noise_deadline(void)
{
	if (minute.packets == 0 && minute.lost == 0)
		return UINT64_MAX;
	return minute.since_ms + PERIOD_MS;
}

void noise_tell(const struct now *now)
{
	struct log_event line;

	if (now->boot_ms < noise_deadline())
		return;
	log_event(&line, LOG_INFO, "noise");
	log_number(&line, "packets", (int64_t)minute.packets);
	log_number(&line, "sources", (int64_t)sources());
	log_number(&line, "seconds", (int64_t)((now->boot_ms - minute.since_ms) / 1000));
	if (minute.lost > 0)
		log_number(&line, "lost", (int64_t)minute.lost);
	tell_send(&line);
	memset(&minute, 0, sizeof minute);
}
