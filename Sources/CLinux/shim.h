// What Swift's Glibc module does not show: flock, inotify, timerfd, eventfd, signalfd, subreaper.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Names the calling thread for debuggers and `ps -L`; 15 characters at most.
static inline void carillon_name_thread(const char *name) {
  prctl(PR_SET_NAME, (unsigned long)name, 0, 0, 0);
}

// Has all threads allocate from one arena. Else each of the first threads reserves 64 MiB of addresses for one of its own.
static inline void carillon_one_arena(void) { mallopt(M_ARENA_MAX, 1); }

// A pipe whose ends close on exec and never block. Returns 0, or -1 with errno.
static inline int carillon_pipe(int ends[2]) {
  if (pipe(ends) != 0) return -1;
  for (int i = 0; i < 2; i++) {
    fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    fcntl(ends[i], F_SETFL, O_NONBLOCK);
  }
  return 0;
}

// The child that waitid told of; 0: none. The field is a macro over a union.
static inline pid_t carillon_child(const siginfo_t *info) { return info->si_pid; }

// Whether the kernel calls its clock synchronised: 1 yes, 0 no, -1 where it does not tell. What may be wrong
// with it goes to `microseconds`. struct timex: maxerror at byte 24, status at 40 (adjtimex(2)).
static inline int carillon_clock_state(int64_t *microseconds) {
  int64_t state[32] = {0};
  long answer = syscall(SYS_adjtimex, state);
  if (answer < 0) return -1;
  *microseconds = state[3];
  return answer != 5 && (state[5] & 0x40) == 0;  // TIME_ERROR, STA_UNSYNC
}

// GNU's own, which the headers show only when asked before the first of them.
extern int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags);

extern int sync_file_range(int file, off_t offset, off_t count, unsigned flags);

// Sends bytes of a file that were written on their way to the disk, and waits for none (sync_file_range(2),
// SYNC_FILE_RANGE_WRITE). Returns 0, or -1 with errno.
static inline int carillon_begin_flush(int file, int64_t offset, int64_t count) {
  return sync_file_range(file, offset, count, 2);
}

// Waits until they are there, as far as the system tells: without what the disk keeps to itself, and without the file's
// size (SYNC_FILE_RANGE_WAIT_BEFORE, _WRITE and _WAIT_AFTER). Returns 0, or -1 with errno.
static inline int carillon_end_flush(int file, int64_t offset, int64_t count) {
  return sync_file_range(file, offset, count, 1 | 2 | 4);
}

// Exchanges two files in one step. Returns 0, or -1 with errno: EINVAL where the file system cannot.
static inline int carillon_exchange(const char *a, const char *b) {
  return renameat2(AT_FDCWD, a, AT_FDCWD, b, 1u << 1);
}

// Renames a file, but never over another. Returns 0, or -1 with errno: EINVAL where the file system cannot.
static inline int carillon_rename_new(const char *from, const char *to) {
  return renameat2(AT_FDCWD, from, AT_FDCWD, to, 1u << 0);
}

// Locks of an open file (fcntl(2), "open file description locks"), which no other descriptor's end drops
// and which meet SQLite's own only where their bytes do. F_OFD_GETLK and F_OFD_SETLK are GNU's names for
// 36 and 37.

// Takes or drops a lock on bytes of a file, without waiting. Returns 0, or -1 with errno: EAGAIN where
// another has one that does not go with it, EINVAL where the kernel knows no such locks.
static inline int carillon_lock_bytes(int file, short type, int64_t start, int64_t length) {
  struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fcntl(file, 37, &lock);
}

// The kind of a lock that somebody else has on any of these bytes; F_UNLCK for none, -1 with errno.
static inline int carillon_lock_of_others(int file, int64_t start, int64_t length) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fcntl(file, 36, &lock) == 0 ? lock.l_type : -1;
}

// Whether something is mounted at just this path: 1 yes, 0 no, or a kernel that does not tell.
static inline int carillon_is_mount(const char *path) {
  uint64_t status[32] = {0};  // struct statx: attributes at byte 8, the mask of those that are told at 56
  if (syscall(SYS_statx, AT_FDCWD, path, 0, 0, status) != 0) return 0;
  return (status[1] & status[7] & 0x2000) != 0;  // STATX_ATTR_MOUNT_ROOT
}

// SQLite's own, which is variadic: Swift cannot call it. 1006 is SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE: the last
// connection to close leaves the log as it is. Returns SQLite's code.
struct sqlite3;
extern int sqlite3_db_config(struct sqlite3 *, int, ...);
static inline int carillon_sqlite_keep_log(void *connection) {
  return sqlite3_db_config((struct sqlite3 *)connection, 1006, 1, (int *)0);
}
