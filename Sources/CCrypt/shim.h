// Hashes of passwords by the system's libcrypt (libxcrypt). Its struct crypt_data has 32 KiB, and is kept off
// Swift's stack.
#ifndef CARILLON_CCRYPT_H
#define CARILLON_CCRYPT_H

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

// The hash of a phrase under a setting (a hash, or what begins one), in `out`. 1, or 0 when it cannot be made.
static inline int carillon_crypt(const char *phrase, const char *setting, char *out, size_t size) {
  struct crypt_data *data = calloc(1, sizeof *data);
  if (!data) return 0;
  const char *hash = crypt_r(phrase, setting, data);
  int made = hash && hash[0] != '*' && strlen(hash) < size;
  if (made) strcpy(out, hash);
  explicit_bzero(data, sizeof *data);
  free(data);
  return made;
}

// A setting for a new hash: the prefix says which kind; the salt is the system's.
static inline int carillon_gensalt(const char *prefix, unsigned long count, char *out, int size) {
  return crypt_gensalt_rn(prefix, count, NULL, 0, out, size) != NULL;
}

#endif
