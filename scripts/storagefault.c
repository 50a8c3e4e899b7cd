/* Lets the n-th call to the files of a database go wrong, or the power fail before it.
 *
 *   cc -O2 -shared -fPIC -o storagefault.so storagefault.c -ldl
 *   STORAGE_COUNT=FILE [STORAGE_AT=N STORAGE_FAULT=eio|enospc|short|once|cut STORAGE_TREE=FOLDER] LD_PRELOAD=./storagefault.so PROGRAM
 *
 * STORAGE_COUNT a file of 8 bytes that the number of calls is kept in, over all processes that are given it
 * STORAGE_AT    the call from which on it goes wrong; 0 or none: never
 * STORAGE_FAULT eio: this call and all after it fail; once: this one alone fails; enospc: this write and all after it find
 *               no room; short: this write is cut in half, and those after it find no room; cut: all that was written to
 *               a file since its last sync is undone, newest first, and the process is killed
 *
 * STORAGE_TREE  all regular files below this folder count, not the database's alone; then renames, links, removals and new
 *               files count too, and a cut undoes those since the last sync of their folder, newest first
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
static char tree[4096];
static size_t tree_length;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* What a write or a truncation replaced; or what a change of names did, by the folder that it is kept in. */
struct undo {
  struct undo *before;
  /* A change of names: `from` has become `to`; what had the name `to` before is kept under `aside`. Each may be missing. */
  char *from, *to, *aside;
  int exchanges;
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
  text = getenv("STORAGE_TREE");
  if (text && realpath(text, tree)) tree_length = strlen(tree);
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
  if (tree_length) {
    const char *end = path + length;
    /* The index of the log is memory, and a file that was removed is nobody's. */
    if (length > 4 && !strcmp(end - 4, "-shm")) return 0;
    return !strncmp(path, tree, tree_length) && path[tree_length] == '/' && !strstr(path, " (deleted)");
  }
  const char *name = strrchr(path, '/');
  if (!name) return 0;
  name++;
  return !strcmp(name, "carillon.db") || !strcmp(name, "carillon.db-wal") || !strcmp(name, "carillon.db-journal");
}

/* Undoes a change of names. */
static void back(struct undo *step) {
  if (step->from && step->to)
    syscall(SYS_renameat2, AT_FDCWD, step->to, AT_FDCWD, step->from, step->exchanges ? 1u << 1 : 0);
  else if (step->to && !step->aside) syscall(SYS_unlinkat, AT_FDCWD, step->to, 0);
  if (step->aside && step->to) syscall(SYS_renameat2, AT_FDCWD, step->aside, AT_FDCWD, step->to, 0);
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
        if (step->from || step->to) {
          back(step);
          continue;
        }
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
  *step = (struct undo){undone, NULL, NULL, NULL, 0, what.st_dev, what.st_ino, dup(file), offset, what.st_size, old};
  if (old && syscall(SYS_pread64, file, step->bytes, old, offset) != (long)old) {
    /* One that is open for writing alone: SQLite has none of these. */
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    int other = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDONLY | O_CLOEXEC);
    if (other < 0 || syscall(SYS_pread64, other, step->bytes, old, offset) != (long)old) abort();
    syscall(SYS_close, other);
  }
  undone = step;
}

/* What was written to a file is on disk. */
static void forget(int file) {
  struct stat what;
  if (fault != CUT || fstat(file, &what) != 0) return;
  struct undo **link = &undone;
  while (*link) {
    if ((*link)->device == what.st_dev && (*link)->inode == what.st_ino) {
      if ((*link)->aside) syscall(SYS_unlinkat, AT_FDCWD, (*link)->aside, 0);
      *link = (*link)->before;
    } else link = &(*link)->before;
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
/* Whether a file is a folder of the tree. */
static int is_folder(int file) {
  struct stat what;
  if (!tree_length || file <= 2 || fstat(file, &what) != 0 || !S_ISDIR(what.st_mode)) return 0;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return !strncmp(path, tree, tree_length) && (path[tree_length] == '/' || !path[tree_length]);
}

static int sync_file(int file, long call) {
  if (is_ours(file) || is_folder(file)) {
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

/* --- names */

/* The whole path of a name, where it is one of the tree; its folder is told too. */
static char *ours(const char *name, struct stat *folder) {
  if (!tree_length || fault != CUT) return NULL;
  char place[4096], path[4096];
  const char *last = strrchr(name, '/');
  snprintf(place, sizeof place, "%.*s", last ? (int)(last - name) : 1, last ? name : ".");
  if (!realpath(place[0] ? place : "/", path) || strncmp(path, tree, tree_length)) return NULL;
  if (path[tree_length] && path[tree_length] != '/') return NULL;
  size_t length = strlen(name);
  if (length > 4 && !strcmp(name + length - 4, "-shm")) return NULL;
  if (stat(path, folder) != 0) return NULL;
  char *whole = malloc(strlen(path) + length + 2);
  if (!whole) abort();
  sprintf(whole, "%s/%s", path, last ? last + 1 : name);
  return whole;
}

static void record(char *from, char *to, char *aside, int exchanges, struct stat *folder) {
  struct undo *step = malloc(sizeof *step);
  if (!step) abort();
  *step = (struct undo){undone, from, to, aside, exchanges, folder->st_dev, folder->st_ino, -1, 0, 0, 0};
  undone = step;
}

/* Keeps what has a name under another one, which nobody looks at, until the folder is synced. */
static char *set_aside(const char *path) {
  static int number;
  struct stat what;
  if (lstat(path, &what) != 0 || !S_ISREG(what.st_mode)) return NULL;
  char *aside = malloc(strlen(tree) + 64);
  if (!aside) abort();
  sprintf(aside, "%s/../.aside-%d-%d", tree, (int)getpid(), number++);
  if (syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, aside, 0) != 0) { free(aside); return NULL; }
  return aside;
}

static int move(const char *from, const char *to, unsigned flags) {
  struct stat folder;
  char *old = ours(from, &folder), *new = ours(to, &folder);
  if (!old || !new) return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
  int code = point(0);
  if (code > 0) { errno = code; return -1; }
  pthread_mutex_lock(&lock);
  char *aside = flags ? NULL : set_aside(new);
  int done = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
  if (done == 0) record(old, new, aside, flags == 1u << 1, &folder);
  pthread_mutex_unlock(&lock);
  return done;
}
int rename(const char *from, const char *to) { return move(from, to, 0); }
int renameat2(int one, const char *from, int other, const char *to, unsigned flags) {
  if (one == AT_FDCWD && other == AT_FDCWD) return move(from, to, flags);
  return (int)syscall(SYS_renameat2, one, from, other, to, flags);
}

int unlink(const char *name) {
  struct stat folder;
  char *path = ours(name, &folder);
  if (!path) return (int)syscall(SYS_unlinkat, AT_FDCWD, name, 0);
  int code = point(0);
  if (code > 0) { errno = code; return -1; }
  pthread_mutex_lock(&lock);
  char *aside = set_aside(path);
  int done = (int)syscall(SYS_unlinkat, AT_FDCWD, name, 0);
  if (done == 0) record(NULL, path, aside, 0, &folder);
  pthread_mutex_unlock(&lock);
  return done;
}

static int open_new(const char *name, int flags, mode_t mode) {
  struct stat folder, what;
  char *path = flags & O_CREAT && lstat(name, &what) != 0 ? ours(name, &folder) : NULL;
  if (path && point(0) > 0) { errno = EIO; return -1; }
  pthread_mutex_lock(&lock);
  int file = (int)syscall(SYS_openat, AT_FDCWD, name, flags, mode);
  if (file >= 0 && path) record(NULL, path, NULL, 0, &folder);
  pthread_mutex_unlock(&lock);
  return file;
}

#include <stdarg.h>
static mode_t mode_of(int flags, va_list rest) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; }
int open(const char *name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_new(name, flags, mode);
}
int open64(const char *name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_new(name, flags | O_LARGEFILE, mode);
}
