#pragma once

struct snapshot;
struct windows;

/* The dynamic ranges that nothing has told are taken to be the default, and are marked so. */
void ranges_assume(struct windows *windows);

/* A default never poses as a reading: gaps name the rows whose range, or whose excluded ports, nobody has told. Where no
 * count rests on a row it is of range show only: GAP_CLAIMS. The snapshot has its namespace by then. */
void ranges_tell(struct snapshot *snapshot);
