// curl_easy_setopt is variadic, which Swift cannot call: one inline function per argument type.
#pragma once
#include <curl/curl.h>

static inline CURLcode carillon_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode carillon_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode carillon_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}
typedef size_t (*carillon_curl_writer)(char *bytes, size_t size, size_t count, void *context);
static inline CURLcode carillon_curl_set_writer(CURL *handle, CURLoption option,
                                                carillon_curl_writer writer) {
  return curl_easy_setopt(handle, option, writer);
}
static inline CURLcode carillon_curl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode carillon_curl_get_pointer(CURL *handle, CURLINFO info, void **value) {
  return curl_easy_getinfo(handle, info, value);
}
// The result of a finished transfer, which CURLMsg holds in a union.
static inline CURLcode carillon_curl_message_result(CURLMsg *message) {
  return message->data.result;
}
static inline CURLMcode carillon_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}
