#!/usr/bin/env python3
"""One load on APScheduler: apscheduler_load.py memory|sqlite JOBS spread|burst [default|patient] FOLDER

No-op jobs, each due once, at once or evenly over a minute; prints how late each started, as JSON. BackgroundScheduler with
its own pool of ten threads. `default` leaves the misfire grace at the second that APScheduler comes with, and so drops
what starts later; `patient` lets everything run. `sqlite` is SQLAlchemyJobStore as it comes: its jobs are put in without
waiting for the disk, which is not measured, and run with SQLite's own defaults.
"""
import datetime
import json
import pathlib
import sys
import threading
import time

from apscheduler import events
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

store, jobs, load, grace, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], pathlib.Path(sys.argv[5])
lateness, lock, first, last = [], threading.Lock(), [], []
dropped = 0


def nothing(due):
    now = time.time()
    with lock:
        if not lateness:
            first.append((time.process_time(), now))
        lateness.append(now - due)
        last[:] = [(time.process_time(), now)]


def drop(_):
    global dropped
    dropped += 1


def main():
    scheduler = BackgroundScheduler(timezone=datetime.timezone.utc)
    if store == "sqlite":
        from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
        from sqlalchemy import create_engine, event

        waits = [False]
        engine = create_engine(f"sqlite:///{folder}/jobs.sqlite")

        @event.listens_for(engine, "connect")
        def hurry(connection, _):
            if not waits[0]:
                connection.execute("PRAGMA synchronous = OFF")

        scheduler.add_jobstore(SQLAlchemyJobStore(engine=engine))
    scheduler.add_listener(drop, events.EVENT_JOB_MISSED)
    scheduler.start(paused=True)
    begin = time.time() + 3 + jobs * (0.004 if store == "sqlite" else 0.001)
    more = {} if grace == "default" else {"misfire_grace_time": None}
    for n in range(jobs):
        due = begin + (60 * n / jobs if load == "spread" else 0)
        at = datetime.datetime.fromtimestamp(due, datetime.timezone.utc)
        trigger = IntervalTrigger(hours=1, start_date=at, timezone=datetime.timezone.utc)
        scheduler.add_job(nothing, trigger, args=[due], id=f"job-{n}", **more)
    if store == "sqlite":
        waits[0] = True
        engine.dispose()
    if time.time() > begin:
        sys.exit("the first slot has passed: the machine is too slow")
    scheduler.resume()
    while len(lateness) + dropped < jobs:
        time.sleep(0.05)
    scheduler.shutdown()
    late = sorted(lateness)
    at = lambda q: late[min(len(late) - 1, int(len(late) * q))] * 1e6
    print(json.dumps({
        "started": len(late), "dropped": dropped, "p50_us": at(0.5), "p99_us": at(0.99), "max_us": late[-1] * 1e6,
        "wall_us": (last[0][1] - first[0][1]) * 1e6, "cpu_us": (last[0][0] - first[0][0]) * 1e6}))


if __name__ == "__main__":
    main()
