#pragma once
// The names in a folder, copied out of the system's entries: to Swift these are pointers into memory that the next call changes.
#include <dirent.h>
#include <errno.h>
#include <string.h>

/// Copies the next name in a folder, without a zero behind it.
/// Returns its length; 0 behind the last one; -1 where the system fails or the name is longer than `size`, with the reason in errno.
static inline long folder_next_name(DIR *folder, void *name, unsigned long size) {
    errno = 0;
    struct dirent *entry = readdir(folder);
    if (!entry) return errno ? -1 : 0;
    unsigned long length = strlen(entry->d_name);
    if (length > size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(name, entry->d_name, length);
    return (long)length;
}
