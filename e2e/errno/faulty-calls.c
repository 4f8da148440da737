/*
 * A disk that fails on purpose, for programs that are started with LD_PRELOAD: the calls that change something below a
 * folder are counted over all processes together, and one of them, or all from that one on, fail with an error.
 *
 * TILLSAFE_FAULTS         the shared file that holds `struct faults`; see fault-control.ts
 * TILLSAFE_FAULTS_BELOW   the folder, with a slash at its end
 * TILLSAFE_FAULTS_LOG     a file for one line per counted call (optional)
 *
 * A call that would change nothing (a name that is taken, a file that is not there) is not counted: the kernel says so
 * before it looks at the disk. Pipes and sockets are not below the folder.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct faults {
  uint32_t armed, count, at, error, lasts, hits;
  char first[4072]; /* the call that failed first, and its path */
};

/* What a call needs of the disk decides which errors it can meet. */
enum need { SPACE = 1, SYNC = 2, NAME = 4, OPENING = 8 };

static struct faults *faults;
static const char *below;
static size_t belowLength;
static int logFile = -1;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
  const char *file = getenv("TILLSAFE_FAULTS"), *log = getenv("TILLSAFE_FAULTS_LOG");
  below = getenv("TILLSAFE_FAULTS_BELOW");
  if (!file || !below) return;
  belowLength = strlen(below);
  int descriptor = REAL(open)(file, O_RDWR | O_CLOEXEC);
  if (descriptor < 0) abort();
  faults = mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  close(descriptor);
  if (faults == MAP_FAILED) abort();
  if (log) logFile = REAL(open)(log, O_WRONLY | O_APPEND | O_CLOEXEC);
}

static int meets(uint32_t error, enum need need) {
  switch (error) {
    case ENOSPC: return (need & (SPACE | SYNC)) != 0;
    case EROFS: return (need & (SPACE | NAME | OPENING)) != 0;
    default: return 1;
  }
}

static int fails(const char *call, enum need need, const char *path) {
  if (!faults || !faults->armed || strncmp(path, below, belowLength) != 0 || !meets(faults->error, need)) return 0;
  uint32_t n = __atomic_add_fetch(&faults->count, 1, __ATOMIC_SEQ_CST);
  char line[PATH_MAX + 64];
  int length = snprintf(line, sizeof line, "%u %s %s\n", n, call, path + belowLength);
  if (logFile >= 0) (void)!REAL(write)(logFile, line, length);
  int hit = faults->at != 0 && (faults->lasts ? n >= faults->at : n == faults->at);
  if (!hit) return 0;
  if (__atomic_fetch_add(&faults->hits, 1, __ATOMIC_SEQ_CST) == 0)
    snprintf(faults->first, sizeof faults->first, "%s %s", call, path + belowLength);
  errno = faults->error;
  return 1;
}

static const char *ofDescriptor(int descriptor, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  path[length < 0 ? 0 : length] = 0;
  return path;
}

static const char *ofName(int folder, const char *name, char *path) {
  if (name[0] == '/') {
    snprintf(path, PATH_MAX, "%s", name);
  } else {
    char parent[PATH_MAX];
    if (folder == AT_FDCWD) {
      if (!getcwd(parent, sizeof parent)) parent[0] = 0;
    } else {
      ofDescriptor(folder, parent);
    }
    if ((size_t)snprintf(path, PATH_MAX, "%s/%s", parent, name) >= PATH_MAX) path[0] = 0;
  }
  return path;
}

static int isThere(const char *path) {
  struct stat found;
  int before = errno;
  int there = lstat(path, &found) == 0;
  errno = before;
  return there;
}

static int failsAt(const char *call, enum need need, int folder, const char *name) {
  char path[PATH_MAX];
  return faults && fails(call, need, ofName(folder, name, path));
}

static int failsOn(const char *call, enum need need, int descriptor) {
  char path[PATH_MAX];
  return faults && faults->armed && fails(call, need, ofDescriptor(descriptor, path));
}

static int failsMaking(const char *call, int folder, const char *name) {
  char path[PATH_MAX];
  return faults && !isThere(ofName(folder, name, path)) && fails(call, SPACE, path);
}

static int failsChanging(const char *call, int folder, const char *name) {
  char path[PATH_MAX];
  return faults && isThere(ofName(folder, name, path)) && fails(call, NAME, path);
}

static int failsOpening(int folder, const char *name, int flags) {
  char path[PATH_MAX];
  if (!faults) return 0;
  int there = isThere(ofName(folder, name, path));
  if (flags & O_CREAT) {
    if (!there) return fails("open", SPACE, path);
    if (flags & O_EXCL) return 0;
  }
  return there && (flags & O_ACCMODE) != O_RDONLY && fails("open", OPENING, path);
}

#define OPEN(name)                                                        \
  int name(const char *path, int flags, ...) {                            \
    va_list rest;                                                         \
    va_start(rest, flags);                                                \
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                                         \
    return failsOpening(AT_FDCWD, path, flags) ? -1 : REAL(name)(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                      \
  int name(int folder, const char *path, int flags, ...) {                \
    va_list rest;                                                         \
    va_start(rest, flags);                                                \
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                                         \
    return failsOpening(folder, path, flags) ? -1 : REAL(name)(folder, path, flags, mode); \
  }
OPENAT(openat)
OPENAT(openat64)

/* A call on a descriptor, by name, with its parameters and its arguments. */
#define ON(result, name, need, descriptor, parameters, ...) \
  result name parameters { return failsOn(#name, need, descriptor) ? -1 : REAL(name)(__VA_ARGS__); }

ON(ssize_t, write, SPACE, file, (int file, const void *bytes, size_t count), file, bytes, count)
ON(ssize_t, pwrite, SPACE, file, (int file, const void *bytes, size_t count, off_t at), file, bytes, count, at)
ON(ssize_t, pwrite64, SPACE, file, (int file, const void *bytes, size_t count, off64_t at), file, bytes, count, at)
ON(ssize_t, writev, SPACE, file, (int file, const struct iovec *parts, int count), file, parts, count)
ON(ssize_t, pwritev, SPACE, file, (int file, const struct iovec *parts, int count, off_t at), file, parts, count, at)
ON(ssize_t, pwritev64, SPACE, file, (int file, const struct iovec *parts, int count, off64_t at), file, parts, count, at)
ON(int, ftruncate, SPACE, file, (int file, off_t size), file, size)
ON(int, ftruncate64, SPACE, file, (int file, off64_t size), file, size)
ON(int, fallocate, SPACE, file, (int file, int mode, off_t at, off_t size), file, mode, at, size)
ON(int, fallocate64, SPACE, file, (int file, int mode, off64_t at, off64_t size), file, mode, at, size)
ON(ssize_t, copy_file_range, SPACE, to,
   (int from, off64_t *fromAt, int to, off64_t *toAt, size_t count, unsigned flags), from, fromAt, to, toAt, count, flags)
ON(int, fsync, SYNC, file, (int file), file)
ON(int, fdatasync, SYNC, file, (int file), file)
ON(int, fchmod, NAME, file, (int file, mode_t mode), file, mode)
ON(int, fchown, NAME, file, (int file, uid_t user, gid_t group), file, user, group)
ON(int, futimens, NAME, file, (int file, const struct timespec times[2]), file, times)

/* A call that makes a name. */
#define MAKES(result, name, folder, path, parameters, ...) \
  result name parameters { return failsMaking(#name, folder, path) ? (result)-1 : REAL(name)(__VA_ARGS__); }

MAKES(int, mkdir, AT_FDCWD, path, (const char *path, mode_t mode), path, mode)
MAKES(int, mkdirat, folder, path, (int folder, const char *path, mode_t mode), folder, path, mode)
MAKES(int, link, AT_FDCWD, path, (const char *from, const char *path), from, path)
MAKES(int, linkat, folder, path, (int fromFolder, const char *from, int folder, const char *path, int flags),
      fromFolder, from, folder, path, flags)
MAKES(int, symlink, AT_FDCWD, path, (const char *to, const char *path), to, path)

/* Names are random, so this one is always new. */
char *mkdtemp(char *template) {
  return failsAt("mkdtemp", SPACE, AT_FDCWD, template) ? NULL : REAL(mkdtemp)(template);
}

/* A call that changes what has a name. */
#define CHANGES(name, folder, path, parameters, ...) \
  int name parameters { return failsChanging(#name, folder, path) ? -1 : REAL(name)(__VA_ARGS__); }

CHANGES(unlink, AT_FDCWD, path, (const char *path), path)
CHANGES(unlinkat, folder, path, (int folder, const char *path, int flags), folder, path, flags)
CHANGES(rmdir, AT_FDCWD, path, (const char *path), path)
CHANGES(remove, AT_FDCWD, path, (const char *path), path)
CHANGES(chmod, AT_FDCWD, path, (const char *path, mode_t mode), path, mode)
CHANGES(chown, AT_FDCWD, path, (const char *path, uid_t user, gid_t group), path, user, group)
CHANGES(lchown, AT_FDCWD, path, (const char *path, uid_t user, gid_t group), path, user, group)
CHANGES(utimensat, folder, path, (int folder, const char *path, const struct timespec times[2], int flags),
        folder, path, times, flags)

/* Of a rename, the new name is told; a new entry may need space. */
#define RENAMES(name, folder, path, parameters, ...) \
  int name parameters { return failsAt(#name, SPACE, folder, path) ? -1 : REAL(name)(__VA_ARGS__); }

RENAMES(rename, AT_FDCWD, to, (const char *from, const char *to), from, to)
RENAMES(renameat, folder, to, (int fromFolder, const char *from, int folder, const char *to), fromFolder, from, folder, to)
RENAMES(renameat2, folder, to, (int fromFolder, const char *from, int folder, const char *to, unsigned flags),
        fromFolder, from, folder, to, flags)
