// zstd's cast macros do not import: they are re-exported as constants.
#pragma once
#include <zstd.h>
#include <zstd_errors.h>

static const unsigned long long carillon_zstd_content_size_unknown = ZSTD_CONTENTSIZE_UNKNOWN;
static const unsigned long long carillon_zstd_content_size_error = ZSTD_CONTENTSIZE_ERROR;
