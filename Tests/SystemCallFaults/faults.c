#define _GNU_SOURCE
#include "SystemCallFaults.h"

#ifdef __linux__

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum call { OPEN, READ, PREAD, WRITE, PWRITE, FSYNC, RENAME, UNLINK, MKDIR, RMDIR, TRUNCATE, STAT, OPENDIR, READDIR, CLOSE, FLOCK, LINK, CALLS };
static const char *const names[CALLS] = {"open", "read", "pread", "write", "pwrite", "fsync", "rename", "unlink", "mkdir", "rmdir", "truncate",
                                         "stat", "opendir", "readdir", "close", "flock", "link"};

// What is to be done with a call: nothing, an error, or half of it.
enum effect { NONE, ERROR, SHORT, KILL };

static char below[PATH_MAX];
static size_t below_length = 0;
static int journal = -1;
static int fault_call = -1;
static int fault_number = 0;
static enum effect fault_effect = NONE;
static int fault_error = 0;
static const char *fault_path = NULL;
static atomic_int counts[CALLS];
static long (*real_syscall)(long, ...);
// In seconds: what the machine has slept, and what it will have when the process is continued.
static atomic_int slept = 0;
static int sleep_seconds = 0;

// The next definition of a function, of the same type.
#define REAL(name) \
    static __typeof__(name) *real = NULL; \
    if (real == NULL) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static void wake(int number) {
    (void)number;
    atomic_store(&slept, sleep_seconds);
}

__attribute__((constructor)) static void begin(void) {
    real_syscall = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    const char *seconds = getenv("SYSTEM_CALL_FAULTS_SLEEP");
    if (seconds != NULL) {
        sleep_seconds = atoi(seconds);
        struct sigaction action = {.sa_handler = wake, .sa_flags = SA_RESTART};
        sigaction(SIGCONT, &action, NULL);
    }
    const char *folder = getenv("SYSTEM_CALL_FAULTS_BELOW");
    const char *path = getenv("SYSTEM_CALL_FAULTS_JOURNAL");
    const char *fault = getenv("SYSTEM_CALL_FAULTS_FAULT");
    if (folder == NULL || strlen(folder) >= sizeof below) return;
    if (path != NULL) journal = (int)real_syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    char name[16] = "", effect[16] = "";
    if (fault != NULL && sscanf(fault, "%15[^:]:%d:%15s", name, &fault_number, effect) == 3) {
        for (int call = 0; call < CALLS; call++) {
            if (strcmp(names[call], name) == 0) fault_call = call;
        }
        fault_effect = strcmp(effect, "short") == 0 ? SHORT : strcmp(effect, "kill") == 0 ? KILL : ERROR;
        fault_error = atoi(effect);
    }
    fault_path = getenv("SYSTEM_CALL_FAULTS_AT");
    strcpy(below, folder);
    below_length = strlen(folder);
}

// The path of a descriptor; empty where it has none.
static void descriptor_path(int descriptor, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    long length = real_syscall == NULL ? -1 : real_syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = 0;
}

// A path as it is given to a call, from the root on.
static void full_path(int folder, const char *given, char *path) {
    path[0] = 0;
    if (given == NULL) given = "";
    if (given[0] != '/') {
        if (folder == AT_FDCWD) {
            if (real_syscall == NULL || real_syscall(SYS_getcwd, path, PATH_MAX) < 0) path[0] = 0;
        } else {
            descriptor_path(folder, path);
        }
        while (given[0] == '.' && (given[1] == '/' || given[1] == 0)) given += given[1] == 0 ? 1 : 2;
    }
    size_t length = strlen(path);
    snprintf(path + length, PATH_MAX - length, "%s%s", given[0] == '/' || given[0] == 0 ? "" : "/", given);
    length = strlen(path);
    while (length > 1 && path[length - 1] == '/') path[--length] = 0;
}

static bool concerns(const char *path) {
    return below_length > 0 && strncmp(path, below, below_length) == 0 && (path[below_length] == 0 || path[below_length] == '/');
}

static const char *shown(const char *path) {
    return concerns(path) ? path + below_length + (path[below_length] == '/') : path;
}

struct attempt {
    bool concerns;
    enum call call;
    enum effect effect;
    char path[PATH_MAX];
    char other[PATH_MAX];
};

static void count(struct attempt *attempt, enum call call) {
    attempt->call = call;
    attempt->effect = NONE;
    attempt->concerns = concerns(attempt->path) || (attempt->other[0] != 0 && concerns(attempt->other));
    if (!attempt->concerns || (fault_path != NULL && strcmp(attempt->path, fault_path) != 0)) return;
    int number = atomic_fetch_add(&counts[call], 1) + 1;
    if ((int)call == fault_call && number == fault_number) attempt->effect = fault_effect;
    if (attempt->effect == KILL) raise(SIGKILL);
}

static void attempt_path(struct attempt *attempt, enum call call, int folder, const char *path) {
    int kept = errno;
    full_path(folder, path, attempt->path);
    attempt->other[0] = 0;
    count(attempt, call);
    errno = kept;
}

static void attempt_descriptor(struct attempt *attempt, enum call call, int descriptor) {
    int kept = errno;
    descriptor_path(descriptor, attempt->path);
    attempt->other[0] = 0;
    count(attempt, call);
    errno = kept;
}

static void attempt_paths(struct attempt *attempt, enum call call, int folder, const char *path, int other_folder, const char *other) {
    int kept = errno;
    full_path(folder, path, attempt->path);
    full_path(other_folder, other, attempt->other);
    count(attempt, call);
    errno = kept;
}

// Writes a call down, and gives its error back.
static void told(const struct attempt *attempt, bool failed) {
    if (!attempt->concerns) return;
    int kept = attempt->effect == ERROR ? fault_error : errno;
    if (journal >= 0) {
        char line[2 * PATH_MAX + 64], outcome[16] = "ok";
        if (attempt->effect != NONE) {
            strcpy(outcome, attempt->effect == ERROR && fault_error == EINTR ? "interrupted" : "fault");
        } else if (failed) {
            snprintf(outcome, sizeof outcome, "%d", kept);
        }
        int length = snprintf(line, sizeof line, "%s\t%s\t%s%s%s\n", names[attempt->call], outcome, shown(attempt->path),
                              attempt->other[0] != 0 ? "\t" : "", attempt->other[0] != 0 ? shown(attempt->other) : "");
        real_syscall(SYS_write, journal, line, length);
    }
    errno = kept;
}

// Carries a call out, unless it is to go wrong.
#define CARRY_OUT(type, failure, expression) \
    type result = attempt.effect == ERROR ? (failure) : (expression); \
    told(&attempt, result == (failure)); \
    return result

static size_t half(const struct attempt *attempt, size_t length) {
    return attempt->effect == SHORT && length > 1 ? length / 2 : length;
}

// MARK: Clocks

// The clocks that run on while a machine sleeps, as Linux has them.
int clock_gettime(clockid_t clock, struct timespec *time) {
    REAL(clock_gettime);
    int result = real(clock, time);
    if (result == 0 && (clock == CLOCK_BOOTTIME || clock == CLOCK_REALTIME)) time->tv_sec += atomic_load(&slept);
    const char *ahead = getenv("SYSTEM_CALL_FAULTS_CLOCK_AHEAD");
    if (result == 0 && clock == CLOCK_REALTIME && ahead != NULL) time->tv_sec += atol(ahead);
    return result;
}

// MARK: Opening

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }

#define OPENING(name) \
    int name(const char *path, int flags, ...) { \
        REAL(name); \
        MODE(flags) \
        struct attempt attempt; \
        attempt_path(&attempt, OPEN, AT_FDCWD, path); \
        CARRY_OUT(int, -1, real(path, flags, mode)); \
    }
OPENING(open)
OPENING(open64)

#define OPENING_AT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        REAL(name); \
        MODE(flags) \
        struct attempt attempt; \
        attempt_path(&attempt, OPEN, folder, path); \
        CARRY_OUT(int, -1, real(folder, path, flags, mode)); \
    }
OPENING_AT(openat)
OPENING_AT(openat64)

int creat(const char *path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

// What libc has no function of.
long syscall(long number, ...) {
    va_list rest;
    va_start(rest, number);
    long a = va_arg(rest, long), b = va_arg(rest, long), c = va_arg(rest, long), d = va_arg(rest, long), e = va_arg(rest, long),
         f = va_arg(rest, long);
    va_end(rest);
    if (real_syscall == NULL) real_syscall = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    struct attempt attempt;
    switch (number) {
    case SYS_openat2:
    case SYS_openat: attempt_path(&attempt, OPEN, (int)a, (const char *)b); break;
    case SYS_renameat2: attempt_paths(&attempt, RENAME, (int)a, (const char *)b, (int)c, (const char *)d); break;
    default: return real_syscall(number, a, b, c, d, e, f);
    }
    CARRY_OUT(long, -1, real_syscall(number, a, b, c, d, e, f));
}

int close(int descriptor) {
    REAL(close);
    struct attempt attempt;
    attempt_descriptor(&attempt, CLOSE, descriptor);
    int closed = real(descriptor);
    CARRY_OUT(int, -1, closed);
}

// MARK: Reading and writing

ssize_t read(int descriptor, void *bytes, size_t length) {
    REAL(read);
    struct attempt attempt;
    attempt_descriptor(&attempt, READ, descriptor);
    CARRY_OUT(ssize_t, -1, real(descriptor, bytes, half(&attempt, length)));
}

ssize_t write(int descriptor, const void *bytes, size_t length) {
    REAL(write);
    struct attempt attempt;
    attempt_descriptor(&attempt, WRITE, descriptor);
    CARRY_OUT(ssize_t, -1, real(descriptor, bytes, half(&attempt, length)));
}

ssize_t writev(int descriptor, const struct iovec *parts, int number) {
    REAL(writev);
    struct attempt attempt;
    attempt_descriptor(&attempt, WRITE, descriptor);
    CARRY_OUT(ssize_t, -1, real(descriptor, parts, (int)half(&attempt, (size_t)number)));
}

#define PREADING(name) \
    ssize_t name(int descriptor, void *bytes, size_t length, off_t offset) { \
        REAL(name); \
        struct attempt attempt; \
        attempt_descriptor(&attempt, PREAD, descriptor); \
        CARRY_OUT(ssize_t, -1, real(descriptor, bytes, half(&attempt, length), offset)); \
    }
PREADING(pread)
PREADING(pread64)

#define PWRITING(name) \
    ssize_t name(int descriptor, const void *bytes, size_t length, off_t offset) { \
        REAL(name); \
        struct attempt attempt; \
        attempt_descriptor(&attempt, PWRITE, descriptor); \
        CARRY_OUT(ssize_t, -1, real(descriptor, bytes, half(&attempt, length), offset)); \
    }
PWRITING(pwrite)
PWRITING(pwrite64)

#define ON_DESCRIPTOR(name, call) \
    int name(int descriptor) { \
        REAL(name); \
        struct attempt attempt; \
        attempt_descriptor(&attempt, call, descriptor); \
        CARRY_OUT(int, -1, real(descriptor)); \
    }
ON_DESCRIPTOR(fsync, FSYNC)
ON_DESCRIPTOR(fdatasync, FSYNC)
ON_DESCRIPTOR(syncfs, FSYNC)

#define TRUNCATING(name) \
    int name(int descriptor, off_t length) { \
        REAL(name); \
        struct attempt attempt; \
        attempt_descriptor(&attempt, TRUNCATE, descriptor); \
        CARRY_OUT(int, -1, real(descriptor, length)); \
    }
TRUNCATING(ftruncate)
TRUNCATING(ftruncate64)

int flock(int descriptor, int operation) {
    REAL(flock);
    struct attempt attempt;
    attempt_descriptor(&attempt, FLOCK, descriptor);
    CARRY_OUT(int, -1, real(descriptor, operation));
}

// MARK: Names

int rename(const char *old, const char *new) {
    REAL(rename);
    struct attempt attempt;
    attempt_paths(&attempt, RENAME, AT_FDCWD, old, AT_FDCWD, new);
    CARRY_OUT(int, -1, real(old, new));
}

int renameat(int folder, const char *old, int other, const char *new) {
    REAL(renameat);
    struct attempt attempt;
    attempt_paths(&attempt, RENAME, folder, old, other, new);
    CARRY_OUT(int, -1, real(folder, old, other, new));
}

int renameat2(int folder, const char *old, int other, const char *new, unsigned flags) {
    REAL(renameat2);
    struct attempt attempt;
    attempt_paths(&attempt, RENAME, folder, old, other, new);
    CARRY_OUT(int, -1, real(folder, old, other, new, flags));
}

int link(const char *old, const char *new) {
    REAL(link);
    struct attempt attempt;
    attempt_paths(&attempt, LINK, AT_FDCWD, old, AT_FDCWD, new);
    CARRY_OUT(int, -1, real(old, new));
}

int linkat(int folder, const char *old, int other, const char *new, int flags) {
    REAL(linkat);
    struct attempt attempt;
    attempt_paths(&attempt, LINK, folder, old, other, new);
    CARRY_OUT(int, -1, real(folder, old, other, new, flags));
}

#define ON_PATH(name, call) \
    int name(const char *path) { \
        REAL(name); \
        struct attempt attempt; \
        attempt_path(&attempt, call, AT_FDCWD, path); \
        CARRY_OUT(int, -1, real(path)); \
    }
ON_PATH(unlink, UNLINK)
ON_PATH(rmdir, RMDIR)

int unlinkat(int folder, const char *path, int flags) {
    REAL(unlinkat);
    struct attempt attempt;
    attempt_path(&attempt, flags & AT_REMOVEDIR ? RMDIR : UNLINK, folder, path);
    CARRY_OUT(int, -1, real(folder, path, flags));
}

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    struct attempt attempt;
    attempt_path(&attempt, MKDIR, AT_FDCWD, path);
    CARRY_OUT(int, -1, real(path, mode));
}

int mkdirat(int folder, const char *path, mode_t mode) {
    REAL(mkdirat);
    struct attempt attempt;
    attempt_path(&attempt, MKDIR, folder, path);
    CARRY_OUT(int, -1, real(folder, path, mode));
}

// MARK: Looking

#define LOOKING(name, status) \
    int name(const char *path, struct status *found) { \
        REAL(name); \
        struct attempt attempt; \
        attempt_path(&attempt, STAT, AT_FDCWD, path); \
        CARRY_OUT(int, -1, real(path, found)); \
    }
LOOKING(stat, stat)
LOOKING(lstat, stat)
LOOKING(stat64, stat64)
LOOKING(lstat64, stat64)

#define LOOKING_AT(name, status) \
    int name(int folder, const char *path, struct status *found, int flags) { \
        REAL(name); \
        struct attempt attempt; \
        attempt_path(&attempt, STAT, folder, path); \
        CARRY_OUT(int, -1, real(folder, path, found, flags)); \
    }
LOOKING_AT(fstatat, stat)
LOOKING_AT(fstatat64, stat64)

#define LOOKING_AT_DESCRIPTOR(name, status) \
    int name(int descriptor, struct status *found) { \
        REAL(name); \
        struct attempt attempt; \
        attempt_descriptor(&attempt, STAT, descriptor); \
        CARRY_OUT(int, -1, real(descriptor, found)); \
    }
LOOKING_AT_DESCRIPTOR(fstat, stat)
LOOKING_AT_DESCRIPTOR(fstat64, stat64)

int statx(int folder, const char *path, int flags, unsigned mask, struct statx *found) {
    REAL(statx);
    struct attempt attempt;
    attempt_path(&attempt, STAT, folder, path);
    CARRY_OUT(int, -1, real(folder, path, flags, mask, found));
}

int access(const char *path, int mode) {
    REAL(access);
    struct attempt attempt;
    attempt_path(&attempt, STAT, AT_FDCWD, path);
    CARRY_OUT(int, -1, real(path, mode));
}

int faccessat(int folder, const char *path, int mode, int flags) {
    REAL(faccessat);
    struct attempt attempt;
    attempt_path(&attempt, STAT, folder, path);
    CARRY_OUT(int, -1, real(folder, path, mode, flags));
}

DIR *opendir(const char *path) {
    REAL(opendir);
    struct attempt attempt;
    attempt_path(&attempt, OPENDIR, AT_FDCWD, path);
    CARRY_OUT(DIR *, NULL, real(path));
}

DIR *fdopendir(int descriptor) {
    REAL(fdopendir);
    struct attempt attempt;
    attempt_descriptor(&attempt, OPENDIR, descriptor);
    CARRY_OUT(DIR *, NULL, real(descriptor));
}

// The end of a folder is no failure: errno stays as it was.
#define READING_NAMES(name, entry) \
    struct entry *name(DIR *folder) { \
        REAL(name); \
        struct attempt attempt; \
        attempt_descriptor(&attempt, READDIR, dirfd(folder)); \
        CARRY_OUT(struct entry *, NULL, real(folder)); \
    }
READING_NAMES(readdir, dirent)
READING_NAMES(readdir64, dirent64)

#endif
