/* Kills its process before the n-th call that touches the disk or the network, and sets its wall clock.
 *
 *   cc -O2 -shared -fPIC -o failpoint.so failpoint.c -ldl
 *   FAILPOINT_NOW=MS FAILPOINT_COUNT=FILE [FAILPOINT_AT=N] LD_PRELOAD=./failpoint.so PROGRAM
 *
 * FAILPOINT_NOW   the wall clock begins at this time, in milliseconds since 1970, and keeps its pace
 * FAILPOINT_COUNT a file of 8 bytes that the number of calls is kept in (it lives on after the kill)
 * FAILPOINT_AT    the call before which the process kills itself with SIGKILL; 0 or none: never
 *
 * Calls: writes to regular files, truncations, syncs, renames, removals; connects, sends and receives.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static _Atomic long own, *count = &own;
static long deadly;
static long long shift_ns;

__attribute__((constructor)) static void begin(void) {
  const char *text = getenv("FAILPOINT_NOW");
  if (text) {
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    shift_ns = atoll(text) * 1000000LL - (now.tv_sec * 1000000000LL + now.tv_nsec);
  }
  text = getenv("FAILPOINT_AT");
  deadly = text ? atol(text) : 0;
  text = getenv("FAILPOINT_COUNT");
  int file = text ? (int)syscall(SYS_openat, AT_FDCWD, text, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
  if (file < 0) return;
  if (syscall(SYS_ftruncate, file, 8) == 0) {
    void *map = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (map != MAP_FAILED) count = map;
  }
  syscall(SYS_close, file);
}

static void point(void) {
  if (atomic_fetch_add(count, 1) + 1 == deadly) {
    syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
    for (;;) pause();
  }
}

static int is_regular(int file) {
  struct stat what;
  return file > 2 && fstat(file, &what) == 0 && S_ISREG(what.st_mode);
}

#define REAL(name) \
  static __typeof__(name) *real; \
  if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int file, const void *bytes, size_t n) {
  if (is_regular(file)) point();
  return syscall(SYS_write, file, bytes, n);
}
ssize_t pwrite(int file, const void *bytes, size_t n, off_t at) {
  if (is_regular(file)) point();
  return syscall(SYS_pwrite64, file, bytes, n, at);
}
ssize_t pwrite64(int file, const void *bytes, size_t n, off64_t at) {
  if (is_regular(file)) point();
  return syscall(SYS_pwrite64, file, bytes, n, at);
}
ssize_t writev(int file, const struct iovec *parts, int n) {
  if (is_regular(file)) point();
  return syscall(SYS_writev, file, parts, n);
}
int ftruncate(int file, off_t n) { point(); return (int)syscall(SYS_ftruncate, file, n); }
int ftruncate64(int file, off64_t n) { point(); return (int)syscall(SYS_ftruncate, file, n); }
int fsync(int file) { point(); return (int)syscall(SYS_fsync, file); }
int fdatasync(int file) { point(); return (int)syscall(SYS_fdatasync, file); }
int rename(const char *a, const char *b) { REAL(rename); point(); return real(a, b); }
int unlink(const char *path) { REAL(unlink); point(); return real(path); }
int connect(int file, const struct sockaddr *to, socklen_t n) { REAL(connect); point(); return real(file, to, n); }
ssize_t send(int file, const void *bytes, size_t n, int flags) { REAL(send); point(); return real(file, bytes, n, flags); }
ssize_t sendto(int file, const void *bytes, size_t n, int flags, const struct sockaddr *to, socklen_t m) {
  REAL(sendto);
  point();
  return real(file, bytes, n, flags, to, m);
}
ssize_t recv(int file, void *bytes, size_t n, int flags) { REAL(recv); point(); return real(file, bytes, n, flags); }

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = (int)syscall(SYS_clock_gettime, clock, time);
  if (!result && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    long long ns = time->tv_sec * 1000000000LL + time->tv_nsec + shift_ns;
    time->tv_sec = ns / 1000000000LL;
    time->tv_nsec = ns % 1000000000LL;
  }
  return result;
}
int gettimeofday(struct timeval *value, void *zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  value->tv_sec = now.tv_sec;
  value->tv_usec = now.tv_nsec / 1000;
  return 0;
}
time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}
