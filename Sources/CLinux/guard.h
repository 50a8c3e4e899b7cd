// A guard: the small process between Carillon and a program that it runs.
//
// A program must not outlive its attempt, and Carillon may die at any moment without a word. So
// each program is the child of a guard, which is told that Carillon is gone by the end of a socket,
// ends the program and all that came of it (orphans become the guard's children), and holds the
// job's lock until none of them lives. If the guard itself is killed, the kernel kills the program
// (PR_SET_PDEATHSIG, exact here because the guard has one thread).
//
// It is forked and not started from a file: there is no second program to install. After the fork
// only calls that are safe in a signal handler follow, because the fork may have copied a locked
// allocator.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// GNU's own, which the headers show only when asked before the first of them.
extern pid_t _Fork(void);
extern int pipe2(int ends[2], int flags);

// What to run. Strings and arrays stay where they are until `carillon_start` returns.
struct carillon_program {
  const char *path;
  const char *directory;
  char *const *arguments;
  char *const *environment;
  int input, output, error;
  int control;  // the guard's end of a SOCK_SEQPACKET pair
  int lock;     // a file under flock, held for as long as anything lives; -1: none
  int32_t patience_ms;  // from SIGTERM to SIGKILL, when nobody says otherwise
};

// What is said over the socket, one word a packet.
struct carillon_word {
  int32_t kind, value, detail;
};

static const int32_t carillon_started = 1;    // value: the program's pid, which is its group too
static const int32_t carillon_refused = 2;    // value: errno; detail: at which step
static const int32_t carillon_exited = 3;     // value: as waitpid tells it
// value: others were left behind; detail: some cannot be killed
static const int32_t carillon_ended = 4;
static const int32_t carillon_terminate = 5;  // to the guard; value: milliseconds until SIGKILL

static const int32_t carillon_step_fork = 1;
static const int32_t carillon_step_directory = 2;
static const int32_t carillon_step_program = 3;

// Others of a pipeline may end a moment after the program; later than this they count as left
// behind.
static const int64_t carillon_settle_ms = 200;
// What SIGKILL does not end within this waits for a disk or a network, and nobody waits for it.
static const int64_t carillon_stuck_ms = 3000;
static const int64_t carillon_sweep_ms = 50;

static inline int64_t carillon_monotonic_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void carillon_say(int control, int32_t kind, int32_t value, int32_t detail) {
  struct carillon_word word = {kind, value, detail};
  while (send(control, &word, sizeof word, MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}

static inline void carillon_close_from(int first) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
#endif
  long limit = sysconf(_SC_OPEN_MAX);
  if (limit < 0 || limit > 65536) limit = 65536;
  for (int i = first; i < limit; i++) close(i);
}

// Gives back the guard's share of large memory: the pages of its parent at the fork, which would
// otherwise be kept for as long as the program runs. Spares this thread's stack, its descriptor,
// and what may belong to a library.
static inline void carillon_shed_memory(void) {
  const uintptr_t smallest = 1 << 20;
  uintptr_t here = (uintptr_t)&smallest, self = (uintptr_t)pthread_self();
  int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (maps < 0) return;
  char buffer[4096];
  // One line: START-END rwxp OFFSET DEVICE INODE PATH
  uintptr_t range[2] = {0, 0}, before = 0;
  int field = 0, isAnonymous = 1, isWritable = 0, isPrivate = 0, column = 0, wasFile = 0;
  ssize_t count;
  while ((count = read(maps, buffer, sizeof buffer)) > 0) {
    for (ssize_t i = 0; i < count; i++) {
      char c = buffer[i];
      if (c == '\n') {
        int isLarge = range[1] - range[0] >= smallest;
        int isOurs = (here >= range[0] && here < range[1]) || (self >= range[0] && self < range[1]);
        int isLibrary = wasFile && range[0] == before;
        if (isAnonymous && isWritable && isPrivate && isLarge && !isOurs && !isLibrary) {
          madvise((void *)range[0], range[1] - range[0], MADV_DONTNEED);
        }
        wasFile = !isAnonymous;
        before = range[1];
        range[0] = range[1] = 0;
        field = isWritable = isPrivate = column = 0;
        isAnonymous = 1;
      } else if (c == ' ') {
        if (column > 0) field += 1;
        column = 0;
      } else {
        column += 1;
        if (field == 0 && c == '-') {
          range[0] = range[1];
          range[1] = 0;
        } else if (field == 0) {
          range[1] = range[1] * 16 + (uintptr_t)(c <= '9' ? c - '0' : c - 'a' + 10);
        } else if (field == 1) {
          if (c == 'w') isWritable = 1;
          if (c == 'p') isPrivate = 1;
        } else if (field == 4) {
          if (c != '0') isAnonymous = 0;
        }
      }
    }
  }
  close(maps);
}

// Processes outside the group that were sent SIGTERM: once each, since some take a second one for
// impatience.
struct carillon_told {
  pid_t pids[256];
  int count;
};

// Signals those of the guard's children that left the program's group (setsid, setpgid). Deeper
// descendants become children when their parents end, so this is done again and again. With `told`,
// each is signalled once.
static inline void carillon_sweep(pid_t group, int number, struct carillon_told *told) {
  int children = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (children < 0) return;
  char buffer[4096];
  ssize_t count;
  pid_t pid = 0;
  while ((count = read(children, buffer, sizeof buffer)) > 0) {
    for (ssize_t i = 0; i < count; i++) {
      if (buffer[i] >= '0' && buffer[i] <= '9') {
        pid = pid * 10 + (buffer[i] - '0');
        continue;
      }
      int isNew = pid > 0 && getpgid(pid) != group;
      if (told != NULL && isNew) {
        for (int k = 0; k < told->count; k++) isNew = isNew && told->pids[k] != pid;
        if (told->count == 256) isNew = 0;
        if (isNew) told->pids[told->count++] = pid;
      }
      if (isNew) kill(pid, number);
      pid = 0;
    }
  }
  close(children);
}

// The program's side of its fork: a group of its own, every signal as it is by default, no
// descriptor but three.
static inline void carillon_become(
    const struct carillon_program *program, pid_t guard, int refusal) {
  setpgid(0, 0);
  int32_t report[2] = {0, carillon_step_fork};
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (getppid() != guard) _exit(127);
  struct sigaction standard;
  memset(&standard, 0, sizeof standard);
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < 65; number++) sigaction(number, &standard, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  report[1] = carillon_step_directory;
  if (program->directory == NULL || chdir(program->directory) == 0) {
    report[1] = carillon_step_program;
    execve(program->path, program->arguments, program->environment);
  }
  report[0] = errno;
  while (write(refusal, report, sizeof report) < 0 && errno == EINTR) {
  }
  _exit(127);
}

// Runs the program. Its standard streams are 0 to 2, the socket is 3, the lock 4.
static inline pid_t carillon_launch(const struct carillon_program *program) {
  int refusal[2];
  int32_t report[2] = {0, carillon_step_fork};
  pid_t guard = getpid();
  pid_t pid = pipe2(refusal, O_CLOEXEC) == 0 ? _Fork() : -1;
  if (pid == 0) carillon_become(program, guard, refusal[1]);
  if (pid < 0) {
    report[0] = errno;
  } else {
    setpgid(pid, pid);
    close(refusal[1]);
    ssize_t count;
    while ((count = read(refusal[0], report, sizeof report)) < 0 && errno == EINTR) {
    }
    close(refusal[0]);
  }
  if (report[0] == 0) return pid;
  carillon_say(3, carillon_refused, report[0], report[1]);
  _exit(0);
}

// The guard's life: until nothing lives that came of the program.
static inline void carillon_guard(const struct carillon_program *program) {
  setsid();
  prctl(PR_SET_NAME, (unsigned long)"carillon-guard", 0, 0, 0);
  int isReaper = prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;
  struct sigaction standard;
  memset(&standard, 0, sizeof standard);
  standard.sa_handler = SIG_DFL;
  sigaction(SIGCHLD, &standard, NULL);  // ignored, it would reap the program unseen
  int kept[5] = {
    program->input, program->output, program->error, program->control, program->lock
  };
  for (int i = 0; i < 5; i++) {
    if (kept[i] >= 0) kept[i] = fcntl(kept[i], F_DUPFD, 5);
  }
  for (int i = 0; i < 5; i++) {
    if (kept[i] < 0 || dup2(kept[i], i) < 0) close(i);
    if (i > 2) fcntl(i, F_SETFD, FD_CLOEXEC);
  }
  carillon_close_from(5);
  sigset_t ended;
  sigemptyset(&ended);
  sigaddset(&ended, SIGCHLD);
  int children = signalfd(-1, &ended, SFD_CLOEXEC | SFD_NONBLOCK);
  int32_t patience = program->patience_ms;
  pid_t group = carillon_launch(program);
  carillon_say(3, carillon_started, group, 0);
  for (int i = 0; i < 3; i++) close(i);
  carillon_shed_memory();

  enum { running, settling, terminating, killing, stuck } state = running;
  int isLeft = 0, hasExited = 0;
  struct carillon_told told = {{0}, 0};
  int64_t deadline = 0;
  struct pollfd polled[2] = {{.fd = 3, .events = POLLIN}, {.fd = children, .events = POLLIN}};
  while (1) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
      if (pid != group) continue;
      hasExited = 1;
      carillon_say(3, carillon_exited, status, 0);
      if (state == running) {
        state = settling;
        deadline = carillon_monotonic_ms() + carillon_settle_ms;
      }
    }
    // A reaper without children has no descendants either.
    if (pid < 0 && errno == ECHILD && (isReaper || kill(-group, 0) != 0)) {
      if (state != stuck) carillon_say(3, carillon_ended, isLeft, 0);
      _exit(0);
    }
    int64_t now = carillon_monotonic_ms();
    if (state != running && now >= deadline) {
      if (state == settling) {
        isLeft = 1;
        state = terminating;
        deadline = now + patience;
        kill(-group, SIGTERM);
      } else if (state == terminating) {
        state = killing;
        deadline = now + carillon_stuck_ms;
      } else if (state == killing) {
        carillon_say(3, carillon_ended, isLeft || hasExited, 1);
        state = stuck;
      }
    }
    if (state == terminating) carillon_sweep(group, SIGTERM, &told);
    if (state >= killing) {
      kill(-group, SIGKILL);
      carillon_sweep(group, SIGKILL, NULL);
    }
    int64_t pause = state == running ? -1 : state >= killing ? carillon_sweep_ms : deadline - now;
    if (state != running && pause > carillon_sweep_ms) pause = carillon_sweep_ms;
    poll(polled, 2, (int)(state != running && pause < 0 ? 0 : pause));
    struct signalfd_siginfo news;
    while (read(children, &news, sizeof news) > 0) {
    }
    if (polled[0].fd < 0 || polled[0].revents == 0) continue;
    struct carillon_word word = {carillon_terminate, patience, 0};
    ssize_t count = recv(3, &word, sizeof word, MSG_DONTWAIT);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) polled[0].fd = -1;  // Carillon is gone
    if (word.kind != carillon_terminate) continue;
    patience = word.value;
    if (state < terminating) {
      kill(-group, SIGTERM);
      state = terminating;
      deadline = carillon_monotonic_ms() + patience;
    } else if (state == terminating && deadline > carillon_monotonic_ms() + patience) {
      deadline = carillon_monotonic_ms() + patience;
    }
  }
}

// Starts a program under a guard. Returns the guard's pid, to be waited for; -1 with errno.
static inline pid_t carillon_start(const struct carillon_program *program) {
  sigset_t all, before;
  sigfillset(&all);
  // No handler of ours may run in the guard.
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = _Fork();
  if (pid == 0) carillon_guard(program);
  int saved = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = saved;
  return pid;
}
