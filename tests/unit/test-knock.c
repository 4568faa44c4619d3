/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "knock.h"
#include "vectors.h"

static struct vector vectors[VECTORS_MOST];
static size_t count;

static int setup(void **state)
{
	(void)state;
	count = vectors_read(vectors);
	return crypto_start();
}

static struct identity who_of(const struct vector *v)
{
	struct identity who = {.id = v->id};

	memcpy(who.key, v->key, sizeof who.key);
	return who;
}

static struct address source_of(const struct vector *v)
{
	struct address source;

	memcpy(source.bytes, v->source, sizeof source.bytes);
	return source;
}

static struct request request_of(const struct vector *v)
{
	return (struct request){.time_ms = v->time_ms,
				.action = (uint8_t)v->action,
				.proto = (uint8_t)v->proto,
				.port = (uint16_t)v->port,
				.seconds = (uint16_t)v->seconds};
}

static void assert_request(const struct request *request, const struct vector *v)
{
	assert_int_equal(request->time_ms, v->time_ms);
	assert_int_equal(request->action, v->action);
	assert_int_equal(request->proto, v->proto);
	assert_int_equal(request->port, v->port);
	assert_int_equal(request->seconds, v->seconds);
}

static void all_vectors_are_there(void **state)
{
	static const char *const names[] = {"bound-v4", "unbound", "bound-v6", "close", "trigger"};

	(void)state;
	assert_int_equal(count, 5);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(vectors[i].name, names[i]);
}

static void keys_derive_as_in_the_vectors(void **state)
{
	uint8_t siv[CRYPTO_SIV_KEY], mask[CRYPTO_KEY];

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct vector *v = &vectors[i];
		assert_int_equal(crypto_hkdf(siv, sizeof siv, v->key, v->server, sizeof v->server,
					     "postern-v1 siv"),
				 0);
		assert_memory_equal(siv, v->siv_key, sizeof siv);
		assert_int_equal(
		    crypto_hkdf(mask, sizeof mask, v->server, NULL, 0, "postern-v1 mask"), 0);
		assert_memory_equal(mask, v->mask_key, sizeof mask);
	}
}

/* The request has no form of its own outside of a knock: it is what SIV opens. */
static void requests_are_laid_out_as_in_the_vectors(void **state)
{
	uint8_t ad[20], plain[12];

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct vector *v = &vectors[i];
		for (unsigned b = 0; b < 4; b++)
			ad[b] = (uint8_t)(v->id >> (24 - 8 * b));
		memcpy(ad + 4, v->source, 16);
		assert_int_equal(crypto_siv_open(plain, v->siv_key, ad, sizeof ad, v->knock,
						 v->knock + 20, sizeof plain),
				 0);
		assert_memory_equal(plain, v->request, sizeof plain);
	}
}

static void seal_makes_the_vectors(void **state)
{
	uint8_t knock[KNOCK_SIZE];

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct vector *v = &vectors[i];
		struct identity who = who_of(v);
		struct request request = request_of(v);
		struct address source = source_of(v);
		assert_int_equal(
		    knock_seal(knock, v->server, &who, &request, v->bound ? &source : NULL), 0);
		assert_memory_equal(knock, v->knock, sizeof knock);
	}
}

static void the_id_is_unmasked_with_the_right_server_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < count; j++) {
			struct crypto_block *mask = knock_mask(vectors[j].server);
			assert_non_null(mask);
			uint32_t id = knock_id(mask, vectors[i].knock);
			crypto_block_free(mask);
			assert_true((id == vectors[i].id) == (i == j));
		}
	}
}

static void open_gives_the_request_and_what_is_bound(void **state)
{
	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct vector *v = &vectors[i];
		struct identity who = who_of(v);
		struct address source = source_of(v);
		struct request request = {0};
		bool bound = !v->bound;
		assert_int_equal(knock_open(&request, &bound, v->server, &who, v->knock, &source),
				 0);
		assert_int_equal(bound, v->bound);
		assert_request(&request, v);
		assert_true(knock_well_formed(&request));
	}
}

static void a_bound_knock_opens_for_no_other_source(void **state)
{
	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct vector *v = &vectors[i];
		struct identity who = who_of(v);
		for (size_t bit = 0; bit < 128; bit++) {
			struct address source = source_of(v);
			struct request request = {0};
			bool bound = false;
			source.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
			int result =
			    knock_open(&request, &bound, v->server, &who, v->knock, &source);
			assert_int_equal(result, v->bound ? -1 : 0);
			assert_false(bound);
		}
	}
}

static void no_changed_bit_opens(void **state)
{
	const struct vector *v = &vectors[0];
	struct identity who = who_of(v);
	struct address source = source_of(v);

	(void)state;
	for (size_t bit = 0; bit < 8 * KNOCK_SIZE; bit++) {
		uint8_t knock[KNOCK_SIZE];
		struct request request = {.time_ms = 4711};
		bool bound = false;
		memcpy(knock, v->knock, sizeof knock);
		knock[bit / 8] ^= (uint8_t)(1U << bit % 8);
		/* The masked id is no part of the seal: it says whose key is tried. */
		bool in_id = bit / 8 >= 16 && bit / 8 < 20;
		assert_int_equal(knock_open(&request, &bound, v->server, &who, knock, &source),
				 in_id ? 0 : -1);
		assert_int_equal(request.time_ms, in_id ? v->time_ms : 4711);
	}
}

static void another_id_key_or_server_does_not_open(void **state)
{
	const struct vector *v = &vectors[0];
	struct address source = source_of(v);
	struct identity who = who_of(v);
	struct request request;
	bool bound;

	(void)state;
	who.id ^= 1;
	assert_int_equal(knock_open(&request, &bound, v->server, &who, v->knock, &source), -1);
	who = who_of(v);
	who.key[31] ^= 1;
	assert_int_equal(knock_open(&request, &bound, v->server, &who, v->knock, &source), -1);
	who = who_of(v);
	assert_int_equal(knock_open(&request, &bound, vectors[1].server, &who, v->knock, &source),
			 -1);
}

static void a_source_that_is_unspecified_binds_nothing(void **state)
{
	const struct vector *v = &vectors[1];
	struct address nowhere = {{0}};
	struct identity who = who_of(v);
	struct request request;
	bool bound = true;

	(void)state;
	assert_int_equal(knock_open(&request, &bound, v->server, &who, v->knock, &nowhere), 0);
	assert_false(bound);
}

static void well_formed_is_what_the_protocol_allows(void **state)
{
	(void)state;
	for (unsigned action = 0; action < 256; action++) {
		for (unsigned proto = 0; proto < 256; proto++) {
			bool named = proto == 6 || proto == 17 || proto == 132;
			struct request r = {.action = (uint8_t)action, .proto = (uint8_t)proto};
			assert_int_equal(knock_well_formed(&r), action <= 1 && proto == 0);
			r.port = 1;
			assert_int_equal(knock_well_formed(&r),
					 action <= 1 ? named : action == 2 && proto == 0);
			r.port = 65535;
			r.seconds = 65535;
			assert_int_equal(knock_well_formed(&r),
					 action <= 1 ? named : action == 2 && proto == 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_vectors_are_there),
	    cmocka_unit_test(keys_derive_as_in_the_vectors),
	    cmocka_unit_test(requests_are_laid_out_as_in_the_vectors),
	    cmocka_unit_test(seal_makes_the_vectors),
	    cmocka_unit_test(the_id_is_unmasked_with_the_right_server_only),
	    cmocka_unit_test(open_gives_the_request_and_what_is_bound),
	    cmocka_unit_test(a_bound_knock_opens_for_no_other_source),
	    cmocka_unit_test(no_changed_bit_opens),
	    cmocka_unit_test(another_id_key_or_server_does_not_open),
	    cmocka_unit_test(a_source_that_is_unspecified_binds_nothing),
	    cmocka_unit_test(well_formed_is_what_the_protocol_allows),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
