"""The fetch of klines as a Python program would do it: aiohttp, orjson and sqlite3, as fetch_peer.cpp does it.

    fetch_peer.py http://127.0.0.1:PORT DATABASE LIMIT END_MS PARALLEL SYMBOL...
"""
import asyncio
import sqlite3
import sys

import aiohttp
import orjson


async def main(base, path, limit, end, parallel, *symbols):
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, symbol TEXT NOT NULL UNIQUE) STRICT;"
        "CREATE TABLE IF NOT EXISTS candle (series INTEGER NOT NULL REFERENCES series (id), time INTEGER NOT NULL,"
        " open REAL NOT NULL, high REAL NOT NULL, low REAL NOT NULL, close REAL NOT NULL, volume REAL NOT NULL,"
        " PRIMARY KEY (series, time)) STRICT, WITHOUT ROWID;")
    rows = requests = 0
    gate = asyncio.Semaphore(int(parallel))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=int(parallel))) as session:
        async def fetch(symbol):
            nonlocal rows, requests
            async with gate:
                parameters = {"symbol": symbol, "interval": "1h", "limit": limit, "endTime": end}
                async with session.get(f"{base}/api/v3/klines", params=parameters) as answer:
                    answer.raise_for_status()
                    body = await answer.read()
            requests += 1
            database.execute("BEGIN IMMEDIATE")
            series = database.execute(
                "INSERT INTO series (symbol) VALUES (?) ON CONFLICT (symbol) DO UPDATE SET symbol=excluded.symbol RETURNING id",
                (symbol,)).fetchall()[0][0]
            candles = []
            for row in orjson.loads(body):
                opened, high, low, close, volume = map(float, row[1:6])
                if not (low <= opened <= high and low <= close <= high and low > 0 and volume >= 0) or row[0] % 3600000:
                    raise SystemExit(f"no candle of {symbol}")
                candles.append((series, row[0], opened, high, low, close, volume))
            database.executemany(
                "INSERT INTO candle VALUES (?,?,?,?,?,?,?) ON CONFLICT (series, time) DO UPDATE SET"
                " open=excluded.open, high=excluded.high, low=excluded.low, close=excluded.close, volume=excluded.volume"
                " WHERE (open,high,low,close,volume) IS NOT"
                " (excluded.open,excluded.high,excluded.low,excluded.close,excluded.volume)", candles)
            database.execute("COMMIT")
            rows += len(candles)

        await asyncio.gather(*map(fetch, symbols))
    database.close()
    print(f"{rows} rows, {requests} requests")


asyncio.run(main(*sys.argv[1:]))
