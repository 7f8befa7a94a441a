#pragma once

#include "action/linux/range.h"
#include "command/range.h"

struct netns;

/* --persist where it means nothing: -1 with a sentence. */
int range_refuse_persist(const struct range_options *options, const struct range_place *place,
			 struct error *error);

/* The namespace of a snapshot, as what changes it wants to be told. */
struct range_place range_place_of(const struct netns *netns);
