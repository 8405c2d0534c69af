/* A shim that stands between a program and its files: it counts file operations, makes one of them
 * fail or end the program, and writes down what reached the files.
 *
 * FIO_MATCH  follow files whose path contains this (never a -shm)
 * FIO_OPS    which operations count: w write, s sync, t truncate, u unlink, l link, o open, r read
 * FIO_FAIL   the operation that fails, counted from 1; FIO_ERR its errno
 * FIO_STICKY all later ones fail too; FIO_SHORT half of a write is written first
 * FIO_KILL   1: the program ends instead; 2: it ends at the operation that counts next
 * FIO_COUNT  a file that gets, at the end, one line for each operation: letter and path
 * FIO_FORK   a write to fd 1 that begins with "FORK" forks the program; both go on
 * FIO_LOG    a file that gets a record for each write, truncate, sync (F: failed), unlink, link and
 *            create, and for each write to fd 1 that begins with "ACK "
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define FDS 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *paths[FDS];
static const char *match, *ops, *count_path;
static long fail_at, fails_with, counted;
static int sticky, half, kills, dying, forks, log_fd = -1, count_fd = -1;

static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static ssize_t (*real_pread)(int, void *, size_t, off64_t);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_read)(int, void *, size_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off64_t);
static int (*real_unlink)(const char *);
static int (*real_linkat)(int, const char *, int, const char *, int);

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

__attribute__((constructor)) static void begin(void) {
    real_open = dlsym(RTLD_NEXT, "open64");
    real_close = dlsym(RTLD_NEXT, "close");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_pread = dlsym(RTLD_NEXT, "pread64");
    real_write = dlsym(RTLD_NEXT, "write");
    real_read = dlsym(RTLD_NEXT, "read");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    real_linkat = dlsym(RTLD_NEXT, "linkat");
    match = getenv("FIO_MATCH");
    ops = getenv("FIO_OPS");
    count_path = getenv("FIO_COUNT");
    fail_at = number("FIO_FAIL");
    fails_with = number("FIO_ERR");
    sticky = number("FIO_STICKY") != 0;
    half = number("FIO_SHORT") != 0;
    kills = (int)number("FIO_KILL");
    forks = number("FIO_FORK") != 0;
    const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
    if (getenv("FIO_LOG")) log_fd = real_open(getenv("FIO_LOG"), flags, 0600);
    if (count_path) count_fd = real_open(count_path, flags, 0600);
}

static int follows(const char *path) {
    return match && strstr(path, match) && !strstr(path, "-shm");
}

static const char *path_of(int fd) { return fd >= 0 && fd < FDS ? paths[fd] : NULL; }

/* kind, length of path, offset, length of bytes, path, bytes: one write for each record */
static void record(char kind, const char *path, int64_t offset, const void *bytes, size_t length) {
    if (log_fd < 0) return;
    const uint32_t path_length = (uint32_t)strlen(path);
    const uint64_t bytes_length = length;
    const size_t total = 1 + 4 + 8 + 8 + path_length + length;
    char *text = malloc(total), *at = text;
    if (!text) _exit(99);
    *at++ = kind;
    memcpy(at, &path_length, 4), at += 4;
    memcpy(at, &offset, 8), at += 8;
    memcpy(at, &bytes_length, 8), at += 8;
    memcpy(at, path, path_length), at += path_length;
    if (length) memcpy(at, bytes, length);
    if (real_write(log_fd, text, total) != (ssize_t)total) _exit(99);
    free(text);
}

/* Counts an operation and returns whether it fails. */
static int hit(char letter, const char *path) {
    if (!ops || !strchr(ops, letter)) return 0;
    if (dying) _exit(137);
    counted++;
    if (count_fd >= 0) dprintf(count_fd, "%c %s\n", letter, path);
    return fail_at && (counted == fail_at || (sticky && counted > fail_at));
}

static int fails(void) {
    if (kills == 1) _exit(137);
    dying = kills == 2;
    pthread_mutex_unlock(&lock);
    errno = (int)fails_with;
    return -1;
}

static int opened(const char *path, int flags, mode_t mode) {
    if (!follows(path)) return real_open(path, flags, mode);
    pthread_mutex_lock(&lock);
    if (hit('o', path)) return fails();
    const int is_new = (flags & O_CREAT) && access(path, F_OK) != 0;
    const int fd = real_open(path, flags, mode);
    const int error = errno;
    if (fd >= 0 && fd < FDS) {
        free(paths[fd]);
        paths[fd] = strdup(path);
        if (is_new) record('c', path, 0, NULL, 0);
        else if (flags & O_TRUNC) record('t', path, 0, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return fd;
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened(path, flags, mode);
}

int close(int fd) {
    pthread_mutex_lock(&lock);
    if (path_of(fd)) free(paths[fd]), paths[fd] = NULL;
    pthread_mutex_unlock(&lock);
    return real_close(fd);
}

static ssize_t written(int fd, const void *bytes, size_t length, off64_t offset, int in_place) {
    pthread_mutex_lock(&lock);
    const char *path = path_of(fd);
    if (in_place) offset = lseek64(fd, 0, SEEK_CUR);
    if (hit('w', path)) {
        if (half && length > 1) {
            const ssize_t got = in_place ? real_write(fd, bytes, length / 2)
                                         : real_pwrite(fd, bytes, length / 2, offset);
            if (got > 0) record('w', path, offset, bytes, (size_t)got);
        }
        return fails();
    }
    const ssize_t got = in_place ? real_write(fd, bytes, length)
                                 : real_pwrite(fd, bytes, length, offset);
    const int error = errno;
    if (got > 0) record('w', path, offset, bytes, (size_t)got);
    pthread_mutex_unlock(&lock);
    errno = error;
    return got;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (path_of(fd)) return written(fd, bytes, length, 0, 1);
    const ssize_t got = real_write(fd, bytes, length);
    if (fd == 1 && forks && length > 4 && memcmp(bytes, "FORK", 4) == 0 && fork() < 0) _exit(99);
    if (fd == 1 && log_fd >= 0 && length > 4 && memcmp(bytes, "ACK ", 4) == 0) {
        const int error = errno;
        pthread_mutex_lock(&lock);
        record('a', "", 0, bytes, length);
        pthread_mutex_unlock(&lock);
        errno = error;
    }
    return got;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    if (path_of(fd)) return written(fd, bytes, length, offset, 0);
    return real_pwrite(fd, bytes, length, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    return pwrite64(fd, bytes, length, offset);
}

static int fails_to_read(int fd) {
    if (!path_of(fd)) return 0;
    pthread_mutex_lock(&lock);
    if (hit('r', path_of(fd))) return fails();
    pthread_mutex_unlock(&lock);
    return 0;
}

ssize_t pread64(int fd, void *bytes, size_t length, off64_t offset) {
    return fails_to_read(fd) ? -1 : real_pread(fd, bytes, length, offset);
}

ssize_t pread(int fd, void *bytes, size_t length, off_t offset) {
    return pread64(fd, bytes, length, offset);
}

ssize_t read(int fd, void *bytes, size_t length) {
    return fails_to_read(fd) ? -1 : real_read(fd, bytes, length);
}

static int synced(int fd, int (*sync)(int)) {
    const char *path = path_of(fd);
    if (!path) return sync(fd);
    pthread_mutex_lock(&lock);
    if (hit('s', path)) {
        if (kills != 1) record('F', path, 0, NULL, 0); /* a kill takes no page away */
        return fails();
    }
    const int result = sync(fd);
    const int error = errno;
    record(result == 0 ? 's' : 'F', path, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int fsync(int fd) { return synced(fd, real_fsync); }

int fdatasync(int fd) { return synced(fd, real_fdatasync); }

int ftruncate64(int fd, off64_t length) {
    const char *path = path_of(fd);
    if (!path) return real_ftruncate(fd, length);
    pthread_mutex_lock(&lock);
    if (hit('t', path)) return fails();
    const int result = real_ftruncate(fd, length);
    const int error = errno;
    if (result == 0) record('t', path, length, NULL, 0);
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int unlink(const char *path) {
    if (!follows(path)) return real_unlink(path);
    pthread_mutex_lock(&lock);
    if (hit('u', path)) return fails();
    const int result = real_unlink(path);
    const int error = errno;
    if (result == 0) record('u', path, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags) {
    if (!follows(to)) return real_linkat(from_fd, from, to_fd, to, flags);
    pthread_mutex_lock(&lock);
    if (hit('l', to)) return fails();
    const int result = real_linkat(from_fd, from, to_fd, to, flags);
    const int error = errno;
    if (result == 0) record('l', to, 0, from, strlen(from));
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}
