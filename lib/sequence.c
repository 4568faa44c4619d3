/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sequence.h"

#include <stdbool.h>
#include <string.h>

/* GF(256): a product of two that are not 0 is the sum of their logarithms; and the logarithm of 0 is so
 * great that every sum with it leads to a 0, which saves asking. What is multiplied went over the wire
 * in the clear, so tables may be indexed by it. */
enum { LOG_0 = 510 };
struct field {
	bool ready;
	uint8_t exp[2 * LOG_0 + 1];
	uint16_t log[256];
};

static const struct field *field(void)
{
	static struct field it;
	if (it.ready)
		return &it;
	unsigned x = 1;
	for (unsigned i = 0; i < 255; i++) {
		it.exp[i] = it.exp[i + 255] = (uint8_t)x;
		it.log[x] = (uint16_t)i;
		x <<= 1;
		if (x & 0x100)
			x ^= 0x11d;
	}
	it.log[0] = LOG_0;
	it.ready = true;
	return &it;
}

static uint8_t multiply(uint8_t a, uint8_t b)
{
	const struct field *f = field();
	return f->exp[f->log[a] + f->log[b]];
}

static uint8_t divide(uint8_t a, uint8_t b)
{
	const struct field *f = field();
	/* By 0 only where a position came twice; what is found then is no use, nor does it harm. */
	return b == 0 ? 0 : f->exp[f->log[a] + 255 - f->log[b]];
}

/* A polynomial: at[i] is the coefficient of x^i. size coefficients are in use, the last of them not
 * 0; size 0 is the zero polynomial. */
enum { COEFFICIENTS = SEQUENCE_MOST + 1 };
struct polynomial {
	unsigned size;
	uint8_t at[COEFFICIENTS];
};

static void trim(struct polynomial *p)
{
	while (p->size > 0 && p->at[p->size - 1] == 0)
		p->size--;
}

static uint8_t evaluate(const struct polynomial *p, uint8_t x)
{
	uint8_t sum = 0;
	for (unsigned i = p->size; i-- > 0;)
		sum = multiply(sum, x) ^ p->at[i];
	return sum;
}

/* p += scale * x^shift * q */
static void add_scaled(struct polynomial *p, const struct polynomial *q, uint8_t scale,
		       unsigned shift)
{
	for (unsigned i = 0; i < q->size; i++)
		p->at[i + shift] ^= multiply(scale, q->at[i]);
	if (q->size > 0 && q->size + shift > p->size)
		p->size = q->size + shift;
	trim(p);
}

/* p := p mod q, and what p was times: quotient. q is not zero. */
static void reduce(struct polynomial *quotient, struct polynomial *p, const struct polynomial *q)
{
	*quotient = (struct polynomial){0};
	while (p->size >= q->size) {
		unsigned shift = p->size - q->size;
		uint8_t scale = divide(p->at[p->size - 1], q->at[q->size - 1]);
		if (quotient->size == 0)
			quotient->size = shift + 1;
		quotient->at[shift] = scale;
		add_scaled(p, q, scale, shift);
	}
}

/* p *= (x - root); in a field of characteristic 2, minus is plus. */
static void multiply_root(struct polynomial *p, uint8_t root)
{
	for (unsigned i = p->size; i > 0; i--)
		p->at[i] = p->at[i - 1] ^ (i < p->size ? multiply(root, p->at[i]) : 0);
	p->at[0] = multiply(root, p->at[0]);
	p->size++;
}

/* Newton's interpolation: line passes through all symbols, zero is 0 at all of their positions. */
static void interpolate(struct polynomial *line, struct polynomial *zero,
			const struct symbol *symbols, unsigned count)
{
	*line = (struct polynomial){0};
	*zero = (struct polynomial){.size = 1, .at = {1}};
	for (unsigned i = 0; i < count; i++) {
		uint8_t x = symbols[i].position;
		uint8_t missing = symbols[i].value ^ evaluate(line, x);
		if (missing != 0)
			add_scaled(line, zero, divide(missing, evaluate(zero, x)), 0);
		multiply_root(zero, x);
	}
}

/* Gao's step: the extended Euclidean algorithm on zero and line, stopped half-way, leaves the
 * message times the locator of the errors (in line) and that locator (in locator). */
static void stop_half_way(struct polynomial *zero, struct polynomial *line,
			  struct polynomial *locator, unsigned count)
{
	struct polynomial before = {0}, now = {.size = 1, .at = {1}}, quotient;
	while (2 * line->size > count + KNOCK_SIZE + 1) {
		struct polynomial remainder = *zero, next = before;
		reduce(&quotient, &remainder, line);
		for (unsigned i = 0; i < quotient.size; i++)
			if (quotient.at[i] != 0)
				add_scaled(&next, &now, quotient.at[i], i);
		before = now;
		now = next;
		*zero = *line;
		*line = remainder;
	}
	*locator = now;
}

int sequence_decode(uint8_t knock[static KNOCK_SIZE], const struct symbol *symbols, unsigned count)
{
	if (count < KNOCK_SIZE || count > SEQUENCE_MOST)
		return -1;
	struct polynomial line, zero, locator, message;
	interpolate(&line, &zero, symbols, count);
	stop_half_way(&zero, &line, &locator, count);
	if (locator.size == 0)
		return -1;
	reduce(&message, &line, &locator);
	if (line.size != 0 || message.size > KNOCK_SIZE)
		return -1;
	for (unsigned i = 0; i < KNOCK_SIZE; i++)
		knock[i] = evaluate(&message, (uint8_t)i);
	return 0;
}

unsigned sequence_positions(const struct portset *set)
{
	unsigned n = set->count / SEQUENCE_VALUES;
	if (n < SEQUENCE_LEAST)
		return 0;
	return n > SEQUENCE_MOST ? SEQUENCE_MOST : n;
}

void sequence_encode(uint8_t values[static SEQUENCE_MOST], unsigned n,
		     const uint8_t knock[static KNOCK_SIZE])
{
	struct symbol symbols[KNOCK_SIZE];
	for (unsigned i = 0; i < KNOCK_SIZE; i++)
		symbols[i] = (struct symbol){.position = (uint8_t)i, .value = knock[i]};
	struct polynomial line, zero;
	interpolate(&line, &zero, symbols, KNOCK_SIZE);
	for (unsigned i = 0; i < n; i++)
		values[i] = evaluate(&line, (uint8_t)i);
}

uint16_t sequence_port(const struct portset *set, struct symbol symbol)
{
	return portset_nth(set, (uint32_t)symbol.position * SEQUENCE_VALUES + symbol.value);
}

int sequence_symbol(struct symbol *symbol, const struct portset *set, uint16_t port)
{
	int32_t rank = portset_rank(set, port);
	if (rank < 0 || (unsigned)rank / SEQUENCE_VALUES >= sequence_positions(set))
		return -1;
	symbol->position = (uint8_t)(rank / SEQUENCE_VALUES);
	symbol->value = (uint8_t)(rank % SEQUENCE_VALUES);
	return 0;
}
