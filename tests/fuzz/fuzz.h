#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * A target is one file of this folder, NAME.c, that defines fuzz_one(), and one line of `fuzz_targets` in meson.build. It is
 * run in two ways: by libFuzzer (libfuzzer.c, `./dev fuzz`), and as an ordinary test that replays the files of
 * corpus/NAME/ and spoils the target's seeds (main.c). fuzz_artefact.h serves those that read files of evidence.
 */

/* What is tried with bytes that may be anything; whether they were taken for something. */
int fuzz_one(const uint8_t *data, size_t size);
