#include "source/artefact/saved/saved_reader.h"

#include "base/language.h"

/*
 * Who holds which ports, and who takes those of source NAT.
 */
enum { MOST_SOCKETS = 1 << 24 }; /* of a whole file */

static int take_holding(struct saved_reader *reader, size_t object, void *item)
{
	struct holding *holding = item;
	int here = saved_translate_netns(reader, &holding->key.netns);

	(void)object;
	if (here < 1)
		return here;
	if (owner_is_process(holding->key.owner_kind) &&
	    saved_translate(reader, "owner", &holding->key.owner, reader->processes,
			    reader->process_rows) < 1)
		return saved_fail(reader, "owner", _("names no row"));
	if (holding->key.inbound > 1 || !holding->ports.count ||
	    holding->sockets < holding->ports.count ||
	    holding->sockets > MOST_SOCKETS - reader->sockets)
		return saved_fail_value(reader, "sockets");
	reader->sockets += holding->sockets;
	if (snapshot_adopt_holding(reader->snapshot, holding))
		return saved_fail(reader, "row", _("is there twice"));
	return 1;
}

int saved_read_holdings(struct saved_reader *reader)
{
	return saved_read_rows(reader, &saved_holding, take_holding);
}

/* ---- source NAT ---- */

static int take_nat_tuple(struct saved_reader *reader, size_t object, void *item)
{
	struct nat *nat = &reader->snapshot->nat;
	struct nat_tuple *tuple = item;
	int here = saved_translate_netns(reader, &tuple->key.netns);

	(void)object;
	reader->tuples[reader->row] = SAVED_LEFT_OUT;
	if (here < 1)
		return here;
	reader->tuples[reader->row] = (uint32_t)nat->tuple_count;
	tuple->sources = 0; /* counted as they come: offsets are made of it */
	array_reserve(nat->tuples, nat->tuple_count, nat->tuple_capacity);
	nat->tuples[nat->tuple_count++] = *tuple;
	return 1;
}

static int take_nat_source(struct saved_reader *reader, size_t object, void *item)
{
	struct nat *nat = &reader->snapshot->nat;
	struct nat_source *source = item;
	int here = saved_translate(reader, "tuple", &source->key.tuple, reader->tuples,
				   reader->tuple_rows);

	(void)object;
	if (here < 1)
		return here;
	nat->tuples[source->key.tuple].sources++;
	array_reserve(nat->sources, nat->source_count, nat->source_capacity);
	nat->sources[nat->source_count++] = *source;
	return 1;
}

static int take_nat_rule(struct saved_reader *reader, size_t object, void *item)
{
	struct nat_rule *rule = item;
	int here = saved_translate_netns(reader, &rule->netns);

	(void)object;
	if (here < 1)
		return here;
	if (rule->source.bits > 128 || rule->destination.bits > 128)
		return saved_fail_value(reader, "source_bits");
	nat_add_rule(&reader->snapshot->nat, rule);
	return 1;
}

int saved_read_nat(struct saved_reader *reader)
{
	size_t array = saved_find_rows(reader, &saved_nat_tuple);

	if (!array)
		return -1;
	reader->tuple_rows = json_size_of(&reader->tokens, array);
	reader->tuples = memory_zeroed(reader->tuple_rows + 1, sizeof *reader->tuples);
	return saved_read_rows(reader, &saved_nat_tuple, take_nat_tuple) ||
			       saved_read_rows(reader, &saved_nat_source, take_nat_source) ||
			       saved_read_rows(reader, &saved_nat_rule, take_nat_rule) ?
		       -1 :
		       0;
}
