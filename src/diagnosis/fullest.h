#pragma once

#include "diagnosis/diagnosis.h"

/*
 * The one thing that has least room. That is the fullest destination, unless new connections to any other, what
 * bind() to port 0 draws from, or what UDP does is in a worse state: ports that are bound and nothing more have no
 * destination at all.
 */
struct fullest {
	const struct capacity *capacity; /* NULL: nobody is connected, and nothing is short */
	enum capacity_kind kind;
	uint32_t netns;
	const struct address *source, *destination; /* NULL: any */
	uint16_t port;
	const struct share *shares; /* most ports first */
	size_t share_count;
};

struct fullest fullest_of(const struct diagnosis *diagnosis);
