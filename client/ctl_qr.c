/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_qr.h"

#include "build.h"

#ifdef HAVE_QRENCODE

#include <errno.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto.h"
#include "file.h"

/* The standard wants as many light modules around it. */
enum { QUIET = 4 };

/* White on black whatever the terminal's colours, as a scanner wants light paper. */
#define LINE_BEGIN "\033[40;37;1m"
#define LINE_END   "\033[0m\n"

/* Two modules, one above the other, in one character; a light one is drawn. */
static const char *const blocks[] = {"\u2588", "\u2580", "\u2584", " "};
enum { BLOCK = 3 }; /* bytes of the longest */

bool ctl_qr_can(void)
{
	return true;
}

static bool is_dark(const QRcode *code, int row, int column)
{
	row -= QUIET;
	column -= QUIET;
	return row >= 0 && column >= 0 && row < code->width && column < code->width &&
	       (code->data[row * code->width + column] & 1) != 0;
}

/* Returns the size. */
static size_t draw(char *picture, const QRcode *code)
{
	char *end = picture;
	int side = code->width + 2 * QUIET;
	for (int row = 0; row < side; row += 2) {
		end = stpcpy(end, LINE_BEGIN);
		for (int column = 0; column < side; column++)
			end = stpcpy(end, blocks[2 * is_dark(code, row, column) +
						 is_dark(code, row + 1, column)]);
		end = stpcpy(end, LINE_END);
	}
	return (size_t)(end - picture);
}

static int print(const QRcode *code, struct error *error)
{
	size_t side = (size_t)code->width + 2 * QUIET;
	size_t room = (side + 1) / 2 * (side * BLOCK + sizeof LINE_BEGIN + sizeof LINE_END) + 1;
	char *picture = malloc(room);
	if (picture == NULL)
		return error_set(error, "out of memory");
	size_t size = draw(picture, code);
	int result = file_write(STDOUT_FILENO, picture, size);
	if (result != 0)
		error_set(error, "the QR code can't be written to standard output: %s",
			  strerror(errno));
	crypto_wipe(picture, size);
	free(picture);
	return result;
}

int ctl_qr_print(const char *text, size_t size, struct error *error)
{
	/* Version 0: the smallest that has room. A screen has no scratches: the least correction. */
	QRcode *code = QRcode_encodeData((int)size, (const unsigned char *)text, 0, QR_ECLEVEL_L);
	if (code == NULL)
		return error_set(error, "the QR code can't be made: %s",
				 errno == ERANGE ? "the token is too long for one"
						 : strerror(errno));
	int result = print(code, error);
	crypto_wipe(code->data, (size_t)code->width * (size_t)code->width);
	QRcode_free(code);
	return result;
}

#else

bool ctl_qr_can(void)
{
	return false;
}

int ctl_qr_print(const char *text, size_t size, struct error *error)
{
	(void)text;
	(void)size;
	return error_set(error, "posternctl was built without libqrencode");
}

#endif
