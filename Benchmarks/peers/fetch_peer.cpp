// The fetch of klines as a C++ program would do it: libcurl for HTTP, simdjson for JSON, SQLite for the rows.
//
//   c++ -O2 -std=c++17 -o fetch_peer fetch_peer.cpp -lcurl -lsimdjson -lsqlite3
//   fetch_peer http://127.0.0.1:PORT DATABASE LIMIT END_MS PARALLEL SYMBOL...
//
// Eight transfers at a time on connections that are kept; each answer is parsed, checked as a candle is checked, and
// upserted in a transaction of its own, into the same table with the same keys and the same care for the disk.
#include <curl/curl.h>
#include <simdjson.h>
#include <sqlite3.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <stdexcept>
#include <string>
#include <vector>

struct Transfer {
  std::string symbol;
  std::string body;
  size_t series = 0;
};

static size_t take(char *bytes, size_t size, size_t n, void *into) {
  static_cast<std::string *>(into)->append(bytes, size * n);
  return size * n;
}

static void must(int code, sqlite3 *database) {
  if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) throw std::runtime_error(sqlite3_errmsg(database));
}

static double number(std::string_view text) {
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) throw std::runtime_error("no number");
  return value;
}

int main(int argc, char **argv) {
  if (argc < 7) return 64;
  std::string base = argv[1], limit = argv[3], end = argv[4];
  size_t parallel = std::strtoul(argv[5], nullptr, 10);
  sqlite3 *database = nullptr;
  must(sqlite3_open(argv[2], &database), database);
  must(sqlite3_exec(database,
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                    "CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, symbol TEXT NOT NULL UNIQUE) STRICT;"
                    "CREATE TABLE IF NOT EXISTS candle (series INTEGER NOT NULL REFERENCES series (id), time INTEGER NOT NULL,"
                    " open REAL NOT NULL, high REAL NOT NULL, low REAL NOT NULL, close REAL NOT NULL, volume REAL NOT NULL,"
                    " PRIMARY KEY (series, time)) STRICT, WITHOUT ROWID;",
                    nullptr, nullptr, nullptr),
       database);
  sqlite3_stmt *insert = nullptr, *add = nullptr;
  must(sqlite3_prepare_v2(database,
                          "INSERT INTO candle VALUES (?1,?2,?3,?4,?5,?6,?7) ON CONFLICT (series, time) DO UPDATE SET"
                          " open=excluded.open, high=excluded.high, low=excluded.low, close=excluded.close, volume=excluded.volume"
                          " WHERE (open,high,low,close,volume) IS NOT"
                          " (excluded.open,excluded.high,excluded.low,excluded.close,excluded.volume)",
                          -1, &insert, nullptr), database);
  must(sqlite3_prepare_v2(database,
                          "INSERT INTO series (symbol) VALUES (?1) ON CONFLICT (symbol) DO UPDATE SET symbol=excluded.symbol RETURNING id",
                          -1, &add, nullptr), database);

  std::deque<std::string> wanted(argv + 6, argv + argc);
  CURLM *multi = curl_multi_init();
  simdjson::ondemand::parser parser;
  long rows = 0, requests = 0;
  size_t running = 0;
  auto start = [&](CURL *easy) {
    auto *transfer = new Transfer{wanted.front(), {}, 0};
    wanted.pop_front();
    std::string url = base + "/api/v3/klines?symbol=" + transfer->symbol + "&interval=1h&limit=" + limit + "&endTime=" + end;
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer->body);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
    curl_multi_add_handle(multi, easy);
    running++, requests++;
  };
  for (size_t i = 0; i < parallel && !wanted.empty(); i++) start(curl_easy_init());
  while (running > 0) {
    int active = 0;
    curl_multi_perform(multi, &active);
    int left = 0;
    while (CURLMsg *message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL *easy = message->easy_handle;
      Transfer *transfer = nullptr;
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      if (message->data.result != CURLE_OK || status != 200) throw std::runtime_error("no answer for " + transfer->symbol);
      curl_multi_remove_handle(multi, easy);
      running--;
      must(sqlite3_exec(database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), database);
      sqlite3_bind_text(add, 1, transfer->symbol.data(), int(transfer->symbol.size()), SQLITE_STATIC);
      must(sqlite3_step(add), database);
      sqlite3_int64 series = sqlite3_column_int64(add, 0);
      sqlite3_reset(add);
      transfer->body.reserve(transfer->body.size() + simdjson::SIMDJSON_PADDING);
      auto document = parser.iterate(transfer->body);
      for (auto row : document.get_array()) {
        int column = 0;
        sqlite3_int64 time = 0;
        double value[5] = {};
        for (auto cell : row.get_array()) {
          if (column == 0) time = cell.get_int64();
          else if (column <= 5) value[column - 1] = number(cell.get_string().value());
          else break;
          column++;
        }
        auto [open, high, low, close, volume] = std::tie(value[0], value[1], value[2], value[3], value[4]);
        if (!(low <= open && low <= close && open <= high && close <= high && low > 0 && volume >= 0) || time % 3600000)
          throw std::runtime_error("no candle of " + transfer->symbol);
        sqlite3_bind_int64(insert, 1, series);
        sqlite3_bind_int64(insert, 2, time);
        for (int i = 0; i < 5; i++) sqlite3_bind_double(insert, 3 + i, value[i]);
        must(sqlite3_step(insert), database);
        sqlite3_reset(insert);
        rows++;
      }
      must(sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr), database);
      delete transfer;
      if (!wanted.empty()) start(easy); else curl_easy_cleanup(easy);
    }
    if (running > 0) curl_multi_poll(multi, nullptr, 0, 100, nullptr);
  }
  sqlite3_finalize(insert);
  sqlite3_finalize(add);
  sqlite3_close(database);
  std::printf("%ld rows, %ld requests\n", rows, requests);
  return 0;
}
