/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build.h"

#include "crypto.h"

#include <gcrypt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "siv.h"

/* What was built in must be there when it runs. */
#ifdef USE_GCRYPT_SIV
static const char oldest_gcrypt[] = "1.10.0";
#else
static const char oldest_gcrypt[] = "1.8.0";
#endif

enum { HASH = 32, ENTROPY_AT_ONCE = 256 /* what getentropy gives in one call */ };

static void (*tell_end)(const char *why);

static void end(void *unused, int number, const char *why)
{
	(void)unused;
	(void)number;
	tell_end(why);
}

/* What it has to say besides is of no use to anyone. */
__attribute__((format(printf, 3, 0))) static void hear(void *unused, int level, const char *format,
						       va_list arguments)
{
	char text[128];

	(void)unused;
	if (level != GCRY_LOG_FATAL && level != GCRY_LOG_BUG)
		return;
	vsnprintf(text, sizeof text, format, arguments);
	tell_end(text);
}

void crypto_on_end(void (*told)(const char *why))
{
	tell_end = told;
	gcry_set_fatalerror_handler(end, NULL);
	gcry_set_log_handler(hear, NULL);
}

int crypto_start(void)
{
	uint8_t probe[1];

	if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P) == 0) {
		if (gcry_check_version(oldest_gcrypt) == NULL)
			return -1;
		/* Locked memory would need mlock in every sandbox; secrets are wiped instead. */
		gcry_control(GCRYCTL_DISABLE_SECMEM);
		gcry_control(GCRYCTL_INITIALIZATION_FINISHED);
	}
	return getentropy(probe, sizeof probe);
}

/* getentropy is a system call that needs no descriptor and no path, so it works in an empty root
 * with no file left to open (libgcrypt before 1.9 would read /dev/urandom). It cannot fail once it
 * has worked; if it did, libgcrypt's own generator gives the bytes or ends the process. */
void crypto_random(void *out, size_t size)
{
	uint8_t *at = out;

	while (size > 0) {
		size_t part = size < ENTROPY_AT_ONCE ? size : ENTROPY_AT_ONCE;
		if (getentropy(at, part) != 0)
			gcry_randomize(at, part, GCRY_STRONG_RANDOM);
		at += part;
		size -= part;
	}
}

/* iov[0] is the key. libgcrypt reads only, but its type does not say so. */
static int hmac(uint8_t out[static HASH], gcry_buffer_t *iov, int count)
{
	return gcry_md_hash_buffers(GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC, out, iov, count) == 0 ? 0
											     : -1;
}

static gcry_buffer_t piece(const void *bytes, size_t size)
{
	return (gcry_buffer_t){.data = (void *)(uintptr_t)bytes, .len = size};
}

int crypto_hmac_sha256(uint8_t out[static 32], const uint8_t key[static CRYPTO_KEY],
		       const void *message, size_t size)
{
	gcry_buffer_t iov[] = {piece(key, CRYPTO_KEY), piece(message, size)};

	return hmac(out, iov, size > 0 ? 2 : 1);
}

/* RFC 5869, 2.3. gcry_kdf has HKDF only from libgcrypt 1.11 on. */
static int expand(uint8_t *out, size_t size, const uint8_t prk[static HASH], const char *info)
{
	uint8_t block[HASH];
	int result = 0;

	for (unsigned i = 1; size > 0 && result == 0; i++) {
		uint8_t counter = (uint8_t)i;
		gcry_buffer_t iov[] = {piece(prk, HASH), piece(block, i == 1 ? 0 : HASH),
				       piece(info, strlen(info)), piece(&counter, 1)};
		size_t part = size < HASH ? size : HASH;

		result = hmac(block, iov, 4);
		memcpy(out, block, part);
		out += part;
		size -= part;
	}
	crypto_wipe(block, sizeof block);
	return result;
}

int crypto_hkdf(uint8_t *out, size_t size, const uint8_t ikm[static CRYPTO_KEY],
		const uint8_t *salt, size_t salt_size, const char *info)
{
	static const uint8_t no_salt[HASH];
	gcry_buffer_t iov[] = {salt_size > 0 ? piece(salt, salt_size) : piece(no_salt, HASH),
			       piece(ikm, CRYPTO_KEY)};
	uint8_t prk[HASH];
	int result = -1;

	if (size <= 255 * HASH && hmac(prk, iov, 2) == 0)
		result = expand(out, size, prk, info);
	if (result != 0)
		crypto_wipe(out, size);
	crypto_wipe(prk, sizeof prk);
	return result;
}

struct crypto_block {
	gcry_cipher_hd_t cipher;
};

struct crypto_block *crypto_block_new(const uint8_t key[static CRYPTO_KEY])
{
	struct crypto_block *block = calloc(1, sizeof *block);

	if (block == NULL)
		return NULL;
	if (gcry_cipher_open(&block->cipher, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_ECB, 0) != 0 ||
	    gcry_cipher_setkey(block->cipher, key, CRYPTO_KEY) != 0) {
		crypto_block_free(block);
		return NULL;
	}
	return block;
}

int crypto_block_encrypt(struct crypto_block *block, uint8_t out[static CRYPTO_BLOCK],
			 const uint8_t in[static CRYPTO_BLOCK])
{
	return gcry_cipher_encrypt(block->cipher, out, CRYPTO_BLOCK, in, CRYPTO_BLOCK) == 0 ? 0
											    : -1;
}

void crypto_block_free(struct crypto_block *block)
{
	if (block == NULL)
		return;
	gcry_cipher_close(block->cipher); /* wipes; null is fine */
	free(block);
}

#ifdef USE_GCRYPT_SIV
static int native_siv(gcry_cipher_hd_t *cipher, const uint8_t *key, const void *ad, size_t ad_size)
{
	if (gcry_cipher_open(cipher, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_SIV, 0) != 0)
		return -1;
	if (gcry_cipher_setkey(*cipher, key, CRYPTO_SIV_KEY) == 0 &&
	    gcry_cipher_authenticate(*cipher, ad, ad_size) == 0)
		return 0;
	gcry_cipher_close(*cipher);
	return -1;
}

int crypto_siv_seal(uint8_t tag[static CRYPTO_TAG], uint8_t *sealed,
		    const uint8_t key[static CRYPTO_SIV_KEY], const void *ad, size_t ad_size,
		    const uint8_t *plain, size_t size)
{
	gcry_cipher_hd_t cipher;

	if (native_siv(&cipher, key, ad, ad_size) != 0)
		return -1;
	bool done = gcry_cipher_encrypt(cipher, sealed, size, plain, size) == 0 &&
		    gcry_cipher_gettag(cipher, tag, CRYPTO_TAG) == 0;
	gcry_cipher_close(cipher);
	return done ? 0 : -1;
}

int crypto_siv_open(uint8_t *plain, const uint8_t key[static CRYPTO_SIV_KEY], const void *ad,
		    size_t ad_size, const uint8_t tag[static CRYPTO_TAG], const uint8_t *sealed,
		    size_t size)
{
	gcry_cipher_hd_t cipher;
	int result = CRYPTO_FAILED;

	if (native_siv(&cipher, key, ad, ad_size) == 0) {
		/* decrypt compares the tag itself, in constant time, and fails where it differs. */
		gcry_error_t error = gcry_cipher_set_decryption_tag(cipher, tag, CRYPTO_TAG);
		if (error == 0)
			error = gcry_cipher_decrypt(cipher, plain, size, sealed, size);
		if (error == 0)
			error = gcry_cipher_checktag(cipher, tag, CRYPTO_TAG);
		if (error == 0)
			result = 0;
		else if (gcry_err_code(error) == GPG_ERR_CHECKSUM)
			result = CRYPTO_FORGED;
		gcry_cipher_close(cipher);
	}
	if (result != 0)
		crypto_wipe(plain, size);
	return result;
}
#else
int crypto_siv_seal(uint8_t tag[static CRYPTO_TAG], uint8_t *sealed,
		    const uint8_t key[static CRYPTO_SIV_KEY], const void *ad, size_t ad_size,
		    const uint8_t *plain, size_t size)
{
	return siv_seal(tag, sealed, key, CRYPTO_SIV_KEY, ad, ad_size, plain, size);
}

int crypto_siv_open(uint8_t *plain, const uint8_t key[static CRYPTO_SIV_KEY], const void *ad,
		    size_t ad_size, const uint8_t tag[static CRYPTO_TAG], const uint8_t *sealed,
		    size_t size)
{
	return siv_open(plain, key, CRYPTO_SIV_KEY, ad, ad_size, tag, sealed, size);
}
#endif

bool crypto_equal(const void *a, const void *b, size_t size)
{
	const volatile uint8_t *x = a, *y = b;
	uint8_t differs = 0;

	for (size_t i = 0; i < size; i++)
		differs = (uint8_t)(differs | (x[i] ^ y[i]));
	return differs == 0;
}

#ifdef HAVE_EXPLICIT_BZERO
void crypto_wipe(void *secret, size_t size)
{
	explicit_bzero(secret, size);
}
#else
void crypto_wipe(void *secret, size_t size)
{
	volatile uint8_t *at = secret;

	while (size-- > 0)
		*at++ = 0;
}
#endif
