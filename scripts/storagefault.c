/* Lets the n-th call to the files of a database go wrong, or the power fail before it.
 *
 *   cc -O2 -shared -fPIC -o storagefault.so storagefault.c -ldl
 *   STORAGE_COUNT=FILE [STORAGE_AT=N STORAGE_FAULT=eio|enospc|short|once|cut] LD_PRELOAD=./storagefault.so PROGRAM
 *
 * STORAGE_COUNT a file of 8 bytes that the number of calls is kept in, over all processes that are given it
 * STORAGE_AT    the call from which on it goes wrong; 0 or none: never
 * STORAGE_FAULT eio: this call and all after it fail; once: this one alone fails; enospc: this write and all after it find
 *               no room; short: this write is cut in half, and those after it find no room; cut: all that was written to
 *               a file since its last sync is undone, newest first, and the process is killed
 *
 * Calls: writes to, truncations and syncs of regular files whose names begin with the name of the database,
 * carillon.db (its log and journal with it, the index of the log is memory).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic long own, *count = &own;
static long at;
static enum { NONE, EIO_ALL, EIO_ONCE, FULL, SHORT, CUT } fault;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* What a write or a truncation replaced. */
struct undo {
  struct undo *before;
  dev_t device;
  ino_t inode;
  int file;
  off_t offset, size;
  size_t length;
  char bytes[];
};
static struct undo *undone;

__attribute__((constructor)) static void begin(void) {
  const char *text = getenv("STORAGE_AT");
  at = text ? atol(text) : 0;
  text = getenv("STORAGE_FAULT");
  if (text) {
    fault = !strcmp(text, "eio") ? EIO_ALL : !strcmp(text, "once") ? EIO_ONCE : !strcmp(text, "enospc") ? FULL
          : !strcmp(text, "short") ? SHORT : !strcmp(text, "cut") ? CUT : NONE;
  }
  text = getenv("STORAGE_COUNT");
  int file = text ? (int)syscall(SYS_openat, AT_FDCWD, text, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
  if (file < 0) return;
  if (syscall(SYS_ftruncate, file, 8) == 0) {
    void *map = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (map != MAP_FAILED) count = map;
  }
  syscall(SYS_close, file);
}

static int is_ours(int file) {
  struct stat what;
  if (file <= 2 || fstat(file, &what) != 0 || !S_ISREG(what.st_mode)) return 0;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  const char *name = strrchr(path, '/');
  if (!name) return 0;
  name++;
  return !strcmp(name, "carillon.db") || !strcmp(name, "carillon.db-wal") || !strcmp(name, "carillon.db-journal");
}

/* 0: go on; else the number of the error; -1: half of the write. */
static int point(int is_write) {
  long number = atomic_fetch_add(count, 1) + 1;
  if (!at || number < at) return 0;
  switch (fault) {
    case EIO_ALL: return EIO;
    case EIO_ONCE: return number == at ? EIO : 0;
    case FULL: return is_write ? ENOSPC : 0;
    case SHORT: return !is_write ? 0 : number == at ? -1 : ENOSPC;
    case CUT:
      pthread_mutex_lock(&lock);
      for (struct undo *step = undone; step; step = step->before) {
        if (step->length) syscall(SYS_pwrite64, step->file, step->bytes, step->length, step->offset);
        syscall(SYS_ftruncate, step->file, step->size);
      }
      syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
      for (;;) pause();
    default: return 0;
  }
}

/* Remembers what is about to be replaced. */
static void remember(int file, off_t offset, size_t length) {
  struct stat what;
  if (fault != CUT || fstat(file, &what) != 0) return;
  size_t old = offset >= what.st_size ? 0 : (size_t)(what.st_size - offset) < length ? (size_t)(what.st_size - offset) : length;
  struct undo *step = malloc(sizeof *step + old);
  if (!step) abort();
  /* Of a duplicate, which outlives the descriptor; but to close one would drop SQLite's locks, so it never is. */
  *step = (struct undo){undone, what.st_dev, what.st_ino, dup(file), offset, what.st_size, old};
  if (old && syscall(SYS_pread64, file, step->bytes, old, offset) != (long)old) abort();
  undone = step;
}

/* What was written to a file is on disk. */
static void forget(int file) {
  struct stat what;
  if (fault != CUT || fstat(file, &what) != 0) return;
  struct undo **link = &undone;
  while (*link) {
    if ((*link)->device == what.st_dev && (*link)->inode == what.st_ino) *link = (*link)->before;
    else link = &(*link)->before;
  }
}

static ssize_t write_at(int file, const void *bytes, size_t n, off_t offset) {
  int code = point(1);
  if (code > 0) { errno = code; return -1; }
  if (code < 0) n = n > 1 ? n / 2 : n;
  pthread_mutex_lock(&lock);
  remember(file, offset, n);
  ssize_t done = syscall(SYS_pwrite64, file, bytes, n, offset);
  pthread_mutex_unlock(&lock);
  return done;
}

ssize_t pwrite(int file, const void *bytes, size_t n, off_t offset) {
  return is_ours(file) ? write_at(file, bytes, n, offset) : syscall(SYS_pwrite64, file, bytes, n, offset);
}
ssize_t pwrite64(int file, const void *bytes, size_t n, off64_t offset) {
  return is_ours(file) ? write_at(file, bytes, n, offset) : syscall(SYS_pwrite64, file, bytes, n, offset);
}
ssize_t write(int file, const void *bytes, size_t n) {
  if (!is_ours(file)) return syscall(SYS_write, file, bytes, n);
  off_t offset = lseek(file, 0, SEEK_CUR);
  ssize_t done = write_at(file, bytes, n, offset);
  if (done > 0) lseek(file, offset + done, SEEK_SET);
  return done;
}
static int cut(int file, off_t n) {
  if (!is_ours(file)) return (int)syscall(SYS_ftruncate, file, n);
  int code = point(1);
  if (code > 0) { errno = code; return -1; }
  struct stat what;
  pthread_mutex_lock(&lock);
  if (fstat(file, &what) == 0 && n < what.st_size) remember(file, n, what.st_size - n);
  int done = (int)syscall(SYS_ftruncate, file, n);
  pthread_mutex_unlock(&lock);
  return done;
}
int ftruncate(int file, off_t n) { return cut(file, n); }
int ftruncate64(int file, off64_t n) { return cut(file, n); }
static int sync_file(int file, long call) {
  if (is_ours(file)) {
    int code = point(0);
    if (code > 0) { errno = code; return -1; }
    pthread_mutex_lock(&lock);
    forget(file);
    pthread_mutex_unlock(&lock);
  }
  return (int)syscall(call, file);
}
int fsync(int file) { return sync_file(file, SYS_fsync); }
int fdatasync(int file) { return sync_file(file, SYS_fdatasync); }
