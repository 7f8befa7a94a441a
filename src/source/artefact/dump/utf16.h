#pragma once

#include <stddef.h>
#include <stdint.h>

/* Little-endian UTF-16 of so many bytes as UTF-8, ended by zero; cut where `size` ends. Halves of pairs become U+FFFD, zeros end it.
 * Its length. */
size_t utf16_to_utf8(const uint8_t *bytes, size_t count, char *text, size_t size);
