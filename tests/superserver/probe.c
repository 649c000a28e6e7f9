/* PROBE of superserver-cases.md: what a child of a super-server sees, as "key: value" lines on fd 1, then END.
 * Mode hold echoes afterwards; q3 exits with 3, k9 raises signal 9. Mode report ends after END. Mode waiter accepts
 * on fd 0 until nobody has come for a second. With PERQ_WARM=1 it speaks docs/warm-protocol.md first; mode "dies" then
 * ends at once. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

extern char **environ;
static char out[262144];
static size_t used;

static void say(const char *format, ...) {
  va_list list;
  va_start(list, format);
  used += vsnprintf(out + used, sizeof out - used, format, list);
  va_end(list);
}

static void address(const char *key, int (*ask)(int, struct sockaddr *, socklen_t *)) {
  struct sockaddr_storage s;
  socklen_t n = sizeof s;
  char text[100] = "";
  if (ask(0, (struct sockaddr *)&s, &n) < 0) return;
  if (s.ss_family == AF_INET) inet_ntop(AF_INET, &((struct sockaddr_in *)&s)->sin_addr, text, sizeof text);
  if (s.ss_family == AF_INET6) inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&s)->sin6_addr, text, sizeof text);
  say("%s: %d %s\n", key, s.ss_family, text);
}

static void limit(const char *key, int which) {
  struct rlimit r;
  getrlimit(which, &r);
  say("rlimit_%s: %lld %lld\n", key, (long long)r.rlim_cur, (long long)r.rlim_max);
}

static void status(const char *key) {
  char line[300];
  FILE *f = fopen("/proc/self/status", "r");
  while (f && fgets(line, sizeof line, f))
    if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == ':') say("%s", line);
  if (f) fclose(f);
}

static void option(const char *key, int level, int name) {
  int value = 0;
  socklen_t n = sizeof value;
  if (getsockopt(0, level, name, &value, &n) == 0) say("%s: %d\n", key, value != 0);
}

static void report(int argc, char **argv) {
  char path[4096], exe[4096] = "";
  gid_t groups[1000];
  for (int i = 0; i < argc; i++) say("argv[%d]: %s\n", i, argv[i]);
  for (char **e = environ; *e; e++) say("env: %s\n", *e);
  uid_t r, u, s;
  gid_t rg, g, sg;
  getresuid(&r, &u, &s);
  getresgid(&rg, &g, &sg);
  say("uid: %d %d %d\ngid: %d %d %d\ngroups:", r, u, s, rg, g, sg);
  int n = getgroups(1000, groups);
  for (int i = 0; i < n; i++) say(" %d", groups[i]);
  say("\ncwd: %s\n", getcwd(path, sizeof path));
  mode_t mask = umask(0);
  umask(mask);
  say("umask: %04o\nsession: %s\ngroup: %s\n", mask, getsid(0) == getpid() ? "own" : "other", getpgrp() == getpid() ? "own" : "other");
  status("SigBlk");
  status("SigIgn");
  status("NoNewPrivs");
  if (readlink("/proc/self/exe", exe, sizeof exe - 1) > 0) say("exe: %s\n", exe);
  DIR *d = opendir("/proc/self/fd");
  int own = dirfd(d);
  for (struct dirent *e; (e = readdir(d));) {
    int fd = atoi(e->d_name);
    if (e->d_name[0] == '.' || fd == own) continue;
    char link[300], target[300] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (readlink(link, target, sizeof target - 1) < 0) continue;
    say("fd: %d %s flags=%x cloexec=%d nonblock=%d\n", fd, target, fcntl(fd, F_GETFL), fcntl(fd, F_GETFD) & 1, !!(fcntl(fd, F_GETFL) & O_NONBLOCK));
  }
  closedir(d);
  address("sockname", getsockname);
  address("peername", getpeername);
  option("nodelay", IPPROTO_TCP, TCP_NODELAY);
  option("keepalive", SOL_SOCKET, SO_KEEPALIVE);
  say("nice: %d\n", getpriority(PRIO_PROCESS, 0));
  limit("as", RLIMIT_AS);
  limit("cpu", RLIMIT_CPU);
  limit("data", RLIMIT_DATA);
  limit("stack", RLIMIT_STACK);
  limit("nofile", RLIMIT_NOFILE);
  limit("core", RLIMIT_CORE);
  say("pid: %d\nEND\n", getpid());
}

static void send_all(int fd) {
  for (size_t at = 0; at < used;) {
    ssize_t n = write(fd, out + at, used - at);
    if (n <= 0) exit(1);
    at += n;
  }
}

/* Waits for a connection, which becomes 0 and 1; the variables of the message join the environment. */
static void warm(void) {
  static char text[4096]; /* putenv keeps pointing into it */
  char control[CMSG_SPACE(sizeof(int))];
  if (write(0, "PERQ/1 ready\n", 13) != 13) exit(1);
  struct iovec iov = {text, sizeof text - 1};
  struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t n = recvmsg(0, &m, MSG_CMSG_CLOEXEC);
  struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : 0;
  if (!c || c->cmsg_type != SCM_RIGHTS) exit(0);
  int fd;
  memcpy(&fd, CMSG_DATA(c), sizeof fd);
  dup2(fd, 0);
  dup2(fd, 1);
  close(fd);
  text[n] = 0;
  char *line = strtok(text, "\n");
  if (!line || strcmp(line, "PERQ/1 connection")) exit(2);
  while ((line = strtok(0, "\n"))) putenv(line);
}

int main(int argc, char **argv) {
  const char *mode = "report";
  for (int i = 1; i < argc; i++)
    if (!strcmp(argv[i], "hold") || !strcmp(argv[i], "waiter")) { mode = argv[i]; break; }
  if (getenv("PERQ_WARM")) {
    for (int i = 1; i < argc; i++)
      if (!strcmp(argv[i], "dies")) return 7;
    warm();
  }
  report(argc, argv);
  if (!strcmp(mode, "waiter")) {
    for (;;) {
      struct pollfd p = {0, POLLIN, 0};
      if (poll(&p, 1, 1000) <= 0) return 0;
      int c = accept(0, 0, 0);
      if (c < 0) return 1;
      send_all(c);
      close(c);
    }
  }
  send_all(1);
  if (!strcmp(mode, "report")) return 0;
  char buffer[4096];
  for (ssize_t n; (n = read(0, buffer, sizeof buffer)) > 0;) {
    if (buffer[0] == 'q') return atoi(buffer + 1);
    if (buffer[0] == 'k') raise(atoi(buffer + 1));
    if (write(1, buffer, n) != n) return 1;
  }
  return 0;
}
