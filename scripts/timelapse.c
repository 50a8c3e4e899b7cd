/* Lets a process live faster: its clocks run at SPEED times the machine's, and what it waits for comes as much sooner.
 *
 *   cc -O2 -shared -fPIC -o timelapse.so timelapse.c -ldl
 *   TIMELAPSE_SPEED=60 TIMELAPSE_WALL=MS TIMELAPSE_AT=NS TIMELAPSE_STEP=FILE LD_PRELOAD=./timelapse.so PROGRAM
 *
 * TIMELAPSE_SPEED  seconds that pass in one; with 1 the clocks keep the machine's pace and show another time
 * TIMELAPSE_AT     the machine's CLOCK_MONOTONIC, in nanoseconds, at which
 * TIMELAPSE_WALL   the wall clock shows this time, in milliseconds since 1970; processes that share both share a clock
 * TIMELAPSE_STEP   a file of 8 bytes, nanoseconds by which the wall clock alone is set forward or back, read at each look
 *
 * usleep and nanosleep keep the machine's pace: SQLite waits for the disk with them, and the disk is not faster.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL

static int is_lapsed;
static long long speed = 1, at_ns, wall_ns;
static const volatile long long none, *step_ns = &none;

static long long real_ns(clockid_t clock) {
  struct timespec now;
  syscall(SYS_clock_gettime, clock, &now);
  return now.tv_sec * SECOND + now.tv_nsec;
}

__attribute__((constructor)) static void begin(void) {
  const char *text = getenv("TIMELAPSE_SPEED");
  if (!text) return;
  is_lapsed = 1;
  speed = atoll(text);
  at_ns = (text = getenv("TIMELAPSE_AT")) ? atoll(text) : real_ns(CLOCK_MONOTONIC);
  wall_ns = (text = getenv("TIMELAPSE_WALL")) ? atoll(text) * 1000000LL : real_ns(CLOCK_REALTIME);
  text = getenv("TIMELAPSE_STEP");
  int file = text ? (int)syscall(SYS_openat, AT_FDCWD, text, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *map = mmap(NULL, 8, PROT_READ, MAP_SHARED, file, 0);
  if (map != MAP_FAILED) step_ns = map;
  syscall(SYS_close, file);
}

static int is_wall(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }
static int is_ours(clockid_t clock) {
  return is_wall(clock) || clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_MONOTONIC_RAW
         || clock == CLOCK_BOOTTIME;
}

/* What a clock of the process shows now. */
static long long shown_ns(clockid_t clock) {
  long long past = (real_ns(CLOCK_MONOTONIC) - at_ns) * speed;
  return is_wall(clock) ? wall_ns + past + *step_ns : at_ns + past;
}

static struct timespec split(long long ns) {
  if (ns < 0) ns = 0;
  return (struct timespec){.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};
}
static long long joined(const struct timespec *time) { return time->tv_sec * SECOND + time->tv_nsec; }

/* An instant of one of the process's clocks as the kernel's. */
static struct timespec kernel(clockid_t clock, const struct timespec *until) {
  return split(real_ns(clock) + (joined(until) - shown_ns(clock)) / speed);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (!is_lapsed || !is_ours(clock)) return (int)syscall(SYS_clock_gettime, clock, time);
  *time = split(shown_ns(clock));
  return 0;
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

#define REAL(name) \
  static __typeof__(name) *real; \
  if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

/* Milliseconds of a wait: never less than one where there is any, or a loop would spin. */
static int sooner(int ms) { return ms <= 0 ? ms : (int)((ms + speed - 1) / speed); }

int poll(struct pollfd *files, nfds_t n, int ms) { REAL(poll); return real(files, n, sooner(ms)); }
int epoll_wait(int file, struct epoll_event *events, int n, int ms) { REAL(epoll_wait); return real(file, events, n, sooner(ms)); }
int epoll_pwait(int file, struct epoll_event *events, int n, int ms, const sigset_t *mask) {
  REAL(epoll_pwait);
  return real(file, events, n, sooner(ms), mask);
}
int ppoll(struct pollfd *files, nfds_t n, const struct timespec *span, const sigset_t *mask) {
  REAL(ppoll);
  if (!span) return real(files, n, span, mask);
  struct timespec less = split(joined(span) / speed);
  return real(files, n, &less, mask);
}

int timerfd_settime(int file, int flags, const struct itimerspec *set, struct itimerspec *old) {
  struct itimerspec moved = *set;
  int isSet = set->it_value.tv_sec || set->it_value.tv_nsec;
  if (is_lapsed && isSet) {
    if (flags & TFD_TIMER_ABSTIME) {
      /* Of which clock it is, the timer does not tell: of the one that the time is nearer to. */
      long long until = joined(&set->it_value);
      clockid_t clock = llabs(until - shown_ns(CLOCK_REALTIME)) < llabs(until - shown_ns(CLOCK_MONOTONIC))
                            ? CLOCK_REALTIME : CLOCK_MONOTONIC;
      moved.it_value = kernel(clock, &set->it_value);
    } else {
      moved.it_value = split(joined(&set->it_value) / speed);
    }
    if (!moved.it_value.tv_sec && !moved.it_value.tv_nsec) moved.it_value.tv_nsec = 1;
    moved.it_interval = split(joined(&set->it_interval) / speed);
  }
  return (int)syscall(SYS_timerfd_settime, file, flags, &moved, old);
}

static struct timespec nearer(const struct timespec *until) {
  long long time = joined(until);
  clockid_t clock = llabs(time - shown_ns(CLOCK_REALTIME)) < llabs(time - shown_ns(CLOCK_MONOTONIC))
                        ? CLOCK_REALTIME : CLOCK_MONOTONIC;
  return kernel(clock, until);
}
int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *lock, const struct timespec *until) {
  REAL(pthread_cond_timedwait);
  struct timespec moved = nearer(until);
  return real(condition, lock, !is_lapsed ? until : &moved);
}
int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *lock, clockid_t clock, const struct timespec *until) {
  REAL(pthread_cond_clockwait);
  struct timespec moved = kernel(clock, until);
  return real(condition, lock, clock, !is_lapsed ? until : &moved);
}
int sem_timedwait(sem_t *semaphore, const struct timespec *until) {
  REAL(sem_timedwait);
  struct timespec moved = kernel(CLOCK_REALTIME, until);
  return real(semaphore, !is_lapsed ? until : &moved);
}
