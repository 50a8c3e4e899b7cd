// What of SQLite's set-up Swift cannot say: a function of any number of arguments, and what one thread remembers.
#pragma once
#include <sqlite3.h>

// SQLite counts each byte that it allocates, under one lock for all threads, for figures that nobody asks it for here.
// Returns SQLITE_MISUSE, and changes nothing, when SQLite has begun already.
static inline int carillon_sqlite_count_no_memory(void) {
  return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

// When the calling thread began to wait for another connection's lock, in milliseconds: SQLite tells a busy handler how
// often it asked, and not since when; and one thread waits for one lock at a time.
static _Thread_local long long carillon_wait_began = 0;

static inline long long carillon_sqlite_wait_began(void) { return carillon_wait_began; }

static inline void carillon_sqlite_begin_wait(long long milliseconds) { carillon_wait_began = milliseconds; }
