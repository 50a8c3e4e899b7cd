// What SQLite is told before it begins, by a function of any number of arguments, which Swift cannot call.
#pragma once
#include <sqlite3.h>

// SQLite counts each byte that it allocates, under one lock for all threads, for figures that nobody asks it for here.
// Returns SQLITE_MISUSE, and changes nothing, when SQLite has begun already.
static inline int carillon_sqlite_count_no_memory(void) {
  return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
