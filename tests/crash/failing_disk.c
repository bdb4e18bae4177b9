/* A disk that fails, for a program started with this in LD_PRELOAD.
 *
 *   DISK_FAILS_PATH   only files whose path contains this
 *   DISK_FAILS_CALL   write, sync or truncate
 *   DISK_FAILS_FROM   the number of the first such call that fails, counted from 1
 *   DISK_FAILS_FOR    how many fail from there on; 0: all, until DISK_FAILS_UNTIL exists
 *   DISK_FAILS_UNTIL  a file whose existence ends it
 *   DISK_FAILS_WITH   EIO, ENOSPC, or SHORT: the first such write does half of what was asked, the
 *                     others fail with ENOSPC, as on a disk that runs full within a write
 *   DISK_FAILS_TOLD   a file made at the first failure, so that who watches knows
 *
 * A write that fails writes nothing; a flush that fails has flushed nothing, and the data stays in
 * the page cache, as on a real disk.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;

static const char *setting(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

static int concerns(int fd, const char *call) {
    char link[64], path[4096];
    if (strcmp(setting("DISK_FAILS_CALL"), call) != 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    const char *wanted = setting("DISK_FAILS_PATH");
    return *wanted && strstr(path, wanted) != NULL;
}

static void tell(void) {
    const char *told = setting("DISK_FAILS_TOLD");
    if (*told && access(told, F_OK) != 0) {
        int fd = open(told, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        if (fd >= 0) close(fd);
    }
}

/* Whether a call fails; of one that falls short `size` is what is left of it. */
static int fails(int fd, const char *call, size_t *size) {
    int before = errno;
    if (!concerns(fd, call)) {
        errno = before;
        return 0;
    }
    long number = atomic_fetch_add(&calls, 1) + 1;
    long from = atol(setting("DISK_FAILS_FROM")), count = atol(setting("DISK_FAILS_FOR"));
    int hit = number >= from && (count ? number < from + count
                                       : access(setting("DISK_FAILS_UNTIL"), F_OK) != 0);
    if (hit) tell();
    int falls_short = hit && strcmp(setting("DISK_FAILS_WITH"), "SHORT") == 0;
    if (falls_short && number == from && size) {
        *size /= 2;
        hit = 0;
    }
    int full = falls_short || strcmp(setting("DISK_FAILS_WITH"), "ENOSPC") == 0;
    errno = hit ? (full ? ENOSPC : EIO) : before;
    return hit;
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t size) {
    REAL(write);
    return fails(fd, "write", &size) ? -1 : real(fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    REAL(pwrite);
    return fails(fd, "write", &size) ? -1 : real(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    REAL(pwrite64);
    return fails(fd, "write", &size) ? -1 : real(fd, data, size, at);
}

int fsync(int fd) {
    REAL(fsync);
    return fails(fd, "sync", NULL) ? -1 : real(fd);
}

int fdatasync(int fd) {
    REAL(fdatasync);
    return fails(fd, "sync", NULL) ? -1 : real(fd);
}

int ftruncate(int fd, off_t size) {
    REAL(ftruncate);
    return fails(fd, "truncate", NULL) ? -1 : real(fd, size);
}

int ftruncate64(int fd, off64_t size) {
    REAL(ftruncate64);
    return fails(fd, "truncate", NULL) ? -1 : real(fd, size);
}
