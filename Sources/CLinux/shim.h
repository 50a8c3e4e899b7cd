// What Swift's Glibc module does not show: flock, inotify, timerfd, eventfd, signalfd, subreaper.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Names the calling thread for debuggers and `ps -L`; 15 characters at most.
static inline void carillon_name_thread(const char *name) {
  prctl(PR_SET_NAME, (unsigned long)name, 0, 0, 0);
}

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
